"""The few colours that all frames of a film share: what stays still does not flicker."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from glassnet.plots.films.scene import Pixels, Scene
from glassnet.plots.style import CLASS_COLORS, GRID, INK, LINE_COLORS, MUTED, PAPER, RULE

__all__ = ["COLORS", "Palette"]

COLORS = 255
"""Colours at most; a GIF has room for one more, which stands for no change."""

FLAT = 100
"""Of them, those that are taken as they are: the style's own, then the commonest."""

_STYLE = (PAPER, INK, MUTED, RULE, GRID, *CLASS_COLORS, *LINE_COLORS)

Numbers = NDArray[np.int64]


class Palette:
    """Colours that suit a whole film.

    The style's own colours and the commonest others are kept as they are, so that text,
    points and paper look as drawn, however small they are. The rest of the palette stands
    for cells of four levels of red, green and blue each, the fullest first.

    Parameters
    ----------
    scene : Scene
        A few frames from its beginning to its end are looked at.
    """

    def __init__(self, scene: Scene) -> None:
        n = len(scene)
        sample = [scene.frame(i) for i in sorted({0, n // 8, n // 2, n - 1})]
        pixels = np.concatenate([frame.reshape(-1, 3) for frame in sample]).astype(np.int64)
        flat = _flat(pixels)
        cells = np.bincount(_cell(pixels), minlength=1 << 18)
        cells[_cell(flat)] = 0
        full = np.argsort(-cells, kind="stable")[: COLORS - len(flat)]
        self.colors: Numbers = np.vstack([flat, _middle(full[cells[full] > 0])])
        self._nearest = np.full(1 << 18, -1, dtype=np.int64)  # of each cell, once it is met
        own = _cell(flat)[::-1]
        self._nearest[own] = np.arange(len(flat))[::-1]  # the first of a cell has it

    def indices(self, pixels: Pixels) -> NDArray[np.uint8]:
        """Return the place of each pixel's colour in the palette, shape (height, width)."""
        cells = _cell(pixels.astype(np.int64))
        new = np.unique(cells[self._nearest[cells] < 0])
        if new.size:
            away = _middle(new)[:, None, :] - self.colors
            self._nearest[new] = np.argmin(np.sum(away**2, axis=2), axis=1)
        return self._nearest[cells].astype(np.uint8)

    def image(self, indices: NDArray[np.uint8]) -> Any:
        """Return a Pillow image of places in the palette."""
        from PIL import Image

        made = Image.fromarray(indices)
        made.putpalette(np.resize(self.colors, (COLORS + 1, 3)).reshape(-1).tolist())
        return made


def _flat(pixels: Numbers) -> Numbers:
    """Return the colours that are kept as they are, each once."""
    style = np.round([[255 * part for part in to_rgb(one)] for one in _STYLE]).astype(np.int64)
    code = pixels @ [1 << 16, 1 << 8, 1]
    seen, counts = np.unique(code, return_counts=True)
    common = seen[np.argsort(-counts, kind="stable")][:FLAT]
    found = np.vstack([style, np.stack([common >> 16, common >> 8 & 255, common & 255], 1)])
    _, first = np.unique(found, axis=0, return_index=True)
    return found[np.sort(first)][:FLAT]


def _cell(colors: Numbers) -> Numbers:
    """Return the number of the cell that each colour lies in."""
    found: Numbers = (colors >> 2) @ np.array([1 << 12, 1 << 6, 1])
    return found


def _middle(cells: Numbers) -> Numbers:
    """Return the colour in the middle of each cell."""
    parts = np.stack([cells >> 12, cells >> 6 & 63, cells & 63], axis=-1)
    return parts * 4 + 2
