"""Intervals: the one notation in which settings and records declare what a number may be.

``"[0, 1)"`` is every number from 0, included, to 1, excluded.
"""

from __future__ import annotations

import re
from numbers import Integral, Real

__all__ = ["EVERYTHING", "check_number", "inside"]

EVERYTHING = "(-inf, inf)"  # every finite number

_TEXT = re.compile(r"([\[(])\s*([^\s,]+)\s*,\s*([^\s,]+)\s*([\])])")


def inside(value: float, interval: str) -> bool:
    """Return whether `value` lies in `interval`; NaN lies in none.

    Raises
    ------
    ValueError
        If `interval` is no such text.

    Examples
    --------
    >>> inside(0.0, "[0, 1)"), inside(1.0, "[0, 1)")
    (True, False)
    """
    try:
        opening, low, high, closing = _TEXT.fullmatch(interval).groups()  # type: ignore[union-attr]
        least, greatest = float(low), float(high)
    except (AttributeError, TypeError, ValueError):
        raise ValueError(f"an interval reads like '[0, 1)'; got {interval!r}") from None
    above = value >= least if opening == "[" else value > least
    below = value <= greatest if closing == "]" else value < greatest
    return above and below


def check_number(
    owner: str, name: str, value: object, interval: str, whole: bool = False
) -> float:
    """Return `value` as a plain Python number: a NumPy scalar would widen float32 arrays.

    Parameters
    ----------
    owner, name : str
        Whose number it is and what it is called; errors begin with them.
    value : object
        What was given.
    interval : str
        Where it must lie.
    whole : bool
        Whether it must be an integer.

    Raises
    ------
    TypeError
        If `value` is no number, or not a whole one where it must be.
    ValueError
        If it lies outside the interval.

    Examples
    --------
    >>> check_number("Adam", "beta1", 1, "[0, 1)")
    Traceback (most recent call last):
    ValueError: Adam: beta1 must be a number in [0, 1); got 1
    """
    rule = f"{owner}: {name} must be {'an integer' if whole else 'a number'} in {interval}"
    if not isinstance(value, Integral if whole else Real) or isinstance(value, bool):
        raise TypeError(f"{rule}; got {value!r}")
    try:
        number = float(value)
    except OverflowError:  # its digits may be too many to print
        raise ValueError(f"{rule}; got a number beyond the range of float") from None
    if not inside(number, interval):
        raise ValueError(f"{rule}; got {value!r}")
    return int(value) if whole and isinstance(value, Integral) else number
