"""The table as a picture: how many times our time each peer takes."""

from __future__ import annotations

import math
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
    cases.VMAP: "#0072b2",
    cases.ONNX: "#009e73",
    cases.PRODUCTS: "#000000",
    cases.OPERATIONS: "#000000",
    cases.PROCESS: "#000000",
}
_ORDER = list(_COLOURS)
_GAP = 1.0  # between rows, in bars
_REACH = 1.8  # how far a number beside a bar reaches, as a factor


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
    tallest = max(len(found) + _GAP * _rows(found) for found in panels.values())
    figure, axes = plt.subplots(
        1,
        len(panels),
        figsize=(6.4 * len(panels), 1.2 + 0.17 * tallest),
        layout="constrained",
        squeeze=False,
        sharex=True,
    )
    for ax, (threads, found) in zip(axes[0], panels.items(), strict=True):
        _panel(ax, found)
        ax.set_title("one thread" if threads == 1 else "a thread on every core", fontsize=10)
    _legend(figure, shown, columns=2 * len(panels))
    figure.savefig(path, dpi=200)
    plt.close(figure)


def _rows(lines: Sequence[Line]) -> int:
    return len({line.row for line in lines})


def _panel(ax: Any, lines: Sequence[Line]) -> None:
    """Draw one bar a peer, grouped by row, from 1 (our time) outwards."""
    place, names, centres = 0.0, [], []
    for row in dict.fromkeys(line.row for line in lines):
        of_row = sorted(
            (li for li in lines if li.row == row), key=lambda li: _ORDER.index(li.peer)
        )
        names.append(row.replace(": ", ":\n"))
        centres.append(place + (len(of_row) - 1) / 2)
        for line in of_row:
            _bar(ax, place, line)
            place += 1
        place += _GAP
    ax.set_xscale("log")
    ax.axvline(1, color="black", linewidth=0.8)
    ax.set_yticks(centres, names, fontsize=8)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=8)
    ax.set_ylim(place - _GAP, -1)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_xlabel("their time divided by glassnet's", fontsize=9)
    ax.grid(axis="x", color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _bar(ax: Any, place: float, line: Line) -> None:
    colour, limit = _COLOURS[line.peer], line.peer in cases.LIMITS
    style = {"facecolor": "white", "edgecolor": colour} if limit else {"color": colour}
    ax.barh(place, line.ratio - 1, left=1, height=0.82, linewidth=0.8, **style)
    side, end = (1 if line.ratio >= 1 else -1), line.ratio
    if 1 <= line.ratio <= line.bar_ratio < _REACH * line.ratio:
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
        ax.plot([line.bar_ratio] * 2, ends, color="white", linewidth=3.2)
        ax.plot([line.bar_ratio] * 2, ends, color="black", linewidth=1.6)


def _legend(figure: Any, lines: Sequence[Line], columns: int) -> None:
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
        ncols=columns,
        fontsize=8,
        frameon=False,
    )


_SHORT = {
    cases.JOBLIB: "scikit-learn (many: through joblib)",
    cases.SKLEARN: "scikit-learn (many: through joblib)",
    cases.VMAP: "JAX (many: vmap)",
    cases.JAX: "JAX (many: vmap)",
}
