"""Data and settings that a perceptron cannot learn with, and what it says to them."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning

from glassnet.estimators.perceptron import Perceptron

from support.perceptron_cases import CORNERS, OR, XOR

pytestmark = pytest.mark.usefixtures("each_engine")


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
        (-1e200 * CORNERS, OR, "scores may overflow float64.*scale the features"),
        (np.float32(1e20) * CORNERS.astype(np.float32), OR, "scores may overflow float32"),
        ([[1e308, 1e308], [1, 1]], [0, 1], "may overflow float64: .* sum to inf"),
    ],
)
def test_data_that_cannot_be_learnt(X, y, message):
    with pytest.raises(ValueError, match=message):
        Perceptron().fit(X, y)


def test_large_values_in_short_rows_cannot_overflow():
    # By the largest value and the number of features they might; by the rows' sums not.
    X = scipy.sparse.csr_array(1e17 * np.eye(4, 1000, dtype=np.float32))
    for container in (X, X.toarray()):
        perceptron = Perceptron(n_iterations=2).fit(container, OR)
        assert perceptron.score(container, OR) == 1.0
    with pytest.raises(ValueError, match=r"sum to 1e\+20"):
        Perceptron(n_iterations=2).fit(np.full((4, 1000), 1e17, np.float32), OR)


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
        ({"engine": "cython"}, r"'engine' .* must be a str among .*'auto'"),
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
    ("X", "rate"),
    [
        (CORNERS.astype(np.float32), 1e-50),
        (CORNERS * 1e-323, 0.01),
        (CORNERS * -1e-323, 0.01),
    ],
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
