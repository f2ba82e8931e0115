"""Check the single values that `MLP` is given: numbers, switches, callables, seeds."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, Generic, Self, TypeGuard, TypeVar

import numpy as np

from glassnet.names import did_you_mean_argument, not_taken
from glassnet.network.build import Rng
from glassnet.training import EarlyStopping

__all__ = [
    "Checked",
    "Directing",
    "callables",
    "generator",
    "is_whole_number",
    "listed",
    "one_of",
    "stopping",
    "whole_number",
    "yes_or_no",
]


T = TypeVar("T")


class Checked(Generic[T]):
    """An attribute that is checked wherever it is set.

    Parameters
    ----------
    check : callable
        Returns the value to keep of one that is given, or raises.
    """

    def __init__(self, check: Callable[[Any], T]) -> None:
        self._check = check

    def __set_name__(self, owner: type, name: str) -> None:
        self._place = f"_{name}"

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        if instance is None:
            return self  # type: ignore[return-value]
        found: T = vars(instance)[self._place]
        return found

    def __set__(self, instance: Any, value: Any) -> None:
        vars(instance)[self._place] = self._check(value)


# What others give to the network and here is given to `fit`, as it is written there.
_FIT_HAS = {
    **dict.fromkeys(("learning_rate", "lr", "eta"), "optimizer=optimizers.SGD(0.1)"),
    **dict.fromkeys(("optimizer", "solver"), 'optimizer="adam"'),
    **dict.fromkeys(("epochs", "n_epochs", "n_iterations", "n_iter", "max_iter"), "epochs=100"),
    **{name: f"{name}=..." for name in ("batch_size", "schedule", "early_stopping")},
    **{name: f"{name}=..." for name in ("callbacks", "metrics", "shuffle", "verbose")},
}


class Directing:
    """Base of a network whose constructor says where an argument belongs that it lacks.

    `help` shows the parameters of a class's own `__new__` before those of its `__init__`,
    but those of a base's after them.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Refuse an argument that there is not."""
        for name in not_taken(cls.__init__, kwargs):
            known = list(inspect.signature(cls).parameters)
            hint = did_you_mean_argument(name, known)
            if name == "random_state":
                hint = "; did you mean seed?"
            elif name in _FIT_HAS:
                hint = f"; it goes to fit, as in fit(X, y, {_FIT_HAS[name]})"
            raise TypeError(
                f"{cls.__name__} cannot take {name!r}; its arguments: {', '.join(known)}{hint}"
            )
        return super().__new__(cls)


def generator(seed: int | Rng | None) -> Rng:
    """Return the source of random numbers that `seed` asks for."""
    if isinstance(seed, np.random.Generator | np.random.RandomState):
        return seed
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise ValueError(
            "seed must be a whole number >= 0, a Generator, a RandomState or None; "
            f"got {seed!r}"
        ) from None


def is_whole_number(value: object) -> TypeGuard[int]:
    """Return whether `value` is a whole number: an int, Python's or NumPy's, and no bool."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def whole_number(name: str, value: object, least: int = 1) -> int:
    """Return `value`, a whole number of at least `least`."""
    if not is_whole_number(value) or value < least:
        raise ValueError(f"{name} must be a whole number >= {least}; got {value!r}")
    return int(value)


def one_of(name: str, value: object, allowed: tuple[str, ...]) -> str:
    """Return `value`, one of the texts that are allowed."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}; got {value!r}")
    return value


def yes_or_no(name: str, value: object) -> bool:
    """Return `value`, a bool."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False; got {value!r}")
    return bool(value)


def stopping(value: EarlyStopping | int | bool | None) -> EarlyStopping | None:
    """Return the settings of early stopping that `value` asks for."""
    if value is None or isinstance(value, EarlyStopping):
        return value
    if isinstance(value, bool | np.bool_):
        return EarlyStopping() if value else None
    return EarlyStopping(patience=whole_number("early_stopping", value))


def listed(name: str, values: Any) -> list[Any]:
    """Return the entries of an iterable."""
    if not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a sequence; got {values!r}")
    return list(values)


def callables(name: str, values: Any) -> tuple[Callable[..., Any], ...]:
    """Return callables: none, one, or those of an iterable."""
    if callable(values):
        values = (values,)
    found = tuple(listed(name, () if values is None else values))
    for value in found:
        if not callable(value):
            raise TypeError(f"{name} must hold callables; got {value!r}")
    return found
