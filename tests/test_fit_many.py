"""Many fits at once: each equals `fit` alone, bit for bit, and no failure costs the others."""

import signal
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from glassnet import MLP, DivergenceWarning, MLPClassifier, MLPRegressor, fit_many, optimizers
from glassnet.engines import cores
from glassnet.many.fits import _chains

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 3)), RNG.normal(size=60)
LABELS = (X[:, 0] * X[:, 1] > 0).astype(int)
SHORT = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(params=["numpy", "numba"])
def engine(request):
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


@pytest.fixture
def ctrl_c():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def four_cores(monkeypatch):
    monkeypatch.setattr(cores, "_cores", lambda: 4)
    for name in ("GLASSNET_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)


def same(a, b):
    for name in (
        "loss",
        "validation_loss",
        "learning_rate",
        "metrics",
        "stopped",
        "best_epoch",
    ):
        assert getattr(a.history, name) == getattr(b.history, name), name
    np.testing.assert_array_equal(a.theta, b.theta)
    assert a.theta.dtype == b.theta.dtype
    np.testing.assert_array_equal(a.state.buffers, b.state.buffers)
    np.testing.assert_array_equal(a.rng.random(3), b.rng.random(3))


CASES = {
    "full batch": {"optimizer": optimizers.SGD(0.1)},
    "batches": {"batch_size": 7},
    "dropout": {"batch_size": 16, "dropout": 0.3},
    "batch norm": {"batch_size": 16, "norm": "batch"},
    "penalty": {"alpha": 0.1, "schedule": "cosine"},
    "weights": {"batch_size": 9, "sample_weight": RNG.uniform(0, 2, 60)},
    "validation": {"X_val": X[:9], "y_val": Y[:9], "early_stopping": 2, "metrics": ["r2"]},
    "patience": {"early_stopping": 1, "optimizer": optimizers.SGD(0.5)},
    "callback": {"callbacks": lambda epoch: epoch.number == 4},
    "lbfgs": {"optimizer": "lbfgs"},
}


def network(seed, engine, dropout=0.0, norm=None, alpha=0.0):
    settings = {"dropout": dropout, "norm": norm, "alpha": alpha, "engine": engine}
    return MLP([3, 6, 1], activation="tanh", seed=seed, **settings)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("case", CASES)
def test_each_equals_fit_alone(four_cores, engine, case, threads):
    told = {"epochs": 12, **CASES[case]}
    shape = {name: told.pop(name) for name in ("dropout", "norm", "alpha") if name in told}
    for precision in (np.float64, np.float32):
        features = X.astype(precision)
        nets = [network(seed, engine, **shape) for seed in range(5)]
        assert fit_many(nets, features, Y, n_threads=threads, **told) == nets
        for seed, net in enumerate(nets):
            same(net, network(seed, engine, **shape).fit(features, Y, **told))


def test_folds_rates_and_shapes(engine):
    folds = [np.arange(60) % 3 != k for k in range(3)]
    each = [
        {"X": X[rows], "y": Y[rows], "optimizer": optimizers.Adam(0.01 * (k + 1))}
        for k, rows in enumerate(folds)
    ]

    def made():
        return [MLP([3, 4 + k, 1], seed=k, engine=engine) for k in range(3)]

    nets = fit_many(made(), X, Y, each=each, epochs=8, batch_size=10)
    for net, alone, own in zip(nets, made(), each, strict=True):
        same(net, alone.fit(**own, epochs=8, batch_size=10))


@pytest.mark.parametrize(("epochs", "engine"), [(3, "numpy"), (4000, "numba")])
def test_auto_chooses_as_for_a_fit_alone(epochs, engine):
    pytest.importorskip("numba")
    nets = fit_many([MLP([3, 4, 1], seed=k) for k in range(2)], X.tolist(), Y, epochs=epochs)
    assert [net.engine_ for net in nets] == [engine] * 2
    same(nets[1], MLP([3, 4, 1], seed=1).fit(X, Y, epochs=epochs))


def test_auto_looks_at_the_work_of_all_fits_together():
    pytest.importorskip("numba")
    few = [MLP([3, 4, 1], seed=k) for k in range(3)]
    many = [MLP([3, 4, 1], seed=k) for k in range(60)]
    for nets, engine in ((few, "numpy"), (many, "numba")):
        fit_many(nets, X, Y, epochs=60)
        assert [net.engine_ for net in nets] == [engine] * len(nets)
        same(nets[2], MLP([3, 4, 1], seed=2, engine=engine).fit(X, Y, epochs=60))
    assert "in 3 fits" in few[0].engine_reason_


@SHORT
@pytest.mark.parametrize("early_stopping", [False, True])
def test_estimators(engine, early_stopping):
    settings = {"max_iter": 9, "engine": engine, "early_stopping": early_stopping}
    kinds = [(MLPClassifier, LABELS), (MLPRegressor, Y)]
    for kind, y in kinds:
        models = [
            kind(hidden_layer_sizes=k + 3, random_state=k, alpha=0.1 * k, **settings)
            for k in range(4)
        ]
        weight = RNG.uniform(0, 2, 60)
        fit_many(models, X, y, sample_weight=weight)
        for model in models:
            alone = clone(model).fit(X, y, weight)
            assert model.loss_curve_ == alone.loss_curve_
            assert model.validation_scores_ == alone.validation_scores_
            np.testing.assert_array_equal(model.network_.theta, alone.network_.theta)


def test_models_that_share_a_generator_take_turns():
    def made():
        rng = np.random.default_rng(5)
        return [MLP([3, 4, 1], seed=rng) for _ in range(4)]

    shared = fit_many(made(), X, Y, epochs=5, batch_size=10, n_threads=2)
    alone = made()
    for net, one in zip(shared, alone, strict=True):
        one.fit(X, Y, epochs=5, batch_size=10)
        np.testing.assert_array_equal(net.theta, one.theta)


def test_who_shares_a_source_is_in_one_chain():
    one, two = np.random.default_rng(1), np.random.RandomState(2)
    nets = [MLP([3, 1], seed=seed) for seed in (one, 0, one, 1)]
    estimators = [MLPClassifier(random_state=two), MLPRegressor(random_state=two)]
    assert _chains([*nets, *estimators]) == [[0, 2], [1], [3], [4, 5]]


# --- failures -----------------------------------------------------------------------------


def test_one_failure_leaves_the_others():
    nets = [MLP([n, 4, 1], seed=0) for n in (3, 2, 3)]
    words = "1 of 3 fits failed.*model 1 of 3: ValueError: X must have 2 columns"
    with pytest.warns(RuntimeWarning, match=words):
        found = fit_many(nets, X, Y, epochs=3)
    assert found == [nets[0], None, nets[2]]
    assert [len(net.history) for net in nets] == [3, 0, 3]


def test_divergence_is_said_of_the_model_that_diverged():
    each = [{"optimizer": optimizers.SGD(rate)} for rate in (0.01, 1e9, 0.02)]
    nets = [MLP([3, 4, 1], seed=0) for _ in each]
    with pytest.warns(DivergenceWarning, match=r"diverged.* \[model 1 of 3\]"):
        assert fit_many(nets, X, Y, each=each, epochs=30) == nets
    assert [net.history.stopped for net in nets] == ["finished", "diverged", "finished"]


def test_an_estimator_that_diverges_is_none():
    rates = [0.01, 1e300]
    models = [
        MLPRegressor(
            hidden_layer_sizes=4,
            solver="sgd",
            learning_rate_init=rate,
            max_iter=60,
            tol=1,
            random_state=0,
        )
        for rate in rates
    ]
    with pytest.warns(RuntimeWarning, match="model 1 of 2: ValueError: Solver produced"):
        found = fit_many(models, X, Y)
    assert found == [models[0], None]
    assert not hasattr(models[1], "loss_")


def test_all_failing_raises_the_first_error():
    with pytest.raises(ValueError, match="unknown optimizer") as caught:
        fit_many([MLP([3, 1]), MLP([3, 1])], X, Y, optimizer="nonsense")
    assert "all 2 fits failed" in caught.value.__notes__[0]


def test_the_same_warning_is_said_once():
    models = [MLPRegressor(hidden_layer_sizes=3, max_iter=2, random_state=k) for k in range(3)]
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        fit_many(models, X, Y)
    assert [one.category for one in found] == [ConvergenceWarning]
    assert str(found[0].message).endswith("[all 3 models]")
    assert found[0].filename == __file__


def test_a_single_model_needs_no_number():
    with pytest.warns(ConvergenceWarning, match=r"converged yet\.$"):
        fit_many([MLPRegressor(hidden_layer_sizes=3, max_iter=2, random_state=0)], X, Y)
    with pytest.raises(ValueError, match="unknown optimizer") as caught:
        fit_many([MLP([3, 1])], X, Y, optimizer="nonsense")
    assert not getattr(caught.value, "__notes__", [])


@pytest.mark.parametrize(
    ("models", "told", "error", "words"),
    [
        ([MLP], {}, TypeError, r"models\[0\] is <class"),
        ([MLP([3, 1]), 3], {}, TypeError, r"models\[1\] is 3"),
        ([MLP([3, 1])] * 2, {}, ValueError, "stands there twice"),
        (3, {}, TypeError, "models must be a sequence"),
        ([MLP([3, 1])], {"each": [{}, {}]}, ValueError, "a dict per model, 1; got 2"),
        ([MLP([3, 1])], {"each": [1]}, TypeError, r"each\[0\] is 1"),
        ([MLP([3, 1])], {"n_threads": 0}, ValueError, "n_threads"),
        (MLPRegressor(), {"each": [{}]}, TypeError, "each belongs to a sequence"),
    ],
)
def test_bad_arguments(models, told, error, words):
    with pytest.raises(error, match=words):
        fit_many(models, X, Y, **told)


def test_no_models():
    assert fit_many([], X, Y) == []


def test_lines_count_fits(capsys):
    fit_many([MLP([3, 1], seed=k) for k in range(3)], X, Y, epochs=2, verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["Fit 1", "Fit 3"]


def test_a_class_is_no_model():
    with pytest.raises(TypeError, match=r"got the class MLPClassifier: write MLPClassifier\("):
        fit_many(MLPClassifier, X, LABELS)
