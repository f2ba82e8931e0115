"""Lines as HTML with typeset mathematics: one piece, without script or network."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby

from glassnet.insight.lines.display import groups
from glassnet.insight.lines.line import Line
from glassnet.insight.lines.mathml import MATHML, equal, math, math_number
from glassnet.insight.lines.notation import written

__all__ = ["html"]

_WIDE = 60  # letters of numbers beside which there is no room for values
# Notebooks set their tables by two classes and more, flush right and striped: three outdo them.
_OWN = ".glassnet-trace" * 3
_STYLE = f"""
.glassnet-trace {{ overflow-x: auto; line-height: 1.5; }}
.glassnet-trace p {{ font-weight: 600; white-space: pre-line; margin: 0.5em 0; }}
.glassnet-trace details {{ margin: 0.5em 0; }}
.glassnet-trace summary {{ font-weight: 600; cursor: pointer; }}
{_OWN} caption {{ text-align: left; opacity: 0.7; padding: 0.5em 0 0.2em; }}
{_OWN} caption code {{ background: none; padding: 0; }}
{_OWN} table {{ border-collapse: collapse; border: 0; margin: 0 0 0.5em 1em; font-size: 1em; }}
{_OWN} tbody tr {{ background: none; }}
{_OWN} td {{ border: 0; padding: 0.25em 0.4em; text-align: left; white-space: nowrap;
  vertical-align: baseline; }}
{_OWN} td:first-child {{ text-align: right; }}
{_OWN} td.note {{ opacity: 0.7; }}
.glassnet-trace math {{ font-size: 1.05em; }}
.glassnet-trace .step {{ display: block; margin: 0.3em 0; }}
.glassnet-trace .step math + math {{ margin-left: 0.3em; }}
"""


def html(headline: str, lines: Iterable[Line]) -> str:
    """Return lines as HTML, a part of the step at a time, each of which can be folded."""
    parts = groupby(groups(lines), key=lambda group: group[0])
    inner = "".join(
        f'<details open="open"><summary>{escape(part)}</summary>'
        f"{''.join(_table(*group[1:]) for group in members)}</details>"
        for part, members in parts
    )
    return (
        f'<div class="glassnet-trace"><style>{_STYLE}</style>'
        f"<p>{escape(headline)}</p>{inner}</div>"
    )


def _table(evaluates: str, lines: list[Line]) -> str:
    caption = f"<caption><code>{escape(evaluates)}</code></caption>" if evaluates else ""
    below = any(len(line.numbers) > _WIDE for line in lines)
    rows = "".join(_row(line, below) for line in lines)
    return f"<table>{caption}<tbody>{rows}</tbody></table>"


def _row(line: Line, below: bool) -> str:
    """Return a line as a row: its value behind the numbers, or below where they are wide."""
    remark = escape(line.remark)
    if line.left is None or line.right is None:
        return f'<tr><td></td><td class="note" colspan="2">{remark}</td></tr>'
    steps = [equal(line.right)]
    if line.numbers:
        steps.append(equal(line.right, numbers=True))
    value = math("<mo>=</mo>", math_number(line.value))
    if below:
        steps.append(value)
    else:
        steps[-1] += value
    how = "".join(f'<span class="step">{step}</span>' for step in steps)
    left = math(written(line.left, MATHML))
    return f'<tr><td>{left}</td><td>{how}</td><td class="note">{remark}</td></tr>'
