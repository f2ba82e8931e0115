"""Record PyTorch's loss and gradient for every case of `support.network_cases`.

    python tests/data/record_networks.py

Written with PyTorch 2.13.0, float64, on a CPU. The inputs are kept beside the results, so
that the test does not depend on a random stream.
"""

import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from glassnet import catalog  # noqa: E402

from support import network_cases, torch_net  # noqa: E402 - found through the line above


def main():
    known = torch_net.per_sample_losses(torch)
    arrays = {"torch_version": np.array(torch.__version__.split("+")[0])}
    for case in network_cases.CASES:
        plan, state, X, y, weight = network_cases.build(case)
        if catalog.loss(plan.loss).name not in known:
            continue
        masks = network_cases.masks(plan, len(X))
        loss, gradient = torch_net.loss_and_gradient(
            torch, plan, state.theta, X, y, weight, masks
        )
        found = {"theta": state.theta, "X": X, "y": y, "weight": weight}
        found |= {"loss": np.array(loss), "gradient": gradient}
        arrays |= {f"{case}|{name}": array for name, array in found.items()}
    np.savez_compressed(HERE / "networks.npz", **arrays)


if __name__ == "__main__":
    main()
