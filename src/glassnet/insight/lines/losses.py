"""The lines of the loss: of each sample, their mean, and the gradient at the logits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from glassnet import catalog
from glassnet.insight.lines.expressions import (
    TERMS,
    Expression,
    Name,
    Partial,
    Valued,
    called,
    total,
    worked_out,
)
from glassnet.insight.lines.line import Line
from glassnet.insight.lines.reader import Reader, formula_of

__all__ = ["gradient_at_logits", "loss_lines"]

SAMPLES = 4  # of a batch whose losses are written out

Term = Callable[[Name, Name, dict[str, float]], Expression]


# --- what a loss adds for one output: of the target y and of f, where it is taken ---------


def _squared_error(y: Name, f: Name, numbers: dict[str, float]) -> Expression:
    return (f - y) ** 2 / 2


def _absolute_error(y: Name, f: Name, numbers: dict[str, float]) -> Expression:
    return called("abs", f - y)


def _binary_cross_entropy(y: Name, f: Name, numbers: dict[str, float]) -> Expression:
    yes, no = y * called("log", 1 + called("exp", -f)), called("log", 1 + called("exp", f))
    return yes + (1 - y) * no


def _hinge(y: Name, f: Name, numbers: dict[str, float]) -> Expression:
    return called("max", 0, 1 - (2 * y - 1) * f)


def _squared_hinge(y: Name, f: Name, numbers: dict[str, float]) -> Expression:
    return _hinge(y, f, numbers) ** 2


def _huber(y: Name, f: Name, numbers: dict[str, float]) -> Expression:
    size, delta = called("abs", f - y), Name("delta", (), numbers["delta"])
    capped = called("min", size, delta)
    return capped * (size - capped / 2)


def _quantile(y: Name, f: Name, numbers: dict[str, float]) -> Expression:
    q = Name("q", (), numbers["q"])
    return called("max", q * (y - f), (1 - q) * (f - y))


def _poisson(y: Name, f: Name, numbers: dict[str, float]) -> Expression:
    if not y.value:
        return called("exp", f)
    return called("exp", f) - y - y * (f - called("log", y))


_PER_OUTPUT: dict[str, Term] = {
    "squared_error": _squared_error,
    "absolute_error": _absolute_error,
    "binary_cross_entropy": _binary_cross_entropy,
    "hinge": _hinge,
    "squared_hinge": _squared_hinge,
    "huber": _huber,
    "quantile": _quantile,
    "poisson": _poisson,
}
# Gradients that are one difference. The others are written as what they are the slope of.
_DIFFERENCES = {
    "squared_error",
    "binary_cross_entropy",
    "categorical_cross_entropy",
    "poisson",
}


# --- the loss ----------------------------------------------------------------------------


def loss_lines(read: Reader) -> Iterator[Line]:
    """Yield the loss of the first samples, and the mean with the L2 penalty."""
    step, evaluates = read.step, formula_of("loss", read.step.plan.loss, "value")
    n = read.rows
    names = [
        Name("loss", (f"n={i}",) if n > 1 else (), value)
        for i, value in enumerate(step.loss_per_sample)
    ]
    count = n if read.most is None else min(n, SAMPLES)
    for i in range(count):
        yield Line("Loss", names[i], _of_sample(read, i), names[i].value, evaluates)
    if count < n:
        yield Line("Loss", None, None, math.nan, remark=f"… {n - count:,} more of loss")
    if n > 1 or step.plan.alpha or step.weight is not None:
        yield Line("Loss", Name("L"), _mean(read, names), step.loss, "losses.weighted_mean")


def _of_sample(read: Reader, sample: int) -> Expression:
    plan, step = read.step.plan, read.step
    record, at = catalog.loss(plan.loss), _place(read)
    k, numbers = plan.n_outputs, dict(record.parameters)
    first = range(min(k, TERMS + 1))
    y = [read.at("y", i, sample) for i in range(k)]
    f = [read.at(at, i, sample) for i in range(k)]
    named = Name("y", y[0].index[:-1]), Name(at, f[0].index[:-1])
    whole = Valued(called(plan.loss, *named), float(step.loss_per_sample[sample]))
    if _plain(record) and record.name == "categorical_cross_entropy":
        found = _surprise(y, f)
        return found if np.isfinite(worked_out(found)) else whole
    if not (_plain(record) and record.name in _PER_OUTPUT):
        return whole
    terms = [_PER_OUTPUT[record.name](y[i], f[i], numbers) for i in range(k)]
    values = np.array([worked_out(term) for term in terms])
    return total([terms[i] for i in first], values) if np.isfinite(values).all() else whole


def _surprise(y: list[Name], f: list[Name]) -> Expression:
    """Return the log of the summed exponentials, less the logit of the class."""
    exponentials = [called("exp", one) for one in f]
    values = np.array([worked_out(one) for one in exponentials])
    right = next((i for i, one in enumerate(y) if one.value == 1), None)
    whole = called("log", total(exponentials[: TERMS + 1], values))
    if right is not None:  # one class: the other targets are 0
        return whole - f[right]
    products = [one * other for one, other in zip(y, f, strict=True)]
    return whole - total(products[: TERMS + 1], np.array(list(map(worked_out, products))))


def _plain(record: catalog.Loss) -> bool:
    """Return whether it is a loss of the catalogue's own, whose targets are as given."""
    own = any(record.value is one.value for one in catalog.LOSSES)
    return own and not dict(record.parameters).get("smoothing")


def _place(read: Reader) -> str:
    """Return the name of what the loss is taken of."""
    plan = read.step.plan
    if plan.fused and plan.output != "identity":
        return str(plan.layers[-1].output)
    return "output"


def _mean(read: Reader, names: list[Name]) -> Expression:
    step = read.step
    if step.weight is None:
        summed: Expression = read.over_samples(lambda i: names[i], step.loss_per_sample)
        mean = summed if len(names) == 1 else summed / len(names)
    else:
        weights = [Name("weight", (f"n={i}",), w) for i, w in enumerate(step.weight)]
        values = step.weight * np.where(step.weight == 0, 0, step.loss_per_sample)
        mean = read.over_samples(lambda i: weights[i] * names[i], values) / read.whole
    if not step.plan.alpha:
        return mean
    squares = sum(float(np.sum(step.before[p.name] ** 2.0)) for p in step.plan.penalized)
    alpha = Name("alpha", (), step.plan.alpha)
    every = Valued(called("sum", Name("W") ** 2), squares)
    return mean + alpha / (2 * read.whole) * every


# --- its gradient ------------------------------------------------------------------------


def gradient_at_logits(read: Reader, unit: int) -> Expression:
    """Return the gradient of the shown sample's loss by a logit, times its share.

    One difference where the loss has it so; otherwise by its name, with its value.
    """
    plan, step, s = read.step.plan, read.step, read.step.sample
    record, out = catalog.loss(plan.loss), catalog.activation(plan.output)
    last = plan.layers[-1].output
    found: Expression
    y, f = read.at("y", unit), read.at("output", unit)
    plain = _plain(record) and record.name in _DIFFERENCES
    if plain and (plan.fused or not out.rowwise):
        found = f - y
        if not plan.fused:
            found = found * _slope(read, unit)
    else:
        row = slice(s, s + 1)
        z, a = read.of(last)[row], read.of("output")[row]
        own = record.gradient(step.y[row], z if plan.fused else a, **dict(record.parameters))
        if not plan.fused:
            own = out.backward(own, z, a)
        found = Partial("loss", read.at(last, unit), float(own[0, unit]))
    share = read.share(s)
    return found if share is None else share * found


def _slope(read: Reader, unit: int) -> Expression:
    plan, s = read.step.plan, read.step.sample
    last = plan.layers[-1].output
    z, a = read.of(last)[s : s + 1], read.of("output")[s : s + 1]
    record = catalog.activation(plan.output)
    slope, numbers = record.slope, dict(record.parameters)
    shown = called(f"{plan.output}'", read.at(last, unit))
    return Valued(shown, float(slope(z, a, **numbers)[0, unit]))
