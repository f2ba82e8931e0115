"""Record `optimizers.npz`: paths and single steps of PyTorch's optimizers and Optax's Lion.

For each rule in `tests/support/optimizer_rules.py` it holds ``<rule>_path``: every tenth
point of 200 steps down a function that is not convex; and, for a few steps t,
``<rule>_<slot>`` of shape (steps, 2, ...): a state array, or ``theta``, before and after
the step. All float64. Made with PyTorch 2.13.0, Optax 0.2.8, JAX 0.10.2:

    python tests/data/record_optimizers.py
"""

import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from support.optimizer_rules import (  # noqa: E402  (needs the path set above)
    CHECKED,
    EVERY,
    LION,
    RULES,
    optax_run,
    torch_run,
)


def arrays(name, run):
    """Return what is kept of a run."""
    kept = {f"{name}_path": np.array([theta for theta, _ in run[::EVERY]])}
    rows = [{"theta": theta, **slots} for theta, slots in run]
    for slot in rows[0]:
        kept[f"{name}_{slot}"] = np.array([[rows[t - 1][slot], rows[t][slot]] for t in CHECKED])
    return kept


if __name__ == "__main__":
    table = {}
    for rule in RULES:
        table.update(arrays(rule.name, torch_run(torch, rule)))
    for name, rule in LION.items():
        table.update(arrays(name, optax_run(rule)))
    np.savez_compressed(HERE / "optimizers.npz", **table)
