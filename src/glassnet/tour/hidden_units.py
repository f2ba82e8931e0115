"""Chapter 3: hidden units solve the exclusive or."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from glassnet import MLP, optimizers, plots
from glassnet.plots.style import INK
from glassnet.tour.glossary import term
from glassnet.tour.perceptrons import xor
from glassnet.tour.pictures import HALF, picture
from glassnet.tour.report import Chapter, Figure, Table, Takeaway, Text
from glassnet.tour.tools import percent

__all__ = ["hidden_units", "small_network"]

STEPS = 300
UNITS = (1, 2, 3)


def hidden_units(seeds: int) -> Chapter:
    """Bend the line with two hidden units, and ask how many starts find the way."""
    X, y = xor()
    starts = 2 * seeds
    nets = {
        units: [small_network(units, seed, X, y) for seed in range(starts)] for units in UNITS
    }
    shares = {units: [_accuracy(net, X, y) for net in nets[units]] for units in UNITS}
    solved = {units: sum(share >= 0.99 for share in shares[units]) for units in UNITS}
    best = int(np.argmax(shares[2]))
    return Chapter(
        "Two hidden units bend the line",
        [
            *_idea(),
            _two_views(nets[2][best], X, y),
            _how_many(shares, solved),
            Text(
                "One unit is one line again. Two are enough, but whether training finds the "
                f"way depends on the first weights, that is on the {term('seed')}: from "
                f"{starts - solved[2]} of the {starts} starts it gets stuck, where the "
                "gradient is almost 0 although many answers are wrong. A unit more than needed "
                "leaves more ways out."
            ),
        ],
        [
            Takeaway(
                "Hidden units solve what one straight line cannot.",
                f"Exclusive or, two hidden units: {percent(shares[2][best])} right from the "
                f"best start; solved from {solved[2]} of {starts} starts, with three units "
                f"from {solved[3]}, with one from {solved[1]}.",
                shares[2][best] >= 0.99 and solved[1] == 0 and solved[3] > 0,
            )
        ],
    )


def small_network(units: int, seed: int, X: Any, y: Any) -> MLP:
    """Return a trained network with one hidden layer of so many tanh units."""
    net = MLP([2, units, 1], activation="tanh", loss="binary_cross_entropy", seed=seed)
    return net.fit(X, y, optimizer=optimizers.SGD(0.5), epochs=STEPS)


def _idea() -> list[Text]:
    return [
        Text(
            f"Two lines can do what one cannot. A {term('hidden unit')} is a soft perceptron: "
            "it takes a weighted sum of its own, and answers not with a hard 0 or 1 but with "
            f"tanh of the sum, a smooth step from −1 to 1: its {term('activation function')}. "
            "The output unit then looks at the hidden units' answers h only, and its "
            f"{term('sigmoid')} σ makes a probability of their weighted sum. "
            '<span class="eq">h = tanh(x W₁ + b₁),&emsp; ŷ = σ(h W₂ + b₂)</span>'
        ),
        Text(
            f"It is trained by going downhill: the {term('loss')} says how wrong all answers "
            f"are, the {term('gradient')} which way each {term('parameter')} θ should go, and "
            '<span class="eq">θ ← θ − η · gradient</span>'
            f"is one step. Here the loss is {term('cross-entropy')}, η is 0.5, and every one "
            f"of the {STEPS} steps uses all 200 points: a full {term('batch')}."
        ),
    ]


def _two_views(net: MLP, X: Any, y: Any) -> Figure:
    return Figure(
        [
            picture(partial(_draw_inputs, net, X, y), HALF),
            picture(partial(_draw_hidden, net, X, y), HALF),
        ],
        "One network, two views. First: the inputs; dashed, where each hidden unit changes its "
        "sign. Second: the same points as the output unit sees them, by the answers of the two "
        "hidden units. There the classes lie on two sides of one straight line.",
        "Left: the boundary parts the corners. Right: a straight line parts the classes.",
    )


def _draw_inputs(net: MLP, X: Any, y: Any, figure: Any) -> None:
    title = f"Inputs: {percent(_accuracy(net, X, y))} right"
    ax = plots.decision_boundary(net, X, y, ax=figure, title=title)
    across, up = ax.get_xlim(), ax.get_ylim()
    W, b = net.weights[0], net.biases[0]
    for unit in range(W.shape[1]):
        start = (0.0, float(-b[unit] / W[1, unit]))
        ax.axline(
            start, slope=float(-W[0, unit] / W[1, unit]), color=INK, linestyle=(0, (4, 3))
        )
    ax.set(xlim=across, ylim=up)


def _draw_hidden(net: MLP, X: Any, y: Any, figure: Any) -> None:
    """Draw the output unit alone, over the hidden units' answers."""
    output = MLP([2, 1], loss="binary_cross_entropy", seed=0)
    output.weights, output.biases = [net.weights[1]], [net.biases[1]]
    plots.decision_boundary(
        output,
        net.intermediates(X)["a0"],
        y,
        feature_names=["answer of hidden unit 1", "answer of hidden unit 2"],
        ax=figure,
        title="What the output unit sees",
    )


def _how_many(shares: dict[int, list[float]], solved: dict[int, int]) -> Table:
    starts = len(shares[1])
    return Table(
        ["hidden units", "starts that solve it", "best start", "worst start"],
        [
            [
                str(units),
                f"{solved[units]} of {starts}",
                percent(max(shares[units])),
                percent(min(shares[units])),
            ]
            for units in UNITS
        ],
        f"Right answers after {STEPS} steps from {starts} sets of random first weights. "
        "Solved: at least 99 of 100 right.",
    )


def _accuracy(net: MLP, X: Any, y: Any) -> float:
    return float(np.mean(net.predict(X) == y))
