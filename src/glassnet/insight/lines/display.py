"""Lines as text and as a pandas frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from glassnet.insight.lines.line import Line

__all__ = ["frame", "groups", "text"]

_WIDTH = 94  # of a line in a terminal, without its indent


def groups(lines: Iterable[Line]) -> Iterator[tuple[str, str, list[Line]]]:
    """Yield neighbours of one part that evaluate one formula: part, formula, lines.

    A line that only counts stays with those before it.
    """
    last = ("", "")

    def key(line: Line) -> tuple[str, str]:
        """Return the part of a line and its formula, or that of the line before it."""
        nonlocal last
        before = last[1] if last[0] == line.part else ""
        last = line.part, line.evaluates or before
        return last

    for (part, evaluates), members in groupby(lines, key):
        yield part, evaluates, list(members)


def text(headline: str, lines: Iterable[Line]) -> str:
    """Return lines below headings that name the part of the step and the formula."""
    written = [headline]
    for part, evaluates, members in groups(lines):
        written += ["", f"{part}: {evaluates}" if evaluates else part]
        written += [f"  {_folded(line)}" for line in members]
    return "\n".join(written)


def _folded(line: Line) -> str:
    """Return a line that is too wide with its numbers below its symbols."""
    whole = str(line)
    if len(whole) <= _WIDTH or not line.numbers:
        return whole
    indent = " " * (len(line.symbol) + 2)
    start = len(f"{line.symbol} = {line.formula} ")
    return f"{whole[:start].rstrip()}\n{indent} {whole[start:]}"


def frame(lines: Iterable[Line]) -> Any:
    """Return lines as a pandas DataFrame, one a row.

    Raises
    ------
    ImportError
        If pandas cannot be imported.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("to_frame needs pandas; pip install pandas") from error
    columns = ("part", "evaluates", "symbol", "formula", "numbers", "value", "remark")
    rows = [[getattr(line, name) for name in columns] for line in lines if line.right]
    return pd.DataFrame(rows, columns=list(columns))
