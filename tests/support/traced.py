"""A small network and its batch, as the tests of `trace` take them."""

import numpy as np

from glassnet import MLP
from glassnet.insight.lines.expressions import worked_out

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(3, 2)), RNG.normal(size=(3, 1))


def network(**settings):
    net = MLP([2, 3, 4, 1], **{"activation": "tanh", "seed": 0, "engine": "numpy", **settings})
    net.theta[...] += np.random.default_rng(1).normal(scale=0.3, size=net.theta.size)
    return net


def equal_to_the_engine(found, net, before):
    """Assert that a trace ends, bit for bit, where a network that was `before` now stands."""
    for p in (*net.plan.parameters, *net.plan.buffers):
        vector = net.theta if p in net.plan.parameters else net.state.buffers
        np.testing.assert_array_equal(found.after[p.name], p.of(vector))
        if p in net.plan.parameters and found.t == 1:
            np.testing.assert_array_equal(found.before[p.name], p.of(before))


def adds_up(found, but=(), rtol=1e-9):
    """Assert that every line of a trace comes to its value; return how many there are."""
    lines = [line for line in found._lines(None) if line.evaluates not in but]
    for line in lines:
        if "activations" in line.evaluates and "slope" not in line.evaluates:
            continue  # an activation of the catalogue, which only the engine works out
        assert np.isclose(worked_out(line.right), line.value, rtol=rtol, atol=1e-12), line
    return len(lines)
