"""The one style of every picture: colours, type, and a context that applies them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from typing import Any

import matplotlib as mpl
import matplotlib.style
from matplotlib import cycler
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_rgb

__all__ = ["CLASS_COLORS", "CLASS_MARKERS", "LINE_COLORS", "LINE_STYLES", "style", "tint"]

PAPER = "#ffffff"
INK = "#1f262d"
MUTED = "#57616b"
RULE = "#b4bcc4"
GRID = "#e6e9ec"
SHADE = "#edeff1"

# Any two of the first eight stay apart in normal vision, in the three colour-blind ones
# and in lightness alone (grey print); tests/plots/test_style.py measures it.
CLASS_COLORS: tuple[str, ...] = (
    "#2070b4",  # blue
    "#f2a12e",  # amber
    "#5c1236",  # wine
    "#93e8cf",  # mint
    "#dd5468",  # rose
    "#4a1fb0",  # violet
    "#e0b4f5",  # lilac
    "#68570a",  # olive
    "#8c9aa3",  # grey
    "#c8d82a",  # lime
)
"""Fill colours of classes, best first: points and the regions behind them share them."""

PALE = frozenset({"#93e8cf", "#e0b4f5", "#c8d82a"})
"""Colours of points that would melt into their own tint with a white edge."""

CLASS_MARKERS: tuple[str, ...] = ("o", "s", "^", "D", "v", "P", "X", "p", "<", ">", "h")
"""Markers of classes: as many as no multiple of the colours, so that pairs stay unique."""

LINE_COLORS: tuple[str, ...] = (
    "#2070b4",  # blue
    "#c96f00",  # amber, dark enough for a thin line on white
    "#5c1236",  # wine
    "#2a9d80",  # mint, likewise
    "#d6455b",  # rose
    "#6d3fd1",  # violet
    "#68570a",  # olive
    "#75828c",  # grey
)
"""Colours of lines, at least 3:1 against white."""

LINE_STYLES: tuple[Any, ...] = (
    "-",
    (0, (6, 1.6)),
    (0, (1.2, 1.4)),
    (0, (7, 1.6, 1.4, 1.6)),
    (0, (3, 1.4)),
    (0, (9, 1.4, 3, 1.4)),
    (0, (5, 1.2, 1.2, 1.2, 1.2, 1.2)),
    (0, (1.2, 3)),
)
"""Dashes that go with `LINE_COLORS`: lines can be told apart without colour."""

FONT = "DejaVu Sans"
BASE = 11.0
TITLE = 13.0
SMALL = 10.0

_RC: dict[str, Any] = {
    "mathtext.fontset": "dejavusans",
    "font.size": BASE,
    "text.color": INK,
    "text.usetex": False,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.8,
    "axes.labelcolor": INK,
    "axes.labelsize": BASE,
    "axes.titlesize": TITLE,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,
    "axes.formatter.limits": (-4, 5),
    "axes.formatter.use_mathtext": True,
    "axes.xmargin": 0.02,
    "axes.prop_cycle": cycler(color=LINE_COLORS),
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "legend.handlelength": 1.7,
    "legend.handletextpad": 0.5,
    "legend.columnspacing": 1.4,
    "legend.borderpad": 0.2,
    "lines.linewidth": 2.0,
    "lines.solid_capstyle": "round",
    "lines.dash_capstyle": "butt",
    "image.origin": "lower",
}

TICKS: dict[str, Any] = {
    "direction": "out",
    "length": 3.0,
    "width": 0.8,
    "pad": 3.0,
    "color": RULE,
    "labelcolor": MUTED,
    "labelsize": SMALL,
    "labelfontfamily": FONT,
}


_open: list[AbstractContextManager[None]] = []
_left: list[AbstractContextManager[None]] = []
_opening = Lock()


@contextmanager
def style() -> Iterator[None]:
    """Return a context in which Matplotlib draws in glassnet's style.

    Inside, Matplotlib's own defaults with this package's changes hold, whatever the user
    has set; on leaving it, every one of the user's settings is back. Matplotlib's settings
    are those of all threads: where several draw, they are back when the last has left.

    Examples
    --------
    >>> import matplotlib
    >>> before = matplotlib.rcParams["font.size"]
    >>> with style():
    ...     matplotlib.rcParams["font.size"]
    11.0
    >>> matplotlib.rcParams["font.size"] == before
    True
    """
    with _opening:
        # Matplotlib brings this font along: a figure looks the same on every machine. Behind
        # it stand the user's fonts, for the letters that it lacks.
        fonts = list(dict.fromkeys([FONT, *mpl.rcParams["font.family"]]))
        mine = mpl.style.context(["default", _RC, {"font.family": fonts}])
        mine.__enter__()
        _open.append(mine)
    try:
        yield
    finally:
        with _opening:
            _left.append(mine)
            # Each brings back what it found: so the last that was entered goes first.
            while _open and _open[-1] in _left:
                _left.remove(_open[-1])
                _open.pop().__exit__(None, None, None)


def tint(color: str, strength: float) -> tuple[float, float, float]:
    """Return `color` mixed with the paper: 0 is white, 1 the colour itself.

    Examples
    --------
    >>> tint("#000000", 0.25)
    (0.75, 0.75, 0.75)
    """
    red, green, blue = (1.0 - strength * (1.0 - part) for part in to_rgb(color))
    return (red, green, blue)


def diverging(low: str, high: str, strength: float) -> Colormap:
    """Return a colour map from a tint of `low` over white to a tint of `high`."""
    stops = [tint(low, strength), to_rgb(PAPER), tint(high, strength)]
    return LinearSegmentedColormap.from_list("glassnet_diverging", stops, N=512)


def verbatim(name: object) -> str:
    r"""Return a name that comes with the data as Matplotlib must have it to show just that.

    Two dollars would be a formula to it.

    Examples
    --------
    >>> print(verbatim("$10-$20"))
    \$10-\$20
    """
    return str(name).replace("$", r"\$")


def class_look(position: int) -> dict[str, str]:
    """Return colour, edge and marker of class number `position`."""
    color = CLASS_COLORS[position % len(CLASS_COLORS)]
    return {
        "color": color,
        "edge": INK if color in PALE else PAPER,
        "marker": CLASS_MARKERS[position % len(CLASS_MARKERS)],
    }


def line_look(position: int) -> dict[str, Any]:
    """Return colour and dashes of line number `position`."""
    return {
        "color": LINE_COLORS[position % len(LINE_COLORS)],
        "linestyle": LINE_STYLES[position % len(LINE_STYLES)],
    }
