"""Estimators under scikit-learn's contract."""

from glassnet.estimators.classifier import MLPClassifier
from glassnet.estimators.perceptron import Perceptron
from glassnet.estimators.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "Perceptron"]
