"""glassnet with its compiled engine, however small the work."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.peers import glassnet_mlp
from benchmarks.tasks import Numbers, Task

__all__ = ["train"]


def train(task: Task) -> Callable[[], Numbers]:
    """Prepare `MLP.fit`."""
    return glassnet_mlp.train(task, engine="numba")
