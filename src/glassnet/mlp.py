"""`MLP`: the network a person holds."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakSet

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet import catalog
from glassnet.arguments import (
    callables,
    generator,
    listed,
    stopping,
    whole_number,
    yes_or_no,
)
from glassnet.engines import numpy_engine as engine
from glassnet.engines.data import Data
from glassnet.formulas.types import Array
from glassnet.inputs import (
    check_features,
    check_targets,
    check_threshold,
    check_vector,
    check_weight,
    decode,
    warn_of_scale,
)
from glassnet.network import Plan, State, build_plan, initial_state
from glassnet.network.build import Rng
from glassnet.optimizers import LBFGS, Optimizer
from glassnet.training import EarlyStopping, Epoch, History, Settings, fit
from glassnet.training.metrics import METRICS
from glassnet.training.progress import check_verbose

__all__ = ["MLP"]


_in_training: WeakSet[MLP] = WeakSet()


class MLP:
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

    Attributes
    ----------
    plan : Plan
        Layers, formulas and the table of parameters; never changes.
    state : State
        Every number that training changes.
    history : History
        One entry per epoch.

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
    ) -> None:
        self.plan: Plan = build_plan(
            layer_sizes, activation, output, loss, dropout, norm, alpha
        )
        self.rng: Rng = generator(seed)
        self.state: State = initial_state(self.plan, initializer, self.rng)
        self.history = History()

    # --- its numbers ---

    @property
    def theta(self) -> Array:
        """All trained parameters in one vector; writing to it changes the network."""
        return self.state.theta

    @theta.setter
    def theta(self, values: ArrayLike) -> None:
        self.state.theta[...] = check_vector(values, self.state.theta, "theta")

    @property
    def weights(self) -> tuple[Array, ...]:
        """Weight matrices, (units_in, units_out) each: views into `theta`.

        Write into them (``net.weights[0][...] = W``); a whole one cannot be put in place.
        """
        return tuple(la.parameters[0].of(self.theta) for la in self._dense)

    @property
    def biases(self) -> tuple[Array, ...]:
        """Bias vectors, (units,) each: views into `theta`."""
        return tuple(la.parameters[1].of(self.theta) for la in self._dense)

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
        """Return the outputs, shape (n, n_outputs).

        Raises
        ------
        ValueError
            If `X` is not a finite array of shape (n, n_inputs).
        """
        outputs, _ = engine.forward(self.plan, self.state, self._features(X))
        return outputs

    def loss_and_gradients(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> tuple[float, Array]:
        """Return the training loss and its gradient, laid out like `theta`.

        Batch normalization uses the batch's own statistics, as in training; no unit is
        dropped. The L2 penalty is part of both.
        """
        data = self._data(X, y, sample_weight, dtype=self.theta.dtype)
        loss, gradient, _ = engine.loss_and_gradients(
            self.plan, self.state, data.X, data.y, data.weight
        )
        return loss, gradient

    def backward(
        self, X: ArrayLike, y: ArrayLike
    ) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        """Return the gradients by the weights and by the biases, laid out like them."""
        _, gradient = self.loss_and_gradients(X, y)
        by_weights = tuple(la.parameters[0].of(gradient) for la in self._dense)
        return by_weights, tuple(la.parameters[1].of(gradient) for la in self._dense)

    def intermediates(self, X: ArrayLike, y: ArrayLike | None = None) -> dict[str, Array]:
        """Return everything computed between `X` and the output, by name.

        ``z0`` are the first layer's pre-activations, ``a0`` its activations (``norm0``,
        ``drop0`` where it has them), then ``z1`` and so on to ``output``.

        With `y` the pass is that of training, and for each of these names
        ``delta_<name>`` is the gradient of the loss by it.
        """
        names = [layer.output for layer in self.plan.layers]
        if y is None:
            outputs, kept = engine.forward(self.plan, self.state, self._features(X), names)
            return {**kept, "output": outputs}
        data = self._data(X, y, None, dtype=self.theta.dtype)
        wanted = [*names, "output", *(f"delta_{name}" for name in names)]
        _, _, found = engine.loss_and_gradients(
            self.plan, self.state, data.X, data.y, keep=wanted
        )
        return {name: found[name] for name in wanted}

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
        """Train from where `theta` stands, with a fresh optimizer state.

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
        schedule : str or Schedule, optional
            Learning rate as a function of progress.
        verbose : bool or int
            True shows a progress bar; an integer prints a line each so many epochs.
        sample_weight : array, shape (n,), optional
            How much each sample counts.
        shuffle : bool
            Draw a new order of the samples each epoch (mini-batches only).
        early_stopping : bool, int or EarlyStopping
            True waits 10 epochs for an improvement, an integer that many; the best state
            is kept.
        metrics : iterable of {"accuracy", "r2"}, or mapping
            Names, or names with functions ``metric(y, prediction)`` of your own. Measured
            after every epoch, at the cost of one more forward pass; every sample counts
            alike, whatever its weight.

        Returns
        -------
        MLP
            Itself.

        Raises
        ------
        ValueError, TypeError
            Before anything is changed, if an argument cannot be used.

        Warns
        -----
        DivergenceWarning
            If a number is no longer finite, or the loss ended far above its start: the best
            state is kept. Also if a validation loss was not finite.
        UserWarning
            If Ctrl-C ended training (the trained state is kept).
        """
        data = self._data(X, y, sample_weight)
        dtype = data.X.dtype
        validation = self._validation(X_val, y_val, dtype)
        settings = Settings(
            optimizer=self._optimizer(optimizer, batch_size, schedule),
            epochs=whole_number("epochs", epochs),
            batch_size=self._batch_size(batch_size, len(data.y)),
            shuffle=yes_or_no("shuffle", shuffle),
            schedule=None if schedule is None else catalog.schedule(schedule),
            early_stopping=stopping(early_stopping),
            metrics=self._metrics(metrics),
            callbacks=callables("callbacks", callbacks),
            verbose=check_verbose(verbose),
        )
        if self in _in_training:
            raise RuntimeError("this MLP is being trained: a second fit must wait")
        warn_of_scale(data.X, data.y, self.plan)
        self.state.astype(dtype)
        _in_training.add(self)
        try:
            fit(self.plan, self.state, data, settings, self.history, self.rng, validation, self)
        finally:
            _in_training.discard(self)
        return self

    def predict(self, X: ArrayLike, threshold: float | None = None) -> NDArray[Any]:
        """Return labels for a classification loss, else the outputs.

        Parameters
        ----------
        X : array, shape (n, n_inputs)
        threshold : float, optional
            Return 1 where an output exceeds it, else 0. A binary loss has one by default:
            probability 0.5, or 0 for hinge losses.

        Returns
        -------
        array, shape (n,), or (n, n_outputs) where there are several outputs
        """
        cut = check_threshold(threshold, self.plan)
        with np.errstate(over="ignore", invalid="ignore"):
            outputs = self.forward(X)
        if not np.all(np.isfinite(outputs)):
            words = "the network's outputs are not finite: its parameters or X are too large"
            if self.classification or cut is not None:
                raise ValueError(f"{words} to decide anything")
            warnings.warn(words, RuntimeWarning, stacklevel=2)
        return decode(outputs, self.plan, cut)

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the probability of each class, shape (n, n_classes).

        One sigmoid output gives two columns. Several sigmoid outputs are separate
        questions: one column each, the probability of yes.

        Raises
        ------
        ValueError
            If the outputs are not probabilities.
        """
        if self.plan.output not in ("sigmoid", "softmax") or not self.classification:
            raise ValueError(
                f"predict_proba needs a cross-entropy loss; this network has loss "
                f"{self.plan.loss!r} and output {self.plan.output!r}"
            )
        p = self.forward(X)
        return np.hstack([1 - p, p]) if p.shape[1] == 1 else p

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """Return the share of right labels, or R² for a loss that predicts numbers."""
        data = self._data(X, y, None, dtype=self.theta.dtype)
        metric = METRICS["accuracy" if self.classification else "r2"]
        return float(metric(decode(data.y, self.plan), self.predict(X)))

    def __repr__(self) -> str:
        hidden = [la.formula for la in self.plan.layers if la.kind == "activation"]
        return (
            f"MLP({self.layer_sizes}, activation={hidden}, output={self.plan.output!r}, "
            f"loss={self.plan.loss!r}): {self.plan.n_parameters} parameters, "
            f"{len(self.history)} epochs"
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

    def _optimizer(
        self, spec: object, batch_size: int | None, schedule: object
    ) -> Optimizer | LBFGS:
        found = catalog.optimizer(spec)
        if found.full_batch:
            rules = {
                "batch_size must be None": batch_size is not None,
                "schedule must be None": schedule is not None,
                "dropout must be 0": self.plan.has_dropout,
            }
            for rule, broken in rules.items():
                if broken:
                    raise ValueError(
                        f"{rule} with {type(found).__name__}, which needs one function that "
                        "stays the same"
                    )
        return found

    def _validation(
        self, X: ArrayLike | None, y: ArrayLike | None, dtype: np.dtype[Any]
    ) -> Data | None:
        if (X is None) != (y is None):
            raise ValueError("X_val and y_val go together; got one without the other")
        if X is None or y is None:
            return None
        return self._data(X, y, None, "_val", dtype)

    def _batch_size(self, value: int | None, n: int) -> int:
        size = n if value is None else min(whole_number("batch_size", value), n)
        if size == 1 and self.plan.buffers:
            raise ValueError(
                "batch_size must be at least 2 with norm='batch': one sample has no variance; "
                f"got batch_size={value!r} for {n} sample(s)"
            )
        return size

    def _metrics(
        self, metrics: Iterable[str] | Mapping[str, Callable[[Any, Any], float]] | None
    ) -> dict[str, Callable[[Array, Array], float]]:
        """Return metrics of (encoded targets, outputs) from metrics of (y, prediction)."""
        metrics = (metrics,) if isinstance(metrics, str) else metrics or ()
        if not isinstance(metrics, Mapping):
            names = listed("metrics", metrics)
            unknown = [name for name in names if name not in METRICS]
            if unknown:
                raise ValueError(f"unknown metrics {unknown}; known: {', '.join(METRICS)}")
            if "accuracy" in names and not self.classification:
                raise ValueError(
                    f"metrics: accuracy needs labels, and loss {self.plan.loss!r} predicts "
                    "numbers; give a function of your own, {'accuracy': lambda y, p: ...}"
                )
            metrics = {name: METRICS[name] for name in names}
        callables("metrics", metrics.values())

        def on_outputs(metric: Callable[[Any, Any], float]) -> Callable[[Array, Array], float]:
            return lambda y, outputs: float(
                metric(decode(y.copy(), self.plan), decode(outputs, self.plan))
            )

        return {name: on_outputs(metric) for name, metric in metrics.items()}
