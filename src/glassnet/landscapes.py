"""Functions of two variables to optimise on and to draw: named ones and those of your own.

``rosenbrock.value(x, y)`` and ``rosenbrock.gradient(x, y)`` take numbers or whole grids;
``rosenbrock.fun(theta)`` and ``rosenbrock.grad(theta)`` take one point, as `minimize` of
an optimizer wants them. `of_function` makes a landscape of any function, `of_network` one of
a network's loss.
"""

from glassnet.insight.network_landscape import NetworkLandscape, of_network
from glassnet.landscape_functions import of_function
from glassnet.landscape_records import (
    LANDSCAPES,
    Landscape,
    beale,
    bowl,
    himmelblau,
    ill_conditioned,
    landscape,
    rastrigin,
    rosenbrock,
    saddle,
)

__all__ = [
    "LANDSCAPES",
    "Landscape",
    "NetworkLandscape",
    "beale",
    "bowl",
    "himmelblau",
    "ill_conditioned",
    "landscape",
    "of_function",
    "of_network",
    "rastrigin",
    "rosenbrock",
    "saddle",
]
