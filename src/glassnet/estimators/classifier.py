"""`MLPClassifier`: scikit-learn's, and what its users have asked for."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import Tags
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import (
    _check_partial_fit_first_call,
    check_classification_targets,
    type_of_target,
    unique_labels,
)

from glassnet import catalog
from glassnet.estimators.constraints import CLASSIFIER
from glassnet.estimators.multilayer import Multilayer
from glassnet.estimators.safety import all_or_nothing
from glassnet.formulas.types import Array
from glassnet.names import key
from glassnet.optimizers import LBFGS, Optimizer

__all__ = ["MLPClassifier"]


class MLPClassifier(ClassifierMixin, Multilayer):
    r"""A multi-layer perceptron for classes: scikit-learn's, with what its users asked for.

    Training minimizes, over the weights :math:`W_i` and biases of the network :math:`f`,

    .. math::
        \frac{1}{S} \sum_n s_n\, \ell(y_n, f(x_n)) + \frac{\alpha}{2 S} \sum_i \|W_i\|^2,
        \qquad S = \sum_n s_n,

    :math:`s_n` being the weight of sample `n` (its own times that of its class; 1 where
    there is neither) and :math:`\ell` the cross-entropy of a softmax (several classes), or
    the sum over outputs of the cross-entropies of a sigmoid (two classes; several labels at
    once). A batch takes the place of all samples in each update.

    Names, order and defaults are those of `sklearn.neural_network.MLPClassifier`, and so
    are the numbers: the same `random_state` gives the same run. `loss` and what follows it
    are glassnet's own.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Units of each hidden layer, at least 1. An empty sequence makes a linear model.
    activation : str or Activation, or one per hidden layer, default="relu"
        What follows each hidden layer: ``"tanh"``, ``"logistic"``, ``"leaky_relu(0.2)"``, a
        list such as ``["relu", "tanh"]``, or a record of your own.
    solver : str, Optimizer or LBFGS, default="adam"
        ``"sgd"``, ``"adam"`` and ``"lbfgs"`` are scikit-learn's. Any other optimizer's name,
        such as ``"lion"``, takes its rate from `learning_rate_init`; a text with brackets,
        such as ``"adamw(0.01, weight_decay=0.1)"``, and an object, such as
        ``optimizers.AdamW(0.01)``, bring all their settings with them.
    alpha : float, default=0.0001
        :math:`\alpha \ge 0`, the L2 penalty on the weights; biases have none.
    batch_size : int or "auto", default="auto"
        Samples per update; "auto" means 200. Where there are fewer samples, all of them. Not
        used by L-BFGS.
    learning_rate : {"constant", "invscaling", "adaptive"}, default="constant"
        What ``solver="sgd"`` does with its rate: keep it; divide `learning_rate_init` by
        ``(t_ + 1) ** power_t``; or divide by 5 each time training would otherwise stop.
    learning_rate_init : float, default=0.001
        Learning rate, above 0.
    power_t : float, default=0.5
        Exponent of "invscaling", at least 0.
    max_iter : int, default=200
        Greatest number of epochs, or of iterations of L-BFGS, at least 1.
    shuffle : bool, default=True
        Whether each epoch takes the samples in a new order.
    random_state : int, RandomState instance or None, default=None
        Draws the first weights, the held-out samples, the orders and the key of dropout, in
        scikit-learn's order.
    tol : float, default=1e-4
        An epoch that improves the loss (or the validation score) by less than this, at
        least 0, counts as one without improvement. For L-BFGS, the size of the gradient at
        which it has converged.
    verbose : bool, int or "bar", default=False
        True or a positive number prints a line per epoch; "bar" shows a progress bar.
    warm_start : bool, default=False
        Whether `fit` continues from the weights of the previous fit.
    momentum : float, default=0.9
        Share of the velocity that ``solver="sgd"`` keeps, in ``[0, 1]``.
    nesterovs_momentum : bool, default=True
        Whether ``solver="sgd"`` looks ahead.
    early_stopping : bool, default=False
        Stop when the validation score no longer improves, and end with the weights that
        scored best. The validation samples are those given to `fit` as `X_val` and `y_val`,
        or else are split off. L-BFGS ignores it.
    validation_fraction : float, default=0.1
        Share of the samples to split off, in ``[0, 1)``; at least two samples.
    beta_1, beta_2 : float, default=0.9, default=0.999
        Decay of the two running moments of ``solver="adam"``, in ``[0, 1)``.
    epsilon : float, default=1e-8
        Avoids division by 0 in ``solver="adam"``; above 0.
    n_iter_no_change : int or inf, default=10
        Epochs in a row without improvement that are tolerated, at least 1.
    max_fun : int, default=15000
        Evaluations of the loss that ``solver="lbfgs"`` may make, at least 1.
    loss : str or Loss, default="log_loss"
        "log_loss" takes the cross-entropy that the targets call for; ``"hinge"`` and
        ``"squared_hinge"`` give scores, not probabilities.
    class_weight : dict, list of dicts, "balanced" or None, default=None
        Weight of each class, by which the samples' own weights are multiplied, as in
        `sklearn.utils.class_weight.compute_sample_weight`; a list holds one dictionary per
        label. With "balanced" there is no `partial_fit`. Held-out samples keep their own
        weights.
    label_smoothing : float, default=0.0
        Share of each target, in ``[0, 1)``, that is spread evenly over all answers; for
        "log_loss", the validation loss included.
    threshold : float, array of shape (n_classes,) or None, default=None
        With two classes, or several labels: the probability (for a hinge loss, the score)
        above which the answer is yes; with several labels also one number per label. None
        means 0.5, or 0 for a hinge loss.
    dropout : float, or one per hidden layer, default=0.0
        Probability of dropping a unit in training, in ``[0, 1)``. Predictions drop nothing.
    norm : {None, "batch", "layer"}, or one per hidden layer, default=None
        Normalization between a hidden layer and its activation. With "batch", predictions
        use the running mean and variance.
    initializer : str, Initializer or None, default=None
        Rule for the first weights, such as ``"he_normal"``; None draws scikit-learn's.
    schedule : str, Schedule, ReduceOnPlateau, callable or None, default=None
        Factor on the learning rate: a function of the share of training done, as
        ``"cosine"`` and ``lambda progress: 1 - progress`` are, or of the watched loss, as
        ``"reduce_on_plateau"`` is.
    clip_norm : float or None, default=None
        Scale each gradient down to this length, above 0.
    clip_value : float or None, default=None
        Cut each element of the gradient at plus and minus this, above 0.
    scoring : str, callable or None, default=None
        What early stopping looks at: a name of scikit-learn's scorers or
        ``scorer(estimator, X, y)``, more being better. None means accuracy.
    n_restarts : int, default=1
        Number of runs, at least 1, each from other initial weights. The one with the lowest
        final loss is kept; with early stopping, the one with the best validation score. The
        first run is that of `random_state`; each other one has a seed of its own, drawn
        from it.
    engine : {"auto", "numpy", "numba"}, default="auto"
        Who trains. "numpy" is the reference, which runs the formulas themselves. "numba" is
        the compiled engine, whole epochs in one call of machine code: its numbers differ by
        rounding alone; the first fit on a machine compiles it, which takes some seconds. It
        has no kernels for formulas of your own: asked for them, `fit` raises ValueError.
        "auto" takes it where it is installed and NumPy is estimated to need more than 0.15 s
        for `max_iter` epochs of all restarts; shape and work alone decide. `partial_fit`
        counts its one epoch, and stays with the compiled engine once that has trained.
        Predictions take the engine that trained, or compiled code where NumPy would need as
        long for that one call.
    n_threads : int or None, default=None
        Threads that the compiled engine may use, at least 1, never more than there are
        cores. None means the environment variable ``GLASSNET_NUM_THREADS``, else
        ``OMP_NUM_THREADS``, else all cores. No result depends on it.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
        Labels, sorted. Of two, the second is the positive one ("yes").
    coefs_ : list of arrays, shape (units_in, units_out) each
        Weight matrices: views into one vector. ``coefs_[0] = W`` writes into the network.
    intercepts_ : list of arrays, shape (units,) each
        Biases, likewise.
    n_layers_ : int
        Layers, the input and the output among them.
    n_outputs_ : int
        Outputs: 1 for two classes, else one per class or label.
    out_activation_ : str
        "softmax", "logistic" or, for a hinge loss, "identity".
    n_iter_ : int
        Epochs of the last fit, or iterations of L-BFGS.
    t_ : int
        Samples seen so far; 0 for L-BFGS.
    loss_ : float
        Loss of the last epoch.
    loss_curve_ : list of float
        Loss of each epoch, taken before each update, with the L2 penalty; of each iteration
        for L-BFGS.
    best_loss_ : float or None
        Least loss of an epoch; None with early stopping.
    validation_scores_ : list of float or None
        Validation score after each epoch; None without early stopping.
    best_validation_score_ : float or None
        The greatest of them.
    validation_loss_curve_ : list of float
        Loss of the held-out samples after each epoch, without the L2 penalty; empty where
        none are held out.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : array of str, shape (n_features_in_,)
        Names of the features, where `X` had text names.
    engine_ : {"numpy", "numba"}
        The engine that trained.
    engine_reason_ : str
        Why that was NumPy, or empty.

    Raises
    ------
    ValueError
        By `fit` and `partial_fit`: for a parameter outside its range, parameters that
        cannot go together, data that cannot be used, or weights that are no longer finite.
        The estimator stays as it was before the call.

    Warns
    -----
    ConvergenceWarning
        If `max_iter` epochs, or what L-BFGS may take, were not enough.
    DivergenceWarning
        If a loss or gradient was not finite but early stopping had a best state to keep.
    UserWarning
        If `batch_size` is larger than the data, or Ctrl-C ended training; the weights of
        that moment are kept.

    Notes
    -----
    `sklearn.callback` works here: ``net.set_callbacks(ProgressBar())``. A fit is a task and
    each epoch a task within it; a callback that answers True at the end of an epoch ends
    training.

    References
    ----------
    Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating
    errors", Nature 323, doi:10.1038/323533a0.
    Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward
    neural networks", AISTATS, eq. 16: the first weights.
    Kingma and Ba (2015), "Adam: A Method for Stochastic Optimization", arXiv:1412.6980,
    section 2: the form that ``solver="adam"`` takes.

    Examples
    --------
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["same", "differ", "differ", "same"]
    >>> net = MLPClassifier((8,), "tanh", solver="lbfgs", random_state=0).fit(X, y)
    >>> net.predict(X)
    array(['same', 'differ', 'differ', 'same'], dtype='<U6')
    >>> net.predict_proba([[1, 1]]).round(1)
    array([[0., 1.]])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = CLASSIFIER

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: Any = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int | str = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        loss: Any = "log_loss",
        class_weight: Any = None,
        label_smoothing: float = 0.0,
        threshold: Any = None,
        dropout: Any = 0.0,
        norm: Any = None,
        initializer: Any = None,
        schedule: Any = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        scoring: Any = None,
        n_restarts: int = 1,
        engine: str = "auto",
        n_threads: int | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.loss = loss
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.threshold = threshold
        self.dropout = dropout
        self.norm = norm
        self.initializer = initializer
        self.schedule = schedule
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.scoring = scoring
        self.n_restarts = n_restarts
        self.engine = engine
        self.n_threads = n_threads

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Train on all of `X`, from new weights unless `warm_start` is set.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_features)
            Float32 trains in float32, all else in float64.
        y : array, shape (n,) or (n, n_outputs)
            Labels, or an indicator matrix of 0 and 1, one column per label.
        sample_weight : array, shape (n,), optional
            How much each sample counts, at least 0 and not all 0.
        X_val, y_val : as X and y, optional
            Held-out samples: their loss goes into `validation_loss_curve_`, and early
            stopping judges by them instead of splitting some off.
        sample_weight_val : array, shape (n_val,), optional
            How much each held-out sample counts.

        Returns
        -------
        MLPClassifier
            Itself.

        Raises
        ------
        ValueError
            As the class says.

        Examples
        --------
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]
        >>> net = MLPClassifier(4, solver="lbfgs", max_iter=20, tol=0.1, random_state=0)
        >>> net.fit(X, y, X_val=[[0.5], [2.5]], y_val=[0, 1]).predict([[0.2], [2.8]])
        array([0, 1])
        >>> len(net.validation_loss_curve_) == net.n_iter_
        True
        """
        with all_or_nothing(self):
            self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val))
        return self

    @available_if(lambda est: est._can_go_on())
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None
    ) -> Self:
        """Train for one epoch, from where the last call left weights and optimizer.

        The first call builds the network, unless `build` or `fit` has.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_features)
            One part of the data.
        y : array, shape (n,) or (n, n_outputs)
            Labels, or an indicator matrix.
        sample_weight : array, shape (n,), optional
            How much each sample counts, at least 0 and not all 0.
        classes : array, shape (n_classes,), optional
            Every label there will be, needed in the first call. An indicator matrix needs
            none: its columns are the labels.


        Returns
        -------
        MLPClassifier
            Itself.

        Raises
        ------
        AttributeError
            With L-BFGS, which needs all samples at once, a `schedule`, which needs to know when
            training ends, or ``class_weight="balanced"``: the method is not there.
        ValueError
            With `early_stopping`, which needs to know more than one part;
            for a label that `classes` lacks; and as the class says.

        Examples
        --------
        >>> net = MLPClassifier(4, random_state=0)
        >>> for X, y in [([[0.0], [1.0]], [0, 1]), ([[2.0], [3.0]], [1, 2])]:
        ...     net = net.partial_fit(X, y, classes=[0, 1, 2])
        >>> net.t_, net.predict_proba([[1.5]]).shape
        (4, (1, 3))
        """
        with all_or_nothing(self):
            many = type_of_target(y).startswith("multilabel")
            if many and classes is None and not hasattr(self, "classes_"):
                classes = np.arange(np.shape(y)[1])  # an indicator matrix names its labels
            elif many and classes is not None and len(classes) != np.shape(y)[1]:
                raise ValueError(
                    f"classes must name the {np.shape(y)[1]} columns of y; got {len(classes)}"
                )
            if _check_partial_fit_first_call(self, classes):
                self._label_binarizer = LabelBinarizer().fit(y if many else classes)
            self._fit(X, y, sample_weight, incremental=True)
        return self

    def build(self, n_features: int, classes: Any, multilabel: bool = False) -> Self:
        """Make the network, with its first weights, without any data.

        It can predict at once, `partial_fit` trains it, and so does `fit` with
        ``warm_start=True``.

        Parameters
        ----------
        n_features : int
            Features per sample, at least 1.
        classes : array-like
            The labels.
        multilabel : bool
            Whether a sample can have any number of them: outputs are then one per label and
            `classes_` numbers them from 0.

        Returns
        -------
        MLPClassifier
            Itself, in float64.

        Raises
        ------
        ValueError
            For a parameter outside its range.

        Examples
        --------
        >>> net = MLPClassifier((5, 4), random_state=0).build(3, classes=["a", "b", "c"])
        >>> [W.shape for W in net.coefs_], net.predict([[0.0, 0.0, 0.0]]).shape
        ([(3, 5), (5, 4), (4, 3)], (1,))
        """
        self._validate_params()
        classes = unique_labels(classes)
        targets = np.eye(len(classes), dtype=int) if multilabel else classes
        with all_or_nothing(self):
            self._label_binarizer = LabelBinarizer().fit(targets)
            self.classes_ = self._label_binarizer.classes_
            self._build(n_features, self._label_binarizer.transform(targets).shape[1])
        return self

    def predict(self, X: Any) -> Any:
        """Return the label of each sample.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_features)

        Returns
        -------
        array, shape (n,), or (n, n_classes) for several labels at once
            The class of the greatest output; where `threshold` applies, yes above it.

        Raises
        ------
        NotFittedError
            Before `fit`, `partial_fit` or `build`.
        ValueError
            If `X` has other features than there were, or is not finite.

        Examples
        --------
        >>> net = MLPClassifier(3, random_state=0).build(1, classes=["no", "yes"])
        >>> net.coefs_ = [[[1.0, 0, 0]], [[1.0], [0], [0]]]  # passes positive numbers on
        >>> net.intercepts_ = [[0.0, 0, 0], [-2.0]]
        >>> net.predict([[1.5], [2.5]])
        array(['no', 'yes'], dtype='<U3')
        >>> net.set_params(threshold=0.9).predict([[1.5], [2.5]])
        array(['no', 'no'], dtype='<U3')
        """
        return self._decode(self._outputs(X))

    @available_if(lambda est: est._gives_probabilities())
    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_features)

        Returns
        -------
        array, shape (n, n_classes)
            Columns in the order of `classes_`. Rows sum to 1, but for several labels at
            once, where each column is a question of its own.

        Raises
        ------
        AttributeError
            For a hinge loss, whose outputs are no probabilities: the method is not there.
        NotFittedError, ValueError
            As for `predict`.

        Examples
        --------
        >>> net = MLPClassifier(4, random_state=0).build(2, classes=["a", "b", "c"])
        >>> net.predict_proba([[1.0, 2.0]]).sum().round(6)
        np.float64(1.0)
        """
        p = self._outputs(X)
        return np.hstack([1 - p, p]) if p.shape[1] == 1 else p

    @available_if(lambda est: est._gives_probabilities())
    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithm of `predict_proba`.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_features)

        Returns
        -------
        array, shape (n, n_classes)
            Minus infinity where a probability has rounded to 0.

        Raises
        ------
        AttributeError, NotFittedError, ValueError
            As for `predict_proba`.

        Examples
        --------
        >>> net = MLPClassifier(4, random_state=0).build(2, classes=["a", "b"])
        >>> X = [[1.0, 2.0]]
        >>> bool((net.predict_log_proba(X) == np.log(net.predict_proba(X))).all())
        True
        """
        p = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return np.log(p, out=p)

    @available_if(lambda est: not est._gives_probabilities())
    def decision_function(self, X: Any) -> Array:
        """Return the scores of a network with a hinge loss.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_features)

        Returns
        -------
        array, shape (n,) for two classes, else (n, n_classes)
            Above 0 speaks for the class; `predict` takes the greatest of several.

        Raises
        ------
        AttributeError
            For a cross-entropy, which has probabilities: the method is not there.
        NotFittedError, ValueError
            As for `predict`.

        Examples
        --------
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]
        >>> net = MLPClassifier(8, loss="squared_hinge", solver="lbfgs", random_state=0)
        >>> net.fit(X, y).decision_function(X) > 0
        array([False, False,  True,  True])
        """
        scores = self._outputs(X)
        return scores[:, 0] if scores.shape[1] == 1 else scores

    # --- what the base asks for ---

    def _gives_probabilities(self) -> bool:
        fitted = vars(self).get("_plan")
        output = self._record().link if fitted is None else fitted.output
        return output in ("sigmoid", "softmax")

    def _record(self) -> catalog.Loss:
        """Return the record of `loss`; that of one yes-or-no question for ``"log_loss"``."""
        return catalog.loss(self.loss)

    def _loss_text(self) -> str:
        many = self._label_binarizer.y_type_ == "multiclass"
        record = self._record()
        if isinstance(self.loss, str) and key(self.loss) == "logloss":
            name = "categorical_cross_entropy" if many else "binary_cross_entropy"
            return f"{name}({float(self.label_smoothing)!r})"
        if self.label_smoothing > 0:
            raise ValueError(
                "label_smoothing belongs to loss='log_loss'; got "
                f"label_smoothing={self.label_smoothing!r} with loss={self.loss!r}"
            )
        if record.link == "sigmoid" and many:
            raise ValueError(
                f"loss {self.loss!r} asks a yes-or-no question of each class, whose answers do "
                "not sum to 1; y has several classes, one of them right: use loss='log_loss'"
            )
        if record.task == "multiclass" and not many:
            raise ValueError(
                f"loss {self.loss!r} is for more than two classes, one of them right; y is "
                f"{self._label_binarizer.y_type_}: use loss='log_loss', which suits every kind"
            )
        return str(record)

    def _encode(self, y: Any, first: bool, incremental: bool) -> Array:
        check_classification_targets(y)
        if first and not (incremental and hasattr(self, "_label_binarizer")):
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        else:
            self._check_labels(y, incremental)
        encoded = self._label_binarizer.transform(y)
        return encoded if isinstance(encoded, np.ndarray) else encoded.toarray()

    def _check_labels(self, y: Any, incremental: bool) -> None:
        """Raise if `y` holds other labels than those the network was built for."""
        labels = unique_labels(y)
        if self.warm_start and not incremental:
            if set(labels) != set(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the "
                    f"previous call to fit. Previously got {self.classes_}, `y` has {labels}"
                )
        elif len(np.setdiff1d(labels, self.classes_, assume_unique=True)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has "
                f"{self.classes_}. 'y' has {labels}."
            )

    def _decode(self, outputs: Array) -> Any:
        self._check_threshold()
        binarizer = self._label_binarizer
        if binarizer.y_type_ == "multiclass":
            return self.classes_.take(outputs.argmax(axis=1))
        middle = 0.5 if self._plan.output == "sigmoid" else 0.0
        cut = middle if self.threshold is None else np.asarray(self.threshold)
        answers = (outputs > cut).astype(np.int64)
        if binarizer.y_type_ == "binary" and len(self.classes_) == 2:
            return self.classes_.take(answers[:, 0])
        return binarizer.inverse_transform(answers[:, 0] if answers.shape[1] == 1 else answers)

    def _labels(self, y: Array) -> Any:
        return self._label_binarizer.inverse_transform(y)

    def _can_go_on(self) -> bool:
        if isinstance(self.class_weight, str):
            raise AttributeError(
                f"class_weight={self.class_weight!r} needs all samples at once; for "
                "partial_fit give a dict of weights, made with "
                "sklearn.utils.class_weight.compute_class_weight"
            )
        return super()._can_go_on()

    def _class_weight(self, y: Any, weight: Any) -> Any:
        if self.class_weight is None:
            return None
        if isinstance(self.class_weight, str) and weight is not None and y.ndim == 1:
            # A class is as large as the weights of its samples.
            counts = weight > 0
            y, present = y[counts], np.unique(y[counts])
            share = compute_class_weight(
                "balanced", classes=present, y=y, sample_weight=weight[counts]
            )
            of_sample = np.zeros_like(weight)
            of_sample[counts] = share[np.searchsorted(present, y)]
            return of_sample
        return compute_sample_weight(self.class_weight, y)

    def _check_together(self, optimizer: Optimizer | LBFGS, incremental: bool) -> None:
        super()._check_together(optimizer, incremental)
        self._check_threshold()

    def _check_threshold(self) -> None:
        if self.threshold is None:
            return
        kind, n = self._label_binarizer.y_type_, len(self.classes_)
        shapes: tuple[tuple[int, ...], ...] = ((), (n,)) if kind.startswith("multil") else ((),)
        fits = kind != "multiclass" and np.shape(self.threshold) in shapes
        if not fits or not np.isfinite(self.threshold).all():
            raise ValueError(
                "threshold must be None with several classes, one finite number with two, one "
                f"or one per label with several labels; got {self.threshold!r} and {kind} "
                "targets"
            )

    def _stratified(self) -> bool:
        return self.n_outputs_ == 1  # scikit-learn's rule

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
