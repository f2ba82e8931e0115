"""How training went: losses, metrics and the learning rate, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from glassnet.plots.canvas import AxesArray, canvas, dress, heading, title_of_all
from glassnet.plots.style import INK, LINE_COLORS, MUTED, PAPER, SMALL, line_look

__all__ = ["history", "is_steep"]

DECADES = 1.5
"""Values that span more powers of ten than this, all positive, get a logarithmic axis."""


def history(model: Any, *, ax: Any = None, title: str | None = None) -> AxesArray:
    """Draw a model's training: loss, metrics, learning rate, one panel each.

    Training values are solid, validation values dashed. A panel that would be empty, and a
    learning rate that never changes, are left out. The epoch whose state was kept is
    marked where training went back to one.

    Parameters
    ----------
    model : MLP, History, or scikit-learn's MLPClassifier or MLPRegressor
        Fitted.
    ax : sequence of Axes, or Figure, optional
        One Axes per panel; a new figure if None.
    title : str, optional
        Instead of the one that gives the last loss; "" for none.

    Returns
    -------
    array of Axes
        Losses; then, each where there is one, metrics and learning rate; shape (panels,).
        Save the picture with ``axes[0].figure.savefig("history.png")``.

    Raises
    ------
    TypeError
        If `model` records no history.
    ValueError
        If it has recorded no epoch yet.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from glassnet import MLP
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 1.0, 4.0])
    >>> net = MLP([1, 4, 1], seed=0).fit(X, y, epochs=5)
    >>> [panel.get_ylabel() for panel in history(net, ax=Figure())]
    ['loss']
    """
    record = _record(model)
    panels = _panels(record)
    words = _verdict(record) if title is None else title
    heights = {"height_ratios": [panel.share for panel in panels]}
    exact = ax is not None and not hasattr(ax, "subplots")
    inches = 1.35 + 2.2 * sum(panel.share for panel in panels)
    with canvas(ax, len(panels), 1, height=inches, sharex=True, **heights) as axes:
        column = axes[:, 0]
        for one, panel in zip(column, panels, strict=True):
            _draw(one, panel, record)
        if record.best is not None:
            _name_best(column[0], record, inside=exact)
        two = [i for i, panel in enumerate(panels) if "validation" in panel.lines]
        if two:
            column[two[0]].legend(loc="best")
        column[-1].set_xlabel("epoch")
        if exact:
            heading(column[0], words)
        else:
            title_of_all(column[0].get_figure(), words)
    return column


@dataclass(frozen=True)
class _Record:
    """A history, whatever kept it.

    Attributes
    ----------
    loss : dict
        "training", and "validation" if there is one, to one value per epoch.
    metrics : dict
        Name of a metric to the same.
    rate : list of float
        Learning rate per epoch; empty if unknown.
    best : int or None
        Epoch whose state was kept.
    watched : str
        Panel with the curve that decided on it.
    stopped : str
        Why the last fit ended; "" if unknown.
    partial : tuple of str
        Series that do not cover every epoch: nobody knows which of them they cover.
    """

    loss: dict[str, list[float]]
    metrics: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    rate: list[float] = field(default_factory=list)
    best: int | None = None
    watched: str = "loss"
    stopped: str = ""
    partial: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Panel:
    """One panel: its name, its lines by label, and its share of the height."""

    name: str
    lines: dict[str, list[float]]
    share: float = 1.0


def _record(model: Any) -> _Record:
    steps = getattr(model, "steps", None)
    if isinstance(steps, list) and steps:
        return _record(steps[-1][1])
    for kept in (model, getattr(model, "history", None), getattr(model, "history_", None)):
        if all(
            hasattr(kept, name) for name in ("loss", "metrics", "learning_rate")
        ) and isinstance(kept.loss, list):
            return _from_history(kept)
    if hasattr(model, "loss_curve_"):
        return _from_sklearn(model)
    raise TypeError(
        "model must be a fitted glassnet.MLP, a History, or a scikit-learn MLP with "
        f"loss_curve_ (which it does not record before fit, nor with solver='lbfgs'); "
        f"got {type(model).__name__}"
    )


def _from_history(kept: Any) -> _Record:
    epochs = len(kept.loss)
    if epochs == 0:
        raise ValueError("model has no history yet; got 0 epochs: call fit first")
    named = {"validation loss": kept.validation_loss, **kept.metrics}
    partial = tuple(name for name, values in named.items() if values and len(values) != epochs)
    loss = {"training": list(kept.loss)}
    if len(kept.validation_loss) == epochs:
        loss["validation"] = list(kept.validation_loss)
    metrics: dict[str, dict[str, list[float]]] = {}
    for name, values in kept.metrics.items():
        if len(values) == epochs:
            which = "validation" if name.startswith("validation_") else "training"
            plain = name.removeprefix("validation_")
            metrics.setdefault(plain, {})[which] = list(values)
    return _Record(
        loss,
        metrics,
        rate=list(kept.learning_rate),
        best=kept.best_epoch,
        stopped=kept.stopped,
        partial=partial,
    )


def _from_sklearn(model: Any) -> _Record:
    metrics, best, name = {}, None, "loss"
    scores = getattr(model, "validation_scores_", None)
    if scores:
        name = "accuracy" if hasattr(model, "classes_") else "R²"
        metrics[name] = {"validation": list(scores)}
        best = int(np.argmax(scores))  # the weights that early stopping goes back to
    return _Record({"training": list(model.loss_curve_)}, metrics, best=best, watched=name)


def _panels(record: _Record) -> list[_Panel]:
    panels = [_Panel("loss", record.loss)]
    panels += [_Panel(name, lines, 0.8) for name, lines in record.metrics.items()]
    if len(set(record.rate)) > 1:
        panels.append(_Panel("learning rate", {"learning rate": record.rate}, 0.6))
    return panels


def _draw(ax: Axes, panel: _Panel, record: _Record) -> None:
    dress(ax)
    for label, values in panel.lines.items():
        look = {**line_look(1 if label == "validation" else 0), "linewidth": 1.9}
        if panel.name == "learning rate":
            look = {"color": LINE_COLORS[2], "linewidth": 1.6}
        marker = "o" if len(values) == 1 else None
        ax.plot(np.arange(len(values)), values, label=label, marker=marker, zorder=3, **look)
    ax.set_ylabel(panel.name)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    _scale(ax, panel)
    if record.best is not None:
        _mark_best(ax, panel, record)


def _scale(ax: Axes, panel: _Panel) -> None:
    values = np.concatenate([np.asarray(line, dtype=float) for line in panel.lines.values()])
    if is_steep(values):
        ax.set_yscale("log")


def is_steep(values: Any) -> bool:
    """Return whether the finite values, all positive, call for a logarithmic axis."""
    values = values[np.isfinite(values)]
    if values.size == 0 or values.min() <= 0:
        return False
    return bool(values.max() / values.min() > 10**DECADES)


def _mark_best(ax: Axes, panel: _Panel, record: _Record) -> None:
    """Draw a line through the epoch that was kept, and a dot on the curve that decided."""
    ax.axvline(record.best, color=INK, linewidth=1.0, linestyle=(0, (2, 2)), zorder=2)
    if panel.name == record.watched:
        curve = panel.lines.get("validation", panel.lines.get("training"))
        look = {"markerfacecolor": PAPER, "markeredgecolor": INK, "markeredgewidth": 1.3}
        ax.plot([record.best], [curve[record.best]], "o", markersize=6.5, zorder=4, **look)


def _name_best(ax: Axes, record: _Record, inside: bool) -> None:
    """Name the epoch that was kept, above the axes if their title is not there."""
    share = record.best / len(record.loss["training"])
    side = "right" if share > 0.5 else "left"
    aside = -4 if share > 0.5 else 4
    ax.annotate(
        f"kept: epoch {record.best}",
        xy=(record.best, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(aside, -3) if inside else (0, 3),
        textcoords="offset points",
        ha="center" if not inside and 0.1 < share < 0.9 else side,
        va="top" if inside else "bottom",
        fontsize=SMALL,
        color=MUTED,
        zorder=5,
    )


def _verdict(record: _Record) -> str:
    """Return a title: how far the loss came, how many epochs it took, why it ended."""
    which = "validation" if "validation" in record.loss else "training"
    losses = record.loss[which]
    epochs = len(losses)
    counted = "1 epoch" if epochs == 1 else f"{epochs} epochs"
    text = f"{which.capitalize()} loss {losses[-1]:.3g} after {counted}"
    if record.best is not None:
        at = record.best
        text = f"{which.capitalize()} loss {losses[at]:.3g} at epoch {at}, kept out of {epochs}"
    ends = {
        "early_stopping": "stopped early",
        "callback": "stopped by a callback",
        "interrupted": "interrupted",
        "diverged": "diverged",
        "converged": "converged",
    }
    if record.stopped in ends:
        text += f", {ends[record.stopped]}"
    if record.partial:
        text += f"; not drawn, as recorded for some epochs only: {', '.join(record.partial)}"
    return text
