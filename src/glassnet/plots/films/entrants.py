"""Who races: recorded networks, the rows that their losses are measured on, their plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.formulas.types import Array
from glassnet.insight.recorder import PROBE, Recorder, probe_rows
from glassnet.landscapes import NetworkLandscape, of_network
from glassnet.plots.films.boundary import rows_of
from glassnet.plots.records import check_record

__all__ = ["Entrant", "entrants_of", "is_records", "plane_of"]

Rows = tuple[Any, Any]


@dataclass(frozen=True, eq=False)
class Entrant:
    """A recorded network.

    Attributes
    ----------
    name : str
    record : Recorder
    epochs : int array, shape (k,)
        Of its snapshots, as far as they are finite.
    losses : array, shape (k,)
        At each.
    """

    name: str
    record: Recorder
    epochs: NDArray[np.int64]
    losses: Array


def is_records(record: Any) -> bool:
    """Return whether this is a record of training, or several of them."""
    if isinstance(record, Mapping):
        return True
    if isinstance(record, list | tuple):
        return any(isinstance(one, Recorder) for one in record)
    return isinstance(record, Recorder)


def entrants_of(records: Any, X: Any, y: Any) -> tuple[list[Entrant], Rows | None]:
    """Return who races, and the rows that their losses are measured on.

    Parameters
    ----------
    records : Recorder, mapping of str to Recorder, or sequence of Recorder
    X, y : arrays, optional
        The records' own if None.

    Returns
    -------
    entrants : list of Entrant
    rows : tuple of arrays, or None
        At most `PROBE`. None where there are none: then the losses are those that `fit`
        recorded.

    Raises
    ------
    TypeError, ValueError
        If they are no such records, or do not fit together.
    """
    named = _named(records)
    _check_together(named)
    rows = _rows(named, X, y)
    found = []
    for name, record in named.items():
        whole = np.isfinite(record.theta).all(axis=1)
        end = len(whole) if whole.all() else int(np.argmin(whole))
        if end == 0:
            raise ValueError(f"record {name!r} must begin with finite numbers; got NaN")
        losses = _losses(record, rows)
        found.append(Entrant(name, record, record.epochs[:end], losses[:end]))
    return found, rows


def plane_of(
    entrants: Sequence[Entrant], rows: Rows | None, resolution: int
) -> tuple[NetworkLandscape | None, str]:
    """Return the plane of all paths through the end with the lowest loss, or why none is.

    Parameters
    ----------
    entrants : sequence of Entrant
    rows : tuple of arrays, or None
    resolution : int
        Points along each side of its grid.
    """
    if rows is None:
        return None, "The loss as fit recorded it: without probe rows there is no landscape."
    plan = entrants[0].record.plan
    if any(one.record.plan != plan for one in entrants):
        told = "The networks differ, in layers or in penalty: no landscape holds their paths."
        return None, f"{told} Each loss is that of the same {len(rows[1])} rows."
    thetas = [one.record.theta[: len(one.epochs)] for one in entrants]
    path = np.concatenate(thetas)
    if len(path) < 3:
        raise ValueError(f"record must hold at least 3 snapshots to race; got {len(path)}")
    ends = [one.losses[-1] if np.isfinite(one.losses[-1]) else np.inf for one in entrants]
    best = entrants[int(np.argmin(ends))]
    model = best.record.model_at(len(best.epochs) - 1)
    return of_network(model, *rows, "path", path=path, resolution=resolution), ""


def _named(records: Any) -> dict[str, Recorder]:
    if isinstance(records, Recorder):
        return {"the network": check_record(records)}
    of_name = isinstance(records, Mapping)
    pairs = list(records.items() if of_name else enumerate(records))
    if not pairs:
        raise ValueError("record must hold at least one Recorder with kind='race'; got none")
    return {
        str(key) if of_name else f"record {key}": check_record(one, f"record[{key!r}]")
        for key, one in pairs
    }


def _check_together(named: Mapping[str, Recorder]) -> None:
    """Raise unless the networks learn one thing."""
    (first, one), *others = named.items()
    for name, other in others:
        shapes = [(r.plan.n_inputs, r.plan.n_outputs) for r in (one, other)]
        if shapes[0] != shapes[1]:
            raise ValueError(
                "record must be of networks with the same inputs and outputs to race; got "
                f"{_told(first, *shapes[0])}, {_told(name, *shapes[1])}"
            )
        losses = one.plan.loss, other.plan.loss
        if losses[0] != losses[1]:
            raise ValueError(
                "record must be of networks that lower the same loss to race; got "
                f"{losses[0]} of {first!r}, {losses[1]} of {name!r}"
            )
        if not _same(one.class_labels, other.class_labels):
            raise ValueError(
                "record must be of networks that know the same classes to race; got "
                f"{one.class_labels} of {first!r}, {other.class_labels} of {name!r}"
            )


def _told(name: str, inputs: int, outputs: int) -> str:
    return f"{inputs} and {outputs} of {name!r}"


def _rows(named: Mapping[str, Recorder], X: Any, y: Any) -> Rows | None:
    """Return the rows given, or those that all records have; none if no record has any."""
    (first, one), *others = named.items()
    if X is None and y is None:
        for name, other in others:
            if not all(map(_same, one.probe, other.probe)):
                raise ValueError(
                    "record must be of networks measured on the same rows to race; those of "
                    f"{first!r} and {name!r} differ: make each with Recorder(X, y), or hand "
                    "X and y to film"
                )
        if one.probe[0] is None:
            return None
    X, y, _ = rows_of(one, X, y)
    if len(y) <= PROBE:
        return X, y
    chosen = probe_rows(len(y))
    return _dense(X)[chosen], np.asarray(y)[chosen]


def _losses(record: Recorder, rows: Rows | None) -> Array:
    """Return the loss at each snapshot; on rows without weights, which may not be the same."""
    if rows is None:
        return record.training_loss
    models = (record.model_at(i) for i in range(len(record)))
    with np.errstate(all="ignore"):  # a network that is lost shows in its loss
        return np.array([model.loss_and_gradients(*rows)[0] for model in models])


def _same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if one is None or other is None:
        return False
    return np.array_equal(_dense(one), _dense(other))


def _dense(rows: Any) -> Any:
    return rows.toarray() if hasattr(rows, "toarray") else np.asarray(rows)
