"""How many threads everyone gets, and how much memory somebody took."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["ROOT", "cores", "for_threads", "keep_to_cores", "peak_memory"]

ROOT = Path(__file__).resolve().parents[1]
_LIMITS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "GLASSNET_NUM_THREADS",
    "NPROC",  # JAX's pool of threads
)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def for_threads(threads: int) -> dict[str, str]:
    """Return an environment in which every library keeps to so many threads."""
    flags = os.environ.get("XLA_FLAGS", "")
    if threads == 1:
        flags = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
    found = {**os.environ, **dict.fromkeys(_LIMITS, str(threads)), "XLA_FLAGS": flags}
    found.pop("PYTHONDONTWRITEBYTECODE", None)  # installed packages come compiled: so do we
    return found


def keep_to_cores(threads: int) -> None:
    """Let this process use so many cores only, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])


def peak_memory() -> float:
    """Return the most memory that this process has held, in MB, and its children with it.

    On Linux the kernel tells each process's peak; elsewhere the children are left out.
    """
    if sys.platform != "linux":
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1e6 if sys.platform == "darwin" else 1e3)
    return sum(_peak(pid) for pid in _family(os.getpid())) * 1.024e-3


def _peak(pid: int) -> int:
    """Return a process's peak in kB."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has ended meanwhile
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) if found else 0


def _family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = listed.read_text().split()
        except OSError:
            continue
        found += [one for child in children for one in _family(int(child))]
    return found
