"""Rosenblatt's rule and its scores over rows, dense or sparse (CSR).

One kernel does both, so that what a perceptron learns by and what it predicts by are the
same sums. Only those sums have an order of the compiler's choice. An update rounds as
NumPy's does: where the mistakes are the same, so are the weights, bit for bit.
"""

import numpy as np
from numba import njit
from numba.extending import register_jitable

from glassnet.engines.compiled.bits import pointer, span
from glassnet.engines.compiled.operands import operands
from glassnet.engines.compiled.sums import product

__all__ = ["AT", "CONSTANTS", "CONTEXT", "REALS", "perceptron"]

AT = (
    "features",
    "rows",
    "starts",  # address of where each row's entries start (int64), or 0: the rows are dense
    "columns",  # address of the columns of these
    "wide",  # whether they are int64, or int32
    "order",  # address of the places of the rows, as they are shown (int64), or 0
    "wanted",  # address of the right answers (bytes), or 0: only the scores are asked for
    "scores",  # address of where the scores go
)
CONSTANTS = ("rate",)
CONTEXT = (
    "next",  # the row to go on with
    "left",  # entries to read before Python looks in again
    "mistakes",
)
REALS = ("bias",)


@njit(error_model="numpy", fastmath=False)
def _sparse_product(x, columns, w):
    found = x.dtype.type(0)
    for j in range(x.size):
        found += x[j] * w[columns[j]]
    return found


@njit(error_model="numpy", fastmath=False)  # a product and a sum, each rounded
def _add(update, x, w):
    for j in range(x.size):
        w[j] += update * x[j]


@njit(error_model="numpy", fastmath=False)
def _sparse_add(update, x, columns, w):
    for j in range(x.size):
        w[columns[j]] += update * x[j]


@register_jitable
def _rows(w, values, columns, at, constants, context, reals):
    """Go on with the rows; `columns` is a pointer, or None where they are dense."""
    features, starts = at.features, pointer(at.starts, np.int64)
    order, wanted = pointer(at.order, np.int64), pointer(at.wanted, np.uint8)
    weights = span(w, 0, features)
    T = weights.dtype.type
    scores = pointer(at.scores, T)
    bias, rate = T(reals.bias), T(constants.rate)
    row, left, mistakes = context.next, context.left, context.mistakes
    rows, ordered, learns = at.rows, at.order != 0, at.wanted != 0
    while row < rows and left > 0:
        i = order[row] if ordered else row
        if columns is None:
            x = span(values, i * features, features)
            score = product(x, weights) + bias
        else:
            x = span(values, starts[i], starts[i + 1] - starts[i])
            places = span(columns, starts[i], x.size)
            score = _sparse_product(x, places, weights) + bias
        row += 1
        left -= x.size + 1
        if not learns:
            scores[i] = score
        elif (score >= 0) != (wanted[i] != 0):
            update = rate if wanted[i] else -rate
            if columns is None:
                _add(update, x, weights)
            else:
                _sparse_add(update, x, places, weights)
            bias += update
            mistakes += 1
    reals.bias = bias
    context.next, context.left, context.mistakes = row, left, mistakes


@operands(*AT, constants=CONSTANTS, context=CONTEXT, reals=REALS)
def perceptron(w, values, at, constants, context, reals):
    """Show rows to a perceptron of the weights `w`: it learns, or writes their scores."""
    if at.starts == 0:
        _rows(w, values, None, at, constants, context, reals)
    elif at.wide:
        _rows(w, values, pointer(at.columns, np.int64), at, constants, context, reals)
    else:
        _rows(w, values, pointer(at.columns, np.int32), at, constants, context, reals)
