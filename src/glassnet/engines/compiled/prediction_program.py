"""From a plan to the program that predicts: forward only, by running statistics, no dropout."""

from __future__ import annotations

from functools import lru_cache

from glassnet import catalog
from glassnet.engines.compiled import blas, prediction
from glassnet.engines.compiled.builder import Builder, Program, assembled
from glassnet.engines.compiled.dense import for_blas, gather
from glassnet.engines.compiled.program import LAYERS, activate
from glassnet.network import Layer, Plan
from glassnet.network.plan import NORM_EPSILON

__all__ = ["build"]


@lru_cache(maxsize=64)
def build(plan: Plan, precision: str, chunk: int) -> Program:
    """Return the program that takes `plan` forward, in chunks of up to `chunk` rows."""
    to = Builder(plan, precision, chunk, learns=False)
    first = plan.layers[0]
    if chunk > 1 and for_blas(first, chunk):
        _from_rows(to, first)
    else:
        gather(to)
        _layer(to, first, 0)
    for place, layer in enumerate(plan.layers[1:], 1):
        _layer(to, layer, place)
    units = plan.n_outputs
    to.forward(prediction.hand_out, units=units, a=to.a, logits=1)
    activate(to, catalog.activation(plan.output), units)
    to.forward(prediction.hand_out, units=units, a=to.a, logits=0)
    return assembled(to, (chunk, chunk), prediction.predict)


def _layer(to: Builder, layer: Layer, place: int) -> None:
    if layer.kind == "dense" and to.chunk == 1:
        _one_row(to, layer)
    elif layer.kind == "batch_norm":
        _by_running(to, layer)
    elif layer.kind != "dropout":  # nothing is dropped
        LAYERS[layer.kind](to, layer, place)


def _from_rows(to: Builder, layer: Layer) -> None:
    W, b = layer.parameters
    to.a = to.layer(layer.units)
    to.forward(
        prediction.from_rows,
        units_in=layer.units_in,
        units=layer.units,
        W=W.start,
        b=b.start,
        z=to.a,
        gemm=blas.gemm(to.precision),
    )


def _one_row(to: Builder, layer: Layer) -> None:
    W, b = layer.parameters
    a, to.a = to.a, to.layer(layer.units)
    to.forward(
        prediction.one_row,
        units_in=layer.units_in,
        units=layer.units,
        W=W.start,
        b=b.start,
        a=a,
        z=to.a,
    )


def _by_running(to: Builder, layer: Layer) -> None:
    gain, shift = layer.parameters
    mean, variance = (p.start for p in layer.buffers)
    z, to.a = to.a, to.layer(layer.units)
    to.forward(
        prediction.by_running,
        epsilon=NORM_EPSILON,
        units=layer.units,
        gain=gain.start,
        shift=shift.start,
        z=z,
        out=to.a,
        mean=mean,
        variance=variance,
    )
