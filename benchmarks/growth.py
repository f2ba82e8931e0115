"""How glassnet's own time and memory grow: with rows, width, depth, batch and threads."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.cases import GLASSNET, Case
from benchmarks.environment import cores
from benchmarks.timing import measure_alone

__all__ = ["draw", "measure", "words"]

_BASE = Case(
    "growth", "train", "images", 10_000, (32, 64, 64, 10), batch=256, peers=(GLASSNET,)
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
        one, data = measure_alone(GLASSNET, case, threads, repeats)
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
        "| grows | to | seconds an epoch | peak (MB) | of it the data (MB) |",
        "|---|---:|---:|---:|---:|",
    ]
    for p in found:
        figures = f"{p['seconds']:.3g} | {p['memory']:.0f} | {p['data']:.0f}"
        lines.append(f"| {p['axis']} | {p['value']:,} | {figures} |")
    of_rows = [p for p in found if p["axis"] == "rows"]
    beyond = [p["memory"] - p["data"] for p in of_rows]
    times = f"{of_rows[-2]['value']:,} to {of_rows[-1]['value']:,} rows"
    return "\n".join(lines) + (
        f"\n\nFrom {times} time grows as the power {exponent(found, 'rows'):.2f} of the rows; "
        f"memory beyond the data is {beyond[0]:.0f} MB at the fewest rows and "
        f"{beyond[-1]:.0f} MB at the most."
    )


def draw(found: list[dict[str, Any]], path: Path) -> None:
    """Draw a panel for each thing that grows, and write the picture."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    axes_names = list(dict.fromkeys(p["axis"] for p in found))
    figure, axes = plt.subplots(
        1, len(axes_names), figsize=(2.5 * len(axes_names), 2.6), layout="constrained"
    )
    for ax, axis in zip(axes, axes_names, strict=True):
        _panel(ax, axis, [p for p in found if p["axis"] == axis])
    axes[0].set_ylabel("seconds an epoch")
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
    ax.set(xscale="log", yscale="log", xlabel=axis)
    if axis in ("depth", "threads"):
        ax.set_xticks(values, [str(v) for v in values])
        ax.minorticks_off()
    ax.grid(color="#dddddd", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
