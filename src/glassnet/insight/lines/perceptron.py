"""The lines of the perceptron's rule: score, answer, error, and the weights after it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from glassnet.insight.lines.expressions import (
    TERMS,
    Expression,
    Name,
    New,
    called,
    total,
)
from glassnet.insight.lines.line import Line, more, places

__all__ = ["perceptron_lines"]

_RULE = "perceptron.perceptron_epoch"


def perceptron_lines(step: Any, most: int | None) -> Iterator[Line]:
    """Yield the equations of a pass, sample after sample in the order of learning.

    Parameters
    ----------
    step : PerceptronTrace
        Its numbers.
    most : int or None
        Samples, features and perceptrons that have lines of their own; None: all.
    """
    n, k = step.scores.shape
    for place in range(n if most is None else min(n, most)):
        sample = int(step.order[place])
        for _, j in places((1, k), most):
            yield from _one(step, place, sample, j, most)
        yield from more(_part(step, sample), "scores", (k,), most)
    if most is not None and n > most:
        yield Line("And so on", None, None, math.nan, remark=f"… {n - most:,} more samples")


def _part(step: Any, sample: int) -> str:
    return "The perceptron's step" if len(step.X) == 1 else f"Sample {sample}"


def _one(step: Any, place: int, sample: int, j: int, most: int | None) -> Iterator[Line]:
    """Yield the lines of one sample and one perceptron."""
    part = _part(step, sample)
    at = (f"n={sample}",) if len(step.X) > 1 else ()
    side = (j,) if step.scores.shape[1] > 1 else ()
    w, b, row = step.weights[place][:, j], step.biases[place][j], step.X[sample]
    x = [Name("x", (*at, i), value) for i, value in enumerate(row)]
    weights = [Name("w", (i, *side), value) for i, value in enumerate(w)]
    bias = Name("b", side, b)
    score = Name("score", (*at, *side), step.scores[place, j])
    answer = Name("answer", (*at, *side), step.answers[place, j])
    error = Name("error", (*at, *side), step.errors[place, j])
    wanted = Name("y", (*at, *side), step.y[sample, j])
    shown = [one * other for one, other in zip(x[: TERMS + 1], weights, strict=False)]
    yield Line(part, score, total(shown, row * w) + bias, score.value, _RULE)
    yield Line(part, answer, called("step", score), answer.value, _RULE)
    yield Line(part, error, wanted - answer, error.value, _RULE, _said(error.value))
    if error.value:
        yield from _update(step, place, j, part, [*weights, bias], [*x, None], error, most)


def _said(error: float) -> str:
    return "" if error else "a right answer: no weight changes"


def _update(
    step: Any,
    place: int,
    j: int,
    part: str,
    before: list[Name],
    x: list[Any],
    error: Name,
    most: int | None,
) -> Iterator[Line]:
    """Yield what becomes of the weights and of the bias."""
    rate = Name("learning_rate", (), step.learning_rate)
    after = [*step.weights[place + 1][:, j], step.biases[place + 1][j]]
    entries = list(zip(before, x, after, strict=True))
    shown = entries if most is None else [*entries[:-1][:most], entries[-1]]
    for old, entry, new in shown:
        change: Expression = rate * error if entry is None else rate * error * entry
        yield Line(part, New(old, new), old + change, new, _RULE)
    yield from more(part, "new w", (len(before) - 1,), most)
