"""Update rules: against PyTorch and Optax (recorded and live), scikit-learn, and the papers."""

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
    OURS,
    RULES,
    STEPS,
    gradient,
    optax_run,
    start,
    torch_run,
    value,
)

DATA = np.load(Path(__file__).parents[2] / "data" / "optimizers.npz")
NAMES = [rule.name for rule in RULES]


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
