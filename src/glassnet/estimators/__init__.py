"""Estimators under scikit-learn's contract."""

from glassnet.estimators.perceptron import Perceptron

__all__ = ["Perceptron"]
