"""`Recorder`: a training kept as it goes, to look at afterwards."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.arguments import is_whole_number, whole_number
from glassnet.engines.data import Data
from glassnet.formulas.types import Array
from glassnet.insight.course import Course, room
from glassnet.insight.kept_epochs import Chosen, Thinning
from glassnet.insight.snapshot import Snapshot
from glassnet.insight.subjects import network_and_data, network_of
from glassnet.mlp import MLP
from glassnet.network import Plan, State
from glassnet.training import Epoch

__all__ = ["PROBE", "Recorder", "probe_rows"]

PROBE = 1000
"""Rows at most that layers are measured on: of more, so many at even distances."""

_DTYPES = ("float64", "float32", "float16")


class Recorder:
    r"""A callback that keeps a training: the network at chosen epochs, and its health.

    It changes nothing: the trained network is the same, bit for bit, with it and without.
    After `fit` it is the record, from which `glassnet.plots.film` and
    `glassnet.plots.health` draw. Used again with another network it starts over.

    Parameters
    ----------
    X, y : arrays, optional
        Probe rows with their targets, as ``fit`` takes them: losses, gradients and
        activations are measured on them, at most `PROBE` of them. Without them these are
        NaN; an estimator's recorder takes its training data.
    epochs : int >= 3, or sequence of int >= 0
        About how many epochs to keep: at most so many and, of a long training, at least
        about half as many, close together at first and further apart later, with the first
        state and the last. Or the numbers of epochs done at which to keep the network: 0
        is before the first.
    dtype : {"float64", "float32", "float16"}, optional
        Precision in which parameters are kept; the network's own if None, which loses
        nothing. Rounding changes each by at most 6e-8 of its size for float32 and 5e-4 for
        float16; below 6e-5 float16 is off by up to 3e-8, and it holds nothing beyond
        65504, which larger ones become. What is measured is measured before rounding.
    max_bytes : int
        Bound on the bytes of all numbers kept; `nbytes` says how many there are. Where
        `epochs` is one number, fewer epochs are kept if need be.

    Attributes
    ----------
    epochs : int array, (m,)
        Epochs done at each of the `m` snapshots.
    theta : array, (m, n_parameters)
        In `dtype`.
    loss : array, (m,)
        Of the probe rows at each snapshot, with the L2 penalty.
    training_loss, validation_loss, learning_rate : arrays, (m,)
        As `fit` records them for the epoch before each snapshot; NaN where there is none.
    gradient_norm : array, (m, dense layers)
        Euclidean norm of the gradient of `loss` by each weight matrix.
    update_ratio : array, (m, dense layers)
        :math:`\lVert W_t - W_{t-1} \rVert / (S \lVert W_{t-1} \rVert)` over the epoch
        before each snapshot, of :math:`S` updates: for a full batch that of one update, for
        more a lower bound on their mean. NaN at the first.
    activation_mean, activation_deviation : arrays, (m, hidden layers)
        Over the probe rows and all units of a layer.
    dead : array, (m, hidden layers)
        Share of units whose slope is 0 on every probe row.
    saturated : array, (m, hidden layers)
        Share of activations within 3 % of a bound; NaN for those without two bounds.
    probe : (X, y)
        The rows that it takes its probe rows from, all of them; None, None without any.
    class_labels, feature_names : arrays, or None
        Of an estimator: what its network's classes and inputs stand for.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described; when training starts, before the first epoch,
        if the probe rows do not fit the network or `max_bytes` holds too little of it.
    RuntimeError
        If two networks that train at the same time share one.

    Notes
    -----
    For scikit-learn's way of calling, ``estimator.set_callbacks(recorder)``. As in
    scikit-learn, callbacks hear of `fit` and of nothing else: what `partial_fit` does is not
    recorded, for it sees a part of the data and no end. An epoch ends each call of the
    compiled engine where callbacks listen: small networks train slower.

    Examples
    --------
    >>> from glassnet import MLP, Recorder
    >>> X, y = np.array([[0.0], [1.0]]), np.array([0.0, 1.0])
    >>> recorder = Recorder(X, y, epochs=[0, 5, 10])
    >>> net = MLP([1, 1], seed=0).fit(X, y, epochs=10, callbacks=[recorder])
    >>> recorder.epochs
    array([ 0,  5, 10])
    >>> bool((recorder.model_at(-1).theta == net.theta).all())
    True
    """

    def __init__(
        self,
        X: Any = None,
        y: Any = None,
        *,
        epochs: int | Sequence[int] = 120,
        dtype: Any = None,
        max_bytes: int = 64_000_000,
    ) -> None:
        if (X is None) != (y is None):
            raise ValueError("X and y go together; got one without the other")
        self.X, self.y = X, y
        self._wanted, self._dtype = _wanted(epochs), _precision(dtype)
        self.max_bytes = whole_number("max_bytes", max_bytes)
        self.probe = X, y
        self.class_labels: Any = None
        self.feature_names: Any = None
        self._model: weakref.ref[Any] | None = None
        self._course: Course | None = None

    # --- during training ---

    def on_fit_begin(self, model: Any) -> None:
        """Take note of the network before its first epoch (`MLP.fit` calls this).

        Parameters
        ----------
        model : MLP

        Raises
        ------
        TypeError, ValueError
            If the probe rows do not fit it, or `max_bytes` holds too little of it.
        """
        course = self._begin(model, self.X, self.y, len(model.history))
        course.step = 0  # an optimizer begins anew with each fit

    def __call__(self, epoch: Epoch) -> None:
        """Keep what is to be kept of an epoch, after it; never ask to stop."""
        val = np.nan if epoch.validation_loss is None else epoch.validation_loss
        figures = epoch.loss, float(val), epoch.learning_rate
        self._arrive(epoch.model, epoch.model.state, epoch.number + 1, figures)

    def setup(self, estimator: Any, context: Any) -> None:
        """Do nothing: an estimator's network is not there yet."""

    def teardown(self, estimator: Any, context: Any) -> None:
        """Do nothing: what is kept stays."""

    def on_fit_task_begin(
        self, estimator: Any, context: Any, *, X: Any = None, y: Any = None
    ) -> None:
        """Take note of an estimator's network before its first epoch."""
        if context.task_name != "epoch" or context.task_id > 0:
            return
        if getattr(estimator, "n_restarts", 1) > 1:
            raise ValueError(
                f"a Recorder records one run: n_restarts must be 1; got {estimator.n_restarts}"
            )
        own = self.X is None
        probe = (X, y) if own else (self.X, self.y)
        course = self._begin(estimator, *probe, len(estimator.loss_curve_), own)
        course.step = estimator._state.step

    def on_fit_task_end(self, estimator: Any, context: Any) -> bool:
        """Keep what is to be kept of an estimator's epoch."""
        if context.task_name == "epoch":
            held_out = estimator.validation_loss_curve_
            figures = estimator.loss_, held_out[-1] if held_out else np.nan, np.nan
            self._arrive(estimator, estimator._state, len(estimator.loss_curve_), figures)
        return False

    def _begin(self, model: Any, X: Any, y: Any, done: int, own: bool = False) -> Course:
        """Return the course of a training: that which the last fit ended, or a new one."""
        network, course = network_of(model), self._course
        if course is not None and self._is_about(model):
            if done == course.epoch and network.plan == course.plan:
                return course  # a second fit goes on where the first ended
        state, wanted = network.state, self._wanted
        data = None if X is None else _probe(network, _checked(model, X, y, own))
        dtype = self._dtype or state.theta.dtype
        most = room(network.plan, state, dtype, self.max_bytes)
        if isinstance(wanted, Thinning):
            wanted = Thinning(min(wanted.most, most) - 1)  # and the last
        elif wanted.most > most:
            raise ValueError(
                f"max_bytes={self.max_bytes} holds {most} snapshots of this network; epochs "
                f"names {wanted.most}: name fewer, raise max_bytes or set dtype='float16'"
            )
        self._course = course = Course(network.plan, state, data, wanted, dtype, done)
        self._model = weakref.ref(model)
        self.probe = X, y
        self.class_labels = getattr(model, "classes_", None)
        self.feature_names = getattr(model, "feature_names_in_", None)
        return course

    def _is_about(self, model: Any) -> bool:
        return self._model is not None and self._model() is model

    def _arrive(
        self, model: Any, state: State, done: int, figures: tuple[float, float, float]
    ) -> None:
        if self._course is None or not self._is_about(model):
            raise RuntimeError(
                "a Recorder records one network at a time: give each network its own"
            )
        self._course.arrive(state, done, figures)

    # --- afterwards ---

    @property
    def epochs(self) -> NDArray[np.int64]:
        """Epochs done at each snapshot."""
        return np.array([row.epoch for row in self._rows], dtype=np.int64)

    @property
    def theta(self) -> Array:
        """Parameters at each snapshot, as they were kept."""
        return self._column("theta")

    @property
    def loss(self) -> Array:
        """Loss of the probe rows at each snapshot."""
        return self._measured("loss")

    @property
    def training_loss(self) -> Array:
        """As `fit` records it for the epoch before each snapshot."""
        return self._column("training_loss")

    @property
    def validation_loss(self) -> Array:
        """As `fit` records it for the epoch before each snapshot."""
        return self._column("validation_loss")

    @property
    def learning_rate(self) -> Array:
        """Of the first update of the epoch before each snapshot."""
        return self._column("learning_rate")

    @property
    def update_ratio(self) -> Array:
        """Size of an update over that of the weights, by dense layer."""
        return self._column("update_ratio")

    @property
    def gradient_norm(self) -> Array:
        """Norm of the gradient by each weight matrix."""
        return self._measured("gradient_norm")

    @property
    def activation_mean(self) -> Array:
        """Mean activation of each hidden layer."""
        return self._measured("mean")

    @property
    def activation_deviation(self) -> Array:
        """Standard deviation of each hidden layer's activations."""
        return self._measured("deviation")

    @property
    def dead(self) -> Array:
        """Share of each hidden layer's units that are dead."""
        return self._measured("dead")

    @property
    def saturated(self) -> Array:
        """Share of each hidden layer's activations that are saturated."""
        return self._measured("saturated")

    @property
    def plan(self) -> Plan:
        """What the network is."""
        return self._kept.plan

    @property
    def nbytes(self) -> int:
        """Bytes of all numbers kept, two copies of the network for the work included."""
        return 0 if self._course is None else self._course.nbytes

    def __len__(self) -> int:
        return 0 if self._course is None else len(self._course.rows)

    def model_at(self, i: int) -> MLP:
        """Return the network as it was at a snapshot.

        Parameters
        ----------
        i : int
            Place among the snapshots; negative ones count from the end.

        Returns
        -------
        MLP
            A copy in the network's own precision, with the numbers that were kept. Its
            history is empty. An estimator's is its network: it speaks of classes by number.

        Raises
        ------
        TypeError, IndexError
            If `i` is no whole number, or there is no such snapshot.
        ValueError
            If nothing was recorded.

        Examples
        --------
        >>> from glassnet import MLP
        >>> recorder = Recorder(epochs=[0])
        >>> net = MLP([1, 1], seed=0)
        >>> first = net.theta.copy()
        >>> _ = net.fit([[0.0], [1.0]], [0.0, 1.0], callbacks=[recorder])
        >>> bool((recorder.model_at(0).theta == first).all())
        True
        """
        if not is_whole_number(i):
            raise TypeError(f"i must be a whole number; got {i!r}")
        rows = self._rows
        if not -len(rows) <= i < len(rows):
            raise IndexError(f"i must lie in {-len(rows)} to {len(rows) - 1}; got {i}")
        row, own = rows[i], self._kept.own_dtype
        state = State(row.theta.astype(own), row.buffers.astype(own))
        return MLP.of(self.plan, state, np.random.default_rng(0))

    @property
    def _kept(self) -> Course:
        if self._course is None:
            raise ValueError(
                "nothing is recorded yet: pass the recorder to fit, "
                "net.fit(X, y, callbacks=[recorder]), or estimator.set_callbacks(recorder); "
                "partial_fit tells no callback"
            )
        return self._course

    @property
    def _rows(self) -> list[Snapshot]:
        return self._kept.rows

    def _column(self, name: str) -> Array:
        return np.array([getattr(row, name) for row in self._rows])

    def _measured(self, name: str) -> Array:
        return np.array([getattr(row.activity, name) for row in self._rows])

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_model": None}  # a reference that lives no longer than it

    def __repr__(self) -> str:
        if self._course is None:
            return "Recorder: nothing yet"
        return f"Recorder: {len(self)} snapshots to epoch {self._course.epoch}"


def _wanted(epochs: Any) -> Chosen | Thinning:
    if is_whole_number(epochs):
        if epochs < 3:
            raise ValueError(f"epochs must be at least 3, or a sequence; got {epochs}")
        return Thinning(int(epochs))
    if isinstance(epochs, str) or not isinstance(epochs, Iterable):
        raise TypeError(f"epochs must be a whole number or a sequence of them; got {epochs!r}")
    return Chosen.of(epochs)


def _precision(dtype: Any) -> np.dtype[np.floating] | None:
    if dtype is None:
        return None
    try:
        found: Any = np.dtype(dtype)
    except TypeError:
        found = None
    if found is None or found.name not in _DTYPES:
        raise ValueError(f"dtype must be {', '.join(_DTYPES)} or None; got {dtype!r}")
    precision: np.dtype[np.floating] = found
    return precision


def _checked(model: Any, X: Any, y: Any, own: bool) -> Data:
    """Return probe rows as the network takes them; `own` are those that it trains on.

    An estimator has checked its own already, and taken the names off their columns.
    """
    if not own:
        return network_and_data(model, X, y)[1]
    encoded = model._encode(y, first=False, incremental=True)
    return Data(X, encoded, model._class_weight(y, None))


def probe_rows(n: int) -> NDArray[np.int64]:
    """Return the places of at most `PROBE` of `n` rows, at even distances.

    Examples
    --------
    >>> probe_rows(3), probe_rows(2000)[[0, 1, -1]]
    (array([0, 1, 2]), array([   0,    2, 1999]))
    """
    return np.linspace(0, n - 1, min(n, PROBE)).astype(np.int64)


def _probe(network: MLP, data: Data) -> Data:
    """Return the probe rows of `data`, in the network's precision."""
    dtype = network.theta.dtype
    X, y, weight = data.take(probe_rows(len(data.y)))
    return Data(
        X.astype(dtype), y.astype(dtype), None if weight is None else weight.astype(dtype)
    )
