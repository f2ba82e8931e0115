"""A network bound for prediction: what can be prepared is, once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet.engines import numpy_engine
from glassnet.engines.cores import n_threads
from glassnet.engines.data import all_finite
from glassnet.formulas.types import Array
from glassnet.inputs import as_floats, check_threshold, decode, is_sparse
from glassnet.network import Plan, State
from glassnet.network.state import aligned

__all__ = ["Predictor", "of_network"]


class Predictor:
    r"""A model as it is now, ready to predict again and again, one row at a time or many.

    .. math:: \hat y = f_\theta(x) \quad \text{with } \theta \text{ as it was when bound}

    `MLP.predictor` and the estimators' `predictor` make it. The compiled engine runs it
    where it has kernels for the network, the NumPy engine elsewhere; the numbers are those
    of the model but for rounding. Of `X` only the shape is checked: a row that holds NaN
    or infinity may pass unnoticed where its outputs are finite, and labels are refused
    where they are not. Several threads may share one.

    Parameters
    ----------
    plan : Plan
        The network.
    state : State
        Its numbers, which are copied.
    decode : callable
        Makes predictions from outputs.
    labels : bool
        Whether predictions are labels.
    probabilities : bool
        Whether outputs are probabilities.
    threads : int
        That work on many rows at most. The numbers never depend on it.

    Attributes
    ----------
    n_inputs, n_outputs : int
    engine_ : {"numba", "numpy"}
        Who computes.

    Examples
    --------
    >>> from glassnet import MLP
    >>> net = MLP([2, 1], loss="binary_cross_entropy", initializer="zeros")
    >>> ready = net.predictor()
    >>> ready.forward([[1.0, 2.0]])
    array([[0.5]])
    >>> ready.predict_proba([[1.0, 2.0]])
    array([[0.5, 0.5]])
    """

    def __init__(
        self,
        plan: Plan,
        state: State,
        decode: Callable[[Array], Any],
        labels: bool,
        probabilities: bool,
        threads: int = 1,
    ) -> None:
        self.n_inputs, self.n_outputs = plan.n_inputs, plan.n_outputs
        own = State(aligned(state.theta), state.buffers.copy())
        self._dtype = state.theta.dtype
        self._decode, self._labels, self._probabilities = decode, labels, probabilities
        self.engine_, self._run = _bound(plan, own, threads)

    def __repr__(self) -> str:
        return (
            f"Predictor(n_inputs={self.n_inputs}, n_outputs={self.n_outputs}, "
            f"engine_={self.engine_!r})"
        )

    def forward(self, X: ArrayLike) -> Array:
        """Return the outputs, shape (n, n_outputs).

        Parameters
        ----------
        X : array, shape (n, n_inputs)

        Raises
        ------
        TypeError, ValueError
            If `X` has another shape or no rows, is sparse or masked, or holds no real numbers.
        """
        rows = self._read(X)
        if rows.ndim != 2 or rows.shape[1] != self.n_inputs:
            raise ValueError(f"X must have shape (n, {self.n_inputs}); got {rows.shape}")
        if not len(rows):
            raise ValueError(f"X must hold at least one sample; got shape {rows.shape}")
        return self._run(rows)

    def _read(self, X: Any) -> Array:
        if type(X) is np.ndarray and X.dtype == self._dtype:
            return X
        if is_sparse(X):
            raise TypeError("X must be a dense array; the model's own predict takes a sparse X")
        return as_floats(X, "X").astype(self._dtype, copy=False)

    def __reduce__(self) -> Any:
        raise TypeError(
            "a Predictor holds addresses of this process, and is neither pickled nor copied: "
            "pickle or copy the model, and call its predictor() anew"
        )

    __call__ = forward

    def predict(self, X: ArrayLike) -> Any:
        """Return what the model's `predict` does.

        Parameters
        ----------
        X : array, shape (n, n_inputs)

        Raises
        ------
        TypeError, ValueError
            As `forward`, and if labels would have to be read from outputs that are not
            finite.
        """
        outputs = self.forward(X)
        if self._labels and not all_finite(outputs):
            raise ValueError("the network's outputs are not finite: X is, or is too large")
        return self._decode(outputs)

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the probability of each class, shape (n, n_classes).

        Parameters
        ----------
        X : array, shape (n, n_inputs)

        Raises
        ------
        TypeError, ValueError
            As `forward`, and if the outputs are no probabilities.
        """
        if not self._probabilities:
            raise ValueError("predict_proba needs a cross-entropy loss; this model has another")
        p = self.forward(X)
        return np.hstack([1 - p, p]) if p.shape[1] == 1 else p


def of_network(net: Any, threshold: float | None) -> Predictor:
    """Return an `MLP` bound for prediction; raises as `check_threshold` does."""
    plan, cut = net.plan, check_threshold(threshold, net.plan)
    return Predictor(
        plan,
        net.state,
        lambda outputs: decode(outputs, plan, cut),
        labels=net.classification or cut is not None,
        probabilities=net.classification and plan.output in ("sigmoid", "softmax"),
        threads=n_threads(net.n_threads),
    )


def _bound(plan: Plan, state: State, threads: int) -> tuple[str, Callable[[Array], Array]]:
    """Return who computes, and how."""
    try:
        from glassnet.engines.numba_prediction import bind
    except ImportError:
        bound = None
    else:
        bound = bind(plan, state)
    if bound is None:
        return "numpy", lambda X: numpy_engine.forward(plan, state, X)[0]
    return "numba", partial(bound, threads=threads)
