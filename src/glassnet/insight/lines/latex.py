"""Expressions as LaTeX source, for a page of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from glassnet.insight.lines.display import groups
from glassnet.insight.lines.expressions import Name
from glassnet.insight.lines.line import Line
from glassnet.insight.lines.notation import Notation, number, written
from glassnet.insight.lines.symbols import symbol

__all__ = ["LATEX", "escaped", "latex"]

_LETTERS = {
    "α": r"\alpha",
    "β": r"\beta",
    "δ": r"\delta",
    "ε": r"\varepsilon",
    "η": r"\eta",
    "λ": r"\lambda",
    "μ": r"\mu",
    "Π": r"\Pi",
    "ρ": r"\rho",
    "σ²": r"\sigma^{2}",
    "ψ": r"\psi",
    "∞": r"\infty",
}
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "…": r"\ldots{}",
    "∂": r"$\partial$",
    **{sign: f"\\{sign}" for sign in "{}$&#_%"},
}
_FUNCTIONS = {"exp", "log", "max", "min", "tanh"}


def escaped(text: str) -> str:
    r"""Return text with every sign that means something to LaTeX written out.

    Examples
    --------
    >>> escaped("50% of a_b")
    '50\\% of a\\_b'
    """
    return "".join(_SPECIAL.get(sign, sign) for sign in text)


def latex(headline: str, lines: Iterable[Line]) -> str:
    """Return lines as LaTeX source: a heading and an ``align*`` for each formula.

    It needs the package amsmath.
    """
    source = [escaped(headline), ""]
    for part, evaluates, members in groups(lines):
        title = f"{part}: {evaluates}" if evaluates else part
        source += [rf"\paragraph{{{escaped(title)}}}", r"\begin{align*}"]
        source += [" \\\\\n".join(map(_line, members)), r"\end{align*}", ""]
    return "\n".join(source)


def _line(line: Line) -> str:
    if line.left is None or line.right is None:
        return rf"& \text{{{escaped(line.remark)}}}"
    rows = [f"{written(line.left, LATEX)} &= {written(line.right, LATEX)}"]
    if line.numbers:
        rows.append(f"&= {written(line.right, LATEX, numbers=True)}")
    remark = rf" \quad \text{{({escaped(line.remark)})}}" if line.remark else ""
    rows.append(f"&= {_number(line.value)}{remark}")
    return " \\\\\n".join(rows)


# --- the notation ------------------------------------------------------------------------


def _number(value: float) -> str:
    mantissa, _, exponent = number(value).partition("e")
    shown = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{NaN}"}
    mantissa = shown.get(mantissa, mantissa)
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else mantissa


def _word(text: str) -> str:
    if text in _LETTERS:
        return _LETTERS[text]
    return text if len(text) == 1 and text.isalpha() else rf"\mathrm{{{_spelled(text)}}}"


def _spelled(text: str) -> str:
    """Return a word for use within mathematics, where a blank would vanish."""
    return re.sub(r"\s", r"\\ ", escaped(text))


def _name(of: Name, mark: str = "") -> str:
    found = symbol(of)
    base = rf"\hat{{{found.letter}}}" if found.hat else _word(found.letter)
    below = ", ".join(p if re.fullmatch(r"(n=)?\d+", p) else _word(p) for p in found.below)
    above = (f"({found.layer})" if found.layer else "") + mark
    if above and "^" in base:
        base = f"{{{base}}}"
    return base + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")


def _sum(terms: Sequence[tuple[str, str]]) -> str:
    (sign, first), *others = terms
    start = first if sign == "+" else f"-{first}"
    return " ".join([start, *(f"{sign} {term}" for sign, term in others)])


def _call(function: str, arguments: Sequence[str]) -> str:
    inner = ", ".join(arguments)
    if function == "exp":
        return f"e^{{{inner}}}"
    if function == "abs":
        return rf"\left| {inner} \right|"
    if function == "norm":
        return rf"\left\| {inner} \right\|"
    plain = function.removesuffix("'")
    name = rf"\{plain}" if plain in _FUNCTIONS else rf"\operatorname{{{_spelled(plain)}}}"
    name = r"\sum" if plain == "sum" else name
    prime = "'" if plain != function else ""
    return f"{name}{prime}{_brackets(inner)}"


def _brackets(inner: str) -> str:
    return rf"\left( {inner} \right)"


LATEX = Notation(
    fractions=True,
    number=_number,
    name=_name,
    new=lambda of: _name(of, r"\,\mathrm{new}"),
    partial=lambda of, by: rf"\frac{{\partial {_word(of)}}}{{\partial {_name(by)}}}",
    rest=lambda count: rf"\ldots\ \mathrm{{{count}\ more}}",
    sum=_sum,
    product=r" \cdot ".join,
    quotient=lambda top, bottom: rf"\frac{{{top}}}{{{bottom}}}",
    power=lambda base, exponent: f"{{{base}}}^{{{exponent}}}",
    root=lambda of: rf"\sqrt{{{of}}}",
    brackets=_brackets,
    call=_call,
)
"""Source for mathematics mode, with amsmath."""
