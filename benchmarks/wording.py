"""What the command and the pages say around the tables."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from benchmarks.cases import ALL
from benchmarks.overview import overview
from benchmarks.report import Line

__all__ = ["COLUMNS", "in_short", "listed", "works", "wrapped"]

COLUMNS = (
    "Medians of rounds in which all take turns, each in a process of its own. Ratio: their "
    "time divided by ours in the same round; range: the lowest and highest ratio of a round; "
    "MB: the process's peak; ✓ and ✗: whether the bar is met; ≠: the result is not ours."
)
_SHORT = (
    "In short: glassnet's time, and the others' as a multiple of it (below 1: faster than "
    "glassnet). PyTorch and JAX: the faster of each one's set-ups. limit: the bare work alone, "
    "its products through BLAS, whose kernels may be for an earlier processor than this one."
)


def in_short(lines: list[Line]) -> list[str]:
    """Return the overview's tables, one for each number of threads, and what they show."""
    return [
        wrapped(_SHORT),
        *(table for threads in (1, ALL) if (table := overview(lines, threads))),
    ]


def works(lines: Iterable[Line]) -> str:
    """Return what the rows are."""
    words = {line.row: line.work for line in lines}
    return "\n".join(f"- {row}: {work}" for row, work in words.items())


def listed(text: str) -> str:
    """Return a list in lines that fit a terminal."""
    return "\n".join(wrapped(line, "  ") for line in text.splitlines())


def wrapped(text: str, indent: str = "") -> str:
    """Return text in lines that fit a terminal."""
    return textwrap.fill(text, 100, subsequent_indent=indent, break_on_hyphens=False)
