"""The perceptron estimator: the notebook, scikit-learn, Novikoff's bound, XOR, bad input."""

import copy
import itertools
import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import clone
from sklearn.datasets import load_iris, make_classification
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError
from sklearn.linear_model import Perceptron as Judge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet.estimators.perceptron import Perceptron
from glassnet.formulas.perceptron import perceptron_epoch

NOTEBOOK = Path(__file__).parents[1] / "data" / "notebook_reference.npz"
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
OR, XOR = [0, 1, 1, 1], [0, 1, 1, 0]


@pytest.fixture
def notebook():
    data = np.load(NOTEBOOK)
    return data["perceptron_X"], data["perceptron_y"], data


def noisy(n_classes=2, **settings):
    """Overlapping classes in continuous features: no score is ever exactly 0."""
    return make_classification(
        120,
        6,
        n_informative=4,
        n_classes=n_classes,
        flip_y=0.2,
        random_state=4,
        **settings,
    )


def quietly(perceptron, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return perceptron.fit(X, y)


def by_the_formula(X, target, rate, passes):
    """Weights, bias and mistakes of one perceptron per column of `target`, each alone."""
    W, b = np.zeros((target.shape[1], X.shape[1]), X.dtype), np.zeros(target.shape[1], X.dtype)
    mistakes = np.zeros((passes, len(b)))
    for k, epoch in itertools.product(range(len(b)), range(passes)):
        column = target[:, [k]].astype(X.dtype)
        mistakes[epoch, k] = perceptron_epoch(W[k][:, None], b[k : k + 1], X, column, rate)[0]
    return W, b, mistakes.sum(axis=1)


# --- the rule ---------------------------------------------------------------------------


def test_the_notebooks_perceptron(notebook):
    X, y, expected = notebook
    perceptron = Perceptron(learning_rate=0.01, n_iterations=1000).fit(X, y)
    np.testing.assert_allclose(
        perceptron.weights, expected["perceptron_weights"], rtol=0, atol=1e-10
    )
    np.testing.assert_allclose(perceptron.bias, expected["perceptron_bias"], rtol=0, atol=1e-10)
    assert perceptron.weights.shape == (2,)
    assert np.ndim(perceptron.bias) == 0
    assert perceptron.score(X, y) == 1.0


def test_stopping_early_changes_nothing(notebook):
    X, y, _ = notebook
    perceptron = Perceptron().fit(X, y)
    assert perceptron.n_iter_ < 10
    W, b, mistakes = by_the_formula(X, y[:, None], 0.01, 1000)
    assert (perceptron.coef_ == W).all()
    assert (perceptron.intercept_ == b).all()
    assert perceptron.mistakes_ == mistakes[: perceptron.n_iter_].tolist()
    assert not mistakes[perceptron.n_iter_ - 1 :].any()


@pytest.mark.parametrize("n_classes", [2, 3, 4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("integers", [False, True], ids=["continuous", "integers"])
def test_is_the_formula_bit_for_bit(n_classes, dtype, integers):
    X, y = noisy(n_classes)
    X = (np.round(2 * X) if integers else X).astype(dtype)
    perceptron = quietly(Perceptron(0.3, n_iterations=7), X, y)
    target = (y == 1)[:, None] if n_classes == 2 else y[:, None] == np.arange(n_classes)
    W, b, mistakes = by_the_formula(X, target, 0.3, 7)
    assert perceptron.coef_.dtype == perceptron.intercept_.dtype == dtype
    assert (perceptron.coef_ == W).all()
    assert (perceptron.intercept_ == b).all()
    assert perceptron.mistakes_ == mistakes.tolist()


@pytest.mark.parametrize("rate", [0.01, 1.0])
def test_follows_scikit_learn_where_no_score_is_zero(rate):
    # scikit-learn counts a score of 0 as wrong for both classes, we for the first class
    # only. At the zero start both learn from a sample of the first class; afterwards no
    # score of such data is exactly 0.
    X, y = noisy()
    start = np.flatnonzero(y == 0)[0]
    X, y = X[start:], y[start:]
    for n in (1, 3, 20):
        ours = quietly(Perceptron(rate, n_iterations=n), X, y)
        judge = Judge(eta0=rate, shuffle=False, tol=None, max_iter=n).fit(X, y)
        np.testing.assert_allclose(ours.coef_, judge.coef_, rtol=1e-12)
        np.testing.assert_allclose(ours.intercept_, judge.intercept_, rtol=1e-12)
        np.testing.assert_allclose(
            ours.decision_function(X), judge.decision_function(X), rtol=1e-9, atol=1e-12
        )
        np.testing.assert_array_equal(ours.predict(X), judge.predict(X))
        assert ours.score(X, y) == judge.score(X, y)


def test_follows_scikit_learn_class_by_class():
    # Only the perceptron of the first sample's class starts otherwise than scikit-learn's.
    X, y = noisy(4)
    ours = quietly(Perceptron(0.5, n_iterations=5), X, y)
    judge = Judge(eta0=0.5, shuffle=False, tol=None, max_iter=5).fit(X, y)
    others = np.arange(4) != y[0]
    np.testing.assert_allclose(ours.coef_[others], judge.coef_[others], rtol=1e-12)
    np.testing.assert_allclose(ours.intercept_[others], judge.intercept_[others], rtol=1e-12)


def test_the_answer_to_zero_is_one():
    # Where the rules differ: scikit-learn learns from a first sample of class 1, we do not.
    perceptron = Perceptron().fit([[1.0], [2.0], [-1.0]], [1, 1, 0])
    assert perceptron.mistakes_[0] == 1
    judge = Judge(shuffle=False, tol=None, max_iter=1).fit([[1.0], [2.0], [-1.0]], [1, 1, 0])
    assert judge.coef_[0, 0] == 2.0  # learnt from the first sample and the last


@settings(deadline=None, max_examples=80)
@given(
    X=arrays(
        int, st.tuples(st.integers(2, 15), st.integers(1, 3)), elements=st.integers(-5, 5)
    ),
    normal=arrays(int, 3, elements=st.integers(-3, 3)),
    offset=st.integers(-4, 3),
    rate=st.sampled_from([2.0**-7, 1.0, 4.0]),
    seed=st.none() | st.integers(0, 99),
)
def test_novikoffs_bound(X, normal, offset, rate, seed):
    """At most (R / gamma)^2 mistakes, in whatever order and at whatever rate.

    Everything is a multiple of one half of the rate: no rounding blurs the theorem.
    """
    separator = np.append(normal[: X.shape[1]], offset + 0.5)
    points = np.column_stack([X, np.ones(len(X))])
    scores = points @ separator  # never 0: an integer and a half
    y = scores > 0
    assume(y.any() and not y.all())
    margin = np.abs(scores).min() / np.linalg.norm(separator)
    bound = (np.linalg.norm(points, axis=1).max() / margin) ** 2
    perceptron = Perceptron(
        rate, n_iterations=int(bound) + 1, shuffle=seed is not None, random_state=seed
    ).fit(X, y)
    assert sum(perceptron.mistakes_) <= bound * (1 + 1e-12)
    assert perceptron.mistakes_[-1] == 0
    assert perceptron.score(X, y) == 1.0


@pytest.mark.parametrize("container", [np.asarray, scipy.sparse.csr_array])
def test_no_mistakes_in_the_last_pass_means_every_sample_is_predicted(container):
    # Small integers and a rate of 0.01: scores that should be 0 come out as 1e-18 or so,
    # on either side, by the order of the sum. Learning and predicting must add alike: with
    # one product ``X @ weights`` for all samples, 7 of these perceptrons fail.
    rng, learnt = np.random.default_rng(0), 0
    for _ in range(500):
        n_features = rng.integers(3, 21)
        X = rng.integers(-3, 4, (rng.integers(4, 30), n_features)).astype(float)
        y = (X @ rng.integers(-3, 4, (n_features, 2))).argmax(axis=1)
        if y.any() and not y.all():
            perceptron = quietly(Perceptron(0.01, n_iterations=100), container(X), y)
            learnt += perceptron.mistakes_[-1] == 0
            assert perceptron.mistakes_[-1] or perceptron.score(container(X), y) == 1.0
    assert learnt > 400


@pytest.mark.parametrize("rate", [0.01, 0.3, 1.0])
def test_xor_is_never_learnt(rate):
    for order in itertools.permutations(range(4)):
        rows = list(order)
        perceptron = Perceptron(rate, n_iterations=50)
        with pytest.warns(ConvergenceWarning, match="no straight line"):
            perceptron.fit(CORNERS[rows], np.array(XOR)[rows])
        assert len(perceptron.mistakes_) == perceptron.n_iter_ == 50
        assert min(perceptron.mistakes_) > 0
        assert perceptron.score(CORNERS, XOR) <= 0.75


def test_the_other_fourteen_functions_of_two_bits_are_learnt():
    for y in itertools.product([0, 1], repeat=4):
        if len(set(y)) == 2 and list(y) not in (XOR, [1, 0, 0, 1]):
            assert Perceptron().fit(CORNERS, y).score(CORNERS, y) == 1.0


# --- the learning rate ------------------------------------------------------------------


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_learning_rate_only_scales(n_classes):
    X, y = noisy(n_classes)
    one = quietly(Perceptron(1.0, n_iterations=10), X, y)
    for rate in (0.01, 0.37, 2.0**-20, 1e6):
        other = quietly(Perceptron(rate, n_iterations=10), X, y)
        np.testing.assert_allclose(other.coef_, rate * one.coef_, rtol=1e-11)
        np.testing.assert_allclose(other.intercept_, rate * one.intercept_, rtol=1e-11)
        assert other.mistakes_ == one.mistakes_
        np.testing.assert_array_equal(other.predict(X), one.predict(X))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_grid_search_over_the_learning_rate_finds_no_difference():
    X, y = noisy()
    pipeline = make_pipeline(StandardScaler(), Perceptron(n_iterations=10))
    search = GridSearchCV(pipeline, {"perceptron__learning_rate": [0.001, 0.1, 10.0]}, cv=3)
    scores = search.fit(X, y).cv_results_["mean_test_score"]
    assert 0.5 < scores[0] == scores[1] == scores[2]


# --- several classes --------------------------------------------------------------------


def test_several_classes_are_one_perceptron_each():
    X, y = noisy(3)
    together = quietly(Perceptron(n_iterations=6), X, y)
    assert together.weights.shape == (6, 3)
    assert together.bias.shape == (3,)
    assert together.coef_.shape == (3, 6)
    assert together.decision_function(X).shape == (120, 3)
    mistakes = np.zeros(6, dtype=int)
    for k in range(3):
        alone = quietly(Perceptron(n_iterations=6), X, y == k)
        np.testing.assert_array_equal(together.weights[:, k], alone.weights)
        assert together.bias[k] == alone.bias
        mistakes += alone.mistakes_
    assert together.mistakes_ == mistakes.tolist()


def test_a_perceptron_that_is_done_rests_while_others_learn():
    # Setosa is separable from the rest of iris, the other two are not.
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    with pytest.warns(ConvergenceWarning, match="telling 'versicolor', 'virginica' from the"):
        perceptron = Perceptron(n_iterations=50).fit(X, names)
    setosa = Perceptron().fit(X, y == 0)
    np.testing.assert_array_equal(perceptron.weights[:, 0], setosa.weights)
    assert perceptron.predict(X)[0] == "setosa"
    assert perceptron.score(X, names) > 0.6


def test_ties():
    two = Perceptron().fit(CORNERS, OR)
    two.coef_[:], two.intercept_[:] = 0, 0
    assert two.predict([[3.0, 4.0]]) == 1  # step(0) = 1: the second class
    three = quietly(Perceptron(n_iterations=2), CORNERS, ["b", "a", "c", "c"])
    three.coef_[:], three.intercept_[:] = 0, [0, 1, 1]
    assert three.predict([[3.0, 4.0]]) == "b"  # the first of the equal ones


# --- attributes -------------------------------------------------------------------------


def test_weights_and_bias_are_read_only():
    for y in (OR, [0, 1, 1, 2]):
        perceptron = quietly(Perceptron(n_iterations=20), CORNERS, y)
        with pytest.raises(AttributeError, match="weights"):
            perceptron.weights = np.zeros(2)
        with pytest.raises(AttributeError, match="bias"):
            perceptron.bias = 0.0
        with pytest.raises(ValueError, match="read-only"):
            perceptron.weights[0] = 1.0
        assert np.shares_memory(perceptron.weights, perceptron.coef_)
    with pytest.raises(ValueError, match="read-only"):
        perceptron.bias[0] = 1.0


def test_unfitted():
    perceptron = Perceptron()
    assert not hasattr(perceptron, "weights")
    assert not hasattr(perceptron, "bias")
    for method in (perceptron.predict, perceptron.decision_function):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            method(CORNERS)


def test_fit_starts_from_zero_again():
    X, y = noisy()
    fresh = quietly(Perceptron(n_iterations=4), X, y)
    again = quietly(Perceptron(n_iterations=4), X[::-1], 1 - y)
    quietly(again, X, y)
    np.testing.assert_array_equal(fresh.coef_, again.coef_)
    assert fresh.mistakes_ == again.mistakes_
    assert again.n_iter_ == 4


@pytest.mark.parametrize("copier", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_copies_go_on_alike(copier):
    X, y = noisy(3)
    ours = quietly(Perceptron(shuffle=True, random_state=1, n_iterations=3), X, y)
    other = copier(ours)
    np.testing.assert_array_equal(ours.predict(X), other.predict(X))
    np.testing.assert_array_equal(ours.weights, other.weights)
    ours.partial_fit(X, y)
    assert other.n_iter_ == 3  # nothing is shared
    other.partial_fit(X, y)
    np.testing.assert_array_equal(ours.coef_, other.coef_)


def test_clone_and_pictures():
    perceptron = clone(Perceptron(0.5, n_iterations=7))
    assert repr(perceptron) == "Perceptron(learning_rate=0.5, n_iterations=7)"
    assert "Perceptron" in perceptron.fit(CORNERS, OR)._repr_html_()


def test_feature_names():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(CORNERS, columns=["left", "right"])
    perceptron = Perceptron().fit(frame, OR)
    assert perceptron.feature_names_in_.tolist() == ["left", "right"]
    assert perceptron.n_features_in_ == 2
    with pytest.raises(ValueError, match="feature names should match"):
        perceptron.predict(frame[["right", "left"]])
    with pytest.warns(UserWarning, match="valid feature names"):
        perceptron.predict(CORNERS)


# --- shuffling --------------------------------------------------------------------------


def test_shuffling_is_drawn_from_random_state():
    X, y = noisy()
    first, same, other = (
        quietly(Perceptron(n_iterations=5, shuffle=True, random_state=seed), X, y)
        for seed in (0, np.random.RandomState(0), 1)
    )
    np.testing.assert_array_equal(first.coef_, same.coef_)
    assert not np.array_equal(first.coef_, other.coef_)
    # The passes are those of the formula, over the orders that the seed gives.
    orders, W, b = np.random.RandomState(0), np.zeros((6, 1)), np.zeros(1)
    for _ in range(5):
        order = orders.permutation(len(y))
        perceptron_epoch(W, b, X[order], y[order, None].astype(float), 0.01)
    np.testing.assert_array_equal(first.weights, W[:, 0])


# --- partial_fit ------------------------------------------------------------------------


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_partial_fit_makes_one_pass_of_fit(shuffle, n_classes):
    X, y = noisy(n_classes)
    whole = quietly(Perceptron(n_iterations=5, shuffle=shuffle, random_state=2), X, y)
    parts = Perceptron(shuffle=shuffle, random_state=2)
    for _ in range(5):
        parts.partial_fit(X, y, classes=np.unique(y))
    np.testing.assert_array_equal(whole.coef_, parts.coef_)
    np.testing.assert_array_equal(whole.intercept_, parts.intercept_)
    assert whole.mistakes_ == parts.mistakes_
    assert parts.n_iter_ == 5


def test_partial_fit_in_pieces_is_one_pass():
    X, y = noisy(3)
    y = np.sort(y)  # the first pieces hold one class only
    whole = Perceptron().partial_fit(X, y, classes=[0, 1, 2])
    pieces = Perceptron()
    for rows in np.array_split(np.arange(len(y)), 7):
        pieces.partial_fit(X[rows], y[rows], classes=[2, 1, 0])
    np.testing.assert_array_equal(whole.coef_, pieces.coef_)
    assert sum(pieces.mistakes_) == whole.mistakes_[0]


def test_partial_fit_refuses_what_it_cannot_learn():
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        Perceptron().partial_fit(CORNERS, OR)
    with pytest.raises(ValueError, match="one class only: 'yes'"):
        Perceptron().partial_fit(CORNERS, ["yes"] * 4, classes=["yes"])
    perceptron = Perceptron().partial_fit(CORNERS, OR, classes=[0, 1])
    with pytest.raises(ValueError, match=r"not in classes: 2, 3; classes is 0, 1"):
        perceptron.partial_fit(CORNERS, [0, 1, 2, 3])
    with pytest.raises(ValueError, match="not the same as on last call"):
        perceptron.partial_fit(CORNERS, OR, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="3 features"):
        perceptron.partial_fit(np.ones((4, 3)), OR)


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
    """Raises KeyboardInterrupt before the n-th line run in the estimator's own file."""

    def __init__(self, n):
        self.left, self.previous = n, sys.gettrace()

    def __enter__(self):
        sys.settrace(self.trace)

    def __exit__(self, *failure):
        sys.settrace(self.previous)

    def trace(self, frame, event, _):
        if frame.f_code.co_filename != sys.modules[Perceptron.__module__].__file__:
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


def test_partial_fit_keeps_the_first_dtype():
    perceptron = Perceptron().partial_fit(CORNERS.astype(np.float32), OR, classes=[0, 1])
    perceptron.partial_fit(CORNERS, OR)
    assert perceptron.coef_.dtype == np.float32


# --- sparse data ------------------------------------------------------------------------


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("container", ["csr_array", "csr_matrix", "csc_array", "coo_matrix"])
def test_sparse_data_give_the_same(n_classes, container):
    X, y = noisy(n_classes)
    X[np.abs(X) < 0.5] = 0
    X[7] = 0  # a row without entries
    sparse = getattr(scipy.sparse, container)(X)
    settings = {"n_iterations": 8, "shuffle": True, "random_state": 0}
    dense = quietly(Perceptron(**settings), X, y)
    ours = quietly(Perceptron(**settings), sparse, y)
    np.testing.assert_allclose(ours.coef_, dense.coef_, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(ours.intercept_, dense.intercept_, rtol=1e-12)
    assert ours.mistakes_ == dense.mistakes_
    scores = ours.decision_function(sparse)
    assert isinstance(scores, np.ndarray)
    np.testing.assert_allclose(scores, dense.decision_function(X), rtol=1e-10, atol=1e-14)
    np.testing.assert_array_equal(ours.predict(sparse), dense.predict(X))


def test_sparse_duplicates_are_summed_and_the_callers_matrix_stays():
    X, y = noisy()
    halves = np.repeat(X / 2, 2, axis=1).ravel()  # each entry given as two that add up to it
    columns = np.tile(np.repeat(np.arange(6), 2), len(X))
    twice = scipy.sparse.csr_array((halves, columns, np.arange(0, 12 * len(X) + 1, 12)))
    perceptron = quietly(Perceptron(n_iterations=5), twice, y)
    plain = quietly(Perceptron(n_iterations=5), X, y)
    np.testing.assert_array_equal(perceptron.coef_, plain.coef_)
    np.testing.assert_array_equal(twice.data, halves)
    np.testing.assert_array_equal(twice.indices, columns)


# --- bad input --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[0.0, np.nan], [1, 1]], [0, 1], "Input X contains NaN"),
        ([[0.0, np.inf], [1, 1]], [0, 1], "Input X contains infinity"),
        ([[0.0, 1.0], [1, 1]], [0.0, np.nan], "Input y contains NaN"),
        (CORNERS, [1, 1, 1, 1], "one class only: 1"),
        (CORNERS, ["a"] * 4, "one class only: 'a'"),
        (CORNERS, [0.5, 1.5, 2.25, 3.0], "Unknown label type: continuous"),
        (CORNERS, [0, 1, 1], "inconsistent numbers of samples"),
        (CORNERS, np.eye(4), "y should be a 1d array"),
        (CORNERS[:, 0], OR, "Expected 2D array, got 1D array"),
        (np.empty((0, 2)), [], "Found array with 0 sample"),
        (1e200 * CORNERS, OR, "scores may overflow float64.*scale the features"),
        (np.float32(1e20) * CORNERS.astype(np.float32), OR, "scores may overflow float32"),
        ([[1e308, 1e308], [1, 1]], [0, 1], "may overflow float64: .* sum to inf"),
    ],
)
def test_data_that_cannot_be_learnt(X, y, message):
    with pytest.raises(ValueError, match=message):
        Perceptron().fit(X, y)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rate": 0}, "'learning_rate' parameter of Perceptron must be a float"),
        ({"learning_rate": -1.0}, "learning_rate"),
        ({"learning_rate": np.inf}, "learning_rate"),
        ({"learning_rate": np.nan}, "learning_rate"),
        ({"learning_rate": "fast"}, "learning_rate"),
        (
            {"learning_rate": 10**400},
            r"'learning_rate' .* must be a float in the range \(0.0, 1",
        ),
        ({"n_iterations": 0}, "'n_iterations' parameter of Perceptron must be an int"),
        ({"n_iterations": 1.5}, "n_iterations"),
        ({"n_iterations": 10**400}, r"'n_iterations' .* must be an int in the range \[1, 9"),
        ({"shuffle": "yes"}, "shuffle"),
        ({"random_state": "seed"}, "random_state"),
    ],
)
def test_settings_are_checked_by_fit(settings, message):
    with pytest.raises(ValueError, match=message):
        Perceptron(**settings).fit(CORNERS, OR)
    with pytest.raises(ValueError, match=message):
        Perceptron(**settings).partial_fit(CORNERS, OR, classes=[0, 1])


def test_a_column_of_labels_is_taken_with_a_warning():
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        perceptron = Perceptron().fit(CORNERS, np.array(OR)[:, None])
    assert perceptron.predict(CORNERS).shape == (4,)


def test_tiny_and_constant_features():
    perceptron = Perceptron().fit(np.column_stack([CORNERS, np.full(4, 3.0)]), OR)
    assert perceptron.score(np.column_stack([CORNERS, np.full(4, 3.0)]), OR) == 1.0
    with pytest.warns(ConvergenceWarning):  # the bias drowns them: seen, not silent
        Perceptron(n_iterations=5).fit(1e-200 * CORNERS, OR)


@pytest.mark.parametrize("container", [np.asarray, scipy.sparse.csr_array])
@pytest.mark.parametrize("y", [OR, XOR, [0, 1, 2, 1]])
@pytest.mark.parametrize(
    ("X", "rate"), [(CORNERS.astype(np.float32), 1e-50), (CORNERS * 1e-323, 0.01)]
)
def test_updates_that_underflow_are_named(X, rate, y, container):
    message = f"weights did not change.* learning_rate={rate} .*underflows to zero in {X.dtype}"
    with pytest.warns(ConvergenceWarning, match=message) as caught:
        perceptron = Perceptron(rate, n_iterations=5).fit(container(X), y)
    assert "straight line" not in str(caught[0].message)
    assert not perceptron.coef_.any()
    assert min(perceptron.mistakes_) > 0


def test_weights_that_come_back_to_zero_are_no_underflow():
    for X in (CORNERS, np.zeros((4, 2))):
        for n in range(1, 9):
            with pytest.warns(ConvergenceWarning, match="no straight line"):
                Perceptron(1.0, n_iterations=n).fit(X, XOR)


def test_there_is_no_sample_weight():
    with pytest.raises(TypeError, match="sample_weight"):
        Perceptron().fit(CORNERS, OR, sample_weight=np.ones(4))


def test_the_warning_counts_and_points_at_the_caller():
    with pytest.warns(ConvergenceWarning) as caught:
        perceptron = Perceptron(n_iterations=9).fit(CORNERS, XOR)
    assert caught[0].filename == __file__
    text = str(caught[0].message)
    assert (
        f"last of n_iterations=9 passes still made {perceptron.mistakes_[-1]} mistakes" in text
    )
    assert "glassnet.MLP" in text
