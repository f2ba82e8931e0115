"""Rosenblatt's rule, against passes worked by hand, the notebook and scikit-learn."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.linear_model import Perceptron as Judge

from glassnet.formulas.perceptron import perceptron_epoch

NOTEBOOK = Path(__file__).parents[1] / "data" / "notebook_reference.npz"
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def passes(X, y, rate, n):
    W, b = np.zeros((X.shape[1], y.shape[1]), X.dtype), np.zeros(y.shape[1], X.dtype)
    mistakes = [perceptron_epoch(W, b, X, y, rate) for _ in range(n)]
    return W, b, np.array(mistakes)


def test_logical_and_as_worked_by_hand():
    target = np.array([[0.0], [0.0], [0.0], [1.0]])
    W, b = np.zeros((2, 1)), np.zeros(1)
    by_hand = [  # mistakes, weights and bias after each pass with paper and pencil, rate 1
        (2, (1, 1), 0),
        (3, (2, 1), -1),
        (3, (2, 1), -2),
        (2, (2, 2), -2),
        (1, (2, 1), -3),
        (0, (2, 1), -3),
    ]
    for mistakes, weights, bias in by_hand:
        assert perceptron_epoch(W, b, CORNERS, target, 1.0) == mistakes
        assert (*W[:, 0], *b) == (*weights, bias)


def test_an_untrained_perceptron_answers_one():
    W, b = np.zeros((2, 1)), np.zeros(1)
    assert perceptron_epoch(W, b, CORNERS, np.ones((4, 1)), 1.0) == 0
    assert not W.any()
    assert not b.any()


def test_a_thousand_passes_give_the_notebooks_weights():
    data = np.load(NOTEBOOK)
    X, y = data["perceptron_X"], data["perceptron_y"]
    W, b, mistakes = passes(X, y[:, None].astype(float), 0.01, 1000)
    np.testing.assert_allclose(W[:, 0], data["perceptron_weights"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(b[0], data["perceptron_bias"], rtol=0, atol=1e-10)
    assert mistakes[-1] == 0


@pytest.mark.parametrize("rate", [0.01, 1.0, 3.0])
def test_follows_scikit_learn_where_no_score_is_zero(rate):
    # scikit-learn counts a score of 0 as wrong for both classes, we for class 0 only. From
    # zero, both then learn from a first sample of class 0; later no score is exactly 0.
    X, y = make_classification(300, 5, flip_y=0.1, random_state=3)
    order = np.argsort(y != 0, kind="stable")[:1]
    X, y = np.vstack([X[order], X]), np.append(y[order], y)
    for n in (1, 2, 10):
        judge = Judge(eta0=rate, shuffle=False, tol=None, max_iter=n).fit(X, y)
        W, b, _ = passes(X, y[:, None].astype(float), rate, n)
        np.testing.assert_allclose(W.T, judge.coef_, rtol=1e-12)
        np.testing.assert_allclose(b, judge.intercept_, rtol=1e-12)


def test_perceptrons_side_by_side_do_not_meet():
    X, label = make_classification(
        90, 6, n_informative=4, n_classes=3, flip_y=0.2, random_state=1
    )
    y = np.eye(3)[label]
    W, b, mistakes = passes(X, y, 0.1, 5)
    for k in range(3):
        alone = passes(X, y[:, [k]], 0.1, 5)
        np.testing.assert_allclose(W[:, [k]], alone[0], rtol=1e-12)
        np.testing.assert_allclose(b[[k]], alone[1], rtol=1e-12)
        np.testing.assert_array_equal(mistakes[:, [k]], alone[2])


def test_float32_stays_and_data_are_only_read():
    X, y = CORNERS.astype(np.float32), np.array([[0], [1], [1], [0]], np.float32)
    X.flags.writeable = y.flags.writeable = False
    W, b, _ = passes(X, y, 0.5, 3)
    assert W.dtype == b.dtype == np.float32
