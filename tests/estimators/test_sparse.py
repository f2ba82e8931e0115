"""Models that learn from sparse data, with each engine."""

import numpy as np
import pytest
import scipy.sparse

pytest.importorskip("numba")

from glassnet import MLP, MLPClassifier, MLPRegressor, fit_many

rng = np.random.default_rng(0)
DENSE = rng.normal(size=(240, 30)) * (rng.random((240, 30)) < 0.15)
Y = DENSE @ rng.normal(size=30)
LABELS = np.digitize(Y, [-0.3, 0.3])
FORMS = [
    getattr(scipy.sparse, f"{name}_{kind}")
    for name in ("csr", "csc", "coo")
    for kind in ("array", "matrix")
]
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def alike(found, expected, dtype=np.float64, factor=1e4):
    tolerance = factor * np.finfo(dtype).eps
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_a_network(form, dtype):
    X, y = form(DENSE.astype(dtype)), Y.astype(dtype)

    def fitted(engine, X=X, **settings):
        net = MLP([30, 12, 1], "tanh", seed=0, engine=engine, **settings)
        return net.fit(X, y, epochs=20, batch_size=32, X_val=X, y_val=y)

    one = fitted("numba")
    assert (one.engine_, one.engine_reason_) == ("numba", "")
    assert one.theta.dtype == dtype
    for other in (fitted("numpy"), fitted("numba", DENSE.astype(dtype))):
        alike(one.theta, other.theta, dtype)
        alike(one.history.loss, other.history.loss, dtype)
        alike(one.predict(X), other.predict(X), dtype)
    np.testing.assert_array_equal(fitted("numba", n_threads=2).theta, one.theta)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"solver": "sgd", "early_stopping": True, "batch_size": 16},
        {"solver": "adamw", "dropout": 0.2, "norm": "layer", "schedule": "cosine"},
        {"solver": "lbfgs", "alpha": 0.1, "max_iter": 12},
    ],
    ids=str,
)
@pytest.mark.parametrize("form", FORMS[:4], ids=lambda form: form.__name__)
@pytest.mark.parametrize(("kind", "y"), [(MLPClassifier, LABELS), (MLPRegressor, Y)])
def test_an_estimator(kind, y, form, settings):
    settings = {"hidden_layer_sizes": (9, 5), "random_state": 0, "max_iter": 25} | settings
    slow, fast = (
        kind(engine=name, **settings).fit(form(DENSE), y) for name in ("numpy", "numba")
    )
    assert (fast.engine_, fast.engine_reason_) == ("numba", "")
    assert fast.n_iter_ == slow.n_iter_
    alike(fast.loss_curve_, slow.loss_curve_, factor=1e7)
    alike(fast.predict(form(DENSE)), slow.predict(form(DENSE)), factor=1e9)


def test_sample_weights_and_partial_fit():
    X, weight = scipy.sparse.csr_array(DENSE), np.linspace(0, 2, 240)
    models = [
        MLPRegressor(hidden_layer_sizes=9, engine=e, random_state=0) for e in ("numpy", "numba")
    ]
    for model in models:
        model.fit(X, Y, weight)
        model.partial_fit(X, Y)
    alike(models[1].loss_curve_, models[0].loss_curve_)


def test_without_being_asked_the_compiled_engine_trains_where_it_is_worth_it():
    X = scipy.sparse.csr_array(DENSE)
    assert MLP([30, 12, 1], seed=0).fit(X, Y, epochs=3).engine_ == "numpy"
    net = MLP([30, 12, 1], seed=0).fit(X, Y, epochs=1000)
    assert (net.engine_, net.engine_reason_) == ("numba", "")
    model = MLPClassifier((9,), batch_size=1, max_iter=20, random_state=0)
    assert model.fit(X, LABELS).engine_ == "numba"


def test_many_at_once_are_each_alone():
    X = scipy.sparse.csr_array(DENSE)
    nets = [MLP([30, 8, 1], seed=seed, engine="numba") for seed in range(5)]
    alone = [
        MLP([30, 8, 1], seed=seed, engine="numba").fit(X, Y, epochs=10) for seed in range(5)
    ]
    for one, net in zip(alone, fit_many(nets, X, Y, epochs=10, n_threads=2), strict=True):
        assert net.engine_ == "numba"
        np.testing.assert_array_equal(net.theta, one.theta)


def test_a_matrix_that_points_nowhere_is_refused_and_changes_nothing():
    X = scipy.sparse.csr_array(DENSE)
    X.indices[9] = 30
    net = MLP([30, 8, 1], seed=0, engine="numba")
    before = net.theta.copy()
    with pytest.raises(ValueError, match=r"X\.indices must lie from 0 to 29"):
        net.fit(X, Y, epochs=10)
    np.testing.assert_array_equal(net.theta, before)
