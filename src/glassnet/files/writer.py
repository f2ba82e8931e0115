"""From Python values to what a file can hold: JSON, and arrays beside it."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.files.random_state import random_as_data
from glassnet.records import Record
from glassnet.settings import Settings

__all__ = ["RECORDS", "SETTINGS", "Writer", "custom"]

RECORDS: dict[str, Any] = {
    "activation": catalog.activation,
    "loss": catalog.loss,
    "initializer": catalog.initializer,
}
"""Look-up of each kind of record."""

SETTINGS: dict[str, Any] = {
    cls.__name__: cls for cls in (*catalog.OPTIMIZERS, *catalog.SCHEDULES)
}
"""Every kind of settings that a file may name."""


class Writer:
    """Turns values into JSON, and puts arrays aside.

    Attributes
    ----------
    tensors : dict of arrays
        Those put aside, by the name that JSON holds in their place.
    sources : list
        Description of each source of random numbers; one that two places share is one.
    """

    def __init__(self) -> None:
        self.tensors: dict[str, Any] = {}
        self.sources: list[Any] = []
        self._seen: list[Any] = []

    def value(self, name: str, value: Any) -> Any:
        """Return `value` as JSON.

        Raises
        ------
        TypeError
            If it is none that a file holds; `name` tells where it stands.
        """
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else {"float": str(value)}
        if isinstance(value, list):
            return [self.value(name, one) for one in value]
        if isinstance(value, tuple):
            return {"tuple": [self.value(name, one) for one in value]}
        if isinstance(value, dict):
            items = value.items()
            return {"dict": [[self.value(name, k), self.value(name, v)] for k, v in items]}
        if isinstance(value, np.ndarray):
            return self.array(name, value)
        if isinstance(value, np.random.RandomState | np.random.Generator):
            return self.random(name, value)
        if isinstance(value, Settings):
            return self._settings(name, value)
        return _record(name, value)

    def array(self, name: str, array: Any) -> Any:
        """Put an array of numbers aside, or write one of text out."""
        array, place = np.asarray(array), name
        if array.dtype.kind in "UO" and all(isinstance(one, str) for one in array.flat):
            kind = "object" if array.dtype.kind == "O" else array.dtype.str[1:]
            return {"text": array.ravel().tolist(), "shape": list(array.shape), "as": kind}
        if array.dtype.kind not in "biuf" or array.dtype.itemsize not in (1, 4, 8, 2):
            raise TypeError(
                f"{name} must hold numbers or text; got dtype {array.dtype}: convert labels "
                "to text or whole numbers before the fit"
            )
        while place in self.tensors:
            place += "+"
        if array.dtype.kind == "b":
            self.tensors[place] = array.astype(np.uint8)
            return {"array": place, "as": "bool"}
        self.tensors[place] = array.astype(array.dtype.newbyteorder("="))
        return {"array": place}

    def random(self, name: str, source: Any) -> Any:
        """Put a source of random numbers aside, once."""
        for place, seen in enumerate(self._seen):
            if seen is source:
                return {"random": place}
        self._seen.append(source)
        self.sources.append(random_as_data(name, source))
        return {"random": len(self._seen) - 1}

    def _settings(self, name: str, value: Settings) -> Any:
        if SETTINGS.get(type(value).__name__) is not type(value):
            raise _own(name, value)
        given = {f.name: self.value(name, getattr(value, f.name)) for f in fields(value)}
        return {"settings": type(value).__name__, "with": given}


def _record(name: str, value: Any) -> Any:
    """Return the text of a record, or function, of the catalogue."""
    for kind, find in RECORDS.items():
        try:
            found = find(str(value) if isinstance(value, Record) else value)
        except (TypeError, ValueError):
            continue
        if (found == value or not isinstance(value, Record)) and not custom(kind, str(found)):
            return {kind: str(found)}
    raise _own(name, value)


def custom(kind: str, text: str) -> bool:
    """Return whether `text` names a record that a user has entered into the catalogue."""
    found: Any = RECORDS[kind](text)
    return any(
        type(one) is type(found) and one.name == found.name
        for one in catalog.custom_records([text])
    )


def _own(name: str, value: Any) -> TypeError:
    shown = repr(str(value) if isinstance(value, Record) else value)
    return TypeError(
        f"{name} must be of the catalogue: a file holds data and no code; got {shown:.120}. "
        "Save the model with pickle or joblib, or take a formula that glassnet ships"
    )
