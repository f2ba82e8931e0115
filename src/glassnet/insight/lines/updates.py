"""The lines of the optimizer's step: from the gradient to the parameters after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from glassnet.formulas.running_statistics import running_step
from glassnet.formulas.types import Array
from glassnet.insight.lines.expressions import (
    Expression,
    Name,
    New,
    Number,
    Partial,
    Valued,
    called,
)
from glassnet.insight.lines.line import Line, more, places
from glassnet.insight.lines.reader import Reader
from glassnet.insight.lines.rules import RULES, Place, Written
from glassnet.network import Parameter
from glassnet.network.plan import RUNNING_MOMENTUM

__all__ = ["running_lines", "update_lines"]


def update_lines(read: Reader) -> Iterator[Line]:
    """Yield what the optimizer does to each parameter.

    Where not all units have lines, only the first entry of each parameter has all lines of
    the rule; the others have the one of what the parameter becomes.
    """
    step, said = read.step, set[Expression]()
    kind = type(step.optimizer)
    evaluates = f"{kind.__module__}.{kind.__qualname__}"
    if kind in RULES:
        evaluates = f"optimizers.{step.optimizer.name}_step"
    for p in step.plan.parameters:
        for where in places(p.shape, read.most):
            whole = read.most is None or not any(where)
            for left, right, value in _written(read, p, where):
                named = left.of if isinstance(left, New) else left
                shared = isinstance(named, Name) and not named.index
                last = isinstance(left, New) and left.of.name == p.name
                if named not in said and (whole or last):
                    yield Line("Update", left, right, value, evaluates)
                if shared:
                    said.add(named)
        yield from more("Update", f"new {p.name}", p.shape, read.most)


def _written(read: Reader, p: Parameter, where: tuple[int, ...]) -> list[Written]:
    """Return the rule's lines for one entry of a parameter."""
    step, at = read.step, _place(read, p, where)
    rule = RULES.get(type(step.optimizer))
    if rule is None:  # one of the user's own, whose formula is not known
        made = Valued(Name(f"{step.optimizer.name}_step"), step.update[p.name][where])
        at.finish(at.theta + made)
    else:
        rule(step.optimizer, at, _gradient(read, p, at, where))
    return at.written


def _place(read: Reader, p: Parameter, where: tuple[int, ...]) -> Place:
    step, group = read.step, dict(read.step.plan.groups)[p.group]
    rule = step.optimizer
    rate: Expression = Name("learning_rate", (), rule.learning_rate)
    decay: Expression = Name("weight_decay", (), rule.weight_decay)
    if group.rate_factor != 1:
        rate = rate * Name("rate_factor", (), group.rate_factor)
    if group.decay_factor != 1:
        decay = decay * Name("decay_factor", (), group.decay_factor)
    settings = {
        e.name: getattr(rule, e.name) for e in fields(rule) if _is_number(getattr(rule, e.name))
    }
    return Place(
        read.parameter(p.name, *where),
        float(step.after[p.name][where]),
        _own(step.slots_before, p, where),
        _own(step.slots_after, p, where),
        rate,
        decay,
        settings,
        Name("t", (), step.t),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _own(slots: dict[str, Array], p: Parameter, where: tuple[int, ...]) -> dict[str, float]:
    """Return a parameter's own numbers among the optimizer's, by the names of the slots."""
    found = {}
    for name, array in slots.items():
        slot, _, parameter = name.rpartition("_")
        if not array.ndim:
            found[name] = float(array)
        elif parameter == p.name:
            found[slot] = float(array[where])
    return found


def _gradient(read: Reader, p: Parameter, at: Place, where: tuple[int, ...]) -> Expression:
    """Return the gradient as the rule sees it: clipped, and with weight decay."""
    step, rule = read.step, read.step.optimizer
    given = Partial("L", Name(p.name, where), step.gradient[p.name][where])
    found: Expression = given
    if rule.clip_value is not None:
        limit = at.setting("clip_value")
        found = at.let("clipped", called("min", called("max", found, -limit), limit))
    if rule.clip_norm is not None:
        norm = Valued(called("norm", Name("g")), read.gradient_norm)
        if norm.value > rule.clip_norm:
            found = at.let("shortened", found * at.setting("clip_norm") / norm)
    if rule.weight_decay and not rule.decoupled:
        found = at.let("g", found + at.decay * at.theta)
    return found


# --- running statistics ------------------------------------------------------------------


def running_lines(read: Reader) -> Iterator[Line]:
    """Yield what becomes of batch normalization's running statistics."""
    for layer in read.step.plan.layers:
        for p in layer.buffers if read.rows > 1 else ():
            for where in places(p.shape, read.most):
                yield _moved(read, p, where, layer.number)
            yield from more("Running statistics", f"new {p.name}", p.shape, read.most)


def _moved(read: Reader, p: Parameter, where: tuple[int, ...], i: int) -> Line:
    n, old = read.rows, read.parameter(p.name, *where)
    which = "mean" if "mean" in p.name else "variance"
    seen: Expression = read.statistic(f"{which}{i}", where[0])
    if which == "variance":
        seen = Number(n) / (Number(n) - 1) * seen
    after = float(read.step.after[p.name][where])
    right = old + Number(RUNNING_MOMENTUM) * (seen - old)
    name = f"running_statistics.{running_step.__name__}"
    return Line("Running statistics", New(old, after), right, after, name)
