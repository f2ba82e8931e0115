"""What `diagnose` measures in the layers, where a norm stands between sum and activation."""

import numpy as np
from sklearn.datasets import make_moons

from glassnet import MLP, diagnose


def test_units_behind_a_normalization_are_not_dead_for_what_the_norm_takes_off():
    X, y = make_moons(120, noise=0.1, random_state=0)
    net = MLP([2, 16, 1], "gelu", loss="binary_cross_entropy", norm="batch", seed=0)
    net.biases[0] = np.full(16, -50.0)
    found = diagnose(net, X, y)
    assert "dead_units" not in [finding.name for finding in found.findings]
