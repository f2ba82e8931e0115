"""The table as a picture: how many times our time each peer takes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import cases
from benchmarks.report import Line

__all__ = ["draw"]

# Okabe and Ito's colours, which colour-blind readers can tell apart.
_COLOURS = {
    cases.NUMPY: "#999999",
    cases.SKLEARN: "#e69f00",
    cases.JOBLIB: "#e69f00",
    cases.TORCH: "#d55e00",
    cases.COMPILED: "#cc79a7",
    cases.JAX: "#0072b2",
    cases.OPTAX: "#56b4e9",
    cases.VMAP: "#0072b2",
    cases.ONNX: "#009e73",
    cases.PRODUCTS: "#000000",
    cases.OPERATIONS: "#000000",
    cases.PROCESS: "#000000",
}
_ORDER = list(_COLOURS)
_GAP = 1.0  # between rows, in bars
_REACH = 1.8  # how far a number beside a bar reaches, as a factor
_Places = dict[tuple[str, str], float]  # of a row's name and a peer's


def draw(lines: Sequence[Line], path: Path) -> None:
    """Draw a panel for each number of threads and write the picture."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    shown = [li for li in lines if li.peer != li.ours and not math.isnan(li.ratio)]
    panels = {t: [li for li in shown if li.threads == t] for t in (1, cases.ALL)}
    panels = {threads: found for threads, found in panels.items() if found}
    if not panels:
        return
    places = _places(shown)
    figure, axes = plt.subplots(
        1,
        len(panels),
        figsize=(2.2 + 3.3 * len(panels), 1.4 + 0.14 * max(places.values())),
        layout="constrained",
        squeeze=False,
        sharex=True,
        sharey=True,
    )
    for ax, (threads, found) in zip(axes[0], panels.items(), strict=True):
        _panel(ax, found, places)
        ax.set_title("one thread" if threads == 1 else "a thread on every core", fontsize=10)
    _name_rows(axes[0, 0], places)
    ratios = [line.ratio for line in shown]
    axes[0, 0].set_xlim(min(*ratios, 1) / _REACH, max(*ratios, 1) * _REACH)
    _legend(figure, shown)
    figure.savefig(path, dpi=200)
    plt.close(figure)


def _places(lines: Sequence[Line]) -> _Places:
    """Return how far down each row's peers stand: the same in every panel."""
    places, place = {}, 0.0
    for row in dict.fromkeys(line.row for line in lines):
        peers = {line.peer for line in lines if line.row == row}
        for peer in sorted(peers, key=_ORDER.index):
            places[row, peer] = place
            place += 1
        place += _GAP
    return places


def _panel(ax: Any, lines: Sequence[Line], places: _Places) -> None:
    """Draw one bar a peer, grouped by row, from 1 (our time) outwards."""
    for line in lines:
        _bar(ax, places[line.row, line.peer], line)
    ax.set_xscale("log")
    ax.axvline(1, color="black", linewidth=0.8)
    ax.tick_params(axis="x", labelsize=8, labeltop=True)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_xlabel("their time divided by glassnet's", fontsize=9)
    ax.grid(axis="x", color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _name_rows(ax: Any, places: _Places) -> None:
    """Write each row's name beside the middle of its bars."""
    rows = dict.fromkeys(row for row, _ in places)
    centres = [statistics.mean(p for (r, _), p in places.items() if r == row) for row in rows]
    names = [row.replace(": ", ":\n").replace(" (", "\n(") for row in rows]
    ax.set_yticks(centres, names, fontsize=8)
    ax.set_ylim(max(places.values()) + _GAP, -_GAP)


def _bar(ax: Any, place: float, line: Line) -> None:
    colour, limit = _COLOURS[line.peer], line.peer in cases.LIMITS
    style = {"facecolor": "white", "edgecolor": colour} if limit else {"color": colour}
    ax.barh(place, line.ratio - 1, left=1, height=0.82, linewidth=0.8, **style)
    side, end = (1 if line.ratio >= 1 else -1), line.ratio
    if 1 <= (line.bar_ratio / line.ratio) ** side < _REACH and line.bar_ratio != 1:
        end = line.bar_ratio  # the number goes beyond the mark, not under it
    ax.annotate(
        f"{line.ratio:.2g}" if line.ratio < 10 else f"{line.ratio:.0f}",
        (end, place),
        xytext=(3 * side, 0),
        textcoords="offset points",
        ha="left" if side > 0 else "right",
        va="center",
        fontsize=6.5,
    )
    if not math.isnan(line.bar_ratio):
        ends = [place - 0.46, place + 0.46]
        if line.bar_ratio != 1:  # a short bar at 1 would vanish behind it
            ax.plot([line.bar_ratio] * 2, ends, color="white", linewidth=3.2)
        ax.plot([line.bar_ratio] * 2, ends, color="black", linewidth=1.6)


def _legend(figure: Any, lines: Sequence[Line]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    words: dict[str, Patch | Line2D] = {}
    for peer in sorted({line.peer for line in lines}, key=_ORDER.index):
        limit, colour = peer in cases.LIMITS, _COLOURS[peer]
        label = "limit of the machine" if limit else _SHORT.get(peer, peer)
        words[label] = Patch(facecolor="white" if limit else colour, edgecolor=colour)
    words["bar to reach"] = Line2D([], [], color="black", linewidth=1.6)
    figure.legend(
        words.values(),
        words,
        loc="outside lower center",
        ncols=4,
        fontsize=8,
        frameon=False,
    )


_SHORT = {
    cases.JOBLIB: "scikit-learn (many: through joblib)",
    cases.SKLEARN: "scikit-learn (many: through joblib)",
    cases.VMAP: "JAX (many: vmap)",
    cases.JAX: "JAX (many: vmap)",
}
