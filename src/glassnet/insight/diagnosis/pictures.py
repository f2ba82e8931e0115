"""Small pictures of evidence, as SVG text."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["sparkline"]

_WIDTH, _HEIGHT = 240, 48
_MOST = 240  # points; more are thinned out


def sparkline(series: Sequence[float]) -> str:
    """Return a line through `series` as an SVG element; empty for fewer than two numbers.

    Numbers that are not finite are left out.

    Examples
    --------
    >>> sparkline([1.0])
    ''
    >>> sparkline([0.0, 1.0]).startswith("<svg")
    True
    """
    kept = [(i, float(v)) for i, v in enumerate(series) if math.isfinite(v)]
    kept = kept[:: max(1, math.ceil(len(kept) / _MOST))]
    if len(kept) < 2:
        return ""
    low, high = min(v for _, v in kept), max(v for _, v in kept)
    first, last = kept[0][0], kept[-1][0]
    points = " ".join(
        f"{(i - first) / (last - first) * _WIDTH:.1f},"
        f"{_HEIGHT - (v - low) / ((high - low) or 1) * _HEIGHT:.1f}"
        for i, v in kept
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 -2 {_WIDTH} {_HEIGHT + 4}" role="img" aria-label="from {kept[0][1]:.3g} '
        f'to {kept[-1][1]:.3g}"><polyline points="{points}" fill="none" stroke="#2563eb" '
        'stroke-width="1.5"/></svg>'
    )
