"""Expressions as MathML, in the part of it that every current browser shows: MathML Core.

A page with it needs no script and nothing from the network.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from glassnet.insight.lines.expressions import Expression, Name
from glassnet.insight.lines.notation import Notation, number, written
from glassnet.insight.lines.symbols import symbol

__all__ = ["MATHML", "equal", "math", "math_number"]


def math(*parts: str) -> str:
    """Return MathML elements as one formula in a line of text."""
    return f'<math displaystyle="true">{_row(*parts)}</math>'


def math_number(value: float) -> str:
    """Return a number, with its power of ten set as one."""
    return _number(value)


def _row(*parts: str) -> str:
    return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"


def _sign(text: str) -> str:
    return f"<mo>{escape(text)}</mo>"


def _word(text: str) -> str:
    return f"<mi>{escape(text)}</mi>"


def _number(value: float) -> str:
    mantissa, _, exponent = number(value).lstrip("-").partition("e")
    shown = {"inf": _word("∞"), "nan": _word("NaN")}.get(mantissa, f"<mn>{mantissa}</mn>")
    if exponent:
        power = _row(_sign("−"), f"<mn>{int(exponent[1:])}</mn>")
        power = power if exponent.startswith("-") else f"<mn>{int(exponent)}</mn>"
        shown = _row(shown, _sign("×"), f"<msup><mn>10</mn>{power}</msup>")
    return _row(_sign("−"), shown) if number(value).startswith("-") else shown


def _place(text: str) -> str:
    if text.isdigit():
        return f"<mn>{text}</mn>"
    if found := re.fullmatch(r"n=(\d+)", text):
        return _word("n") + _sign("=") + f"<mn>{found[1]}</mn>"
    return _word(text)


def _name(of: Name, mark: str = "") -> str:
    found = symbol(of)
    base = _word(found.letter)
    if found.hat:
        base = f'<mover accent="true">{base}{_sign("^")}</mover>'
    below = _sign(",").join(map(_place, found.below))
    layer = _sign("(") + f"<mn>{found.layer}</mn>" + _sign(")") if found.layer else ""
    above = layer + (f"<mtext>{mark}</mtext>" if mark else "")
    if below and above:
        return f"<msubsup>{base}<mrow>{below}</mrow><mrow>{above}</mrow></msubsup>"
    if below:
        return f"<msub>{base}<mrow>{below}</mrow></msub>"
    return f"<msup>{base}<mrow>{above}</mrow></msup>" if above else base


def _sum(terms: Sequence[tuple[str, str]]) -> str:
    found: list[str] = []
    for sign, term in terms:
        if found or sign == "-":
            found.append(_sign("−" if sign == "-" else "+"))
        found.append(term)
    return _row(*found)


def _call(function: str, arguments: Sequence[str]) -> str:
    inner = _sign(",").join(arguments)
    if function == "exp":
        return f"<msup><mi>e</mi><mrow>{inner}</mrow></msup>"
    if bar := {"abs": "|", "norm": "‖"}.get(function):
        return _row(_sign(bar), inner, _sign(bar))
    name = _sign("∑") if function == "sum" else _word(function.replace("'", "′"))
    return _row(name, _sign("\u2061"), _brackets(inner))


def _brackets(inner: str) -> str:
    if "<mfrac" in inner or "<msqrt" in inner:
        return _row(_sign("("), inner, _sign(")"))
    # Marks above and below a letter are no reason for larger brackets.
    return _row('<mo stretchy="false">(</mo>', inner, '<mo stretchy="false">)</mo>')


def _derivative(of: str, by: Name) -> str:
    top = _row(_sign("∂"), _word(of))
    return f"<mfrac>{top}{_row(_sign('∂'), _name(by))}</mfrac>"


MATHML = Notation(
    fractions=True,
    number=_number,
    name=_name,
    new=lambda of: _name(of, "\u00a0new"),
    partial=_derivative,
    rest=lambda count: f"<mtext>… {count:,} more</mtext>",
    sum=_sum,
    product=lambda factors: _row(*_between(factors)),
    quotient=lambda top, bottom: f"<mfrac>{top}{bottom}</mfrac>",
    power=lambda base, exponent: f"<msup>{base}{exponent}</msup>",
    root=lambda of: f"<msqrt>{of}</msqrt>",
    brackets=_brackets,
    call=_call,
)
"""Elements of MathML Core; each text is one element."""


def _between(factors: Sequence[str]) -> list[str]:
    found = [factors[0]]
    for factor in factors[1:]:
        found += [_sign("·"), factor]
    return found


def equal(found: Expression, numbers: bool = False) -> str:
    """Return an expression behind a sign of equality, as one formula."""
    return math(_sign("="), written(found, MATHML, numbers))
