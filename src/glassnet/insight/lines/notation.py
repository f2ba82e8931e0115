"""How an expression is written: where brackets stand, and how it looks as plain text.

One walk over the tree serves every notation; what differs between plain text, MathML and
LaTeX is how each kind of expression is put together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from glassnet.insight.lines.expressions import (
    Call,
    Expression,
    Name,
    Negative,
    New,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Rest,
    Root,
    Sum,
    Valued,
)

__all__ = ["TEXT", "Notation", "number", "written"]

# What may stand where, from anything down to what needs no brackets anywhere.
_ANY, _TERM, _FACTOR, _BASE, _ATOM = range(5)


@dataclass(frozen=True)
class Notation:
    """Puts together the parts of an expression, which are written already.

    Attributes
    ----------
    fractions : bool
        Whether a quotient has a line, so that its parts need no brackets.
    number, name, new : callables
        Write a number, a `Name`, and a `Name` that gets a new value.
    partial : callable
        ``partial(of, by)`` writes a derivative.
    rest : callable
        Writes that there are so many more terms.
    sum : callable
        Writes pairs of a sign and a term.
    product, quotient, power, root, brackets : callables
        Put texts together.
    call : callable
        ``call(function, arguments)``.
    """

    fractions: bool
    number: Callable[[float], str]
    name: Callable[[Name], str]
    new: Callable[[Name], str]
    partial: Callable[[str, Name], str]
    rest: Callable[[int], str]
    sum: Callable[[Sequence[tuple[str, str]]], str]
    product: Callable[[Sequence[str]], str]
    quotient: Callable[[str, str], str]
    power: Callable[[str, str], str]
    root: Callable[[str], str]
    brackets: Callable[[str], str]
    call: Callable[[str, Sequence[str]], str]


def written(found: Expression, notation: Notation, numbers: bool = False) -> str:
    """Return an expression in a notation: with its symbols, or with their numbers put in.

    Examples
    --------
    >>> m, g = Name("m", value=0.0), Name("g", value=-2.0)
    >>> step = 0.75 * m + (1 - Number(0.75)) * g
    >>> written(step, TEXT), written(step, TEXT, numbers=True)
    ('0.75·m + (1 - 0.75)·g', '0.75·0 + (1 - 0.75)·(-2)')
    """
    return _Writer(notation, numbers).at(found, _ANY)


def number(value: Any) -> str:
    """Return a number as text, with six digits."""
    return f"{float(value):.6g}"


class _Writer:
    def __init__(self, notation: Notation, numbers: bool) -> None:
        self.notation, self.numbers = notation, numbers

    def at(self, found: Expression, place: int) -> str:
        """Return `found` with brackets where `place` needs them."""
        if isinstance(found, Valued) and not self.numbers:
            return self.at(found.shown, place)
        inner = self.bare(found)
        return self.notation.brackets(inner) if self.binding(found) < place else inner

    def binding(self, found: Expression) -> int:
        """Return how tightly `found` holds together."""
        match found:
            case Sum() | Negative():
                return _ANY
            case Product() | Quotient() | Rest() if not (self.numbers and _leaf(found)):
                return _FACTOR
            case Power():
                return _BASE
        if isinstance(found, Number) or (self.numbers and _leaf(found)):
            value = float(found.value)  # type: ignore[attr-defined]
            if math.copysign(1.0, value) < 0 and not math.isnan(value):
                return _ANY
            return _FACTOR if self.notation.fractions and "e" in number(value) else _ATOM
        return _FACTOR if isinstance(found, Partial) else _ATOM

    def bare(self, found: Expression) -> str:
        """Return `found` without brackets around it."""
        put = self.notation
        if isinstance(found, Number) or (self.numbers and _leaf(found)):
            return put.number(float(found.value))  # type: ignore[attr-defined]
        match found:
            case Name():
                return put.name(found)
            case Partial(of, by):
                return put.partial(of, by)
            case New(name):
                return put.new(name)
            case Rest(count):
                return put.rest(count)
            case Call(function, arguments):
                return put.call(function, [self.at(one, _ANY) for one in arguments])
        return self.compound(found)

    def compound(self, found: Expression) -> str:
        """Return what is made of others by signs."""
        put = self.notation
        match found:
            case Sum(terms):
                return put.sum([self.term(term) for term in terms])
            case Negative():
                return put.sum([self.term(found)])
            case Product(factors):
                return put.product([self.at(factor, _FACTOR) for factor in factors])
            case Quotient(top, bottom):
                inner = (_ANY, _ANY) if put.fractions else (_FACTOR, _BASE)
                return put.quotient(self.at(top, inner[0]), self.at(bottom, inner[1]))
            case Power(base, exponent):
                inside = _ANY if put.fractions else _ATOM
                return put.power(self.at(base, _ATOM), self.at(exponent, inside))
            case Root(of):
                return put.root(self.at(of, _ANY))
        raise TypeError(f"no way to write {found!r}")

    def term(self, found: Expression) -> tuple[str, str]:
        """Return the sign and the rest of a term."""
        if isinstance(found, Negative):
            return "-", self.at(found.of, _TERM)
        return "+", self.at(found, _TERM)


def _leaf(found: Expression) -> bool:
    return isinstance(found, Name | Partial | New | Valued | Rest)


# --- plain text --------------------------------------------------------------------------


def _name(of: Name) -> str:
    return of.name + (f"[{','.join(map(str, of.index))}]" if of.index else "")


def _sum(terms: Sequence[tuple[str, str]]) -> str:
    (sign, first), *others = terms
    start = first if sign == "+" else f"-{first}"
    return " ".join([start, *(f"{sign} {term}" for sign, term in others)])


TEXT = Notation(
    fractions=False,
    number=number,
    name=_name,
    new=lambda of: f"new {_name(of)}",
    partial=lambda of, by: f"∂{of}/∂{_name(by)}",
    rest=lambda count: f"… {count:,} more",
    sum=_sum,
    product="·".join,
    quotient=lambda top, bottom: f"{top}/{bottom}",
    power=lambda base, exponent: f"{base}^{exponent}",
    root=lambda of: f"√({of})",
    brackets=lambda inner: f"({inner})",
    call=lambda function, arguments: f"{function}({', '.join(arguments)})",
)
"""Plain text, which Python can work out once ``·``, ``^`` and ``√`` are its own signs."""
