"""Records as a user defines them, at the top level of a module that can be imported."""

import dataclasses

import numpy as np

from glassnet.catalog import Activation, Loss


def plane_value(z, scale=1.0, shift=0.0):
    return scale * z + shift


def plane_slope(z, a, scale=1.0, shift=0.0):
    return np.full_like(z, scale)


def plane(**changes):
    record = Activation(
        "plane",
        plane_value,
        plane_slope,
        parameters=(("scale", 1.0), ("shift", 0.0)),
        synonyms=("affine",),
    )
    return dataclasses.replace(record, **changes)


def half_squares(y, f):
    return np.sum((f - y) ** 2, axis=1) / 2


def residual(y, f):
    return f - y


def own_loss(**changes):
    return dataclasses.replace(Loss("half_squares", half_squares, residual), **changes)


def defined_anew(function):
    """Return what `function` becomes when the notebook cell that defines it runs again."""
    again = type(function)(
        function.__code__, function.__globals__, function.__name__, function.__defaults__
    )
    again.__qualname__ = function.__qualname__
    return again
