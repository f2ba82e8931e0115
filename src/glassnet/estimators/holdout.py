"""Held-out data of one fit: where it comes from, and how it is judged."""

from __future__ import annotations

import copy
import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.metrics import accuracy_score, get_scorer, r2_score
from sklearn.model_selection import train_test_split

from glassnet.engines.choice import named
from glassnet.engines.cores import n_threads
from glassnet.engines.data import Data, all_finite

__all__ = ["Holdout", "split"]


@dataclass(frozen=True)
class Holdout:
    """Held-out samples: encoded for the loss, and as the user knows them for the score.

    Attributes
    ----------
    data : Data
        Encoded; the weights are the user's own, without those of classes.
    y : array
        Labels or values.
    """

    data: Data
    y: Any

    def score(self, est: Any) -> float:
        """Return the score of `est` as it stands; NaN where its answers are not finite.

        Accuracy or R² with the weights, unless `est.scoring` asks for something else.
        """
        weight = self.data.weight
        weights = {} if weight is None else {"sample_weight": weight}
        # a score that is not finite shows
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            threads = n_threads(est.n_threads)
            outputs, _ = named(est.engine_).forward(
                est._plan, est._state, self.data.X, threads=threads
            )
            if not all_finite(outputs):
                return float("nan")
            if est.scoring is None:
                metric = accuracy_score if is_classifier(est) else r2_score
                return float(metric(self.y, est._decode(outputs), **weights))
        probe = copy.copy(est)
        vars(probe).pop("feature_names_in_", None)  # these samples have lost theirs
        scorer = get_scorer(est.scoring)
        takes = inspect.signature(scorer).parameters.values()
        if not any(p.name == "sample_weight" or p.kind is p.VAR_KEYWORD for p in takes):
            weights = {}  # a function of one's own may judge all samples alike
        return float(scorer(probe, self.data.X, self.y, **weights))

    def loss(self, est: Any) -> float:
        """Return the mean loss of `est` as it stands, without the penalty, as reported."""
        engine, threads = named(est.engine_), n_threads(est.n_threads)
        loss, _ = engine.evaluate(est._plan, est._state, self.data, threads)
        return est._reported(loss, 0.0)


def split(
    est: Any, data: Data, weight: Any, targets: Any, stratify: bool
) -> tuple[Data, Holdout]:
    """Split off `est.validation_fraction` of the samples, drawn as scikit-learn draws them.

    Parameters
    ----------
    est : estimator
        Its `_random_state` is drawn from.
    data : Data
        All samples, with the weights to train by.
    weight : array, shape (n,), or None
        The user's own weights, by which the held-out samples are judged.
    targets : array, shape (n, n_outputs)
        Targets as scikit-learn would hold them, in a type that can be sorted.
    stratify : bool
        Whether each part gets the same share of each target.

    Raises
    ------
    ValueError
        If fewer than two samples would be held out.
    """
    rows, held = train_test_split(
        np.arange(len(data.y)),
        random_state=est._random_state,
        test_size=est.validation_fraction,
        stratify=targets if stratify else None,
    )
    if len(held) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' or the size of "
            f"your dataset: validation_fraction={est.validation_fraction} of {len(data.y)} "
            f"samples leaves {len(held)}, and 2 are needed"
        )
    X, y, _ = data.take(held)
    judged = Data(X, y, None if weight is None else weight[held])
    return Data(*data.take(rows)), Holdout(judged, est._labels(y))
