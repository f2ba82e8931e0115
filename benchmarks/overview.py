"""The table in short: one line a row, one column a peer."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks import cases
from benchmarks.report import Line, digits, duration

__all__ = ["overview"]

_COLUMNS = {
    "plain NumPy": (cases.NUMPY,),
    "scikit-learn": (cases.SKLEARN, cases.JOBLIB),
    "PyTorch": (cases.TORCH, cases.COMPILED),
    "JAX": (cases.JAX, cases.OPTAX, cases.VMAP),
    "ONNX Runtime": (cases.ONNX,),
    "limit": cases.LIMITS,
}


def overview(lines: Sequence[Line], threads: int | str) -> str:
    """Return the ratios of one number of threads: what is below 1 is faster than glassnet.

    Parameters
    ----------
    lines : sequence of Line
    threads : int or str
        1 or "all".

    Returns
    -------
    str
        Markdown. "≠" marks another result than ours; a row that was not measured with so
        many threads is left out.
    """
    found = [line for line in lines if line.threads == threads]
    rows = [
        _row([line for line in found if line.row == row])
        for row in dict.fromkeys(line.row for line in found)
    ]
    if not rows:
        return ""
    table = [[_words(threads), "glassnet", *_COLUMNS], *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        [_cells(table[0], widths), _rule(widths)] + [_cells(r, widths) for r in rows]
    )


def _words(threads: int | str) -> str:
    return "one thread" if threads == 1 else "all cores"


def _row(lines: Sequence[Line]) -> list[str]:
    """Return the cells of a row; a peer that does no such work leaves its cell empty."""
    ours = next(line for line in lines if line.peer == line.ours)
    time = "missing" if ours.absent else duration(ours.seconds)
    return [ours.row, time, *(_best(lines, peers) for peers in _COLUMNS.values())]


def _best(lines: Sequence[Line], peers: tuple[str, ...]) -> str:
    there = [li for li in lines if li.peer in peers and not math.isnan(li.ratio)]
    if not there:
        return ""
    best = min(there, key=lambda line: line.ratio)
    return f"{digits(best.ratio)} ×" + ("" if best.alike else " ≠")


def _cells(texts: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(texts, widths, strict=True)
    cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in rest)]
    return f"| {' | '.join(cells)} |"


def _rule(widths: Sequence[int]) -> str:
    first, *rest = widths
    return f"|{'-' * (first + 2)}|" + "".join(f"{'-' * (width + 1)}:|" for width in rest)
