"""One training step on a copy of a network, with every number that it computes kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.engines.data import Data
from glassnet.engines.passes import Passes
from glassnet.engines.threads import one_blas_thread
from glassnet.formulas.layers import scale_delta
from glassnet.formulas.types import Array
from glassnet.network import Plan, State
from glassnet.optimizers import Optimizer

__all__ = ["Made", "advance", "computed"]


@dataclass(frozen=True, eq=False)
class Made:
    """What the engine made of a batch.

    Attributes
    ----------
    loss : float
        With the L2 penalty.
    gradient : array, shape (n_parameters,)
    kept : mapping of arrays
        What `Layer.output` names, ``"delta_z0"`` and so on, and ``"output"``.
    within : mapping of arrays
        See `Passes.within`.
    """

    loss: float
    gradient: Array
    kept: Mapping[str, Array]
    within: Mapping[str, Array]


@one_blas_thread
def advance(plan: Plan, state: State, data: Data, rule: Optimizer, key: int | None) -> Made:
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
    Made
    """
    names = [layer.output for layer in plan.layers]
    wanted = [*names, "output", *(f"delta_{name}" for name in names)]
    passes = Passes(plan, state, training=True, key=key)
    with np.errstate(over="ignore", invalid="ignore"):
        loss, penalty, kept = passes.learn(data.X, data.y, data.weight, wanted)
    made = Made(
        loss + penalty,
        passes.gradient.copy(),
        {name: kept[name].copy() for name in wanted},
        passes.within(),
    )
    state.step += 1
    factors = {name: plan.factors(name) for name in ("rate_factor", "decay_factor")}
    rule.step(state.theta, made.gradient, state.slots, state.step, **factors)
    passes.update_buffers()
    return made


def computed(plan: Plan, theta: Array, data: Data, made: Made) -> dict[str, Any]:
    """Return what `Trace` shows beside what layers hand on, from the engine's formulas.

    Parameters
    ----------
    plan : Plan
    theta : array
        The parameters before the step.
    data : Data
        The batch.
    made : Made
        From `advance`.

    Returns
    -------
    dict
        ``values`` and ``statistics`` as in `Trace`, and ``loss_per_sample``.
    """
    values, within = {**made.kept}, made.within
    statistics: dict[str, Array] = {}
    for before, layer in pairwise(plan.layers):
        i, name = layer.number, layer.output
        match layer.kind:
            case "activation":
                z, record = values[before.output], catalog.activation(layer.formula)
                values[f"slope_{name}"] = record.backward(np.ones_like(z), z, values[name])
            case "dropout" if f"keep{i}" in within:
                values[f"keep{i}"] = within[f"keep{i}"].astype(theta.dtype)
            case "batch_norm" | "layer_norm":
                gain = layer.parameters[0].of(theta)
                values[f"normal{i}"] = within[f"normal{i}"]
                values[f"delta_normal{i}"] = scale_delta(values[f"delta_{name}"], gain)
                of_layer = f"mean{i}", f"variance{i}"
                statistics |= {which: np.ravel(within[which]) for which in of_layer}
    loss = catalog.loss(plan.loss)
    at = values[plan.layers[-1].output] if plan.fused else values["output"]
    per_sample = loss.value(data.y, at, **dict(loss.parameters))
    return {"values": values, "statistics": statistics, "loss_per_sample": per_sample}
