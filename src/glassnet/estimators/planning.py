"""From the parameters of an MLP estimator to the plan of its network."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.network import Plan, build_plan
from glassnet.optimizers import LBFGS, Optimizer

__all__ = ["check_together", "first_weights", "planned", "same_layout"]


def planned(est: Any, n_features: int, n_outputs: int) -> Plan:
    """Return the plan that the parameters ask for."""
    hidden = est.hidden_layer_sizes
    hidden = list(hidden) if np.iterable(hidden) else [hidden]
    whole = [isinstance(n, Integral) and not isinstance(n, bool) and n > 0 for n in hidden]
    if not all(whole):
        raise ValueError(
            f"hidden_layer_sizes must be > 0, got {hidden}: whole numbers of units"
        )
    sizes = [n_features, *map(int, hidden), n_outputs]
    loss = est._loss_text()
    return build_plan(sizes, est.activation, None, loss, est.dropout, est.norm, est.alpha)


def same_layout(est: Any, n_features: int, n_outputs: int) -> Plan:
    """Return the plan to go on with: parameters may have been set since, but no sizes."""
    plan = planned(est, n_features, n_outputs)
    if (plan.parameters, plan.buffers) != (est._plan.parameters, est._plan.buffers):
        raise ValueError(
            "hidden_layer_sizes and norm cannot change between fits that go on with the "
            f"same weights; got hidden_layer_sizes={est.hidden_layer_sizes!r}, "
            f"norm={est.norm!r}: fit with warm_start=False to begin anew"
        )
    return plan


def first_weights(est: Any) -> Any:
    """Return the rule for the first weights: scikit-learn's, unless another is set."""
    if est.initializer is not None:
        return est.initializer
    many = isinstance(est.activation, list | tuple)
    texts = {str(catalog.activation(a)) for a in (est.activation if many else [est.activation])}
    return "sklearn(2)" if texts == {"sigmoid"} else "sklearn"


def check_together(est: Any, optimizer: Optimizer | LBFGS, incremental: bool) -> None:
    """Raise where parameters that are fine by themselves cannot go together."""
    whole = optimizer.full_batch
    rules = {
        "dropout must be 0 with solver 'lbfgs', which needs one function that stays the "
        f"same; got dropout={est.dropout!r}": whole and np.any(est.dropout),
        "schedule must be None with solver 'lbfgs', whose line search sets the length of a "
        f"step; got schedule={est.schedule!r}": whole and est.schedule is not None,
        "partial_fit does not support early_stopping=True": incremental and est.early_stopping,
        f"scoring is what early stopping looks at; got scoring={est.scoring!r} with "
        f"early_stopping={est.early_stopping}, solver={est.solver!r}": est.scoring is not None
        and (whole or not est.early_stopping),
    }
    for message, broken in rules.items():
        if broken:
            raise ValueError(message)
