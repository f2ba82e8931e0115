"""glassnet's bound predictor, which validates the model once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.peers import NotThere, glassnet_mlp
from benchmarks.tasks import Task

__all__ = ["predict"]


def predict(task: Task) -> Callable[[], Any]:
    """Prepare `MLP.predictor()`."""
    net = glassnet_mlp.given(task)
    if not hasattr(net, "predictor"):
        raise NotThere("missing: this MLP has no predictor()")
    predictor, X = net.predictor(), task.X
    return lambda: predictor(X)
