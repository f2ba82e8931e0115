"""`check_gradients`: gradients held against central differences, and what is wrong in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from inspect import isroutine
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet import catalog
from glassnet.arguments import whole_number
from glassnet.differences import TOLERANCE, Compared, compare
from glassnet.engines import numpy_engine as engine
from glassnet.formula_checks import check_formula
from glassnet.formulas.types import Array
from glassnet.inputs import check_vector
from glassnet.insight.gradient_groups import GroupCheck, judge
from glassnet.insight.gradient_report import GradientCheck
from glassnet.insight.subjects import network_and_data
from glassnet.network import Parameter, Plan, State
from glassnet.records import Activation, Loss

__all__ = ["check_gradients"]

_SMALL = 2_000  # parameters up to which each one is looked at
_DIRECTIONS = 8  # per group of a larger network
_PLACES = 200  # coordinates of a large group that is wrong, to find where
_SPLITS = 16  # parts of a group that are wrong at which it counts as wrong all over


@dataclass(frozen=True)
class _Function:
    """A function of one vector, its gradient there, and the vector's parts."""

    value: Callable[[Array], float]
    gradient: Array
    at: Array
    parts: tuple[Parameter, ...]
    crosses: Callable[[Array, Array], bool] | None = None  # of a network alone


def check_gradients(
    subject: Any,
    X: Any = None,
    y: Any = None,
    *,
    sample_weight: ArrayLike | None = None,
    gradient: ArrayLike | None = None,
    at: Any = None,
    directions: int | None = None,
    dropout_key: int | None = None,
    tolerance: float = TOLERANCE,
    seed: int = 0,
) -> GradientCheck:
    r"""Hold gradients against central differences, and say in words what is wrong and where.

    .. math:: \frac{\partial L}{\partial \theta_k}
        \approx \frac{L(\theta + h e_k) - L(\theta - h e_k)}{2 h}

    Everything is computed in float64 on copies: nothing given is changed.

    Parameters
    ----------
    subject : MLP, MLP estimator, str, Activation, Loss, or (function, gradient)
        A network, with `X` and `y`: its training loss, with the L2 penalty, batch
        normalization by the batch's own statistics. An activation or a loss, by name or
        as a record: its slope or gradient over a range of points. Or a pair of your own,
        with `at`: ``function(x)`` returns a number and ``gradient(x)`` what `x` is.
    X, y : arrays
        Data of a network, as its ``fit`` takes them.
    sample_weight : array, shape (n,), optional
        Of a network's data.
    gradient : array, shape (n_parameters,), optional
        A gradient of your own to check in place of the network's, laid out like ``theta``.
    at : array, or mapping of arrays, optional
        Where to check a pair; the entries of a mapping are the groups, and the pair takes
        and returns such mappings.
    directions : int, optional
        Take that many random directions in each group, and single coordinates only of
        groups that are wrong there. By default each coordinate is taken up to 2,000
        parameters, and 8 directions beyond.
    dropout_key : int, optional
        Fixes dropout's coin tosses; without it nothing is dropped.
    tolerance : float
        Relative error that is allowed, above 0 and below 1.
    seed : int
        Of the random directions.

    Returns
    -------
    GradientCheck
        ``.ok``, ``.groups``, ``.verdict``; it prints as a table.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used, or the function is not finite at the point.

    Notes
    -----
    Where the step of a difference crosses a kink (of ReLU, of the hinge loss), the difference
    says nothing of the gradient. Steps of 1e-5, 1e-6 and 1e-7 are tried; where all of them
    cross one, the coordinate is left out and counted in ``excluded``. Derivatives that are
    smaller than what rounding makes of the differences, about 1e-9 times the loss, count as
    right if both are.

    Examples
    --------
    >>> from glassnet import MLP, check_gradients
    >>> net = MLP([2, 3, 1], activation="tanh", seed=0)
    >>> check_gradients(net, [[0.5, -1.0], [1.0, 2.0]], [0.0, 1.0]).ok
    True
    >>> pair = (lambda x: float(np.sum(x**2)), lambda x: 4 * x)
    >>> check_gradients(pair, at=[1.0, 2.0]).verdict
    'x: the analytic gradient is 2.00 times the numeric one'
    """
    if not 0 < tolerance < 1:
        raise ValueError(f"tolerance must lie above 0 and below 1; got {tolerance!r}")
    if isinstance(subject, str | Activation | Loss):
        return _of_formula(_formula(subject), tolerance)
    plan = None
    if isinstance(subject, tuple) or isroutine(subject):
        name, function = "a function", _of_pair(subject, at)
    else:
        network, data = network_and_data(subject, X, y, sample_weight)
        plan = network.plan
        name = f"{type(subject).__name__} {network.layer_sizes}"
        function = _of_network(plan, network.state, data, gradient, dropout_key)
    if not np.isfinite(function.value(function.at)):
        raise ValueError("the function or loss must be finite at the point that is checked")
    count = None if directions is None else whole_number("directions", directions)
    if count is None and function.at.size > _SMALL:
        count = _DIRECTIONS
    rng = np.random.default_rng(whole_number("seed", seed, 0))
    groups = tuple(_groups(function, count, tolerance, rng))
    return GradientCheck(name, groups, tolerance, tuple(_causes(plan, groups, tolerance)))


# --- what is checked ---------------------------------------------------------------------


def _of_network(
    plan: Plan, state: State, data: Any, own: ArrayLike | None, key: int | None
) -> _Function:
    copied = state.copy()
    copied.astype(np.dtype(np.float64))

    kinks = _kinks(plan)

    def run(theta: Array, keep: Iterable[str] = ()) -> tuple[float, Array, dict[str, Array]]:
        moved = State(theta, copied.buffers, {}, copied.step)
        batch = data.X, data.y, data.weight
        return engine.loss_and_gradients(plan, moved, *batch, key, [*keep])

    if own is None:
        with np.errstate(over="ignore", invalid="ignore"):
            gradient = run(copied.theta)[1].copy()
    else:
        gradient = check_vector(own, copied.theta, "gradient")

    def crosses(ahead: Array, behind: Array) -> bool:
        """Return whether some unit's input passes a kink of its activation between two θ."""
        (_, _, a), (_, _, b) = run(ahead, kinks), run(behind, kinks)
        return any(
            bool(np.any((a[name] > kink) != (b[name] > kink)))
            for name, places in kinks.items()
            for kink in places
        )

    return _Function(lambda t: run(t)[0], gradient, copied.theta, plan.parameters, crosses)


def _kinks(plan: Plan) -> dict[str, tuple[float, ...]]:
    """Return the kinks of each activation by the name of what enters it."""
    entering = [layer.output for layer in plan.layers]
    found = {
        before: catalog.activation(layer.formula).kinks
        for before, layer in zip(entering[:-1], plan.layers[1:], strict=True)
        if layer.kind == "activation"
    }
    return {**found, entering[-1]: catalog.activation(plan.output).kinks}


def _of_pair(pair: Any, at: Any) -> _Function:
    if isroutine(pair):
        raise TypeError(
            "subject must be a function with its gradient, check_gradients((function, "
            f"gradient), at=x), or the name of a formula, such as 'tanh'; got {pair!r} alone"
        )
    if len(pair) != 2 or not all(callable(one) for one in pair):
        raise TypeError(f"subject must be a pair (function, gradient); got {pair!r}")
    if at is None:
        raise ValueError("at must be given with a pair: the point to check it at; got None")
    named = isinstance(at, Mapping)
    arrays = {
        str(name): np.array(value, dtype=np.float64)
        for name, value in (at.items() if named else [("x", at)])
    }
    ends = np.cumsum([array.size for array in arrays.values()]).tolist()
    parts = tuple(
        Parameter(name, array.shape, end - array.size, end)
        for (name, array), end in zip(arrays.items(), ends, strict=True)
    )

    def given(vector: Array) -> Any:
        found = {p.name: vector[p.start : p.stop].reshape(p.shape).copy() for p in parts}
        return found if named else found["x"]

    def value(vector: Array) -> float:
        result = np.asarray(pair[0](given(vector)))
        if result.size != 1:
            raise ValueError(f"function must return one number; got shape {result.shape}")
        return float(result.reshape(()))

    vector = np.concatenate([array.reshape(-1) for array in arrays.values()])
    gradient = _flat(pair[1](given(vector)), parts, named)
    return _Function(value, gradient, vector, parts)


def _flat(found: Any, parts: tuple[Parameter, ...], named: bool) -> Array:
    """Return what a gradient function returned as one vector."""
    names = [part.name for part in parts]
    if named and not (isinstance(found, Mapping) and set(found) == set(names)):
        raise ValueError(
            f"gradient must return a mapping with {', '.join(names)}; got {found!r}"
        )
    flat = []
    for part in parts:
        array = np.asarray(found[part.name] if named else found, dtype=np.float64)
        if array.shape != part.shape:
            raise ValueError(
                f"gradient must have the shape of {part.name}, {part.shape}; got {array.shape}"
            )
        flat.append(array.reshape(-1))
    return np.concatenate(flat)


# --- how it is checked -------------------------------------------------------------------


def _groups(
    function: _Function, count: int | None, tolerance: float, rng: np.random.Generator
) -> Iterator[GroupCheck]:
    for part in function.parts:
        size = part.stop - part.start
        if count is not None:
            compared = _along_directions(function, part, count, tolerance, rng)
            if not compared.wrong.any():
                yield judge(part.name, compared, size, "directions", tolerance, False)
                continue
        places = np.arange(size)
        if count is not None and size > _PLACES:
            places = rng.choice(size, _PLACES, replace=False)
            suspects = _wrong_units(function, part, tolerance, rng)
            places[: len(suspects)] = suspects
            places = np.unique(places)
        found = _along_coordinates(function, part, places, tolerance)
        if count is not None and not found.wrong.any():  # it lies where nobody has looked
            yield judge(part.name, compared, size, "directions", tolerance, False)
        else:
            of_network = function.crosses is not None
            yield judge(part.name, found, size, "coordinates", tolerance, of_network)


def _compared(f: _Function, direction: Array, slope: Any, tolerance: float) -> Compared:
    return compare(f.value, f.at, direction, slope, tolerance, f.crosses)


def _wrong_units(
    function: _Function, part: Parameter, tolerance: float, rng: np.random.Generator
) -> Any:
    """Return up to half of `_PLACES` coordinates of the units whose gradients are wrong.

    Units are halved, as one looks up a word: along a random direction in each half, which is
    dropped if it is right there.
    """
    blocks = [np.arange(part.shape[-1])]
    while blocks and len(blocks) < _SPLITS and max(map(len, blocks)) > 1:
        halves = [half for block in blocks for half in np.array_split(block, 2) if half.size]
        blocks = [
            half
            for half in halves
            if _along_directions(function, part, 1, tolerance, rng, half).wrong.any()
        ]
    units = np.concatenate(blocks) if blocks else np.arange(0)
    grid = np.arange(part.stop - part.start).reshape(-1, part.shape[-1])
    inside = grid[:, units].reshape(-1)
    return rng.choice(inside, min(_PLACES // 2, inside.size), replace=False)


def _along_coordinates(
    function: _Function, part: Parameter, places: Any, tolerance: float
) -> Compared:
    size = part.stop - part.start
    numbers = {name: np.full(size, np.nan) for name in ("analytic", "numeric", "noise")}
    flags = {name: np.zeros(size, bool) for name in ("wrong", "excluded")}
    for k in places:
        direction = np.zeros_like(function.at)
        direction[part.start + k] = 1.0
        slope = function.gradient[part.start + k]
        found = _compared(function, direction, slope, tolerance)
        for name, array in (numbers | flags).items():
            array[k] = getattr(found, name)
    shaped = {name: array.reshape(part.shape) for name, array in (numbers | flags).items()}
    return Compared(**shaped)


def _along_directions(
    function: _Function,
    part: Parameter,
    count: int,
    tolerance: float,
    rng: np.random.Generator,
    units: Any = slice(None),
) -> Compared:
    found = []
    for _ in range(count):
        direction = np.zeros_like(function.at)
        drawn = part.of(direction)[..., units]
        part.of(direction)[..., units] = rng.normal(size=drawn.shape)
        direction /= np.linalg.norm(direction)
        slope = function.gradient @ direction
        found.append(_compared(function, direction, slope, tolerance))
    names = ("analytic", "numeric", "wrong", "excluded", "noise")
    return Compared(*(np.array([getattr(one, name) for one in found]) for name in names))


def _causes(
    plan: Plan | None, groups: tuple[GroupCheck, ...], tolerance: float
) -> Iterator[str]:
    """Yield what is wrong in the formulas of a network whose gradients are."""
    wrong = [group.name for group in groups if not group.ok]
    if plan is None or not wrong:
        return
    for text in dict.fromkeys(plan.formulas):
        check = _of_formula(_formula(text), tolerance)
        if not check.ok:
            yield f"{check.subject} is wrong itself: {check.verdict}"
    yield (
        f"Going backward, {wrong[-1]} is the first group that is wrong; the error enters "
        "there or between it and the group after it"
    )


# --- activations and losses --------------------------------------------------------------


def _formula(spec: str | Activation | Loss) -> Activation | Loss:
    if not isinstance(spec, str):
        return spec
    try:
        return catalog.activation(spec)
    except ValueError as as_activation:
        try:
            return catalog.loss(spec)
        except ValueError as as_loss:
            raise ValueError(
                f"subject must name an activation or a loss: {as_activation}; {as_loss}"
            ) from None


def _of_formula(record: Activation | Loss, tolerance: float) -> GradientCheck:
    points = check_formula(record, tolerance)
    is_loss = isinstance(record, Loss)
    name, kind = ("gradient", "loss") if is_loss else ("slope", "activation")
    size, found = points.at.size, points.compared
    flat = Compared(*(np.ravel(getattr(found, one)) for one in Compared.__annotations__))
    group = judge(name, flat, size, "points", tolerance, False)
    return GradientCheck(f"{kind} {str(record)!r}", (_with_place(group, points),), tolerance)


def _with_place(group: GroupCheck, points: Any) -> GroupCheck:
    """Put the point into the verdict on a formula, in place of a number in a list."""
    if group.worst is None:
        return group
    (index,), analytic, numeric = group.worst
    where = float(points.at.reshape(-1)[index])
    verdict = (
        f"{group.verdict}; at {where:.6g} it gives {analytic:.6g}, and the difference is "
        f"{numeric:.6g}"
    )
    return replace(group, verdict=verdict)
