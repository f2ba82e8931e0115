"""A network as data: its plan, its numbers, its record; and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.files.reader import Reader, part, parts
from glassnet.files.writer import Writer
from glassnet.mlp import MLP
from glassnet.network import Plan, State, build_plan
from glassnet.network.build import NORMS
from glassnet.network.state import aligned
from glassnet.training import History

__all__ = [
    "mlp_as_data",
    "mlp_from_data",
    "plan_as_data",
    "plan_from_data",
    "state_as_data",
    "state_from_data",
    "trained_by",
]

_ARGUMENTS = ("layer_sizes", "activation", "output", "loss", "dropout", "norm", "alpha")


def plan_as_data(plan: Plan) -> dict[str, Any]:
    """Return the arguments of `build_plan` that make `plan`.

    Raises
    ------
    TypeError
        If a formula is not glassnet's own, or no arguments make this plan.
    """
    own = catalog.custom_records(plan.formulas)
    if own:
        raise TypeError(
            f"{type(own[0]).__name__.lower()} {own[0].name!r} is not glassnet's own: a file "
            "holds data and no code. Save the model with pickle or joblib, or take a formula "
            "that glassnet ships"
        )
    dense = [layer.units for layer in plan.layers if layer.kind == "dense"]
    hidden = range(len(dense) - 1)
    by_output = {layer.output: layer for layer in plan.layers}
    names = {kind: name for name, kind in NORMS.items()}
    norms = [by_output.get(f"norm{i}") for i in hidden]
    drops = [by_output.get(f"drop{i}") for i in hidden]
    data: dict[str, Any] = {
        "layer_sizes": [plan.n_inputs, *dense],
        "activation": [by_output[f"a{i}"].formula for i in hidden],
        "output": plan.output,
        "loss": plan.loss,
        "dropout": [0.0 if layer is None else layer.rate for layer in drops],
        "norm": [None if layer is None else names[layer.kind] for layer in norms],
        "alpha": plan.alpha,
    }
    if build_plan(**data) != plan:
        raise TypeError("the plan must be one that build_plan makes, its groups included")
    return data


def plan_from_data(data: Any) -> Plan:
    """Return the plan that these arguments make."""
    parts(data, "plan", *_ARGUMENTS)
    for name in ("layer_sizes", "activation", "dropout", "norm"):
        part(data, name, list)
    part(data, "alpha", int, float)
    texts = [*data["activation"], part(data, "output", str), part(data, "loss", str)]
    if not all(type(text) is str for text in texts):
        raise ValueError("activation must hold names")
    plan = build_plan(**data)
    if catalog.custom_records(plan.formulas):
        raise ValueError(f"formulas must be glassnet's own; got {', '.join(texts):.200}")
    return plan


def state_as_data(writer: Writer, state: State) -> dict[str, Any]:
    """Return θ, buffers, slots and counters; the arrays are put aside."""
    slots = [[name, writer.array(f"slot {name}", a)] for name, a in state.slots.items()]
    return {
        "theta": writer.array("theta", state.theta),
        "buffers": writer.array("buffers", state.buffers),
        "slots": slots,
        "step": int(state.step),
        "key": int(state.key),
    }


def state_from_data(reader: Reader, data: Any, plan: Plan) -> State:
    """Return the numbers of a network of this plan."""
    parts(data, "state", "theta", "buffers", "slots", "step", "key")
    theta = reader.floats("theta", data["theta"], (plan.n_parameters,))
    buffers = reader.floats("buffers", data["buffers"], (plan.n_buffers,), theta.dtype)
    for place in plan.buffers:
        if place.name.startswith("running_variance") and (place.of(buffers) < 0).any():
            raise ValueError(f"{place.name} must be >= 0")
    slots = {}
    for pair in part(data, "slots", list):
        if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str:
            raise ValueError("slots must hold pairs of a name and an array")
        name = pair[0]
        slots[name] = reader.array(f"slot {name:.40}", pair[1], None, "f")
        if slots[name].shape not in (theta.shape, ()):
            raise ValueError(f"slot {name:.40} must have shape {theta.shape} or ()")
    step, key = part(data, "step", int), part(data, "key", int)
    if not 0 <= step < 2**63 or not 0 <= key < 2**64:
        raise ValueError(f"step and key must be whole numbers >= 0; got {step} and {key}")
    return State(aligned(theta), buffers.copy(), slots, step, key)


def history_as_data(writer: Writer, history: History) -> dict[str, Any]:
    """Return a record of training; its series are put aside."""
    series = {
        name: writer.array(name, np.array(getattr(history, name), float))
        for name in ("loss", "validation_loss", "learning_rate", "seconds")
    }
    metrics = [
        [name, writer.array(f"metric {name}", np.array(values, float))]
        for name, values in history.metrics.items()
    ]
    rest = {"stopped": history.stopped, "best_epoch": history.best_epoch}
    return {**series, "metrics": metrics, **rest}


def history_from_data(reader: Reader, data: Any) -> History:
    """Return a record of training; every series has an entry per epoch."""
    parts(data, "history", *(field.name for field in fields(History)))

    def series(name: str, one: Any, *lengths: int) -> list[float]:
        found: list[float] = reader.array(name, one, None, "f").ravel().tolist()
        if lengths and len(found) not in lengths:
            raise ValueError(f"{name} must have an entry per epoch, {lengths[0]}")
        return found

    loss = series("loss", data["loss"])
    metrics = {}
    for pair in part(data, "metrics", list):
        if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str:
            raise ValueError("metrics must hold pairs of a name and an array")
        metrics[pair[0]] = series("a metric", pair[1], len(loss))
    return History(
        loss,
        series("validation_loss", data["validation_loss"], len(loss), 0),
        metrics,
        series("learning_rate", data["learning_rate"], len(loss)),
        series("seconds", data["seconds"], len(loss)),
        part(data, "stopped", str),
        part(data, "best_epoch", int, type(None)),
    )


def mlp_as_data(writer: Writer, net: MLP) -> dict[str, Any]:
    """Return an `MLP` as data; its arrays are put aside."""
    known = {"_engine", "_n_threads", "plan", "rng", "state", "history"}
    extra = set(vars(net)) - known - {"engine_", "engine_reason_"}
    if extra:
        raise TypeError(f"an MLP has no attribute {', '.join(sorted(extra))}: remove it first")
    return {
        "plan": plan_as_data(net.plan),
        "state": state_as_data(writer, net.state),
        "random": writer.random("rng", net.rng),
        "history": history_as_data(writer, net.history),
        "engine": net.engine,
        "n_threads": writer.value("n_threads", net.n_threads),
        "engine_": vars(net).get("engine_"),
        "engine_reason_": vars(net).get("engine_reason_", ""),
    }


def mlp_from_data(reader: Reader, data: Any) -> MLP:
    """Return the `MLP` that `data` describes."""
    names = ("plan", "state", "random", "history", "engine", "n_threads")
    parts(data, "MLP", *names, "engine_", "engine_reason_")
    plan = plan_from_data(data["plan"])
    state = state_from_data(reader, data["state"], plan)
    source = reader.random("random", data["random"])
    net = MLP.of(plan, state, source, history_from_data(reader, data["history"]))
    net.engine, net.n_threads = data["engine"], data["n_threads"]
    if data["engine_"] is not None:
        net.engine_, net.engine_reason_ = trained_by(data)
    return net


def trained_by(data: Any) -> tuple[str, str]:
    """Return who trained a model last, and why."""
    if data["engine_"] not in ("numpy", "numba"):
        raise ValueError(f"engine_ must be numpy or numba; got {data['engine_']!r:.40}")
    return data["engine_"], part(data, "engine_reason_", str)
