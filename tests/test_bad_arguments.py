"""Bad arguments end in an error that names them and the rule, before anything is changed."""

import copy
import inspect

import numpy as np
import pytest

from glassnet import MLP, EarlyStopping

X = np.random.default_rng(0).normal(size=(6, 2))
Y = np.arange(6) % 2


def net(**kwargs):
    return MLP([2, 3, kwargs.pop("outputs", 1)], seed=0, **kwargs)


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
        ({"sample_weight": np.full(6, 5e-324)}, r"count as 0; got 4\.94066e-324"),
        ({"sample_weight": np.full(6, 1e308)}, "finite in float64"),
        ({"batch_size": 0}, "batch_size must be a whole number >= 1; got 0"),
        ({"shuffle": "no"}, "shuffle must be True or False; got 'no'"),
        ({"metrics": ["accuracy"]}, "accuracy needs labels"),
        ({"metrics": 3}, "metrics must be a sequence; got 3"),
        (
            {"metrics": {"validation_x": max}},
            "must have names that do not begin with 'validation_'.*got 'validation_x'",
        ),
        ({"metrics": {3: max}}, "metrics must have names .*got 3"),
        ({"schedule": 0.5}, "schedule must be a name or settings.*got 0.5"),
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
        ([2, 10, 1], {}, r"layer_sizes must be one list .*as in MLP\(\[2, 10, 1\]\); got 2"),
        ([np.int64(2)], {}, "layer_sizes must be one list"),
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


@pytest.mark.parametrize("threshold", [np.full(6, 0.5), float("nan"), 1j, "0.5", True])
def test_a_threshold_is_one_number(threshold):
    with pytest.raises(ValueError, match="threshold must be a finite number"):
        net().predict(X, threshold=threshold)
    with pytest.raises(ValueError, match="threshold must be None"):
        net(loss="categorical_cross_entropy", outputs=3).predict(X, threshold=0.5)


@pytest.mark.parametrize("bad", [[np.nan] * 13, ["a"] * 13, [1j] * 13, None])
def test_theta_takes_finite_numbers_only(bad):
    model = net()
    with pytest.raises((ValueError, TypeError), match="theta must"):
        model.theta = bad


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


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("engine", "torch", "engine must be one of auto, numpy, numba; got 'torch'"),
        ("engine", None, "engine must be one of"),
        ("n_threads", 0, "n_threads must be a whole number >= 1; got 0"),
        ("n_threads", 1.5, "n_threads must be a whole number >= 1; got 1.5"),
    ],
)
def test_who_computes_is_checked_wherever_it_is_said(name, value, words):
    with pytest.raises(ValueError, match=words):
        net(**{name: value})
    model = net(engine="numpy", n_threads=1)
    with pytest.raises(ValueError, match=words):
        setattr(model, name, value)
    assert (model.engine, model.n_threads) == ("numpy", 1)
    model.engine, model.n_threads = "auto", None
    assert (copy.deepcopy(model).engine, model.n_threads) == ("auto", None)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            "learning_rate",
            r"; it goes to fit, as in fit\(X, y, optimizer=optimizers.SGD\(0.1\)\)",
        ),
        ("n_iterations", r"; it goes to fit, as in fit\(X, y, epochs=100\)"),
        ("batch_size", r"; it goes to fit, as in fit\(X, y, batch_size=\.\.\.\)"),
        ("random_state", r"; did you mean seed\?"),
        ("hidden_layer_sizes", r"; did you mean layer_sizes\?"),
        ("activations", r"; did you mean activation\?"),
        ("dtype", "n_threads$"),
    ],
)
def test_what_the_network_cannot_take_is_shown_its_place(given, words):
    with pytest.raises(
        TypeError, match=f"MLP cannot take '{given}'; its arguments: la.*{words}"
    ):
        net(**{given: 1})
    assert str(inspect.signature(MLP)).startswith("(layer_sizes: ")


def test_a_subclass_may_take_more():
    class Small(MLP):
        def __init__(self, units, **others):
            super().__init__([2, units, 1], **others)

    assert Small(units=4, seed=0).layer_sizes == [2, 4, 1]
    with pytest.raises(TypeError, match="unexpected keyword argument 'sed'"):
        Small(units=4, sed=0)
