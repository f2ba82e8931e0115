"""What holds for every test of an activation."""

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def strict_floating_point():
    """Make any overflow, invalid operation or division by zero an error in every test."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        yield
