"""Rosenblatt's rule and its scores over rows, dense or sparse (CSR).

One kernel does both, so that what a perceptron learns by and what it predicts by are the
same sums. Only those sums have an order of the compiler's choice. An update rounds as
NumPy's does: where the mistakes are the same, so are the weights, bit for bit.
"""

import numpy as np
from numba import njit
from numba.extending import register_jitable

from glassnet.engines.compiled.bits import pointer, span
from glassnet.engines.compiled.sums import product

__all__ = ["perceptron"]

# --- at: what to read
FEATURES, ROWS = 0, 1
STARTS = 2  # address of where each row's entries start (int64), or 0: the rows are dense
COLUMNS, WIDE = 3, 4  # address of the entries' columns; whether they are int64, or int32
ORDER = 5  # address of the places of the rows in the order they are shown (int64), or 0
WANTED = 6  # address of the right answers (bytes), or 0: only the scores are asked for
SCORES = 7  # address of where the scores go
AT = 8  # how many

# --- numbers
RATE, NUMBERS = 0, 1

# --- context: how far it has come
NEXT = 0  # the row to go on with
LEFT = 1  # entries to read before Python looks in again
MISTAKES = 2
CONTEXT = 3

# --- reals
BIAS, REALS = 0, 1


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
def _rows(w, values, columns, at, numbers, context, reals):
    """Go on with the rows; `columns` is a pointer, or None where they are dense."""
    features, starts = at[FEATURES], pointer(at[STARTS], np.int64)
    order, wanted = pointer(at[ORDER], np.int64), pointer(at[WANTED], np.uint8)
    weights = span(w, 0, features)
    T = weights.dtype.type
    scores = pointer(at[SCORES], T)
    bias, rate = T(reals[BIAS]), T(numbers[RATE])
    row, left, mistakes = context[NEXT], context[LEFT], context[MISTAKES]
    rows, ordered, learns = at[ROWS], at[ORDER] != 0, at[WANTED] != 0
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
    reals[BIAS] = bias
    context[NEXT], context[LEFT], context[MISTAKES] = row, left, mistakes


def perceptron(w, values, at, numbers, context, reals):
    """Show rows to a perceptron of the weights `w`: it learns, or writes their scores."""
    if at[STARTS] == 0:
        _rows(w, values, None, at, numbers, context, reals)
    elif at[WIDE]:
        _rows(w, values, pointer(at[COLUMNS], np.int64), at, numbers, context, reals)
    else:
        _rows(w, values, pointer(at[COLUMNS], np.int32), at, numbers, context, reals)
