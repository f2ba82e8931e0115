"""What a machine has of the compiled engine: Numba, and the code that is kept."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

__all__ = ["Facts", "facts"]


@dataclass(frozen=True)
class Facts:
    """What a machine has of the compiled engine.

    Attributes
    ----------
    numba : str
        Its version; empty where it is not installed.
    kernels, size : int
        How many are kept on disk, for this machine and these sources; their bytes together.
    places : tuple of Path
        The directories that they are in.
    """

    numba: str
    kernels: int = 0
    size: int = 0
    places: tuple[Path, ...] = ()


def facts() -> Facts:
    """Return what there is of the compiled engine."""
    if importlib.util.find_spec("numba") is None:
        return Facts("")
    from glassnet.engines.compiled.compilation import storage

    kernels, size, places = storage().kept()
    return Facts(version("numba"), kernels, size, tuple(places))
