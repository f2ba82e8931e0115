"""Chapter 6: backpropagation is exact, and costs about two forward passes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.datasets import make_moons

from glassnet import MLP
from glassnet.engines import numpy_engine as engine
from glassnet.engines.data import Data
from glassnet.formulas.types import Array
from glassnet.tour.classic import classic_error
from glassnet.tour.glossary import term
from glassnet.tour.ladder import untrained
from glassnet.tour.report import Chapter, Table, Takeaway, Text
from glassnet.tour.tools import number, percent

__all__ = ["backpropagation", "central_differences"]


def central_differences(loss: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Array:
    """Return the gradient of `loss` by moving each parameter a little, both ways."""
    gradient = np.empty_like(theta)
    for i in range(theta.size):
        step = np.zeros_like(theta)
        step[i] = h
        gradient[i] = (loss(theta + step) - loss(theta - step)) / (2 * h)
    return gradient


@dataclass(frozen=True)
class _Measured:
    """One network's gradient, got in both ways."""

    name: str
    parameters: int
    difference: float  # relative to the largest gradient
    fast: float  # seconds by backpropagation
    slow: float  # seconds by moving each parameter

    @property
    def row(self) -> list[str]:
        return [
            self.name,
            f"{self.parameters:,}",
            number(self.difference, 1),
            f"{1e3 * self.fast:.2f} ms",
            f"{1e3 * self.slow:,.0f} ms",
        ]


def backpropagation(seeds: int) -> Chapter:
    """Compare gradients with central differences, and what each way costs."""
    X, y = make_moons(200, noise=0.1, random_state=42)
    sizes = ([2, 10, 5, 1], [2, 30, 30, 1], [2, 40, 40, 1])
    found = [_measure(one, X, y.astype(float)) for one in sizes]
    worst = max(one.difference for one in found)
    ratio = found[-1].slow / found[-1].fast
    return Chapter(
        "Backpropagation: all slopes for the price of a few passes",
        [
            _two_ways(),
            Table(
                ["network", "P", "difference", "back\u00adpropagation", "moving each"],
                [one.row for one in found],
                "P parameters; the largest difference between the two gradients, relative to "
                "the largest gradient; and the time for one gradient of 200 samples: of one "
                "pass back and forth, and of two forward passes per parameter (one, timed, "
                "times 2P).",
            ),
            _slip(X, y),
        ],
        [
            Takeaway(
                "Backpropagation computes gradients exactly, and efficiently.",
                f"Equal to central differences to {number(worst, 1)}; with "
                f"{found[-1].parameters:,} parameters about {round(ratio, -2):,.0f} times "
                "faster.",
                worst < 1e-7 and ratio > 10,
            )
        ],
    )


def _two_ways() -> Text:
    return Text(
        f"How does the {term('loss')} L change if one weight moves a little? One could try it: "
        "move each of P weights up and down, run the network 2P times, and divide the change "
        f"of the loss by that of the weight ({term('central differences')}). Backpropagation "
        "instead applies the chain rule once, from the loss back to the first layer. In layer "
        "i, z is the weighted sum, a what the activation function φ makes of it, W and b its "
        "weights and biases; δ is the slope of the loss by z. "
        '<span class="eq">δᵢ = (δᵢ₊₁ Wᵢ₊₁ᵀ) ⊙ φ′(zᵢ)</span>'
        '<span class="eq">∂L/∂Wᵢ = aᵢ₋₁ᵀ δᵢ,&emsp; ∂L/∂bᵢ = Σ δᵢ</span>'
        "(⊙ multiplies number by number, Σ adds up the samples.) Both ways give the same "
        "numbers; only one stays cheap as the network grows."
    )


def _slip(X: Array, y: Array) -> Text:
    slip, fall = (classic_error(untrained(), X, y, rate) for rate in (0.01, 0.5))
    return Text(
        "Such a check finds what the eye does not. The classic notebook changes the "
        "weights of a layer <em>before</em> it sends the error back through them, so "
        "its earlier layers do not step along the gradient. With its learning rate of "
        f"0.01 the first layer's first step is off by {percent(slip)}, which nobody "
        f"notices; with 0.5 it would be {percent(fall)}."
    )


def _measure(sizes: list[int], X: Array, y: Array) -> _Measured:
    net = MLP(sizes, activation="tanh", loss="binary_cross_entropy", seed=0)
    theta = net.theta.copy()

    data = Data(X, y[:, None])

    def loss(moved: Array) -> float:
        """Return the loss with the parameters moved there."""
        net.theta = moved
        return engine.evaluate(net.plan, net.state, data)[0]

    numeric = central_differences(loss, theta)
    net.theta = theta
    slow = 2 * theta.size * _seconds(lambda: loss(theta))
    fast = _seconds(lambda: net.loss_and_gradients(X, y))
    exact = net.loss_and_gradients(X, y)[1]
    difference = float(np.max(np.abs(exact - numeric)) / np.max(np.abs(exact)))
    return _Measured("-".join(map(str, sizes)), theta.size, difference, fast, slow)


def _seconds(work: Callable[[], object]) -> float:
    """Return the least time of 50 calls."""
    times = []
    for _ in range(50):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
