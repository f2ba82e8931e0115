"""The benchmark does what it says: the same work on both sides, a line of figures."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "fit.py"


@pytest.fixture(scope="module")
def fit():
    return SimpleNamespace(**runpy.run_path(str(SCRIPT), run_name="benchmark"))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("features", [2, 8])
def test_both_sides_do_the_same_work(fit, features):
    row = fit.Row("small", 100, features, 2, (3,), 3, {"batch_size": 50})
    name, dtype, ours, theirs, ratio, first, losses = map(
        str.strip, fit.compare(row, "float64", 1).strip("| ").split("|")
    )
    assert (name, dtype) == ("small", "float64")
    assert min(map(float, (ours, theirs, first, ratio.split()[0]))) >= 0
    assert len(set(losses.split(" / "))) == 1  # to ten digits
    X, y = row.data("float64")
    steps = [row.model(kind).fit(X, y).n_iter_ for kind in (fit.MLPClassifier, fit.Peer)]
    assert steps == [3, 3]
