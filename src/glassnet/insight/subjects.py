"""From the model that a person hands over to its network and its data."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.engines.data import Data
from glassnet.mlp import MLP

__all__ = ["network_and_data", "network_of", "of_a_pipeline"]


def network_of(model: Any) -> MLP:
    """Return the network that `model` is or holds.

    Parameters
    ----------
    model : MLP, MLPClassifier or MLPRegressor
        An estimator must have been fitted or built.

    Raises
    ------
    TypeError
        If it is none of these.
    NotFittedError
        If an estimator has no network yet.
    """
    if isinstance(model, MLP):
        return model
    if hasattr(type(model), "network_"):
        try:
            network: MLP = model.network_
        except AttributeError:
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(
                f"model must be fitted, or built by its method build; got {model!r}, which has "
                "no network yet: call model.fit(X, y) first"
            ) from None
        return network
    raise TypeError(
        "model must be an MLP, an MLPClassifier or an MLPRegressor; got "
        + (of_a_pipeline(model) or repr(model))
    )


def of_a_pipeline(model: Any) -> str:
    """Return what to give of a pipeline, as the end of an error; empty for other objects.

    Examples
    --------
    >>> of_a_pipeline(3)
    ''
    """
    if not (hasattr(model, "steps") and hasattr(model, "named_steps")):
        return ""
    return (
        f"{type(model).__name__}: give its last step, model[-1], and X as the steps before "
        "make it, model[:-1].fit_transform(X)"
    )


def network_and_data(model: Any, X: Any, y: Any, sample_weight: Any = None) -> tuple[MLP, Data]:
    """Return a model's network, and the data as that network's loss takes them, in float64.

    Parameters
    ----------
    model : MLP, MLPClassifier or MLPRegressor
    X, y, sample_weight
        As the model's own ``fit`` takes them; class weights of an estimator are put in.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used.
    """
    network = network_of(model)
    if X is None or y is None:
        raise ValueError(f"X and y must be given with {type(model).__name__}; got None")
    if model is not network:
        X, labels = model._validated(X, y, np.float64, reset=False)
        y = model._encode(labels, first=False, incremental=True)
        sample_weight = _with_class_weight(model, X, labels, sample_weight)
    return network, network._data(X, y, sample_weight, dtype=np.dtype(np.float64))


def _with_class_weight(estimator: Any, X: Any, labels: Any, sample_weight: Any) -> Any:
    from glassnet.estimators.weights import checked, product  # needs scikit-learn

    weight = checked(sample_weight, X)
    return product(weight, estimator._class_weight(labels, weight))
