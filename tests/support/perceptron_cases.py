"""Data for perceptrons: functions of two bits, and classes that overlap."""

import warnings

import numpy as np
from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
OR, XOR = [0, 1, 1, 1], [0, 1, 1, 0]


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
