"""Fully connected layers in a program: which kernels multiply, and how they are cut."""

from __future__ import annotations

from glassnet.engines.compiled import batch, blas, layout, sparse, tiles
from glassnet.engines.compiled.builder import Builder
from glassnet.engines.compiled.stages import Cut
from glassnet.engines.compiled.vectors import VECTOR_BYTES
from glassnet.network import Layer, Plan

__all__ = ["dense_layer", "for_blas", "gather", "rows_together", "sparse_layer"]

# Chosen by timing on processors with vectors of 32 and 64 bytes; `benchmarks/thresholds.py`
# times them again.
_SMALL = 64 * 64  # weights of a layer from which a network counts as large
_IN_CACHE = 256  # rows of a small network
_FEW = 8  # features, or rows, that are fetched column by column
_FEW_UNITS = 4  # up to which a gradient is always made of sums along the rows of a chunk
_MANY_ROWS = {"float32": 128, "float64": 64}  # from which it is, whatever the units,
_TOO_MANY_ROWS = 512  # and from which not, for they lie too far apart
# Multiplications from which BLAS is faster than tiles: it copies both factors together, so
# that what is multiplied next lies next to it, and tiles do not. Where vectors are long that
# pays late; and some BLAS do not know the newest processors and use a half of each vector.
_BLAS_FROM = 8_000_000_000 if VECTOR_BYTES == 64 else 2_500_000


def rows_together(plan: Plan, most: int) -> int:
    """Return how many rows go through a network together, at most `most`.

    Those of a small network are so few that their values stay in the fastest cache; of a large
    one, so many that its products are efficient.
    """
    small = all(_weights(layer) < _SMALL for layer in plan.layers)
    return min(most, _IN_CACHE) if small else most


def for_blas(layer: Layer, chunk: int) -> bool:
    """Return whether a layer's products are so large that BLAS makes them faster than tiles."""
    return _weights(layer) * chunk >= _BLAS_FROM


def _weights(layer: Layer) -> int:
    return layer.units_in * layer.units if layer.kind == "dense" else 0


def gather(to: Builder) -> None:
    """Add what fetches the features: rows as they are, which are then transposed.

    BLAS multiplies them as they are, and a few features are fetched column by column.
    """
    units = to.plan.n_inputs
    through, few = for_blas(to.plan.layers[0], to.chunk), min(units, to.chunk) < _FEW
    to.a = to.layer(units)
    place = to.a if through or few else to.rows(units)
    as_rows = int(through or not few)
    to.add(layout.GATHER, batch.gather, units=units, out=place, as_rows=as_rows)
    if place != to.a:
        to.add(layout.GATHER, tiles.transpose, rows=0, columns=units, x=place, out=to.a)


def dense_layer(to: Builder, layer: Layer, place: int) -> None:
    """Add a fully connected layer."""
    a, to.a, is_first = to.a, to.layer(layer.units), place == 0
    if to.learns and not is_first:
        to.delta, to.other_delta = to.other_delta, to.delta
    if for_blas(layer, to.chunk):
        _blas_forward(to, layer, a, is_first)
        _blas_backward(to, layer, a, is_first)
    else:
        _forward(to, layer, a)
        if not is_first:
            _input_backward(to, layer)
        _weights_backward(to, layer, a)


def _forward(to: Builder, layer: Layer, a: int) -> None:
    """Add ``z[j] = sum over k of [W, b][k, j] [a, 1][k]``, along the rows."""
    W, b = layer.parameters
    assert b.start == W.stop  # [W, b] is one matrix
    parts = to.parts(layer.units, _weights(layer))
    to.forward(tiles.ones, block=a, row=layer.units_in)
    to.forward(
        tiles.multiply,
        units=layer.units,
        places=0,
        terms=layer.units_in + 1,
        out=to.a,
        x=a,
        c=W.start,
        in_theta=1,
        by_unit=1,
        by_term=layer.units,
        adds=0,
        cut=Cut(parts, rows=("out",), steps={"c": 1}, fresh=True),
    )


def _input_backward(to: Builder, layer: Layer) -> None:
    """Add the gradient by the input: the sum over j of ``W[k, j] delta[j]``, along the rows."""
    W, _ = layer.parameters
    units_in, parts = layer.units_in, to.parts(layer.units_in, _weights(layer))
    to.back(
        tiles.multiply,
        units=units_in,
        places=0,
        terms=layer.units,
        out=to.other_delta,
        x=to.delta,
        c=W.start,
        in_theta=1,
        by_unit=layer.units,
        by_term=1,
        adds=0,
        cut=Cut(parts, rows=("out",), steps={"c": layer.units}, fresh=True),
    )


def _weights_backward(to: Builder, layer: Layer, a: int) -> None:
    """Add the gradient by [W, b]: the sum over rows i of ``[a, 1][k, i] delta[j, i]``.

    Either along the rows; or with delta written by rows before, so that loops run along j: it
    is added behind, for the way back runs in reverse.
    """
    W, _ = layer.parameters
    rows, units = layer.units_in + 1, layer.units  # of [W, b]
    parts, gradient = to.parts(rows, _weights(layer)), to.in_gradient(W)
    many = _MANY_ROWS[to.precision] <= to.chunk < _TOO_MANY_ROWS
    if many or min(rows, units) <= _FEW_UNITS:
        to.back(
            tiles.gradient_along_rows,
            rows=rows,
            units=units,
            out=gradient,
            a=a,
            delta=to.delta,
            cut=Cut(parts, "rows", rows=("a",), steps={"out": units}, fresh=True),
        )
        return
    by_rows = to.rows(units)
    to.back(
        tiles.multiply,
        units=rows,
        places=units,
        terms=0,
        out=gradient,
        x=by_rows,
        c=a,
        in_theta=0,
        by_unit=0,
        by_term=1,
        adds=1,
        cut=Cut(parts, rows=("c",), steps={"out": units}, fresh=True),
    )
    to.back(tiles.transpose, rows=units, columns=0, x=to.delta, out=by_rows)


def _blas_forward(to: Builder, layer: Layer, a: int, is_first: bool) -> None:
    W, b = layer.parameters
    units, parts = layer.units, to.parts(layer.units, _weights(layer), packed=True)
    to.forward(
        blas.forward,
        units_in=layer.units_in,
        units=units,
        W=W.start,
        b=b.start,
        a=a,
        z=to.a,
        gemm=blas.gemm(to.precision),
        W_step=units,
        a_step=layer.units_in if is_first else 0,
        cut=Cut(parts, rows=("z",), steps={"W": 1, "b": 1}, fresh=True),
    )


def _blas_backward(to: Builder, layer: Layer, a: int, is_first: bool) -> None:
    W, _ = layer.parameters
    units_in, units = layer.units_in, layer.units
    parts = to.parts(units_in, _weights(layer), packed=True)
    steps = {"W": units, "gradient": units}
    cut = Cut(parts, "units_in", ("a", "input_delta"), steps, fresh=True)
    if is_first:  # the data lie by rows
        cut = Cut(parts, "units_in", (), {**steps, "a": 1}, fresh=True)
    to.back(
        blas.backward,
        units_in=units_in,
        units=units,
        W=W.start,
        gradient=to.in_gradient(W),
        a=a,
        delta=to.delta,
        input_delta=-1 if is_first else to.other_delta,
        gemm=blas.gemm(to.precision),
        a_step=units_in if is_first else 0,
        cut=cut,
    )
    _bias_gradient(to, layer)


def sparse_layer(to: Builder, layer: Layer, place: int) -> None:
    """Add a dense layer that reads sparse data; each stretch of its units stands alone."""
    W, b = layer.parameters
    units_in, units = layer.units_in, layer.units
    z, scratch = to.layer(units), to.block(sparse.BLOCK * units)
    parts = to.parts(units, units_in * units, packed=True)  # each walks all entries
    to.forward(
        sparse.forward,
        units=units,
        W_step=units,
        W=W.start,
        b=b.start,
        z=z,
        scratch=scratch,
        cut=Cut(parts, rows=("z",), steps={"W": 1, "b": 1, "scratch": sparse.BLOCK}),
    )
    to.back(
        sparse.backward,
        units=units,
        W_step=units,
        gradient=to.in_gradient(W),
        delta=to.delta,
        scratch=scratch,
        units_in=units_in,
        cut=Cut(parts, rows=("delta",), steps={"gradient": 1, "scratch": sparse.BLOCK}),
    )
    _bias_gradient(to, layer)
    to.a = z


def _bias_gradient(to: Builder, layer: Layer) -> None:
    """Add the gradient of a layer's bias."""
    _, b = layer.parameters
    cut, at = Cut(rows=("delta",), steps={"gradient": 1}), to.in_gradient(b)
    to.back(blas.bias_backward, units=layer.units, gradient=at, delta=to.delta, cut=cut)
