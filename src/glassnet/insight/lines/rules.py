"""The update rules as lines: what each optimizer does to one parameter.

Every rule here reads like the equation in the docstring of its formula, and is held to that
formula by a test: what the lines come to is what the optimizer does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from glassnet import optimizers
from glassnet.formulas.optimizers.adam import radam_rectification
from glassnet.insight.lines.expressions import (
    Expression,
    Name,
    New,
    Number,
    called,
    root,
    worked_out,
)

__all__ = ["RULES", "Place", "Written"]

Written = tuple[Expression, Expression, float]


@dataclass
class Place:
    """One parameter on its way through a rule; the lines gather in `written`.

    Attributes
    ----------
    theta : Name
        The parameter before the step.
    after : float
        What the engine makes of it.
    old, new : dict of floats
        The rule's own numbers for it, such as ``m``, before and after the step.
    rate, decay : Expression
        Learning rate and weight decay, with the factors of its group.
    settings : dict of floats
        The optimizer's, by name.
    t : Name
        Number of the step.
    written : list of (left, right, value)
    """

    theta: Name
    after: float
    old: dict[str, float]
    new: dict[str, float]
    rate: Expression
    decay: Expression
    settings: dict[str, float]
    t: Name
    written: list[Written] = field(default_factory=list)

    def setting(self, name: str) -> Name:
        """Return a setting of the optimizer."""
        return Name(name, (), self.settings[name])

    def own(self, name: str) -> Name:
        """Return one of the rule's numbers for this parameter, before the step."""
        return Name(self._called(name), self._index(name), self.old[name])

    def become(self, name: str, right: Expression) -> New:
        """Write what one of the rule's numbers becomes; return it."""
        left = New(self.own(name), self.new[name])
        self.written.append((left, right, left.value))
        return left

    def let(self, name: str, right: Expression, shared: bool = False) -> Name:
        """Write a number that is not kept; return it. A shared one is every parameter's."""
        value = worked_out(right)
        left = (
            Name(name, (), value)
            if shared
            else Name(f"{name}_{self.theta.name}", self.theta.index, value)
        )
        self.written.append((left, right, value))
        return left

    def finish(self, right: Expression) -> None:
        """Write what the parameter becomes."""
        self.written.append((New(self.theta, self.after), right, self.after))

    def _called(self, name: str) -> str:
        return name if name == "momentum_product" else f"{name}_{self.theta.name}"

    def _index(self, name: str) -> tuple[int | str, ...]:
        return () if name == "momentum_product" else self.theta.index


Rule = Callable[[Any, Place, Expression], None]


def _sgd(rule: Any, at: Place, g: Expression) -> None:
    at.finish(at.theta - at.rate * g)


def _momentum(rule: Any, at: Place, g: Expression) -> None:
    mu = at.setting("momentum")
    velocity = at.become("velocity", mu * at.own("velocity") + at.rate * g)
    at.finish(at.theta - ((mu * velocity + at.rate * g) if rule.nesterov else velocity))


def _adagrad(rule: Any, at: Place, g: Expression) -> None:
    square_sum = at.become("square_sum", at.own("square_sum") + g**2)
    step = at.let("step", at.rate * g / (root(square_sum) + at.setting("epsilon")))
    at.finish(at.theta - step)


def _adadelta(rule: Any, at: Place, g: Expression) -> None:
    rho, epsilon = at.setting("rho"), at.setting("epsilon")
    square_mean = at.become("square_mean", rho * at.own("square_mean") + (1 - rho) * g**2)
    steps = at.own("step_square_mean")
    d = at.let("d", root(steps + epsilon) / root(square_mean + epsilon) * g)
    at.become("step_square_mean", rho * steps + (1 - rho) * d**2)
    at.finish(at.theta - at.rate * d)


def _rmsprop(rule: Any, at: Place, g: Expression) -> None:
    rho = at.setting("rho")
    second: Expression = at.become(
        "square_mean", rho * at.own("square_mean") + (1 - rho) * g**2
    )
    if rule.centred:
        mean = at.become("mean", rho * at.own("mean") + (1 - rho) * g)
        second = at.let("variance", called("max", second - mean**2, 0))
    direction: Expression = at.let("d", g / (root(second) + at.setting("epsilon")))
    if rule.momentum:
        direction = at.become(
            "velocity", at.setting("momentum") * at.own("velocity") + direction
        )
    at.finish(at.theta - at.rate * direction)


# --- Adam and its relatives --------------------------------------------------------------


def _moments(at: Place, g: Expression) -> tuple[New, New]:
    beta1, beta2 = at.setting("beta1"), at.setting("beta2")
    m = at.become("m", beta1 * at.own("m") + (1 - beta1) * g)
    return m, at.become("v", beta2 * at.own("v") + (1 - beta2) * g**2)


def _adam_step(rule: Any, at: Place, g: Expression) -> Name:
    """Write Adam's moments, their corrections and the step; return it."""
    m, v = _moments(at, g)
    if rule.amsgrad:
        v = at.become("v_max", called("max", at.own("v_max"), v))
    first, second = (1 - at.setting(beta) ** at.t for beta in ("beta1", "beta2"))
    epsilon = at.setting("epsilon")
    if getattr(rule, "epsilon_before_correction", False):
        rate = at.let("rate", at.rate * root(second) / first)
        return at.let("step", rate * m / (root(v) + epsilon))
    m_hat, v_hat = at.let("m_hat", m / first), at.let("v_hat", v / second)
    return at.let("step", at.rate * m_hat / (root(v_hat) + epsilon))


def _adam(rule: Any, at: Place, g: Expression) -> None:
    at.finish(at.theta - _adam_step(rule, at, g))


def _adamw(rule: Any, at: Place, g: Expression) -> None:
    start = at.theta
    if rule.weight_decay:
        start = at.let("shrunk", at.theta * (1 - at.rate * at.decay))
    at.finish(start - _adam_step(rule, at, g))


def _adamax(rule: Any, at: Place, g: Expression) -> None:
    beta1, beta2 = at.setting("beta1"), at.setting("beta2")
    m = at.become("m", beta1 * at.own("m") + (1 - beta1) * g)
    size = called("abs", g) + at.setting("epsilon")
    u = at.become("u", called("max", beta2 * at.own("u"), size))
    m_hat = at.let("m_hat", m / (1 - beta1**at.t))
    at.finish(at.theta - at.rate * m_hat / u)


def _nadam(rule: Any, at: Place, g: Expression) -> None:
    beta1, psi = at.setting("beta1"), at.setting("momentum_decay")

    def warmed(t: Expression) -> Expression:
        """Return the momentum of a step."""
        return beta1 * (1 - 0.5 * Number(0.96) ** (t * psi))

    mu = at.let("mu", warmed(at.t), shared=True)
    following = at.let("mu_next", warmed(at.t + 1), shared=True)
    product = at.become("momentum_product", at.own("momentum_product") * mu)
    m, v = _moments(at, g)
    v_hat = at.let("v_hat", v / (1 - at.setting("beta2") ** at.t))
    now, ahead = (1 - mu) / (1 - product), following / (1 - product * following)
    mixed = at.let("mixed", now * g + ahead * m)
    step = at.let("step", at.rate * mixed / (root(v_hat) + at.setting("epsilon")))
    at.finish(at.theta - step)


def _radam(rule: Any, at: Place, g: Expression) -> None:
    beta2 = at.setting("beta2")
    memory = 1 - beta2**at.t
    limit = at.let("rho_inf", 2 / (1 - beta2) - 1, shared=True)
    length = at.let("rho", limit - 2 * at.t * beta2**at.t / memory, shared=True)
    m, v = _moments(at, g)
    m_hat = at.let("m_hat", m / (1 - at.setting("beta1") ** at.t))
    if not radam_rectification(int(at.t.value), beta2.value):  # it rests on too few gradients
        at.finish(at.theta - at.rate * m_hat)
        return
    top = (length - 4) * (length - 2) * limit
    r = at.let("r", root(top / ((limit - 4) * (limit - 2) * length)), shared=True)
    tempered = r * root(memory) / (root(v) + at.setting("epsilon"))
    at.finish(at.theta - at.let("step", at.rate * m_hat * tempered))


def _lion(rule: Any, at: Place, g: Expression) -> None:
    beta1, beta2, m = at.setting("beta1"), at.setting("beta2"), at.own("m")
    direction: Expression = at.let("u", called("sign", beta1 * m + (1 - beta1) * g))
    if rule.weight_decay:
        direction = direction + at.decay * at.theta
    at.finish(at.theta - at.rate * direction)
    at.become("m", beta2 * m + (1 - beta2) * g)


RULES: dict[type[optimizers.Optimizer], Rule] = {
    optimizers.SGD: _sgd,
    optimizers.Momentum: _momentum,
    optimizers.AdaGrad: _adagrad,
    optimizers.AdaDelta: _adadelta,
    optimizers.RMSProp: _rmsprop,
    optimizers.Adam: _adam,
    optimizers.AdamW: _adamw,
    optimizers.Adamax: _adamax,
    optimizers.NAdam: _nadam,
    optimizers.RAdam: _radam,
    optimizers.Lion: _lion,
}
