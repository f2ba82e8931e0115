"""Expressions: a formula as a small tree whose leaves know their values.

They are built by Python's own signs, ``beta1 * m + (1 - beta1) * g``, so that a rule reads
like its formula. One tree is written with its symbols, written with its numbers
(`glassnet.insight.lines.notation`), and worked out (`worked_out`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "TERMS",
    "Call",
    "Expression",
    "Name",
    "Negative",
    "New",
    "Number",
    "Partial",
    "Power",
    "Product",
    "Quotient",
    "Rest",
    "Root",
    "Sum",
    "Valued",
    "called",
    "root",
    "total",
    "worked_out",
]

TERMS = 4  # of a sum that are written out


class Expression:
    """Any of the expressions below; numbers that stand beside one become `Number`."""

    def __add__(self, other: Any) -> Sum:
        return Sum((*_terms(self), *_terms(other)))

    def __radd__(self, other: Any) -> Sum:
        return Sum((*_terms(other), *_terms(self)))

    def __neg__(self) -> Negative:
        return Negative(self)

    def __sub__(self, other: Any) -> Sum:
        return Sum((*_terms(self), Negative(_expression(other))))

    def __rsub__(self, other: Any) -> Sum:
        return Sum((*_terms(other), Negative(self)))

    def __mul__(self, other: Any) -> Product:
        return Product((*_factors(self), *_factors(other)))

    def __rmul__(self, other: Any) -> Product:
        return Product((*_factors(other), *_factors(self)))

    def __truediv__(self, other: Any) -> Quotient:
        return Quotient(self, _expression(other))

    def __rtruediv__(self, other: Any) -> Quotient:
        return Quotient(_expression(other), self)

    def __pow__(self, other: Any) -> Power:
        return Power(self, _expression(other))


# --- leaves ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Number(Expression):
    """A number that is the same in symbols and in numbers, such as the 1 of ``1 - beta1``."""

    value: float


@dataclass(frozen=True)
class Name(Expression):
    """A quantity by name: ``Name("W0", (0, 1), 0.3)`` is ``W0[0,1]``, which is 0.3.

    Attributes
    ----------
    name : str
        As the network calls it; ``delta_z0`` is the delta of ``z0``.
    index : tuple
        Places, or texts such as ``"n=2"`` for a sample.
    value : float
        NaN where only the name is written.
    """

    name: str
    index: tuple[int | str, ...] = ()
    value: float = math.nan


@dataclass(frozen=True)
class Partial(Expression):
    """The partial derivative of `of` by a quantity; `value` is what it is."""

    of: str
    by: Name
    value: float = math.nan


@dataclass(frozen=True)
class New(Expression):
    """What a quantity becomes: the left-hand side of an update; `value` is what it is."""

    of: Name
    value: float = math.nan


@dataclass(frozen=True)
class Valued(Expression):
    """An expression whose numbers are one number: a slope, a mean, a penalty."""

    shown: Expression
    value: float


@dataclass(frozen=True)
class Rest(Expression):
    """So many more terms of a sum, which add up to `value`."""

    count: int
    value: float


# --- what is made of others --------------------------------------------------------------


@dataclass(frozen=True)
class Sum(Expression):
    """Terms added up; a `Negative` term is taken away."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True)
class Negative(Expression):
    """Minus something."""

    of: Expression


@dataclass(frozen=True)
class Product(Expression):
    """Factors multiplied."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True)
class Quotient(Expression):
    """`top` over `bottom`."""

    top: Expression
    bottom: Expression


@dataclass(frozen=True)
class Power(Expression):
    """`base` to the power of `exponent`."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True)
class Root(Expression):
    """A square root."""

    of: Expression


@dataclass(frozen=True)
class Call(Expression):
    """A function of some arguments, by its name."""

    function: str
    arguments: tuple[Expression, ...]


# --- making them -------------------------------------------------------------------------


def root(of: Any) -> Root:
    """Return the square root of an expression."""
    return Root(_expression(of))


def called(function: str, *arguments: Any) -> Call:
    """Return a function of some arguments."""
    return Call(function, tuple(map(_expression, arguments)))


def total(terms: Sequence[Expression], values: Any) -> Expression:
    """Return the sum of many terms; of a long one the rest stands as one number.

    Parameters
    ----------
    terms : sequence of Expression
        The first of them, at least `TERMS` + 1 where there are so many.
    values : array
        What all of them are.
    """
    if len(values) <= TERMS + 1:
        return Sum(tuple(terms)) if len(terms) > 1 else terms[0]
    more = Rest(len(values) - TERMS, float(np.sum(values[TERMS:])))
    return Sum((*terms[:TERMS], more))


def _expression(value: Any) -> Expression:
    return value if isinstance(value, Expression) else Number(float(value))


def _terms(value: Any) -> tuple[Expression, ...]:
    found = _expression(value)
    return found.terms if isinstance(found, Sum) else (found,)


def _factors(value: Any) -> tuple[Expression, ...]:
    found = _expression(value)
    return found.factors if isinstance(found, Product) else (found,)


# --- working them out --------------------------------------------------------------------

_FUNCTIONS: dict[str, Any] = {
    "abs": np.abs,
    "exp": np.exp,
    "log": np.log,
    "max": np.maximum,
    "min": np.minimum,
    "sign": np.sign,
}


def worked_out(found: Expression) -> float:
    """Return what an expression comes to, in float64.

    Raises
    ------
    KeyError
        For a function other than abs, exp, log, max, min and sign.

    Examples
    --------
    >>> m, g = Name("m", value=0.0), Name("g", value=2.0)
    >>> worked_out(0.75 * m + (1 - Number(0.75)) * g)
    0.5
    """
    with np.errstate(all="ignore"):
        return float(_value(found))


def _value(found: Expression) -> Any:
    match found:
        case Sum(terms):
            return np.add.reduce([_value(term) for term in terms])
        case Negative(of):
            return -_value(of)
        case Product(factors):
            return np.multiply.reduce([_value(factor) for factor in factors])
        case Quotient(top, bottom):
            return np.float64(_value(top)) / _value(bottom)
        case Power(base, exponent):
            return np.float64(_value(base)) ** _value(exponent)
        case Root(of):
            return np.sqrt(_value(of))
        case Call(function, arguments):
            return _FUNCTIONS[function](*map(_value, arguments))
    return found.value  # type: ignore[attr-defined]
