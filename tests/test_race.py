"""The race itself: the same grid, the same steps, and the best of it for everyone."""

import numpy as np
import pytest

from glassnet import optimizers
from glassnet.landscapes import LANDSCAPES, Landscape, bowl, rosenbrock
from glassnet.optimizers import LBFGS, SGD, AdaDelta, Adam, Momentum
from glassnet.race import OPTIMIZERS, RATES, STRAY, label, race

GRID = (0.001, 0.01, 0.1, 1.0)


def test_the_grid_is_1_2_5_per_decade():
    assert RATES[:4] == (0.0001, 0.0002, 0.0005, 0.001)
    assert RATES[-1] == 50.0
    assert len(RATES) == 18
    assert list(RATES) == sorted(RATES)


def test_sgd_on_the_bowl_is_arithmetic():
    # Each step multiplies (x, y) by 1 - 2η: by 0.8 at η = 0.1, by -1 at η = 1 (which ends
    # where it began and is no divergence), by 0.998 at η = 0.001.
    (run,) = race("bowl", "sgd", steps=30, rates=GRID)
    assert run.rate == 0.1
    factor = 0.8 ** np.arange(31)
    np.testing.assert_allclose(run.path, factor[:, None] * [3.0, 2.0], rtol=1e-12)
    np.testing.assert_allclose(run.losses, 13 * factor**2, rtol=1e-12)
    ends = {0.001: 13 * 0.998**60, 0.01: 13 * 0.98**60, 0.1: 13 * 0.8**60, 1.0: 13.0}
    assert dict(run.tried) == pytest.approx(ends, rel=1e-12)


def test_the_best_is_the_lowest_last_loss_found_by_searching_by_hand():
    for run, name in zip(race(rosenbrock, steps=60, rates=GRID), OPTIMIZERS, strict=True):
        ends = {}
        for rate in GRID:
            made = type(run.optimizer)(**{**vars(run.optimizer), "learning_rate": rate})
            with np.errstate(all="ignore"):
                path = made.minimize(rosenbrock.fun, rosenbrock.grad, rosenbrock.start, 60)
                losses = rosenbrock.value(*path.T)
            near = np.all((path >= [-4, -3]) & (path <= [4, 5]))
            if np.isfinite(losses).all() and near and losses[-1] <= losses[0]:
                ends[rate] = losses[-1]
        assert run.rate == min(ends, key=ends.get), name
        assert run.losses[-1] == ends[run.rate]
        out = {rate for rate, end in run.tried if np.isinf(end)}
        assert out == set(GRID) - set(ends)


@pytest.mark.parametrize("ground", LANDSCAPES, ids=lambda ground: ground.name)
def test_everyone_descends_every_landscape(ground):
    runs = race(ground, steps=100)
    assert [run.name for run in runs] == [
        "SGD",
        "Momentum",
        "Nesterov",
        "AdaGrad",
        "RMSProp",
        "Adam",
    ]
    for run in runs:
        assert not run.diverged
        assert run.path.shape == (101, 2)
        np.testing.assert_array_equal(run.path[0], ground.start)
        np.testing.assert_array_equal(run.losses, ground.value(*run.path.T))
        assert run.losses[-1] < 0.35 * (run.losses[0] + 0.25)
        assert [rate for rate, _ in run.tried] == list(RATES)
        assert run.losses[-1] == min(end for _, end in run.tried)


def test_of_equal_ends_the_faster_wins():
    # Both land on 0 exactly, 0.5 in one step; 0.25 halves and needs a thousand for it.
    (run,) = race("bowl", "sgd", steps=2000, rates=[0.25, 0.5])
    assert dict(run.tried) == {0.25: 0.0, 0.5: 0.0}
    assert run.rate == 0.5


def test_rates_that_blow_up_or_stray_are_out():
    (run,) = race("bowl", "sgd", steps=20, rates=[0.1, 1.5, 1e200])
    assert run.rate == 0.1
    assert dict(run.tried)[1.5] == np.inf
    assert dict(run.tried)[1e200] == np.inf
    # RMSProp's first step is ten times its rate: 500 wide, on a landscape 7 wide.
    (run,) = race("bowl", "rmsprop", steps=200, rates=[0.1, 50.0])
    assert dict(run.tried)[50.0] == np.inf
    x0, x1, y0, y1 = bowl.window
    assert run.path.min() >= min(x0 - STRAY * (x1 - x0), y0 - STRAY * (y1 - y0))


@pytest.mark.parametrize("rates", [[1.01], None])
def test_a_loss_that_rose_is_a_divergence_even_in_the_window(rates):
    # 1 - 2 · 1.01 = -1.02: the distance grows by 2 % a step, from 0.1 to 0.12 in ten.
    (run,) = race("bowl", SGD(1.01), steps=10, rates=rates, start=(0.1, 0.0))
    assert len(run.path) == 11
    assert run.diverged


def test_a_start_outside_the_window_is_a_start():
    (run,) = race("bowl", "sgd", steps=20, rates=[0.1], start=(50.0, 0.0))
    assert not run.diverged


def test_nobody_left_is_said_not_hidden():
    (run,) = race("rosenbrock", "sgd", steps=50, rates=[1.0, 10.0])
    assert run.diverged
    assert [end for _, end in run.tried] == [np.inf, np.inf]
    assert np.isfinite(run.path).all()
    assert np.isfinite(run.losses).all()


def test_a_best_rate_at_the_end_of_the_grid_is_flagged():
    low, high = race("bowl", ["sgd", "adam"], steps=30, rates=[0.001, 0.01])
    assert low.at_edge
    assert high.at_edge
    (inside,) = race("bowl", "sgd", steps=30, rates=GRID)
    assert not inside.at_edge
    (only,) = race("bowl", "sgd", steps=30, rates=[0.1])
    assert not only.at_edge  # a grid of one has no ends


def test_given_settings_run_as_they_are():
    entrants = [SGD(0.1), Momentum(0.1, momentum=0.5), Adam(0.1)]
    runs = race("bowl", entrants, steps=50, rates=None)
    assert [run.optimizer for run in runs] == entrants
    assert all(run.tried == () and not run.at_edge for run in runs)
    for run, one in zip(runs, entrants, strict=True):
        path = one.minimize(bowl.fun, bowl.grad, [3.0, 2.0], steps=50)
        np.testing.assert_array_equal(run.path, path)


def test_a_given_setting_that_diverges_is_cut_where_it_leaves_the_numbers():
    (run,) = race("rosenbrock", SGD(0.1), steps=50, rates=None)
    assert run.diverged
    assert 1 < len(run.path) < 51
    assert np.isfinite(run.losses).all()


def test_only_the_learning_rate_is_replaced():
    (run,) = race("bowl", Momentum(7.0, momentum=0.3, nesterov=True), steps=10, rates=[0.1])
    assert run.optimizer == Momentum(0.1, momentum=0.3, nesterov=True)


def test_lbfgs_has_no_rate_to_search():
    (run,) = race("rosenbrock", "lbfgs", steps=100)
    assert run.rate is None
    assert run.tried == ()
    assert not run.at_edge
    assert run.losses[-1] < 1e-9
    assert len(run.path) < 101  # it has converged


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (SGD(), "SGD"),
        (Momentum(0.5), "Momentum"),
        (Momentum(nesterov=True), "Nesterov"),
        (Momentum(momentum=0.5, nesterov=True), "Nesterov(momentum=0.5)"),
        (Adam(0.1, beta2=0.9, clip_norm=1.0), "Adam(beta2=0.9, clip_norm=1.0)"),
        (AdaDelta(), "AdaDelta"),
        (LBFGS(memory=3), "L-BFGS(memory=3)"),
    ],
)
def test_labels_name_what_is_not_default(settings, name):
    said = label(settings)
    inside = said.removesuffix(")").partition("(")[2].split(", ")
    wanted = name.removesuffix(")").partition("(")[2].split(", ")
    assert said.partition("(")[0] == name.partition("(")[0]
    assert sorted(inside) == sorted(wanted)


def test_a_landscape_of_ones_own():
    mine = Landscape(
        "mine",
        lambda x, y: (x - 1) ** 2 + 4 * y**2,
        lambda x, y: (2 * (x - 1), 8 * y),
        minima=((1.0, 0.0),),
        window=(-2.0, 2.0, -2.0, 2.0),
        start=(-1.0, 1.0),
        levels=(1.0, 2.0),
    )
    (run,) = race(mine, optimizers.SGD(), steps=100, rates=[0.1])
    np.testing.assert_allclose(run.path[-1], [1.0, 0.0], atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"landscape": "hill"}, ValueError, "unknown landscape 'hill'; known: beale"),
        ({"optimizers": "adm"}, ValueError, "unknown optimizer 'adm'; known: "),
        ({"optimizers": []}, ValueError, "optimizers must hold at least one; got none"),
        ({"optimizers": [3]}, TypeError, "optimizer must be"),
        ({"steps": 0}, ValueError, "steps must be a whole number >= 1; got 0"),
        ({"steps": 2.0}, ValueError, "steps must be a whole number >= 1; got 2.0"),
        ({"steps": True}, ValueError, "steps must be a whole number >= 1; got True"),
        ({"rates": []}, ValueError, "rates must be numbers > 0"),
        ({"rates": [0.1, -1]}, ValueError, "rates must be numbers > 0"),
        ({"rates": [np.inf]}, ValueError, "rates must be numbers > 0"),
        ({"rates": 0.1}, ValueError, "rates must be numbers > 0"),
        ({"rates": ["a"]}, ValueError, "rates must be numbers > 0"),
        (
            {"start": (1, 2, 3)},
            ValueError,
            r"start must be two finite numbers; got \(1, 2, 3\)",
        ),
        ({"start": "ab"}, ValueError, "start must be two finite numbers; got 'ab'"),
        ({"start": (10**400, 1)}, ValueError, "start must be two finite numbers"),
        (
            {"landscape": "bowl", "start": (1e200, 1)},
            ValueError,
            r"start must lie where bowl is finite; got \(1e\+200, 1\)",
        ),
        ({"rates": [10**400]}, ValueError, "rates must be numbers > 0"),
        ({"start": (np.nan, 2)}, ValueError, "start must be two finite numbers"),
    ],
)
def test_bad_arguments(arguments, error, words):
    with pytest.raises(error, match=words):
        race(**arguments)
