"""What the data allow: statistics, and what other learners make of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.feature_selection import f_classif, f_regression
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from glassnet.formulas.types import Array
from glassnet.insight.diagnosis.case import Case, largest
from glassnet.insight.diagnosis.runs import r_squared

__all__ = ["RARE", "Baselines", "measure_baselines"]

HeldOut = Callable[..., tuple[float, Array]]

RARE = 0.8
"""Share of the most frequent class from which accuracy says little."""

_MANY = 30  # features that are tried alone
_WIDE = 300  # features of which a split looks at all; of more, at so many
_SHUFFLES = (19, 59)  # permutations; the second where the first leave it open


@dataclass(frozen=True)
class Baselines:
    """Held-out accuracy or R2 of other learners.

    Attributes
    ----------
    constant, linear, trees : float
    p_value : float
        Chance of so good a score if the targets had nothing to do with the inputs.
    leak : int or None
        A feature that alone gives the target away.
    leak_score, without_leak : float
        What it scores alone, and what the trees score without it.
    recall : float
        Least recall of a class by trees that weigh classes evenly; 1 for numbers.
    """

    constant: float
    linear: float
    trees: float
    p_value: float
    leak: int | None
    leak_score: float
    without_leak: float
    recall: float

    @property
    def best(self) -> float:
        """The best of them."""
        return max(self.constant, self.linear, self.trees)


def measure_baselines(case: Case, seed: int) -> Baselines:
    """Cross-validate a constant, a linear model and trees on the case's rows."""
    X, t = case.X / largest(case.X), case.labels
    t = (case.y if case.y.shape[1] > 1 else case.y[:, 0]) if t is None else t
    classes = case.labels is not None
    trees = (ExtraTreesClassifier if classes else ExtraTreesRegressor)(
        40,
        min_samples_leaf=2,
        max_features="sqrt" if classes else _looked_at(X),
        random_state=seed,
    )
    constant = float(np.bincount(t).max() / len(t)) if classes else 0.0
    folds = _folds(t, classes, seed)
    if folds is None:
        return Baselines(constant, constant, constant, 0.0, None, 0.0, 0.0, 1.0)

    def held_out(model: object, X: Array) -> tuple[float, Array]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = cross_val_predict(model, X, t, cv=folds)
        return _score(t, found, classes), found

    line, columns = _straight(LogisticRegression(max_iter=300) if classes else RidgeCV(), X)
    linear, _ = held_out(line, columns)
    forest, found = held_out(trees, X)
    p = _chance(X, t, max(linear, forest), constant, seed)
    leak, alone, rest = _leak(held_out, trees, X, t, classes, seed)
    recall = 1.0
    if classes:
        _, found = held_out(trees.set_params(class_weight="balanced", min_samples_leaf=5), X)
        recall = min(float(np.mean(found[t == k] == k)) for k in np.unique(t))
    return Baselines(constant, linear, forest, p, leak, alone, rest, recall)


def _looked_at(X: Array) -> float:
    """Return the share of the features that a split looks at."""
    return float(min(1.0, _WIDE / X.shape[1]))


def _straight(line: Any, X: Array) -> tuple[Any, Array]:
    """Return a linear model for standardized features, and the columns that it is to take.

    Of more features than rows these are turned, as many as there are rows: a penalty on the
    sum of squares does not notice.
    """
    if X.shape[1] <= len(X):
        return make_pipeline(StandardScaler(), line), X
    z = StandardScaler().fit_transform(X)
    values, vectors = np.linalg.eigh(z @ z.T)
    return line, vectors * np.sqrt(np.maximum(values, 0.0))


def _folds(t: Array, classes: bool, seed: int) -> Any:
    if len(t) < 20 or (classes and np.bincount(t)[np.unique(t)].min() < 3):
        return None
    kind = StratifiedKFold if classes else KFold
    return kind(3, shuffle=True, random_state=seed)


def _score(t: Array, found: Array, classes: bool) -> float:
    return float(np.mean(t == found)) if classes else r_squared(t, found)


def _chance(X: Array, t: Array, best: float, constant: float, seed: int) -> float:
    """Return a permutation test's p-value; 0 where there is nothing to test.

    Of classes, squared errors of their shares are compared: accuracy tells less by far.
    """
    if best - constant > 0.3 * (1 - constant) or constant > RARE:
        return 0.0  # of rare classes even that says little, however often it is shuffled
    rng = np.random.default_rng(seed)
    target = (np.eye(t.max() + 1)[t] if t.dtype.kind == "i" else t).reshape(len(t), -1)
    tree = DecisionTreeRegressor(
        max_depth=6, min_samples_leaf=5, max_features=_looked_at(X), random_state=seed
    )
    line, columns = _straight(RidgeCV(alpha_per_target=True), X)
    # Classes evenly in each part would be an advantage that shuffled ones have not.
    parts = list(KFold(3, shuffle=True, random_state=seed).split(X))

    def scores(targets: list[Array]) -> Array:
        """Return what tree and line score on each; the line is fitted to all at once."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            bent = [cross_val_predict(tree, X, one, cv=parts) for one in targets]
            every = cross_val_predict(line, columns, np.hstack(targets), cv=parts)
        straight = np.split(every.reshape(len(t), -1), len(targets), axis=1)
        return np.array(
            [
                [r_squared(one, found.reshape(one.shape)) for found in pair]
                for one, *pair in zip(targets, bent, straight, strict=True)
            ]
        )

    # Each model is ranked against itself; two chances to win are paid for by doubling.
    own = scores([target])
    wins, value = np.zeros(2), 1.0
    for done, until in zip((0, *_SHUFFLES), _SHUFFLES, strict=False):
        others = scores([target[rng.permutation(len(t))] for _ in range(done, until)])
        wins += (others >= own).sum(axis=0)
        value = float(min(1.0, 2 * (1 + wins.min()) / (1 + until)))
        if value > 0.2:
            break
    return value


def _leak(
    held_out: HeldOut, trees: object, X: Array, t: Array, classes: bool, seed: int
) -> tuple[int | None, float, float]:
    """Return the feature that alone nearly gives the target, if the others do much worse."""
    if X.shape[1] < 3 or t.ndim > 1:
        return None, 0.0, 0.0
    tried = _most_telling(X, t, classes)
    stump = (DecisionTreeClassifier if classes else DecisionTreeRegressor)(
        max_depth=4 if classes else 8, random_state=seed
    )
    alone = [held_out(stump, X[:, [j]])[0] for j in tried]
    best = int(np.argmax(alone))
    if alone[best] < 0.98:
        return None, alone[best], 0.0
    leak = int(tried[best])
    return leak, alone[best], held_out(trees, np.delete(X, leak, axis=1))[0]


def _most_telling(X: Array, t: Array, classes: bool) -> Any:
    """Return the features that could give the target away: all, or those of the largest F."""
    if X.shape[1] <= _MANY:
        return np.arange(X.shape[1])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = (f_classif if classes else f_regression)(X, t)[0]
    return np.argsort(-np.nan_to_num(found, posinf=np.finfo(float).max))[:_MANY]
