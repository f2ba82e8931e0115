"""Small networks of every kind, with random numbers and data: what engines are judged on."""

import numpy as np

from glassnet import catalog
from glassnet.network import build_plan, initial_state

from . import torch_net

_NOTHIDDEN = ("step", "exp")  # no slope to learn by; grows without bound
HIDDEN = [r.name for r in catalog.ACTIVATIONS if not r.rowwise and r.name not in _NOTHIDDEN]

CASES = [{"activation": name, "loss": "squared_error"} for name in [*HIDDEN, "leaky_relu(0.3)"]]
CASES += [{"activation": "tanh", "loss": record.name} for record in catalog.LOSSES]
CASES += [
    {"activation": "tanh", "loss": "squared_error", "output": out}
    for out in ("sigmoid", "softmax", "tanh")
]
CASES += [
    {"activation": ("tanh", "softplus"), "loss": "squared_error", "alpha": 0.7},
    {"activation": "tanh", "loss": "categorical_cross_entropy(0.1)", "norm": "batch"},
    {"activation": "tanh", "loss": "binary_cross_entropy(0.2)", "norm": "layer", "alpha": 0.1},
    {"activation": "swish", "loss": "huber(0.5)", "norm": ("batch", "layer"), "dropout": 0.4},
    {"activation": "elu(0.5)", "loss": "absolute_error", "dropout": (0.0, 0.2)},
]

KEY = 1234


def build(case, seed=3):
    """Return plan, state, X, y, weight: random numbers, every bias off zero."""
    rng = np.random.default_rng(seed)
    plan = build_plan([4, 6, 5, 3], **case)
    state = initial_state(plan, None, rng)
    state.theta += 0.3 * rng.normal(size=state.theta.shape)
    X, n = rng.normal(size=(9, 4)), 9
    y = torch_net.targets(catalog.loss(plan.loss).name, n, 3, rng)
    return plan, state, X, y, rng.uniform(0.1, 2.0, n)


def masks(plan, n):
    """Return the units that dropout keeps in the first step, by place in the plan."""
    from glassnet.formulas.random_bits import keep_mask

    return {
        i: keep_mask(KEY, 1, i, n, layer.units, layer.rate)
        for i, layer in enumerate(plan.layers)
        if layer.rate
    }
