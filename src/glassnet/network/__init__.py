"""What a network is: a `Plan` (its shape and formulas) and a `State` (its numbers)."""

from glassnet.network.build import build_plan, initial_state
from glassnet.network.plan import Group, Layer, Parameter, Plan
from glassnet.network.state import State
from glassnet.network.views import Views

__all__ = [
    "Group",
    "Layer",
    "Parameter",
    "Plan",
    "State",
    "Views",
    "build_plan",
    "initial_state",
]
