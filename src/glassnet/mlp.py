"""`MLP`: the network a person holds."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet import catalog
from glassnet.arguments import (
    Checked,
    Directing,
    generator,
    listed,
    one_of,
    whole_number,
)
from glassnet.engines import numpy_engine as engine
from glassnet.engines.choice import ENGINES, for_prediction
from glassnet.engines.cores import n_threads as usable
from glassnet.engines.data import Data, all_finite
from glassnet.fit_arguments import ready
from glassnet.formulas.types import Array
from glassnet.inputs import (
    check_features,
    check_targets,
    check_threshold,
    check_vector,
    check_weight,
    decode,
    warn_of_flatness,
    warn_of_penalty,
    warn_of_scale,
)
from glassnet.network import Plan, State, Views, build_plan, initial_state
from glassnet.network.build import Rng
from glassnet.predictor import Predictor, of_network
from glassnet.training import EarlyStopping, Epoch, History, Settings, fit
from glassnet.training.metrics import METRICS
from glassnet.training.under_way import alone, is_under_way

__all__ = ["MLP"]


# What overflows shows in the numbers themselves.
_quiet = partial(np.errstate, over="ignore", under="ignore", invalid="ignore")


class MLP(Directing):
    r"""A multi-layer perceptron: its plan, its numbers, and how it learns.

    .. math::
        z_0 = x W_0 + b_0, \qquad a_i = \varphi_i(z_i), \qquad
        z_{i+1} = a_i W_{i+1} + b_{i+1}, \qquad \hat y = \psi(z_{\text{last}})

    All weights and biases are views into one vector `theta`.

    Parameters
    ----------
    layer_sizes : sequence of int
        Features, units of each hidden layer, outputs: ``[2, 10, 5, 1]``.
    activation : str or Activation, or one per hidden layer
        :math:`\varphi`, such as ``"relu"`` or ``"leaky_relu(0.2)"``.
    output : str or Activation, optional
        :math:`\psi`; by default the one that belongs to the loss.
    loss : str or Loss
        ``"squared_error"``, ``"binary_cross_entropy"``, ``"categorical_cross_entropy"``, ...
        It says what `y` means. The default predicts numbers, also where all of them are 0
        or 1: for labels take ``"binary_cross_entropy"`` with one output (two classes), or
        ``"categorical_cross_entropy"`` with an output per class.
    initializer : str or Initializer, optional
        Rule for the first weights; by default the one that suits each activation.
    dropout : float in [0, 1), or one per hidden layer
        Probability of dropping a unit during training.
    norm : {None, "batch", "layer"}, or one per hidden layer
        Normalization between a dense layer and its activation.
    alpha : float, >= 0
        L2 penalty: adds :math:`\frac{\alpha}{2n} \sum W^2` to the loss of `n` samples (with
        sample weights, `n` is their sum, as in scikit-learn).
    seed : int, numpy Generator, RandomState, or None
        Source of the first weights, of the order of samples and of dropout. The same seed
        gives the same numbers; None gives others each time.
    engine : {"auto", "numpy", "numba"}
        Who trains and predicts. "numpy" is the reference: it runs the formulas
        themselves. "numba" is the compiled engine, many epochs in one call of machine
        code; its numbers differ by rounding alone. It is compiled once on a machine, which
        takes some seconds, and `fit` raises where it has no kernels: for
        formulas of your own, whose predictions are NumPy's. "auto" takes it where it is
        installed and NumPy is estimated to need more than 0.15 s for the planned epochs;
        shape and work alone decide. Predictions take the engine that trained, or compiled
        code where NumPy would need as long for that one call.
    n_threads : int, >= 1, optional
        Threads that the compiled engine may use, never more than there are cores; by
        default the environment variable ``GLASSNET_NUM_THREADS``, else
        ``OMP_NUM_THREADS``, else all cores. No number depends on it.

    Attributes
    ----------
    engine, n_threads
        As given; may be set, and count from the next call on.
    plan : Plan
        Layers, formulas and the table of parameters; never changes.
    state : State
        Every number that training changes.
    history : History
        One entry per epoch.
    engine_ : {"numpy", "numba"}
        Who trained last; there after `fit`.
    engine_reason_ : str
        Why that was NumPy, or empty.

    Raises
    ------
    ValueError
        If an argument is outside its range or names no known formula.

    Examples
    --------
    The exclusive or, which no single layer can learn:

    >>> import numpy as np
    >>> from glassnet import MLP, optimizers
    >>> X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    >>> net = MLP([2, 8, 1], activation="tanh", loss="binary_cross_entropy", seed=0)
    >>> net.fit(X, y, optimizer=optimizers.Adam(0.05), epochs=200).predict(X)
    array([0, 1, 1, 0])
    """

    engine = Checked(lambda value: one_of("engine", value, ENGINES))
    n_threads = Checked(lambda n: None if n is None else whole_number("n_threads", n))

    def __init__(
        self,
        layer_sizes: Sequence[int],
        activation: object = "relu",
        output: object = None,
        loss: object = "squared_error",
        initializer: object = None,
        dropout: float | Sequence[float] = 0.0,
        norm: str | Sequence[str | None] | None = None,
        alpha: float = 0.0,
        seed: int | Rng | None = None,
        engine: str = "auto",
        n_threads: int | None = None,
    ) -> None:
        self.engine, self.n_threads = engine, n_threads
        self.plan: Plan = build_plan(
            layer_sizes, activation, output, loss, dropout, norm, alpha
        )
        self.rng: Rng = generator(seed)
        self.state: State = initial_state(self.plan, initializer, self.rng)
        self.history = History()

    @classmethod
    def of(cls, plan: Plan, state: State, rng: Rng, history: History | None = None) -> MLP:
        """Return the network of a plan and a state, which it shares from then on.

        Parameters
        ----------
        plan, state
            What it is, and its numbers.
        rng : numpy Generator or RandomState
            Source of the order of samples and of dropout.
        history : History, optional
            Its epochs so far; none, by default.
        """
        net = cls.__new__(cls)
        net.plan, net.state, net.rng = plan, state, rng
        net.engine, net.n_threads = "auto", None
        net.history = History() if history is None else history
        return net

    # --- its numbers ---

    @property
    def theta(self) -> Array:
        """All trained parameters in one vector; writing to it changes the network.

        Raises
        ------
        TypeError, ValueError
            Where a whole vector is set: if it has another shape or is not finite.

        Examples
        --------
        >>> net = MLP([1, 1])
        >>> net.theta = [2.0, 3.0]
        >>> net.forward([[5.0]])
        array([[13.]])
        """
        return self.state.theta

    @theta.setter
    def theta(self, values: ArrayLike) -> None:
        self.state.theta[...] = check_vector(values, self.state.theta, "theta")

    @property
    def weights(self) -> Views:
        """Weight matrices, (units_in, units_out) each: views into `theta`.

        A list of fixed length. ``net.weights[0] = W``, ``net.weights[0] -= step`` and
        ``net.weights = [W0, W1]`` write into `theta`; each array must have the shape of the
        one it overwrites, and be finite.

        Raises
        ------
        TypeError, ValueError
            Where what is written does not fit; see `glassnet.network.Views`.

        Examples
        --------
        >>> net = MLP([2, 1], seed=0)
        >>> net.weights[0] = [[3.0], [4.0]]
        >>> net.theta
        array([3., 4., 0.])
        """
        return Views((la.parameters[0].of(self.theta) for la in self._dense), "weights")

    @weights.setter
    def weights(self, values: Iterable[ArrayLike]) -> None:
        self.weights[:] = listed("weights", values)

    @property
    def biases(self) -> Views:
        """Bias vectors, (units,) each: views into `theta`, written as `weights` are."""
        return Views((la.parameters[1].of(self.theta) for la in self._dense), "biases")

    @biases.setter
    def biases(self, values: Iterable[ArrayLike]) -> None:
        self.biases[:] = listed("biases", values)

    @property
    def _dense(self) -> list[Any]:
        return [layer for layer in self.plan.layers if layer.kind == "dense"]

    @property
    def layer_sizes(self) -> list[int]:
        """Features, units of each hidden layer, outputs."""
        return [self.plan.n_inputs, *(layer.units for layer in self._dense)]

    @property
    def classification(self) -> bool:
        """Whether the loss is one for labels, so that `predict` gives labels."""
        return catalog.loss(self.plan.loss).task != "regression"

    # --- forward and backward ---

    def forward(self, X: ArrayLike) -> Array:
        r"""Return the outputs :math:`\hat y`, as at prediction.

        Nothing is dropped, and batch normalization uses its running statistics.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_inputs)

        Returns
        -------
        array, shape (n, n_outputs)
            In the precision of `theta`; numbers that overflow do so without a warning.

        Raises
        ------
        TypeError, ValueError
            If `X` is not a finite array of shape (n, n_inputs).

        Examples
        --------
        >>> net = MLP([2, 1], loss="binary_cross_entropy", initializer="zeros")
        >>> net.forward([[1.0, 2.0]])
        array([[0.5]])
        """
        features = self._features(X)
        rows, trained = features.shape[0], vars(self).get("engine_")
        chosen = for_prediction(self.engine, trained, self.plan, rows)
        threads = usable(self.n_threads) if rows > 1 else 1
        outputs: Array = chosen.forward(self.plan, self.state, features, threads=threads)[0]
        return outputs

    def loss_and_gradients(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> tuple[float, Array]:
        r"""Return the training loss and its gradient, laid out like `theta`.

        .. math::
            L(\theta) = \frac{\sum_i w_i \, l(y_i, \hat y_i)}{\sum_i w_i}
            + \frac{\alpha}{2 \sum_i w_i} \sum W^2, \qquad g = \nabla_\theta L

        Batch normalization uses the batch's own statistics, as in training; no unit is
        dropped.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_inputs)
        y : array, shape (n,) or (n, n_outputs)
            Targets as `fit` takes them.
        sample_weight : array, shape (n,), optional
            All 1 if None.

        Returns
        -------
        loss : float
        gradient : array, shape (n_parameters,), read-only
            Numbers that overflow do so without a warning, in both.

        Raises
        ------
        TypeError, ValueError
            If an argument cannot be used.

        Examples
        --------
        >>> net = MLP([1, 1], initializer="zeros")
        >>> net.loss_and_gradients([[3.0]], [1.0])
        (0.5, array([-3., -1.]))
        """
        data = self._data(X, y, sample_weight, dtype=self.theta.dtype)
        with _quiet():
            loss, gradient, _ = engine.loss_and_gradients(
                self.plan, self.state, data.X, data.y, data.weight
            )
        return loss, gradient

    def backward(
        self, X: ArrayLike, y: ArrayLike
    ) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        r"""Return the gradients by the weights and by the biases, laid out like them.

        .. math:: \partial L / \partial W_i = a_{i-1}^\top \delta_i, \qquad
                  \partial L / \partial b_i = \textstyle\sum_n \delta_{n i}

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_inputs)
        y : array, shape (n,) or (n, n_outputs)
            Targets as `fit` takes them.

        Returns
        -------
        by_weights : tuple of arrays, (units_in, units_out) each, read-only
        by_biases : tuple of arrays, (units,) each, read-only

        Raises
        ------
        TypeError, ValueError
            If an argument cannot be used.

        Examples
        --------
        >>> net = MLP([1, 1], initializer="zeros")
        >>> net.backward([[3.0]], [1.0])
        ((array([[-3.]]),), (array([-1.]),))
        """
        _, gradient = self.loss_and_gradients(X, y)
        by_weights = tuple(la.parameters[0].of(gradient) for la in self._dense)
        return by_weights, tuple(la.parameters[1].of(gradient) for la in self._dense)

    def intermediates(self, X: ArrayLike, y: ArrayLike | None = None) -> dict[str, Array]:
        r"""Return everything computed between `X` and the output, by name.

        ``z0`` are the first layer's pre-activations, ``a0`` its activations (``norm0``,
        ``drop0`` where it has them), then ``z1`` and so on to ``output``.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_inputs)
        y : array, shape (n,) or (n, n_outputs), optional
            Targets as `fit` takes them. With them the pass is that of training, and for
            each of these names but the output ``delta_<name>`` is the gradient of the loss
            by it, :math:`\partial L / \partial z`.

        Returns
        -------
        dict of arrays, shape (n, units) each
            In the order of computation, the deltas last. They are copies: writing to one
            changes neither the network nor another.

        Raises
        ------
        TypeError, ValueError
            If an argument cannot be used.

        Examples
        --------
        >>> net = MLP([1, 1], initializer="zeros")
        >>> net.intermediates([[3.0]], [1.0])
        {'z0': array([[0.]]), 'output': array([[0.]]), 'delta_z0': array([[-1.]])}
        """
        names = [layer.output for layer in self.plan.layers]
        if y is None:
            features = self._features(X)
            outputs, found = engine.forward(self.plan, self.state, features, names)
            wanted, found = [*names, "output"], {**found, "output": outputs}
        else:
            data = self._data(X, y, None, dtype=self.theta.dtype)
            wanted = [*names, "output", *(f"delta_{name}" for name in names)]
            with _quiet():
                _, _, found = engine.loss_and_gradients(
                    self.plan, self.state, data.X, data.y, keep=wanted
                )
        return {name: found[name].copy() for name in wanted}

    # --- training ---

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        optimizer: object = "adam",
        epochs: int = 100,
        batch_size: int | None = None,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        callbacks: Iterable[Callable[[Epoch], Any]] | None = None,
        schedule: object = None,
        verbose: bool | int = False,
        *,
        sample_weight: ArrayLike | None = None,
        shuffle: bool = True,
        early_stopping: EarlyStopping | int | bool | None = None,
        metrics: Iterable[str] | Mapping[str, Callable[[Any, Any], float]] | None = None,
    ) -> MLP:
        """Train, starting from the present `theta`, with a fresh optimizer state.

        Recorded training losses are those before each update.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_inputs)
            Float32 trains in float32, all else in float64.
        y : array, shape (n,) or (n, n_outputs)
            Class numbers (or one-hot rows) for a multi-class loss, 0 and 1 for a binary one.
        optimizer : str or Optimizer
            ``"adam"``, ``optimizers.SGD(0.1)``, ...
        epochs : int, >= 1
            Passes over the data; iterations, for L-BFGS.
        batch_size : int, optional
            Samples per update; all of them if None.
        X_val, y_val : arrays, optional
            Validation data: its loss is recorded, and watched by `early_stopping`.
        callbacks : iterable of callables
            Each is called with an `Epoch` after every epoch; a true answer ends training.
            One with a method ``on_fit_begin`` has it called with this network before the
            first.
        schedule : str, Schedule, ReduceOnPlateau or callable, optional
            Factor on the learning rate: ``"cosine"``, settings of `glassnet.schedules`, or
            a function of progress, the share of the planned updates already done.
        verbose : bool or int
            True shows a progress bar; an integer n prints a line every n epochs, and one
            for the last.
        sample_weight : array, shape (n,), optional
            How much each sample counts, at least 0; a denormal number counts as 0. Batch
            normalization takes its statistics over every row, whatever its weight.
        shuffle : bool
            Draw a new order of the samples each epoch (mini-batches only).
        early_stopping : bool, int or EarlyStopping
            True waits 10 epochs for an improvement, an integer that many; the best state
            is kept.
        metrics : iterable of {"accuracy", "r2"}, or mapping
            Names, or names with functions ``metric(y, prediction)`` of your own. Measured
            after every epoch, at the cost of one more forward pass; every sample counts
            alike, whatever its weight. On validation data they are recorded as
            ``validation_<name>``, which no name of your own may begin with.

        Returns
        -------
        MLP
            Itself.

        Raises
        ------
        ValueError, TypeError
            Before anything is changed, if an argument cannot be used, or ``engine="numba"``
            cannot do this.
        ImportError
            If ``engine="numba"`` is asked for and Numba cannot be imported.

        Warns
        -----
        DivergenceWarning
            If a number is no longer finite, or the loss ended far above its start: the best
            state is kept. Also if a validation loss was not finite.
        UserWarning
            If the network can learn little from what it was given: the scale of `X`, one
            class, an activation without slope, a penalty that outweighs the data. If L-BFGS
            stopped short of its tolerance. If Ctrl-C ended training.

        Notes
        -----
        Ctrl-C lets the epochs under way end, keeps the trained state and returns. An epoch
        longer than a moment is broken off, and the state before it is kept; a second Ctrl-C
        breaks off any. Either ends this `fit`
        alone: a loop over several goes on with the next, unless it looks at
        ``history.stopped``, which is then "interrupted".

        Examples
        --------
        >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0])
        >>> net = MLP([1, 1], seed=0).fit(X, y, optimizer="lbfgs")
        >>> net.history.stopped, net.predict([[10.0]]).round(3)
        ('converged', array([21.]))
        """
        given = X, y, optimizer, epochs, batch_size, X_val, y_val, callbacks, schedule, verbose
        further = sample_weight, shuffle, early_stopping, metrics
        data, validation, settings = ready(self, *given, *further)
        with self._in_training(data, settings):
            self._warn_ahead(data, settings)
            fit(self.plan, self.state, data, settings, self.history, self.rng, validation, self)
        return self

    def _warn_ahead(self, data: Data, settings: Settings) -> None:
        """Warn of what can be learnt little from, at the caller of `fit`."""
        warn_of_scale(data.X, data.y, self.plan)
        warn_of_flatness(self.plan)
        warn_of_penalty(self.plan, data, settings.optimizer, settings.batch_size)

    @property
    def _is_in_training(self) -> bool:
        return is_under_way(self)

    @contextmanager
    def _in_training(self, data: Data, settings: Settings) -> Iterator[None]:
        """Have no second fit begin meanwhile; the network takes on the data's precision."""
        with alone(self, "trained: a second fit must wait"):
            self.engine_, _, self.engine_reason_ = settings.engine
            self.state.make_writable()
            self.state.astype(data.X.dtype)
            yield

    def predict(self, X: ArrayLike, threshold: float | None = None) -> NDArray[Any]:
        """Return labels for a classification loss, else the outputs.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_inputs)
        threshold : float, optional
            Return 1 where an output exceeds it, else 0. A binary loss has one by default:
            probability 0.5, or 0 for hinge losses. A loss for numbers has none: after
            training on 0 and 1 with ``"squared_error"``, 0.5 gives labels.

        Returns
        -------
        array, shape (n,), or (n, n_outputs) where there are several outputs
            Integers where they are labels.

        Raises
        ------
        TypeError, ValueError
            If `X` or `threshold` cannot be used, or labels would have to be read from
            outputs that are not finite.

        Warns
        -----
        RuntimeWarning
            If outputs that are numbers are not finite.

        Examples
        --------
        >>> net = MLP([1, 1])
        >>> net.theta = [1.0, 0.0]
        >>> net.predict([[0.2], [0.7]]), net.predict([[0.2], [0.7]], threshold=0.5)
        (array([0.2, 0.7]), array([0, 1]))
        """
        cut = check_threshold(threshold, self.plan)
        outputs = self.forward(X)
        if not all_finite(outputs):
            words = "the network's outputs are not finite: its parameters or X are too large"
            if self.classification or cut is not None:
                raise ValueError(f"{words} to decide anything")
            warnings.warn(words, RuntimeWarning, stacklevel=2)
        return decode(outputs, self.plan, cut)

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the probability of each class.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_inputs)

        Returns
        -------
        array, shape (n, n_classes)
            One sigmoid output gives two columns, no and yes. Several sigmoid outputs are
            separate questions: one column each, the probability of yes.

        Raises
        ------
        TypeError, ValueError
            If `X` cannot be used, or the outputs are not probabilities.

        Examples
        --------
        >>> net = MLP([1, 1], loss="binary_cross_entropy", initializer="zeros")
        >>> net.predict_proba([[3.0]])
        array([[0.5, 0.5]])
        """
        if self.plan.output not in ("sigmoid", "softmax") or not self.classification:
            raise ValueError(
                f"predict_proba needs a cross-entropy loss; this network has loss "
                f"{self.plan.loss!r} and output {self.plan.output!r}"
            )
        p = self.forward(X)
        return np.hstack([1 - p, p]) if p.shape[1] == 1 else p

    def predictor(self, threshold: float | None = None) -> Predictor:
        """Return the network as it is now, bound for predicting again and again.

        Parameters
        ----------
        threshold : float, optional
            As of `predict`.

        Returns
        -------
        Predictor
            Its `forward`, `predict` and `predict_proba` give this network's numbers but for
            rounding, without what has to be checked and set up for each call here: a row of
            a small network takes microseconds.

        Raises
        ------
        TypeError, ValueError
            If `threshold` cannot be used.

        Examples
        --------
        >>> net = MLP([1, 1])
        >>> net.theta = [2.0, 1.0]
        >>> net.predictor().predict([[0.5]])
        array([2.])
        """
        return of_network(self, threshold)

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        r"""Return the share of right labels, or :math:`R^2` for a loss that predicts numbers.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, n_inputs)
        y : array, shape (n,) or (n, n_outputs)
            Targets as `fit` takes them.

        Returns
        -------
        float
            At most 1. Which of the two it is follows from the loss alone: also where `y`
            holds 0 and 1, ``"squared_error"`` is scored by :math:`R^2`. The share of right
            labels is then ``np.mean(net.predict(X, threshold=0.5) == y)``.

        Raises
        ------
        TypeError, ValueError
            If an argument cannot be used.

        Examples
        --------
        >>> net = MLP([1, 1])
        >>> net.theta = [1.0, 0.0]
        >>> net.score([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
        1.0
        """
        data = self._data(X, y, None, dtype=self.theta.dtype)
        metric = METRICS["accuracy" if self.classification else "r2"]
        return float(metric(decode(data.y, self.plan), self.predict(X)))

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "records": catalog.custom_records(self.plan.formulas)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        catalog.admit(state.pop("records", ()))
        vars(self).update(state)

    def __repr__(self) -> str:
        hidden = [la.formula for la in self.plan.layers if la.kind == "activation"]
        return (
            f"MLP({self.layer_sizes}, activation={hidden}, output={self.plan.output!r}, "
            f"loss={self.plan.loss!r}): {self.plan.n_parameters} parameters, "
            f"{len(self.history)} epoch{'s' * (len(self.history) != 1)}"
        )

    # --- arguments ---

    def _features(self, X: ArrayLike, name: str = "X") -> Array:
        return check_features(X, self.plan.n_inputs, name, self.theta.dtype)

    def _data(
        self,
        X: ArrayLike,
        y: ArrayLike,
        weight: ArrayLike | None,
        suffix: str = "",
        dtype: np.dtype[Any] | None = None,
    ) -> Data:
        features = check_features(X, self.plan.n_inputs, f"X{suffix}", dtype)
        n, dtype = features.shape[0], features.dtype
        targets = check_targets(y, self.plan, n, f"y{suffix}", dtype)
        return Data(features, targets, check_weight(weight, n, dtype=dtype))
