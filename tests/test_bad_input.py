"""Bad input ends in an error that says what to do, or a warning; never in a wrong result."""

import copy
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glassnet import MLP, DivergenceWarning, EarlyStopping, optimizers

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


def test_a_column_never_meets_a_row():
    """(n,) minus (n, 1) is (n, n) in NumPy: the gradient must be the same for both."""
    a, b = net().loss_and_gradients(X, Y), net().loss_and_gradients(X, Y.reshape(-1, 1))
    assert a[0] == b[0]
    np.testing.assert_array_equal(a[1], b[1])
    assert a[0] == pytest.approx(0.5 * np.mean((net().forward(X)[:, 0] - Y) ** 2))


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({"epochs": 0}, "epochs must be a whole number >= 1; got 0"),
        ({"epochs": 2.5}, "epochs"),
        ({"batch_size": -1}, "batch_size must be a whole number >= 1; got -1"),
        ({"optimizer": "adamm"}, "unknown optimizer 'adamm'.*adamw"),
        ({"optimizer": 3}, "optimizer"),
        ({"schedule": "cosin"}, "unknown schedule 'cosin'.*cosine"),
        ({"callbacks": [3]}, "callbacks must hold callables; got 3"),
        ({"metrics": ["auc"]}, r"unknown metrics \['auc'\]; known: accuracy, r2"),
        ({"metrics": {"mine": 3}}, "metrics must hold callables; got 3"),
        ({"X_val": X}, "X_val and y_val go together"),
        ({"X_val": X, "y_val": Y[:2]}, "y_val must hold one target per sample"),
        ({"X_val": X[:, :1], "y_val": Y}, "X_val must have 2 columns"),
        ({"early_stopping": 0}, "early_stopping"),
        ({"early_stopping": -3}, "early_stopping"),
        ({"verbose": -1}, "verbose must be"),
        ({"verbose": "yes"}, "verbose must be"),
        ({"sample_weight": np.ones(5)}, r"sample_weight must have shape \(6,\); got \(5,\)"),
        ({"sample_weight": -np.ones(6)}, "sample_weight must be >= 0"),
        ({"sample_weight": np.zeros(6)}, "its sum above 0"),
        ({"sample_weight": np.full(6, 1e308)}, "finite in float64"),
        ({"batch_size": 0}, "batch_size must be a whole number >= 1; got 0"),
        ({"shuffle": "no"}, "shuffle must be True or False; got 'no'"),
        ({"metrics": ["accuracy"]}, "accuracy needs labels"),
        ({"metrics": 3}, "metrics must be a sequence; got 3"),
        ({"callbacks": 5}, "callbacks must be a sequence; got 5"),
        ({"sample_weight": np.full(6, np.nan)}, "sample_weight must be finite"),
    ],
)
def test_fit_arguments(kwargs, words):
    model = net()
    before = copy.deepcopy(model)
    with pytest.raises((ValueError, TypeError), match=words):
        model.fit(X, Y, **kwargs)
    np.testing.assert_array_equal(model.theta, before.theta)
    assert model.history == before.history


@pytest.mark.parametrize(
    ("args", "kwargs", "words"),
    [
        ([[2]], {}, "layer_sizes"),
        ([[2, 0, 1]], {}, "layer_sizes"),
        ([[2, 2.5, 1]], {}, "layer_sizes"),
        ([[2, True, 1]], {}, "layer_sizes"),
        ([[2, 3, 1]], {"activation": "reluu"}, "unknown activation 'reluu'; known: .*relu"),
        ([[2, 3, 1]], {"activation": ("relu", "relu")}, "one for each of the 1 hidden layers"),
        ([[2, 3, 1]], {"activation": "softmax"}, "for outputs"),
        ([[2, 3, 1]], {"activation": "leaky_relu(beta=1)"}, "its parameters: alpha"),
        ([[2, 3, 1]], {"activation": "leaky_relu(x)"}, "alpha must be a number; got 'x'"),
        ([[2, 3, 1]], {"loss": "mean"}, "unknown loss 'mean'; known: .*squared_error"),
        ([[2, 3, 1]], {"loss": "binary_cross_entropy", "output": "tanh"}, "leave output=None"),
        ([[2, 3, 1]], {"loss": "categorical_cross_entropy"}, "an output per class, at least 2"),
        ([[2, 3, 1]], {"initializer": "he"}, "unknown initializer 'he'; known: .*he_uniform"),
        ([[2, 3, 1]], {"dropout": 1.0}, r"dropout must lie in \[0, 1\); got 1.0"),
        ([[2, 3, 1]], {"dropout": -0.1}, "dropout"),
        ([[2, 3, 1]], {"norm": "group"}, "norm must be None, 'batch' or 'layer'; got 'group'"),
        ([[2, 3, 1]], {"alpha": -1}, "alpha must be"),
        ([[2, 3, 1]], {"alpha": float("nan")}, "alpha must be"),
        ([[2, 3, 1]], {"seed": "x"}, "seed must be"),
        ([[2, 3, 1]], {"seed": -1}, "seed must be"),
    ],
)
def test_constructor_arguments(args, kwargs, words):
    with pytest.raises(ValueError, match=words):
        MLP(*args, **kwargs)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"patience": 0},
        {"min_delta": -1},
        {"patience": True},
        {"patience": 2.5},
        {"patience": "5"},
    ],
)
def test_early_stopping_arguments(kwargs):
    with pytest.raises(ValueError, match=next(iter(kwargs))):
        EarlyStopping(**kwargs)


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


@pytest.mark.parametrize("threshold", [np.full(6, 0.5), float("nan"), 1j, "0.5", True])
def test_a_threshold_is_one_number(threshold):
    with pytest.raises(ValueError, match="threshold must be a finite number"):
        net().predict(X, threshold=threshold)
    with pytest.raises(ValueError, match="threshold must be None"):
        net(loss="categorical_cross_entropy", outputs=3).predict(X, threshold=0.5)


def test_outputs_that_are_not_finite_decide_nothing():
    model = net(loss="binary_cross_entropy", activation="identity")
    model.theta[:] = np.nan
    with pytest.raises(ValueError, match="outputs are not finite"):
        model.predict(X)
    numbers = net(activation="identity")
    numbers.theta[:] = 1e200
    with pytest.warns(RuntimeWarning, match="outputs are not finite"):
        assert not np.isfinite(numbers.predict(X * 1e200)).any()


@pytest.mark.parametrize("bad", [[np.nan] * 13, ["a"] * 13, [1j] * 13, None])
def test_theta_takes_finite_numbers_only(bad):
    model = net()
    with pytest.raises((ValueError, TypeError), match="theta must"):
        model.theta = bad


def test_whole_weights_cannot_be_assigned_by_mistake():
    with pytest.raises(TypeError, match="assignment"):
        net().weights[0] = np.zeros((2, 3))


def test_hinge_needs_outputs_of_both_signs():
    with pytest.raises(
        ValueError, match=r"both sides of 0.*identity or tanh; got output 'exp'"
    ):
        net(loss="hinge", output="exp")


def test_batch_normalization_never_sees_one_sample():
    with pytest.raises(ValueError, match="batch_size must be at least 2 with norm='batch'"):
        net(norm="batch").fit(X, Y, batch_size=1)
    with pytest.raises(ValueError, match="for 1 sample"):
        net(norm="batch").fit(X[:1], Y[:1])
    model = net(norm="batch").fit(np.vstack([X, X[:1]]), np.r_[Y, 0], batch_size=3, epochs=1)
    assert model.state.step == 2  # 3 and 4 rows, not 3, 3 and 1


def test_a_metric_cannot_change_the_targets():
    def meddle(y, prediction):
        y[:] = 0
        return 0.0

    a, b = net().fit(X, Y, epochs=5), net().fit(X, Y, epochs=5, metrics={"meddle": meddle})
    np.testing.assert_array_equal(a.theta, b.theta)


def test_a_refused_fit_leaves_the_precision():
    model = net()
    with pytest.raises(ValueError, match="verbose"):
        model.fit(X.astype(np.float32), Y, verbose=-1)
    assert model.theta.dtype == np.float64


def test_many_classes_take_no_more_memory_than_their_labels():
    model = MLP([2, 1, 40_000], loss="categorical_cross_entropy", seed=0)
    model.fit(X, np.arange(6) * 6000, epochs=1)
    assert np.isfinite(model.history.loss[0])


# --- training that cannot mean what it seems to ---


def test_one_class_warns():
    with pytest.warns(UserWarning, match="one class only"):
        net(loss="binary_cross_entropy").fit(X, np.ones(6), epochs=1)


def test_constant_and_tiny_features_warn():
    for bad in (np.full((6, 2), 3.0), X * 1e-12):
        with pytest.warns(UserWarning, match="no column of X varies"):
            net().fit(bad, Y, epochs=1)
    net().fit(np.c_[X[:, :1], np.ones(6)], Y, epochs=1)  # one constant column is harmless


def test_huge_features_warn():
    with pytest.warns(UserWarning, match="X reaches .*scale the columns"):
        net().fit(X * 1e8, Y, epochs=1, optimizer=optimizers.SGD(1e-30))


def test_divergence_warns_and_keeps_the_best_state():
    model = net(activation="identity")
    first, _ = model.loss_and_gradients(X, Y)
    with pytest.warns(DivergenceWarning, match=r"diverged: .*learning rate"):
        model.fit(X, Y, optimizer=optimizers.SGD(1e3), epochs=1000)
    assert model.history.stopped == "diverged"
    assert np.all(np.isfinite(model.theta))
    loss, _ = model.loss_and_gradients(X, Y)
    assert loss == min(model.history.loss)
    assert loss <= first


def test_divergence_in_the_first_epoch_keeps_the_initial_state():
    model = net()
    model.theta *= 1e200
    before = model.theta.copy()
    with pytest.warns(DivergenceWarning, match=r"best state \(the initial one\)"):
        model.fit(X, Y)
    np.testing.assert_array_equal(model.theta, before)
    assert len(model.history) == 0


def test_a_loss_that_rose_is_divergence_though_it_is_finite():
    model = net(activation="identity")
    with pytest.warns(DivergenceWarning, match=r"loss rose from .*best state \(epoch \d+\)"):
        model.fit(X, Y, optimizer=optimizers.SGD(30.0), epochs=4)
    assert model.history.stopped == "diverged"
    assert model.loss_and_gradients(X, Y)[0] == min(model.history.loss)


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
