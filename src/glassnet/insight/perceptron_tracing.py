"""`trace` of a `Perceptron`: each sample's score, answer, error and update."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.formulas.types import Array
from glassnet.insight.lines import display
from glassnet.insight.lines.latex import latex
from glassnet.insight.lines.line import Line
from glassnet.insight.lines.page import html
from glassnet.insight.lines.perceptron import perceptron_lines

__all__ = ["PerceptronTrace", "trace_perceptron"]


@dataclass(frozen=True, eq=False, repr=False)
class PerceptronTrace:
    """Every number of one pass of the perceptron's rule; ``print(trace)`` shows its lines.

    Parameters
    ----------
    learning_rate : float
    classes : array, shape (n_classes,)
        Labels, sorted.
    X : array, shape (n, n_features)
    y : array of 0 and 1, shape (n, k)
        What each of `k` perceptrons should answer.
    order : array, shape (n,)
        The samples' places in `X`, in the order in which they are shown.
    weights, biases : arrays, shape (n + 1, n_features, k) and (n + 1, k)
        Before the first step, and after each.
    scores, answers, errors : arrays, shape (n, k)
        Of each step, in that order.
    max_units : int
        Samples, features and perceptrons that have lines of their own.

    Examples
    --------
    >>> from glassnet import Perceptron, trace
    >>> found = trace(Perceptron(learning_rate=0.5), [[2.0], [-1.0]], ["no", "yes"])
    >>> print(found.lines[3])
    new w[0] = w[0] + learning_rate·error[n=0]·x[n=0,0] = 0 + 0.5·(-1)·2 = -1
    >>> found.after
    {'w': array([[-1.]]), 'b': array([-0.5])}
    """

    learning_rate: float
    classes: Array
    X: Array
    y: Array
    order: NDArray[np.integer[Any]]
    weights: Array
    biases: Array
    scores: Array
    answers: Array
    errors: Array
    max_units: int = 6

    @property
    def before(self) -> dict[str, Array]:
        """Weights ``w`` and bias ``b`` before the first step."""
        return {"w": self.weights[0], "b": self.biases[0]}

    @property
    def after(self) -> dict[str, Array]:
        """Weights ``w`` and bias ``b`` after the last step."""
        return {"w": self.weights[-1], "b": self.biases[-1]}

    @property
    def update(self) -> dict[str, Array]:
        """What all steps together change: ``after - before``."""
        return {name: self.after[name] - before for name, before in self.before.items()}

    @property
    def lines(self) -> tuple[Line, ...]:
        """The equations, with their numbers put in; at most `max_units` along each axis."""
        return tuple(perceptron_lines(self, self.max_units))

    @property
    def headline(self) -> str:
        """One sentence: what was done, and with what success."""
        n, wrong = len(self.X), int(np.abs(self.errors).sum())
        what = "One step" if n == 1 else f"One pass of {n} steps"
        mistakes = "1 mistake" if wrong == 1 else f"{wrong} mistakes"
        return (
            f"{what} of the perceptron's rule, learning_rate={self.learning_rate:g}: {mistakes}"
        )

    def __str__(self) -> str:
        return display.text(self.headline, self.lines)

    __repr__ = __str__  # what a session shows of a value

    def _repr_html_(self) -> str:
        return html(self.headline, self.lines)

    def to_latex(self) -> str:
        """Return the equations as LaTeX source, for the package amsmath."""
        return latex(self.headline, self.lines)

    def to_frame(self) -> Any:
        """Return the equations as a pandas DataFrame, one a row; none is left out.

        Raises
        ------
        ImportError
            If pandas cannot be imported.
        """
        return display.frame(perceptron_lines(self, None))

    def to_dict(self) -> dict[str, Any]:
        """Return every number as plain lists."""
        names = ("classes", "X", "y", "order", "weights", "biases")
        arrays = (*names, "scores", "answers", "errors")
        found = {name: getattr(self, name).tolist() for name in arrays}
        return {"learning_rate": self.learning_rate, **found}


def trace_perceptron(model: Any, X: Any, y: Any, max_units: int) -> PerceptronTrace:
    """Return one pass of a perceptron's rule over `X`, computed on a copy of it.

    Each step is a `Perceptron.partial_fit` of one sample, by the engine that a pass over all
    of them would take.

    Parameters
    ----------
    model : Perceptron
        Fitted, or not: then it starts at zero.
    X, y : arrays
        As `Perceptron.partial_fit` takes them.
    max_units : int
        As of `PerceptronTrace`.

    Raises
    ------
    ValueError
        For what `Perceptron.partial_fit` refuses, and for labels of one class only where the
        perceptron has not learnt which there are.
    """
    whole = copy.deepcopy(model)  # it checks everything, and says which engine a pass takes
    whole.shuffle = False  # draws nothing
    whole.partial_fit(X, y, classes=_classes(model, y))
    rows, labels = whole._validate_both(X, y, first=False)
    twin = copy.deepcopy(model)
    start = vars(twin) if "coef_" in vars(twin) else twin._zero_start(rows, whole.classes_)
    order = np.arange(len(labels))
    if model.shuffle:
        order = copy.deepcopy(start["_random_state"]).permutation(len(labels))
    answers = whole.classes_[-len(whole.intercept_) :]
    wanted = labels[:, None] == answers
    weights, biases, scores = _steps(whole, start, rows, wanted, order)
    answered = (scores >= 0).astype(float)
    dense = rows if isinstance(rows, np.ndarray) else rows.toarray()
    numbers = weights, biases, scores, answered, wanted[order] - answered
    wanted = wanted.astype(float)
    rate = float(model.learning_rate)
    return PerceptronTrace(
        rate, whole.classes_, dense, wanted, order, *numbers, max_units=max_units
    )


def _classes(model: Any, y: Any) -> Any:
    if "coef_" in vars(model):
        return None
    found = np.unique(y)
    if len(found) < 2:
        raise ValueError(
            "y must hold two classes or more where the Perceptron has not learnt yet which "
            f"there are; got {found.tolist()}"
        )
    return found


def _steps(
    whole: Any, start: Any, rows: Any, wanted: Any, order: Any
) -> tuple[Array, Array, Array]:
    """Return weights and biases before and after each step, and the scores."""
    from glassnet.estimators import row_engines

    engine = row_engines.engine(whole.engine_)
    rate = float(whole.learning_rate)
    coef, intercept = start["coef_"].copy(), start["intercept_"].copy()
    n, k = wanted.shape
    weights = np.empty((n + 1, coef.shape[1], k), coef.dtype)
    biases, scores = np.empty((n + 1, k), coef.dtype), np.empty((n, k), coef.dtype)
    weights[0], biases[0] = coef.T, intercept
    for step, i in enumerate(order):
        row = rows[[i]]
        scores[step], sample = engine.scores(row, coef, intercept), engine.samples_of(row)
        for j in range(k):
            engine.one_pass(coef[j], intercept[j : j + 1], sample, wanted[[i], j], rate, None)
        weights[step + 1], biases[step + 1] = coef.T, intercept
    return weights, biases, scores
