"""Small pictures of evidence, as SVG text and as the address of an image."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from html import escape

__all__ = ["image", "small_picture"]

_WIDTH, _HEIGHT = 300, 84
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 10, 20, 16
_MOST = 240  # points; more are thinned out
_FEW = 12  # up to so many numbers are bars
_BLUE, _INK, _RULE = "#2070b4", "#57616b", "#b4bcc4"  # those of glassnet.plots.style


def image(series: Sequence[float], label: str) -> str:
    """Return an ``<img>`` that holds `small_picture`; empty where that is.

    Examples
    --------
    >>> image([1.0, 2.0], "loss, epoch by epoch")[:36]
    '<img alt="loss, epoch by epoch: from'
    """
    svg = small_picture(series, label)
    if not svg:
        return ""
    inside = base64.b64encode(svg.encode()).decode()
    kept = [v for v in series if math.isfinite(v)]
    words = escape(f"{label}: from {kept[0]:.3g} to {kept[-1]:.3g}")
    size = f'width="{_WIDTH}" height="{_HEIGHT}"'
    return f'<img alt="{words}" {size} src="data:image/svg+xml;base64,{inside}"/>'


def small_picture(series: Sequence[float], label: str) -> str:
    """Return `series` drawn as an SVG element; empty for fewer than two numbers.

    Up to twelve numbers are bars, unless they are epochs; others are a line. The scale is
    logarithmic where positive numbers span more than a factor of 100, and the picture says
    so. Numbers that are not finite are left out.

    Parameters
    ----------
    series : sequence of float
    label : str
        What the numbers are; written above them.

    Examples
    --------
    >>> small_picture([1.0], "loss")
    ''
    >>> small_picture([0.0, 1.0], "loss").startswith("<svg")
    True
    """
    finite = [(i, float(v)) for i, v in enumerate(series) if math.isfinite(v)]
    if len(finite) < 2:
        return ""
    bars = len(series) <= _FEW and not label.endswith("epoch by epoch")
    low, high = min(v for _, v in finite), max(v for _, v in finite)
    logarithmic = low > 0 and high > 100 * low
    low = low / 2 if bars and logarithmic else min(low, 0.0) if bars else low
    high = max(high, 0.0) if bars else high
    begin, end = (math.log10(v) if logarithmic else v for v in (low, high))

    def height(v: float) -> float:
        """Return how far down a number lies."""
        share = ((math.log10(v) if logarithmic else v) - begin) / ((end - begin) or 1.0)
        return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)

    drawn = _bars(finite, len(series), height, low) if bars else _line(finite, height)
    words = label + (" (log scale)" if logarithmic else "")
    texts = [
        _text(4, 12, words, "start"),
        _text(_LEFT - 5, _TOP + 7, _short(high), "end"),
        _text(_LEFT - 5, _HEIGHT - _BOTTOM, _short(low), "end"),
        _text(_LEFT, _HEIGHT - 3, "1", "start"),
        _text(_WIDTH - _RIGHT, _HEIGHT - 3, str(len(series)), "end"),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}"><rect width="{_WIDTH}" height="{_HEIGHT}" '
        f'fill="#ffffff"/><path d="M{_LEFT - 2},{_TOP}V{_HEIGHT - _BOTTOM}H{_WIDTH - _RIGHT}" '
        f'fill="none" stroke="{_RULE}"/>{drawn}{"".join(texts)}</svg>'
    )


def _bars(
    finite: list[tuple[int, float]], count: int, height: Callable[[float], float], low: float
) -> str:
    """Return one bar per number, from 0 or the foot of the logarithmic scale."""
    slot = (_WIDTH - _LEFT - _RIGHT) / count
    foot = height(max(low, 0.0))
    parts = []
    for i, v in finite:
        top, bottom = sorted((height(v), foot))
        top = min(top, bottom - 1.0)  # a zero shows as a hair
        parts.append(
            f'<rect x="{_LEFT + (i + 0.15) * slot:.1f}" y="{top:.1f}" width="{0.7 * slot:.1f}" '
            f'height="{bottom - top:.1f}" fill="{_BLUE}"/>'
        )
    return "".join(parts)


def _line(finite: list[tuple[int, float]], height: Callable[[float], float]) -> str:
    """Return a line through the numbers; the last one is always kept."""
    kept = finite[:: math.ceil(len(finite) / _MOST)]
    kept = kept if kept[-1] == finite[-1] else [*kept, finite[-1]]
    first, span = kept[0][0], kept[-1][0] - kept[0][0]
    wide = _WIDTH - _LEFT - _RIGHT
    points = " ".join(
        f"{_LEFT + (i - first) / span * wide:.1f},{height(v):.1f}" for i, v in kept
    )
    return f'<polyline points="{points}" fill="none" stroke="{_BLUE}" stroke-width="1.5"/>'


def _short(value: float) -> str:
    """Return a number in few characters, without a power of ten where it needs none."""
    return f"{value:,.0f}" if 10 <= abs(value) < 1e6 else f"{value:.2g}"


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-family="sans-serif" font-size="10" '
        f'fill="{_INK}">{escape(words)}</text>'
    )
