"""How the compiled engine's time and memory grow: with rows, width, depth, batch, threads."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.cases import ON_NUMBA, Case
from benchmarks.environment import cores
from benchmarks.report import duration
from benchmarks.timing import measure_alone
from benchmarks.wording import wrapped

__all__ = ["draw", "measure", "words"]

_BASE = Case(
    "growth", "train", "images", 10_000, (32, 64, 64, 10), batch=256, peers=(ON_NUMBA,)
)
ROWS = (1_000, 10_000, 100_000, 1_000_000)
WIDTHS = (16, 64, 256, 1024)
DEPTHS = (1, 2, 4, 8, 16)
BATCHES = (16, 64, 256, 1024, 4096)


def points() -> list[tuple[str, int, Case, int]]:
    """Return what grows, to what, the case and the number of threads."""
    found = [("rows", n, replace(_BASE, rows=n), 1) for n in ROWS]
    found += [("width", w, replace(_BASE, sizes=(32, w, w, 10)), 1) for w in WIDTHS]
    found += [("depth", d, replace(_BASE, sizes=(32, *[64] * d, 10)), 1) for d in DEPTHS]
    found += [("batch", b, replace(_BASE, batch=b), 1) for b in BATCHES]
    wide = replace(_BASE, sizes=(32, 512, 512, 10), batch=1024)
    return found + [("threads", t, wide, t) for t in range(1, cores() + 1)]


def measure(repeats: int) -> list[dict[str, Any]]:
    """Return the figures of each point."""
    found = []
    for axis, value, case, threads in points():
        one, data = measure_alone(ON_NUMBA, case, threads, repeats)
        found.append(
            {
                "axis": axis,
                "value": value,
                "seconds": statistics.median(one.seconds) if one.seconds else math.nan,
                "memory": one.memory,
                "data": data,
                "absent": one.absent,
            }
        )
    return found


def exponent(found: list[dict[str, Any]], axis: str) -> float:
    """Return the power of the last step: 1 is linear growth."""
    (x0, t0), (x1, t1) = [(p["value"], p["seconds"]) for p in found if p["axis"] == axis][-2:]
    return math.log(t1 / t0) / math.log(x1 / x0)


def words(found: list[dict[str, Any]]) -> str:
    """Return a table of the points, and whether growth is linear in rows and flat in memory."""
    lines = [
        "| grows | to | time of an epoch | peak (MB) | of it the data (MB) |",
        "|---|---:|---:|---:|---:|",
    ]
    for p in found:
        figures = f"{duration(p['seconds'])} | {p['memory']:.0f} | {p['data']:.0f}"
        lines.append(f"| {p['axis']} | {p['value']:,} | {figures} |")
    of_rows = [p for p in found if p["axis"] == "rows"]
    beyond = [p["memory"] - p["data"] for p in of_rows]
    times = f"{of_rows[-2]['value']:,} to {of_rows[-1]['value']:,} rows"
    return (
        "\n".join([*lines, ""])
        + "\n"
        + wrapped(
            f"From {times} time grows as the power {exponent(found, 'rows'):.2f} of the rows; "
            f"memory beyond the data is {beyond[0]:.0f} MB at the fewest rows and "
            f"{beyond[-1]:.0f} MB at the most."
        )
    )


def draw(found: list[dict[str, Any]], path: Path) -> None:
    """Draw a panel for each thing that grows, and write the picture."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    axes_names = list(dict.fromkeys(p["axis"] for p in found))
    figure, axes = plt.subplots(
        1,
        len(axes_names),
        figsize=(2.2 * len(axes_names), 2.8),
        layout="constrained",
        sharey=True,
        squeeze=False,
    )
    axes = axes[0]
    for ax, axis in zip(axes, axes_names, strict=True):
        _panel(ax, axis, [p for p in found if p["axis"] == axis])
    axes[0].set_ylabel("time of an epoch", fontsize=9)
    axes[0].tick_params(axis="y", labelsize=8)
    figure.savefig(path, dpi=200)
    plt.close(figure)


def _panel(ax: Any, axis: str, found: list[dict[str, Any]]) -> None:
    values, seconds = [p["value"] for p in found], [p["seconds"] for p in found]
    ax.plot(values, seconds, "o-", color="#0072b2", markersize=4, linewidth=1.2)
    power = {"rows": 1, "depth": 1, "threads": -1}.get(axis)
    if power is not None:
        ideal = [seconds[-1] * (v / values[-1]) ** power for v in values]
        if power < 0:
            ideal = [seconds[0] * (v / values[0]) ** power for v in values]
        ax.plot(values, ideal, ":", color="#555555", linewidth=1, label="in proportion")
        ax.legend(fontsize=7, frameon=False)
    ax.set(xscale="log", yscale="log")
    ax.set_xlabel(_WORDS.get(axis, axis), fontsize=9)
    ax.set_xticks(values, [_short(v) for v in values], fontsize=8)
    ax.minorticks_off()
    ax.yaxis.set_major_formatter(lambda seconds, _: _duration(seconds))
    ax.grid(color="#dddddd", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)


_WORDS = {
    "rows": "rows",
    "width": "units in each of 2 layers",
    "depth": "hidden layers",
    "batch": "rows in a batch",
    "threads": "threads",
}


def _short(value: int) -> str:
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if value >= size and value % size == 0:
            return f"{value // size}{letter}"
    return f"{value:,}"


def _duration(seconds: float) -> str:
    for size, unit in ((1, "s"), (1e-3, "ms")):
        if seconds >= 0.999 * size:
            return f"{seconds / size:,g} {unit}"
    return f"{seconds / 1e-6:g} µs"
