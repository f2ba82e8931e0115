"""Compiling ahead what fits need."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.engines.data import Batches, Block, Data
from glassnet.network import State, build_plan
from glassnet.optimizers import Adam, Optimizer

__all__ = ["COMMON", "Compiled", "Fit", "compile_ahead", "fits"]

COMMON = {
    "activation": ("relu", "tanh", "sigmoid"),
    "loss": ("squared_error", "binary_cross_entropy", "categorical_cross_entropy"),
    "optimizer": ("sgd", "momentum", "adam"),
}
_ROWS = 64
_SMALL, _LARGE = [2, 2, 2], [200, 200, 2]  # large enough for BLAS
Fit = tuple[dict[str, Any], Optimizer, str]
"""What `build_plan` is told, the rule, the precision."""


@dataclass(frozen=True)
class Compiled:
    """What compiling ahead has come to.

    Attributes
    ----------
    kernels : int
        How many were compiled; those there before are not counted.
    seconds : float
    """

    kernels: int
    seconds: float


def fits(everything: bool = False) -> list[Fit]:
    """Return the fits to compile for: all formulas, or those of `COMMON`; both precisions."""
    return [*_every_fit(), *_common_fits()] if everything else [*_common_fits()]


def compile_ahead(
    fits: Sequence[Fit], progress: Callable[[int, int], None] | None = None
) -> Compiled:
    """Compile what fits need, by making them with a few numbers.

    Parameters
    ----------
    fits : sequence of Fit
        Of `fits`.
    progress : callable or None
        Called with how many of the fits are done, and of how many.

    Raises
    ------
    ImportError
        If Numba is not installed.
    """
    from glassnet.engines.compiled import compilation, notice

    start, before = time.perf_counter(), compilation.n_compiled()
    done = 0

    def say() -> None:
        if progress:
            progress(done, len(fits))

    with notice.watched(say):
        for fit in fits:
            _fit(*fit)
            done += 1
            say()
    kernels = compilation.n_compiled() - before
    return Compiled(kernels, time.perf_counter() - start)


def _common_fits() -> Iterator[Fit]:
    for precision in ("float64", "float32"):
        for sizes in (_SMALL, _LARGE):
            yield {"layer_sizes": sizes, "alpha": 1e-4}, Adam(), precision
        yield from _by_formula(**COMMON, precision=precision)


def _every_fit() -> Iterator[Fit]:
    from glassnet.engines.compiled import rowwise, scalars, updates

    for precision in ("float64", "float32"):
        losses = (*scalars.LOSSES, *rowwise.LOSSES)
        yield from _by_formula(tuple(scalars.ACTIVATIONS), losses, updates.KERNELS, precision)
        network: dict[str, Any] = {"layer_sizes": _SMALL}
        for output in rowwise.ACTIVATIONS:
            yield network | {"output": output}, Adam(), precision
        for norm in ("batch", "layer"):
            yield network | {"norm": norm, "dropout": 0.5}, Adam(), precision
        clipped = Adam(clip_value=1.0, clip_norm=1.0, weight_decay=1e-4)
        yield network, clipped, precision


def _by_formula(activation: Any, loss: Any, optimizer: Any, precision: str) -> Iterator[Fit]:
    for name in activation:
        yield {"layer_sizes": _SMALL, "activation": name}, Adam(), precision
    for name in loss:
        yield {"layer_sizes": _SMALL, "loss": name}, Adam(), precision
    for name in optimizer:
        rule = catalog.optimizer(name)
        assert isinstance(rule, Optimizer)
        yield {"layer_sizes": _SMALL}, rule, precision


def _fit(network: dict[str, Any], optimizer: Optimizer, precision: str) -> None:
    """Train a network for one epoch and run it: for the code, not for the numbers."""
    from scipy.sparse import csr_array

    from glassnet.engines import numba_engine, numba_prediction
    from glassnet.engines.compiled import compilation, gradients, loop, perceptron, team, tiles

    plan = build_plan(**network)
    theta = np.zeros(plan.n_parameters, precision)
    state = State(theta, np.zeros(plan.n_buffers, precision))
    state.slots = optimizer.start(theta)
    X = np.zeros((_ROWS, plan.n_inputs), precision)
    y = np.zeros((_ROWS, plan.n_outputs), precision)
    batches = Batches(_ROWS, _ROWS)
    rates = np.full((1, batches.per_epoch), 1e-3)
    block = Block([None], rates, batches)
    numba_engine.train(plan, state, Data(X, y), optimizer, block)
    for rows in (X, csr_array(X)):
        numba_engine.loss_and_gradients(plan, state, rows, y)
    bound = numba_prediction.Bound(plan, state)
    bound(X), bound(X[:1])
    # so few rows need neither a second thread nor lanes, nor all ways to multiply
    others = [team.assist, gradients.add_lanes, tiles.transpose, tiles.gradient_along_rows]
    compilation.addresses([*others, loop.train_each, perceptron.perceptron], precision)
