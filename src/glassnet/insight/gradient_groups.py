"""What a comparison of gradients says about one group of parameters, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.differences import Compared
from glassnet.formulas.types import Array

__all__ = ["GroupCheck", "judge"]

_SAME = 1e-3  # ratios that differ by less, relative to their size, are one ratio


@dataclass(frozen=True)
class GroupCheck:
    r"""One group of parameters, such as a weight matrix.

    Attributes
    ----------
    name : str
        ``"W0"``, ``"b0"``, ...
    size : int
        Numbers in it.
    checked : int
        Coordinates, or random directions, that were judged.
    excluded : int
        Those at a kink, or where the function is not finite: nothing can be said of them.
    along : {"coordinates", "directions", "points"}
    relative_error : float
        :math:`|g - d| / \max(|g|, |d|, |n| / \tau)` of the gradients `g` and the differences
        `d` that were judged, with what rounding makes of these, `n`, over the tolerance
        :math:`\tau`: two numbers that are both nothing agree. NaN where none was judged.
    ok : bool
        Whether none of them is wrong.
    verdict : str
        What is wrong, and where.
    worst : tuple of (place, analytic, numeric), or None
        The wrong coordinate whose two numbers are furthest apart.
    """

    name: str
    size: int
    checked: int
    excluded: int
    along: str
    relative_error: float
    ok: bool
    verdict: str
    worst: tuple[tuple[int, ...], float, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return its fields as plain data; what is not finite becomes None."""
        worst = self.worst and {
            "place": list(self.worst[0]),
            "analytic": _plain(self.worst[1]),
            "numeric": _plain(self.worst[2]),
        }
        return {**vars(self), "relative_error": _plain(self.relative_error), "worst": worst}


def _plain(number: float) -> float | None:
    return number if np.isfinite(number) else None


def judge(
    name: str, compared: Compared, size: int, along: str, tolerance: float, of_network: bool
) -> GroupCheck:
    """Return what a comparison says.

    Parameters
    ----------
    name : str
        Of the group.
    compared : Compared
        In the group's shape where it is along coordinates; NaN where none was taken.
    size : int
        Numbers in the group.
    along : {"coordinates", "directions", "points"}
    tolerance : float
    of_network : bool
        Whether columns of matrices and entries of vectors are units of a layer.
    """
    wrong, excluded = compared.wrong, compared.excluded
    judged = ~excluded & ~np.isnan(compared.noise)
    checked = int(judged.sum())
    if not wrong.any():
        verdict = "right" if checked else "not judged: a kink at every point, or not finite"
        worst = None
    else:
        verdict = f"{name}: {_words(compared, along, name, of_network)}"
        worst = _worst(compared)
    error = _relative_error(compared, judged, tolerance)
    counts = size, checked, int(excluded.sum())
    return GroupCheck(name, *counts, along, error, not wrong.any(), verdict, worst)


def _relative_error(c: Compared, judged: NDArray[np.bool_], tolerance: float) -> float:
    if not judged.any():
        return float("nan")
    a, d, noise = c.analytic[judged], c.numeric[judged], c.noise[judged]
    lengths = [float(np.linalg.norm(v)) for v in (a, d, noise / tolerance)]
    return float(np.linalg.norm(a - d)) / max(*lengths, np.finfo(float).tiny)


def _words(c: Compared, along: str, name: str, of_network: bool) -> str:
    a, d, noise = c.analytic[c.wrong], c.numeric[c.wrong], c.noise[c.wrong]
    where = _where(c, name, of_network) if along == "coordinates" else ""
    if not np.isfinite(a).all():
        return f"the analytic gradient is not finite{where}"
    if np.all(a == 0):
        return f"the analytic gradient is zero where the numeric one is not{where}"
    with np.errstate(all="ignore"):
        ratios = a / d
    ratio = float(np.median(ratios[abs(d) >= np.median(abs(d))]))  # of the clearest half
    if not np.all(abs(a - ratio * d) <= abs(ratio) * (_SAME * abs(d) + noise)):
        place, analytic, numeric = _worst(c)
        differs = f"the analytic gradient differs from the numeric one{where}"
        if along != "coordinates":
            return differs
        numbers = f"{analytic:.6g} against {numeric:.6g}"
        return f"{differs}; most at {name}[{', '.join(map(str, place))}]: {numbers}"
    if abs(ratio + 1) <= _SAME:
        return f"sign wrong{where or ' everywhere'}"
    return f"the analytic gradient is {_times(ratio)} times the numeric one{where}"


def _times(ratio: float) -> str:
    shown = f"{ratio:.2f}"
    return shown if 0.1 <= abs(ratio) < 1000 else f"{ratio:.3g}"


def _where(c: Compared, name: str, of_network: bool) -> str:
    """Return the units to which what is wrong is confined; empty if it is all of them."""
    wrong, large = _columns(c.wrong), _columns(_measurable(c))
    bad = np.flatnonzero(wrong.any(axis=0))
    if set(bad) >= set(np.flatnonzero(large.any(axis=0))) and len(bad) > 1:
        return ""
    if c.wrong.size == 1:
        return ""
    numbers = ", ".join(map(str, bad[:8])) + (f" and {len(bad) - 8} more" * (len(bad) > 8))
    layer = re.fullmatch(r"[A-Za-z]+(\d+)", name)
    if of_network and layer:
        return f" in unit{'s' * (len(bad) > 1)} {numbers} of layer {layer[1]}"
    one, many = ("column", "columns") if c.wrong.ndim > 1 else ("entry", "entries")
    return f" in {many if len(bad) > 1 else one} {numbers}"


def _measurable(c: Compared) -> NDArray[np.bool_]:
    """Return where the derivative is more than rounding."""
    with np.errstate(invalid="ignore"):
        found: NDArray[np.bool_] = np.maximum(abs(c.analytic), abs(c.numeric)) > c.noise
    return found & ~c.excluded


def _columns(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return flags.reshape(-1, flags.shape[-1]) if flags.ndim else flags.reshape(1, 1)


def _worst(c: Compared) -> tuple[tuple[int, ...], float, float]:
    off: Array = np.where(c.wrong, np.nan_to_num(abs(c.analytic - c.numeric), nan=np.inf), -1.0)
    place = np.unravel_index(int(np.argmax(off)), off.shape)
    numbers = float(c.analytic[place]), float(c.numeric[place])
    return (tuple(int(i) for i in place), *numbers)
