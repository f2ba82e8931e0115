"""What was measured, written into the README and into docs/benchmarks.md, between two marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import growth, kept
from benchmarks.machine import conditions, places
from benchmarks.report import HEAD, Line, block, limits, summary
from benchmarks.wording import COLUMNS, in_short, listed, works, wrapped

__all__ = ["BEGIN", "END", "write"]

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
_CHART, _GROWTH = "benchmarks.png", "growth.png"
_COMMAND = "`python benchmarks/run.py --merge`"


def write(root: Path, out: Path, rows: list[dict[str, Any]]) -> None:
    """Replace what the pages say of the benchmarks, and their pictures.

    All is made first and then put in place, so that a refusal leaves every file as it was.

    Parameters
    ----------
    root : Path
        Folder of README.md and docs.
    out : Path
        Where chart.png and growth.png are.
    rows : list of dict
        What is kept of every row.

    Raises
    ------
    ValueError
        If there is nothing to show, or a page lacks a mark.
    """
    lines, points = kept.lines_of(rows), kept.points_of(rows)
    if all(line.absent for line in lines):
        raise ValueError("nothing was measured: the pages stay as they are")
    texts = {
        "README.md": _overview(rows, lines),
        "docs/benchmarks.md": _everything(rows, lines, points),
    }
    new = {root / page: _replaced(root / page, text).encode() for page, text in texts.items()}
    pictures = root / "docs" / "pictures"
    new[pictures / _CHART] = (out / "chart.png").read_bytes()
    if points:
        new[pictures / _GROWTH] = (out / "growth.png").read_bytes()
    _put(new)


def _overview(rows: list[dict[str, Any]], lines: list[Line]) -> str:
    """Return what the README says."""
    measured = [row for row in rows if row.get("lines")]
    return "\n\n".join(
        [wrapped(f"{_COMMAND} prints it again. {places(measured)}."), *in_short(lines)]
    )


def _everything(
    rows: list[dict[str, Any]], lines: list[Line], points: list[dict[str, Any]]
) -> str:
    """Return what the page in docs says."""
    parts = [
        *("## The machine", *map(wrapped, f"{places(rows)}.".splitlines())),
        wrapped(f"{conditions(rows)}. {_COMMAND} prints this page's figures again."),
        *("## The work", listed(works(lines))),
        *(
            "## In one picture",
            f"![Each peer's time, divided by glassnet's](pictures/{_CHART})",
        ),
        *("## Bars met and missed", listed(summary(lines))),
        *("## How close to the machine's limit", listed(limits(lines))),
    ]
    if points:
        alt = "Time of an epoch by rows, width, depth, batch and threads"
        parts += ["## How it grows", f"![{alt}](pictures/{_GROWTH})", growth.words(points)]
    table = f"{HEAD}\n{block(lines)}"
    return "\n\n".join([*parts, "## The whole table", wrapped(COLUMNS), table])


def _replaced(page: Path, text: str) -> str:
    """Return a page with a text in place of what stands between its marks."""
    old = page.read_text(encoding="utf-8")
    for mark in (BEGIN, END):
        if old.count(mark) != 1:
            raise ValueError(
                f"{page} must have {mark} once, and has it {old.count(mark)} times"
            )
    if old.index(END) < old.index(BEGIN):
        raise ValueError(f"in {page}, {END} stands before {BEGIN}")
    return f"{old[: old.index(BEGIN)]}{BEGIN}\n\n{text}\n\n{old[old.index(END) :]}"


def _put(new: dict[Path, bytes]) -> None:
    """Write all files beside their places, and only then replace those that are there."""
    beside = {path: path.with_name(f"{path.name}.new") for path in new}
    try:
        for path, content in new.items():
            beside[path].write_bytes(content)
        for path, written in beside.items():
            written.replace(path)
    finally:
        for written in beside.values():
            written.unlink(missing_ok=True)
