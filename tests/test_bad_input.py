"""Bad data end in an error that says what to do; never in a wrong result."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glassnet import MLP, DivergenceWarning, optimizers

X = np.random.default_rng(0).normal(size=(6, 2))
Y = np.arange(6) % 2


def net(**kwargs):
    return MLP([2, 3, kwargs.pop("outputs", 1)], seed=0, **kwargs)


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        (
            np.where(np.eye(6, 2) > 0, np.nan, X),
            ValueError,
            r"X must be finite.*nan at index \(0, 0\)",
        ),
        (
            np.where(np.eye(6, 2) > 0, np.inf, X),
            ValueError,
            r"X must be finite.*inf at index \(0, 0\)",
        ),
        (X[:, :1], ValueError, "X must have 2 columns.*got 1"),
        (X[0], ValueError, r"X must have shape \(n_samples, 2\).*reshape\(1, -1\)"),
        (X[None], ValueError, "got 3 dimension"),
        (X[:0], ValueError, "at least one sample"),
        (np.float64(3), ValueError, "got 0 dimension"),
        ([["a", "b"]] * 6, TypeError, "X must hold real numbers.*'a' at index"),
        (X + 1j, TypeError, "real numbers"),
        ([[1, 2], [3]], TypeError, "X must be an array; its rows differ in length"),
        (None, (TypeError, ValueError), "X must"),
    ],
)
def test_features(bad, error, words):
    model = net()
    theta = model.theta.copy()
    for call in (model.forward, model.predict, lambda bad: model.fit(bad, Y)):
        with pytest.raises(error, match=words):
            call(bad)
    np.testing.assert_array_equal(model.theta, theta)
    assert len(model.history) == 0


@pytest.mark.parametrize(
    ("bad", "kwargs", "words"),
    [
        (Y[:5], {}, "one target per sample, 6; got shape"),
        (np.float64(1), {}, "one target per sample"),
        (np.where(Y, np.nan, 0), {}, "y must be finite"),
        (np.c_[Y, Y], {}, r"y must have shape \(6, 1\).*got \(6, 2\)"),
        (Y.reshape(1, 6), {}, "one target per sample"),
        (Y, {"outputs": 3}, r"y must have shape \(6, 3\).*got \(6,\)"),
        (Y * 2, {"loss": "binary_cross_entropy"}, r"\[0, 1\].*from 0 to 2"),
        (Y - 1, {"loss": "hinge"}, r"\[0, 1\].*from -1 to 0"),
        (Y / 2, {"loss": "hinge"}, r"0 \(no\) and 1 \(yes\) for loss 'hinge'; got 0, 0.5"),
        (-Y, {"loss": "poisson"}, r"\[0, inf\].*from -1 to 0"),
        (
            Y + 2,
            {"loss": "categorical_cross_entropy", "outputs": 3},
            "class numbers 0 to 2.*got 2, 3",
        ),
        (Y + 0.5, {"loss": "categorical_cross_entropy", "outputs": 3}, "class numbers 0 to 2"),
        (Y - 1, {"loss": "categorical_cross_entropy", "outputs": 3}, "class numbers 0 to 2"),
        (np.ones((6, 3)), {"loss": "categorical_cross_entropy", "outputs": 3}, "sum to 1"),
        (np.array(list("ababab")), {}, "y must hold real numbers.*'a' at index"),
    ],
)
def test_targets(bad, kwargs, words):
    model = net(**kwargs)
    with pytest.raises((ValueError, TypeError), match=words):
        model.fit(X, bad)
    with pytest.raises((ValueError, TypeError), match=words):
        model.loss_and_gradients(X, bad)


@pytest.mark.parametrize(
    ("y", "kwargs", "words"),
    [
        (
            np.arange(6) % 3,
            {"loss": "binary_cross_entropy"},
            "For 3 classes: loss='categorical_cross_entropy' and 3 outputs",
        ),
        (np.arange(6) % 3, {"outputs": 3}, "For 3 classes: .* and 3 outputs"),
        (2 * Y - 1, {"loss": "hinge"}, r"For the labels -1 and 1: give \(y > 0\)"),
        (np.array(list("ababab")), {}, "number the classes from 0.*or use MLPClassifier"),
        (list("ababab"), {"loss": "binary_cross_entropy"}, "or use MLPClassifier"),
        (np.array(list("ababab"), object), {}, "or use MLPClassifier"),
    ],
)
def test_an_error_says_what_labels_should_be(y, kwargs, words):
    with pytest.raises((ValueError, TypeError), match=words):
        net(**kwargs).fit(X, y)


@pytest.mark.parametrize("y", [Y + 0.5, Y - 5.0, Y * 1e6, -Y])
def test_no_advice_on_classes_where_there_are_none(y):
    with pytest.raises(ValueError, match="must lie in") as found:
        net(loss="binary_cross_entropy").fit(X, y)
    assert "classes" not in str(found.value)


def test_a_column_never_meets_a_row():
    """(n,) minus (n, 1) is (n, n) in NumPy: the gradient must be the same for both."""
    a, b = net().loss_and_gradients(X, Y), net().loss_and_gradients(X, Y.reshape(-1, 1))
    assert a[0] == b[0]
    np.testing.assert_array_equal(a[1], b[1])
    assert a[0] == pytest.approx(0.5 * np.mean((net().forward(X)[:, 0] - Y) ** 2))


def test_dates_masks_and_labels_in_columns_are_refused():
    dates = np.full((6, 2), np.datetime64("2026-01-01"))
    frame = [[1.0, "a"], [2.0, "b"]] * 3
    with pytest.raises(TypeError, match=r"X must hold real numbers; got dtype datetime64"):
        net().fit(dates, Y)
    with pytest.raises(TypeError, match=r"'a' at index \(0, 1\)"):
        net().fit(np.array(frame, dtype=object), Y)
    with pytest.raises(TypeError, match="X must hold numbers"):
        net().fit(np.array([[1, 10**400]] * 6, dtype=object), Y)
    masked = np.ma.masked_array(X, mask=np.eye(6, 2) > 0)
    with pytest.raises(ValueError, match="X must have no masked entries"):
        net().fit(masked, Y)
    net().fit(np.ma.masked_array(X, mask=False), Y, epochs=1)


def test_what_does_not_fit_float32_is_refused():
    model = net().fit(X.astype(np.float32), Y, epochs=1)
    with pytest.raises(ValueError, match="X must be finite in float32"):
        model.predict(X * 1e39)
    with pytest.raises(ValueError, match="y must be finite in float32"):
        model.fit(X.astype(np.float32), np.full(6, 1e39))
    with pytest.raises(ValueError, match="finite in float32"):
        model.fit(X.astype(np.float32), Y, sample_weight=np.full(6, 1e-50))


def test_outputs_that_are_not_finite_decide_nothing():
    model = net(loss="binary_cross_entropy", activation="identity")
    model.theta[:] = np.nan
    with pytest.raises(ValueError, match="outputs are not finite"):
        model.predict(X)
    numbers = net(activation="identity")
    numbers.theta[:] = 1e200
    with pytest.warns(RuntimeWarning, match="outputs are not finite"):
        assert not np.isfinite(numbers.predict(X * 1e200)).any()


def test_many_classes_take_no_more_memory_than_their_labels():
    model = MLP([2, 1, 40_000], loss="categorical_cross_entropy", seed=0)
    model.fit(X, np.arange(6) * 6000, epochs=1)
    assert np.isfinite(model.history.loss[0])


numbers = st.floats(allow_nan=True, allow_infinity=True, width=64)


@settings(max_examples=150, deadline=None)
@given(
    X=hnp.arrays(
        np.float64, hnp.array_shapes(min_dims=1, max_dims=3, max_side=5), elements=numbers
    ),
    y=hnp.arrays(
        np.float64, hnp.array_shapes(min_dims=0, max_dims=3, max_side=5), elements=numbers
    ),
    loss=st.sampled_from(
        [
            "squared_error",
            "binary_cross_entropy",
            "categorical_cross_entropy",
            "poisson",
            "hinge",
        ]
    ),
    outputs=st.integers(1, 3),
)
def test_anything_is_trained_on_or_refused_by_name(X, y, loss, outputs):
    """Whatever arrives: an error that names X or y, or finite numbers and no broadcast."""
    outputs = max(outputs, 2) if loss == "categorical_cross_entropy" else outputs
    model = MLP([2, 3, outputs], loss=loss, seed=0)
    theta = model.theta.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", DivergenceWarning)
        try:
            model.fit(X, y, epochs=2, optimizer=optimizers.SGD(0.1))
        except (ValueError, TypeError) as error:
            assert str(error).startswith(("X ", "y ", "y:"))  # noqa: PT017
            np.testing.assert_array_equal(model.theta, theta)
        else:
            assert X.ndim == 2
            assert len(X) == len(y) > 0
            assert np.isfinite(X).all()
            assert np.isfinite(y).all()
            assert np.isfinite(model.theta).all()
