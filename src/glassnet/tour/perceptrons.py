"""Chapters 1 and 2: what one perceptron learns, and what it cannot."""

from __future__ import annotations

import html
import warnings
from typing import Any

import numpy as np
from sklearn.datasets import make_classification, make_moons

from glassnet import Perceptron, plots
from glassnet.plots.canvas import canvas
from glassnet.tour.report import Chapter, Figure, Takeaway, Text
from glassnet.tour.tools import blank, percent

__all__ = ["limits", "linear", "xor"]


def xor(n: int = 200, seed: int = 0) -> tuple[Any, Any]:
    """Return the exclusive or of two signs, with noise around the four corners."""
    rng = np.random.default_rng(seed)
    corners = rng.integers(0, 2, (n, 2))
    return corners * 2.0 - 1 + rng.normal(0, 0.25, (n, 2)), corners[:, 0] ^ corners[:, 1]


def linear(seeds: int) -> Chapter:
    """Train a perceptron on a problem that a straight line solves."""
    X, y = make_classification(
        n_samples=100,
        n_features=2,
        n_redundant=0,
        n_informative=2,
        n_clusters_per_class=1,
        random_state=42,
    )
    model = Perceptron(learning_rate=0.01, n_iterations=1000).fit(X, y)
    boundary, mistakes = blank(), blank()
    plots.decision_boundary(model, X, y, ax=boundary, title="One straight line is enough")
    _draw_mistakes(mistakes, model.mistakes_, "It stops when a pass makes no mistake")
    accuracy = model.score(X, y)
    w, b = model.weights, model.bias
    return Chapter(
        "The perceptron learns a straight line",
        [
            Text(
                "A perceptron adds up its inputs, each times a weight, and says 1 if the sum "
                "is at least 0, else 0. "
                '<span class="eq">ŷ = step(w₁x₁ + w₂x₂ + b)</span>'
                "Only a mistake changes it: the weights move towards the sample it should "
                "have called 1, or away from the one it should have called 0. "
                '<span class="eq">w ← w + η (y − ŷ) x,&emsp; b ← b + η (y − ŷ)</span>'
            ),
            Figure.of(
                [boundary, mistakes],
                f"100 points of two classes. After {model.n_iter_} passes there is no mistake "
                "left, so no further pass would change anything: glassnet stops there, with "
                "the same weights that 1,000 passes give.",
                "Left: two groups of points parted by a line. Right: mistakes per pass.",
            ),
            Text(
                "Nothing is hidden in it. The line it found is "
                f'<span class="eq">{_line(w, b)}</span>'
            ),
        ],
        [
            Takeaway(
                "A perceptron solves what a straight line can solve.",
                f"Linear problem: {percent(accuracy)} right after {model.n_iter_} passes.",
                accuracy == 1.0,
            )
        ],
    )


def limits(seeds: int) -> Chapter:
    """Train it on problems that no straight line solves."""
    problems = {"exclusive or": xor(), "moons": make_moons(200, noise=0.1, random_state=42)}
    figures, found, last, said = [], {}, {}, ""
    for name, (X, y) in problems.items():
        model = Perceptron(learning_rate=0.01, n_iterations=1000)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit(X, y)
        said = said or str(caught[0].message)
        found[name] = model.score(X, y)
        last[name] = int(model.mistakes_[-1])
        figure = blank()
        plots.decision_boundary(
            model, X, y, ax=figure, title=f"{name.capitalize()}: {percent(found[name])} right"
        )
        figures.append(figure)
    measured = ", ".join(f"{name} {percent(value)}" for name, value in found.items())
    return Chapter(
        "What one straight line cannot do",
        [
            Text(
                "The exclusive or needs a line with both corners of one diagonal on one side "
                "and both corners of the other diagonal on the other. There is no such line, "
                "and more passes do not help: in pass 1,000 it still makes "
                f"{last['exclusive or']} mistakes on the exclusive or and {last['moons']} on "
                "the moons, and each one moves the line again."
            ),
            Figure.of(
                figures,
                "Ringed points are on the wrong side of the line as it stood in the end; the "
                "mistakes of a pass are counted while it moves.",
                "Two point clouds that a straight line fails to part.",
            ),
            Text(f"glassnet says so when it happens: <code>{html.escape(said)}</code>"),
        ],
        [
            Takeaway(
                "A perceptron can learn only linear decision boundaries.",
                f"After 1,000 passes: {measured}; the last pass still made "
                f"{last['exclusive or']} and {last['moons']} mistakes.",
                max(found.values()) < 0.95 and min(last.values()) > 0,
            )
        ],
    )


def _line(w: Any, b: Any) -> str:
    """Return the equation of a line."""

    def signed(value: float) -> str:
        return f"{'−' if value < 0 else '+'} {abs(value):.4f}"

    return f"{signed(w[0])}·x₁ {signed(w[1])}·x₂ {signed(float(b))} = 0".removeprefix("+ ")


def _draw_mistakes(figure: Any, mistakes: Any, title: str) -> None:
    with canvas(figure) as axes:
        ax = axes[0, 0]
        passes = np.arange(1, len(mistakes) + 1)
        ax.plot(passes, mistakes, marker="o", markersize=4)
        ax.set(xlabel="pass over the data", ylabel="mistakes", title=title)
        ax.set_ylim(bottom=0)
        ax.xaxis.get_major_locator().set_params(integer=True)
