"""Losses of what is huge, tiny, infinite, NaN or no number at all; dtypes; what is refused."""

import numpy as np
import pytest

from glassnet import catalog
from glassnet.formulas import losses

from support.loss_cases import DTYPES, NAMES, WITH_PARAMETERS, sample, slope, value
from support.namespaces import rebound


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("text", WITH_PARAMETERS)
def test_extreme_logits_are_finite_and_silent(text, dtype):
    reach = {np.float32: 80.0, np.float64: 1e4}[dtype]
    y = np.eye(2, dtype=dtype)
    for size in (float(np.finfo(dtype).smallest_subnormal), reach, 1e30, np.inf):
        for f in ([[size, -size], [size, -size]], [[0.0, size], [-size, 0.0]]):
            f = np.array(f, dtype)
            found, gradient = value(text, y, f), slope(text, y, f)
            assert found.dtype == gradient.dtype == dtype
            assert not np.isnan(found).any()
            assert not np.isnan(gradient).any()
            if size <= reach and not (text == "poisson" and dtype is np.float64):
                assert np.isfinite(found).all()
                assert np.isfinite(gradient).all()


@pytest.mark.parametrize(
    ("text", "y", "f", "limit"),
    [
        ("binary_cross_entropy", [[1.0]], [[np.inf]], 0),
        ("binary_cross_entropy", [[0.0]], [[-np.inf]], 0),
        ("binary_cross_entropy", [[0.0]], [[np.inf]], np.inf),
        ("binary_cross_entropy", [[0.5]], [[-np.inf]], np.inf),
        ("categorical_cross_entropy", [[1.0, 0.0]], [[np.inf, 3.0]], 0),
        ("categorical_cross_entropy", [[1.0, 0.0]], [[3.0, -np.inf]], 0),
        ("categorical_cross_entropy", [[0.0, 1.0]], [[np.inf, 3.0]], np.inf),
        ("hinge", [[1.0]], [[np.inf]], 0),
        ("hinge", [[0.0]], [[np.inf]], np.inf),
        ("squared_hinge", [[0.0]], [[-np.inf]], 0),
        ("poisson", [[0.0]], [[-np.inf]], 0),
        ("poisson", [[2.0]], [[-np.inf]], np.inf),
        ("poisson", [[2.0]], [[np.inf]], np.inf),
        ("squared_error", [[2.0]], [[-np.inf]], np.inf),
        ("huber", [[2.0]], [[-np.inf]], np.inf),
    ],
)
def test_infinite_logits_give_the_limit(text, y, f, limit):
    assert value(text, np.array(y), np.array(f)).tolist() == [limit]


@pytest.mark.parametrize("text", NAMES)
def test_nan_passes_through_the_value(text):
    y, f, _ = sample(text, n=2)
    f[0, 1] = np.nan
    assert np.isnan(value(text, y, f)).tolist() == [True, False]


@pytest.mark.parametrize("text", ["binary_cross_entropy", "categorical_cross_entropy", "hinge"])
def test_a_wrong_answer_costs_its_logit(text):
    y, f = np.array([[0.0, 1.0]]), np.array([[1e4, -1e4]])
    cost = {"categorical_cross_entropy": 2e4, "hinge": 2e4 + 2}.get(text, 2e4)
    assert value(text, y, f).tolist() == [cost]
    assert np.all(np.sign(slope(text, y, f)) == [1, -1])


def test_the_gradient_of_a_nearly_right_answer_stays_alive():
    for dtype in DTYPES:
        y, f = np.ones((1, 1), dtype), np.full((1, 1), 40, dtype)
        found = slope("binary_cross_entropy", y, f)
        np.testing.assert_allclose(found, -np.exp(-40), rtol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("text", NAMES)
def test_inputs_are_left_alone(text, dtype):
    y, f = (x.astype(dtype) for x in sample(text)[:2])
    y.flags.writeable = f.flags.writeable = False
    value(text, y, f)
    assert not np.shares_memory(slope(text, y, f), f)


@pytest.mark.judge
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("text", NAMES)
def test_formulas_use_only_the_array_api_standard(text, dtype):
    strict = pytest.importorskip("array_api_strict")
    y, f, weight = (x.astype(dtype) for x in sample(text, seed=11))
    record = catalog.loss(text)
    mean, mean_gradient = losses.weighted_mean, losses.weighted_gradient
    for formula, batch in ((record.value, mean), (record.gradient, mean_gradient)):
        ours = formula(y, f, **dict(record.parameters))
        portable = rebound(formula, strict)(
            *map(strict.asarray, (y, f)), **dict(record.parameters)
        )
        assert portable.dtype == getattr(strict, dtype)
        np.testing.assert_array_equal(np.asarray(portable), ours)
        over_batch = rebound(batch, strict)(portable, strict.asarray(weight))
        np.testing.assert_allclose(np.asarray(over_batch), batch(ours, weight), rtol=1e-6)


# --- bad input -------------------------------------------------------------------------


@pytest.mark.parametrize("text", NAMES)
@pytest.mark.parametrize("shapes", [((5,), (5, 1)), ((5,), (5,)), ((5, 2), (5, 1))], ids=str)
def test_shapes_that_would_broadcast_are_refused(text, shapes):
    y, f = np.ones(shapes[0]), np.ones(shapes[1])
    for function in (value, slope):
        with pytest.raises(ValueError, match=r"y and f must have one shape.*\(5,"):
            function(text, y, f)


@pytest.mark.parametrize(
    ("function", "parameter", "wrong", "rule"),
    [
        (losses.huber, "delta", 0.0, "positive and finite"),
        (losses.huber, "delta", -1.0, "positive and finite"),
        (losses.huber, "delta", float("inf"), "positive and finite"),
        (losses.huber_gradient, "delta", float("nan"), "positive and finite"),
        (losses.quantile, "q", 0.0, "strictly between 0 and 1"),
        (losses.quantile_gradient, "q", 1.0, "strictly between 0 and 1"),
        (losses.binary_cross_entropy, "smoothing", 1.0, r"\[0, 1\)"),
        (losses.binary_cross_entropy_gradient, "smoothing", -0.1, r"\[0, 1\)"),
        (losses.categorical_cross_entropy, "smoothing", float("nan"), r"\[0, 1\)"),
        (losses.categorical_cross_entropy_gradient, "smoothing", 2.0, r"\[0, 1\)"),
    ],
)
def test_wrong_parameters_are_refused(function, parameter, wrong, rule):
    with pytest.raises(ValueError, match=f"{parameter} must .*{rule}.*; got {wrong}"):
        function(np.ones((1, 2)), np.zeros((1, 2)), wrong)
