"""`trace`: one forward pass, backward pass and optimizer step, with the real numbers."""

from __future__ import annotations

import copy
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet import catalog
from glassnet.arguments import is_whole_number, whole_number, yes_or_no
from glassnet.engines.data import Batches, Data
from glassnet.formulas.types import Array
from glassnet.insight.lines import display
from glassnet.insight.lines.latex import latex
from glassnet.insight.lines.line import Line
from glassnet.insight.lines.losses import loss_lines
from glassnet.insight.lines.network import backward_lines, forward_lines, gradient_lines
from glassnet.insight.lines.page import html
from glassnet.insight.lines.reader import Reader
from glassnet.insight.lines.updates import running_lines, update_lines
from glassnet.insight.one_step import advance, computed
from glassnet.insight.perceptron_tracing import PerceptronTrace, trace_perceptron
from glassnet.insight.subjects import network_and_data
from glassnet.network import Plan, State
from glassnet.optimizers import Optimizer
from glassnet.training.orders import draw_key

__all__ = ["PerceptronTrace", "Trace", "trace"]

_PARTS = (
    forward_lines,
    loss_lines,
    backward_lines,
    gradient_lines,
    update_lines,
    running_lines,
)


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """Every number of one training step; ``print(trace)`` shows it line by line.

    Parameters
    ----------
    plan : Plan
        What the network is.
    optimizer : Optimizer
        Who made the step.
    X, y : arrays, shape (n, n_inputs) and (n, n_outputs)
        The batch, its targets as the loss takes them.
    weight : array, shape (n,), or None
        Sample weights.
    sample : int
        The sample that is shown in full.
    t : int
        Number of the step, from 1.
    key : int or None
        Of dropout's coin tosses; None: nothing is dropped.
    loss : float
        Mean over the batch, with the L2 penalty.
    loss_per_sample : array, shape (n,)
    values : mapping of arrays, shape (n, units) each
        ``z0``, ``a0``, ..., ``output``; ``slope_a0``; ``delta_z0``, ``delta_a0``, ...; of
        dropout ``keep0``, 1 or 0; of a normalization ``normal0`` and ``delta_normal0``.
    statistics : mapping of arrays
        ``mean0`` and ``variance0`` of a normalization: shape (units,) for the batch's, (n,)
        for those of each sample.
    before, update, after : mappings of arrays
        Of each parameter and running statistic by name; ``update`` is ``after - before``.
    gradient : mapping of arrays
        Of each parameter by name.
    slots_before, slots_after : mappings of arrays
        The optimizer's own numbers for each parameter: ``m_W0``, ``v_W0``, ...
    max_units : int
        Units of a layer that have lines of their own.

    Examples
    --------
    >>> from glassnet import MLP
    >>> found = trace(MLP([1, 1], initializer="zeros"), [[3.0]], [1.0], "momentum(0.1)")
    >>> print(found.lines[-1])
    new b0[0] = b0[0] - new velocity_b0[0] = 0 - (-0.1) = 0.1
    >>> found.slots_after["velocity_W0"]
    array([[-0.3]])
    """

    plan: Plan
    optimizer: Optimizer
    X: Array
    y: Array
    weight: Array | None
    sample: int
    t: int
    key: int | None
    loss: float
    loss_per_sample: Array
    values: Mapping[str, Array]
    statistics: Mapping[str, Array]
    before: Mapping[str, Array]
    gradient: Mapping[str, Array]
    update: Mapping[str, Array]
    after: Mapping[str, Array]
    slots_before: Mapping[str, Array] = field(default_factory=dict)
    slots_after: Mapping[str, Array] = field(default_factory=dict)
    max_units: int = 6

    @property
    def lines(self) -> tuple[Line, ...]:
        """The equations of the shown sample, with their numbers put in.

        At most `max_units` units of a layer have lines, and only the first entry of each
        parameter has all lines of the optimizer's rule; `to_frame` has every line.
        """
        return tuple(self._lines(self.max_units))

    def _lines(self, most: int | None) -> list[Line]:
        read = Reader(self, most)
        with np.errstate(all="ignore"):  # what overflows shows in the numbers themselves
            return [line for part in _PARTS for line in part(read)]

    @property
    def headline(self) -> str:
        """What was done, with which loss; of a batch, how its deltas are to be read."""
        n = len(self.X)
        batch = f"a batch of {n}, shown for sample {self.sample}" if n > 1 else "one sample"
        which = "One step" if self.t == 1 else f"Step {self.t}"
        told = f"{which} of {self.optimizer!r} on {batch}: loss {self.loss:.6g}"
        if n == 1:
            return told
        share = "its share of the weights" if self.weight is not None else f"its share, 1/{n}"
        return f"{told}\nEach delta holds {share}: sums of them over the samples are means."

    def __str__(self) -> str:
        return display.text(self.headline, self.lines)

    __repr__ = __str__  # what a session shows of a value

    def _repr_html_(self) -> str:
        return html(self.headline, self.lines)

    def to_latex(self) -> str:
        """Return the equations as LaTeX source, for the package amsmath."""
        return latex(self.headline, self.lines)

    def to_frame(self) -> Any:
        """Return the equations as a pandas DataFrame, one a row, of every unit and weight.

        A sum of many terms is written with the first of them; `to_dict` has every number.
        It is as long as the network is large: some 350,000 rows, in a few minutes, for 50,000
        parameters under Adam.

        Raises
        ------
        ImportError
            If pandas cannot be imported.
        """
        return display.frame(self._lines(None))

    def to_dict(self) -> dict[str, Any]:
        """Return every number as plain lists."""
        groups = ("values", "statistics", "before", "gradient", "update", "after")
        found: dict[str, Any] = {
            name: {key: array.tolist() for key, array in getattr(self, name).items()}
            for name in (*groups, "slots_before", "slots_after")
        }
        for name in ("X", "y", "weight", "loss_per_sample"):
            array = getattr(self, name)
            found[name] = None if array is None else array.tolist()
        plain = {name: getattr(self, name) for name in ("sample", "t", "key", "loss")}
        return {"optimizer": repr(self.optimizer), **plain, **found}


def trace(
    model: Any,
    X: Any,
    y: Any,
    optimizer: object = None,
    *,
    sample: int = 0,
    sample_weight: ArrayLike | None = None,
    step: int = 1,
    dropout: bool = True,
    max_units: int = 6,
) -> Trace | PerceptronTrace:
    r"""Compute one training step on a copy, and return every number of it.

    .. math::
        z_i = a_{i-1} W_i + b_i, \qquad
        \delta_{i} = \frac{\partial L}{\partial z_i}, \qquad
        \frac{\partial L}{\partial W_i} = a_{i-1}^\top \delta_i, \qquad
        \theta \leftarrow \theta - \eta\, d(g, \text{slots})

    Parameters
    ----------
    model : MLP, MLPClassifier, MLPRegressor or Perceptron
        It is not changed. An estimator must have been fitted or built; a `Perceptron` that
        has learnt nothing starts at zero.
    X, y : arrays, shape (n, n_inputs) and (n,) or (n, n_outputs)
        One sample or a batch, as the model's ``fit`` takes them.
    optimizer : str or Optimizer, optional
        By default an estimator's own solver, else ``"sgd"``. It starts afresh, and an
        estimator's rate moves as in its first epochs, except that no loss lowers it. None for
        a `Perceptron`, which has its own rule.
    sample : int
        The sample of the batch whose numbers are shown in full, from 0.
    sample_weight : array, shape (n,), optional
        All 1 if None.
    step : int, >= 1
        Number of the step that is traced: those before it are made on the same batch.
    dropout : bool
        Whether units are dropped, by the mask that the next ``fit`` would draw; otherwise
        nothing is.
    max_units : int, >= 1
        Units of a layer that have lines of their own in text and HTML; the others are
        counted. `Trace.to_dict` and `Trace.to_frame` leave none out.

    Returns
    -------
    Trace or PerceptronTrace

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used; L-BFGS has no single step.

    Notes
    -----
    The numbers are the NumPy engine's, in the precision of the network: those of one epoch
    of ``fit`` with all rows in one batch. A `Perceptron` learns from sample after sample: of
    a batch each one's step is shown.

    References
    ----------
    Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating
    errors", Nature 323, doi:10.1038/323533a0.

    Examples
    --------
    >>> from glassnet import MLP
    >>> net = MLP([1, 1], initializer="zeros")
    >>> found = trace(net, [[3.0]], [1.0], "sgd(0.1)")
    >>> found.gradient["W0"], found.after["W0"]
    (array([[-3.]]), array([[0.3]]))
    """
    max_units, step = whole_number("max_units", max_units), whole_number("step", step)
    dropped = yes_or_no("dropout", dropout)
    if _is_perceptron(model):
        _refuse_for_perceptron(optimizer, sample, sample_weight, step)
        return trace_perceptron(model, X, y, max_units)
    network, data = network_and_data(model, X, y, sample_weight)
    rules = _rules(model, network, optimizer, len(data.y), step)
    rule = rules[-1]
    sample = _row(sample, len(data.y))
    plan, state = network.plan, network.state.copy()
    key = _next_key(model, network) if dropped and plan.has_dropout else None
    state.slots, state.step = rule.start(state.theta), 0
    data = _in_precision(data, state.theta.dtype)
    for earlier in rules[:-1]:
        advance(plan, state, data, earlier, key)
    start = state.copy()
    made = advance(plan, state, data, rule, key)
    found = computed(plan, start.theta, data, made)
    numbers = _by_name(plan, start, state, made.gradient)
    dense = data.X if isinstance(data.X, np.ndarray) else data.X.toarray()
    numbers |= {"loss": made.loss, "max_units": max_units}
    return Trace(plan, rule, dense, data.y, data.weight, sample, step, key, **found, **numbers)


def _row(sample: object, rows: int) -> int:
    if not is_whole_number(sample) or not 0 <= sample < rows:
        raise ValueError(
            f"sample must be one of the {rows} rows of X, from 0 to {rows - 1}; got {sample!r}"
        )
    return int(sample)


def _is_perceptron(model: Any) -> bool:
    home = sys.modules.get("glassnet.estimators.perceptron")  # loaded, if there is one
    return home is not None and isinstance(model, home.Perceptron)


def _refuse_for_perceptron(
    optimizer: object, sample: object, weight: object, step: object
) -> None:
    given = {
        "optimizer must be None": (optimizer, None),
        "sample must be 0": (sample, 0),
        "sample_weight must be None": (weight, None),
        "step must be 1": (step, 1),
    }
    for rule, (value, plain) in given.items():
        if value is not plain and not (isinstance(value, int) and value == plain):
            raise ValueError(
                f"{rule} with a Perceptron, which has a rule of its own and shows each "
                f"sample's step; got {value!r}"
            )


def _rule(model: Any, network: Any, optimizer: object) -> Optimizer:
    if optimizer is not None or model is network:
        found = catalog.optimizer("sgd" if optimizer is None else optimizer)
    else:
        from glassnet.estimators.solver import find_optimizer  # needs scikit-learn

        found = find_optimizer(model)
    if not isinstance(found, Optimizer):
        raise ValueError(
            f"optimizer must take single steps; got {found!r}, which searches along a line"
        )
    return found


def _rules(model: Any, network: Any, optimizer: object, n: int, step: int) -> list[Optimizer]:
    """Return the rule of each step, at the rate that an estimator's own fit would take."""
    rule = _rule(model, network, optimizer)
    if optimizer is not None or model is network:
        return [rule] * step
    from glassnet.estimators.solver import Rates  # needs scikit-learn

    epochs = max(int(model.max_iter), step)
    rates = Rates.of(model, rule).ahead(step, 0, epochs, Batches(n, n), 0)[:, 0].tolist()
    return [_at(rule, rate) for rate in rates]


def _at(rule: Optimizer, rate: float) -> Optimizer:
    """Return the rule at a rate, which a schedule may let be 0 and no rule by itself can be."""
    found = copy.copy(rule)
    object.__setattr__(found, "learning_rate", rate)
    return found


def _next_key(model: Any, network: Any) -> int:
    """Return the key of dropout that the next fit would draw; nothing is drawn."""
    source = network.rng
    if model is not network:  # an estimator begins each fit with its `random_state`
        from sklearn.utils import check_random_state

        source = check_random_state(model.random_state)
    return draw_key(copy.deepcopy(source))


def _in_precision(data: Data, dtype: np.dtype[np.floating]) -> Data:
    weight = None if data.weight is None else data.weight.astype(dtype)
    return Data(data.X.astype(dtype), np.asarray(data.y, dtype), weight)


def _by_name(plan: Plan, start: State, end: State, gradient: Array) -> dict[str, Any]:
    """Return the numbers before and after, by the names of parameters and slots."""
    before, after = _named(plan, start), _named(plan, end)
    return {
        "before": before,
        "after": after,
        "update": {name: after[name] - before[name] for name in after},
        "gradient": {p.name: p.of(gradient).copy() for p in plan.parameters},
        "slots_before": _slots(plan, start),
        "slots_after": _slots(plan, end),
    }


def _named(plan: Plan, state: State) -> dict[str, Array]:
    trained = {p.name: p.of(state.theta).copy() for p in plan.parameters}
    return trained | {p.name: p.of(state.buffers).copy() for p in plan.buffers}


def _slots(plan: Plan, state: State) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for slot, array in state.slots.items():
        if array.shape == state.theta.shape:
            found |= {f"{slot}_{p.name}": p.of(array).copy() for p in plan.parameters}
        else:
            found[slot] = array.copy()
    return found
