"""What a traced step puts into the picture of a network: numbers to draw and to write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.arguments import is_whole_number
from glassnet.formulas.types import Array
from glassnet.insight.tracing import PerceptronTrace, Trace
from glassnet.plots.layers import Layers, layers_of, linear_layers

__all__ = ["Step", "layers_and_step", "short"]


@dataclass(frozen=True)
class Step:
    """A traced step as its picture shows it.

    Attributes
    ----------
    weights, biases : sequences of arrays
        Before the step: what is drawn.
    beside : sequence of arrays
        What stands in brackets after each weight.
    what : str
        What that is, in a word.
    entering : array, shape (n_inputs,)
        The sample.
    on_unit : callable
        ``on_unit(layer, unit)``: the lines written on a unit, layers counted from 1.
    headline : str
        What was done, and what the letters mean.
    """

    weights: Sequence[Array]
    biases: Sequence[Array]
    beside: Sequence[Array]
    what: str
    entering: Array
    on_unit: Callable[[int, int], list[str]]
    headline: str


def layers_and_step(model: Any, trace: Any, step: int | None) -> tuple[Layers, Step | None]:
    """Return a model's layers, and what a trace of it shows.

    Parameters
    ----------
    model : MLP, MLPClassifier, MLPRegressor or Perceptron
        A `Perceptron` that has learnt nothing is drawn from its trace.
    trace : Trace, PerceptronTrace or None
    step : int, optional
        Which step of a `PerceptronTrace`, from 0.

    Raises
    ------
    TypeError, ValueError
        If one of them is something else, or the trace is another model's.
    """
    if step is not None and not isinstance(trace, PerceptronTrace):
        raise ValueError(f"step belongs to the trace of a Perceptron; got step={step!r}")
    if trace is None:
        return layers_of(model), None
    if isinstance(trace, PerceptronTrace):
        layers = _perceptron_layers(model, trace)
        return layers, _of_perceptron(trace, layers, _chosen(trace, step))
    if not isinstance(trace, Trace):
        raise TypeError(f"trace must be what glassnet.trace returns; got {trace!r:.60}")
    layers = layers_of(model)
    dense = [layer for layer in trace.plan.layers if layer.kind == "dense"]
    _check_sizes(layers, [trace.plan.n_inputs, *(layer.units for layer in dense)])
    return layers, _of_network(trace, layers.outputs)


def short(value: Any) -> str:
    """Return a number in three digits, with a true minus sign."""
    text = f"{float(value) + 0.0:.3g}"  # + 0.0: no negative zero
    return text.replace("-", "\N{MINUS SIGN}", 1) if text.startswith("-") else text


def _check_sizes(layers: Layers, sizes: list[int]) -> None:
    if sizes != layers.sizes:
        raise ValueError(f"trace must be of this model, {layers.sizes}; got one of {sizes}")


# --- a network ---------------------------------------------------------------------------


def _of_network(trace: Trace, outputs: Sequence[str]) -> Step:
    layers, s = trace.plan.layers, trace.sample
    dense = [i for i, layer in enumerate(layers) if layer.kind == "dense"]
    names = [[one.name for one in layers[i].parameters] for i in dense]
    ends = [*dense[1:], len(layers)]

    def on_unit(layer: int, unit: int) -> list[str]:
        """Return pre-activation, activation and delta of a unit, and an output's class."""
        named = [outputs[unit]] if outputs and layer == len(dense) else []
        z, last = layers[dense[layer - 1]].output, ends[layer - 1] - 1
        a = "output" if last == len(layers) - 1 else layers[last].output
        values = trace.values[z], trace.values[a], trace.values[f"delta_{z}"]
        told = [f"{key} {short(v[s][unit])}" for key, v in zip("zaδ", values, strict=True)]
        return [*named, *told]

    n = len(trace.X)
    which = "One sample" if n == 1 else f"Sample {s} of a batch of {n}"
    letters = "z pre-activation, a activation, δ = ∂L/∂z"
    return Step(
        weights=[trace.before[name[0]] for name in names],
        biases=[trace.before[name[1]] for name in names],
        beside=[trace.gradient[name[0]] for name in names],
        what="gradient",
        entering=trace.X[s],
        on_unit=on_unit,
        headline=f"{which}, loss L = {trace.loss:.4g}. {letters}.",
    )


# --- a perceptron ------------------------------------------------------------------------


def _perceptron_layers(model: Any, trace: PerceptronTrace) -> Layers:
    kind = type(model).__name__
    if kind == "Perceptron" and not hasattr(model, "coef_"):
        return linear_layers(kind, trace.weights[0], trace.biases[0], trace.classes)
    layers = layers_of(model)
    _check_sizes(layers, list(trace.weights.shape[1:]))
    return layers


def _chosen(trace: PerceptronTrace, step: int | None) -> int:
    """Return which step is shown: the one asked for, or the first that changes anything."""
    n = len(trace.order)
    if step is None:
        return int(np.argmax(trace.errors.any(axis=1)))
    if not is_whole_number(step) or not 0 <= step < n:
        raise ValueError(
            f"step must be one of the trace's {n}, from 0 to {n - 1}; got {step!r}"
        )
    return int(step)


def _of_perceptron(trace: PerceptronTrace, layers: Layers, step: int) -> Step:
    i = int(trace.order[step])
    moves = trace.weights[step + 1] - trace.weights[step]
    bias, bias_moves = trace.biases[step], trace.biases[step + 1] - trace.biases[step]

    def on_unit(layer: int, unit: int) -> list[str]:
        """Return what one perceptron makes of the sample, and what becomes of its bias."""
        named = [layers.outputs[unit]] if layers.outputs else []
        return [
            *named,
            f"bias {short(bias[unit])} ({short(bias_moves[unit])})",
            f"score {short(trace.scores[step, unit])}",
            f"answer {short(trace.answers[step, unit])}",
            f"target {short(trace.y[i, unit])}",
            f"error {short(trace.errors[step, unit])}",
        ]

    return Step(
        weights=[trace.weights[step]],
        biases=[bias],
        beside=[moves],
        what="update",
        entering=trace.X[i],
        on_unit=on_unit,
        headline=_perceptron_headline(trace, step),
    )


def _perceptron_headline(trace: PerceptronTrace, step: int) -> str:
    n, i = len(trace.order), int(trace.order[step])
    which = "One sample" if n == 1 else f"Step {step} of a pass of {n}, with sample {i}"
    wrong = int(np.abs(trace.errors[step]).sum())
    told = "no mistake: nothing moves"
    if wrong:
        mistakes = "a mistake" if wrong == 1 else f"{wrong} mistakes"
        rate = f"{trace.learning_rate:g}"
        told = f"{mistakes}: a weight moves by {rate} · error · x, a bias by {rate} · error"
    if len(trace.classes) == 2 and trace.classes.tolist() != [0, 1]:
        no, yes = (repr(one) for one in trace.classes.tolist())
        told += f". Answer 1 is {yes}, 0 is {no}"
    return f"{which}, {told}."
