"""Films of a record: a picture of the network beside its loss, epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from glassnet.formulas.types import Array
from glassnet.insight.recorder import Recorder
from glassnet.mlp import MLP
from glassnet.plots.canvas import dress, legend_outside, log_ticks, title_of_all
from glassnet.plots.films.scene import Scene, moments, new_figure, settle
from glassnet.plots.history import is_steep
from glassnet.plots.style import MUTED, PAPER, SMALL, TITLE, line_look, style

__all__ = ["Drawn", "Picture", "training_scene"]


@dataclass(frozen=True)
class Drawn:
    """What is to be said of a frame.

    Attributes
    ----------
    remark : str, optional
        On this very frame, in a few words, over it beside the epoch; None for a picture
        that has titles of its own: the epoch then stands over the losses.
    handles : list
        What a legend should explain, in all frames.
    note : str
        What the reader must know of all frames.
    """

    remark: str | None = None
    handles: Sequence[Any] = ()
    note: str = ""


Picture = Callable[[MLP, Any], Drawn]
"""``picture(model, ax)`` draws one frame of a network into a figure, or into the list of axes
that the first frame made there."""

HEIGHT = 430.0
WIDTH = 860.0


@dataclass(frozen=True)
class _Curve:
    """The losses that grow beside the picture."""

    epochs: Array
    lines: dict[str, Array]

    @classmethod
    def of(cls, record: Recorder) -> _Curve:
        """Return the loss on the probe rows, or else as `fit` recorded it."""
        known = np.isfinite(record.loss).any()
        lines = {"training": record.loss if known else record.training_loss}
        if np.isfinite(record.validation_loss).any():
            lines["validation"] = record.validation_loss
        return cls(record.epochs, lines)

    @property
    def first(self) -> Array:
        """The training loss."""
        return self.lines["training"]

    def lay_out(self, ax: Axes) -> list[Any]:
        """Fix the axes for the whole film; return the lines, and the dots at their ends."""
        dress(ax)
        if is_steep(np.concatenate(list(self.lines.values()))):
            ax.set_yscale("log")
        artists = []
        for i, (label, line) in enumerate(self.lines.items()):
            look = {**line_look(i), "linewidth": 2.0}
            (drawn,) = ax.plot(self.epochs, line, label=label, zorder=3, **look)
            dot = {"markersize": 7.5, "markeredgecolor": PAPER, "markeredgewidth": 1.2}
            dot |= {"color": look["color"], "clip_on": False, "zorder": 4}
            (end,) = ax.plot(self.epochs[-1:], line[-1:], "o", **dot)
            artists.append((drawn, end, line))
        ax.set(xlabel="epoch", ylabel="loss")
        ax.set_xlim(self.epochs[0], max(self.epochs[-1], self.epochs[0] + 1))
        ax.margins(y=0.06)
        ax.autoscale(axis="y")
        low, high = ax.get_ylim()
        ax.set_ylim(low, high)  # from now on they stay
        if ax.get_yscale() == "log":
            log_ticks(ax, low, high)
        ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        return artists

    def show(self, artists: list[Any], i: int) -> None:
        """Let the lines end at snapshot `i`."""
        for drawn, end, line in artists:
            drawn.set_data(self.epochs[: i + 1], line[: i + 1])
            end.set_data([self.epochs[i]], [line[i]])


def training_scene(
    record: Recorder,
    picture: Picture,
    most: int,
    title: str,
    width: float = WIDTH,
    width_share: float = 1.12,
) -> Scene:
    """Return the film of one picture of a recorded network, with its loss beside it.

    Parameters
    ----------
    record : Recorder
        With a snapshot at least.
    picture : Picture
        Draws one frame.
    most : int
        Frames.
    title : str
        Of the film; "" for none.
    width : float
        Of the film, in pixels.
    width_share : float
        Width of the picture over that of the losses.
    """
    chosen = moments(len(record), most)
    figure, curve = new_figure(width, HEIGHT), _Curve.of(record)
    with style():
        left, right = figure.subfigures(1, 2, width_ratios=[width_share, 1.0])
        drawn = picture(record.model_at(-1), left)
        panels, losses = list(left.axes), right.subplots()
        artists = curve.lay_out(losses)
        if len(artists) > 1:
            losses.legend(loc="upper right")
        if drawn.remark is not None:
            _headline(panels[0], "0", "")
        headline = _headline(losses, "0", "")
        title_of_all(figure, title)
        if drawn.handles or drawn.note:
            legend_outside(figure, drawn.handles, drawn.note)
        settle(figure)
    own = [ax for ax in panels if ax.get_label() != "<colorbar>"]
    epochs = record.epochs

    def show(frame: int) -> None:
        """Draw the network of a frame on the axes that are there."""
        i = chosen[frame]
        for ax in own:
            ax.clear()
        drawn = picture(record.model_at(i), own)
        epoch, loss = f"Epoch {epochs[i]}", f"{curve.first[i]:.3g}"
        if drawn.remark is None:
            _headline(losses, f"{epoch}: loss {loss}", "")
        else:
            _headline(own[0], epoch, drawn.remark)
            _headline(losses, f"Loss {loss}", "")
        curve.show(artists, i)

    ends = [artist for drawn, end, _ in artists for artist in (drawn, end)]
    moving = [*own, *ends, headline]
    return Scene(figure, show, [f"epoch {epochs[i]}" for i in chosen], title, moving)


def _headline(ax: Axes, words: str, remark: str) -> Any:
    """Write over the axes, flush left what the moment is, flush right a quieter remark."""
    headline = ax.set_title(words, loc="left", fontsize=TITLE, fontweight="bold", pad=7.0)
    ax.set_title(remark, loc="right", fontsize=SMALL, fontweight="normal", color=MUTED, pad=7)
    return headline
