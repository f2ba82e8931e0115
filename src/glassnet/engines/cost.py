"""About how long an engine takes: shapes alone decide."""

from __future__ import annotations

from glassnet.network import Plan

__all__ = ["epoch_seconds", "epochs_in_a_moment", "prediction_seconds"]

_MOMENT = 0.1  # seconds for which nobody minds to wait
_GAIN = 8  # how many times as fast compiled code is taken to be
# The NumPy engine's seconds, measured on small networks and large ones; what they have to say
# is which work is small, and a factor of two either way does no harm.
_PER_STEP, _PER_LAYER, _PER_UNIT, _PER_OPERATION = 60e-6, 15e-6, 20e-9, 1 / 5e9
_OPERATIONS = 6  # per weight and row: a multiplication and an addition in three products
# Of a first layer on sparse data: per step, per step and weight, per entry and unit.
_SPARSE_STEP, _SPARSE_WEIGHT, _SPARSE_ENTRY = 100e-6, 8e-9, 0.8e-9
_PASSES = 3  # as long as one forward takes an epoch's row: forward, and two products back


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
