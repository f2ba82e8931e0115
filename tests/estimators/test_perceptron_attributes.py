"""A fitted perceptron: its attributes, copies of it, names of features."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from glassnet.estimators.perceptron import Perceptron

from support.perceptron_cases import CORNERS, OR, noisy, quietly

pytestmark = pytest.mark.usefixtures("each_engine")


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
