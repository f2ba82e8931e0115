"""What goes on in each layer: signals, gradients, units, weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet import catalog
from glassnet.engines import numpy_engine as engine
from glassnet.insight.activity import hidden_layers, share_dead
from glassnet.insight.diagnosis.case import Case, hidden_activations, rebuilt
from glassnet.network import State

__all__ = ["Layers", "gradient_error", "look"]

_WORK = 2e8  # parameters times rows that go into one draw; wide networks get fewer rows
_LEAST = 50  # rows all the same
_DRAWS = 8  # of random errors: one alone is off by a factor of several in narrow networks


@dataclass(frozen=True)
class Layers:
    """Numbers per dense layer, from one pass forward and back.

    Attributes
    ----------
    loss : float
    echo : tuple of float
        Root mean square of each weight matrix's gradient by a random error of size 1 in one
        row. A network at rest on a plateau has errors that cancel in the last layer; these
        do not.
    weights : tuple of float
        Root mean square weight times the square root of the units before: about 1 is usual.
    dead : tuple of float
        Share of each hidden layer's units whose slope is 0 on every row.
    identical : bool
        Whether all units of some hidden layer of two or more are the same.
    output_flat : float
        Share of outputs within 1 % of a bound of the output activation, and wrong by half
        of its range or more.
    """

    loss: float
    echo: tuple[float, ...]
    weights: tuple[float, ...]
    dead: tuple[float, ...]
    identical: bool
    output_flat: float

    @property
    def flow(self) -> float:
        """What arrives at the first layer over what arrives at the last; 1 for one layer."""
        first, last = self.echo[0], self.echo[-1]
        if not (np.isfinite(first) and np.isfinite(last)):
            return np.inf
        return first / last if last > 0 else 1.0


def look(case: Case, state: State) -> Layers:
    """Measure the network at `state` on the case's rows."""
    plan = case.plan
    hidden = hidden_layers(plan)
    names = [layer.output for pair in hidden for layer in pair]
    own = State(state.theta.astype(float), state.buffers.astype(float))
    with np.errstate(all="ignore"):
        loss, _, kept = engine.loss_and_gradients(
            plan, own, case.X, case.y, keep=[*names, "output"]
        )
        dense = [la.parameters[0] for la in plan.layers if la.kind == "dense"]
        weights = tuple(
            float(np.sqrt(np.mean(W.of(own.theta) ** 2) * W.shape[0])) for W in dense
        )
        dead = tuple(
            share_dead(
                catalog.activation(layer.formula), kept[before.output], kept[layer.output]
            )
            for before, layer in hidden
        )
        return Layers(
            float(loss),
            _echo(case, own),
            weights,
            dead,
            _identical(case, own),
            _flat_and_wrong(case, kept["output"]),
        )


def _echo(case: Case, state: State) -> tuple[float, ...]:
    """Return each layer's gradient where a row's error is a random number."""
    plan = rebuilt(case.plan, loss="squared_error", output="identity", alpha=0.0, dropout=0.0)
    dense = [la.parameters[0] for la in plan.layers if la.kind == "dense"]
    rows = max(_LEAST, int(_WORK / case.plan.n_parameters))
    X = case.X[:: -(-len(case.X) // rows)]
    logits, _ = engine.forward(plan, state, X)
    rng, squares = np.random.default_rng(0), np.zeros(len(dense))
    for _ in range(_DRAWS):
        errors = rng.normal(size=logits.shape)
        _, gradient, _ = engine.loss_and_gradients(plan, state, X, logits + errors)
        squares += [np.mean(W.of(gradient) ** 2) for W in dense]
    # The loss is a mean: random errors of n rows leave 1/sqrt(n) of one row's gradient.
    return tuple(float(g) for g in np.sqrt(squares / _DRAWS * len(X)))


def _flat_and_wrong(case: Case, out: np.ndarray) -> float:
    low, high = catalog.activation(case.plan.output).bounds
    if not (np.isfinite(low) and np.isfinite(high)):
        return 0.0
    margin = 0.01 * (high - low)
    flat = (out < low + margin) | (out > high - margin)
    return float(np.mean((flat & (np.abs(out - case.y) > 0.5 * (high - low))).any(axis=1)))


def _identical(case: Case, state: State) -> bool:
    dense = [la for la in case.plan.layers if la.kind == "dense"]
    for layer in dense[:-1]:
        W = layer.parameters[0].of(state.theta)
        b = layer.parameters[1].of(state.theta)
        spread = np.ptp(W, axis=1).max() + np.ptp(b)
        if layer.units > 1 and spread <= 1e-9 * max(1.0, np.abs(W).max()):
            return True
    return False


def gradient_error(case: Case, seed: int) -> tuple[str, float]:
    """Return the formula whose slope is most wrong, and its relative error.

    Each hidden activation and the loss is held to central differences in float64, at 41
    points away from the kinks that it declares.
    """
    worst = ("", 0.0)
    z = np.linspace(-3.1, 3.3, 41)[:, None]
    h = 1e-6
    for text in dict.fromkeys(hidden_activations(case.plan)):
        record = catalog.activation(text)
        slope = record.backward(np.ones_like(z), z, record(z))
        measured = (record(z + h) - record(z - h)) / (2 * h)
        away = np.ones(z.shape, bool)
        for kink in record.kinks:
            away &= np.abs(z - kink) > 10 * h
        worst = max(worst, (text, _relative(slope[away], measured[away])), key=lambda p: p[1])
    return max(worst, (case.plan.loss, _loss_error(case, seed)), key=lambda pair: pair[1])


def _loss_error(case: Case, seed: int) -> float:
    loss = catalog.loss(case.plan.loss)
    y = case.y[:16]
    f = np.random.default_rng(seed).normal(size=y.shape)
    if loss.link != case.plan.output or loss.link == "identity":
        f = f + y  # near the targets, as a network's outputs come to be
    slope, measured, h = loss.mean_gradient(y, f), np.zeros_like(f), 1e-6
    for place in np.ndindex(*f.shape):
        step = np.zeros_like(f)
        step[place] = h
        measured[place] = (loss.mean(y, f + step) - loss.mean(y, f - step)) / (2 * h)
    return _relative(slope, measured)


def _relative(one: np.ndarray, other: np.ndarray) -> float:
    """Return how wrong all but a tenth are at most, in units of the largest slope.

    Kinks that nobody declared are outliers.
    """
    scale = max(float(np.abs(one).max()), float(np.abs(other).max()), 1e-12)
    return float(np.quantile(np.abs(one - other), 0.9)) / scale
