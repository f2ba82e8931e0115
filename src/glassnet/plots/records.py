"""What pictures of a record of training have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.insight.recorder import Recorder

__all__ = ["check_record", "dense_names", "weights_of_layers"]


def check_record(record: Any, name: str = "record") -> Recorder:
    """Return `record`, a `Recorder` that holds something.

    Raises
    ------
    TypeError
        If it is something else.
    ValueError
        If it holds no snapshot.
    """
    if not isinstance(record, Recorder):
        raise TypeError(
            f"{name} must be a glassnet.Recorder that was passed to fit, "
            f"net.fit(X, y, callbacks=[recorder]); got {type(record).__name__}"
        )
    if len(record) == 0:
        raise ValueError(
            f"{name} must hold at least one snapshot; got none: pass it to fit, "
            "net.fit(X, y, callbacks=[recorder]), or let it keep an epoch that is reached"
        )
    return record


def dense_names(record: Recorder) -> Sequence[str]:
    """Return what to call each weight matrix: its name and its shape."""
    dense = [layer.parameters[0] for layer in record.plan.layers if layer.kind == "dense"]
    return [f"{W.name} ({W.shape[0]}\N{RIGHTWARDS ARROW}{W.shape[1]})" for W in dense]


def weights_of_layers(record: Recorder) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return how many weights each dense layer has."""
    dense = [layer.parameters[0] for layer in record.plan.layers if layer.kind == "dense"]
    return np.array([W.stop - W.start for W in dense])
