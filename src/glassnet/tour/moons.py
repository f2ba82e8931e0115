"""Chapter 3: the notebook's network on the moons: why it does not learn, and the cure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.datasets import make_moons

from glassnet import MLP, optimizers, plots
from glassnet.plots.canvas import canvas
from glassnet.plots.style import LINE_COLORS, LINE_STYLES
from glassnet.tour.report import Chapter, Figure, Table, Takeaway, Text
from glassnet.tour.tools import blank, percent, spread
from glassnet.training import Epoch

__all__ = ["CURES", "Cure", "cured", "moons", "notebook_network", "train", "untrained"]

STEPS = 1000


@dataclass(frozen=True)
class Cure:
    """One rung of the ladder from the notebook's settings to settings that learn."""

    change: str
    reason: str
    network: dict[str, Any]
    learning_rate: float


_NOTEBOOK = {"activation": "sigmoid", "initializer": "normal(0.1)", "loss": "squared_error"}
_GLOROT = {**_NOTEBOOK, "initializer": "glorot_uniform"}
_ENTROPY = {**_GLOROT, "loss": "binary_cross_entropy"}
_TANH = {**_ENTROPY, "activation": "tanh"}

CURES = (
    Cure("the notebook's settings", "", _NOTEBOOK, 0.01),
    Cure(
        "+ Glorot initial weights",
        "weights of 0.1·N(0, 1) shrink signal and gradient at every layer; Glorot's rule keeps "
        "their size where the activation has slope 1 (a sigmoid's 1/4 still shrinks them)",
        _GLOROT,
        0.01,
    ),
    Cure(
        "+ cross-entropy behind a sigmoid output",
        "the targets are classes: its gradient stays large as long as an answer is wrong",
        _ENTROPY,
        0.01,
    ),
    Cure(
        "+ tanh for sigmoid",
        "a sigmoid's slope is at most 1/4, and its outputs are never centred on 0; tanh has "
        "slope 1 at 0 and is centred",
        _TANH,
        0.01,
    ),
    Cure(
        "+ learning rate 0.5 for 0.01",
        "with a sound gradient steps can be fifty times as long; long steps alone (last row) "
        "end at a straight line",
        _TANH,
        0.5,
    ),
)

RATE_ALONE = Cure("the learning rate alone: 0.5 for 0.01", "", _NOTEBOOK, 0.5)


def train(cure: Cure, seed: Any, X: Any, y: Any, callbacks: Any = ()) -> MLP:
    """Return a 2-10-5-1 network trained for 1,000 full-batch steps."""
    net = MLP([2, 10, 5, 1], seed=seed, **cure.network)
    rule = optimizers.SGD(cure.learning_rate)
    return net.fit(X, y, optimizer=rule, epochs=STEPS, callbacks=callbacks)


def untrained() -> MLP:
    """Return the notebook's network with the notebook's own initial weights."""
    return MLP([2, 10, 5, 1], seed=np.random.RandomState(42), **CURES[0].network)


def notebook_network(X: Any, y: Any) -> MLP:
    """Return the notebook's network after its 1,000 steps."""
    return train(CURES[0], np.random.RandomState(42), X, y)


def cured(X: Any, y: Any, seed: int = 0) -> MLP:
    """Return the network at the top of the ladder."""
    return train(CURES[-1], seed, X, y)


def accuracy(net: MLP, X: Any, y: Any) -> float:
    """Return the share of points on the right side of one half."""
    return float(np.mean(net.predict(X, threshold=0.5) == y))


def moons(seeds: int) -> Chapter:
    """Show the failure, its cause in numbers, and the ladder of cures."""
    X, y = make_moons(200, noise=0.1, random_state=42)
    X_new, y_new = make_moons(2000, noise=0.1, random_state=7)
    failed, healthy = notebook_network(X, y), cured(X, y)
    before, after = accuracy(failed, X, y), accuracy(healthy, X, y)
    ladder, curves = _climb(seeds, X, y, X_new, y_new)
    best = ladder[CURES[-1].change]
    return Chapter(
        "A network that does not learn, and its cure",
        [
            Text(
                "Hidden units bend the line. But a network of the classic notebook's kind, "
                "2-10-5-1 with sigmoid units, weights of 0.1·N(0, 1) and learning rate 0.01, "
                f"rests after {STEPS:,} steps at a mean squared error of "
                f"{2 * failed.history.loss[-1]:.4f}. Always answering one half would give "
                f"0.25: it has learnt nothing. {percent(before)} of its answers are right, "
                "which is luck, since every output lies so close to one half that its side "
                "is chance (the table shows other initial weights). The notebook prints "
                "these losses and goes on."
            ),
            Figure.of(
                _boundaries(failed, healthy, X, y),
                f"The same {STEPS:,} full-batch steps. Left: the notebook's settings. Right: "
                "the four changes of the table below.",
                "Left: the network answers almost the same everywhere. Right: its boundary "
                "winds between the moons.",
            ),
            _why(X, y),
            Table(
                ["settings", "training", "held out", "worst seed"],
                [
                    (cure.change, spread(train_), spread(new), percent(min(new)))
                    for cure in (*CURES, RATE_ALONE)
                    for train_, new in [ladder[cure.change]]
                ],
                "Accuracy on the 200 moons and on 2,000 new ones: mean and standard deviation "
                f"over {seeds} seeds. Each + is a change on top of those above it; the last "
                "row changes nothing else in the notebook's settings.",
            ),
            Text("Each change has its reason:"),
            *(
                Text(f"<strong>{c.change[2:].capitalize()}</strong>: {c.reason}.")
                for c in CURES[1:]
            ),
            Figure.of(
                [_draw_curves(curves)],
                "Held-out accuracy while training, first seed.",
                "Curves of accuracy over steps; only one rises to 100 % at once.",
            ),
        ],
        [
            Takeaway(
                "A network may fail to learn without any error message.",
                f"The notebook's own settings: mean squared error "
                f"{2 * failed.history.loss[-1]:.4f} after {STEPS:,} steps, {percent(before)} "
                "right; always answering one half gives 0.25.",
                2 * failed.history.loss[-1] > 0.249,
            ),
            Takeaway(
                "A multi-layer network learns complex non-linear patterns.",
                f"Cured, in the same {STEPS:,} steps: {percent(after)} of the moons, and of "
                f"2,000 new ones {spread(best[1])} over {seeds} seeds.",
                min(*best[0], *best[1]) >= 0.99,
            ),
        ],
    )


def _climb(seeds: int, X: Any, y: Any, X_new: Any, y_new: Any) -> tuple[Any, Any]:
    """Return accuracies per rung, and the first seed's held-out accuracy over time."""
    ladder: dict[str, tuple[list[float], list[float]]] = {}
    curves: dict[str, list[tuple[int, float]]] = {}
    for cure in (*CURES, RATE_ALONE):
        shares: tuple[list[float], list[float]] = ([], [])
        curve: list[tuple[int, float]] = []

        def watch(epoch: Epoch, curve: list[tuple[int, float]] = curve) -> None:
            if epoch.number % 10 == 0:
                curve.append((epoch.number, accuracy(epoch.model, X_new[:500], y_new[:500])))

        for seed in range(seeds):
            net = train(cure, seed, X, y, callbacks=[watch] if seed == 0 else [])
            shares[0].append(accuracy(net, X, y))
            shares[1].append(accuracy(net, X_new, y_new))
        ladder[cure.change], curves[cure.change] = shares, curve
    return ladder, curves


def _why(X: Any, y: Any) -> Text:
    """Say what vanished, in numbers taken at the first step and at the last."""
    net = untrained()
    by_weights, _ = net.backward(X, y)
    sizes = [float(np.linalg.norm(g)) for g in by_weights]
    outputs = notebook_network(X, y).forward(X)
    return Text(
        "Why? The gradient vanishes. Each sigmoid multiplies it by a slope of at most 1/4, "
        "and each matrix of small weights shrinks it again. At the first step its length "
        f"is {sizes[2]:.1e} in the last layer, {sizes[1]:.1e} in the middle one and "
        f"{sizes[0]:.1e} in the first: {sizes[2] / sizes[0]:,.0f} times smaller. The hidden "
        "layers stand still while the output bias finds the mean of the targets: in the end "
        f"all outputs lie between {outputs.min():.5f} and {outputs.max():.5f}."
    )


def _boundaries(failed: MLP, healthy: MLP, X: Any, y: Any) -> list[Any]:
    figures = []
    for net in (failed, healthy):
        figure = blank()
        plots.decision_boundary(net, X, y, ax=figure)
        figures.append(figure)
    return figures


def _draw_curves(curves: dict[str, list[tuple[int, float]]]) -> Any:
    figure = blank(7.0, 4.0)
    looks = (
        {"color": c, "linestyle": s} for c, s in zip(LINE_COLORS, LINE_STYLES, strict=False)
    )
    with canvas(figure) as axes:
        ax = axes[0, 0]
        for name, points in curves.items():
            ax.plot(*zip(*points, strict=True), label=name, **next(looks))
        ax.set(xlabel="step", ylabel="held-out accuracy", ylim=(0.3, 1.02))
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure
