"""`MLPRegressor`: scikit-learn's, and what its users have asked for."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils.metaestimators import available_if

from glassnet import catalog
from glassnet.arguments import whole_number
from glassnet.estimators.constraints import REGRESSOR
from glassnet.estimators.multilayer import Multilayer
from glassnet.estimators.safety import all_or_nothing
from glassnet.formulas.types import Array

__all__ = ["MLPRegressor"]


class MLPRegressor(RegressorMixin, Multilayer):
    r"""A multi-layer perceptron for numbers: scikit-learn's, with what its users asked for.

    Training minimizes, over the weights :math:`W_i` and biases of the network :math:`f`,

    .. math::
        \frac{1}{S} \sum_n s_n\, \ell(y_n, f(x_n)) + \frac{\alpha}{2 S} \sum_i \|W_i\|^2,
        \qquad S = \sum_n s_n,

    :math:`s_n` being the weight of sample `n` (1 where there is none) and :math:`\ell` the
    loss, summed over outputs: :math:`\frac{1}{2} \|y - f(x)\|^2` by default. A batch takes the
    place of all samples in each update.

    Names, order and defaults are those of `sklearn.neural_network.MLPRegressor`, and so are
    the numbers: the same `random_state` gives the same run. `dropout` and what follows it
    are glassnet's own.

    Parameters
    ----------
    loss : str or Loss, default="squared_error"
        "squared_error" and "poisson" are scikit-learn's. ``"absolute_error"`` predicts the
        median, ``"quantile(0.9)"`` that quantile, ``"huber(1.0)"`` something between median
        and mean.
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
        ``scorer(estimator, X, y)``, more being better. None means R².
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
    coefs_ : list of arrays, shape (units_in, units_out) each
        Weight matrices: views into one vector. ``coefs_[0] = W`` writes into the network.
    intercepts_ : list of arrays, shape (units,) each
        Biases, likewise.
    n_layers_ : int
        Layers, the input and the output among them.
    n_outputs_ : int
        Outputs.
    out_activation_ : str
        "exp" for the Poisson loss, else "identity".
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
    With several outputs the squared error is reported (`loss_`, `loss_curve_`,
    `validation_loss_curve_`) as its mean over them, as scikit-learn does, while steps
    follow the gradient of its sum. Its L-BFGS mixes the two; this one minimizes the sum.

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
    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 50)[:, None]
    >>> net = MLPRegressor(
    ...     hidden_layer_sizes=(10,), activation="tanh", solver="lbfgs", random_state=0
    ... ).fit(X, X[:, 0] ** 2)
    >>> net.predict([[0.5]]).round(2)
    array([0.25])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = REGRESSOR

    def __init__(
        self,
        loss: Any = "squared_error",
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
        self.loss = loss
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
            Values; at least 0 for the Poisson loss.
        sample_weight : array, shape (n,), optional
            How much each sample counts, at least 0 and not all 0.
        X_val, y_val : as X and y, optional
            Held-out samples: their loss goes into `validation_loss_curve_`, and early
            stopping judges by them instead of splitting some off.
        sample_weight_val : array, shape (n_val,), optional
            How much each held-out sample counts.

        Returns
        -------
        MLPRegressor
            Itself.

        Raises
        ------
        ValueError
            As the class says.

        Examples
        --------
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0.0, 2.0, 4.0, 6.0]
        >>> net = MLPRegressor(hidden_layer_sizes=(), solver="lbfgs", alpha=0, random_state=0)
        >>> net.fit(X, y, X_val=[[0.5]], y_val=[1.0]).predict([[5.0]]).round(1)
        array([10.])
        >>> len(net.validation_loss_curve_) == net.n_iter_
        True
        """
        with all_or_nothing(self):
            self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val))
        return self

    @available_if(lambda est: est._can_go_on())
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one epoch, from where the last call left weights and optimizer.

        The first call builds the network, unless `build` or `fit` has.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_features)
            One part of the data.
        y : array, shape (n,) or (n, n_outputs)
            Values.
        sample_weight : array, shape (n,), optional
            How much each sample counts, at least 0 and not all 0.


        Returns
        -------
        MLPRegressor
            Itself.

        Raises
        ------
        AttributeError
            With L-BFGS, which needs all samples at once, or a `schedule`, which needs to know
            when training ends: the method is not there.
        ValueError
            With `early_stopping`, which needs to know more than one part;
            and as the class says.

        Examples
        --------
        >>> net = MLPRegressor(hidden_layer_sizes=4, random_state=0)
        >>> for X, y in [([[0.0], [1.0]], [0, 2]), ([[2.0], [3.0]], [4, 6])]:
        ...     net = net.partial_fit(X, y)
        >>> net.t_, len(net.loss_curve_)
        (4, 2)
        """
        with all_or_nothing(self):
            self._fit(X, y, sample_weight, incremental=True)
        return self

    def build(self, n_features: int, n_outputs: int = 1) -> Self:
        """Make the network, with its first weights, without any data.

        It can predict at once, `partial_fit` trains it, and so does `fit` with
        ``warm_start=True``.

        Parameters
        ----------
        n_features : int
            Features per sample, at least 1.
        n_outputs : int
            Values per sample, at least 1.

        Returns
        -------
        MLPRegressor
            Itself, in float64.

        Raises
        ------
        ValueError
            For a parameter outside its range.

        Examples
        --------
        >>> net = MLPRegressor(hidden_layer_sizes=(5, 4), random_state=0).build(3, n_outputs=2)
        >>> [W.shape for W in net.coefs_], net.predict([[0.0, 0.0, 0.0]]).shape
        ([(3, 5), (5, 4), (4, 2)], (1, 2))
        """
        self._validate_params()
        whole_number("n_outputs", n_outputs)
        with all_or_nothing(self):
            self._build(n_features, n_outputs)
        return self

    def predict(self, X: Any) -> Array:
        """Return the values predicted.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_features)

        Returns
        -------
        array, shape (n,), or (n, n_outputs) for several outputs

        Raises
        ------
        NotFittedError
            Before `fit`, `partial_fit` or `build`.
        ValueError
            If `X` has other features than there were, or is not finite.

        Examples
        --------
        >>> net = MLPRegressor(hidden_layer_sizes=(), random_state=0).build(2)
        >>> net.coefs_, net.intercepts_ = [[[1.0], [10.0]]], [[0.5]]
        >>> net.predict([[1.0, 2.0]])
        array([21.5])
        """
        return self._decode(self._outputs(X))

    # --- what the base asks for ---

    def _loss_text(self) -> str:
        return str(catalog.loss(self.loss))

    def _encode(self, y: Any, first: bool, incremental: bool) -> Array:
        if np.asarray(y).dtype.kind not in "buif":
            raise TypeError(
                f"y must hold numbers; got dtype {np.asarray(y).dtype} (labels are for "
                "MLPClassifier)"
            )
        y = np.asarray(y, float)
        low, high = catalog.loss(self.loss).bounds
        if y.min() < low or y.max() > high:
            raise ValueError(
                f"y must lie in [{low:g}, {high:g}] for loss {self.loss!r}; got values from "
                f"{y.min():g} to {y.max():g}"
            )
        return y.reshape(-1, 1) if y.ndim == 1 else y

    def _decode(self, outputs: Array) -> Array:
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def _labels(self, y: Array) -> Array:
        return self._decode(y)

    def _reported(self, loss: Any, penalty: Any) -> Any:
        # scikit-learn reports the squared error's mean over outputs; its steps follow the
        # gradient of the sum.
        share = self._plan.n_outputs if self._plan.loss == "squared_error" else 1
        return loss / share + penalty
