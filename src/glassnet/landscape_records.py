"""Named functions of two variables to optimise on, each with its gradient and its minima.

``rosenbrock.value(x, y)`` and ``rosenbrock.gradient(x, y)`` take numbers or whole grids;
``rosenbrock.fun(theta)`` and ``rosenbrock.grad(theta)`` take one point, as `minimize` of
an optimizer wants them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.formulas.types import Array
from glassnet.names import did_you_mean

__all__ = [
    "LANDSCAPES",
    "Landscape",
    "beale",
    "bowl",
    "himmelblau",
    "ill_conditioned",
    "landscape",
    "rastrigin",
    "rosenbrock",
    "saddle",
]

Point = tuple[float, float]


@dataclass(frozen=True)
class Landscape:
    """A function of two variables and what one must know to draw it and to descend it.

    Attributes
    ----------
    name : str
        Its name, as pictures write it.
    value : callable
        ``value(x, y)``, element by element.
    gradient : callable
        ``gradient(x, y) -> (df/dx, df/dy)``, element by element.
    minima : tuple of (x, y)
        All global minima; empty where they are not known.
    window : tuple of four floats
        ``x_min, x_max, y_min, y_max`` of a good picture.
    start : (x, y)
        A good place to begin a descent.
    levels : tuple of floats
        Heights for contour lines that show the shape, ascending; empty where all is level.
    resolution : int
        Points along each side of the grid that a picture is drawn from.
    """

    name: str
    value: Callable[[Array, Array], Array]
    gradient: Callable[[Array, Array], tuple[Array, Array]]
    minima: tuple[Point, ...]
    window: tuple[float, float, float, float]
    start: Point
    levels: tuple[float, ...]
    resolution: int = 240

    def __repr__(self) -> str:
        return f"<landscape {self.name}>"

    def fun(self, theta: Array) -> float:
        """Return the value at the point ``theta = (x, y)``.

        Parameters
        ----------
        theta : array, shape (2,)
            The point.

        Returns
        -------
        float

        Examples
        --------
        >>> rosenbrock.fun([0.0, 0.0])
        1.0
        """
        x, y = theta
        return float(self.value(x, y))

    def grad(self, theta: Array) -> Array:
        """Return the gradient at the point ``theta = (x, y)``.

        Parameters
        ----------
        theta : array, shape (2,)
            The point.

        Returns
        -------
        array, shape (2,)

        Examples
        --------
        >>> bowl.grad([3.0, 2.0])
        array([6., 4.])
        """
        x, y = theta
        return np.array(self.gradient(x, y))

    def heights(
        self, window: tuple[float, float, float, float] | None = None
    ) -> tuple[Array, Array, Array]:
        """Return the values on a grid.

        Parameters
        ----------
        window : tuple of four floats, optional
            ``x_min, x_max, y_min, y_max``; the landscape's own if None.

        Returns
        -------
        x, y : arrays, shape (resolution,)
        heights : array, shape (resolution, resolution)
            One row for each `y`; NaN or infinite where the function is.

        Examples
        --------
        >>> x, y, heights = bowl.heights()
        >>> heights.shape, bool(heights[0, -1] == x[-1] ** 2 + y[0] ** 2)
        ((240, 240), True)
        """
        x_min, x_max, y_min, y_max = self.window if window is None else window
        x, y = (
            np.linspace(*ends, self.resolution) for ends in ((x_min, x_max), (y_min, y_max))
        )
        with np.errstate(all="ignore"):
            return x, y, np.asarray(self.value(*np.meshgrid(x, y)), dtype=float)


def landscape(spec: str | Landscape) -> Landscape:
    """Return the landscape of that name; a landscape is returned as it is.

    Parameters
    ----------
    spec : str or Landscape
        Such as ``"rosenbrock"``.

    Returns
    -------
    Landscape

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    TypeError
        If `spec` is neither.

    Examples
    --------
    >>> landscape("beale").minima
    ((3.0, 0.5),)
    """
    if isinstance(spec, Landscape):
        return spec
    if not isinstance(spec, str):
        raise TypeError(f"landscape must be a name or a Landscape; got {spec!r}")
    named = {one.name: one for one in LANDSCAPES}
    if spec not in named:
        known, meant = ", ".join(sorted(named)), did_you_mean("", spec, named)
        raise ValueError(f"unknown landscape {spec!r}; known: {known}{meant}")
    return named[spec]


def _powers(first: float, last: float, count: int) -> tuple[float, ...]:
    return tuple(np.geomspace(first, last, count).tolist())


# --- bowl: x² + y², the notebook's function


def _bowl(x: Array, y: Array) -> Array:
    return x**2 + y**2


def _bowl_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    return 2 * x, 2 * y


bowl = Landscape(
    "bowl",
    _bowl,
    _bowl_gradient,
    minima=((0.0, 0.0),),
    window=(-3.5, 3.5, -3.5, 3.5),
    start=(3.0, 2.0),
    levels=tuple(float(k**2) / 4 for k in range(1, 10)),
)


# --- ill_conditioned: (x² + 50 y²) / 2, curved fifty times more one way than the other


def _ill_conditioned(x: Array, y: Array) -> Array:
    return 0.5 * (x**2 + 50 * y**2)


def _ill_conditioned_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    return x, 50 * y


ill_conditioned = Landscape(
    "ill_conditioned",
    _ill_conditioned,
    _ill_conditioned_gradient,
    minima=((0.0, 0.0),),
    window=(-6.0, 6.0, -2.0, 2.0),
    start=(-5.0, 1.5),
    levels=_powers(0.1, 100.0, 13),
)


# --- rosenbrock: (1 - x)² + 100 (y - x²)², a flat, bent valley
# Rosenbrock (1960), "An Automatic Method for Finding the Greatest or Least Value of a
# Function", The Computer Journal 3(3); its start.


def _rosenbrock(x: Array, y: Array) -> Array:
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _rosenbrock_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    valley = y - x**2
    return -2 * (1 - x) - 400 * x * valley, 200 * valley


rosenbrock = Landscape(
    "rosenbrock",
    _rosenbrock,
    _rosenbrock_gradient,
    minima=((1.0, 1.0),),
    window=(-2.0, 2.0, -1.0, 3.0),
    start=(-1.2, 1.0),
    levels=_powers(0.1, 2000.0, 14),
)


# --- beale: Σ (c - x + x yᵏ)² over (c, k) = (1.5, 1), (2.25, 2), (2.625, 3):
# plateaus between steep walls. Beale (1958), test function 5 of Moré, Garbow and Hillstrom
# (1981), "Testing Unconstrained Optimization Software", ACM TOMS 7(1); their start.


def _beale(x: Array, y: Array) -> Array:
    one, two, three = _beale_residuals(x, y)
    return one**2 + two**2 + three**2


def _beale_residuals(x: Array, y: Array) -> tuple[Array, Array, Array]:
    return 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3


def _beale_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    one, two, three = _beale_residuals(x, y)
    dx = 2 * (one * (y - 1) + two * (y**2 - 1) + three * (y**3 - 1))
    dy = 2 * x * (one + two * 2 * y + three * 3 * y**2)
    return dx, dy


beale = Landscape(
    "beale",
    _beale,
    _beale_gradient,
    minima=((3.0, 0.5),),
    window=(-1.0, 4.5, -2.0, 2.0),
    start=(1.0, 1.0),
    levels=_powers(0.05, 1000.0, 13),
)


# --- himmelblau: (x² + y - 11)² + (x + y² - 7)², four equal minima
# Himmelblau (1972), "Applied Nonlinear Programming", McGraw-Hill.


def _himmelblau(x: Array, y: Array) -> Array:
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def _himmelblau_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    one, two = x**2 + y - 11, x + y**2 - 7
    return 4 * x * one + 2 * two, 2 * one + 4 * y * two


himmelblau = Landscape(
    "himmelblau",
    _himmelblau,
    _himmelblau_gradient,
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.2831859912861696),
        (3.5844283403304917, -1.8481265269644036),
    ),
    window=(-5.0, 5.0, -5.0, 5.0),
    start=(-0.5, -0.5),
    levels=_powers(1.0, 800.0, 14),
)


# --- rastrigin: 20 + x² + y² - 10 cos 2πx - 10 cos 2πy, a local minimum near each integer point
# Rastrigin (1974), "Systems of Extremal Control", Nauka (in Russian).


def _rastrigin(x: Array, y: Array) -> Array:
    # sin² in place of 1 - cos: no rounding error is left at the minimum.
    waves = np.sin(np.pi * x) ** 2 + np.sin(np.pi * y) ** 2
    height: Array = x**2 + y**2 + 20 * waves
    return height


def _rastrigin_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    dx: Array = 2 * x + 20 * np.pi * np.sin(2 * np.pi * x)
    dy: Array = 2 * y + 20 * np.pi * np.sin(2 * np.pi * y)
    return dx, dy


rastrigin = Landscape(
    "rastrigin",
    _rastrigin,
    _rastrigin_gradient,
    minima=((0.0, 0.0),),
    window=(-5.12, 5.12, -5.12, 5.12),
    start=(3.3, -2.4),
    levels=tuple(float(k) for k in range(5, 85, 10)),
)


# --- saddle: x²/2 - y²/2 + y⁴/4, level at the origin, with a minimum to either side of it:
# unlike x² - y² it does not fall for ever.


def _saddle(x: Array, y: Array) -> Array:
    return 0.5 * (x**2 - y**2) + 0.25 * y**4


def _saddle_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    return x, y**3 - y


saddle = Landscape(
    "saddle",
    _saddle,
    _saddle_gradient,
    minima=((0.0, -1.0), (0.0, 1.0)),
    window=(-2.0, 2.0, -1.75, 1.75),
    start=(-1.75, 0.001),
    levels=tuple(-0.2 + 0.1 * k for k in range(18)),
)

LANDSCAPES: tuple[Landscape, ...] = (
    bowl,
    ill_conditioned,
    rosenbrock,
    beale,
    himmelblau,
    rastrigin,
    saddle,
)
