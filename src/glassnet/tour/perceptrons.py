"""Chapters 1 and 2: what one perceptron learns, and what it cannot."""

from __future__ import annotations

import html
import warnings
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator
from sklearn.datasets import make_classification, make_moons

from glassnet import Perceptron, plots
from glassnet.plots.canvas import canvas, dress, heading
from glassnet.tour.glossary import term
from glassnet.tour.pictures import HALF, Picture, picture
from glassnet.tour.report import Chapter, Figure, Takeaway, Text
from glassnet.tour.tools import percent

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
    accuracy = model.score(X, y)
    return Chapter(
        "The perceptron learns a straight line",
        [
            _rule(),
            _solved(model, X, y),
            Text(
                "Nothing is hidden in it. The line it found is "
                f'<span class="eq">{_line(model.weights, model.bias)}</span>'
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


def _rule() -> Text:
    return Text(
        "A perceptron adds up its inputs x, each times a weight w, and a bias b. It says 1 if "
        'the sum is at least 0, else 0. <span class="eq">ŷ = step(w₁x₁ + w₂x₂ + b)</span>'
        "Only a mistake changes it: the weights move towards the sample it should "
        "have called 1, or away from the one it should have called 0. "
        '<span class="eq">w ← w + η (y − ŷ) x,&emsp; b ← b + η (y − ŷ)</span>'
        "Here y is the right answer, ŷ the perceptron's, and η (eta) the "
        f"{term('learning rate')}: how far one mistake moves the line."
    )


def _solved(model: Perceptron, X: Any, y: Any) -> Figure:
    title = "One straight line is enough"
    return Figure(
        [
            picture(
                lambda figure: plots.decision_boundary(model, X, y, ax=figure, title=title),
                HALF,
            ),
            picture(partial(_draw_mistakes, model.mistakes_), HALF),
        ],
        f"100 points of two classes. After {model.n_iter_} passes there is no mistake "
        "left, so no further pass would change anything: glassnet stops there, with "
        "the same weights that 1,000 passes give.",
        "Left: two groups of points parted by a line. Right: mistakes per pass.",
    )


def _draw_mistakes(mistakes: Any, figure: Any) -> None:
    with canvas(figure) as axes:
        ax = axes[0, 0]
        dress(ax, grid="y")
        bars = ax.bar(np.arange(1, len(mistakes) + 1), mistakes, width=0.55)
        ax.bar_label(bars, padding=3)
        ax.margins(x=0.2, y=0.12)
        ax.set(xlabel="pass over the data", ylabel="mistakes")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(integer=True))
        heading(ax, "It stops when a pass makes no mistake")


@dataclass(frozen=True)
class _Failure:
    """A perceptron on a problem that is too hard for it."""

    accuracy: float
    mistakes: int  # in the last pass
    warning: str
    picture: Picture


def limits(seeds: int) -> Chapter:
    """Train it on problems that no straight line solves."""
    found = {
        "exclusive or": _fail("Exclusive or", *xor()),
        "moons": _fail("Moons", *make_moons(200, noise=0.1, random_state=42)),
    }
    either, both = found.values()
    measured = ", ".join(f"{name} {percent(one.accuracy)}" for name, one in found.items())
    return Chapter(
        "What one straight line cannot do",
        [
            Text(
                "The exclusive or (one or the other, but not both) needs a line with both "
                "corners of one diagonal on one side and both corners of the other diagonal "
                "on the other. There is no such line, and more passes do not help: in pass "
                f"1,000 it still makes {either.mistakes} mistakes on the exclusive or and "
                f"{both.mistakes} on the moons, and each one moves the line again."
            ),
            Figure(
                [one.picture for one in found.values()],
                "Ringed points are on the wrong side of the line as it stood in the end; the "
                "mistakes of a pass are counted while it moves.",
                "Two point clouds that a straight line fails to part.",
            ),
            Text(
                f"glassnet says so when it happens: <code>{html.escape(either.warning)}</code>"
            ),
        ],
        [
            Takeaway(
                "A perceptron can learn only linear decision boundaries.",
                f"After 1,000 passes: {measured}; the last pass still made "
                f"{either.mistakes} and {both.mistakes} mistakes.",
                max(one.accuracy for one in found.values()) < 0.95
                and min(one.mistakes for one in found.values()) > 0,
            )
        ],
    )


def _fail(name: str, X: Any, y: Any) -> _Failure:
    model = Perceptron(learning_rate=0.01, n_iterations=1000)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    accuracy = float(model.score(X, y))
    title = f"{name}: {percent(accuracy)} right"
    return _Failure(
        accuracy,
        int(model.mistakes_[-1]),
        str(caught[0].message),
        picture(
            lambda figure: plots.decision_boundary(model, X, y, ax=figure, title=title), HALF
        ),
    )


def _line(w: Any, b: Any) -> str:
    """Return the equation of a line."""
    terms = f"{_signed(w[0])}·x₁ {_signed(w[1])}·x₂ {_signed(float(b))}"
    return f"{terms} = 0".removeprefix("+ ")


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'} {abs(value):.4f}"
