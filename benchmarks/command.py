"""The command: measure rows, print the table as it grows, write JSON and charts."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from benchmarks import chart, growth, kept, pages
from benchmarks.cases import ALL, LIMITS, ROWS, Case
from benchmarks.environment import ROOT
from benchmarks.machine import conditions, machine, places
from benchmarks.peers import MODULES
from benchmarks.report import HEAD, Line, block, compare, limits, summary
from benchmarks.timing import measure
from benchmarks.wording import COLUMNS, in_short, listed, works, wrapped

__all__ = ["main"]

REPEATS, QUICK = 5, 2
NOBODY = "none"  # as the only peer: glassnet and the limits alone


def main(arguments: list[str] | None = None) -> None:
    """Do what the command line asks for."""
    given = _given(arguments)
    rows = given.rows or [*ROWS, "growth"]
    given.out.mkdir(parents=True, exist_ok=True)
    if not given.merge:
        told = machine(given.repeats)
        _say_how([{"row": row, "machine": told} for row in rows])
        for row in rows:
            _measure(row, given)
    here = _read(given.out, rows)
    if not here:
        raise SystemExit(f"{given.out / 'rows'} has none of these rows yet: {', '.join(rows)}")
    lines = kept.lines_of(here)
    if given.merge:
        _say_how(here)
        print(block(lines))
    _finish(lines, kept.points_of(here))
    everything = _read(given.out, [*ROWS, "growth"])
    kept.write_all(given.out, everything)
    chart.draw(kept.lines_of(everything), given.out / "chart.png")
    if points := kept.points_of(everything):
        growth.draw(points, given.out / "growth.png")
    if given.write:
        try:
            pages.write(ROOT, given.out, everything)
        except ValueError as error:
            raise SystemExit(str(error)) from error


def _read(folder: Path, rows: list[str]) -> list[dict[str, Any]]:
    """Return what is kept of rows; one that cannot be read ends the command."""
    try:
        return kept.read(folder, rows)
    except ValueError as error:
        raise SystemExit(str(error)) from error


def _say_how(rows: list[dict[str, Any]]) -> None:
    """Print how rows were measured, and the table's head."""
    told = f"{places(rows)}.\n{conditions(rows)}.\n{COLUMNS}".splitlines()
    print(*map(wrapped, told), f"\n{HEAD}", sep="\n", flush=True)


def _finish(lines: list[Line], points: list[dict[str, Any]]) -> None:
    """Print what the table comes to."""
    if lines:
        texts = map(listed, (works(lines), limits(lines), summary(lines)))
        print("", *texts, *in_short(lines), sep="\n\n", flush=True)
    if points:
        print("", growth.words(points), sep="\n", flush=True)


def _given(arguments: list[str] | None) -> argparse.Namespace:
    """Return what the command line asks for, or end where it cannot be done."""
    parser = _parser()
    found = parser.parse_args(arguments)
    for row in found.rows:
        if row not in {*ROWS, "growth"}:
            parser.error(f"no row {row!r}: there are {', '.join(ROWS)}, growth")
    for name in found.peers:
        if found.peers != [NOBODY] and not any(_fits(name, peer) for peer in MODULES):
            parser.error(f"no peer {name!r}: there are {', '.join(MODULES)}, {NOBODY}")
    if found.repeats is None:
        found.repeats = QUICK if found.quick else REPEATS
    if found.repeats < 1:
        parser.error("--repeats must be at least 1")
    if found.write and (found.rows or not found.merge):
        parser.error("--write goes with --merge, and takes all rows that are kept: name none")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("rows", nargs="*", metavar="ROW", help=f"{', '.join(ROWS)}, growth; all by default")
    add("--repeats", type=int, help=f"rounds (default {REPEATS})")
    add("--quick", action="store_true", help=f"{QUICK} rounds, for a first look")
    add("--merge", action="store_true", help="measure nothing: show what --out has of the rows")
    add("--write", action="store_true", help="with --merge: into README.md and docs as well")
    add(
        "--peers",
        type=lambda text: [name.strip() for name in text.split(",")],
        default=[],
        metavar="NAME,...",
        help="beside glassnet only these, by a part of their names, such as jax,torch; "
        f"{NOBODY}: glassnet and the machine's limits alone",
    )
    add("--threads", choices=["1", ALL], help="one number of threads only")
    add("--dtype", choices=["float32", "float64"], help="another precision")
    add("--out", type=Path, default=ROOT / "benchmarks" / "results")
    return parser


def _fits(name: str, peer: str) -> bool:
    return name.casefold() in peer.casefold()


def _wanted(peer: str, names: list[str]) -> bool:
    """Return whether a peer or limit is among those that are asked for."""
    return peer in LIMITS if names == [NOBODY] else any(_fits(name, peer) for name in names)


def _as_asked(case: Case, given: argparse.Namespace) -> Case:
    """Return a case with the precision and the peers that are asked for."""
    peers = case.peers
    if given.peers:
        peers = tuple(p for p in peers if p in case.ours or _wanted(p, given.peers))
    return dataclasses.replace(case, dtype=given.dtype or case.dtype, peers=peers)


def _measure(row: str, given: argparse.Namespace) -> None:
    """Measure a row, print each case as soon as it is there, and keep it on disk."""
    told: dict[str, Any] = {"machine": machine(given.repeats)}
    if row == "growth":
        return kept.write(given.out, row, told | {"points": growth.measure(given.repeats)})
    lines: list[Line] = []
    raw: list[Any] = []
    for case in ROWS[row]:
        for threads in _threads(case, given.threads):
            case = _as_asked(case, given)
            found = measure(case, threads, given.repeats)
            raw.append(
                {"case": case.name, "threads": threads, "found": list(map(_plain, found))}
            )
            new = compare(case, threads, found)
            print(block(new), flush=True)
            lines += new
    told |= {"lines": [dataclasses.asdict(line) for line in lines], "raw": raw}
    kept.write(given.out, row, told)


def _plain(found: Any) -> dict[str, Any]:
    return dataclasses.asdict(found)


def _threads(case: Case, wanted: str | None) -> list[int | str]:
    offered = [t for t in case.threads if wanted is None or str(t) == wanted]
    return offered or list(case.threads)
