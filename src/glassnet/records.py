"""Records: what the catalogue knows about each formula.

A record names a formula, points at its functions and carries the facts that engines and
tests need.
"""

from __future__ import annotations

import operator
import pickle
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import FunctionType
from typing import Any, Self

import numpy as np

from glassnet.formulas import losses
from glassnet.formulas.types import Array
from glassnet.intervals import EVERYTHING, check_number
from glassnet.trials import check_result, samples, tried

__all__ = ["Activation", "Initializer", "Loss", "Record"]

TASKS = ("regression", "binary", "multiclass")


@dataclass(frozen=True)
class Record:
    """What every record has beside its functions.

    Its text, ``str(record)``, shows the parameters that are not at their default.

    Attributes
    ----------
    name : str
        The canonical name.
    parameters : tuple of (name, value)
        Numbers bound to the formula's keyword arguments, in its order.
    ranges : tuple of str
        The interval of each parameter, such as ``"[0, 1)"``; every finite number if empty.
    facts : callable, optional
        ``facts(**parameters)`` returns the attributes that depend on the parameters, by
        name and always the same ones; they stand in place of what is given for them.
    synonyms : tuple of str
        Other names that users type.
    check : bool
        Whether slope or gradient are held against differences of the value when the record
        enters the catalogue, as with the first network that uses it; where they are wrong, a
        warning names a point and both numbers. What glassnet ships is checked by its tests.
    defaults : tuple of float
        What `parameters` are where a text does not say; kept by `dataclasses.replace`. At
        first they are the values of `parameters`.

    Raises
    ------
    TypeError
        If `parameters` are not pairs of a name and a number.
    ValueError
        If a parameter lies outside its range, or there is not one range for each.
    """

    name: str
    parameters: tuple[tuple[str, float], ...] = field(default=(), kw_only=True)
    ranges: tuple[str, ...] = field(default=(), kw_only=True)
    facts: Callable[..., Mapping[str, Any]] | None = field(default=None, kw_only=True)
    synonyms: tuple[str, ...] = field(default=(), kw_only=True)
    check: bool = field(default=True, kw_only=True, repr=False, compare=False)
    defaults: tuple[float, ...] = field(default=(), kw_only=True, repr=False, compare=False)

    def __post_init__(self) -> None:
        for pair in self.parameters:
            if not _is_parameter(pair):
                raise TypeError(
                    f"{self._which}: parameters must be pairs of a name and a number; got "
                    f"{pair!r}"
                )
        ranges = self.ranges or (EVERYTHING,) * len(self.parameters)
        if len(ranges) != len(self.parameters):
            raise ValueError(
                f"{self._which}: ranges must hold one interval for each of "
                f"{len(self.parameters)} parameters; got {self.ranges!r}"
            )
        numbers = {
            name: check_number(self._which, name, value, interval)
            for (name, value), interval in zip(self.parameters, ranges, strict=True)
        }
        kept = len(self.defaults) == len(numbers)
        settled = {
            "parameters": tuple(numbers.items()),
            "defaults": self.defaults if kept else tuple(numbers.values()),
            **self._facts(numbers),
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    def __str__(self) -> str:
        shown = [
            f"{name}={value!r}"
            for (name, value), default in zip(self.parameters, self.defaults, strict=True)
            if value != default
        ]
        return f"{self.name}({', '.join(shown)})" if shown else self.name

    def declared(self) -> dict[str, Any]:
        """Return what the record states whatever the values of its parameters."""
        bound = {"parameters", "defaults", "check", *self._facts(dict(self.parameters))}
        return {e.name: getattr(self, e.name) for e in fields(self) if e.name not in bound}

    def try_out(self) -> None:
        """Call the record's functions once; raise if what they return cannot be used."""
        raise NotImplementedError

    def _facts(self, numbers: Mapping[str, float]) -> Mapping[str, Any]:
        if self.facts is None:
            return {}
        facts = self.facts(**numbers)
        allowed = {e.name for e in fields(self)} - {e.name for e in fields(Record)}
        if not set(facts) <= allowed:
            raise ValueError(
                f"{self._which}: facts must be of {', '.join(sorted(allowed))}; got "
                f"{', '.join(facts)}"
            )
        return facts

    @property
    def _which(self) -> str:
        return f"{type(self).__name__.lower()} {self.name!r}"

    # --- copies: functions are not copied, and pickle finds them by name

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {
            name: _by_name(self, name, value) if isinstance(value, FunctionType) else value
            for name, value in vars(self).items()
        }


def _by_name(record: Record, name: str, function: FunctionType) -> FunctionType:
    """Return the function that pickle finds by the name of `function`: `function`, made again.

    Raises
    ------
    PicklingError
        If that name leads nowhere or to another function.
    """
    failed = f"{record._which} cannot be pickled: functions are pickled by name, and its {name}"
    if "<" in function.__qualname__:
        raise pickle.PicklingError(
            f"{failed} is a lambda or stands inside another function; define it with def at "
            "the top level of a module"
        )
    try:
        home = sys.modules[function.__module__]
        found = operator.attrgetter(function.__qualname__)(home)
    except (AttributeError, KeyError):  # some picklers can do without
        return function
    if found is function or _made_again(found, function):
        return found  # type: ignore[no-any-return]
    raise pickle.PicklingError(
        f"{failed}, {function.__module__}.{function.__qualname__}, is by now another function"
    )


def _made_again(new: object, old: FunctionType) -> bool:
    """Return whether `new` is `old` again, as when a notebook's cell runs twice."""
    return (
        isinstance(new, FunctionType)
        and new.__code__ == old.__code__
        and (new.__defaults__, new.__kwdefaults__) == (old.__defaults__, old.__kwdefaults__)
    )


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
        """Call value and slope on three rows of two and on one, in both dtypes."""
        numbers = dict(self.parameters)
        for (z,) in samples(np.linspace(-1.0, 1.0, 6).reshape(3, 2)):
            a = tried("value", self.value, (z,), numbers, z.shape)
            given = (z, a, np.ones_like(z)) if self.rowwise else (z, a)
            tried("slope", self.slope, given, numbers, z.shape)


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
    both : callable, optional
        ``both(y, f, **parameters)`` returns value and gradient, the very same numbers, where
        together they take less work.
    """

    value: Callable[..., Array]
    gradient: Callable[..., Array]
    link: str = "identity"
    task: str = "regression"
    bounds: tuple[float, float] = (-float("inf"), float("inf"))
    both: Callable[..., tuple[Array, Array]] | None = None

    def mean(self, y: Array, f: Array, weight: Array | None = None) -> float:
        """Return the weighted mean over samples."""
        return losses.weighted_mean(self.value(y, f, **dict(self.parameters)), weight)

    def mean_gradient(self, y: Array, f: Array, weight: Array | None = None) -> Array:
        """Return the derivative of `mean` by the logits, shape ``(n, k)``."""
        gradient = self.gradient(y, f, **dict(self.parameters))
        return losses.weighted_gradient(gradient, weight)

    def mean_with_gradient(
        self, y: Array, f: Array, weight: Array | None = None
    ) -> tuple[float, Array]:
        """Return `mean` and `mean_gradient`, in one go where the loss knows how."""
        if self.both is None:
            return self.mean(y, f, weight), self.mean_gradient(y, f, weight)
        value, gradient = self.both(y, f, **dict(self.parameters))
        return losses.weighted_mean(value, weight), losses.weighted_gradient(gradient, weight)

    def try_out(self) -> None:
        """Call value and gradient on three samples and on one, in both dtypes."""
        if self.task not in TASKS:
            raise ValueError(f"task must be one of {', '.join(TASKS)}; got {self.task!r}")
        f = np.linspace(0.2, 0.7, 6).reshape(3, 2)
        y = np.full_like(f, np.clip(1.0, *self.bounds))
        if self.task == "multiclass":
            y = np.eye(2)[[0, 1, 0]]
        numbers = dict(self.parameters)
        for given in samples(y, f):
            n, k = given[0].shape
            tried("value", self.value, (given[0], given[1]), numbers, (n,))
            tried("gradient", self.gradient, (given[0], given[1]), numbers, (n, k))
            self._try_both(given[0], given[1])

    def _try_both(self, y: Array, f: Array) -> None:
        """Raise unless `both` agrees with the two: it may have been left from another loss."""
        if self.both is None:
            return
        for name, found in zip(
            ("value", "gradient"), self.both(y, f, **dict(self.parameters)), strict=True
        ):
            if not np.array_equal(found, getattr(self, name)(y, f, **dict(self.parameters))):
                raise ValueError(f"both must return what value and gradient do; {name} differs")


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
        drawn = {"weights": check_result("weights", self.weights(rng, 3, 2, **numbers), (3, 2))}
        if self.biases is not None:
            drawn["biases"] = check_result("biases", self.biases(rng, 3, 2, **numbers), (2,))
        for name, result in drawn.items():
            if not np.isfinite(result).all():
                raise ValueError(f"{name} must return finite numbers; got {result.tolist()}")


def _is_parameter(pair: Any) -> bool:
    """Return whether `pair` is a name and something else."""
    return isinstance(pair, tuple | list) and len(pair) == 2 and isinstance(pair[0], str)
