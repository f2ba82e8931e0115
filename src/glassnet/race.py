"""A race of optimizers down one landscape, fair by default.

An optimizer with a learning rate that happens to suit it beats a better one with a rate
that does not. So each one first finds its best rate, all of them over the same grid and
for the same number of steps that is then shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.formulas.types import Array
from glassnet.landscape_records import Landscape
from glassnet.landscape_records import landscape as find_landscape

__all__ = ["OPTIMIZERS", "RATES", "Run", "label", "race", "start_point"]

OPTIMIZERS: tuple[str, ...] = (
    "sgd",
    "momentum",
    "momentum(nesterov=True)",
    "adagrad",
    "rmsprop",
    "adam",
)
"""Who races if nobody is named."""

RATES: tuple[float, ...] = tuple(
    float(f"{digit}e{power}") for power in range(-4, 2) for digit in (1, 2, 5)
)
"""The grid of learning rates: 1, 2 and 5 times each power of ten from 0.0001 to 50."""

STRAY = 0.5
"""How far a path may leave the window, as a share of its width and height."""


@dataclass(frozen=True, eq=False)
class Run:
    """One optimizer's way down.

    Attributes
    ----------
    optimizer : settings
        With the learning rate that it ran at.
    path : (k + 1, 2) array
        The start and the point after each step; cut before the first that is not finite.
    losses : (k + 1,) array
        The landscape's value along the path.
    tried : tuple of (rate, loss)
        Every rate of the grid and the loss it ended with, infinite where it was out; empty
        where none was searched.
    diverged : bool
        Whether the run ended above its start or left the finite numbers; where a rate was
        searched, whether every one was out.
    """

    optimizer: Any
    path: Array
    losses: Array
    tried: tuple[tuple[float, float], ...] = ()
    diverged: bool = False

    @property
    def name(self) -> str:
        """What to call the optimizer, its learning rate left out."""
        return label(self.optimizer)

    @property
    def rate(self) -> float | None:
        """The learning rate; None for an optimizer that has none (L-BFGS)."""
        return getattr(self.optimizer, "learning_rate", None)

    @property
    def at_edge(self) -> bool:
        """Whether the best rate is the least or the greatest of the grid."""
        rates = [rate for rate, _ in self.tried]
        return len(rates) > 1 and self.rate in (min(rates), max(rates))


def race(
    landscape: str | Landscape = "rosenbrock",
    optimizers: Any = None,
    steps: int = 200,
    rates: Sequence[float] | None = RATES,
    start: Sequence[float] | None = None,
) -> list[Run]:
    r"""Return each optimizer's run down a landscape at the best of the same rates.

    .. math::
        \eta^* = \arg\min_{\eta \in \text{rates}} f(\theta_{\text{steps}}(\eta))

    Best is the lowest loss at the last step; of equal ones, the lowest sum of losses. A
    rate is out if a loss is not finite, the last one lies above the first, or the path
    strays out of the landscape's window by more than half its width.

    Parameters
    ----------
    landscape : str or Landscape
    optimizers : name, settings or sequence of them, optional
        `OPTIMIZERS` if None. Only the learning rate is replaced.
    steps : int, >= 1
    rates : sequence of float > 0, or None
        None races each optimizer at the learning rate it comes with.
    start : (x, y), optional
        The landscape's own if None.

    Returns
    -------
    list of Run
        In the order of `optimizers`.

    Raises
    ------
    TypeError, ValueError
        For an unknown name, no optimizers, or an argument out of its range.

    Notes
    -----
    L-BFGS has no learning rate and runs as it is; one of its steps may take several
    evaluations of the function, and it stops early when it has converged.

    References
    ----------
    Choi et al. (2019), "On Empirical Comparisons of Optimizers for Deep Learning",
    arXiv:1910.05446: rankings of optimizers depend on how their settings are searched.

    Examples
    --------
    >>> runs = race("bowl", ["sgd", "adam"], steps=20, rates=[0.01, 0.1, 1.0])
    >>> [(run.name, run.rate) for run in runs]
    [('SGD', 0.1), ('Adam', 1.0)]
    """
    ground = find_landscape(landscape)
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 1:
        raise ValueError(f"steps must be a whole number >= 1; got {steps!r}")
    grid = None if rates is None else _grid(rates)
    begin = start_point(ground, ground.start if start is None else start)
    return [_best(ground, one, int(steps), grid, begin) for one in _entrants(optimizers)]


def label(optimizer: Any) -> str:
    """Return the optimizer's name and every setting that is not its default.

    Examples
    --------
    >>> label(catalog.optimizer("adam(0.1, beta1=0.5)"))
    'Adam(beta1=0.5)'
    >>> label(catalog.optimizer("momentum(nesterov=True)"))
    'Nesterov'
    """
    changed = {
        field.name: getattr(optimizer, field.name)
        for field in fields(optimizer)
        if field.name != "learning_rate" and getattr(optimizer, field.name) != _default(field)
    }
    name = type(optimizer).__name__
    if name == "LBFGS":
        name = "L-BFGS"
    if name == "Momentum" and changed.pop("nesterov", False):
        name = "Nesterov"
    words = ", ".join(f"{key}={value!r}" for key, value in changed.items())
    return f"{name}({words})" if words else name


def _default(field: Any) -> Any:
    made = field.default_factory
    return field.default if made is MISSING else made()


def _entrants(optimizers: Any) -> list[Any]:
    if optimizers is None:
        optimizers = OPTIMIZERS
    elif isinstance(optimizers, str) or not isinstance(optimizers, Sequence):
        optimizers = [optimizers]
    entrants = [catalog.optimizer(one) for one in optimizers]
    if not entrants:
        raise ValueError("optimizers must hold at least one; got none")
    return entrants


def _grid(rates: Sequence[float]) -> list[float]:
    try:
        grid = [float(rate) for rate in rates]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"rates must be numbers > 0, or None; got {rates!r}") from None
    if not grid or not all(np.isfinite(rate) and rate > 0 for rate in grid):
        raise ValueError(f"rates must be numbers > 0, at least one, or None; got {rates!r}")
    return sorted(set(grid))


def start_point(ground: Landscape, start: Sequence[float]) -> Array:
    """Return `start` as a point where the landscape is finite; raise if it is none.

    Parameters
    ----------
    ground : Landscape
    start : (x, y)
    """
    try:
        point = np.asarray(start, dtype=float)
    except (TypeError, ValueError, OverflowError):
        point = np.asarray(np.nan)
    if point.shape != (2,) or not np.isfinite(point).all():
        raise ValueError(f"start must be two finite numbers; got {start!r}")
    with np.errstate(over="ignore", invalid="ignore"):
        height = ground.fun(point)
    if not np.isfinite(height):
        raise ValueError(f"start must lie where {ground.name} is finite; got {start!r}")
    return point


def _best(
    ground: Landscape, optimizer: Any, steps: int, grid: list[float] | None, start: Array
) -> Run:
    if grid is None or not hasattr(optimizer, "learning_rate"):
        return _run(ground, optimizer, steps, start)
    runs = [_run(ground, replace(optimizer, learning_rate=r), steps, start) for r in grid]
    fit = [not run.diverged and _stays(run.path, ground, start) for run in runs]
    sound = [run for run, good in zip(runs, fit, strict=True) if good]
    best = min(sound, key=_quality) if sound else replace(runs[0], diverged=True)
    ends = [float(run.losses[-1]) if g else np.inf for run, g in zip(runs, fit, strict=True)]
    return replace(best, tried=tuple(zip(grid, ends, strict=True)))


def _stays(path: Array, ground: Landscape, start: Array) -> bool:
    """Return whether the path keeps near the window (widened to hold the start)."""
    x0, x1, y0, y1 = ground.window
    low = np.minimum([x0, y0], start)
    high = np.maximum([x1, y1], start)
    slack = STRAY * (high - low)
    return bool(np.all((path >= low - slack) & (path <= high + slack)))


def _quality(run: Run) -> tuple[float, float]:
    return float(run.losses[-1]), float(np.sum(run.losses))


def _run(ground: Landscape, optimizer: Any, steps: int, start: Array) -> Run:
    with np.errstate(over="ignore", invalid="ignore"):
        path = optimizer.minimize(ground.fun, ground.grad, start, steps=steps)
        losses = np.asarray(ground.value(path[:, 0], path[:, 1]), dtype=float)
    lost = np.flatnonzero(~(np.isfinite(losses) & np.isfinite(path).all(axis=1)))
    end = int(lost[0]) if lost.size else len(losses)
    path, losses = path[:end], losses[:end]
    diverged = bool(lost.size) or bool(losses[-1] > losses[0])
    return Run(optimizer, path, losses, diverged=diverged)
