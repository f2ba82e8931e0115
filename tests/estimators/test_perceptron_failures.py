"""A call that fails changes nothing; one that is interrupted keeps whole passes only."""

import copy
import itertools
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from glassnet.estimators.perceptron import Perceptron

from support.perceptron_cases import CORNERS, OR, XOR

OWN_FILES = {
    find_spec(f"glassnet.{name}").origin
    for name in (
        "estimators.perceptron",
        "estimators.row_engines",
        "estimators.row_sums",
        "engines.numba_perceptron",
    )
}

pytestmark = pytest.mark.usefixtures("each_engine")


def test_a_call_that_failed_leaves_no_trace():
    perceptron = Perceptron()
    for X, y, classes in ((CORNERS, [1] * 4, [1]), (CORNERS * np.nan, OR, [0, 1])):
        with pytest.raises(ValueError, match=r"one class only|NaN"):
            perceptron.partial_fit(X, y, classes=classes)
    perceptron.partial_fit(CORNERS, OR, classes=[0, 1, 2])
    assert perceptron.classes_.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="one class only"):
        perceptron.fit(CORNERS, [5] * 4)
    assert perceptron.predict(CORNERS).max() <= 2


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (CORNERS * 1e300, OR, "may overflow"),
        (CORNERS * np.nan, OR, "NaN"),
        (np.ones((4, 3)), np.zeros(4), "one class only"),
        (np.ones((4, 3)), [0, 1], "inconsistent numbers"),
        (np.full((4, 3), 1e300), ["a", "b", "c", "d"], "may overflow"),
    ],
)
def test_a_failed_fit_keeps_the_fit_before(X, y, message):
    for named in (False, True):
        first = CORNERS
        if named:
            pandas = pytest.importorskip("pandas")
            first = pandas.DataFrame(CORNERS, columns=["left", "right"])
        perceptron = Perceptron(shuffle=True, random_state=0).fit(first, OR)
        before, copied = vars(perceptron).copy(), copy.deepcopy(vars(perceptron))
        with pytest.raises(ValueError, match=message):
            perceptron.fit(X, y)
        assert vars(perceptron).keys() == before.keys()
        assert all(vars(perceptron)[name] is before[name] for name in before)
        np.testing.assert_array_equal(perceptron.coef_, copied["coef_"])
        np.testing.assert_array_equal(perceptron.intercept_, copied["intercept_"])
        assert perceptron.mistakes_ == copied["mistakes_"]
        perceptron.partial_fit(first, OR)


@pytest.mark.parametrize(
    ("X", "y", "classes"),
    [
        (CORNERS * 1e300, OR, [0, 1]),
        (CORNERS * np.nan, OR, [0, 1]),
        (CORNERS, OR, [0, 2]),
        (CORNERS, [1] * 4, [1]),
    ],
)
def test_a_first_partial_fit_that_failed_leaves_it_unfitted(X, y, classes):
    perceptron = Perceptron()
    before = vars(perceptron).copy()
    with pytest.raises(ValueError, match=r"overflow|NaN|not in classes|one class"):
        perceptron.partial_fit(X, y, classes=classes)
    assert vars(perceptron) == before
    with pytest.raises(NotFittedError):
        perceptron.predict(CORNERS)


class CtrlC:
    """Raises KeyboardInterrupt before the n-th line run in the estimator's own files."""

    def __init__(self, n):
        self.left, self.previous = n, sys.gettrace()

    def __enter__(self):
        sys.settrace(self.trace)

    def __exit__(self, *failure):
        sys.settrace(self.previous)

    def trace(self, frame, event, _):
        if frame.f_code.co_filename not in OWN_FILES:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self.trace


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("y", [XOR, [0, 1, 2, 1]])
def test_an_interrupted_fit_keeps_whole_passes_only(y):
    X = np.column_stack([CORNERS, np.ones(4)])  # its weight learns what the bias learns
    passes = [Perceptron(n_iterations=n).fit(X, y) for n in range(1, 5)]
    old = Perceptron(n_iterations=4).fit(CORNERS, OR)
    kept = []
    for n in itertools.count(1):
        perceptron = copy.deepcopy(old)
        try:
            with CtrlC(n):
                perceptron.fit(X, y)
        except KeyboardInterrupt:
            pass
        else:
            break
        if perceptron.n_features_in_ == 2:
            expected = old
        else:
            expected = passes[perceptron.n_iter_ - 1]
            np.testing.assert_array_equal(perceptron.weights[-1], perceptron.bias)
        kept.append(0 if expected is old else perceptron.n_iter_)
        np.testing.assert_array_equal(perceptron.coef_, expected.coef_)
        np.testing.assert_array_equal(perceptron.intercept_, expected.intercept_)
        np.testing.assert_array_equal(perceptron.classes_, expected.classes_)
        assert perceptron.mistakes_ == expected.mistakes_
        assert perceptron.n_iter_ == expected.n_iter_
    assert kept == sorted(kept)
    assert set(kept) == {0, 1, 2, 3, 4}


def test_an_interrupted_partial_fit_changes_nothing():
    for old in (Perceptron(), Perceptron().partial_fit(CORNERS, XOR, classes=[0, 1])):
        whole = copy.deepcopy(old).partial_fit(CORNERS, XOR, classes=[0, 1])
        for n in itertools.count(1):
            perceptron = copy.deepcopy(old)
            try:
                with CtrlC(n):
                    perceptron.partial_fit(CORNERS, XOR, classes=[0, 1])
            except KeyboardInterrupt:
                done = getattr(perceptron, "n_iter_", 0) == whole.n_iter_
                expected = vars(whole if done else old)
                assert vars(perceptron).keys() == expected.keys()
                for name in expected.keys() - {"_random_state"}:
                    np.testing.assert_array_equal(vars(perceptron)[name], expected[name])
            else:
                break
        assert n > 20
