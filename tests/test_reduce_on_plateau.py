"""Reduce on plateau: against PyTorch's, and the numbers worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from glassnet import schedules

from support.torch_schedules import LOSSES, PLATEAUS, torch_plateau

DATA = np.load(Path(__file__).parent / "data" / "schedules.npz")


def our_plateau(name):
    ours = PLATEAUS[name][0]
    state, factors = ours.start(), []
    for loss in LOSSES:
        state = ours.update(state, loss)
        factors.append(state.factor)
    return factors


@pytest.mark.parametrize("name", PLATEAUS)
def test_recorded_plateaus(name):
    np.testing.assert_allclose(our_plateau(name), DATA[name], rtol=1e-12)


@pytest.mark.judge
@pytest.mark.parametrize("name", PLATEAUS)
def test_reduce_on_plateau_beside_torch(name):
    torch = pytest.importorskip("torch")
    found = torch_plateau(torch, PLATEAUS[name])
    np.testing.assert_allclose(our_plateau(name), found, rtol=1e-12)
    assert len(set(found)) > 2  # the losses do rest more than once


def run(plateau, losses):
    state = plateau.start()
    return [(state := plateau.update(state, loss)).factor for loss in losses]


def test_plateau_by_hand():
    plateau = schedules.ReduceOnPlateau(factor=0.5, patience=1, cooldown=2, minimum=0.2)
    losses = [3.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.0] + [1.0] * 6
    #         best best bad  cut  wait wait bad  cut  wait, wait, bad, cut: the minimum
    assert run(plateau, losses) == [1, 1, 1, 0.5, 0.5, 0.5, 0.5] + [0.25] * 4 + [0.2] * 4


def test_plateau_counts_nan_as_no_improvement():
    plateau = schedules.ReduceOnPlateau(factor=0.5, patience=0)
    assert run(plateau, [1.0, np.nan, 0.5, np.inf]) == [1, 0.5, 0.5, 0.25]


def test_plateau_threshold_is_on_the_right_side_of_a_negative_loss():
    plateau = schedules.ReduceOnPlateau(factor=0.5, patience=0, threshold=0.1)
    assert run(plateau, [-1.0, -1.05]) == [1, 0.5]  # 5 % better is not 10 % better
    assert run(plateau, [-1.0, -1.15]) == [1, 1]
    assert run(plateau, [-1.0, -0.95]) == [1, 0.5]  # worse is never better


def test_plateau_update_leaves_the_old_state():
    plateau = schedules.ReduceOnPlateau()
    state = plateau.start()
    plateau.update(state, 1.0)
    assert state == plateau.start() == schedules.PlateauState()
