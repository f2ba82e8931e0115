"""Small things that every chapter of the tour needs: numbers as the report writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

__all__ = ["number", "percent", "spread"]

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal."""
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def spread(shares: Sequence[float]) -> str:
    """Return mean and standard deviation of shares, in percent."""
    mean, deviation = 100 * np.mean(shares), 100 * np.std(shares)
    return f"{mean:.1f} ± {deviation:.1f} %".replace(" ", "\N{NO-BREAK SPACE}")


def number(value: float, digits: int = 2) -> str:
    """Return a number with so many digits that count: 0.0028, 13, 2.5·10⁻¹¹."""
    if not math.isfinite(value):
        return str(value)
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return str(
            np.format_float_positional(value, precision=digits, fractional=False, trim="-")
        )
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    raised = str(int(power)).translate(RAISED)
    return f"{mantissa}·10{raised}"
