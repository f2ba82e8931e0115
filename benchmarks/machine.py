"""On which machine, with which versions and beside how much other work rows were measured."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.environment import cores

__all__ = ["conditions", "machine", "places"]

_PACKAGES = "glassnet numpy scipy scikit-learn torch jax optax onnxruntime numba joblib"


def machine(repeats: int) -> dict[str, Any]:
    """Return what is kept with a row that is measured now, in so many rounds."""
    versions = {}
    for name in _PACKAGES.split():
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = ""
    return {
        "processor": _processor(),
        "cores": cores(),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": versions,
        "repeats": repeats,
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def _processor() -> str:
    """Return the processor's name, its kind, and how wide the vectors of our kernels are.

    The name alone may stand for several kinds, whose vectors differ by a factor of two.
    """
    name = platform.processor()
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text().splitlines():
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    try:
        from llvmlite.binding import get_host_cpu_name

        from glassnet.engines.compiled.vectors import VECTOR_BYTES
    except ImportError:  # no compiled engine
        return name
    return f"{name} ({get_host_cpu_name()}, {8 * VECTOR_BYTES}-bit vectors{_kernels()})"


def _kernels() -> str:
    """Return for which processor SciPy's OpenBLAS has its kernels, such as an older one."""
    try:
        import scipy.linalg.blas  # noqa: F401
        from threadpoolctl import threadpool_info
    except ImportError:
        return ""
    kinds = {one["architecture"] for one in threadpool_info() if "architecture" in one}
    return "".join(f"; OpenBLAS's kernels are for {kind}" for kind in sorted(kinds))


def places(kept: Iterable[dict[str, Any]]) -> str:
    """Return the machine and versions of rows; where they differ, which rows had which."""
    return _each(kept, _place, between=".\n")


def conditions(kept: Iterable[dict[str, Any]]) -> str:
    """Return the rounds of rows, and the load that each row found at its start."""
    kept = list(kept)
    rounds = _each(kept, lambda told: f"{told['repeats']} rounds")
    return f"{rounds}; load at the start: {_each(kept, _load)}"


def _each(
    kept: Iterable[dict[str, Any]], say: Callable[[dict[str, Any]], str], between: str = ", "
) -> str:
    """Return what is so of all rows; where rows differ, each thing with its rows."""
    rows: dict[str, list[str]] = {}
    for one in kept:
        rows.setdefault(say(one["machine"]), []).append(one["row"])
    if len(rows) == 1:
        return next(iter(rows))
    return between.join(f"{words} ({', '.join(of)})" for words, of in rows.items())


def _place(told: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {v}" for name, v in told["versions"].items() if v)
    return (
        f"{told['processor']}, {told['cores']} cores, {told['system']}, "
        f"Python {told['python']}; {versions}"
    )


def _load(told: dict[str, Any]) -> str:
    return "unknown" if told["load"] is None else f"{told['load']:.2g}"
