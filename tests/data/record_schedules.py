"""Record `schedules.npz`: the factors of PyTorch's learning-rate schedulers.

One array per entry of `tests/support/torch_schedules.py`: the rate before each of 100
steps, and, for the plateaus, after each of 200 losses. Made with PyTorch 2.13.0:

    python tests/data/record_schedules.py
"""

import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from support.torch_schedules import (  # noqa: E402  (needs the path set above)
    PLATEAUS,
    SCHEDULES,
    torch_factors,
    torch_plateau,
)

if __name__ == "__main__":
    table = {name: torch_factors(torch, case) for name, case in SCHEDULES.items()}
    table |= {name: torch_plateau(torch, case) for name, case in PLATEAUS.items()}
    np.savez_compressed(HERE / "schedules.npz", **table)
