"""Which engine "auto" takes, and the reason it gives."""

import copy
import importlib
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse

pytest.importorskip("numba")

from glassnet import MLP, MLPClassifier, catalog, optimizers
from glassnet.engines import numba_engine, numpy_engine
from glassnet.engines.choice import choose
from glassnet.engines.cost import epoch_seconds
from glassnet.engines.data import Data
from glassnet.network import build_plan

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(200, 2)), RNG.normal(size=200)
DATA = Data(X, Y[:, None])
PLAN = build_plan([2, 10, 5, 1])
ENOUGH = 100_000  # epochs


def chosen(asked="auto", plan=PLAN, rule=None, data=DATA, epochs=ENOUGH, before=None):
    rule = optimizers.Adam() if rule is None else rule
    return choose(asked, plan, rule, data, epochs, 200, before)


def test_the_estimate_is_the_sum_of_its_parts():
    """By hand: 5 layers; 16 units and 75 weights for each of 200 rows; 200, 2 or 3 steps."""
    row = 16 * 20e-9 + 6 * 75 / 5e9
    for size, steps in ((1, 200), (100, 2), (99, 3)):
        expected = steps * (60e-6 + 5 * 15e-6) + 200 * row
        assert epoch_seconds(PLAN, 200, size) == pytest.approx(expected, rel=1e-12)


def test_of_sparse_data_the_entries_count():
    """By hand: 100 entries by 10 units; 20 weights each step, 55 behind them each row."""
    rows = scipy.sparse.csr_array(np.repeat([[0.0, 0.0], [1.0, 0.0]], 100, axis=0))
    row = 16 * 20e-9 + 6 * 55 / 5e9
    step = 60e-6 + 5 * 15e-6 + 100e-6 + 20 * 8e-9
    expected = 2 * step + 200 * row + 0.8e-9 * 100 * 10
    assert epoch_seconds(PLAN, 200, 100, 100) == pytest.approx(expected, rel=1e-12)
    bar = 0.15 / epoch_seconds(PLAN, 200, 200, 100)
    data = Data(rows, Y[:, None])
    names = [chosen(data=data, epochs=int(bar) + more).name for more in (0, 1)]
    assert names == ["numpy", "numba"]


def test_work_decides():
    bar = 0.15 / epoch_seconds(PLAN, 200, 200)
    small, large = chosen(epochs=int(bar)), chosen(epochs=int(bar) + 1)
    assert (small.name, small.module) == ("numpy", numpy_engine)
    assert small.reason == "small: about 0.15 s of work, less than 0.15 s"
    assert (large.name, large.module, large.reason) == ("numba", numba_engine, "")
    assert chosen(epochs=1, before="numba").name == "numba"
    assert chosen(epochs=1, before="numpy").name == "numpy"


def test_what_is_asked_for_is_taken():
    assert chosen("numba", epochs=1).name == "numba"
    assert chosen("numpy")[::2] == ("numpy", "engine='numpy'")


OWN = catalog.Activation("curve_of_my_own", lambda z: np.tanh(z), lambda z, a: 1 - a * a)


class OwnRule(optimizers.SGD):
    pass


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ({"rule": OwnRule(0.1)}, "the optimizer OwnRule.* is not compiled"),
        ({"data": Data(X.astype(int), Y[:, None])}, "data of dtype int64 are not compiled"),
        (
            {"plan": build_plan([2, 3, 1], activation=OWN)},
            "the activation 'curve_of_my_own' is not compiled",
        ),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_has_no_kernels_is_left_to_numpy_and_refused_where_asked(case, reason):
    import re

    found = chosen(**case)
    assert found.name == "numpy"
    assert re.fullmatch(reason, found.reason)
    with pytest.raises(ValueError, match=f"engine='numba' cannot do this: {reason}"):
        chosen("numba", **case)


def test_without_numba_numpy_trains(monkeypatch):
    real = importlib.import_module

    def missing(name, *args):
        if name == "glassnet.engines.numba_engine":
            raise ImportError("No module named 'numba'")
        return real(name, *args)

    monkeypatch.setattr(importlib, "import_module", missing)
    found = chosen()
    assert found[::2] == ("numpy", "Numba cannot be imported: No module named 'numba'")
    with pytest.raises(ImportError, match="engine='numba' needs the package Numba"):
        chosen("numba")


def test_where_numba_is_told_to_compile_nothing_numpy_trains():
    code = """
import numpy as np
from glassnet import MLP, Perceptron
X = np.random.default_rng(0).normal(size=(4000, 5))
y = X[:, 0] > 0
net = MLP([5, 40, 1], loss="binary_cross_entropy", seed=0).fit(X, y, epochs=300, batch_size=50)
print(net.engine_, net.engine_reason_)
print(Perceptron().fit(X, y).engine_)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = done.stdout.splitlines()
    assert first.startswith("numpy Numba cannot be imported: NUMBA_DISABLE_JIT is set")
    assert second == "numpy"


def test_a_network_says_who_trained_it_and_travels():
    net = MLP([2, 4, 1], seed=0, engine="numba", n_threads=1)
    assert not hasattr(net, "engine_")
    net.fit(X, Y, epochs=2)
    assert (net.engine_, net.engine_reason_) == ("numba", "")
    for other in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net)):
        assert (other.engine, other.n_threads, other.engine_) == ("numba", 1, "numba")
        np.testing.assert_array_equal(other.fit(X, Y, epochs=2).theta[:1], other.theta[:1])
    small = MLP([2, 4, 1], seed=0).fit(X, Y, epochs=2)
    assert small.engine_ == "numpy"
    assert small.engine_reason_.startswith("small: ")
    small.fit(X, Y, optimizer="lbfgs", epochs=ENOUGH)
    assert (small.engine_, small.engine_reason_) == ("numba", "")


@pytest.mark.parametrize(
    "wrong", [{"engine": "torch"}, {"engine": None}, {"n_threads": 0}, {"n_threads": 1.5}]
)
def test_wrong_arguments_are_refused_at_once(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be"):
        MLP([2, 1], **wrong)


def test_a_refused_engine_changes_nothing():
    net = MLP([2, 4, 1], seed=0, engine="numba")
    before = net.theta.copy()
    with pytest.raises(ValueError, match=r"the optimizer OwnRule.* is not compiled"):
        net.fit(X.astype(np.float32), Y, optimizer=OwnRule(0.1))
    np.testing.assert_array_equal(net.theta, before)
    assert net.theta.dtype == np.float64


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_partial_fit_counts_one_epoch_and_stays_compiled():
    labels = Y > 0
    model = MLPClassifier((10,), random_state=0, max_iter=ENOUGH)
    model.partial_fit(X, labels, classes=[False, True])
    assert model.engine_ == "numpy"
    assert model.engine_reason_.startswith("small: ")
    model.set_params(engine="numba", n_threads=1).partial_fit(X, labels)
    assert model.engine_ == "numba"
    model.set_params(engine="auto").partial_fit(X, labels)
    assert (model.engine_, model.engine_reason_) == ("numba", "")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("rows", "engine"), [(20, "numpy"), (200, "numba")])
def test_an_estimator_counts_its_epochs(rows, engine):
    model = MLPClassifier((10,), batch_size=1, random_state=0, max_iter=20)
    assert model.fit(X[:rows], Y[:rows] > 0).engine_ == engine
