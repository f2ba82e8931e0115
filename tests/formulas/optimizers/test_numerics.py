"""What every update rule must keep to: dtypes, vectors of rates, extremes, the array API."""

import importlib

import numpy as np
import pytest

from support.numeric import relative_error
from support.optimizer_rules import OURS, gradient, start


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
