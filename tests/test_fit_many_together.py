"""Many fits in one process: Ctrl-C, threads, searches and joblib."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import MLP, MLPClassifier, fit_many
from glassnet.engines import cores
from glassnet.engines.cores import at_work, n_threads

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
LABELS = (X[:, 0] * X[:, 1] > 0).astype(int)
GRID = {"alpha": [0.0, 1.0], "learning_rate_init": [0.001, 0.01]}
SHORT = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
main_only = pytest.mark.skipif(os.name == "nt", reason="signals are sent as on POSIX")


@pytest.fixture
def ctrl_c():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


@pytest.fixture
def four_cores(monkeypatch):
    monkeypatch.setattr(cores, "_cores", lambda: 4)
    for name in ("GLASSNET_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)


def press_soon(seconds=0.5):
    """Press Ctrl-C a little later; return the thread that does so."""
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    return timer


def none_left(before):
    """Return whether no thread but those of before is alive, or soon."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        if set(threading.enumerate()) <= before:
            return True
        time.sleep(0.01)
    return False


def classifier(**settings):
    return MLPClassifier(5, max_iter=5, random_state=0, **settings)


# --- Ctrl-C -------------------------------------------------------------------------------


@main_only
@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_ends_all_and_leaves_no_thread(ctrl_c, engine, threads):
    if engine == "numba":
        pytest.importorskip("numba")
    nets = [MLP([3, 8, 1], seed=k, engine=engine) for k in range(20)]
    fit_many(nets[-1:], X, LABELS, epochs=2)  # whatever is to be compiled
    before = set(threading.enumerate())
    press_soon()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        fit_many(nets, X, LABELS, epochs=10**7, n_threads=threads)
    assert time.monotonic() - start < 5
    assert none_left(before)
    assert nets[0].history.stopped == "interrupted"
    assert len(nets[0].history) > 0
    assert len(nets[10].history) == 0


@main_only
@SHORT
@pytest.mark.filterwarnings("ignore:Training interrupted")
@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_ends_a_search(ctrl_c, threads):
    endless = MLPClassifier(5, max_iter=10**7, tol=0, n_iter_no_change=10**7, random_state=0)
    before = set(threading.enumerate())
    press_soon(1.0)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        fit_many(GridSearchCV(endless, GRID, cv=3), X, LABELS, n_threads=threads)
    assert time.monotonic() - start < 6
    assert none_left(before)


# --- searches -----------------------------------------------------------------------------


@SHORT
@pytest.mark.parametrize("threads", [1, 2])
def test_a_search_gives_what_it_gives_alone(four_cores, threads):
    pytest.importorskip("numba")
    pipeline = make_pipeline(StandardScaler(), classifier(engine="numba"))
    grid = {f"mlpclassifier__{name}": values for name, values in GRID.items()}
    alone = GridSearchCV(pipeline, grid, cv=3).fit(X, LABELS)
    search = GridSearchCV(pipeline, grid, cv=3)
    assert fit_many(search, X, LABELS, n_threads=threads) is search
    for name, values in alone.cv_results_.items():
        if not name.endswith("_time"):
            np.testing.assert_array_equal(values, search.cv_results_[name])
    np.testing.assert_array_equal(alone.predict_proba(X), search.predict_proba(X))
    draws = RandomizedSearchCV(classifier(), GRID, n_iter=2, cv=2, random_state=0)
    other = clone(draws).fit(X, LABELS)
    np.testing.assert_array_equal(
        fit_many(draws, X, LABELS).predict_proba(X), other.predict_proba(X)
    )


@SHORT
def test_a_search_runs_its_fits_side_by_side(four_cores):
    meeting = threading.Barrier(2, timeout=20)

    class Meets(MLPClassifier):
        def fit(self, X, y):
            if len(y) < 60:  # not the best one at the end
                meeting.wait()
            return super().fit(X, y)

    fit_many(GridSearchCV(Meets(3, max_iter=2), GRID, cv=2), X, LABELS, n_threads=2)


@SHORT
@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_scikit_learns_own_search(backend):
    model = classifier(engine="auto")
    one = GridSearchCV(model, GRID, cv=2).fit(X, LABELS)
    with parallel_config(backend=backend):
        two = GridSearchCV(model, GRID, cv=2, n_jobs=2).fit(X, LABELS)
    for name in ("split0_test_score", "split1_test_score", "mean_test_score"):
        np.testing.assert_array_equal(one.cv_results_[name], two.cv_results_[name])
    np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))


# --- threads ------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "fits", "own"), [(4, 4, 1), (4, 2, 2), (2, 4, 1), (4, 1, 4)])
def test_the_cores_are_shared(four_cores, asked, fits, own):
    seen = []

    class Model:
        def fit(self, X, y):
            seen.append(n_threads())
            seen.append(n_threads(8))

    fit_many([Model() for _ in range(fits)], X, LABELS, n_threads=asked)
    assert seen == [own] * (2 * fits)
    assert n_threads() == 4


def test_fits_in_ones_own_threads_take_no_more_than_the_cores(four_cores):
    with at_work(4) as first, at_work(4) as second:
        assert (first, second) == (4, 1)
    with at_work(3) as first, at_work(4) as second, at_work(1) as third:
        assert (first, second, third) == (3, 1, 1)
    with at_work(4) as again:
        assert again == 4


_FORKED = """
import os
from glassnet.engines import cores
cores._cores = lambda: 4
with cores.at_work(3):
    child = os.fork()
    if child == 0:
        with cores.at_work(4) as threads:
            os._exit(threads)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_child_begins_with_all_cores():
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    # in a process of its own: a library that was loaded here may object to forks
    found = subprocess.run([sys.executable, "-c", _FORKED], capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("4\n", "")
