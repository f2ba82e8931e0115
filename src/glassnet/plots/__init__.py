"""Pictures: every function draws with Matplotlib, returns Axes, and never shows them."""

from glassnet.plots.activations import activations
from glassnet.plots.boundary import decision_boundary
from glassnet.plots.style import style

__all__ = ["activations", "decision_boundary", "style"]
