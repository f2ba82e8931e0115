"""What each loss is for: where it is least, what it tends to, how outputs add up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import catalog

from support.loss_cases import DTYPES, WITH_PARAMETERS, sample, slope, value
from support.numeric import gradient, relative_error


def test_exactly_right_is_plus_zero():
    y = np.eye(3)
    for text in ("binary_cross_entropy", "categorical_cross_entropy", "hinge", "squared_hinge"):
        found = value(text, y, np.where(y == 1, 1e4, -1e4))
        assert found.tolist() == [0.0, 0.0, 0.0]
        assert not np.signbit(found).any()
    for text in ("squared_error", "absolute_error", "huber", "quantile"):
        found = value(text, y - 0.3, y - 0.3)
        assert found.tolist() == [0.0, 0.0, 0.0]
        assert not np.signbit(found).any()
    one_class = value("categorical_cross_entropy", np.ones((2, 1)), np.zeros((2, 1)))
    assert not np.signbit(one_class).any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_poisson_is_never_negative_near_its_minimum(dtype):
    y = np.array([1, 3, 7, 1000, 0.1], dtype)
    steps = np.concatenate([[0], np.logspace(-18, 0, 400)])
    for sign in (-1, 1):
        f = (np.log(y)[:, None] + sign * steps).astype(dtype).reshape(-1, 1)
        found = value("poisson", np.repeat(y, len(steps))[:, None], f)
        assert np.all(found >= 0)
        assert not np.signbit(found).any()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("absolute_error", 0.0), ("quantile(0.9)", 0.0), ("huber", 0.0)],
)
def test_slope_is_zero_where_the_prediction_is_right(text, expected):
    y = np.array([[1.25, -3.0]])
    assert slope(text, y, y).tolist() == [[expected, expected]]


def test_slope_is_zero_at_the_corner_of_the_hinge():
    y, f = np.array([[1.0, 0.0]]), np.array([[1.0, -1.0]])
    assert np.all(slope("hinge", y, f) == 0)
    inside = np.nextafter(f, 0)
    assert slope("hinge", y, inside).tolist() == [[-1.0, 1.0]]


@pytest.mark.parametrize("q", [0.1, 0.5, 0.93])
def test_the_best_constant_of_the_quantile_loss_is_the_quantile(q):
    y = np.random.default_rng(0).standard_exponential(501)
    candidates = np.sort(y)
    n = len(y)
    cost = [
        catalog.loss(f"quantile({q})").mean(y[:, None], np.full((n, 1), c)) for c in candidates
    ]
    expected = np.quantile(y, q, method="inverted_cdf")  # NumPy is the judge
    assert candidates[np.argmin(cost)] == expected


def test_huber_tends_to_the_squared_and_to_the_absolute_error():
    y, f, _ = sample("huber", seed=6)
    np.testing.assert_array_equal(value("huber(1e6)", y, f), value("squared_error", y, f))
    small = value("huber(1e-9)", y, f) / 1e-9
    np.testing.assert_allclose(small, value("absolute_error", y, f), rtol=1e-7)


@pytest.mark.parametrize("text", ["hinge", "squared_hinge", "binary_cross_entropy"])
def test_several_outputs_are_as_many_questions(text):
    y, f, _ = sample(text, k=3, seed=7)
    each = [value(text, y[:, [k]], f[:, [k]]) for k in range(3)]
    np.testing.assert_allclose(value(text, y, f), np.sum(each, axis=0), rtol=1e-15)
    columns = [slope(text, y[:, [k]], f[:, [k]]) for k in range(3)]
    np.testing.assert_array_equal(slope(text, y, f), np.hstack(columns))


def test_two_classes_are_one_question():
    rng = np.random.default_rng(8)
    y, f = rng.integers(0, 2, (30, 1)).astype(float), rng.normal(size=(30, 1))
    two = value("categorical_cross_entropy", np.hstack([1 - y, y]), np.hstack([0 * f, f]))
    np.testing.assert_allclose(value("binary_cross_entropy", y, f), two, rtol=1e-14)


@pytest.mark.parametrize("text", ["binary_cross_entropy", "categorical_cross_entropy"])
def test_targets_of_any_sum_have_their_own_gradient(text):
    rng = np.random.default_rng(9)
    y, f = rng.uniform(0, 1, (5, 4)), rng.normal(size=(5, 4))
    numeric = gradient(lambda f: np.sum(value(text, y, f)), f)
    assert relative_error(slope(text, y, f), numeric) < 1e-8


finite = st.floats(-1e3, 1e3, width=32)


@settings(max_examples=200, deadline=None)
@given(
    text=st.sampled_from([t for t in WITH_PARAMETERS if "categorical" not in t]),
    numbers=st.tuples(finite, finite),
    yes=st.booleans(),
)
def test_no_loss_is_negative_and_none_rises_along_minus_its_gradient(text, numbers, yes):
    record = catalog.loss(text)
    y = np.array([[float(yes) if record.task == "binary" else numbers[0]]])
    y = np.clip(y, *record.bounds)
    f = np.array([[min(numbers[1], 300.0)]])
    before, direction = value(text, y, f), slope(text, y, f)
    assert before >= 0
    step = 1e-3 / max(1.0, float(np.exp(f[0, 0])) if text == "poisson" else 2.0)
    after = value(text, y, f - step * direction)
    kink = abs(step * direction[0, 0])  # a step may overshoot a kink by its own length
    assert after <= before + kink + 1e-9 * before
