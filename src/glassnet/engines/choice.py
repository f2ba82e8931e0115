"""Which engine computes, and how long it will take: shapes and work decide, nothing else.

The work is that of a fit, or of all fits that `fit_many` makes together. Whether kernels are
compiled already is not looked at. So one seed gives the same numbers on
the first fit and on every later one.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any, NamedTuple

from glassnet.engines import numpy_engine
from glassnet.engines.company import company
from glassnet.engines.data import Data
from glassnet.network import Plan

__all__ = [
    "ENGINES",
    "REFERENCE",
    "Choice",
    "choose",
    "epoch_seconds",
    "epochs_in_a_moment",
    "for_prediction",
    "named",
    "prediction_seconds",
]

ENGINES = ("auto", "numpy", "numba")
_COMPILED = "glassnet.engines.numba_engine"
# Seconds of the NumPy engine's time up to which a fit is left to it: loading Numba and the
# kernels takes longer than could be saved.
_SMALL_SECONDS = 0.15
_MOMENT = 0.1  # seconds for which nobody minds to wait
_GAIN = 8  # how many times as fast compiled code is taken to be
# The NumPy engine's seconds, measured on small networks and large ones; what they have to say
# is which work is small, and a factor of two either way does no harm.
_PER_STEP, _PER_LAYER, _PER_UNIT, _PER_OPERATION = 60e-6, 15e-6, 20e-9, 1 / 5e9
_OPERATIONS = 6  # per weight and row: a multiplication and an addition in three products
# Of a first layer on sparse data: per step, per step and weight, per entry and unit.
_SPARSE_STEP, _SPARSE_WEIGHT, _SPARSE_ENTRY = 100e-6, 8e-9, 0.8e-9
_PASSES = 3  # as long as one forward takes an epoch's row: forward, and two products back


class Choice(NamedTuple):
    """Who trains.

    Attributes
    ----------
    name : {"numpy", "numba"}
    module : module
        With `train` and the rest of an engine's door.
    reason : str
        Why it is NumPy, or empty.
    """

    name: str
    module: Any
    reason: str = ""


REFERENCE = Choice("numpy", numpy_engine)


def choose(
    asked: str,
    plan: Plan,
    optimizer: object,
    data: Data,
    epochs: int,
    batch_size: int,
    before: str | None = None,
) -> Choice:
    """Return the engine that trains.

    Parameters
    ----------
    asked : {"auto", "numpy", "numba"}
        "auto" takes NumPy where the whole fit, or all that `fit_many` makes, is estimated at
        less than 0.15 s of its time, where Numba cannot be imported, and where the compiled
        engine has no kernels for this.
    plan : Plan
        The network.
    optimizer : Optimizer or LBFGS
        The update rule.
    data : Data
        What to train on.
    epochs : int
        As many as are planned, whether or not training will end before.
    batch_size : int
        Samples per update.
    before : str, optional
        The engine that trained so far, where this goes on with it: "auto" stays with
        "numba" then, however small the rest is.

    Raises
    ------
    ValueError
        If "numba" is asked for and the compiled engine has no kernels for this.
    ImportError
        If "numba" is asked for and cannot be imported.
    """
    if asked == "numpy":
        return REFERENCE._replace(reason="engine='numpy'")
    others = company()
    fits = 1 if others is None else others.fits
    seconds = fits * epochs * epoch_seconds(plan, len(data.y), batch_size, data.entries)
    if asked == "auto" and seconds < _SMALL_SECONDS and before != "numba":
        together = f" in {fits} fits" if fits > 1 else ""
        words = f"small: about {seconds:.2g} s of work{together}, less than {_SMALL_SECONDS} s"
        return REFERENCE._replace(reason=words)
    try:
        engine: Any = importlib.import_module(_COMPILED)
    except ImportError as error:
        if asked == "numba":
            raise ImportError(f"engine='numba' needs the package Numba: {error}") from error
        return REFERENCE._replace(reason=f"Numba cannot be imported: {error}")
    lacking = engine.lacks(plan, optimizer, data)
    if lacking and asked == "numba":
        raise ValueError(f"engine='numba' cannot do this: {lacking}; use engine='auto'")
    return REFERENCE._replace(reason=lacking) if lacking else Choice("numba", engine)


def for_prediction(asked: str, trained: str | None, plan: Plan, rows: int) -> Any:
    """Return the engine that predicts, a module.

    Parameters
    ----------
    asked : {"auto", "numpy", "numba"}
        "auto" stays with the engine that trained; after NumPy, and without training, it
        takes the compiled engine where the call itself is estimated at 0.15 s or more of
        NumPy's time: for less it is not worth loading.
    trained : str or None
        The engine that trained last, if any did.
    plan : Plan
        The network.
    rows : int
        Samples of this call.
    """
    compiled = asked == "numba" or (
        asked == "auto"
        and (trained == "numba" or prediction_seconds(plan, rows) >= _SMALL_SECONDS)
    )
    return named("numba" if compiled else "numpy")


def named(name: str) -> Any:
    """Return an engine by its name; NumPy's where Numba is not at hand.

    A network may have been trained where it was. What the compiled engine has no kernels
    for, its `forward` and `evaluate` hand to NumPy's by themselves.

    Parameters
    ----------
    name : {"numpy", "numba"}
    """
    return (_compiled() or numpy_engine) if name == "numba" else numpy_engine


@cache
def _compiled() -> Any:
    try:
        return importlib.import_module(_COMPILED)
    except ImportError:
        return None


def epoch_seconds(plan: Plan, n: int, batch_size: int, entries: int | None = None) -> float:
    """Return about how long the NumPy engine takes for an epoch of `n` rows.

    Parameters
    ----------
    plan : Plan
        The network.
    n, batch_size : int
        Rows of the data, and of a batch.
    entries : int, optional
        Numbers that are stored of sparse data.

    Examples
    --------
    >>> from glassnet.network import build_plan
    >>> round(1000 * epoch_seconds(build_plan([2, 10, 5, 1]), 200, 200), 1)  # milliseconds
    0.2
    """
    step, of_entries = _PER_STEP + _PER_LAYER * len(plan.layers), 0.0
    row = _row_seconds(plan)
    if entries is not None:
        first = plan.layers[0]
        weights = first.units_in * first.units
        row -= _PER_OPERATION * _OPERATIONS * weights
        step += _SPARSE_STEP + _SPARSE_WEIGHT * weights
        of_entries = _SPARSE_ENTRY * entries * first.units
    return -(-n // batch_size) * step + n * row + of_entries


def prediction_seconds(plan: Plan, n: int) -> float:
    """Return about how long the NumPy engine takes to predict `n` rows.

    Examples
    --------
    >>> from glassnet.network import build_plan
    >>> round(1000 * prediction_seconds(build_plan([2, 10, 5, 1]), 10_000), 1)  # milliseconds
    1.4
    """
    return n * _row_seconds(plan) / _PASSES


def _row_seconds(plan: Plan) -> float:
    return _PER_UNIT * plan.n_units + _PER_OPERATION * _OPERATIONS * plan.n_weights


def epochs_in_a_moment(
    name: str, plan: Plan, n: int, batch_size: int, entries: int | None = None
) -> float:
    """Return how many epochs an engine does in about a tenth of a second.

    Parameters
    ----------
    name : {"numpy", "numba"}
    plan, n, batch_size, entries
        As of `epoch_seconds`.
    """
    gain = _GAIN if name == "numba" else 1
    return _MOMENT * gain / epoch_seconds(plan, n, batch_size, entries)
