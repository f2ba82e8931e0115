"""From formulas, which take float arrays, to functions that take whatever a person types."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

import numpy as np

from glassnet.formulas.types import Array

__all__ = ["public"]


def public(formulas: ModuleType) -> dict[str, Callable[..., Any]]:
    """Return the functions that `formulas` lists, taking anything array-like.

    Numbers, lists, and arrays of integers become float64 arrays; float32 stays float32.
    The formula itself is the ``__wrapped__`` of each function, so that ``help`` and
    ``inspect.getsource`` show it, and the catalogue knows it.
    """
    return {name: _accepting(getattr(formulas, name)) for name in formulas.__all__}


def _accepting(formula: Callable[..., Any]) -> Callable[..., Any]:
    parameters = inspect.signature(formula).parameters
    annotations = {name: str(p.annotation) for name, p in parameters.items()}
    arrays = {name for name, text in annotations.items() if text.startswith("Array")}
    order = list(parameters)

    @wraps(formula)
    def function(*args: Any, **kwargs: Any) -> Any:
        places = [order[i] if i < len(order) else "" for i in range(len(args))]
        by_place = [accept(name, value) for name, value in zip(places, args, strict=True)]
        return formula(*by_place, **{name: accept(name, v) for name, v in kwargs.items()})

    def accept(name: str, value: Any) -> Any:
        """Return `value`, as floats where the formula takes an array of that name."""
        optional = "None" in annotations.get(name, "")
        return (
            _floats(name, value)
            if name in arrays and not (optional and value is None)
            else value
        )

    return function


def _floats(name: str, values: Any) -> Array:
    try:
        array = np.asarray(values)
    except ValueError:
        raise TypeError(f"{name} must be an array; its rows differ in length") from None
    if array.dtype in (np.float32, np.float64):
        return array
    if array.dtype.kind not in "buif":
        raise TypeError(f"{name} must hold real numbers; got dtype {array.dtype}")
    return array.astype(np.float64)
