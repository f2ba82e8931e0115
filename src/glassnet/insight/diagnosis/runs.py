"""Training runs on copies, within a budget, and how they are scored."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.formulas.types import Array
from glassnet.insight.diagnosis.case import Case, rebuilt
from glassnet.mlp import MLP
from glassnet.network import State
from glassnet.training import EarlyStopping, Epoch

__all__ = [
    "FEW",
    "Run",
    "better",
    "error_of",
    "halves",
    "r_squared",
    "run",
    "score",
    "split_anew",
    "standard_error",
]

FEW = 20
"""Rows below which none are held out."""

_MOST_WORK = 1.5e9  # numbers multiplied in one probing run, about a second
_MOST_STEPS = 6000


@dataclass(frozen=True)
class Run:
    """What a training run came to.

    Attributes
    ----------
    loss, validation_loss : tuples of float
        One per epoch.
    state : State
    train, held_out : float
        Accuracy, or R2, on the rows trained on and on others; -inf if not finite.
    diverged : bool
    epochs : int
        Epochs that the budget allowed.
    """

    loss: tuple[float, ...]
    validation_loss: tuple[float, ...]
    state: State
    train: float
    held_out: float
    diverged: bool
    epochs: int

    @property
    def final(self) -> float:
        """The last loss; infinite where there is none to speak of."""
        return np.inf if self.diverged else self.loss[-1]


def halves(case: Case, seed: int, most: int = 1000) -> Case:
    """Return the case on at most so many rows, a quarter of them held out if none are given."""
    X_val: Any
    y_val: Any
    rng = np.random.default_rng(seed)
    n = len(case.X)
    rows = rng.permutation(n)[: most + most // 3]
    if case.X_val is None:
        cut = max(1, len(rows) // 4) if n >= FEW else 0
        held, rows = rows[:cut], np.sort(rows[cut:])
        held = rows if cut == 0 else held
        X_val, y_val = case.X[held], case.y[held]
    else:
        rows, X_val, y_val = np.sort(rows[:most]), case.X_val, case.y_val
    labels = None if case.labels is None else case.labels[rows]
    # As many updates in an epoch as with all rows, and as strong a penalty in each.
    size = max(1, round(case.batch_size * len(rows) / n))
    alpha = case.plan.alpha * size / case.batch_size
    weight = None if case.weight is None else case.weight[rows]
    return case.but(
        plan=rebuilt(case.plan, alpha=alpha) if case.plan.alpha else case.plan,
        X=case.X[rows],
        y=case.y[rows],
        X_val=X_val,
        y_val=y_val,
        labels=labels,
        batch_size=size,
        weight=weight,
    )


def split_anew(case: Case, seed: int) -> Case:
    """Return a case that has held-out rows with other ones held out."""
    assert case.X_val is not None
    assert case.y_val is not None
    X, y = np.vstack([case.X, case.X_val]), np.vstack([case.y, case.y_val])
    labels = case.labels
    if labels is not None:
        labels = np.r_[labels, classes(case, np.asarray(case.y_val), truth=True)]
    whole = case.but(X=X, y=y, X_val=None, y_val=None, labels=labels, weight=None)
    return halves(whole, seed).but(plan=case.plan, batch_size=case.batch_size)


def run(case: Case, seed: int, *, stop: bool = False, whole: bool = False) -> Run:
    """Train a copy of the case's network from its start.

    Parameters
    ----------
    case : Case
        Its `X_val` is scored, and is not trained on.
    seed : int
    stop : bool
        Whether it stops by its own rule.
    whole : bool
        Whether to train for all its epochs, whatever they cost.
    """
    net = MLP.of(case.plan, case.start.copy(), np.random.default_rng(seed))
    net.engine = "auto"
    epochs = case.epochs if whole else _affordable(case)
    rule = EarlyStopping(case.patience, case.tolerance) if stop and case.patience else None
    watched = rule if rule is None or case.watches_held_out else None
    own = [] if rule is None or case.watches_held_out else [_stop_of_scikit_learn(rule)]
    full = getattr(case.optimizer, "full_batch", False)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        net.fit(
            case.X,
            case.y,
            case.optimizer,
            epochs,
            None if full else case.batch_size,
            case.X_val,
            case.y_val,
            schedule=case.schedule,
            sample_weight=case.weight,
            shuffle=case.shuffle,
            early_stopping=watched,
            callbacks=own,
        )
    history = net.history
    train = score(case, net.state, case.X, case.y)
    held = train if case.X_val is None else score(case, net.state, case.X_val, case.y_val)
    diverged = (
        not history.loss or history.stopped == "diverged" or not np.isfinite(history.loss).all()
    )
    return Run(
        tuple(history.loss) or (np.inf,),
        tuple(history.validation_loss),
        net.state,
        train,
        held,
        diverged,
        epochs,
    )


def _stop_of_scikit_learn(rule: EarlyStopping) -> Callable[[Epoch], bool]:
    """Return a callback that ends training when its own loss has not fallen for long.

    As scikit-learn without ``early_stopping``: a loss counts as progress where it is below the
    least so far by more than the tolerance.
    """
    best, waited = np.inf, 0

    def stop(epoch: Epoch) -> bool:
        """Say whether the epochs without progress are too many."""
        nonlocal best, waited
        waited = waited + 1 if epoch.loss > best - rule.min_delta else 0
        best = min(best, epoch.loss)
        return waited > rule.patience

    return stop


def _affordable(case: Case) -> int:
    """Return how many of the case's epochs a probing run may take."""
    steps = -(-len(case.X) // case.batch_size)
    work = 6 * case.plan.n_parameters * len(case.X)
    if getattr(case.optimizer, "full_batch", False):
        steps = 2
    return int(max(3, min(case.epochs, _MOST_STEPS // steps, _MOST_WORK // work)))


def score(case: Case, state: State, X: Any, y: Any) -> float:
    """Return the accuracy where the targets are classes, else R2 over all outputs."""
    net = MLP.of(case.plan, state, np.random.default_rng(0))
    net.engine = "numpy"
    out = net.forward(X)
    if y is None or not np.isfinite(out).all():
        return -np.inf
    if case.labels is not None:
        truth = classes(case, y, truth=True)
        right = classes(case, out) == truth
        if case.balanced:
            return float(np.mean([right[truth == k].mean() for k in np.unique(truth)]))
        return float(np.mean(right))
    return r_squared(y, out)


def r_squared(y: Array, out: Array) -> float:
    """Return the share of the targets' spread that is explained, over all outputs."""
    spread = ((y - y.mean(axis=0)) ** 2).sum()
    return float(1 - ((y - out) ** 2).sum() / max(spread, 1e-300))


def classes(case: Case, out: Array, truth: bool = False) -> Any:
    """Return class numbers from outputs, or from encoded targets."""
    if out.shape[1] > 1:
        return np.argmax(out, axis=1)
    scores = case.y.min() < 0 or catalog.loss(case.plan.loss).name.endswith("hinge")
    return (out[:, 0] > (0.0 if scores and not truth else 0.5)).astype(int)


def error_of(figure: float) -> float:
    """Return what is missing to 1, at most 2."""
    return float(min(2.0, 1.0 - figure))


def standard_error(case: Case, figure: float, rows: int) -> float:
    """Return how far chance moves an accuracy on so many rows; 0 for numbers."""
    if case.labels is None or not 0 < figure < 1:
        return 0.0
    return float(np.sqrt(figure * (1 - figure) / rows))


def better(before: float, after: float, share: float = 0.25, least: float = 0.03) -> bool:
    """Say whether a metric's error fell by a share, and by more than chance would."""
    a, b = error_of(before), error_of(after)
    return a - b >= max(least, share * a)
