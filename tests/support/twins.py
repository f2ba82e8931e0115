"""One fit by scikit-learn and the same by glassnet: data, cases, and what must agree.

A case says no numbers: it is fitted twice, and scikit-learn's answer is the expected one.
"""

import warnings
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse
import sklearn.neural_network
from sklearn.datasets import (
    make_classification,
    make_multilabel_classification,
    make_regression,
)

import glassnet

from . import numeric

# A step of sgd or Adam computes the same sums in another order, so that each number differs
# by a few units in the last place: measured 3e-15 at most, over all cases and 40 epochs.
STEPWISE = 1e-12
# L-BFGS divides by differences of gradients, which magnifies what they differ by: measured
# 6e-11 at most, in 30 iterations.
LBFGS = 1e-8
# Seven digits, and scikit-learn computes part of it in float64: measured 2e-7 at most.
FLOAT32 = 1e-5

N = 60


def _labels(y):
    return np.array(["ant", "bee", "cow"])[y]


def _zeros_among(X):
    return X * (np.abs(X) > 0.8)


@dataclass(frozen=True)
class Dataset:
    """Samples, targets, and weights for them, some of which are zero."""

    X: np.ndarray
    y: np.ndarray
    weight: np.ndarray


def _data():
    shared = {"n_samples": N, "random_state": 0}
    multi = make_classification(
        n_features=5, n_informative=4, n_redundant=0, n_classes=3, **shared
    )
    binary = make_classification(n_features=5, flip_y=0.1, **shared)
    X, y = make_multilabel_classification(n_features=5, n_classes=3, **shared)
    labels = (X - X.mean(axis=0)) / X.std(axis=0), y
    X, y = make_regression(n_features=5, n_targets=3, noise=5.0, **shared)
    many = X, y / y.std(axis=0)
    weight = np.random.RandomState(1).uniform(0.2, 2.0, N)
    weight[::9] = 0.0
    found = {
        "multi": multi,
        "words": (multi[0], _labels(multi[1])),
        "binary": binary,
        "signs": (binary[0], 2 * binary[1] - 1),
        "one class": (binary[0], np.full(N, 7)),
        "labels": labels,
        "values": (many[0], many[1][:, 0]),
        "column": (many[0], many[1][:, :1]),
        "many": many,
        "counts": (many[0], np.floor(np.abs(3 * many[1][:, 0]))),
        "many counts": (many[0], np.floor(np.abs(3 * many[1]))),
    }
    return {name: Dataset(X, y, weight) for name, (X, y) in found.items()}


DATA = _data()
REGRESSION = ("values", "column", "many", "counts", "many counts")
STORAGE = {
    "dense": np.asarray,
    "csr": lambda X: scipy.sparse.csr_matrix(_zeros_among(X)),
    "csc": lambda X: scipy.sparse.csc_matrix(_zeros_among(X)),
    "csr array": lambda X: scipy.sparse.csr_array(_zeros_among(X)),
    "fortran": np.asfortranarray,
    "float32": lambda X: X.astype(np.float32),
    "integers": lambda X: np.rint(2 * X).astype(np.int64),
}


# Parameters that many cases share.
SGD = {"solver": "sgd", "learning_rate_init": 0.1}
STOP = {"early_stopping": True, "batch_size": 16, "learning_rate_init": 0.02, "max_iter": 60}


@dataclass(frozen=True)
class Case:
    """One fit: data, how they are stored, whether weighted, and the parameters."""

    data: str
    storage: str = "dense"
    weighted: bool = False
    params: dict = field(default_factory=dict)

    @property
    def X(self):
        return STORAGE[self.storage](DATA[self.data].X)

    @property
    def y(self):
        return DATA[self.data].y

    @property
    def weight(self):
        return DATA[self.data].weight if self.weighted else None

    @property
    def tolerance(self):
        if self.storage == "float32":
            return FLOAT32
        return LBFGS if self.params.get("solver") == "lbfgs" else STEPWISE

    def __str__(self):
        words = [self.data] if self.storage == "dense" else [self.data, self.storage]
        words += ["weighted"] if self.weighted else []
        return " ".join(words + [f"{k}={v}" for k, v in self.params.items()])

    def pair(self, **params):
        """Return scikit-learn's estimator and ours, not fitted."""
        name = "MLPRegressor" if self.data in REGRESSION else "MLPClassifier"
        epochs = 30 if self.params.get("solver") == "lbfgs" else 40
        settings = {"hidden_layer_sizes": (6,), "max_iter": epochs, "random_state": 7}
        settings |= self.params | params
        return tuple(getattr(m, name)(**settings) for m in (sklearn.neural_network, glassnet))

    def fitted(self, **params):
        """Return both, fitted, and the warnings of each."""
        return tuple(zip(*[self.fit(one) for one in self.pair(**params)], strict=True))

    def fit(self, estimator):
        weights = {"sample_weight": self.weight} if self.weighted else {}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert estimator.fit(self.X, self.y, **weights) is estimator
        return estimator, caught


def case(data, storage="dense", weighted=False, **params):
    return Case(data, storage, weighted, params)


# --- what must agree --------------------------------------------------------------------

EXACT = ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_")
CLOSE = ("loss_", "loss_curve_", "best_loss_", "validation_scores_", "best_validation_score_")


def difference(found, expected):
    """Return the largest difference, relative where the expected values exceed 1."""
    found, expected = (np.asarray(a, dtype=float) for a in (found, expected))
    assert found.shape == expected.shape
    found, expected = (a[found != expected] for a in (found, expected))  # infinities drop out
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    return float(np.max(np.abs(found - expected), initial=0.0)) / scale


def inconsistency(function, x):
    """Return how far the gradient that comes with a loss is from the loss's differences."""
    gradient = np.array(function(x.copy())[1])
    return numeric.relative_error(gradient, numeric.gradient(lambda z: function(z)[0], x))


def assert_close(found, expected, tolerance, what):
    if expected is None:
        assert found is expected, what
        return
    off = difference(found, expected)
    assert off <= tolerance, f"{what} differs by {off:.2e}"


def assert_same_network(ours, theirs, tolerance):
    for name in ("coefs_", "intercepts_"):
        found, expected = getattr(ours, name), getattr(theirs, name)
        assert len(found) == len(expected)
        for i, (a, b) in enumerate(zip(found, expected, strict=True)):
            assert a.dtype == b.dtype
            assert_close(a, b, tolerance, f"{name}[{i}]")


def assert_same_record(ours, theirs, tolerance):
    for name in EXACT:
        assert getattr(ours, name) == getattr(theirs, name), name
    for name in CLOSE:
        if hasattr(theirs, name):
            assert_close(getattr(ours, name), getattr(theirs, name), tolerance, name)


def assert_same_answers(ours, theirs, X, y, tolerance):
    found, expected = ours.predict(X), theirs.predict(X)
    assert found.shape == expected.shape
    if hasattr(theirs, "classes_"):
        np.testing.assert_array_equal(ours.classes_, theirs.classes_)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype
        for name in ("predict_proba", "predict_log_proba"):
            with np.errstate(divide="ignore"):  # the logarithm of 0
                a, b = getattr(ours, name)(X), getattr(theirs, name)(X)
            assert a.dtype == b.dtype
            assert_close(a, b, tolerance, name)
    else:
        assert found.dtype == expected.dtype
        assert_close(found, expected, tolerance, "predict")
    weight = np.linspace(0.5, 2.0, X.shape[0])
    for extra in ({}, {"sample_weight": weight}):
        assert_close(ours.score(X, y, **extra), theirs.score(X, y, **extra), tolerance, "score")


def assert_same_warnings(ours, theirs):
    """Same number, categories, and the first words; ours may go on with advice."""
    told = [[(w.category, str(w.message)[:45]) for w in caught] for caught in (ours, theirs)]
    assert told[0] == told[1]


def assert_twins(ours, theirs, case):
    assert_same_network(ours, theirs, case.tolerance)
    assert_same_record(ours, theirs, case.tolerance)
    assert_same_answers(ours, theirs, case.X, case.y, 10 * case.tolerance)
