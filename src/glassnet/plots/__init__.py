"""Pictures: every function draws with Matplotlib, returns Axes, and never shows them."""

from glassnet.plots.activations import activations
from glassnet.plots.boundary import decision_boundary
from glassnet.plots.films.film import film
from glassnet.plots.health import health
from glassnet.plots.history import history
from glassnet.plots.landscape import landscape
from glassnet.plots.optimizer_step import optimizer_step
from glassnet.plots.race import optimizer_race
from glassnet.plots.style import style

__all__ = [
    "activations",
    "decision_boundary",
    "film",
    "health",
    "history",
    "landscape",
    "optimizer_race",
    "optimizer_step",
    "style",
]
