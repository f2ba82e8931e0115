"""Whether a training is in good health: gradients, updates, and units at rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator, PercentFormatter

from glassnet.formulas.types import Array
from glassnet.insight.recorder import Recorder
from glassnet.plots.canvas import (
    AxesArray,
    canvas,
    dress,
    heading,
    legend_outside,
    title_of_all,
)
from glassnet.plots.records import check_record, dense_names, weights_of_layers
from glassnet.plots.style import LINE_COLORS, MUTED, tint

__all__ = ["FLOW", "MOST_DEAD", "MOST_SATURATED", "UPDATES", "health"]

FLOW = 50.0
"""A layer's gradient within this factor of the last layer's is in the band; fainter than
2 % of it is also what `glassnet.diagnose` calls vanished."""

UPDATES = (1e-4, 1e-2)
"""Band of the update-to-weight ratio: a power of ten on either side of Karpathy's 1e-3."""

MOST_DEAD = 0.4
"""Share of dead units that a layer may have: as many die of a rate that is too high."""

MOST_SATURATED = 0.3
"""Share of saturated activations that a layer may have: a rule of thumb of this package."""

BAND = tint("#2a9d80", 0.15)
_NOTE = (
    f"Healthy bands: gradients within a factor of {FLOW:g} of the last layer's (diagnose calls "
    f"less vanished); an update {UPDATES[0]:g} to {UPDATES[1]:g} of the weights, a power of "
    "ten around the 0.001 of Karpathy's CS231n notes"
)
_REST = {
    "dead": f"; at most {100 * MOST_DEAD:g} % dead units (CS231n)",
    "saturated": (
        f"; at most {100 * MOST_SATURATED:g} % saturated (dashed line, a rule of thumb)"
    ),
}


def health(record: Any, *, ax: Any = None, title: str | None = None) -> AxesArray:
    r"""Draw gradients, updates and units at rest over the epochs, with healthy bands.

    Top to bottom: the root mean square of each weight matrix's gradient; its update-to-weight
    ratio, see `glassnet.Recorder`; the share of each hidden layer's units that are dead
    (solid) and of its activations that are saturated (dashed).

    Parameters
    ----------
    record : Recorder
        Passed to ``fit``.
    ax : sequence of Axes, or Figure, optional
        One Axes per panel; a new figure if None.
    title : str, optional
        Instead of the one that names what lies outside its band; "" for none.

    Returns
    -------
    array of Axes
        Shape (panels,): three, less those of which nothing is known (no probe rows: no
        gradients and no units; no hidden layer: no units).

    Raises
    ------
    TypeError, ValueError
        If `record` is no `Recorder` that holds a snapshot, or `ax` does not fit.

    Notes
    -----
    A band says what is usual, not what is right. Below the band of updates lies every
    training that has come to its end; a layer counts as outside where it is so at more than
    half of the snapshots, which lie closer together at the start.

    References
    ----------
    Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward
    neural networks", AISTATS, section 4.2: gradients of one size in all layers.
    Karpathy, CS231n notes: "Neural Networks Part 3", section "Ratio of weights:updates"
    (about 1e-3), and "Part 1", on ReLU: "as much as 40% of your network can be dead".

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from glassnet import MLP, Recorder
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 1.0, 4.0])
    >>> recorder = Recorder(X, y)
    >>> net = MLP([1, 8, 1], seed=0).fit(X, y, epochs=20, callbacks=[recorder])
    >>> [panel.get_ylabel() for panel in health(recorder, ax=Figure())]
    ['gradient (RMS)', 'update / weight', 'dead, saturated']
    """
    panels = _panels(check_record(record))
    words = _verdict(panels) if title is None else title
    exact = ax is not None and not hasattr(ax, "subplots")
    inches = 1.9 + 1.75 * len(panels)
    with canvas(ax, len(panels), 1, height=inches, sharex=True) as axes:
        column = axes[:, 0]
        for one, panel in zip(column, panels, strict=True):
            _draw(one, panel, record.epochs)
        column[-1].set_xlabel("epoch")
        handles, note = _handles(record, panels), _note(panels)
        if exact:
            heading(column[0], words, note)
            column[0].legend(handles=handles, loc="best")
        else:
            title_of_all(column[0].get_figure(), words)
            legend_outside(column[0].get_figure(), handles, note)
    return column


@dataclass(frozen=True)
class _Panel:
    """One panel.

    Attributes
    ----------
    label : str
        Of the vertical axis.
    lines : dict
        "dead" and "saturated", or "" where there is one kind, to (snapshots, layers).
    low, high : dicts
        The same, to the edges of the band: numbers or one per snapshot.
    """

    label: str
    lines: dict[str, Array]
    low: dict[str, Any]
    high: dict[str, Any]

    @property
    def shares(self) -> bool:
        """Whether it holds shares of 1, which no logarithm suits."""
        return "" not in self.lines


def _panels(record: Recorder) -> list[_Panel]:
    with np.errstate(invalid="ignore"):
        size = record.gradient_norm / np.sqrt(weights_of_layers(record))
    last, panels = size[:, -1], []
    if np.isfinite(size).any():
        low, high = {"": last / FLOW}, {"": last * FLOW}
        panels.append(_Panel("gradient (RMS)", {"": size}, low, high))
    ratio = {"": record.update_ratio}
    low, high = {"": UPDATES[0]}, {"": UPDATES[1]}
    panels.append(_Panel("update / weight", ratio, low, high))
    rest = {"dead": record.dead, "saturated": record.saturated}
    rest = {kind: values for kind, values in rest.items() if np.isfinite(values).any()}
    if rest:
        most = {"dead": MOST_DEAD, "saturated": MOST_SATURATED}
        panels.append(_Panel("dead, saturated", rest, dict.fromkeys(rest, 0.0), most))
    return panels


def _draw(ax: Axes, panel: _Panel, epochs: Array) -> None:
    dress(ax)
    kinds = list(panel.lines)
    edges = [edge[kinds[0]] for edge in (panel.low, panel.high)]
    low, high = (np.broadcast_to(edge, epochs.shape) for edge in edges)
    ax.fill_between(epochs, low, high, color=BAND, linewidth=0, zorder=1)
    for kind in kinds[1:]:
        look = {**_look(0, kind), "color": MUTED, "linewidth": 0.9}
        ax.axhline(panel.high[kind], zorder=2, **look)
    for kind, values in panel.lines.items():
        for layer, line in enumerate(values.T):
            look = {**_look(layer, kind), "label": f"{kind}{layer}"}
            look["marker"] = "o" if np.isfinite(line).sum() == 1 else None
            shown = line if panel.shares else np.where(line > 0, line, np.nan)
            ax.plot(epochs, shown, zorder=3, **look)
    ax.set_ylabel(panel.label)
    ax.margins(x=0.01)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if panel.shares:
        ax.set_ylim(-0.02, 1.02)
        ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    elif np.any(np.nan_to_num(panel.lines[""]) > 0):
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(numticks=6))


def _look(layer: int, kind: str) -> dict[str, Any]:
    dashes = (0, (3, 1.6)) if kind == "saturated" else "-"
    return {
        "color": LINE_COLORS[layer % len(LINE_COLORS)],
        "linestyle": dashes,
        "linewidth": 1.7,
    }


def _handles(record: Recorder, panels: list[_Panel]) -> list[Any]:
    names = dense_names(record)
    found: list[Any] = [
        Line2D([], [], label=name, **_look(i, "")) for i, name in enumerate(names)
    ]
    kinds = [kind for panel in panels for kind in panel.lines if kind]
    for kind in kinds if len(kinds) > 1 else ():
        found.append(Line2D([], [], label=kind, **{**_look(0, kind), "color": MUTED}))
    return [*found, Patch(color=BAND, label="healthy band")]


def _note(panels: list[_Panel]) -> str:
    kinds = [kind for panel in panels for kind in panel.lines if kind]
    return _NOTE + "".join(_REST[kind] for kind in kinds) + "."


def _verdict(panels: list[_Panel]) -> str:
    """Return which layers lie outside their bands at more than half of the snapshots."""
    outside = []
    for panel in panels:
        for kind, values in panel.lines.items():
            low, high = (np.reshape(edge[kind], (-1, 1)) for edge in (panel.low, panel.high))
            half = np.isfinite(values).sum(axis=0) / 2
            for where, far in (("small", values < low), ("large", values > high)):
                layers = np.flatnonzero(far.sum(axis=0) > half).tolist()
                if layers:
                    outside.append(_words(panel.label, kind, where, layers))
    text = "; ".join(outside)
    return text[:1].upper() + text[1:] if text else "Within the healthy bands"


def _words(label: str, kind: str, where: str, layers: list[int]) -> str:
    named = _listed("a" if kind else "W", layers)
    if kind:
        return {"dead": "many dead units in ", "saturated": "much saturation in "}[kind] + named
    return f"{label.split()[0]}s of {named} {where}"


def _listed(letter: str, layers: list[int]) -> str:
    """Return the names of some layers; of three or more in a row the ends."""
    first, last = layers[0], layers[-1]
    if last - first == len(layers) - 1 >= 2:
        return f"{letter}{first} to {letter}{last}"
    return ", ".join(f"{letter}{i}" for i in layers)
