"""Trials: one call of a record's function, so that what no network could use shows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from glassnet.formulas.types import Array

__all__ = ["samples", "tried"]


def samples(*arrays: Array) -> Iterator[list[Array]]:
    """Yield `arrays` in float64 and in float32, and of each the first row alone."""
    for dtype in (np.float64, np.float32):
        for n in (len(arrays[0]), 1):
            yield [array[:n].astype(dtype) for array in arrays]


def tried(
    name: str,
    function: Callable[..., Any],
    arguments: tuple[Array, ...],
    numbers: Mapping[str, float],
    shape: tuple[int, ...],
) -> Array:
    """Return ``function(*arguments, **numbers)``, given copies that cannot be written to.

    Raises
    ------
    ValueError
        If it writes into them or does not return finite numbers of that shape and of their
        dtype.
    """
    given = [argument.copy() for argument in arguments]
    for argument in given:
        argument.flags.writeable = False
    try:
        result = function(*given, **numbers)
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise ValueError(
            f"{name} must take read-only arrays and write into none of them; it raised {error}"
        ) from error
    dtype = given[0].dtype
    usable = check_result(name, result, shape)
    if usable.dtype != dtype:
        raise ValueError(f"{name} must return {dtype} for {dtype} input; got {usable.dtype}")
    # A parameter can be beyond float32 alone: then it serves float64 still.
    if dtype == np.float64 and not np.isfinite(usable).all():
        raise ValueError(f"{name} must return finite numbers; got {usable.tolist()}")
    return usable


def check_result(name: str, result: Any, shape: tuple[int, ...]) -> Array:
    """Return `result`; raise unless it is an array of that shape and of real numbers."""
    if not isinstance(result, np.ndarray) or result.shape != shape:
        shown = f"shape {result.shape}" if isinstance(result, np.ndarray) else repr(result)
        raise ValueError(f"{name} must return an array of shape {shape}; got {shown}")
    if result.dtype.kind not in "biuf":
        raise ValueError(f"{name} must return real numbers; got {result.tolist()}")
    return result
