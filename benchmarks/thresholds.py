"""What each threshold of the compiled engine is worth on this machine.

    python -m benchmarks.thresholds [PART OF A NAME ...] [--rounds N]

The engine decides by shapes alone where it takes a tile or BLAS, how many rows go through a
network together, and from which work on threads share it. Each of these numbers was chosen by
timing; here each is changed in turn, and a fit near it timed beside the shipped value, taking
turns. A ratio below 1 says that the changed value is faster here. What is compiled into the
kernels themselves (tiles, blocks of a copy) is not among them.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from glassnet import MLP
from glassnet.engines.compiled import dense, prediction_program, program

__all__ = ["FACTORS", "THRESHOLDS", "Threshold", "main", "ratios"]

FACTORS = (0.25, 0.5, 2.0, 4.0)
_ENGINES = "glassnet.engines"
_MOMENT = 0.1  # seconds that a timing takes at least


@dataclass(frozen=True)
class Threshold:
    """A number of the engine, and work that lies near it.

    Attributes
    ----------
    module, name : str
        Where it stands.
    sizes : tuple of int
        The network's layers.
    rows, batch, threads : int
        Of a fit, in float32; with a batch of 0 the rows are predicted.
    """

    module: str
    name: str
    sizes: tuple[int, ...]
    rows: int
    batch: int
    threads: int = 1

    @property
    def title(self) -> str:
        """Its name, as it is asked for."""
        return f"{self.module.rpartition('.')[2]}.{self.name}"

    def value(self) -> int:
        """Return it as it is now."""
        return int(getattr(importlib.import_module(f"{_ENGINES}.{self.module}"), self.name))

    def set(self, value: int) -> None:
        """Change it, and forget the programs that were built with another."""
        setattr(importlib.import_module(f"{_ENGINES}.{self.module}"), self.name, value)
        program.build.cache_clear()
        prediction_program.build.cache_clear()


# Where tiles and BLAS are as fast depends on the length of the processor's vectors.
_NEAR_BLAS = ((2000, 2000, 10), 2_000, 1_000)
if dense._BLAS_FROM < 1_000_000_000:
    _NEAR_BLAS = ((200, 128, 64, 10), 2_000, 128)

THRESHOLDS = (
    Threshold("compiled.dense", "_IN_CACHE", (4, 32, 16, 4), 10_000, 10_000),
    Threshold("compiled.dense", "_SMALL", (54, 80, 7), 2_000, 1_000),
    Threshold("compiled.dense", "_BLAS_FROM", *_NEAR_BLAS),
    Threshold("compiled.dense", "_FEW", (8, 32, 1), 2_000, 200),
    Threshold("compiled.stages", "_TILED_WORK", (54, 100, 7), 2_000, 200),
    Threshold("compiled.stages", "_PACKED_WORK", (784, 256, 10), 1_000, 128, 2),
    Threshold("compiled.stages", "_HUGE_WORK", (1024, 1024, 10), 1_024, 1_024, 2),
    Threshold("compiled.stages", "_WORK", (784, 256, 10), 1_000, 128, 2),
    Threshold("numba_engine", "_MOST_ROWS", (100, 200, 100, 10), 8_000, 8_000),
    Threshold("numba_engine", "_WORTH_IN_LANES", (4, 32, 16, 4), 1_000, 1_000, 2),
    Threshold("numba_engine", "_WORTH_IN_PARTS", (100, 200, 10), 1_000, 128, 2),
    Threshold("numba_prediction", "_MOST_ROWS", (784, 256, 128, 10), 5_000, 0),
    Threshold("numba_prediction", "_WORTH", (784, 256, 128, 10), 100, 0, 2),
)


def _work(one: Threshold) -> Callable[[], object]:
    """Return what is timed."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(one.rows, one.sizes[0])).astype(np.float32)
    net = MLP(list(one.sizes), seed=0, engine="numba", n_threads=one.threads)
    if one.batch == 0:
        net.theta = net.theta.astype(np.float32)
        return lambda: net.forward(X)
    y = rng.normal(size=(one.rows, one.sizes[-1])).astype(np.float32)
    return lambda: net.fit(X, y, "sgd(1e-6)", 3, one.batch)


def _seconds(work: Callable[[], object]) -> float:
    """Return the time of one call, over as many as take a moment."""
    calls, start = 0, time.perf_counter()
    while (taken := time.perf_counter() - start) < _MOMENT or calls == 0:
        work()
        calls += 1
    return taken / calls


def ratios(one: Threshold, rounds: int) -> list[float]:
    """Return the time with each changed value over that with the shipped one.

    Parameters
    ----------
    one : Threshold
    rounds : int
        Timings of each; the median of the ratios counts.
    """
    shipped = one.value()
    values = [shipped, *(max(1, int(shipped * factor)) for factor in FACTORS)]
    found: list[list[float]] = []
    try:
        for number in range(rounds + 1):
            times = []
            for value in values:
                one.set(value)
                work = _work(one)
                work()  # builds the program
                times.append(_seconds(work))
            if number:  # the first round compiles
                found.append([seconds / times[0] for seconds in times[1:]])
    finally:
        one.set(shipped)
    return [statistics.median(of_value) for of_value in zip(*found, strict=True)]


def main(arguments: Iterable[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.thresholds")
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(None if arguments is None else list(arguments))
    print(f"{'threshold':34}{'shipped':>12}" + "".join(f"{f'x{f:g}':>8}" for f in FACTORS))
    for one in THRESHOLDS:
        if not asked.parts or any(part in one.title for part in asked.parts):
            shown = "".join(f"{ratio:8.2f}" for ratio in ratios(one, asked.rounds))
            print(f"{one.title:34}{one.value():>12,}{shown}", flush=True)


if __name__ == "__main__":
    main()
