"""Landscapes of your own functions: the gradient checked or differenced, the levels chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet.differences import compare
from glassnet.formulas.types import Array
from glassnet.landscape_records import Landscape, Point

__all__ = ["checked_window", "of_function", "spaced_levels", "start_of"]

Window = tuple[float, float, float, float]

_STEP = float(np.cbrt(np.finfo(float).eps))  # least error of a central difference
_PROBES = 12  # points at which a gradient is checked, beside the start
_COUNT = 12  # contour lines
_COARSE = 81  # points along each side of the grid that levels are chosen on


def of_function(
    f: Callable[[Any, Any], Any],
    gradient: Callable[[Any, Any], Any] | None = None,
    window: Sequence[float] = (-2.0, 2.0, -2.0, 2.0),
    *,
    start: Sequence[float] | None = None,
    minima: Sequence[Sequence[float]] = (),
    levels: Sequence[float] | None = None,
    name: str | None = None,
    check_gradient: bool = True,
) -> Landscape:
    r"""Return a landscape of your own function of two variables.

    Without `gradient`, the slopes are central differences:

    .. math::
        \frac{\partial f}{\partial x} \approx \frac{f(x + h, y) - f(x - h, y)}{2 h},
        \qquad h = \sqrt[3]{\varepsilon} \, \max(1, |x|)

    with :math:`\varepsilon` the precision of float64. Of a smooth function of the size of 1
    they are right to about ten digits; across a kink they are a mean of both sides.

    Parameters
    ----------
    f : callable
        ``f(x, y)``, element by element on arrays, or of two numbers only: it is then called
        point by point.
    gradient : callable, optional
        ``gradient(x, y) -> (df/dx, df/dy)``, likewise.
    window : four floats
        ``x_min, x_max, y_min, y_max`` of the picture.
    start : (x, y), optional
        Where descents begin; by default a point of the window at which three quarters of it
        lie lower.
    minima : sequence of (x, y)
        The global minima, where they are known: pictures mark them and measure the loss from
        them.
    levels : sequence of floats, optional
        Heights of contour lines; chosen from the heights in the window if None.
    name : str, optional
        As pictures write it; by default the function's own.
    check_gradient : bool
        Whether `gradient` is held against central differences, once, here.

    Returns
    -------
    Landscape
        To be used wherever a named one is.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used; if `gradient` is wrong at a point of the window.

    Examples
    --------
    >>> import math
    >>> hills = of_function(lambda x, y: math.sin(x) * math.cos(y), window=(-3, 3, -3, 3))
    >>> hills.grad([0.0, 0.0]).round(6) + 0
    array([1., 0.])
    >>> of_function(lambda x, y: x**2 + y**2, lambda x, y: (2 * x, y))
    Traceback (most recent call last):
    ...
    ValueError: gradient must be that of f: df/dy at (x, y) = (0.4, 0.4) is 0.4 by the
    gradient and 0.8 by central differences
    """
    if not callable(f):
        raise TypeError(f"f must be a function of two numbers, f(x, y); got {f!r}")
    if gradient is not None and not callable(gradient):
        raise TypeError(f"gradient must be a function of two numbers or None; got {gradient!r}")
    frame = checked_window(window)
    value = _on_arrays(f, "f", frame)
    if gradient is None:
        slopes = _differences(value)
    else:
        slopes = _on_arrays(gradient, "gradient", frame, parts=2)
    x, y = np.meshgrid(np.linspace(*frame[:2], _COARSE), np.linspace(*frame[2:], _COARSE))
    heights = np.asarray(_quiet(value, x, y))
    if not np.isfinite(heights).any():
        raise ValueError(f"f must be finite somewhere in the window; got window={window!r}")
    begin = start_of(x, y, heights) if start is None else _point("start", start)
    if gradient is not None and check_gradient:
        _check(value, slopes, frame, begin)
    return Landscape(
        _name(f) if name is None else str(name),
        value,
        slopes,
        minima=tuple(_point("minima", point) for point in minima),
        window=frame,
        start=begin,
        levels=spaced_levels(heights) if levels is None else _ascending(levels),
    )


def checked_window(window: Sequence[float]) -> Window:
    """Return a window as four floats; raise if it is none."""
    try:
        x_min, x_max, y_min, y_max = (float(end) for end in window)
        sound = bool(np.isfinite([x_min, x_max, y_min, y_max]).all())
    except (TypeError, ValueError, OverflowError):
        sound = False
    if not sound or x_min >= x_max or y_min >= y_max:
        raise ValueError(
            "window must be x_min, x_max, y_min, y_max, finite, with x_min < x_max and "
            f"y_min < y_max; got {window!r}"
        )
    return x_min, x_max, y_min, y_max


def spaced_levels(heights: Array, count: int = _COUNT) -> tuple[float, ...]:
    r"""Return heights of contour lines that show the shape of a surface.

    .. math:: l_k = a + (b - a) \, (k / n)^p, \qquad k = 1, \dots, n

    from the lowest height :math:`a` to the 98th percentile :math:`b`; the power :math:`p`,
    from 1 to 6, puts the median half way: where most of a surface lies low, so do the lines.

    Parameters
    ----------
    heights : array
        Of a grid; what is not finite is left out.
    count : int
        Number of levels.

    Returns
    -------
    tuple of floats
        Ascending; empty if all heights are the same.

    Examples
    --------
    >>> spaced_levels(np.linspace(0.0, 100.0, 1001), count=4)
    (24.5, 49.0, 73.5, 98.0)
    """
    finite = heights[np.isfinite(heights)]
    low, middle, high = finite.min(), np.median(finite), np.quantile(finite, 0.98)
    if not high > low:
        return ()
    share = max(float((middle - low) / (high - low)), 1e-6)
    power = float(np.clip(np.log(share) / np.log(0.5), 1.0, 6.0))
    steps = np.arange(1, count + 1) / count
    return tuple(dict.fromkeys((low + (high - low) * steps**power).tolist()))


def _on_arrays(
    function: Callable[[Any, Any], Any], name: str, window: Window, parts: int = 1
) -> Callable[[Any, Any], Any]:
    """Return `function`, called point by point if it does not take arrays."""
    x, y = _probes(window, 3)
    singly = [_numbers(function, name, parts, a, b) for a, b in zip(x, y, strict=True)]

    def at_points(x: Any, y: Any) -> Any:
        """Call the function once for each point."""
        x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        pairs = zip(x.ravel().tolist(), y.ravel().tolist(), strict=True)
        found = np.array([_numbers(function, name, parts, a, b) for a, b in pairs])
        shaped = found.T.reshape(parts, *x.shape)
        return tuple(shaped) if parts == 2 else shaped[0]

    try:
        with np.errstate(all="ignore"):
            together = np.asarray(function(x, y), float)
    except (TypeError, ValueError, ArithmeticError):  # as `if x > 0` of an array raises
        return at_points
    if together.shape != ((3,) if parts == 1 else (2, 3)):
        return at_points
    flat = np.reshape(singly, (3, parts)).T.reshape(together.shape)
    alike = np.allclose(together, flat, rtol=1e-9, atol=1e-12, equal_nan=True)
    return function if alike else at_points


def _numbers(function: Callable[[Any, Any], Any], name: str, parts: int, x: Any, y: Any) -> Any:
    """Return what `function` makes of one point; raise, naming it, if that is not numbers."""
    what = "one number" if parts == 1 else "two numbers, (df/dx, df/dy)"
    with np.errstate(all="ignore"):
        try:
            given = function(float(x), float(y))
        except ArithmeticError:  # of Python's own numbers: 1 / 0, math.exp(1e9)
            return np.full(parts, np.nan)
        except TypeError as problem:
            raise TypeError(
                f"{name} must take two numbers, {name}(x, y): one of a vector can be given as "
                f"lambda x, y: {name}(np.array([x, y])); it raised {problem}"
            ) from problem
    try:
        found = np.asarray(given, float)
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.size != parts:
        raise ValueError(f"{name} must return {what}; at ({x:g}, {y:g}) it gave {given!r}")
    return found.reshape(parts)


def _differences(
    value: Callable[[Any, Any], Any],
) -> Callable[[Any, Any], tuple[Array, Array]]:
    def slopes(x: Any, y: Any) -> tuple[Array, Array]:
        """Return the central differences along x and along y."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        h, k = (_STEP * np.maximum(1.0, np.abs(at)) for at in (x, y))
        right, left, up, down = x + h, x - h, y + k, y - k
        along_x = np.asarray(value(right, y)) - value(left, y)
        along_y = np.asarray(value(x, up)) - value(x, down)
        return along_x / (right - left), along_y / (up - down)

    return slopes


def _probes(window: Window, count: int) -> Array:
    """Return points of the window at two decimals' grain, as rows of x and of y."""
    x_min, x_max, y_min, y_max = window
    share = np.random.default_rng(0).integers(2, 19, (2, count)) / 20
    low, size = np.array([[x_min], [y_min]]), np.array([[x_max - x_min], [y_max - y_min]])
    points: Array = (low + share * size).round(12)
    return points


def _check(
    value: Callable[[Any, Any], Any],
    slopes: Callable[[Any, Any], Any],
    window: Window,
    start: Point,
) -> None:
    """Raise if the slopes are not those of the function at points of the window."""
    at = np.column_stack([_probes(window, _PROBES), start])
    given = _quiet(slopes, *at)
    for i, axis in enumerate("xy"):
        direction = np.zeros_like(at)
        direction[i] = 1.0
        found = compare(lambda points: value(*points), at, direction, given[i])
        for j in np.flatnonzero(found.wrong):
            raise ValueError(
                f"gradient must be that of f: df/d{axis} at (x, y) = ({at[0, j]:.6g}, "
                f"{at[1, j]:.6g}) is {found.analytic[j]:.6g} by the gradient and "
                f"{found.numeric[j]:.6g} by central differences"
            )


def _quiet(function: Callable[[Any, Any], Any], x: Array, y: Array) -> Any:
    with np.errstate(all="ignore"):
        return function(x, y)


def start_of(x: Array, y: Array, heights: Array) -> Point:
    """Return a point, away from the window's edge, that three quarters of it lie below.

    Parameters
    ----------
    x, y, heights : arrays, one shape
        A grid, as ``np.meshgrid`` makes it.
    """
    margin = len(x) // 10
    inner = (slice(margin, -margin),) * 2
    aim = np.quantile(heights[np.isfinite(heights)], 0.75)
    off = np.abs(np.where(np.isfinite(heights), heights, np.inf)[inner] - aim)
    place = np.unravel_index(np.argmin(off), off.shape)
    return float(x[inner][place]), float(y[inner][place])


def _point(name: str, values: Sequence[float]) -> Point:
    try:
        point = np.asarray(values, float)
    except (TypeError, ValueError):
        point = np.empty(0)
    if point.shape != (2,) or not np.isfinite(point).all():
        raise ValueError(f"{name} must be given as two finite numbers, (x, y); got {values!r}")
    return float(point[0]), float(point[1])


def _ascending(levels: Sequence[float]) -> tuple[float, ...]:
    try:
        found = np.asarray(levels, float)
    except (TypeError, ValueError):
        found = np.array([np.nan])
    if found.ndim != 1 or not np.isfinite(found).all() or np.any(np.diff(found) <= 0):
        raise ValueError(f"levels must be finite numbers that ascend; got {levels!r}")
    return tuple(found.tolist())


def _name(function: Any) -> str:
    own = str(getattr(function, "__name__", "function"))
    return "function" if own == "<lambda>" else own.strip("_")
