"""Chapter 8: real data, beside scikit-learn's own models on the same splits."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier as SklearnMLP
from sklearn.preprocessing import StandardScaler

from glassnet import MLPClassifier, optimizers
from glassnet.tour.glossary import term
from glassnet.tour.report import Chapter, Table, Takeaway, Text
from glassnet.tour.tools import percent, spread

__all__ = ["real_data"]

SETS: dict[str, Callable[..., Any]] = {
    "digits": load_digits,
    "breast cancer": load_breast_cancer,
}

Scores = dict[tuple[str, str], tuple[list[float], float]]


def real_data(seeds: int) -> Chapter:
    """Held-out accuracy of three models over several splits of two real data sets."""
    found = {
        (name, model): _score(train, load, seeds)
        for name, load in SETS.items()
        for model, train in MODELS.items()
    }
    return Chapter(
        "Real data", [_data(seeds), _table(found, seeds), _recipes()], [_takeaway(found)]
    )


def _data(seeds: int) -> Text:
    return Text(
        "Scikit-learn's handwritten digits (1,797 pictures of 8×8 pixels, ten classes) "
        "and breast-cancer measurements (569 patients, 30 columns, two classes). For "
        f"each of {seeds} {term('seed', 'seeds')} a quarter of the data is {term('held out')}, "
        f"by class; columns are scaled to mean 0 and {term('standard deviation')} 1 by the "
        "training part alone."
    )


def _table(found: Scores, seeds: int) -> Table:
    return Table(
        ["data and model", "held-out accuracy", "worst seed", "seconds per fit"],
        [
            [f"{name}: {model}", spread(shares), percent(min(shares)), f"{seconds:.2f} s"]
            for (name, model), (shares, seconds) in found.items()
        ],
        f"Mean and standard deviation over {seeds} splits, the same for all models.",
    )


def _recipes() -> Text:
    return Text(
        "glassnet's MLPClassifier has two hidden layers of 64 ReLU units with "
        f"{term('dropout')} 0.2 and {term('label smoothing')} 0.1, trained by "
        f"{term('AdamW')} (0.005) with a {term('cosine schedule')} for 40 "
        f"{term('epoch', 'epochs')} in batches of 32; these settings were chosen on other "
        "splits. Scikit-learn's models have their own defaults. The seconds, on one thread, "
        "compare recipes and not engines: the steps differ in number and size."
    )


def _takeaway(found: Scores) -> Takeaway:
    means = {key: float(np.mean(shares)) for key, (shares, _) in found.items()}
    ours, theirs, line = (means["digits", model] for model in MODELS)
    cancer = [means["breast cancer", model] for model in MODELS]
    return Takeaway(
        "The same few formulas work on real data.",
        f"Digits, held out: {percent(ours)} (scikit-learn's MLP {percent(theirs)}, logistic "
        f"regression {percent(line)}); breast cancer {percent(cancer[0])} "
        f"({percent(cancer[1])}, {percent(cancer[2])}).",
        ours > line and ours > 0.97 and cancer[0] > 0.95,
    )


def _glassnet(X: Any, y: Any, seed: int) -> MLPClassifier:
    net = MLPClassifier(
        (64, 64),
        solver=optimizers.AdamW(0.005),
        schedule="cosine",
        dropout=0.2,
        label_smoothing=0.1,
        initializer="he_uniform",
        alpha=0.0,
        batch_size=32,
        max_iter=40,
        n_iter_no_change=np.inf,  # the schedule needs all epochs
        random_state=seed,
    )
    fitted: MLPClassifier = net.fit(X, y)
    return fitted


def _sklearn(X: Any, y: Any, seed: int) -> SklearnMLP:
    return SklearnMLP(random_state=seed).fit(X, y)


def _logistic(X: Any, y: Any, seed: int) -> LogisticRegression:
    return LogisticRegression(max_iter=1000).fit(X, y)


MODELS: dict[str, Callable[[Any, Any, int], Any]] = {
    "glassnet MLP": _glassnet,
    "scikit-learn MLP": _sklearn,
    "logistic regression": _logistic,
}


def _score(train: Any, load: Any, seeds: int) -> tuple[list[float], float]:
    """Return the held-out accuracy per seed, and the median seconds of a fit."""
    X, y = load(return_X_y=True)
    shares, seconds = [], []
    for seed in range(seeds):
        X_train, X_test, y_train, y_test = train_test_split(
            X, y, test_size=0.25, random_state=seed, stratify=y
        )
        scaler = StandardScaler().fit(X_train)
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # 200 passes are its default
            model = train(scaler.transform(X_train), y_train, seed)
        seconds.append(time.perf_counter() - start)
        shares.append(float(np.mean(model.predict(scaler.transform(X_test)) == y_test)))
    return shares, float(np.median(seconds))
