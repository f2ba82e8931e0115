"""What goes on in a network's layers on some rows: gradients, activations, units that rest."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from glassnet import catalog
from glassnet.engines import numpy_engine as engine
from glassnet.engines.data import Data
from glassnet.formulas.types import Array
from glassnet.network import Plan, State
from glassnet.network.plan import Layer
from glassnet.records import Activation

__all__ = [
    "NEAR_BOUND",
    "Activity",
    "activity",
    "hidden_layers",
    "share_dead",
    "share_saturated",
]

NEAR_BOUND = 0.03
"""How near a bound a value counts as saturated, as a share of the activation's range."""

_NO_SLOPE = 1e-12  # a slope up to this size is none


@dataclass(frozen=True, eq=False)
class Activity:
    """One pass forward and back, summed up for each layer.

    Attributes
    ----------
    loss : float
        Mean over the rows, with the L2 penalty.
    gradient_norm : array, (dense layers,)
        Euclidean norm of the gradient of the loss by each weight matrix.
    mean, deviation : arrays, (hidden layers,)
        Of the activations, over rows and units.
    dead : array, (hidden layers,)
        See `share_dead`.
    saturated : array, (hidden layers,)
        See `share_saturated`.
    """

    loss: float
    gradient_norm: Array
    mean: Array
    deviation: Array
    dead: Array
    saturated: Array

    @property
    def nbytes(self) -> int:
        """Bytes of its numbers."""
        return sum(int(np.asarray(getattr(self, one.name)).nbytes) for one in fields(self))


def activity(plan: Plan, state: State, data: Data | None) -> Activity:
    r"""Return what goes on in each layer of a network, which stays as it is.

    The pass is that of training with no unit dropped: batch normalization takes its
    statistics from the rows themselves.

    Parameters
    ----------
    plan, state
        The network.
    data : Data or None
        Rows and encoded targets. None gives NaN everywhere.

    Returns
    -------
    Activity

    Examples
    --------
    >>> from glassnet import MLP
    >>> net = MLP([1, 2, 1], initializer="zeros")
    >>> rows = np.array([[1.0], [2.0]])
    >>> found = activity(net.plan, net.state, Data(rows, rows))
    >>> found.dead, found.mean
    (array([1.]), array([0.]))
    """
    dense = [layer.parameters[0] for layer in plan.layers if layer.kind == "dense"]
    hidden = hidden_layers(plan)
    if data is None:
        unknown = [np.full(len(hidden), np.nan) for _ in range(4)]
        return Activity(np.nan, np.full(len(dense), np.nan), *unknown)
    names = {layer.output for pair in hidden for layer in pair}
    with np.errstate(all="ignore"):  # what is not finite shows in the numbers
        loss, gradient, kept = engine.loss_and_gradients(
            plan, state, data.X, data.y, data.weight, keep=names
        )
        norms = [np.linalg.norm(W.of(gradient).astype(float)) for W in dense]
        rows = [
            _of_layer(
                catalog.activation(layer.formula), kept[before.output], kept[layer.output]
            )
            for before, layer in hidden
        ]
    columns = np.array(rows, dtype=float).reshape(len(hidden), 4).T
    return Activity(float(loss), np.array(norms, dtype=float), *columns)


def hidden_layers(plan: Plan) -> list[tuple[Layer, Layer]]:
    """Return each activation with the layer that feeds it: a dense one, or its norm."""
    pairs = zip(plan.layers[:-1], plan.layers[1:], strict=True)
    return [(before, layer) for before, layer in pairs if layer.kind == "activation"]


def _of_layer(record: Activation, z: Array, a: Array) -> tuple[float, ...]:
    mean, deviation = float(np.mean(a, dtype=float)), float(np.std(a, dtype=float))
    return mean, deviation, share_dead(record, z, a), share_saturated(record, a)


def share_dead(record: Activation, z: Array, a: Array) -> float:
    """Return the share of units whose slope is 0, or next to it (1e-12), on every row.

    No gradient passes through such a unit: nothing that comes before it can change, on
    these rows.

    Parameters
    ----------
    record : Activation
    z, a : arrays, (n, units)
        What goes into the activation, and what comes out.

    Examples
    --------
    >>> z = np.array([[1.0, -1.0], [-2.0, -3.0]])
    >>> relu = catalog.activation("relu")
    >>> share_dead(relu, z, relu(z))
    0.5
    """
    slopes = record.backward(np.ones_like(a), z, a)
    return float(np.mean((np.abs(slopes) <= _NO_SLOPE).all(axis=0)))


def share_saturated(record: Activation, a: Array) -> float:
    """Return the share of values near a bound; NaN for an activation without two bounds.

    Near is within `NEAR_BOUND` of the range: for tanh beyond 0.94, where the slope is less
    than 0.12.

    Examples
    --------
    >>> share_saturated(catalog.activation("tanh"), np.array([[0.99, -0.95], [0.5, 0.0]]))
    0.5
    """
    low, high = record.bounds
    if not (np.isfinite(low) and np.isfinite(high)):
        return float("nan")
    margin = NEAR_BOUND * (high - low)
    return float(np.mean((a < low + margin) | (a > high - margin)))
