"""A model as its dense layers: matrices, biases, and what each unit answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.formulas.types import Array
from glassnet.insight.subjects import network_of, of_a_pipeline
from glassnet.mlp import MLP

__all__ = ["Layers", "layers_of", "linear_layers"]


@dataclass(frozen=True)
class Layers:
    """What every picture of a model's inside is drawn from.

    Attributes
    ----------
    weights : tuple of arrays, shape (units_in, units) each
    biases : tuple of arrays, shape (units,) each
    activations : tuple of str
        What each layer's units go through, the output's last.
    answers : callable
        Rows ``(n, d)`` to what each layer passes on, ``(n, units)`` each.
    classification : bool
        Whether the answer is a class.
    name : str
        ``"MLP 2-3-1"``.
    outputs : tuple of str
        The class that each output stands for, where there is one for each.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    activations: tuple[str, ...]
    answers: Callable[[Array], list[Array]]
    classification: bool
    name: str
    outputs: tuple[str, ...] = ()

    @property
    def sizes(self) -> list[int]:
        """Return the number of inputs, and of each layer's units."""
        return [len(self.weights[0]), *(len(b) for b in self.biases)]

    def decide(self, entering: Array) -> Array:
        """Return the last layer's pre-activations of what it is given, ``(n, units_in)``."""
        return entering @ self.weights[-1] + self.biases[-1]

    def title(self, i: int) -> str:
        """Return what to call column `i` of the network, the inputs being column 0."""
        if i == 0:
            return "inputs"
        return "output" if i == len(self.weights) else f"hidden {i}"


def layers_of(model: Any) -> Layers:
    """Return the layers of `model`.

    Parameters
    ----------
    model : MLP, MLPClassifier, MLPRegressor or Perceptron
        An estimator must have been fitted or built.

    Raises
    ------
    TypeError
        If it is none of these.
    ValueError
        If an estimator has no numbers yet.
    """
    if callable(getattr(model, "decision_function", None)) and _is_linear(model):
        return _linear(model)
    try:
        net = network_of(model)
    except AttributeError:
        raise _unfitted(model) from None
    except TypeError:
        raise TypeError(
            "model must be an MLP, MLPClassifier, MLPRegressor or Perceptron; "
            f"got {of_a_pipeline(model) or type(model).__name__}"
        ) from None
    return _network(net, type(model).__name__, getattr(model, "classes_", None))


def _is_linear(model: Any) -> bool:
    if hasattr(model, "coef_") and hasattr(model, "intercept_"):
        return True
    if type(model).__name__ == "Perceptron":
        raise _unfitted(model)
    return False


def _unfitted(model: Any) -> ValueError:
    return ValueError(
        f"model must be fitted before it is drawn; got {type(model).__name__} without fit: "
        "call model.fit(X, y) first"
    )


def _linear(model: Any) -> Layers:
    W, b = np.asarray(model.coef_).T, np.asarray(model.intercept_).reshape(-1)
    return linear_layers(type(model).__name__, W, b, getattr(model, "classes_", None))


def linear_layers(kind: str, W: Array, b: Array, classes: Any) -> Layers:
    """Return the only layer of a linear model.

    Parameters
    ----------
    kind : str
        What to call the model.
    W, b : arrays, shape (d, units) and (units,)
    classes : array or None
        Labels, sorted.
    """

    def answers(rows: Array) -> list[Array]:
        """Return the scores, the only layer's answers."""
        return [rows @ W + b]

    name = f"{kind} {W.shape[0]}-{W.shape[1]}"
    return Layers((W,), (b,), ("score",), answers, True, name, _named(classes, len(b)))


def _named(classes: Any, outputs: int) -> tuple[str, ...]:
    if not isinstance(classes, np.ndarray) or len(classes) != outputs:
        return ()
    return tuple(str(label) for label in classes.tolist())


def _network(net: MLP, kind: str, classes: Any) -> Layers:
    dense = [i for i, layer in enumerate(net.plan.layers) if layer.kind == "dense"]
    blocks = [net.plan.layers[a:b] for a, b in zip(dense, [*dense[1:], None], strict=True)]
    passed = [block[-1].output for block in blocks[:-1]] + ["output"]
    hidden = [next((la.formula for la in block if la.formula), "") for block in blocks[:-1]]

    def answers(rows: Array) -> list[Array]:
        """Return what each layer passes on, as at prediction."""
        found = net.intermediates(rows)
        return [found[name] for name in passed]

    weights, biases = (
        tuple(np.array(one) for one in many) for many in (net.weights, net.biases)
    )
    name = f"{kind} {'-'.join(map(str, net.layer_sizes))}"
    functions = (*hidden, net.plan.output)
    outputs = _named(classes, len(biases[-1]))
    return Layers(weights, biases, functions, answers, net.classification, name, outputs)
