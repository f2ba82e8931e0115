"""One training step on a copy of a network, with every number that it computes kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.engines import numpy_engine as engine
from glassnet.engines.data import Data
from glassnet.formulas.layers import normalize
from glassnet.formulas.random_bits import keep_mask
from glassnet.formulas.running_statistics import running_step
from glassnet.formulas.types import Array
from glassnet.network import Layer, Plan, State
from glassnet.network.plan import NORM_EPSILON, RUNNING_MOMENTUM
from glassnet.optimizers import Optimizer

__all__ = ["advance", "computed"]


def advance(
    plan: Plan, state: State, data: Data, rule: Optimizer, key: int | None
) -> dict[str, Any]:
    """Take one step of training on all of `data`, in place on `state`.

    Parameters
    ----------
    plan, state
        The network; ``state.slots`` must come from ``rule.start``.
    data : Data
        The batch, in the precision of the network.
    rule : Optimizer
        Who makes the step.
    key : int or None
        Of dropout's coin tosses; without it nothing is dropped.

    Returns
    -------
    dict
        ``loss``, ``gradient`` (a vector) and ``kept``: what `Layer.output` names, the deltas
        and the outputs.
    """
    names = [layer.output for layer in plan.layers]
    wanted = [*names, "output", *(f"delta_{name}" for name in names)]
    with np.errstate(over="ignore", invalid="ignore"):
        loss, gradient, kept = engine.loss_and_gradients(
            plan, state, data.X, data.y, data.weight, key=key, keep=wanted
        )
    kept = {name: kept[name].copy() for name in wanted}
    state.step += 1
    factors = {name: plan.factors(name) for name in ("rate_factor", "decay_factor")}
    rule.step(state.theta, gradient, state.slots, state.step, **factors)
    for layer, z in _normalizations(plan, kept):
        if layer.buffers and len(z) > 1:
            _, _, mean, variance = normalize(z, NORM_EPSILON, axis=-2)
            running_mean, running_variance = (p.of(state.buffers) for p in layer.buffers)
            running_step(
                running_mean, running_variance, mean, variance, len(z), RUNNING_MOMENTUM
            )
    return {"loss": float(loss), "gradient": gradient, "kept": kept}


def computed(
    plan: Plan, theta: Array, data: Data, kept: Mapping[str, Array], t: int, key: int | None
) -> dict[str, Any]:
    """Return what layers compute on the way and do not hand on, from the engine's formulas.

    Parameters
    ----------
    plan : Plan
    theta : array
        The parameters before the step.
    data : Data
        The batch.
    kept : mapping of arrays
        From `advance`.
    t : int
        Number of the step.
    key : int or None
        Of dropout.

    Returns
    -------
    dict
        ``values`` and ``statistics`` as in `Trace`, and ``loss_per_sample``.
    """
    values: dict[str, Array] = {**kept}
    statistics: dict[str, Array] = {}
    for place, (before, layer) in enumerate(
        zip(plan.layers[:-1], plan.layers[1:], strict=True), start=1
    ):
        i = layer.output.lstrip("abcdefghijklmnopqrstuvwxyz")
        if layer.kind == "activation":
            z, a = kept[before.output], kept[layer.output]
            record = catalog.activation(layer.formula)
            values[f"slope_{layer.output}"] = record.backward(np.ones_like(z), z, a)
        elif layer.kind == "dropout" and key is not None:
            rows, units = kept[layer.output].shape
            mask = keep_mask(key, t, place, rows, units, layer.rate)
            values[f"keep{i}"] = mask.astype(theta.dtype)
    for layer, z in _normalizations(plan, kept):
        i, axis = layer.output.removeprefix("norm"), -2 if layer.kind == "batch_norm" else -1
        normal, _, mean, variance = normalize(z, NORM_EPSILON, axis)
        gain = layer.parameters[0].of(theta)
        values[f"normal{i}"] = normal
        values[f"delta_normal{i}"] = kept[f"delta_{layer.output}"] * gain
        statistics |= {f"mean{i}": np.ravel(mean), f"variance{i}": np.ravel(variance)}
    loss = catalog.loss(plan.loss)
    at = kept[plan.layers[-1].output] if plan.fused else kept["output"]
    per_sample = loss.value(data.y, at, **dict(loss.parameters))
    return {"values": values, "statistics": statistics, "loss_per_sample": per_sample}


def _normalizations(plan: Plan, kept: Mapping[str, Array]) -> list[tuple[Layer, Array]]:
    """Return each normalization with what enters it."""
    pairs = zip(plan.layers[:-1], plan.layers[1:], strict=True)
    return [
        (layer, kept[before.output])
        for before, layer in pairs
        if layer.kind in ("batch_norm", "layer_norm")
    ]
