"""Fully connected layers in a program: which kernels multiply, and how they are cut."""

from __future__ import annotations

from glassnet.engines.compiled import batch, dense, layout, products
from glassnet.engines.compiled.builder import Builder
from glassnet.engines.compiled.stages import Cut
from glassnet.network import Layer

__all__ = ["fully_connected", "gather", "through_blas"]

_FEW = 8  # features, or rows, that are fetched column by column
_FEW_UNITS = 4  # up to which a gradient is always made of sums along the rows of a chunk
_MANY_ROWS = {"float32": 128, "float64": 64}  # from which it is, whatever the units
_PRODUCT = 2_500_000  # multiplications from which BLAS is faster than tiles without packing


def through_blas(layer: Layer, chunk: int) -> bool:
    """Return whether a layer's products are large enough for BLAS; shapes decide alone."""
    return layer.units_in * layer.units * chunk >= _PRODUCT


def gather(to: Builder) -> None:
    """Add what fetches the features: rows as they are, which are then transposed.

    BLAS multiplies them as they are, and a few features are fetched column by column.
    """
    units = to.plan.n_inputs
    blas, few = through_blas(to.plan.layers[0], to.chunk), min(units, to.chunk) < _FEW
    to.a = to.layer(units)
    place = to.a if blas or few else to.rows(units)
    to.say(layout.GATHER, batch.gather, [units, place, 0 if few and not blas else units])
    if not (blas or few):
        to.say(layout.GATHER, dense.transpose, [0, units, place, to.a])


def fully_connected(to: Builder, layer: Layer, place: int) -> None:
    """Add a fully connected layer."""
    first = place == 0
    z = to.layer(layer.units)
    input_delta = -1
    if not first:
        to.delta, to.other_delta = to.other_delta, to.delta
        input_delta = to.other_delta
    by = _by_blas if through_blas(layer, to.chunk) else _in_tiles
    by(to, layer, z, input_delta, first)
    to.a = z


def _in_tiles(to: Builder, layer: Layer, z: int, input_delta: int, first: bool) -> None:
    W, b = layer.parameters
    assert b.start == W.stop  # [W, b] is one matrix
    units_in, units, work = layer.units_in, layer.units, layer.units_in * layer.units
    to.forward(dense.ones, [to.a, units_in])
    at = [units, 0, units_in + 1, z, to.a, W.start, 1, 1, units, 0]
    cut = Cut(units, to.parts(units, work), 0, (3,), ((5, 1),), fresh=True)
    to.forward(dense.multiply, at, cut=cut)
    gradient, rows = to.in_gradient(W), units_in + 1
    if not first:
        at = [units_in, 0, units, input_delta, to.delta, W.start, 1, units, 1, 0]
        cut = Cut(units_in, to.parts(units_in, work), 0, (3,), ((5, units),), fresh=True)
        to.back(dense.multiply, at, cut=cut)
    if min(rows, units) <= _FEW_UNITS or to.chunk >= _MANY_ROWS[to.precision]:
        at = [rows, units, gradient, to.a, to.delta]
        cut = Cut(rows, to.parts(rows, work), 0, (3,), ((2, units),), fresh=True)
        to.back(dense.gradient_along_rows, at, cut=cut)
        return
    by_rows = to.rows(units)
    at = [rows, units, 0, gradient, by_rows, to.a, 0, 0, 1, 1]
    cut = Cut(rows, to.parts(rows, work), 0, (5,), ((3, units),), fresh=True)
    to.back(dense.multiply, at, cut=cut)
    to.back(dense.transpose, [units, 0, to.delta, by_rows])


def _by_blas(to: Builder, layer: Layer, z: int, input_delta: int, first: bool) -> None:
    W, b = layer.parameters
    units_in, units, work = layer.units_in, layer.units, layer.units_in * layer.units
    gemm, by_row = products.gemm(to.precision), first
    forward = [units_in, units, W.start, b.start, to.a, z, gemm, int(by_row), units]
    cut = Cut(units, to.parts(units, work, packed=True), 1, (5,), ((2, 1), (3, 1)), fresh=True)
    to.forward(products.forward, forward, cut=cut)
    places = [W.start, to.in_gradient(W), to.a, to.delta, input_delta, gemm]
    rows = () if by_row else (4,) if input_delta < 0 else (4, 6)
    steps = ((2, units), (3, units), *([(4, 1)] if by_row else []))
    cut = Cut(units_in, to.parts(units_in, work, packed=True), 0, rows, steps, fresh=True)
    at = [units_in, units, *places, units_in if by_row else 0]
    to.back(products.backward, at, cut=cut)
    bias = [units, to.in_gradient(b), to.delta]
    to.back(products.bias_backward, bias, cut=to.cut(units, 2, steps=((1, 1),)))
