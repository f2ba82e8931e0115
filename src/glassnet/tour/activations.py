"""Chapter 5: the activations, and why a network without them is a straight line."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.datasets import make_moons
from sklearn.linear_model import LogisticRegression

from glassnet import MLP, catalog, optimizers, plots
from glassnet.tour.glossary import term
from glassnet.tour.pictures import Picture, picture
from glassnet.tour.report import Chapter, Figure, Takeaway, Text
from glassnet.tour.tools import number, percent

__all__ = ["activations"]


def activations(seeds: int) -> Chapter:
    """Draw the gallery, and collapse a deep network to one matrix."""
    with_, without, linear, collapse = _collapse()
    count = sum(not record.rowwise for record in catalog.ACTIVATIONS)
    return Chapter(
        "Activations: where the bends come from",
        [
            Text(
                "Two layers without an activation between them are one layer: "
                '<span class="eq">(x W₁ + b₁) W₂ + b₂ = x (W₁W₂) + (b₁W₂ + b₂)</span>'
                "So the same 2-10-5-1 network with the identity in place of tanh reaches "
                f"{percent(without)} {term('accuracy')} on the moons, "
                f"{term('logistic regression')} {percent(linear)}, and with tanh it is "
                f"{percent(with_)}. Multiplying out its three matrices gives the same outputs "
                f"to {number(collapse, 1)}."
            ),
            Figure([_gallery(None, 4.9, 6.4)], "The notebook's six.", "Six activations."),
            Figure(
                [_gallery("all", 11.2, 14.5)],
                f"All {count} that act on one number, each with its slope. Where the slope is "
                "almost 0 no gradient comes through: the unit is saturated there.",
                "Every activation function with its slope.",
            ),
        ],
        [
            Takeaway(
                "Activation functions introduce the non-linearity, and it is crucial.",
                f"Moons: {percent(with_)} with tanh, {percent(without)} without any "
                f"activation (logistic regression: {percent(linear)}).",
                with_ >= 0.99 and abs(without - linear) < 0.03 and collapse < 1e-10,
            )
        ],
    )


def _gallery(names: str | None, height: float, narrow: float) -> Picture:
    return picture(
        lambda figure: plots.activations(names, ax=figure), (7.2, height), (4.0, narrow)
    )


def _collapse() -> tuple[float, float, float, float]:
    """Return accuracies with and without activation and of logistic regression.

    The last number is the largest difference between the network without activation and
    the one matrix that its layers multiply out to.
    """
    X, y = make_moons(200, noise=0.1, random_state=42)
    nets = [_train(name, X, y) for name in ("tanh", "identity")]
    with_, without = (float(np.mean(net.predict(X) == y)) for net in nets)
    W1, W2, W3 = nets[1].weights
    b1, b2, b3 = nets[1].biases
    logits = X @ (W1 @ W2 @ W3) + (b1 @ W2 + b2) @ W3 + b3
    difference = np.max(np.abs(logits - nets[1].intermediates(X)["z2"]))
    return with_, without, float(LogisticRegression().fit(X, y).score(X, y)), float(difference)


def _train(activation: str, X: Any, y: Any) -> MLP:
    net = MLP([2, 10, 5, 1], activation=activation, loss="binary_cross_entropy", seed=0)
    return net.fit(X, y, optimizer=optimizers.SGD(0.5), epochs=1000)
