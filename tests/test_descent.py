"""Optimizers at work: one step, and whole descents by `minimize`."""

import re

import numpy as np
import pytest

from glassnet import catalog, landscapes, schedules
from glassnet import optimizers as opt

from support.optimizer_rules import gradient, start, value

RULES = [cls for cls in catalog.OPTIMIZERS if cls is not opt.LBFGS]


# --- step ------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", RULES)
def test_start_and_step_refuse_a_gradient_of_another_shape(cls):
    theta = np.zeros(3)
    with pytest.raises(
        ValueError, match=r"gradient must be an array of the shape of theta, \(3,\)"
    ):
        cls().step(theta, np.zeros((3, 1)), cls().start(theta), 1)


@pytest.mark.parametrize("cls", RULES)
def test_theta_must_be_an_array_of_floats(cls):
    theta = np.ones(3, int)
    words = rf"{cls.__name__}: theta must be an array of floats; got "
    with pytest.raises(TypeError, match=words + "dtype int64"):
        cls().start(theta)
    slots = cls().start(np.ones(3))
    for rate_factor in (1.0, np.ones(3)):
        with pytest.raises(TypeError, match=words + "dtype int64"):
            cls().step(theta, np.ones(3), slots, 1, rate_factor=rate_factor)
    with pytest.raises(TypeError, match=words + re.escape("[1.0]")):
        cls().step([1.0], np.ones(1), {}, 1)
    np.testing.assert_array_equal(theta, 1)


@pytest.mark.parametrize("cls", [cls for cls in RULES if cls().slots])
def test_slots_that_are_not_from_start_are_named(cls):
    ours, theta = cls(), np.ones(3)
    name, rule = ours.slots[-1], rf"slots must come from {cls.__name__}.start\(theta\): "
    good = ours.start(theta)
    for bad in ({}, None, [], {n: a for n, a in good.items() if n != name}):
        with pytest.raises(ValueError, match=rf"{rule}.*{name}.* are needed; got "):
            ours.step(theta.copy(), np.ones(3), bad, 1)
    with pytest.raises(ValueError, match=rf"{rule}slots\['{name}'\] must have shape "):
        ours.step(theta.copy(), np.ones(3), {**good, name: np.zeros(2)}, 1)


def test_an_error_of_ones_own_rule_is_left_as_it_is():
    class Broken(opt.SGD):
        def _apply(self, theta, gradient, slots, t, rate, weight_decay):
            raise ValueError("mine")

    with pytest.raises(ValueError, match=r"^mine$"):
        Broken().step(np.ones(2), np.ones(2), {}, 1)


@pytest.mark.parametrize("cls", RULES)
@pytest.mark.parametrize("t", [0, -1, 1.0, True])
def test_the_number_of_a_step_counts_from_one(cls, t):
    theta = np.ones(3)
    with pytest.raises(
        ValueError, match=rf"{cls.__name__}: t must be a whole number >= 1; got {t}"
    ):
        cls().step(theta, np.ones(3), cls().start(theta), t)
    np.testing.assert_array_equal(theta, np.ones(3))


def test_the_state_has_only_the_arrays_that_the_variant_needs():
    assert opt.Adam().slots == ("m", "v")
    assert opt.Adam(amsgrad=True).slots == opt.AdamW(amsgrad=True).slots == ("m", "v", "v_max")
    assert opt.RMSProp().slots == ("square_mean",)
    assert opt.RMSProp(momentum=0.5, centred=True).slots == ("square_mean", "mean", "velocity")
    for cls in RULES:
        assert tuple(cls().start(start())) == cls().slots
    assert opt.AdaGrad(initial_accumulator=2).start(np.zeros(2))["square_sum"].tolist() == [
        2,
        2,
    ]


def test_weight_decay_is_coupled_but_for_adamw_and_lion():
    theta = np.array([4.0])
    for cls in RULES:
        ours = cls(0.1, weight_decay=0.5)
        found, slots = theta.copy(), ours.start(theta)
        ours.step(found, np.zeros(1), slots, 1)
        if ours.decoupled:
            np.testing.assert_allclose(found, 4 * (1 - 0.1 * 0.5))
            assert not any(np.any(array) for array in slots.values())
        else:  # the decay is a gradient like any other
            plain, slots = theta.copy(), ours.start(theta)
            cls(0.1).step(plain, 0.5 * theta, slots, 1)
            np.testing.assert_array_equal(found, plain)
    assert [cls.name for cls in RULES if cls.decoupled] == ["adamw", "lion"]


def test_decay_factors_spare_the_parameters_they_say():
    for cls in (opt.SGD, opt.AdamW):
        theta = np.array([4.0, 4.0])
        ours = cls(0.1, weight_decay=0.5)
        ours.step(theta, np.zeros(2), ours.start(theta), 1, decay_factor=np.array([0.0, 1.0]))
        np.testing.assert_allclose(theta, [4.0, 3.8])


# --- minimize --------------------------------------------------------------------------


@pytest.mark.parametrize("cls", RULES)
def test_every_rule_gets_down_the_bowl(cls):
    rate = {"adadelta": 5.0, "adagrad": 1.0}.get(cls.name, 0.05)
    bowl = landscapes.bowl
    path = cls(rate).minimize(bowl.fun, bowl.grad, bowl.start, steps=400)
    assert path.shape == (401, 2)
    assert path.dtype == np.float64
    np.testing.assert_array_equal(path[0], bowl.start)
    assert bowl.fun(path[-1]) < 0.02


@pytest.mark.parametrize("cls", RULES)
def test_minimize_is_the_steps_one_by_one(cls):
    ours, theta = cls(), start()
    slots, path = ours.start(theta), ours.minimize(value, gradient, start(), steps=9)
    for t in range(1, 10):
        ours.step(theta, gradient(theta), slots, t)
        np.testing.assert_array_equal(path[t], theta)


def test_minimize_follows_a_schedule_by_progress():
    seen = []
    opt.SGD(1.0).minimize(None, lambda x: x, [1.0], 4, lambda p: seen.append(p) or 0.5)
    assert seen == [0, 0.25, 0.5, 0.75]
    path = opt.SGD(0.5).minimize(None, np.ones_like, [0.0], 4, schedules.Step(0.5, 0.5))
    np.testing.assert_allclose(path[:, 0], [0, -0.5, -1.0, -1.25, -1.5])


@pytest.mark.parametrize("schedule", [schedules.Cosine(), "cosine", "Cosine()"])
def test_minimize_takes_a_name_as_fit_does(schedule):
    path = opt.SGD(0.5).minimize(None, np.ones_like, [0.0], 4, schedule)
    factors = (1 + np.cos(np.pi * np.arange(4) / 4)) / 2
    np.testing.assert_allclose(np.diff(path[:, 0]), -0.5 * factors, rtol=1e-14)


@pytest.mark.parametrize("steps", [0, 3])
def test_a_wrong_schedule_is_refused_before_the_first_step(steps):
    def never(theta):
        raise AssertionError

    for bad, error in (("cosin", ValueError), (0.5, TypeError)):
        with pytest.raises(error, match="schedule"):
            opt.SGD().minimize(None, never, [1.0], steps, bad)


def test_minimize_follows_the_loss_on_a_plateau():
    flat = schedules.ReduceOnPlateau(factor=0.5, patience=0)
    path = opt.SGD(1.0).minimize(lambda x: 7.0, np.ones_like, [0.0], 3, flat)
    np.testing.assert_allclose(path[:, 0], [0, -1, -1.5, -1.75])


def test_what_the_gradient_function_keeps_is_not_overwritten():
    seen = []
    path = opt.SGD(0.1).minimize(None, lambda x: seen.append(x) or 2 * x, [3.0], 5)
    np.testing.assert_array_equal(seen, path[:-1])


def test_a_diverging_path_says_so_by_its_numbers_without_a_warning():
    path = opt.SGD(10.0).minimize(None, lambda x: 2 * x, [1.0], 500)
    assert np.isfinite(path[100]).all()
    assert not np.isfinite(path[-1]).any()


GOOD = {"fun": value, "gradient": gradient, "start": start(), "steps": 3}


@pytest.mark.parametrize("cls", [opt.Adam, opt.LBFGS])
@pytest.mark.parametrize(
    ("name", "bad", "error"),
    [
        ("fun", 3, TypeError),
        ("gradient", None, TypeError),
        ("start", [np.nan, 1.0], ValueError),
        ("start", [np.inf, 1.0], ValueError),
        ("start", [], ValueError),
        ("start", 3.0, ValueError),
        ("start", [[1.0, 2.0]], ValueError),
        ("start", ["a"], TypeError),
        ("start", [1j], TypeError),
        ("start", [[1.0], [1.0, 2.0]], TypeError),
        ("steps", -1, ValueError),
        ("steps", 2.5, ValueError),
        ("steps", True, ValueError),
        ("schedule", "cosin", ValueError),
        ("schedule", 3, (TypeError, ValueError)),
        ("gradient", lambda x: np.zeros((7, 1)), ValueError),
    ],
)
def test_minimize_refuses_wrong_arguments_by_name(cls, name, bad, error):
    with pytest.raises(error, match=name):
        cls().minimize(**{**GOOD, name: bad})


def test_a_plateau_needs_the_function():
    with pytest.raises(TypeError, match="fun must be given"):
        opt.SGD().minimize(None, gradient, start(), 3, schedules.ReduceOnPlateau())


@pytest.mark.parametrize("cls", [schedules.Cosine, schedules.ReduceOnPlateau])
def test_a_schedule_s_class_is_no_schedule(cls):
    for look_up in (
        lambda: opt.SGD().minimize(value, gradient, start(), 3, cls),
        lambda: catalog.schedule(cls),
    ):
        with pytest.raises(
            TypeError, match=rf"schedule must .*did you mean {cls.__name__}\(\)"
        ):
            look_up()


def test_no_steps_are_no_steps():
    for ours in (opt.Adam(), opt.LBFGS()):
        np.testing.assert_array_equal(ours.minimize(value, gradient, start(), 0), [start()])
