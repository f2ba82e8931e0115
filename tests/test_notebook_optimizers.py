"""The classic notebook's optimizer race: what it computes, and what its Adam gets wrong."""

from pathlib import Path

import numpy as np
import pytest

from glassnet import landscapes
from glassnet.formulas.optimizers import adam_step
from glassnet.optimizers import SGD, Adam, Momentum

NOTEBOOK = np.load(Path(__file__).parent / "data" / "notebook_reference.npz")
START, STEPS = (3.0, 2.0), 50


def race(optimizer):
    return optimizer.minimize(landscapes.bowl.fun, landscapes.bowl.grad, START, STEPS)


@pytest.mark.parametrize(
    ("optimizer", "recorded"),
    [(SGD(0.1), "traj_sgd"), (Momentum(0.1, momentum=0.9), "traj_momentum")],
)
def test_sgd_and_momentum_are_the_notebooks(optimizer, recorded):
    np.testing.assert_allclose(race(optimizer), NOTEBOOK[recorded], rtol=0, atol=1e-10)


def faulty_path():
    """Return Adam's path with a time step counted per call, and one call per variable."""
    theta, calls = np.array(START), 0
    state = [(np.zeros(1), np.zeros(1)) for _ in theta]
    path = [theta.copy()]
    for _ in range(STEPS):
        gradient = landscapes.bowl.grad(theta)
        for i, (m, v) in enumerate(state):
            calls += 1  # x: t = 1, 3, 5, ...; y: t = 2, 4, 6, ...
            one = slice(i, i + 1)
            adam_step(theta[one], gradient[one], m, v, calls, 0.1, 0.9, 0.999, 1e-8)
        path.append(theta.copy())
    return np.array(path)


def test_the_notebooks_adam_is_ours_with_a_faulty_time_step():
    np.testing.assert_allclose(faulty_path(), NOTEBOOK["traj_adam"], rtol=0, atol=1e-10)


def test_what_the_fault_does():
    ours, theirs = race(Adam(0.1)), NOTEBOOK["traj_adam"]
    # The first step of Adam is the learning rate long in every direction ...
    np.testing.assert_allclose(ours[1] - ours[0], [-0.1, -0.1], rtol=1e-7)
    # ... but y is corrected as if this were its second step, as Adam's docs work out.
    short = 0.1 * np.sqrt(1 + 0.999) / (1 + 0.9)
    np.testing.assert_allclose(theirs[1] - theirs[0], [-0.1, -short], rtol=1e-7)
    # On the way the two are up to a quarter apart, where the start was three away.
    assert np.abs(ours - theirs).max() > 0.25
