"""MLP estimators bound for prediction."""

from __future__ import annotations

from copy import copy
from typing import Any

from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

from glassnet.engines.cores import n_threads
from glassnet.predictor import Predictor

__all__ = ["Bindable"]


class Bindable:
    """What gives an MLP estimator its `predictor`."""

    def predictor(self) -> Predictor:
        """Return the model as it is now, bound for predicting again and again.

        Returns
        -------
        Predictor
            Its `predict` and `predict_proba` give this model's numbers but for rounding,
            without what has to be checked and set up for each call here: a row of a small
            network takes microseconds. It takes arrays alone, and checks their shape.

        Raises
        ------
        NotFittedError
            Before `fit`, `partial_fit` or `build`.

        Examples
        --------
        >>> from glassnet import MLPRegressor
        >>> net = MLPRegressor(hidden_layer_sizes=(), random_state=0).build(2)
        >>> net.coefs_, net.intercepts_ = [[[1.0], [10.0]]], [[0.5]]
        >>> net.predictor().predict([[1.0, 2.0]])
        array([21.5])
        """
        check_is_fitted(self)
        est: Any = copy(self)  # parameters that are set later make no difference
        labels = bool(is_classifier(est))
        return Predictor(
            est._plan,
            est._state,
            est._decode,
            labels=labels,
            probabilities=labels and est._gives_probabilities(),
            threads=n_threads(est.n_threads),
        )
