"""The lines of dropout and of batch and layer normalization, forward and backward.

Each says which coin tosses or which statistics it uses.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.insight.lines.expressions import (
    TERMS,
    Expression,
    Name,
    Number,
    Valued,
    called,
    root,
    total,
)
from glassnet.insight.lines.line import Line
from glassnet.insight.lines.reader import Reader
from glassnet.network import Layer
from glassnet.network.plan import NORM_EPSILON

__all__ = ["dropped", "normalized", "slope", "through_dropout", "through_norm"]


def slope(read: Reader, layer: Layer, behind: Layer, j: int) -> Expression:
    """Return the slope of the activation `behind` a layer, as one number."""
    value = read.of(f"slope_{behind.output}")[read.step.sample][j]
    return Valued(called(f"{behind.formula}'", read.at(layer.output, j)), value)


# --- dropout -----------------------------------------------------------------------------


def dropped(read: Reader, layer: Layer, entering: str, j: int, place: int) -> Line:
    """Return what dropout leaves of a unit."""
    left = read.at(layer.output, j)
    right, remark = _kept(read, layer, read.at(entering, j), j), "nothing is dropped"
    if read.step.key is not None:
        tossed = "kept" if read.at(f"keep{layer.number}", j).value else "dropped"
        remark = f"{tossed} by the mask of step {read.step.t}, key {read.step.key}"
    return Line("Forward", left, right, left.value, "layers.dropout", remark)


def through_dropout(read: Reader, layer: Layer, behind: Layer, j: int) -> Line:
    """Return the delta before dropout."""
    left, delta = read.at(f"delta_{layer.output}", j), read.at(f"delta_{behind.output}", j)
    right, remark = _kept(read, behind, delta, j), ""
    if read.step.key is not None:
        remark = "the mask of the forward pass"
    return Line("Backward", left, right, left.value, "layers.dropout", remark)


def _kept(read: Reader, layer: Layer, what: Name, j: int) -> Expression:
    if read.step.key is None:
        return what
    rate = Name("dropout", (), layer.rate)
    return what * read.at(f"keep{layer.number}", j) / (1 - rate)


# --- normalization -----------------------------------------------------------------------


def normalized(read: Reader, layer: Layer, entering: str, shown: list[int]) -> Iterator[Line]:
    """Yield the statistics, and each unit normalized and scaled."""
    i, by_sample = layer.number, layer.kind == "layer_norm"
    for j in [0] if by_sample else shown:
        yield from _statistics(read, layer, entering, j)
    for j in shown:
        mean = read.statistic(f"mean{i}", read.step.sample if by_sample else j)
        variance = read.statistic(f"variance{i}", read.step.sample if by_sample else j)
        left, centred = read.at(f"normal{i}", j), read.at(entering, j) - mean
        right: Expression = centred / root(variance + Number(NORM_EPSILON))
        yield Line("Forward", left, right, left.value, "layers.normalize")
    for j in shown:
        left, normal = read.at(layer.output, j), read.at(f"normal{i}", j)
        right = read.parameter(f"gain{i}", j) * normal + read.parameter(f"shift{i}", j)
        yield Line("Forward", left, right, left.value, "layers.scale")


def _statistics(read: Reader, layer: Layer, entering: str, j: int) -> Iterator[Line]:
    """Yield mean and variance: of a unit over the batch, or of a sample over its units."""
    i, s, by_sample = layer.number, read.step.sample, layer.kind == "layer_norm"
    values = read.of(entering)[s] if by_sample else read.of(entering)[:, j]
    mean = read.statistic(f"mean{i}", s if by_sample else j)
    variance = read.statistic(f"variance{i}", s if by_sample else j)
    count, shown = len(values), range(min(len(values), TERMS + 1))
    z = [read.at(entering, u) if by_sample else read.at(entering, j, u) for u in shown]
    remark = _whose(read, layer)
    right = _over(total(list(z), values), count)
    yield Line("Forward", mean, right, mean.value, "layers.normalize", remark)
    squares = (values - mean.value) ** 2
    right = _over(total([(one - mean) ** 2 for one in z], squares), count)
    yield Line("Forward", variance, right, variance.value, "layers.normalize", remark)


def _over(summed: Expression, count: int) -> Expression:
    return summed if count == 1 else summed / count


def _whose(read: Reader, layer: Layer) -> str:
    if layer.kind == "layer_norm":
        return f"over this sample's {layer.units} units"
    if read.rows == 1:
        return "over this batch of one row, which has no variance"
    return f"over the {read.rows} rows of this batch, as in training"


def through_norm(read: Reader, layer: Layer, behind: Layer, shown: list[int]) -> Iterator[Line]:
    """Yield the deltas of the normalized values, and of what entered."""
    i, s, by_sample = behind.number, read.step.sample, behind.kind == "layer_norm"
    by_normal = f"delta_normal{i}"
    for j in shown:
        left = read.at(by_normal, j)
        right: Expression = read.at(f"delta_{behind.output}", j) * read.parameter(f"gain{i}", j)
        yield Line("Backward", left, right, left.value, "layers.scale_delta")
    for j in shown:
        deltas, normals = read.of(by_normal), read.of(f"normal{i}")
        line = (deltas[s], normals[s]) if by_sample else (deltas[:, j], normals[:, j])
        index = () if by_sample else (j,)
        d, normal = Name(by_normal, index), Name(f"normal{i}", index)
        shift = Valued(called("mean", d), float(np.mean(line[0])))
        stretch = Valued(called("mean", d * normal), float(np.mean(line[0] * line[1])))
        variance = read.statistic(f"variance{i}", s if by_sample else j)
        rest = read.at(by_normal, j) - shift - read.at(f"normal{i}", j) * stretch
        left = read.at(f"delta_{layer.output}", j)
        right = rest / root(variance + Number(NORM_EPSILON))
        remark = _whose(read, behind).replace("over", "means over", 1)
        yield Line("Backward", left, right, left.value, "layers.normalize_delta", remark)
