"""What an optimizer makes of a gradient, taken apart: momentum, second moments, the step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.arguments import whole_number
from glassnet.formulas.optimizers.adam import (
    bias_correction,
    nadam_look_ahead,
    radam_rectification,
)
from glassnet.formulas.optimizers.momentum import lion_mix
from glassnet.formulas.optimizers.scaled import running_variance
from glassnet.formulas.types import Array
from glassnet.landscape_records import Landscape
from glassnet.lbfgs import LBFGS
from glassnet.optimizers import Optimizer
from glassnet.race import start_point

__all__ = ["OptimizerStep", "Quantity", "optimizer_steps"]

Slots = dict[str, Array]

# Each rule's step, as its formula in `glassnet.formulas.optimizers` has it.
EQUATIONS = {
    "sgd": "step = −η g",
    "momentum": "step = −(μ v + η g), with v before the step",
    "adagrad": "step = −η g / (√s + ε)",
    "adadelta": "step = −η √((r + ε) / (s + ε)) g, with r before the step",
    "rmsprop": "step = −η g / (√s + ε)",
    "adam": "step = −η m̂ / (√v̂ + ε)",
    "adamw": "step = −η λ θ − η m̂ / (√v̂ + ε)",
    "adamax": "step = −η m̂ / u",
    "nadam": "step = −η m̂ / (√v̂ + ε), m̂ looking ahead",
    "radam": "step = −η r m̂ / (√v̂ + ε / √(1 − β₂ᵗ))",
    "lion": "step = −η (sign(c) + λ θ)",
    "lbfgs": "step = −a H g, the length a by line search",
}


@dataclass(frozen=True, eq=False)
class Quantity:
    """One vector of an optimizer's state.

    Attributes
    ----------
    symbol, words : str
        Its letter in the step's equation, and what it is.
    vector : array, shape (2,)
    """

    symbol: str
    words: str
    vector: Array


@dataclass(frozen=True, eq=False)
class OptimizerStep:
    """One step of an optimizer down a landscape, taken apart.

    Attributes
    ----------
    optimizer : settings
    t : int
        Number of the step, from 1.
    before, after : arrays, shape (2,)
        The point the step starts from and the one it leads to.
    gradient : array, shape (2,)
        As it enters the rule: clipped, with the L2 penalty's, where these are set.
    momentum : Quantity, optional
        What the rule remembers of earlier gradients, in the gradient's units.
    carried : array, shape (2,), optional
        The part of the step that a velocity carries on from earlier steps.
    size : Quantity, optional
        The gradient's running size: the root of the second moment, or what stands in its
        place, by which the equation divides each coordinate (RAdam does so only once it
        rectifies).
    equation : str
        The step's.
    note : str
        What else must be known of this very step.
    """

    optimizer: Any
    t: int
    before: Array
    after: Array
    gradient: Array
    momentum: Quantity | None
    carried: Array | None
    size: Quantity | None
    equation: str
    note: str = ""

    @property
    def step(self) -> Array:
        """What is added to the point."""
        moved: Array = self.after - self.before
        return moved


def optimizer_steps(
    optimizer: Any, landscape: Landscape, start: Sequence[float], steps: int
) -> list[OptimizerStep]:
    """Return an optimizer's first steps down a landscape, taken apart.

    Parameters
    ----------
    optimizer : str or settings
        Any of the catalogue.
    landscape : Landscape
    start : (x, y)
    steps : int, >= 1

    Returns
    -------
    list of OptimizerStep
        Shorter than `steps` where L-BFGS has converged.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used, or the descent leaves the finite numbers.

    Examples
    --------
    >>> from glassnet.landscapes import bowl
    >>> first, second = optimizer_steps("momentum(0.1, momentum=0.5)", bowl, (3.0, 2.0), 2)
    >>> first.step, second.gradient, second.carried, second.step.round(4)
    (array([-0.6, -0.4]), array([4.8, 3.2]), array([-0.3, -0.2]), array([-0.78, -0.52]))
    """
    rule, count = catalog.optimizer(optimizer), whole_number("steps", steps)
    begin = start_point(landscape, start)
    path = rule.minimize(landscape.fun, landscape.grad, begin, steps=count)
    if not np.isfinite(path).all():
        raise ValueError(f"{rule!r} leaves the finite numbers within {count} steps")
    if isinstance(rule, LBFGS):
        return [_of_lbfgs(rule, landscape, path, t) for t in range(1, len(path))]
    theta, found = path[0].copy(), []  # again, step by step: a path does not hold the slots
    slots = rule.start(theta)
    for t in range(1, count + 1):
        before, old = theta.copy(), {name: array.copy() for name, array in slots.items()}
        gradient = landscape.grad(before)
        rule.step(theta, gradient, slots, t)
        used = rule.gradient_used(before, gradient)
        found.append(_apart(rule, t, (before, theta.copy()), used, old, slots))
    return found


def _of_lbfgs(rule: LBFGS, landscape: Landscape, path: Array, t: int) -> OptimizerStep:
    before, after = path[t - 1], path[t]
    gradient = landscape.grad(before)
    equation = EQUATIONS["lbfgs"]
    return OptimizerStep(rule, t, before, after, gradient, None, None, None, equation)


def _apart(
    rule: Optimizer,
    t: int,
    ends: tuple[Array, Array],
    gradient: Array,
    old: Slots,
    new: Slots,
) -> OptimizerStep:
    """Name the parts of one step, from the slots before and after it."""
    known = rule, t, *ends, gradient
    if rule.name not in EQUATIONS:  # a rule of the user's own: its slots may mean anything
        return OptimizerStep(*known, None, None, None, "step by a rule of your own")
    return OptimizerStep(
        *known,
        _momentum(rule, t, gradient, old, new),
        _carried(rule, old, new),
        _size(rule, t, new),
        _equation(rule, t),
        _note(rule, t),
    )


def _momentum(rule: Any, t: int, gradient: Array, old: Slots, new: Slots) -> Quantity | None:
    """Return what the step takes in the gradient's place, of rules with a first moment."""
    if "m" not in new:
        return None
    if rule.name == "lion":
        mixed = lion_mix(gradient, old["m"], rule.beta1)
        return Quantity("c", "mix of momentum and gradient", mixed)
    if rule.name == "nadam":
        product = float(new["momentum_product"])
        pace = product, t, rule.beta1, rule.momentum_decay
        ahead = nadam_look_ahead(gradient, new["m"], *pace)
        return Quantity("m̂", "mean gradient, looking ahead", ahead)
    corrected = new["m"] / bias_correction(rule.beta1, t)
    return Quantity("m̂", "mean gradient, corrected", corrected)


def _carried(rule: Any, old: Slots, new: Slots) -> Array | None:
    """Return the part of the step that comes from earlier ones, of rules with a velocity."""
    if "velocity" not in new:
        return None
    if rule.name == "rmsprop":
        carried: Array = -rule.learning_rate * rule.momentum * old["velocity"]
    else:  # Nesterov's look-ahead carries on the velocity that this step has made
        carried = -rule.momentum * (new if rule.nesterov else old)["velocity"]
    return carried


def _size(rule: Any, t: int, new: Slots) -> Quantity | None:
    """Return what the step is divided by, coordinate by coordinate."""
    if "u" in new:
        return Quantity("u", "greatest recent size", new["u"].copy())
    if "square_sum" in new:
        root = np.sqrt(new["square_sum"])
        return Quantity("√s", "root of the sum of squares", root)
    if "mean" in new:
        variance = running_variance(new["square_mean"], new["mean"])
        return Quantity("√s", "standard deviation", np.sqrt(variance))
    if "square_mean" in new:
        return Quantity("√s", "root of the mean square", np.sqrt(new["square_mean"]))
    if "v" in new:
        second = new.get("v_max", new["v"]) / bias_correction(rule.beta2, t)
        return Quantity("√v̂", "root of the second moment, corrected", np.sqrt(second))
    return None


def _equation(rule: Any, t: int) -> str:
    if rule.name == "momentum" and rule.nesterov:
        return "step = −(μ v + η g), with v after it has taken in η g"
    if rule.name == "rmsprop" and rule.momentum:
        return "step = −η (μ v + g / (√s + ε)), with v before the step"
    if rule.name == "adam" and rule.epsilon_before_correction:
        return "step = −η m̂ / (√v̂ + ε / √(1 − β₂ᵗ))"
    if _unrectified(rule, t):
        return "step = −η m̂"
    return EQUATIONS[rule.name]


def _note(rule: Any, t: int) -> str:
    if _unrectified(rule, t):
        return "Too few gradients so far: the second moments are not used yet."
    return ""


def _unrectified(rule: Any, t: int) -> bool:
    return rule.name == "radam" and radam_rectification(t, rule.beta2) == 0
