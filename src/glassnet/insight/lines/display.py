"""Lines as text and as a pandas frame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from glassnet.insight.lines.line import Line

__all__ = ["frame", "groups", "text"]

_WIDTH = 94  # of a line in a terminal, without its indent


def groups(lines: Iterable[Line]) -> list[tuple[str, str, list[Line]]]:
    """Return neighbours of one part that evaluate one formula: part, formula, lines.

    A line that only counts stays with those before it.
    """
    found: list[tuple[str, str, list[Line]]] = []
    for line in lines:
        part, evaluates = found[-1][:2] if found else (None, "")
        if line.part != part or line.evaluates not in ("", evaluates):
            found.append((line.part, line.evaluates, []))
        found[-1][2].append(line)
    return found


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
