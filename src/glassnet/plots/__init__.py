"""Pictures: every function draws with Matplotlib, returns Axes, and never shows them."""

from glassnet.plots.activations import activations
from glassnet.plots.boundary import decision_boundary
from glassnet.plots.films.film import film
from glassnet.plots.health import health
from glassnet.plots.hidden_space import hidden_space
from glassnet.plots.history import history
from glassnet.plots.landscape import landscape
from glassnet.plots.network import network
from glassnet.plots.optimizer_step import optimizer_step
from glassnet.plots.race import optimizer_race
from glassnet.plots.style import style
from glassnet.plots.units import units
from glassnet.plots.weights import weights

__all__ = [
    "activations",
    "decision_boundary",
    "film",
    "health",
    "hidden_space",
    "history",
    "landscape",
    "network",
    "optimizer_race",
    "optimizer_step",
    "style",
    "units",
    "weights",
]
