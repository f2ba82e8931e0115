"""A limit for small networks: as many multiplications and exponentials, and nothing else.

The multiplications are those of one large product of matrices in cache, which reaches what
the processor can do; the exponentials are those of the fastest function at hand (NumPy's or
PyTorch's), one for each sigmoid, tanh or softmax. Small networks cannot be that fast: their
products are too thin. It says how far away the processor's own limit is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.cases import Case
from benchmarks.tasks import Task

__all__ = ["counts", "many", "train"]

_WIDE = 192  # rows and columns of the product: three such matrices fit the second cache
_LONG = 4096  # numbers that one call takes the exponential of


def counts(case: Case) -> tuple[int, int]:
    """Return the multiply-adds and the exponentials of a whole training."""
    layers = list(pairwise(case.sizes))
    forward = sum(units_in * units for units_in, units in layers)
    products = 3 * forward - layers[0][0] * layers[0][1]  # nobody needs the gradient by X
    exps = 0 if case.activation == "relu" else sum(case.sizes[1:-1])
    if case.loss == "categorical_cross_entropy":
        exps += case.sizes[-1]
    samples = case.rows * case.epochs * case.nets
    return products * samples, exps * samples


def train(task: Task) -> Callable[[], None]:
    """Prepare as many operations."""
    rng, dtype = np.random.default_rng(0), task.case.dtype
    multiply_adds, exps = counts(task.case)
    a, b = (rng.standard_normal((_WIDE, _WIDE)).astype(dtype) for _ in range(2))
    c, exp = np.empty_like(a), _fastest(rng.standard_normal(_LONG).astype(dtype))

    def work() -> None:
        for _ in range(-(-multiply_adds // _WIDE**3)):
            np.matmul(a, b, out=c)
        for _ in range(-(-exps // _LONG)):
            exp()

    return work


many = train


def _fastest(x: Any) -> Callable[[], Any]:
    """Return the faster of NumPy's and PyTorch's exponentials of `x`."""
    out = np.empty_like(x)
    ways: list[Callable[[], Any]] = [lambda: np.exp(x, out=out)]
    try:
        import torch
    except ModuleNotFoundError:
        return ways[0]
    ins, outs = torch.from_numpy(x), torch.from_numpy(out)
    ways.append(lambda: torch.exp(ins, out=outs))
    return min(ways, key=_spent)


def _spent(way: Callable[[], Any]) -> float:
    times = []
    for _ in range(200):
        start = time.perf_counter()
        way()
        times.append(time.perf_counter() - start)
    return float(np.median(times))
