"""A limit: the matrix products of the work and nothing else, through SciPy's BLAS.

It is the BLAS that the compiled engine calls. Activations stand as the engine keeps them,
units × batch; every product has the shapes of the work's own, on ready memory.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.linalg import blas

from benchmarks.tasks import Task

__all__ = ["perceptron", "predict", "train"]

_Product = Callable[[], Any]


def _product(dtype: str, rows: int, inner: int, columns: int) -> _Product:
    """Return a product of two random matrices, (rows × inner) (inner × columns)."""
    rng = np.random.default_rng(0)
    gemm = {"float32": blas.sgemm, "float64": blas.dgemm}[dtype]
    # Fortran's order throughout, so that SciPy passes the arrays on without copies.
    a = np.asfortranarray(rng.standard_normal((rows, inner)), dtype)
    b = np.asfortranarray(rng.standard_normal((inner, columns)), dtype)
    c = np.zeros((rows, columns), dtype, order="F")
    return lambda: gemm(1.0, a, b, c=c, overwrite_c=1)


def _of_batch(task: Task, rows: int, *, backward: bool) -> list[_Product]:
    """Return the products of one pass through the network, or of one step."""
    found, sizes, dtype = [], task.case.sizes, task.case.dtype
    for i, (units_in, units) in enumerate(pairwise(sizes)):
        found.append(_product(dtype, rows, units_in, units))
        if backward:
            found.append(_product(dtype, units_in, rows, units))
        if backward and i > 0:
            found.append(_product(dtype, rows, units, units_in))
    return found


def train(task: Task) -> Callable[[], None]:
    """Prepare the products of all steps."""
    case = task.case
    whole, rest = divmod(case.rows, case.size)
    step = _of_batch(task, case.size, backward=True)
    last = _of_batch(task, rest, backward=True) if rest else []

    def work() -> None:
        for _ in range(case.epochs):
            for _ in range(whole):
                for product in step:
                    product()
            for product in last:
                product()

    return work


def predict(task: Task) -> Callable[[], None]:
    """Prepare the products of a forward pass."""
    products = _of_batch(task, task.case.rows, backward=False)

    def work() -> None:
        for product in products:
            product()

    return work


def perceptron(task: Task) -> Callable[[], None]:
    """Prepare every pass's scores as one product, as if no weight changed."""
    X, w = task.X, task.weights[0][:, 0]

    def work() -> None:
        for _ in range(task.case.epochs):
            X @ w

    return work
