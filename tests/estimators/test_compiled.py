"""`engine="numba"`: the estimators' fit by compiled code, held to the NumPy engine's."""

import pickle
import signal

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning

from glassnet import MLPClassifier, MLPRegressor, catalog, optimizers
from glassnet.training import blocks

X, y = make_classification(120, 6, n_informative=4, n_classes=3, random_state=0)


def both(kind, X, y, **settings):
    """Fit with each engine; return both."""
    settings = {"hidden_layer_sizes": (8, 5), "random_state": 0, "max_iter": 30, **settings}
    return [kind(engine=engine, **settings).fit(X, y) for engine in ("numpy", "numba")]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"solver": "sgd", "learning_rate": "invscaling", "batch_size": 32},
        {"solver": "adamw", "dropout": 0.2, "norm": "batch", "schedule": "cosine"},
        {"early_stopping": True, "batch_size": 16, "activation": "tanh"},
        {"class_weight": "balanced", "label_smoothing": 0.1, "clip_norm": 0.5},
    ],
    ids=str,
)
def test_both_engines_learn_the_same(settings, dtype):
    slow, fast = both(MLPClassifier, X.astype(dtype), y, **settings)
    assert (slow.engine_, fast.engine_) == ("numpy", "numba")
    assert (slow.n_iter_, slow.t_) == (fast.n_iter_, fast.t_)
    tolerance = 1e4 * np.finfo(dtype).eps
    np.testing.assert_allclose(fast.loss_curve_, slow.loss_curve_, rtol=tolerance)
    if settings.get("norm") != "batch":  # before it, Adam makes steps of a bias's rounding
        for a, b in zip(slow.coefs_, fast.coefs_, strict=True):
            np.testing.assert_allclose(b, a, rtol=tolerance, atol=tolerance)
    assert slow.validation_scores_ == fast.validation_scores_


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_regression_with_weights():
    target, weight = X @ np.arange(6.0), np.linspace(0, 2, len(X))
    models = [
        MLPRegressor(hidden_layer_sizes=(7,), engine=engine, random_state=0).fit(
            X, target, weight
        )
        for engine in ("numpy", "numba")
    ]
    np.testing.assert_allclose(models[1].loss_curve_, models[0].loss_curve_, rtol=1e-11)
    np.testing.assert_allclose(models[1].predict(X), models[0].predict(X), rtol=1e-9)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_partial_fit_and_warm_starts_go_on_with_it():
    slow, fast = both(MLPClassifier, X, y, max_iter=3, warm_start=True)
    for model in (slow, fast):
        model.fit(X, y)
        model.partial_fit(X, y)
    np.testing.assert_allclose(fast.loss_curve_, slow.loss_curve_, rtol=1e-11)
    assert len(fast.loss_curve_) == 7


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_it_travels():
    _, fast = both(MLPClassifier, X, y, max_iter=3)
    assert clone(fast).engine == "numba"
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fast)).predict(X), fast.predict(X))


def test_what_has_no_kernels_is_refused_and_nothing_is_lost():
    own = catalog.Activation("own_curve", lambda z: np.tanh(z), lambda z, a: 1 - a * a)
    model = MLPClassifier((4,), engine="numba", activation=own)
    with pytest.raises(ValueError, match=r"engine='numba' cannot do this: .* compiled"):
        model.fit(X, y)
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_without_being_asked_numpy_trains(kind):
    with pytest.warns(ConvergenceWarning):
        assert kind(hidden_layer_sizes=(4,), max_iter=1).fit(X, y).engine_ == "numpy"


class Pressed(optimizers.SGD):
    """Presses Ctrl-C in one of its steps."""

    def step(self, theta, gradient, slots, t, **kwargs):
        super().step(theta, gradient, slots, t, **kwargs)
        if t == 37:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_ctrl_c_breaks_off_a_long_epoch_and_leaves_whole_ones(monkeypatch):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(blocks, "epochs_in_a_moment", lambda *shapes: 0.5)
    settings = {"hidden_layer_sizes": (4,), "batch_size": 24, "random_state": 0}
    try:
        with pytest.warns(UserWarning, match="interrupted by user"):
            broken = MLPClassifier(solver=Pressed(0.1), **settings).fit(X, y)
    finally:
        signal.signal(signal.SIGINT, before)
    whole = MLPClassifier(solver=optimizers.SGD(0.1), max_iter=7, **settings).fit(X, y)
    assert broken.loss_curve_ == whole.loss_curve_
    for a, b in zip(broken.coefs_, whole.coefs_, strict=True):
        np.testing.assert_array_equal(a, b)
