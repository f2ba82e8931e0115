"""Which networks have kernels."""

from __future__ import annotations

from glassnet import catalog
from glassnet.engines.compiled import rowwise, scalars
from glassnet.network import Plan

__all__ = ["lacking"]


def lacking(plan: Plan) -> str:
    """Return which formula of a network is not compiled, or an empty text.

    Parameters
    ----------
    plan : Plan
        The network.

    Returns
    -------
    str
        Such as ``"the loss 'my_loss' is not compiled"``.
    """
    for text in [*(layer.formula for layer in plan.layers if layer.formula), plan.output]:
        if catalog.activation(text).name not in {*scalars.ACTIVATIONS, *rowwise.ACTIVATIONS}:
            return f"the activation {text!r} is not compiled"
    if catalog.loss(plan.loss).name not in {*scalars.LOSSES, *rowwise.LOSSES}:
        return f"the loss {plan.loss!r} is not compiled"
    return ""
