"""`check_gradients` in hard cases: sizes, units of wide layers, what is not finite."""

import json

import numpy as np
import pytest

from glassnet import MLP, check_gradients
from glassnet.catalog import Activation
from glassnet.differences import compare

RNG = np.random.default_rng(3)


def wrong_groups(found):
    return [group.name for group in found.groups if not group.ok]


def test_a_gradient_that_is_not_finite_is_wrong_and_its_data_are_json():
    def gradient(x):
        return np.where(x > 1, np.nan, np.where(x > 0, 2 * x, np.inf))

    found = check_gradients((lambda x: float(np.sum(x**2)), gradient), at=[2.0, 0.5, -1.0])
    assert found.verdict == "x: the analytic gradient is not finite in entries 0, 2"
    worst = json.loads(json.dumps(found.to_dict(), allow_nan=False))["groups"][0]["worst"]
    assert worst == {"place": [0], "analytic": None, "numeric": pytest.approx(4)}


def test_the_worst_place_is_one_that_is_wrong():
    pair = (lambda x: float(np.sum(x**2)), lambda x: 2 * x + [0.0, 0.0, 1e-3])
    found = check_gradients(pair, at=[5.0, -3.0, 0.5])
    assert found.groups[0].worst == ((2,), pytest.approx(1.001), pytest.approx(1.0))


def test_where_the_function_overflows_nothing_is_said():
    found = compare(
        lambda x: np.exp(x**2), np.array([26.6413, 1.0]), np.ones(2), np.full(2, 2.0)
    )
    assert found.excluded.tolist() == [True, False]
    assert found.wrong.tolist() == [False, True]


@pytest.mark.parametrize(("factor", "words"), [(2, "2.00 times"), (-1, "sign wrong")])
def test_one_factor_is_one_whatever_the_sizes_of_the_derivatives(factor, words):
    """The smallest of them are hardly more than rounding makes of their differences."""
    sizes = np.geomspace(1e-7, 1, 60)
    pair = (
        lambda x: float(5 + np.sum(sizes * np.sin(x))),
        lambda x: factor * sizes * np.cos(x),
    )
    for seed in range(5):
        at = np.random.default_rng(seed).normal(size=60)
        assert words in check_gradients(pair, at=at).verdict


@pytest.mark.parametrize("unit", [0, 7, 150, 299])
def test_one_unit_of_a_wide_layer_is_found_among_all(unit):
    """The network has too many parameters for each of them to be looked at."""
    net = MLP([20, 300, 2], activation="tanh", seed=0)
    rows, answers = RNG.normal(size=(9, 20)), RNG.normal(size=(9, 2))
    gradient = net.loss_and_gradients(rows, answers)[1].copy()
    net.plan.parameters[0].of(gradient)[:, unit] *= -1
    found = check_gradients(net, rows, answers, gradient=gradient)
    assert wrong_groups(found) == ["W0"]
    assert found.verdict.startswith(f"W0: sign wrong in unit {unit} of layer 0")
    gradient *= 2
    net.plan.parameters[0].of(gradient)[:, unit] *= -1
    found = check_gradients(net, rows, answers, gradient=gradient)
    assert found.groups[0].verdict == "W0: the analytic gradient is 2.00 times the numeric one"


def test_a_slope_that_is_wrong_where_units_saturate_is_found():
    def flat_too_soon(z, a):
        return np.where(np.abs(z) > 8, 0.0, 1 / (1 + np.abs(z)) ** 2).astype(z.dtype)

    found = check_gradients(Activation("soft", lambda z: z / (1 + np.abs(z)), flat_too_soon))
    assert "the analytic gradient is zero where the numeric one is not" in found.verdict
