"""The command: measure rows, print the table as it grows, write JSON and charts."""

from __future__ import annotations

import argparse
import dataclasses
import importlib.metadata
import os
import platform
import textwrap
from pathlib import Path
from typing import Any

from benchmarks import chart, growth, kept
from benchmarks.cases import ALL, ROWS, Case
from benchmarks.environment import ROOT, cores
from benchmarks.overview import overview
from benchmarks.peers import MODULES
from benchmarks.report import HEAD, Line, block, compare, limits, summary
from benchmarks.timing import measure

__all__ = ["main"]

REPEATS, QUICK = 5, 2

_SHORT = (
    "In short: glassnet's time, and the others' as a multiple of it (below 1: faster than "
    "glassnet). limit: what the machine needs for the bare work."
)
_PACKAGES = "numpy scipy scikit-learn torch jax onnxruntime numba joblib"


def main(arguments: list[str] | None = None) -> None:
    """Do what the command line asks for."""
    given = _given(arguments)
    rows = given.rows or [*ROWS, "growth"]
    given.out.mkdir(parents=True, exist_ok=True)
    if not given.merge:
        print(_words(_machine(given.repeats)), HEAD, sep="\n\n", flush=True)
        for row in rows:
            _measure(row, given)
    here = kept.read(given.out, rows)
    lines = kept.lines_of(here)
    if given.merge and here:
        print(_words(here[0]["machine"]) + "\n", HEAD, *_blocks(lines), sep="\n")
    _finish(lines, here)
    everything = kept.read(given.out, [*ROWS, "growth"])
    kept.write_all(given.out, everything)
    chart.draw(kept.lines_of(everything), given.out / "chart.png")


def _finish(lines: list[Line], here: list[dict[str, Any]]) -> None:
    """Print what the table comes to."""
    if lines:
        tables = [table for threads in (1, ALL) if (table := overview(lines, threads))]
        texts = map(_listed, (_works(lines), limits(lines), summary(lines)))
        print("", *texts, _wrapped(_SHORT), *tables, sep="\n\n", flush=True)
    for found in (one["points"] for one in here if one["row"] == "growth"):
        print("", growth.words(found), sep="\n", flush=True)


def _blocks(lines: list[Line]) -> list[str]:
    """Return the table's blocks: the lines of one case with one number of threads."""
    cases = dict.fromkeys((line.work, line.threads) for line in lines)
    return [block([li for li in lines if (li.work, li.threads) == case]) for case in cases]


def _given(arguments: list[str] | None) -> argparse.Namespace:
    """Return what the command line asks for, or end where it cannot be done."""
    parser = _parser()
    found = parser.parse_args(arguments)
    for row in found.rows:
        if row not in {*ROWS, "growth"}:
            parser.error(f"no row {row!r}: there are {', '.join(ROWS)}, growth")
    for name in found.peers:
        if not any(_fits(name, peer) for peer in MODULES):
            parser.error(f"no peer {name!r}: there are {', '.join(MODULES)}")
    if found.repeats is None:
        found.repeats = QUICK if found.quick else REPEATS
    if found.repeats < 1:
        parser.error("--repeats must be at least 1")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("rows", nargs="*", metavar="ROW", help=f"{', '.join(ROWS)}, growth; all by default")
    add("--repeats", type=int, help=f"rounds (default {REPEATS})")
    add("--quick", action="store_true", help=f"{QUICK} rounds, for a first look")
    add("--merge", action="store_true", help="measure nothing: show what --out has of the rows")
    add(
        "--peers",
        type=lambda text: [name.strip() for name in text.split(",")],
        default=[],
        metavar="NAME,...",
        help="beside glassnet only these, by a part of their names, such as jax,torch",
    )
    add("--threads", choices=["1", ALL], help="one number of threads only")
    add("--dtype", choices=["float32", "float64"], help="another precision")
    add("--out", type=Path, default=ROOT / "benchmarks" / "results")
    return parser


def _fits(name: str, peer: str) -> bool:
    return name.casefold() in peer.casefold()


def _as_asked(case: Case, given: argparse.Namespace) -> Case:
    """Return a case with the precision and the peers that are asked for."""
    peers = tuple(
        peer
        for peer in case.peers
        if not given.peers or peer in case.ours or any(_fits(n, peer) for n in given.peers)
    )
    return dataclasses.replace(case, dtype=given.dtype or case.dtype, peers=peers)


def _measure(row: str, given: argparse.Namespace) -> None:
    """Measure a row, print each case as soon as it is there, and keep it on disk."""
    machine = _machine(given.repeats)
    if row == "growth":
        points = growth.measure(given.repeats)
        kept.write(given.out, row, {"machine": machine, "points": points})
        return growth.draw(points, given.out / "growth.png")
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
    told = {"lines": [dataclasses.asdict(line) for line in lines], "raw": raw}
    kept.write(given.out, row, {"machine": machine, **told})


def _plain(found: Any) -> dict[str, Any]:
    return dataclasses.asdict(found)


def _threads(case: Case, wanted: str | None) -> list[int | str]:
    offered = [t for t in case.threads if wanted is None or str(t) == wanted]
    return offered or list(case.threads)


def _works(lines: list[Line]) -> str:
    """Return what the rows are."""
    words = {line.row: line.work for line in lines}
    return "\n".join(f"- {row}: {work}" for row, work in words.items())


def _listed(text: str) -> str:
    """Return a list in lines that fit a terminal."""
    return "\n".join(_wrapped(line, "  ") for line in text.splitlines())


def _wrapped(text: str, indent: str = "") -> str:
    """Return text in lines that fit a terminal."""
    return textwrap.fill(text, 100, subsequent_indent=indent, break_on_hyphens=False)


def _machine(repeats: int) -> dict[str, Any]:
    versions = {}
    for name in ["glassnet", *_PACKAGES.split()]:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = ""
    return {
        "processor": _processor(),
        "cores": cores(),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": versions,
        "repeats": repeats,
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def _processor() -> str:
    """Return the processor's name."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def _words(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {v}" for name, v in machine["versions"].items() if v)
    busy = "" if machine["load"] is None else f", load {machine['load']:.2g} at the start"
    return _wrapped(
        f"{machine['processor']}, {machine['cores']} cores{busy}, {machine['system']}, "
        f"Python {machine['python']}; {versions}. Medians of {machine['repeats']} rounds, "
        "in which all take turns, each in a process of its own. Ratio: their time divided by "
        "ours in the same round; range: the lowest and highest ratio of a round; MB: the "
        "process's peak; ✓ and ✗: whether the bar is met; ≠: the result is not ours."
    )
