"""The equations of a traced step, each with its symbols and with its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.formulas.types import Array
from glassnet.network import Layer

__all__ = ["Line", "equations", "number"]

_TERMS = 4  # of a sum that are written out
_UNITS = 6  # of a layer that have lines of their own


@dataclass(frozen=True)
class Line:
    """One equation, or how many more there are; ``str(line)`` writes it.

    Attributes
    ----------
    part : str
        ``"Forward"``, ``"Backward"``, ...
    symbol, formula, numbers : str
        ``"z0[1]"``, ``"x[0]·W0[0,1] + b0[1]"``, ``"0.31·1.2 + 0.5"``.
    value : float
        What comes out, as the engine computed it; NaN where the line only counts.
    """

    part: str
    symbol: str
    formula: str
    numbers: str
    value: float

    def __str__(self) -> str:
        if not self.formula:
            return self.symbol
        numbers = f" = {self.numbers}" if self.numbers else ""
        return f"{self.symbol} = {self.formula}{numbers} = {number(self.value)}"


def number(value: Any) -> str:
    """Return a number as text, with six digits."""
    return f"{float(value):.6g}"


def equations(step: Any) -> Iterator[Line]:
    """Yield the equations of a step, in the order of computation.

    Parameters
    ----------
    step : Trace
        Its numbers, those of `step.sample` alone where they are by sample.
    """
    yield from _forward(step)
    yield from _backward(step)
    yield from _gradients(step)
    yield from _updates(step)


# --- forward -----------------------------------------------------------------------------


def _forward(step: Any) -> Iterator[Line]:
    s, entering = step.sample, "x"
    row = np.asarray(step.X[s])
    for layer in step.plan.layers:
        out = step.values[layer.output][s]
        for j in range(min(layer.units, _UNITS)):
            name = f"{layer.output}[{j}]"
            if layer.kind == "dense":
                formula, numbers = _dense(step, layer, entering, row, j)
            else:
                called = layer.formula or layer.kind
                formula = f"{called}({entering}[{j}])"
                # A normalization looks at more numbers than this one.
                numbers = f"{called}({number(row[j])})" if layer.formula else ""
            yield Line("Forward", name, formula, numbers, out[j])
        yield from _rest("Forward", layer.output, layer.units)
        entering, row = layer.output, out
    for k in range(min(len(row), _UNITS)):
        numbers = f"{step.plan.output}({number(row[k])})"
        rowwise = len(row) > 1 and step.plan.output in ("softmax", "log_softmax")
        formula = f"{step.plan.output}({entering}" + (")" if rowwise else f"[{k}])")
        value = step.values["output"][s][k]
        yield Line("Forward", f"output[{k}]", formula, "" if rowwise else numbers, value)
    yield from _rest("Forward", "output", len(row))


def _dense(step: Any, layer: Layer, entering: str, row: Array, j: int) -> tuple[str, str]:
    W, b = (p.name for p in layer.parameters)
    weights = step.before[W][:, j]
    names = [f"{entering}[{i}]·{W}[{i},{j}]" for i in range(len(row))]
    formula, numbers = _sum(names, row, weights)
    bias = step.before[b][j]
    return f"{formula} + {b}[{j}]", f"{numbers} + {_factor(bias)}"


# --- backward ----------------------------------------------------------------------------


def _backward(step: Any) -> Iterator[Line]:
    layers, s = step.plan.layers, step.sample
    last = layers[-1].output
    for k in range(min(layers[-1].units, _UNITS)):
        value = step.values[f"delta_{last}"][s][k]
        loss = f"∂{step.plan.loss}/∂{last}[{k}]"
        yield Line("Backward", f"delta_{last}[{k}]", loss, "", value)
    yield from _rest("Backward", f"delta_{last}", layers[-1].units)
    for layer, behind in zip(layers[-2::-1], layers[:0:-1], strict=True):
        for j in range(min(layer.units, _UNITS)):
            formula, numbers = _passed_back(step, layer, behind, j)
            value = step.values[f"delta_{layer.output}"][s][j]
            yield Line("Backward", f"delta_{layer.output}[{j}]", formula, numbers, value)
        yield from _rest("Backward", f"delta_{layer.output}", layer.units)


def _passed_back(step: Any, layer: Layer, behind: Layer, j: int) -> tuple[str, str]:
    """Return how the delta of `layer` comes from that of the layer behind it."""
    delta, s = step.values[f"delta_{behind.output}"][step.sample], step.sample
    name = f"delta_{behind.output}"
    if behind.kind == "dense":
        W = behind.parameters[0].name
        names = [f"{name}[{k}]·{W}[{j},{k}]" for k in range(len(delta))]
        return _sum(names, delta, step.before[W][j])
    if behind.kind == "activation":
        slope = step.values[f"slope_{behind.output}"][s][j]
        formula = f"{name}[{j}]·{behind.formula}'({layer.output}[{j}])"
        return formula, f"{_factor(delta[j])}·{_factor(slope)}"
    if behind.kind == "dropout":
        return f"{name}[{j}]", ""
    return f"{behind.kind} backward of {name}", ""


# --- gradients and updates ---------------------------------------------------------------


def _gradients(step: Any) -> Iterator[Line]:
    entering, rows = "x", np.asarray(step.X)
    for layer in step.plan.layers:
        if layer.kind == "dense":
            delta = f"delta_{layer.output}"
            deltas = step.values[delta]
            W, b = (p.name for p in layer.parameters)
            for i, j in _places(step.gradient[W].shape):
                yield _weight_gradient(step, W, (i, j), entering, rows[:, i], delta, deltas)
            yield from _rest("Gradients", f"∂L/∂{W}", *step.gradient[W].shape)
            for j in range(min(layer.units, _UNITS)):
                names = [
                    f"{delta}[{j}]" if len(rows) == 1 else f"{delta}[n={n},{j}]"
                    for n in range(len(rows))
                ]
                formula, numbers = _sum(names, deltas[:, j])
                yield Line("Gradients", f"∂L/∂{b}[{j}]", formula, numbers, step.gradient[b][j])
            yield from _rest("Gradients", f"∂L/∂{b}", layer.units)
        entering, rows = layer.output, step.values[layer.output]


def _weight_gradient(
    step: Any,
    W: str,
    place: tuple[int, int],
    entering: str,
    into: Array,
    delta: str,
    deltas: Array,
) -> Line:
    i, j = place
    n = [""] if len(into) == 1 else [f"n={n}," for n in range(len(into))]
    names = [f"{entering}[{one}{i}]·{delta}[{one}{j}]" for one in n]
    formula, numbers = _sum(names, into, deltas[:, j])
    if step.plan.alpha:
        total = float(len(into) if step.weight is None else np.sum(step.weight))
        formula += f" + alpha/n·{W}[{i},{j}]"
        share = f"{number(step.plan.alpha)}/{number(total)}"
        numbers += f" + {share}·{_factor(step.before[W][i, j])}"
    return Line("Gradients", f"∂L/∂{W}[{i},{j}]", formula, numbers, step.gradient[W][i, j])


def _updates(step: Any) -> Iterator[Line]:
    for name, after in step.after.items():
        for place in _places(after.shape):
            at = f"{name}[{','.join(map(str, place))}]"
            before, change = step.before[name][place], step.update[name][place]
            formula = f"{at} + {step.optimizer.name} step"
            numbers = f"{number(before)} + {_factor(change)}"
            yield Line("Update", f"new {at}", formula, numbers, after[place])
        yield from _rest("Update", f"new {name}", *after.shape)


def _places(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    yield from np.ndindex(*(min(length, _UNITS) for length in shape))


def _rest(part: str, name: str, *shape: int) -> Iterator[Line]:
    """Yield how many entries of `name` have no line of their own, if any."""
    missing = math.prod(shape) - math.prod(min(length, _UNITS) for length in shape)
    if missing:
        yield Line(part, f"… {missing:,} more of {name}", "", "", math.nan)


# --- sums --------------------------------------------------------------------------------


def _sum(names: list[str], a: Array, b: Array | None = None) -> tuple[str, str]:
    """Return a sum of products in symbols and in numbers; a long one keeps its rest as one."""
    shown = len(names) if len(names) <= _TERMS + 1 else _TERMS
    products = a if b is None else a * b
    terms = [
        _factor(a[i]) if b is None else f"{_factor(a[i])}·{_factor(b[i])}" for i in range(shown)
    ]
    symbols = names[:shown]
    if shown < len(names):
        symbols.append(f"… {len(names) - shown} more")
        terms.append(_factor(np.sum(products[shown:])))
    return " + ".join(symbols), " + ".join(terms)


def _factor(value: Any) -> str:
    """Return a number that can stand in a product or a sum: negative ones in brackets."""
    shown = number(value)
    return f"({shown})" if shown.startswith("-") else shown
