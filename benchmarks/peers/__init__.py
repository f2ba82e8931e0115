"""Who takes part: one file each, with a function per kind of work that it does.

Such a function takes a task, does everything that a user would do once, and returns what
is timed: a function of nothing that does the whole work from the same start and returns
its answer, as `benchmarks.judging` reads it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks import cases
from benchmarks.tasks import Task

__all__ = ["NotThere", "prepare"]

MODULES = {
    cases.GLASSNET: "glassnet_mlp",
    cases.ON_NUMPY: "glassnet_numpy",
    cases.ON_NUMBA: "glassnet_numba",
    cases.PREDICTOR: "glassnet_predictor",
    cases.NUMPY: "plain_numpy",
    cases.SKLEARN: "scikit_learn",
    cases.JOBLIB: "scikit_learn",
    cases.TORCH: "pytorch",
    cases.COMPILED: "pytorch_compiled",
    cases.JAX: "jax_scan",
    cases.OPTAX: "jax_optax",
    cases.VMAP: "jax_scan",
    cases.ONNX: "onnx_runtime",
    cases.PRODUCTS: "bare_products",
    cases.OPERATIONS: "bare_operations",
    cases.PROCESS: "bare_process",
}


class NotThere(Exception):
    """A peer cannot do this: it is not installed, or has no such thing yet."""


def prepare(peer: str, task: Task) -> Callable[[], Any]:
    """Return what is timed of a peer.

    Raises
    ------
    NotThere
        If it cannot do this here; the text says why.
    """
    try:
        module = import_module(f"benchmarks.peers.{MODULES[peer]}")
        kind = "train" if task.case.kind == "start" else task.case.kind
        return getattr(module, kind)(task)
    except ModuleNotFoundError as error:
        raise NotThere(f"{error.name} is not installed") from error
