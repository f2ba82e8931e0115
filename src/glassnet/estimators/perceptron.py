"""Rosenblatt's perceptron as a scikit-learn classifier."""

import contextlib
import sys
import warnings
from collections.abc import Iterator
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import Tags, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import _check_partial_fit_first_call, check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from glassnet.estimators import row_engines
from glassnet.formulas.types import Array

__all__ = ["Perceptron"]

FLOATS = (np.float64, np.float32)  # other numbers become the first


class Perceptron(ClassifierMixin, BaseEstimator):
    r"""Rosenblatt's perceptron: a straight line, learnt from its mistakes.

    .. math::

        \hat y = \operatorname{step}(w \cdot x + b), \qquad
        w \leftarrow w + \eta\, (y - \hat y)\, x, \qquad
        b \leftarrow b + \eta\, (y - \hat y)

    The samples are shown one by one, pass after pass, until a pass makes no mistake or
    `n_iterations` passes are done. The formula to read is
    `glassnet.formulas.perceptron.perceptron_epoch`; the result is the same, bit for bit,
    but for what the notes say of the compiled engine.

    Parameters
    ----------
    learning_rate : float, default=0.01
        :math:`\eta > 0`. From the zero start it scales weights and scores and changes
        no prediction (see Notes).
    n_iterations : int, default=1000
        Greatest number of passes over the samples, at least 1.
    shuffle : bool, default=False
        Whether each pass takes the samples in a new random order. Otherwise they are
        taken as given.
    random_state : int, RandomState instance or None, default=None
        Draws the orders; unused without `shuffle`.
    engine : {"auto", "numpy", "numba"}, default="auto"
        Who computes: NumPy, row by row, or compiled code, hundreds of times as fast, once
        Numba is loaded. "auto" compiles from 500 rows on (rows times classes where there
        are three classes or more), whatever else is the case, and stays with NumPy where
        Numba cannot be imported.

    Attributes
    ----------
    weights : array, shape (n_features,) or (n_features, n_classes)
        Weights, read-only: a vector for two classes, else one column per class.
    bias : float, or array of shape (n_classes,)
        Bias, read-only.
    coef_ : array, shape (1, n_features) or (n_classes, n_features)
        The same weights as scikit-learn lays them out.
    intercept_ : array, shape (1,) or (n_classes,)
        The same bias.
    mistakes_ : list of int
        Mistakes of each pass, that is, updates; summed over the perceptrons.
    n_iter_ : int
        Passes made, ``len(mistakes_)``.
    engine_ : {"numpy", "numba"}
        The engine that learnt last, which is also the one that predicts. `partial_fit`
        under "auto" stays with compiled code once it has taken it.
    engine_reason_ : str
        Why that is NumPy; empty for compiled code.
    classes_ : array, shape (n_classes,)
        Labels, sorted. With two, the second is the answer 1.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : array of str, shape (n_features_in_,)
        Names of the features, where `X` had text names.

    Warns
    -----
    ConvergenceWarning
        If the last of `n_iterations` passes still made mistakes. The message says so where
        every update of the weights underflowed to zero.

    Notes
    -----
    Weights start at zero and ``step(0) = 1``. Once a pass makes no mistake nothing can
    change any more: the weights are those that any further pass would give.

    With three classes or more, one perceptron per class learns "this class or another",
    all side by side, and the class of the largest score wins; of equal scores, the first
    in `classes_`. Each perceptron needs its class to be linearly separable from all the
    others together.

    Every update is a multiple of :math:`\eta`, so the weights of a run from zero are
    :math:`\eta` times those for :math:`\eta = 1`, and the signs of the scores, the
    mistakes and the predictions are the same. Only rounding can tell two rates apart, and
    only where a score is exactly 0 in exact arithmetic; a power of two rounds nothing.

    Learning and predicting make the same sums, so that what the last pass saw as right is
    predicted right. The compiled engine adds up the terms of a score in an order of its
    own; its updates are the formula's, bit for bit. So weights, bias and `mistakes_` are
    those of the formula too, unless some score comes within a few roundings of 0. There
    the two engines may answer differently, as two orders of the features could, and go on
    from different weights. Where the sums are exact, as with small integers and a
    `learning_rate` that is a power of two, they never differ. Which machine code adds
    depends on the processor, not on how many threads run or on what ran before.

    A call that fails leaves the estimator as it was. One that is interrupted (Ctrl-C)
    keeps the passes that it completed, and nothing of the one it was in.

    It is no drop-in for `sklearn.linear_model.Perceptron`, which has other parameters and
    counts a score of 0 as wrong for either class. It takes no ``sample_weight``: what the
    rule learns depends on the order of the samples, so that a weight of 2 is not the same
    as a sample given twice.

    References
    ----------
    Rosenblatt (1958), "The Perceptron: A Probabilistic Model for Information Storage and
    Organization in the Brain", Psychological Review 65(6), doi:10.1037/h0042519.
    Novikoff (1962), "On Convergence Proofs on Perceptrons", Symposium on the
    Mathematical Theory of Automata 12, pp. 615-622.

    Examples
    --------
    >>> X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> perceptron = Perceptron(learning_rate=1).fit(X, [0, 1, 1, 1])
    >>> perceptron.predict(X)
    array([0, 1, 1, 1])
    >>> perceptron.weights, float(perceptron.bias)
    (array([1., 1.]), -1.0)
    >>> perceptron.mistakes_
    [2, 2, 1, 0]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "learning_rate": [Interval(Real, 0, sys.float_info.max, closed="right")],
        "n_iterations": [Interval(Integral, 1, sys.maxsize, closed="both")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "engine": [StrOptions({"auto", "numpy", "numba"})],
    }

    def __init__(
        self,
        learning_rate: float = 0.01,
        n_iterations: int = 1000,
        shuffle: bool = False,
        random_state: Any = None,
        engine: str = "auto",
    ) -> None:
        self.learning_rate = learning_rate
        self.n_iterations = n_iterations
        self.shuffle = shuffle
        self.random_state = random_state
        self.engine = engine

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any) -> Self:
        """Learn from zero, until a pass makes no mistake.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)
            Samples. Computed in float64, or in float32 if that is what `X` is.
        y : array-like, shape (n_samples,)
            Labels, of two classes or more.

        Returns
        -------
        Perceptron
            The estimator itself.

        Raises
        ------
        ValueError
            For NaN, infinity, one class only, targets that are no labels, or values so
            large that the scores would overflow.
        ImportError
            If ``engine="numba"`` and Numba cannot be imported.
        """
        with self._whole_passes_only():
            X, y = self._validate_both(X, y, first=True)
            start = self._zero_start(X, np.unique(y))
            mistakes = self._learn(X, y, start, passes=self.n_iterations)
        if mistakes.any():
            warnings.warn(self._unfinished(X, mistakes), ConvergenceWarning, stacklevel=3)
        return self

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:
        """Make one pass over `X`, going on from the present weights.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)
            Samples.
        y : array-like, shape (n_samples,)
            Labels, not necessarily of every class.
        classes : array-like, shape (n_classes,), optional
            All labels that will ever come. Needed in the first call.

        Returns
        -------
        Perceptron
            The estimator itself. It does not warn: one pass is not meant to be enough.

        Raises
        ------
        ValueError, ImportError
            As for `fit`; also without `classes` in the first call, with other `classes`
            later, and for a label that is not among them.
        """
        with self._whole_passes_only():
            first = _check_partial_fit_first_call(self, classes)
            X, y = self._validate_both(X, y, first)
            unknown = np.setdiff1d(y, self.classes_)
            if len(unknown):
                raise ValueError(
                    f"y holds labels that are not in classes: {_listed(unknown)}; "
                    f"classes is {_listed(self.classes_)}"
                )
            start = self._zero_start(X, self.classes_) if first else self.__dict__
            self._learn(X, y, start, passes=1)
        return self

    def decision_function(self, X: Any) -> Array:
        r"""Return the scores :math:`w \cdot x + b`.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)
            Samples.

        Returns
        -------
        array, shape (n_samples,) or (n_samples, n_classes)
            Two classes: 0 and above speaks for ``classes_[1]``. More: a column per class.

        Raises
        ------
        NotFittedError
            Before `fit` or a first `partial_fit`.
        ValueError
            For NaN, infinity, or another number of features than was learnt with.
        """
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=FLOATS, order="C", reset=False)
        engine = row_engines.engine(self.engine_)
        scores = engine.scores(X, self.coef_, self.intercept_)
        return scores[:, 0] if len(self.classes_) == 2 else scores

    def predict(self, X: Any) -> np.ndarray:
        """Return the label of each sample.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)
            Samples.

        Returns
        -------
        array, shape (n_samples,)
            Labels from `classes_`.

        Raises
        ------
        NotFittedError, ValueError
            As for `decision_function`.
        """
        scores = self.decision_function(X)
        if scores.ndim == 1:
            return self.classes_[(scores >= 0).astype(int)]
        return self.classes_[scores.argmax(axis=1)]

    @property
    def weights(self) -> Array:
        """Weights, read-only: ``coef_[0]`` for two classes, else ``coef_.T``."""
        check_is_fitted(self)
        return _read_only(self.coef_[0] if len(self.coef_) == 1 else self.coef_.T)

    @property
    def bias(self) -> Any:
        """Bias, read-only: ``intercept_[0]`` for two classes, else `intercept_`."""
        check_is_fitted(self)
        only = len(self.intercept_) == 1
        return self.intercept_[0] if only else _read_only(self.intercept_)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _validate_both(self, X: Any, y: Any, first: bool) -> tuple[Any, np.ndarray]:
        dtype = FLOATS if first else self.coef_.dtype
        X, y = validate_data(
            self, X, y, accept_sparse="csr", dtype=dtype, order="C", reset=first
        )
        check_classification_targets(y)
        if scipy.sparse.issparse(X) and not X.has_canonical_format:
            X = X.copy()  # the caller's matrix stays as it is
            X.sum_duplicates()
        return X, y

    @contextlib.contextmanager
    def _whole_passes_only(self) -> Iterator[None]:
        """If the block fails, keep its whole passes; without one, what was before it."""
        before = vars(self).copy()
        try:
            yield
        except BaseException:  # KeyboardInterrupt too
            if vars(self).get("coef_") is before.get("coef_"):
                self.__dict__ = before
            else:
                del self.mistakes_[self.n_iter_ :]  # counted, but not yet taken over
            raise

    def _zero_start(self, X: Any, classes: np.ndarray) -> dict[str, Any]:
        """Return the attributes from which to learn the labels `classes`."""
        if len(classes) < 2:
            raise ValueError(
                f"Perceptron tells classes apart and got one class only: {_listed(classes)}"
            )
        rows = 1 if len(classes) == 2 else len(classes)
        return {
            "classes_": classes,
            "coef_": np.zeros((rows, X.shape[1]), dtype=X.dtype),
            "intercept_": np.zeros(rows, dtype=X.dtype),
            "mistakes_": [],
            "_random_state": check_random_state(self.random_state),
        }

    def _learn(self, X: Any, y: np.ndarray, start: dict[str, Any], passes: int) -> Array:
        """Make up to `passes` passes; return the last one's mistakes by perceptron."""
        coef, intercept = start["coef_"], start["intercept_"]
        self._check_range(X, passes, coef, intercept)
        name, reason = row_engines.choose(
            self.engine, len(y), len(intercept), start.get("engine_")
        )
        state = start | {"mistakes_": start["mistakes_"].copy()}
        state |= {"engine_": name, "engine_reason_": reason}
        engine, rate = row_engines.engine(name), float(self.learning_rate)
        samples = engine.samples_of(X)
        answers = state["classes_"][-len(intercept) :]  # the second of two, or all
        wanted = [y == answer for answer in answers]
        mistakes = np.ones(len(answers), dtype=int)
        order = None
        for _ in range(passes):
            if self.shuffle:
                order = state["_random_state"].permutation(len(y))
            coef, intercept = coef.copy(), intercept.copy()
            for k in np.flatnonzero(mistakes):  # who made none in the last pass is done
                w, b = coef[k], intercept[k : k + 1]
                mistakes[k] = engine.one_pass(w, b, samples, wanted[k], rate, order)
            state["mistakes_"].append(int(mistakes.sum()))
            state |= {"coef_": coef, "intercept_": intercept}
            state["n_iter_"] = len(state["mistakes_"])
            self.__dict__.update(state)  # in one step, which Ctrl-C cannot cut in two
            if not mistakes.any():
                break
        return mistakes

    def _check_range(self, X: Any, passes: int, coef: Array, intercept: Array) -> None:
        """Raise unless no score can overflow, even if every answer is wrong."""
        added = float(self.learning_rate) * X.shape[0] * passes
        limit = float(np.finfo(coef.dtype).max)
        weights = float(np.abs(coef).max()), float(np.abs(intercept).max())

        def safe(row: float) -> bool:  # `row`: the absolute values of any row sum to less
            return row * (weights[0] + added * row) + weights[1] + added < limit

        if safe(float(_largest_entry(X)) * X.shape[1]):
            return  # as nearly always, and without a copy of X
        with np.errstate(over="ignore"):
            largest = float(abs(X).sum(axis=1).max())
        if not safe(largest):
            raise ValueError(
                f"the scores may overflow {coef.dtype}: X has a row whose absolute values sum "
                f"to {largest:.3g}, and learning_rate={self.learning_rate}; scale the "
                f"features, for example with sklearn.preprocessing.StandardScaler"
            )

    def _unfinished(self, X: Any, mistakes: Array) -> str:
        """Return the warning for mistakes in the last pass."""
        if len(mistakes) > 1:
            failing = f", in telling {_listed(self.classes_[mistakes > 0])} from the rest"
        else:
            failing = ""
        made = (
            f"the last of n_iterations={self.n_iterations} passes still made "
            f"{int(mistakes.sum())} mistakes{failing}"
        )
        largest = _largest_entry(X)
        if largest and not float(self.learning_rate) * largest:
            return (
                f"{made}, but the weights did not change: every update, "
                f"learning_rate={self.learning_rate} times a sample, underflows to zero in "
                f"{X.dtype}; raise learning_rate or scale the features, for example with "
                f"sklearn.preprocessing.StandardScaler"
            )
        return (
            f"{made}: probably no straight line (hyperplane) "
            f"parts the classes, and then no number of passes will do: a network with a hidden "
            f"layer, such as glassnet.MLP, can; otherwise raise n_iterations"
        )


def _largest_entry(X: Any) -> Any:
    """Return the largest absolute value, a scalar of the dtype of `X`."""
    values = X.data if scipy.sparse.issparse(X) else X
    return max(values.max(initial=0), -values.min(initial=0))


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


def _listed(labels: np.ndarray) -> str:
    return ", ".join(repr(label) for label in labels.tolist())
