"""Records: what the catalogue knows about each formula.

A record names a formula, points at its functions and carries the facts that engines and
tests need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np

from glassnet.formulas import losses
from glassnet.formulas.types import Array

__all__ = ["Activation", "Initializer", "Loss", "Record"]

TASKS = ("regression", "binary", "multiclass")


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

    Raises
    ------
    TypeError
        If `parameters` are not pairs of a name and a number.
    """

    name: str
    parameters: tuple[tuple[str, float], ...] = field(default=(), kw_only=True)
    synonyms: tuple[str, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        for pair in self.parameters:
            if not _is_parameter(pair):
                raise TypeError(
                    f"{type(self).__name__.lower()} {self.name!r}: parameters must be pairs of "
                    f"a name and a number; got {pair!r}"
                )

    def __str__(self) -> str:
        if not self.parameters:
            return self.name
        numbers = (f"{name}={float(value)!r}" for name, value in self.parameters)
        return f"{self.name}({', '.join(numbers)})"

    def try_out(self) -> None:
        """Call the record's functions once; raise if what they return cannot be used."""
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
        """Call value and slope on three rows of two."""
        z = np.linspace(-1.0, 1.0, 6).reshape(3, 2)
        numbers = dict(self.parameters)
        a = _usable("value", self.value(z.copy(), **numbers), z.shape)
        given = (z, a, np.ones_like(z)) if self.rowwise else (z, a)
        _usable("slope", self.slope(*given, **numbers), z.shape)


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
        """Call value and gradient on three samples of two outputs."""
        if self.task not in TASKS:
            raise ValueError(f"task must be one of {', '.join(TASKS)}; got {self.task!r}")
        f = np.linspace(0.2, 0.7, 6).reshape(3, 2)
        y = np.full_like(f, np.clip(1.0, *self.bounds))
        if self.task == "multiclass":
            y = np.eye(2)[[0, 1, 0]]
        numbers = dict(self.parameters)
        _usable("value", self.value(y, f, **numbers), (3,))
        _usable("gradient", self.gradient(y, f, **numbers), f.shape)


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
        """Draw for a layer of three inputs and two units."""
        rng, numbers = np.random.default_rng(0), dict(self.parameters)
        _usable("weights", self.weights(rng, 3, 2, **numbers), (3, 2))
        if self.biases is not None:
            _usable("biases", self.biases(rng, 3, 2, **numbers), (2,))


def _is_parameter(pair: Any) -> bool:
    """Return whether `pair` is a name and a number that a float can hold."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        return False
    name, value = pair
    if not isinstance(name, str) or not isinstance(value, Real) or isinstance(value, bool):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True


def _usable(name: str, result: Any, shape: tuple[int, ...]) -> Array:
    """Return `result`; raise unless it is an array of that shape, real and finite."""
    if not isinstance(result, np.ndarray) or result.shape != shape:
        shown = f"shape {result.shape}" if isinstance(result, np.ndarray) else repr(result)
        raise ValueError(f"{name} must return an array of shape {shape}; got {shown}")
    if result.dtype.kind not in "biuf" or not np.isfinite(result).all():
        raise ValueError(f"{name} must return finite real numbers; got {result.tolist()}")
    return result
