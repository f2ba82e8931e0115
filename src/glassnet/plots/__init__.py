"""Pictures: every function draws with Matplotlib, returns Axes, and never shows them."""

from glassnet.plots.activations import activations
from glassnet.plots.boundary import decision_boundary
from glassnet.plots.hidden_space import hidden_space
from glassnet.plots.history import history
from glassnet.plots.network import network
from glassnet.plots.race import optimizer_race
from glassnet.plots.style import style
from glassnet.plots.units import units
from glassnet.plots.weights import weights

__all__ = [
    "activations",
    "decision_boundary",
    "hidden_space",
    "history",
    "network",
    "optimizer_race",
    "style",
    "units",
    "weights",
]
