"""How MLP estimators predict: at once, or bound for it."""

from __future__ import annotations

import warnings
from copy import copy
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted, validate_data

from glassnet.engines.choice import for_prediction
from glassnet.engines.cores import n_threads
from glassnet.engines.data import all_finite
from glassnet.formulas.types import Array
from glassnet.predictor import Predictor

__all__ = ["FLOATS", "Predicting", "by_rows"]

FLOATS = (np.float64, np.float32)  # other numbers become the first


class Predicting:
    """What gives an MLP estimator its outputs, and its `predictor`."""

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

    def _outputs(self: Any, X: Any) -> Array:
        if not _plainly_fine(self, X):
            check_is_fitted(self)
            X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        X = by_rows(X).astype(self._state.theta.dtype, copy=False)
        rows = X.shape[0]
        engine = for_prediction(self.engine, self.engine_, self._plan, rows)
        threads = n_threads(self.n_threads) if rows > 1 else 1
        outputs: Array = engine.forward(self._plan, self._state, X, threads=threads)[0]
        if not all_finite(outputs):
            words = "the network's outputs are not finite: its weights or X are too large"
            if is_classifier(self):
                raise ValueError(f"{words} to decide anything")
            warnings.warn(words, RuntimeWarning, stacklevel=3)
        return outputs


def by_rows(X: Any) -> Any:
    """Return `X`, in CSR form where it is sparse: batches are rows."""
    return X if isinstance(X, np.ndarray) else X.tocsr()


def _plainly_fine(est: Any, X: Any) -> bool:
    """Return whether scikit-learn's checks, which take longer, could not but pass."""
    known = vars(est)
    return (
        type(X) is np.ndarray
        and X.dtype in FLOATS
        and X.ndim == 2
        and len(X) > 0
        and "_plan" in known
        and "feature_names_in_" not in known
        and X.shape[1] == known.get("n_features_in_")
        and all_finite(X)
    )
