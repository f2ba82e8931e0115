"""The passes of a perceptron: their order, one at a time, over sparse data."""

import numpy as np
import pytest
import scipy.sparse

from glassnet.estimators.perceptron import Perceptron
from glassnet.formulas.perceptron import perceptron_epoch

from support.perceptron_cases import CORNERS, OR, noisy, quietly

# --- shuffling --------------------------------------------------------------------------

pytestmark = pytest.mark.usefixtures("each_engine")


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
