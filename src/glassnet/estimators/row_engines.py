"""Which engine works through a perceptron's rows."""

import importlib
from typing import Any

from glassnet.estimators import row_sums

__all__ = ["choose", "engine"]

# Rows times perceptrons from which compiled code is taken. A pass over so many takes NumPy
# a millisecond or two: with the default of up to 1000 passes, it is here that what Numba
# saves begins to outweigh the half second that it takes to load.
_WORTH_IT = 500


def choose(asked: str, rows: int, perceptrons: int, before: str | None) -> tuple[str, str]:
    """Return the name of the engine that learns, and why it is NumPy, or an empty text.

    Parameters
    ----------
    asked : {"auto", "numpy", "numba"}
        "auto" looks at how much work a pass is, and at nothing else.
    rows : int
        Samples of a pass.
    perceptrons : int
        How many learn from them.
    before : str or None
        The engine that learnt so far. What is compiled stays so.

    Raises
    ------
    ImportError
        If "numba" is asked for and cannot be imported.

    Examples
    --------
    >>> choose("auto", 100, 1, None)
    ('numpy', 'small: 100 samples times perceptrons, fewer than 500')
    """
    if asked == "numpy":
        return "numpy", "engine='numpy'"
    work = rows * perceptrons
    if asked == "auto" and work < _WORTH_IT and before != "numba":
        return "numpy", f"small: {work} samples times perceptrons, fewer than {_WORTH_IT}"
    try:
        importlib.import_module("glassnet.engines.numba_perceptron")
    except ImportError as error:
        if asked == "numba":
            raise ImportError(f"engine='numba' needs the package Numba: {error}") from error
        return "numpy", f"Numba cannot be imported: {error}"
    return "numba", ""


def engine(name: str) -> Any:
    """Return the module with `samples_of`, `one_pass` and `scores`.

    Parameters
    ----------
    name : {"numpy", "numba"}
        From `choose`. Where Numba is not at hand, as it was where the perceptron learnt,
        NumPy stands in for it.

    Examples
    --------
    >>> engine("numpy").__name__
    'glassnet.estimators.row_sums'
    """
    if name == "numba":
        try:
            return importlib.import_module("glassnet.engines.numba_perceptron")
        except ImportError:
            return row_sums
    return row_sums
