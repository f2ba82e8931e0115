"""What a model answers: one shape for every kind of classifier and regressor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.formulas.types import Array
from glassnet.mlp import MLP
from glassnet.plots.style import verbatim

__all__ = ["Answers", "Judge", "check_order", "judge"]

Labels = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Answers:
    """A classifier's answers to `m` rows.

    Attributes
    ----------
    scores : (m, k) array
        The class with the highest score is the answer; a boundary is where two tie.
    shade : (m,) array or None
        Binary: the probability (or the clipped output) of the second class. More
        classes: how far the first is ahead of the second, 0 to 1. None where the model
        gives no probability.
    """

    scores: Array
    shade: Array | None


@dataclass(frozen=True)
class Judge:
    """How to ask one model.

    Attributes
    ----------
    ask : callable
        Rows to `Answers`; for a surface, rows to values ``(m,)``.
    decide : callable
        Rows to labels, the model's own decision.
    classes : array or None
        Labels in the order of the scores' columns; None for a surface.
    shade_name : str
        What the shade is.
    middle : float
        Shade at which the answer changes.
    """

    ask: Callable[[Any], Any]
    decide: Callable[[Any], Labels]
    classes: Labels | None
    shade_name: str = ""
    middle: float = 0.5


def check_order(model: Any, X: Any, y: Any) -> None:
    """Refuse a model that cannot predict; say so if the arguments stand in another order.

    Raises
    ------
    TypeError
        If `model` has no ``predict``.
    """
    if callable(getattr(model, "predict", None)):
        return
    if any(callable(getattr(other, "predict", None)) for other in (X, y)):
        given = ", ".join(type(one).__name__ for one in (model, X, y))
        raise TypeError(
            f"the arguments come in the order (model, X, y), the model first; got ({given})"
        )
    raise TypeError(
        f"model must have a predict method; got {type(model).__name__}: {model!r:.60}"
    )


def judge(model: Any, y: Labels, threshold: float | str | None) -> Judge:
    """Return how to ask `model`, of which `y` are the targets.

    Raises
    ------
    ValueError
        If a threshold is given that the model cannot use.
    """
    if isinstance(threshold, str) and threshold != "auto":
        raise ValueError(f"threshold must be a number, 'auto' or None; got {threshold!r}")
    cut = None if isinstance(threshold, str | None) else float(threshold)
    if _is_regression(model, y):
        binary = threshold == "auto" and set(np.unique(y).tolist()) <= {0, 1}
        if cut is None and not binary:
            return Judge(lambda rows: _values(model, rows), _refuse, None)
        return _cut_output(model, 0.5 if cut is None else cut)
    classes = _classes(model, y)
    if _has_probabilities(model) and len(classes) > 1:
        return _by_probability(model, classes, cut)
    if cut is not None:
        raise ValueError(
            "threshold needs a model with predict_proba, or a regressor; "
            f"got {type(model).__name__}"
        )
    decision = model.forward if isinstance(model, MLP) else _method(model, "decision_function")
    if decision is not None and len(classes) > 1:
        return _by_decision(model, decision, classes)
    return Judge(lambda rows: _one_hot(model.predict(rows), classes), model.predict, classes)


def _is_regression(model: Any, y: Labels) -> bool:
    if isinstance(model, MLP):
        return not model.classification
    kind = _sklearn_kind(model)
    if kind is not None:
        return kind == "regressor"
    speaks = ("predict_proba", "decision_function", "classes_")
    return y.dtype.kind == "f" and not any(hasattr(model, name) for name in speaks)


def _sklearn_kind(model: Any) -> str | None:
    tags = getattr(model, "__sklearn_tags__", None)
    if not callable(tags):
        return None
    kind = tags().estimator_type
    return None if kind is None else str(kind)


def _method(model: Any, name: str) -> Callable[..., Any] | None:
    found = getattr(model, name, None)
    return found if callable(found) else None


def _has_probabilities(model: Any) -> bool:
    if isinstance(model, MLP):
        return model.plan.output in ("sigmoid", "softmax")
    return _method(model, "predict_proba") is not None


def _classes(model: Any, y: Labels) -> Labels:
    """Return the labels the model knows, then those that only `y` has.

    Raises
    ------
    ValueError
        If a network answers several questions at once.
    """
    known = getattr(model, "classes_", None)
    found = np.unique(y)
    if isinstance(model, MLP):
        outputs = model.plan.n_outputs
        if outputs > 1 and catalog.loss(model.plan.loss).task == "binary":
            raise ValueError(
                f"model must answer one question to be drawn; this network answers {outputs}"
            )
        known = np.arange(max(outputs, 2))
    if known is None:
        return found
    known = np.asarray(known)
    return np.concatenate([known, found[~np.isin(found, known)]])


def _by_probability(model: Any, classes: Labels, cut: float | None) -> Judge:
    if cut is not None and (len(classes) != 2 or not 0 < cut < 1):
        raise ValueError(
            "threshold must lie in (0, 1) and needs two classes; "
            f"got {cut!r} for {len(classes)} classes"
        )
    binary = len(classes) == 2
    middle = 0.5 if cut is None else cut

    def ask(rows: Any) -> Answers:
        """Return probabilities; a moved threshold tilts them so that they tie there."""
        p = _widen(np.asarray(model.predict_proba(rows), dtype=float), len(classes))
        if binary:
            return Answers(p * [middle, 1 - middle], p[:, 1])
        first_two = np.sort(p, axis=1)[:, -2:]
        return Answers(p, first_two[:, 1] - first_two[:, 0])

    def decide(rows: Any) -> Labels:
        """Return the model's own answers, or those of a moved threshold."""
        if cut is None:
            return np.asarray(model.predict(rows))
        return classes[np.argmax(ask(rows).scores, axis=1)]

    return Judge(ask, decide, classes, "probability" if binary else "lead", middle)


def _by_decision(model: Any, decision: Callable[..., Any], classes: Labels) -> Judge:
    def ask(rows: Any) -> Answers:
        """Return one score per class, whatever shape the model gives them."""
        scores = np.asarray(decision(rows), dtype=float)
        if scores.ndim == 1 or scores.shape[1] == 1:
            scores = scores.reshape(-1, 1) * [-1.0, 1.0]
        if scores.shape[1] > len(classes):  # one score per pair of classes: not a vote yet
            return _one_hot(model.predict(rows), classes)
        return Answers(_widen(scores, len(classes)), None)

    return Judge(ask, model.predict, classes)


def _cut_output(model: Any, cut: float) -> Judge:
    def ask(rows: Any) -> Answers:
        """Return how far the output lies from the cut, on either side."""
        output = _values(model, rows)
        return Answers(np.column_stack([cut - output, output - cut]), output)

    def decide(rows: Any) -> Labels:
        """Return 1 where the output lies above the cut."""
        return (_values(model, rows) > cut).astype(int)

    return Judge(ask, decide, np.array([0, 1]), "output", cut)


def _widen(scores: Array, k: int) -> Array:
    """Return `scores` with columns for classes that the model never saw: they never win."""
    if scores.shape[1] >= k:
        return scores
    missing = np.full((len(scores), k - scores.shape[1]), np.min(scores, initial=0.0) - 1.0)
    return np.hstack([scores, missing])


def _one_hot(labels: Any, classes: Labels) -> Answers:
    return Answers((np.asarray(labels)[:, None] == classes).astype(float), None)


def _values(model: Any, rows: Any) -> Array:
    values = np.asarray(model.predict(rows), dtype=float)
    if values.ndim == 2 and values.shape[1] > 1:
        raise ValueError(f"model must have one output to be drawn; got {values.shape[1]}")
    return values.reshape(-1)


def _refuse(rows: Any) -> Labels:
    raise TypeError("a regressor decides nothing")


def targets(y: Any, n: int) -> Labels:
    """Return `y` as one value per row.

    Raises
    ------
    ValueError
        If it has another length or more than one column.
    """
    values = np.asarray(y)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.shape != (n,):
        raise ValueError(
            f"y must hold one target for each of the {n} rows of X; got shape {values.shape}"
        )
    return values


def names_of(classes: Labels, class_names: Sequence[str] | None) -> list[str]:
    """Return what to call each class in the legend.

    Raises
    ------
    ValueError
        If there are fewer or more names than classes.
    """
    if class_names is None:
        plain = [c.item() if hasattr(c, "item") else c for c in classes]
        class_names = [verbatim(c if isinstance(c, str) else f"class {c}") for c in plain]
    if isinstance(class_names, str) or len(class_names) != len(classes):
        raise ValueError(
            f"class_names must hold one name for each of the {len(classes)} classes "
            f"{classes.tolist()}; got {class_names!r}"
        )
    # Matplotlib leaves names that begin with "_" out of legends.
    return [f" {name}" if str(name).startswith("_") else str(name) for name in class_names]
