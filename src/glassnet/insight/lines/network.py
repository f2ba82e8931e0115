"""The lines of a network's forward pass, backward pass and gradients."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np

from glassnet import catalog
from glassnet.insight.lines import layers
from glassnet.insight.lines.expressions import (
    TERMS,
    Expression,
    Name,
    Partial,
    Valued,
    called,
    total,
)
from glassnet.insight.lines.line import Line, more, places
from glassnet.insight.lines.losses import gradient_at_logits
from glassnet.insight.lines.reader import Reader, formula_of
from glassnet.network import Layer

__all__ = ["backward_lines", "forward_lines", "gradient_lines"]


# --- forward -----------------------------------------------------------------------------


def forward_lines(read: Reader) -> Iterator[Line]:
    """Yield what leaves each layer for the shown sample."""
    entering = "x"
    for place, layer in enumerate(read.step.plan.layers):
        shown = [j for (j,) in places((layer.units,), read.most)]
        match layer.kind:
            case "dense":
                yield from (_dense(read, layer, entering, j) for j in shown)
            case "activation":
                yield from (_activated(read, layer, entering, j) for j in shown)
            case "dropout":
                yield from (layers.dropped(read, layer, entering, j, place) for j in shown)
            case _:
                yield from layers.normalized(read, layer, entering, shown)
        yield from more("Forward", layer.output, (layer.units,), read.most)
        entering = layer.output
    yield from _outputs(read, entering)


def _dense(read: Reader, layer: Layer, entering: str, j: int) -> Line:
    W, b = (p.name for p in layer.parameters)
    row = read.of(entering)[read.step.sample]
    terms = [
        read.at(entering, i) * read.parameter(W, i, j) for i in range(min(len(row), TERMS + 1))
    ]
    right = total(terms, row * read.step.before[W][:, j]) + read.parameter(b, j)
    left = read.at(layer.output, j)
    return Line("Forward", left, right, left.value, "layers.dense")


def _activated(read: Reader, layer: Layer, entering: str, j: int) -> Line:
    left = read.at(layer.output, j)
    right = called(layer.formula, read.at(entering, j))
    evaluates = formula_of("activation", layer.formula, "value")
    return Line("Forward", left, right, left.value, evaluates)


def _outputs(read: Reader, entering: str) -> Iterator[Line]:
    output, units = read.step.plan.output, read.step.plan.n_outputs
    evaluates = formula_of("activation", output, "value")
    for (j,) in places((units,), read.most):
        left, right = read.at("output", j), _output(read, entering, j)
        yield Line("Forward", left, right, left.value, evaluates)
    yield from more("Forward", "output", (units,), read.most)


def _output(read: Reader, entering: str, j: int) -> Expression:
    text, units = read.step.plan.output, read.step.plan.n_outputs
    z = [read.at(entering, i) for i in range(units)]
    if not catalog.activation(text).rowwise:
        return called(text, z[j])
    values = np.exp([one.value for one in z])
    if not 0 < np.sum(values) < np.inf:  # the formula subtracts the greatest logit first
        return Valued(called(text, Name(entering)), read.at("output", j).value)
    whole = total([called("exp", one) for one in z[: TERMS + 1]], values)
    if text == "softmax":
        return called("exp", z[j]) / whole
    return z[j] - called("log", whole)


# --- backward ----------------------------------------------------------------------------


def backward_lines(read: Reader) -> Iterator[Line]:
    """Yield the gradient of the loss by what leaves each layer, from the last to the first."""
    plan = read.step.plan
    last = f"delta_{plan.layers[-1].output}"
    evaluates = formula_of("loss", plan.loss, "gradient")
    for (k,) in places((plan.n_outputs,), read.most):
        left = read.at(last, k)
        yield Line("Backward", left, gradient_at_logits(read, k), left.value, evaluates)
    yield from more("Backward", last, (plan.n_outputs,), read.most)
    for layer, behind in zip(plan.layers[-2::-1], plan.layers[:0:-1], strict=True):
        name = f"delta_{layer.output}"
        shown = [j for (j,) in places((layer.units,), read.most)]
        match behind.kind:
            case "dense":
                yield from (_through_dense(read, layer, behind, j) for j in shown)
            case "activation":
                yield from (_through_activation(read, layer, behind, j) for j in shown)
            case "dropout":
                yield from (layers.through_dropout(read, layer, behind, j) for j in shown)
            case _:
                yield from layers.through_norm(read, layer, behind, shown)
        yield from more("Backward", name, (layer.units,), read.most)


def _through_dense(read: Reader, layer: Layer, behind: Layer, j: int) -> Line:
    W, delta = behind.parameters[0].name, f"delta_{behind.output}"
    left = read.at(f"delta_{layer.output}", j)
    terms = [
        read.at(delta, k) * read.parameter(W, j, k) for k in range(min(behind.units, TERMS + 1))
    ]
    values = read.of(delta)[read.step.sample] * read.step.before[W][j]
    return Line("Backward", left, total(terms, values), left.value, "layers.dense_delta")


def _through_activation(read: Reader, layer: Layer, behind: Layer, j: int) -> Line:
    left, delta = read.at(f"delta_{layer.output}", j), read.at(f"delta_{behind.output}", j)
    right = delta * layers.slope(read, layer, behind, j)
    evaluates = formula_of("activation", behind.formula, "slope")
    return Line("Backward", left, right, left.value, evaluates)


# --- gradients ---------------------------------------------------------------------------


def gradient_lines(read: Reader) -> Iterator[Line]:
    """Yield the gradient by each parameter: a sum over the samples."""
    entering = "x"
    for layer in read.step.plan.layers:
        for p in layer.parameters:
            lines = (
                _of_parameter(read, layer, entering, p.name, place)
                for place in places(p.shape, read.most)
            )
            yield from chain(lines, more("Gradients", f"∂L/∂{p.name}", p.shape, read.most))
        entering = layer.output


def _of_parameter(
    read: Reader, layer: Layer, entering: str, name: str, place: tuple[int, ...]
) -> Line:
    delta, unit = f"delta_{layer.output}", place[-1]
    of = read.of(delta)[:, unit]
    scaled = layer.kind != "dense"
    if len(place) == 2:
        with_it, column = entering, place[0]
    elif name.startswith("gain"):
        with_it, column = f"normal{layer.number}", unit
    else:
        with_it, column = "", 0
    if with_it:
        values = read.of(with_it)[:, column] * of
        right = read.over_samples(
            lambda n: read.at(with_it, column, n) * read.at(delta, unit, n), values
        )
    else:
        right = read.over_samples(lambda n: read.at(delta, unit, n), of)
    if read.step.plan.alpha and name in {p.name for p in read.step.plan.penalized}:
        alpha = Name("alpha", (), read.step.plan.alpha)
        right = right + alpha / read.whole * read.parameter(name, *place)
    value = read.step.gradient[name][place]
    left = Partial("L", Name(name, place), value)
    evaluates = "layers.scale_gradients" if scaled else "layers.dense_gradients"
    return Line("Gradients", left, right, value, evaluates)
