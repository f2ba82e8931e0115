"""Records: what the catalogue knows about each formula.

A record names a formula, points at its functions and carries the facts that engines and
tests need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from glassnet.formulas import losses
from glassnet.formulas.types import Array

__all__ = ["Activation", "Initializer", "Loss", "Record"]


@dataclass(frozen=True)
class Record:
    """What every record has beside its functions.

    Attributes
    ----------
    name : str
        The canonical name.
    parameters : tuple of (name, value)
        Numbers bound to the formula's keyword arguments, in its order.
    synonyms : tuple of str
        Other names that users type.
    """

    name: str
    parameters: tuple[tuple[str, float], ...] = field(default=(), kw_only=True)
    synonyms: tuple[str, ...] = field(default=(), kw_only=True)

    def __str__(self) -> str:
        if not self.parameters:
            return self.name
        numbers = (f"{name}={float(value)!r}" for name, value in self.parameters)
        return f"{self.name}({', '.join(numbers)})"

    def try_out(self) -> None:
        """Call the record's functions once; each kind of record knows how."""
        raise NotImplementedError


@dataclass(frozen=True)
class Activation(Record):
    """An activation function and its slope.

    Attributes
    ----------
    value : callable
        ``value(z, **parameters) -> a``, same shape and dtype.
    slope : callable
        ``slope(z, a, **parameters) -> da/dz``. For a row-wise activation it is
        instead the product of a gradient with the Jacobian, ``slope(z, a, delta)``.
    kinks : tuple of float
        Where the slope jumps: no finite difference is taken there.
    bounds : tuple of two floats
        Infimum and supremum of the values.
    saturates : tuple of two bools
        Whether the slope tends to 0 at minus and at plus infinity.
    weights : str
        Initializer that keeps the signal's variance through layers of this kind.
    rowwise : bool
        True where an output depends on the whole row (softmax).
    """

    value: Callable[..., Array]
    slope: Callable[..., Array]
    kinks: tuple[float, ...] = ()
    bounds: tuple[float, float] = (-float("inf"), float("inf"))
    saturates: tuple[bool, bool] = (False, False)
    weights: str = "glorot_uniform"
    rowwise: bool = False

    def __call__(self, z: Array) -> Array:
        """Return the activation of `z`, with this record's parameters."""
        return self.value(z, **dict(self.parameters))

    def backward(self, delta: Array, z: Array, a: Array) -> Array:
        """Return the gradient at `z`, given `delta`, the gradient at ``a = self(z)``."""
        if self.rowwise:
            return self.slope(z, a, delta, **dict(self.parameters))
        return delta * self.slope(z, a, **dict(self.parameters))

    def try_out(self) -> None:
        """Call value and slope on one number."""
        z = np.ones((1, 1))
        self.backward(z, z, self(z))


@dataclass(frozen=True)
class Loss(Record):
    """A loss per sample and its gradient, both taken at the logits.

    Attributes
    ----------
    value : callable
        ``value(y, f, **parameters) -> (n,)``: loss of each sample, summed over outputs.
    gradient : callable
        ``gradient(y, f, **parameters) -> (n, k)``: its derivative by ``f``.
    link : str
        Activation that turns logits into predictions.
    task : {"regression", "binary", "multiclass"}
        What the targets mean; "binary" is one yes-or-no question per output.
    bounds : tuple of two floats
        Least and greatest target allowed.
    """

    value: Callable[..., Array]
    gradient: Callable[..., Array]
    link: str = "identity"
    task: str = "regression"
    bounds: tuple[float, float] = (-float("inf"), float("inf"))

    def mean(self, y: Array, f: Array, weight: Array | None = None) -> float:
        """Return the weighted mean over samples."""
        return losses.weighted_mean(self.value(y, f, **dict(self.parameters)), weight)

    def mean_gradient(self, y: Array, f: Array, weight: Array | None = None) -> Array:
        """Return the derivative of `mean` by the logits, shape ``(n, k)``."""
        gradient = self.gradient(y, f, **dict(self.parameters))
        return losses.weighted_gradient(gradient, weight)

    def try_out(self) -> None:
        """Call value and gradient on one sample of one output."""
        y, f = np.full((1, 1), np.clip(1.0, *self.bounds)), np.ones((1, 1))
        self.mean(y, f)
        self.mean_gradient(y, f)


@dataclass(frozen=True)
class Initializer(Record):
    """A rule for initial weights, and for biases where they do not start at zero.

    Attributes
    ----------
    weights : callable
        ``weights(rng, fan_in, fan_out, **parameters) -> (fan_in, fan_out)``.
    biases : callable, optional
        ``biases(rng, fan_in, fan_out, **parameters) -> (fan_out,)``; zeros if None.
    """

    weights: Callable[..., Array]
    biases: Callable[..., Array] | None = None

    def try_out(self) -> None:
        """Draw for a layer of one unit."""
        rng = np.random.default_rng(0)
        self.weights(rng, 1, 1, **dict(self.parameters))
        if self.biases is not None:
            self.biases(rng, 1, 1, **dict(self.parameters))
