"""Which engine computes."""

from __future__ import annotations

import importlib
from typing import Any

from glassnet.engines import numpy_engine
from glassnet.engines.data import Data
from glassnet.network import Plan

__all__ = ["choose"]


def choose(asked: str, plan: Plan, optimizer: object, data: Data) -> tuple[str, Any]:
    """Return the name of the engine that trains, and its module.

    Parameters
    ----------
    asked : {"auto", "numpy", "numba"}
        "auto" takes the NumPy engine.
    plan : Plan
        The network.
    optimizer : Optimizer or LBFGS
        The update rule.
    data : Data
        What to train on.

    Raises
    ------
    ValueError
        If "numba" is asked for and the compiled engine has no kernels for this.
    ImportError
        If "numba" is asked for and Numba is not installed.
    """
    if asked != "numba":
        return "numpy", numpy_engine
    engine: Any = importlib.import_module("glassnet.engines.numba_engine")
    lacking = engine.supports(plan, optimizer, data)
    if lacking:
        raise ValueError(f"engine='numba' cannot do this: {lacking}; use engine='auto'")
    return "numba", engine
