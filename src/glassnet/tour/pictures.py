"""Pictures for the report: drawn as SVG, sharp on a screen and in print."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["HALF", "Picture", "picture"]

HALF = (4.4, 3.9)
"""Inches of a picture that has another at its side."""

Size = tuple[float, float]


@dataclass(frozen=True)
class Picture:
    """One picture in one or two layouts, each an SVG file.

    Attributes
    ----------
    wide : bytes
    narrow : bytes or None
        For a phone; None where the wide one serves it too.
    """

    wide: bytes
    narrow: bytes | None = None


def picture(draw: Callable[[Any], object], size: Size, narrow: Size | None = None) -> Picture:
    """Return what `draw` draws.

    Parameters
    ----------
    draw : callable
        Given an empty Matplotlib figure to fill, once per layout.
    size : (width, height)
        Inches.
    narrow : (width, height), optional
        Of a second layout.

    Returns
    -------
    Picture
    """
    return Picture(_svg(draw, size), None if narrow is None else _svg(draw, narrow))


def _svg(draw: Callable[[Any], object], size: Size) -> bytes:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=size)
    draw(figure)
    buffer = io.BytesIO()
    # Letters become shapes: no browser has to have the font. The salt makes equal drawings
    # equal files.
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "glassnet"}):
        figure.savefig(buffer, format="svg", dpi=144, metadata={"Date": None})
    return _shorter(buffer.getvalue())


def _shorter(svg: bytes) -> bytes:
    """Return the same drawing in fewer bytes: no remarks, no indents, shorter numbers."""
    svg = re.sub(rb"<!--.*?-->", b"", svg, flags=re.DOTALL)
    svg = re.sub(rb">\s+<", b"><", svg)
    return re.sub(rb' d="([^"]*)"', _round, svg)


def _round(path: re.Match[bytes]) -> bytes:
    """Cut coordinates to a hundredth of a point: more is not seen, and doubles the file."""
    short = re.sub(rb"(\.\d\d)\d+", rb"\1", path[1])
    return b' d="' + re.sub(rb"\s*([A-Za-z])\s*", rb"\1", short) + b'"'
