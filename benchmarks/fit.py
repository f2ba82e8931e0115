"""How long `MLPClassifier.fit` takes beside scikit-learn's, on the same work.

Both get the same data, parameters and `random_state`: so the same first weights, the same
order of samples, the same number of steps; the last losses are printed to show that it was
the same work. Each runs on one BLAS thread. The two take turns, and a row shows medians.

    make bench
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import sklearn
from sklearn.datasets import make_classification, make_moons
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as Peer
from threadpoolctl import threadpool_limits

import glassnet
from glassnet import MLPClassifier


@dataclass(frozen=True)
class Row:
    """One piece of work."""

    name: str
    samples: int
    features: int
    classes: int
    hidden: tuple[int, ...]
    epochs: int
    settings: dict[str, Any]

    def data(self, dtype: str) -> tuple[Any, Any]:
        """Return X and y, the same every time."""
        if self.features == 2:
            X, y = make_moons(self.samples, noise=0.2, random_state=0)
        else:
            X, y = make_classification(
                self.samples,
                self.features,
                n_informative=self.features // 2,
                n_classes=self.classes,
                random_state=0,
            )
        return X.astype(dtype), y

    def model(self, kind: type) -> Any:
        """Return an unfitted classifier that takes every step it is asked for."""
        return kind(
            self.hidden,
            max_iter=self.epochs,
            tol=0.0,
            n_iter_no_change=np.inf,
            random_state=0,
            **self.settings,
        )


ROWS = (
    Row(
        "notebook: 2-10-5-1, 200 rows, full batch, 1000 epochs",
        200,
        2,
        2,
        (10, 5),
        1000,
        {"activation": "logistic", "solver": "sgd", "momentum": 0.0, "batch_size": 200},
    ),
    Row("table: 54-100-7, 20,000 rows, batch 200, 5 epochs", 20_000, 54, 7, (100,), 5, {}),
    Row(
        "images: 784-256-128-10, 10,000 rows, batch 128, 2 epochs",
        10_000,
        784,
        10,
        (256, 128),
        2,
        {"batch_size": 128},
    ),
)


def timed(model: Any, X: Any, y: Any) -> tuple[float, float]:
    """Return the seconds of a fit and the last loss."""
    with warnings.catch_warnings(), threadpool_limits(1, "blas"):
        warnings.simplefilter("ignore", ConvergenceWarning)
        start = time.perf_counter()
        model.fit(X, y)
        return time.perf_counter() - start, model.loss_


def compare(row: Row, dtype: str, repeats: int) -> str:
    """Return the row's line of the table."""
    X, y = row.data(dtype)
    seconds: dict[type, list[float]] = {MLPClassifier: [], Peer: []}
    losses: dict[type, float] = {}
    for _ in range(repeats + 1):
        for kind, times in seconds.items():
            spent, losses[kind] = timed(row.model(kind), X, y)
            times.append(spent)
    ours, theirs = (statistics.median(seconds[kind][1:]) for kind in (MLPClassifier, Peer))
    ratios = [t / o for t, o in zip(seconds[Peer][1:], seconds[MLPClassifier][1:], strict=True)]
    return (
        f"| {row.name} | {dtype} | {ours:.3f} | {theirs:.3f} | {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}) | {seconds[MLPClassifier][0]:.3f} | "
        f"{losses[MLPClassifier]:.10g} / {losses[Peer]:.10g} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="timed fits of each (default 5)")
    parser.add_argument("--dtype", choices=["float64", "float32"], action="append")
    given = parser.parse_args()
    print(
        f"glassnet {glassnet.__version__} (NumPy engine), scikit-learn {sklearn.__version__}, "
        f"NumPy {np.__version__}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        "1 BLAS thread; medians of "
        f"{given.repeats} fits in turn, after one that warms up\n"
    )
    print(
        "| fit | precision | glassnet (s) | scikit-learn (s) | times faster | first fit (s) | "
        "last loss of each |"
    )
    print("|---|---|---:|---:|---|---:|---|")
    for row in ROWS:
        for dtype in given.dtype or ["float64", "float32"]:
            print(compare(row, dtype, given.repeats))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
