"""How training went: losses, metrics and the learning rate, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from glassnet.plots.canvas import AxesArray, canvas, dress, has_room_outside, title_of_all
from glassnet.plots.style import INK, LINE_COLORS, MUTED, PAPER, SMALL, line_look

__all__ = ["history"]

DECADES = 2.0
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
        Losses; then, each where there is one, metrics and learning rate.

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
    words = _verdict(model, record) if title is None else title
    heights = {"height_ratios": [panel.share for panel in panels]}
    exact = ax is not None and not hasattr(ax, "subplots")
    inches = 1.35 + 2.2 * sum(panel.share for panel in panels)
    with canvas(ax, len(panels), 1, height=inches, sharex=True, **heights) as axes:
        column = axes[:, 0]
        for one, panel in zip(column, panels, strict=True):
            _draw(one, panel, record)
        column[-1].set_xlabel("epoch")
        if exact:
            column[0].set_title(words)
        else:
            title_of_all(column[0].get_figure(), words)
    return column
