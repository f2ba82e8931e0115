"""Small things that every chapter of the tour needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["blank", "percent", "spread"]


def blank(width: float = 6.2, height: float = 4.6) -> Any:
    """Return an empty figure that no window knows of."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal."""
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def spread(shares: Sequence[float]) -> str:
    """Return mean and standard deviation of shares, in percent."""
    mean, deviation = 100 * np.mean(shares), 100 * np.std(shares)
    return f"{mean:.1f} ± {deviation:.1f} %".replace(" ", "\N{NO-BREAK SPACE}")
