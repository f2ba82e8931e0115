"""What each row left on disk, so that rows can be measured one at a time."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.machine import conditions, places
from benchmarks.report import Line

__all__ = ["lines_of", "points_of", "read", "write", "write_all"]

_NUMBERS = {field.name for field in dataclasses.fields(Line) if field.type == "float"}


def write(folder: Path, row: str, told: dict[str, Any]) -> None:
    """Keep what was found of a row, in place of what was found earlier."""
    (folder / "rows").mkdir(parents=True, exist_ok=True)
    (folder / "rows" / f"{row}.json").write_text(_text({"row": row, **told}))


def read(folder: Path, rows: Iterable[str]) -> list[dict[str, Any]]:
    """Return what is kept of these rows, as far as there is anything."""
    files = [folder / "rows" / f"{row}.json" for row in rows]
    return [_row(file) for file in files if file.exists()]


def _row(file: Path) -> dict[str, Any]:
    """Return what a file holds of a row.

    Raises
    ------
    ValueError
        If it is not what `write` wrote.
    """
    try:
        told = dict(json.loads(file.read_text(encoding="utf-8")))
        lines_of([told]), points_of([told]), places([told]), conditions([told])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(
            f"{file} does not hold a row as benchmarks/run.py writes it ({error}): measure "
            "the row again, or remove the file"
        ) from error
    return told


def write_all(folder: Path, kept: list[dict[str, Any]]) -> None:
    """Write all rows to one file."""
    (folder / "results.json").write_text(_text({"rows": kept}))


def lines_of(kept: Iterable[dict[str, Any]]) -> list[Line]:
    """Return the table's lines of all rows."""
    return [_line(told) for one in kept for told in one.get("lines", ())]


def points_of(kept: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the points of growth, none where it was not measured."""
    points = [point for one in kept for point in one.get("points", ())]
    return [{n: math.nan if v is None else v for n, v in p.items()} for p in points]


def _line(told: dict[str, Any]) -> Line:
    unknown = {name: math.nan for name in _NUMBERS if told[name] is None}
    return Line(**{**told, **unknown})


def _text(told: Any) -> str:
    return json.dumps(_strict(told), indent=1, allow_nan=False) + "\n"


def _strict(told: Any) -> Any:
    """Return the same with null for NaN, which JSON does not know."""
    if isinstance(told, dict):
        return {name: _strict(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_strict(value) for value in told]
    return None if isinstance(told, float) and math.isnan(told) else told
