"""Update rules: against PyTorch and Optax (recorded and live), scikit-learn, and the papers."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from sklearn.neural_network import _stochastic_optimizers as sklearn_optimizers

from glassnet import optimizers as opt
from glassnet.formulas import optimizers as formulas

from support import numeric
from support.numeric import relative_error
from support.optimizer_rules import (
    CHECKED,
    EVERY,
    LION,
    RULES,
    STEPS,
    gradient,
    optax_run,
    start,
    torch_run,
    value,
)

DATA = np.load(Path(__file__).parents[1] / "data" / "optimizers.npz")
NAMES = [rule.name for rule in RULES]
OURS = {rule.name: rule.ours for rule in RULES} | LION


def test_the_function_descended_is_not_convex_and_its_gradient_is_right():
    assert relative_error(gradient(start()), numeric.gradient(value, start())) < 1e-9
    point = np.full(7, 0.3)
    h = 1e-3 * np.eye(7)  # curvature along each axis
    curvature = [value(point + d) + value(point - d) - 2 * value(point) for d in h]
    assert max(curvature) < -1e-6


# --- PyTorch, Optax --------------------------------------------------------------------


def step_from(ours, before, t):
    """Return parameters and state one step of ours after `before`."""
    theta, slots = before[0].copy(), {name: np.array(one) for name, one in before[1].items()}
    ours.step(theta, gradient(theta), slots, t)
    return theta, slots


def assert_same_step(ours, before, after, t):
    theta, slots = step_from(ours, before, t)
    np.testing.assert_allclose(theta, after[0], rtol=1e-12, atol=0)
    assert set(slots) == set(ours.slots) == set(after[1])
    for name, expected in after[1].items():
        assert relative_error(slots[name], expected) < 1e-12, name


def assert_same_path(ours, expected, every):
    path = ours.minimize(None, gradient, start(), STEPS)
    np.testing.assert_allclose(path[::every], expected, rtol=1e-9, atol=0)
    assert value(path[-1]) < value(path[0])


@pytest.mark.parametrize("name", OURS)
def test_recorded_steps(name):
    ours = OURS[name]
    for row, t in enumerate(CHECKED):
        before, after = (
            (
                DATA[f"{name}_theta"][row, i],
                {s: DATA[f"{name}_{s}"][row, i] for s in ours.slots},
            )
            for i in (0, 1)
        )
        assert_same_step(ours, before, after, t)


@pytest.mark.parametrize("name", OURS)
def test_recorded_paths(name):
    assert_same_path(OURS[name], DATA[f"{name}_path"], EVERY)


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield torch
    torch.set_num_threads(threads)


@pytest.mark.judge
@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_each_of_200_steps_from_torchs_own_state(rule, torch):
    run = torch_run(torch, rule)
    for t in range(1, STEPS + 1):
        assert_same_step(rule.ours, run[t - 1], run[t], t)


@pytest.mark.judge
@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_free_run_of_200_steps_beside_torch(rule, torch):
    assert_same_path(rule.ours, np.array([theta for theta, _ in torch_run(torch, rule)]), 1)
    assert torch.get_default_dtype() == torch.float32


@pytest.mark.judge
@pytest.mark.parametrize("name", LION)
def test_lion_beside_optax(name):
    pytest.importorskip("optax")
    run = optax_run(LION[name])
    for t in range(1, STEPS + 1):
        assert_same_step(LION[name], run[t - 1], run[t], t)
    assert_same_path(LION[name], np.array([theta for theta, _ in run]), 1)


# --- scikit-learn ----------------------------------------------------------------------


def sklearn_path(optimizer, theta, steps=STEPS):
    path = [theta.copy()]
    for _ in range(steps):
        optimizer.update_params([theta], [gradient(theta)])
        path.append(theta.copy())
    return np.array(path)


@pytest.mark.parametrize("epsilon", [1e-8, 1e-2])
def test_adam_with_epsilon_before_the_correction_is_scikit_learns(epsilon):
    theta = start()
    expected = sklearn_path(
        sklearn_optimizers.AdamOptimizer([theta], 0.02, 0.8, 0.99, epsilon), theta
    )
    ours = opt.Adam(0.02, 0.8, 0.99, epsilon, epsilon_before_correction=True)
    path = ours.minimize(None, gradient, start(), STEPS)
    np.testing.assert_allclose(path, expected, rtol=1e-9, atol=0)
    after = opt.Adam(0.02, 0.8, 0.99, epsilon).minimize(None, gradient, start(), STEPS)
    assert relative_error(after, expected) > epsilon / 100  # the two forms do differ


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_is_scikit_learns_also_when_the_rate_changes(nesterov):
    theta = start()
    judge = sklearn_optimizers.SGDOptimizer(
        [theta], 0.004, "invscaling", momentum=0.9, nesterov=nesterov
    )
    ours, found = opt.Momentum(0.004, 0.9, nesterov), start()
    slots = ours.start(found)
    for t in range(1, STEPS + 1):
        ours.step(found, gradient(found), slots, t, rate=judge.learning_rate)
        judge.update_params([theta], [gradient(theta)])
        judge.iteration_ends(t)
        np.testing.assert_allclose(found, theta, rtol=1e-9, atol=0)


# --- the papers, written out -----------------------------------------------------------


def test_lion_is_algorithm_2_of_its_paper():
    ours, path = LION["lion_decay"], []
    theta, m = start(), np.zeros(7)
    for _ in range(50):
        g = gradient(theta)
        c = ours.beta1 * m + (1 - ours.beta1) * g
        theta = theta - ours.learning_rate * (np.sign(c) + ours.weight_decay * theta)
        m = ours.beta2 * m + (1 - ours.beta2) * g
        path.append(theta)
    found = ours.minimize(None, gradient, start(), 50)[1:]
    np.testing.assert_allclose(found, path, rtol=1e-12, atol=0)


def test_adam_moments_are_the_weighted_sums_of_the_paper():
    # Kingma & Ba, section 3: v_t = (1 - β₂) Σ β₂^(t-i) g_i², corrected by 1 - β₂^t.
    gradients = np.random.default_rng(1).standard_normal((9, 3))
    theta, m, v = np.zeros(3), np.zeros(3), np.zeros(3)
    for t, g in enumerate(gradients, start=1):
        before = theta.copy()
        formulas.adam_step(theta, g, m, v, t, 0.1, 0.9, 0.99, 1e-8)
        ages = np.arange(t)[::-1]
        first = (0.9**ages @ gradients[:t]) / np.sum(0.9**ages)
        second = (0.99**ages @ gradients[:t] ** 2) / np.sum(0.99**ages)
        step = 0.1 * first / (np.sqrt(second) + 1e-8)
        np.testing.assert_allclose(before - theta, step, rtol=1e-12)


def test_radam_is_plain_momentum_for_five_steps_then_rectified():
    # Liu et al., section 4.2: no rectification while ρ_t is small. β₂ = 0.999: ρ₅ < 5 < ρ₆.
    def first_step(t):
        theta, m, v = np.zeros(1), np.zeros(1), np.zeros(1)
        formulas.radam_step(theta, np.array([1e3]), m, v, t, 1.0, 0.0, 0.999, 1e-8)
        return -theta[0]

    assert first_step(5) == 1e3
    assert first_step(6) < 100


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_centred_rmsprop_bears_a_variance_that_rounds_below_zero(dtype):
    slopes = np.linspace(0.1, 0.9, 300).astype(dtype)  # constant: their variance goes to zero
    theta, square, mean = (np.zeros_like(slopes) for _ in range(3))
    below = np.zeros(300, bool)
    for _ in range(400):
        formulas.rmsprop_step(theta, slopes, square, 1e-3, 0.9, 1e-8, mean=mean)
        below |= square < mean * mean
    assert below.any()
    assert np.isfinite(theta).all()


# --- what every formula must keep to ---------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OURS)
def test_dtype_is_kept_and_the_gradient_never_written(name, dtype):
    ours = OURS[name]
    theta = start().astype(dtype)
    slots = ours.start(theta)
    factor = np.linspace(0, 1, 7)  # float64: it must not widen float32
    for t in (1, 2, 3):
        slope = gradient(theta)
        assert slope.dtype == dtype
        slope.flags.writeable = False
        ours.step(theta, slope, slots, t, np.float64(0.01), factor, factor)
    assert theta.dtype == dtype
    for slot, array in slots.items():
        assert type(array) is np.ndarray
        assert array.dtype == (np.float64 if slot == "momentum_product" else dtype)


@pytest.mark.parametrize("name", OURS)
def test_a_float64_vector_of_rates_does_float32_arithmetic(name):
    found = []
    for dtype in (np.float32, np.float64):
        theta = start().astype(np.float32)
        slots = OURS[name].start(theta)
        factor = np.full(7, 0.75, dtype)
        for t in (1, 2, 3):
            OURS[name].step(theta, gradient(theta), slots, t, 0.015625, factor, factor)
        found.append(theta)
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("name", OURS)
def test_float32_follows_float64(name):
    single = OURS[name].minimize(None, gradient, start().astype(np.float32), 20)
    double = OURS[name].minimize(None, gradient, start(), 20)
    assert single.dtype == np.float32
    assert relative_error(single, double) < 1e-4


@pytest.mark.parametrize("name", OURS)
def test_a_vector_of_rates_is_each_element_at_its_own_rate(name):
    ours = OURS[name]
    rates = np.array([0.0, 0.5, 0.5, 1.0, 2.0, 2.0, 3.0])
    whole, slots, slope = start(), ours.start(start()), gradient(start())
    for t in (1, 2, 3):
        ours.step(whole, slope, slots, t, rate=0.01, rate_factor=rates, decay_factor=rates)
    for factor in np.unique(rates):
        part = start()
        slots = ours.start(part)
        for t in (1, 2, 3):
            ours.step(part, slope, slots, t, rate=0.01 * factor, decay_factor=factor)
        chosen = rates == factor
        np.testing.assert_allclose(whole[chosen], part[chosen], rtol=1e-12)
    np.testing.assert_array_equal(whole[0], start()[0])  # a rate of zero freezes


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("size", [0.0, 1e-200, 1e-30, 1e30, 1e200, np.inf, np.nan])
def test_extreme_gradients_give_no_warning(name, size):
    ours, theta = OURS[name], start()
    slots = ours.start(theta)
    for t in (1, 2, 3):
        ours.step(theta, np.full(7, size), slots, t)
    if size <= 1e30:
        assert np.isfinite(theta).all()
    if np.isnan(size):
        assert np.isnan(theta).all()  # never a silent wrong number


@pytest.mark.judge
@pytest.mark.parametrize("name", OURS)
def test_formulas_stay_in_the_array_api(name, monkeypatch):
    strict = pytest.importorskip("array_api_strict")
    ours = OURS[name]

    def two_steps(xp):
        for module in ("momentum", "scaled", "adam"):
            path = f"glassnet.formulas.optimizers.{module}"
            monkeypatch.setattr(importlib.import_module(path), "np", xp)
        slope, theta = xp.asarray(gradient(start())), xp.asarray(start())
        slots = {slot: xp.asarray(array) for slot, array in ours.start(start()).items()}
        for t in (1, 2):
            ours._apply(theta, slope, slots, t, 0.01, 0.1)
        return np.asarray(theta)

    np.testing.assert_array_equal(two_steps(strict), two_steps(np))


# --- clipping and decay ----------------------------------------------------------------


@pytest.mark.judge
@pytest.mark.parametrize("limit", [0.01, 3.0, 100.0])
def test_clipping_beside_torch(limit, torch):
    slope = gradient(start())
    utils = torch.nn.utils

    def theirs(clip):
        theta = torch.nn.Parameter(torch.tensor(start()))
        theta.grad = torch.tensor(slope)
        clip([theta], limit)
        return theta.grad.numpy()

    np.testing.assert_array_equal(
        formulas.clip_by_value(slope, limit), theirs(utils.clip_grad_value_)
    )
    norm = np.linalg.norm(slope)
    found = formulas.clip_by_norm(slope, limit)
    # PyTorch divides by the norm plus 1e-6.
    correction = (norm + 1e-6) / norm if norm > limit else 1.0
    np.testing.assert_allclose(found, theirs(utils.clip_grad_norm_) * correction, rtol=1e-12)


def test_clip_by_norm_gives_that_norm_or_changes_no_bit():
    slope = gradient(start())
    norm = np.linalg.norm(slope)
    assert np.linalg.norm(formulas.clip_by_norm(slope, 0.5)) == pytest.approx(0.5, rel=1e-14)
    np.testing.assert_array_equal(formulas.clip_by_norm(slope, norm * 1.001), slope)
    np.testing.assert_array_equal(formulas.clip_by_norm(np.zeros(3), 1.0), np.zeros(3))


@pytest.mark.parametrize(
    ("dtype", "size"), [(np.float32, 1e-30), (np.float32, 1e30), (np.float64, 1e300)]
)
def test_clip_by_norm_neither_overflows_nor_vanishes(dtype, size):
    slope = np.array([3, -4], dtype) * dtype(size)
    found = formulas.clip_by_norm(slope, 1.0)
    assert found.dtype == dtype
    expected = [0.6, -0.8] if size > 1 else slope
    np.testing.assert_allclose(found, np.array(expected, dtype), rtol=1e-6)


@pytest.mark.parametrize(
    ("dtype", "limit"),
    [(np.float64, 1e-310), (np.float64, 5e-324), (np.float32, 1e-45), (np.float32, 1e-46)],
)
def test_clip_by_norm_at_the_least_limits(dtype, limit):
    found = formulas.clip_by_norm(np.zeros(3, dtype), limit)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, np.zeros(3))
    # One element: its clipped self is the limit, as near as the dtype has it.
    for one in (1.0, 1e30):
        found = formulas.clip_by_norm(np.array([-one], dtype), limit)
        np.testing.assert_array_equal(found, [-dtype(limit)])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_clip_by_norm_hides_no_broken_gradient(bad):
    assert np.isnan(formulas.clip_by_norm(np.array([1.0, bad]), 1e10)).all()


def test_clipping_by_value_comes_before_norm_and_both_before_decay():
    slope, theta = np.array([30.0, -4.0, 0.3]), np.array([1.0, 2.0, 3.0])
    ours = opt.SGD(1.0, clip_value=4.0, clip_norm=1.0, weight_decay=0.5)
    found = theta.copy()
    ours.step(found, slope, {}, 1)
    clipped = np.array([4.0, -4.0, 0.3])
    np.testing.assert_allclose(
        found, theta - clipped / np.linalg.norm(clipped) - 0.5 * theta, rtol=1e-14
    )
