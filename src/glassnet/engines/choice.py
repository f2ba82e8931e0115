"""Which engine computes: shapes and work decide, nothing else.

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
from glassnet.engines.cost import epoch_seconds, prediction_seconds
from glassnet.engines.data import Data
from glassnet.network import Plan

__all__ = [
    "ENGINES",
    "REFERENCE",
    "Choice",
    "choose",
    "for_prediction",
    "named",
]

ENGINES = ("auto", "numpy", "numba")
_COMPILED = "glassnet.engines.numba_engine"
# Seconds of the NumPy engine's time up to which a fit is left to it: loading Numba and the
# kernels takes longer than could be saved.
_SMALL_SECONDS = 0.15


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
