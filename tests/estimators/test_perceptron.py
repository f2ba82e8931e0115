"""What a perceptron learns: the notebook, scikit-learn, Novikoff's bound, XOR, classes."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Perceptron as Judge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet.estimators.perceptron import Perceptron
from glassnet.formulas.perceptron import perceptron_epoch

from support.perceptron_cases import CORNERS, OR, XOR, noisy, quietly

NOTEBOOK = Path(__file__).parents[1] / "data" / "notebook_reference.npz"

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.fixture
def notebook():
    data = np.load(NOTEBOOK)
    return data["perceptron_X"], data["perceptron_y"], data


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
def test_is_the_formula_bit_for_bit(n_classes, dtype, integers, each_engine):
    X, y = noisy(n_classes)
    X = (np.round(2 * X) if integers else X).astype(dtype)
    # Integers make scores that should be 0. What becomes of them at a rate of 0.3 depends
    # on the order of the sum, which is the formula's in the NumPy engine alone.
    rate = 0.25 if integers and each_engine == "numba" else 0.3
    perceptron = quietly(Perceptron(rate, n_iterations=7), X, y)
    target = (y == 1)[:, None] if n_classes == 2 else y[:, None] == np.arange(n_classes)
    W, b, mistakes = by_the_formula(X, target, rate, 7)
    assert perceptron.engine_ == each_engine
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
