"""From what a file holds back to Python values; nothing in it is taken on trust."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.files.random_state import random_from_data
from glassnet.files.writer import RECORDS, SETTINGS, custom

__all__ = ["Reader", "part", "parts"]

_DEEPEST = 20
_MOST_TEXT = 2**24  # characters of an array of text, 4 bytes each


def part(data: Any, name: str, *kinds: type) -> Any:
    """Return the entry `name` of a JSON object, which must be of one of `kinds`.

    Raises
    ------
    ValueError
        If there is none such.
    """
    if not isinstance(data, dict) or name not in data:
        raise ValueError(f"{name} is missing")
    if type(data[name]) not in kinds:
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise ValueError(f"{name} must be {wanted}; got {data[name]!r:.60}")
    return data[name]


def parts(data: Any, what: str, *names: str) -> None:
    """Raise unless a JSON object has exactly these entries."""
    if not isinstance(data, dict) or set(data) != set(names):
        got = ", ".join(sorted(data)) if isinstance(data, dict) else f"{data!r:.60}"
        raise ValueError(f"{what} must hold {', '.join(names)}; got {got:.300}")


class Reader:
    """Turns JSON back into values; the other half of `Writer`.

    Parameters
    ----------
    tensors : dict of arrays
        As they came from the file; `value` and `array` take them out.
    sources : list
        Description of each source of random numbers.
    """

    def __init__(self, tensors: dict[str, NDArray[Any]], sources: list[Any]) -> None:
        self.left = dict(tensors)
        self._sources = [random_from_data(one) for one in sources]

    def value(self, name: str, data: Any, depth: int = 0) -> Any:
        """Return what `data` stands for.

        Raises
        ------
        ValueError
            If that is nothing.
        """
        if depth > _DEEPEST:
            raise ValueError(f"{name} is nested more than {_DEEPEST} deep")
        if data is None or isinstance(data, bool | int | float | str):
            return data
        if isinstance(data, list):
            return [self.value(name, one, depth + 1) for one in data]
        if "tuple" in data:
            return tuple(self.value(name, part(data, "tuple", list), depth + 1))
        if "dict" in data:
            return self._dict(name, part(data, "dict", list), depth + 1)
        if "float" in data and data["float"] in ("nan", "inf", "-inf"):
            return float(data["float"])
        if "random" in data:
            return self.random(name, data)
        if "array" in data or "text" in data:
            return self.array(name, data)
        if "settings" in data:
            return self._settings(name, data, depth + 1)
        return _record(name, data)

    def random(self, name: str, data: Any) -> Any:
        """Return a source of random numbers; the same one wherever it is the same."""
        place = part(data, "random", int)
        if not 0 <= place < len(self._sources):
            raise ValueError(f"{name} is source {place} of random numbers, which is missing")
        return self._sources[place]

    def array(
        self, name: str, data: Any, shape: tuple[int, ...] | None = None, kinds: str = "biufUO"
    ) -> NDArray[Any]:
        """Return an array of this shape, and of a dtype of one of these kinds.

        Raises
        ------
        ValueError
            If it is missing or another.
        """
        found = _text(name, data) if isinstance(data, dict) and "text" in data else None
        if found is None:
            place = part(data, "array", str)
            if place not in self.left:
                raise ValueError(f"tensor {place!r:.60} is missing")
            found = self.left.pop(place)
        if isinstance(data, dict) and data.get("as") == "bool":
            if found.dtype != np.uint8 or (found > 1).any():
                raise ValueError(f"{name} must hold 0 and 1")
            found = found.astype(bool)
        if shape is not None and found.shape != shape:
            raise ValueError(f"{name} must have shape {shape}; got {found.shape}")
        if found.dtype.kind not in kinds:
            raise ValueError(f"{name} must be of kind {kinds}; got dtype {found.dtype}")
        return found

    def floats(
        self, name: str, data: Any, shape: tuple[int, ...] | None, dtype: Any = None
    ) -> NDArray[Any]:
        """Return an array of finite floats, of float32 or float64 where `dtype` is None."""
        found = self.array(name, data, shape, "f")
        if found.dtype not in ((np.float32, np.float64) if dtype is None else (dtype,)):
            raise ValueError(f"{name} has the wrong dtype {found.dtype}")
        if not np.isfinite(found).all():
            raise ValueError(f"{name} must be finite; it holds NaN or infinity")
        return found

    def done(self) -> None:
        """Raise if the file holds what nothing asked for."""
        if self.left:
            raise ValueError(f"there are tensors too many: {', '.join(self.left)!s:.200}")

    def _dict(self, name: str, items: list[Any], depth: int) -> dict[Any, Any]:
        pairs = [self.value(name, pair, depth) for pair in items]
        plain = (bool, int, float, str, type(None))
        if not all(type(p) is list and len(p) == 2 and type(p[0]) in plain for p in pairs):
            raise ValueError(f"{name} must hold pairs of a key and a value")
        return {key: value for key, value in pairs}

    def _settings(self, name: str, data: Any, depth: int) -> Any:
        kind, given = part(data, "settings", str), part(data, "with", dict)
        if kind not in SETTINGS:
            raise ValueError(f"{name} names settings that there are not: {kind!r:.60}")
        values = {key: self.value(name, value, depth) for key, value in given.items()}
        return SETTINGS[kind](**values)


def _record(name: str, data: dict[str, Any]) -> Any:
    for kind, find in RECORDS.items():
        if set(data) == {kind}:
            text = part(data, kind, str)
            found = find(text)
            if custom(kind, text):
                raise ValueError(f"{name} must be of the catalogue; got {text!r:.60}")
            return found
    raise ValueError(f"{name} cannot be read; got {data!r:.60}")


def _text(name: str, data: dict[str, Any]) -> NDArray[Any]:
    words, shape = part(data, "text", list), part(data, "shape", list)
    kind = part(data, "as", str)
    if not all(type(one) is str for one in words):
        raise ValueError(f"{name} must hold text only")
    if not all(type(n) is int and n >= 0 for n in shape) or np.prod(shape, dtype=object) != len(
        words
    ):
        raise ValueError(f"{name} must be {len(words)} texts; its shape is {shape!r:.60}")
    width = max(map(len, words), default=0)
    if kind == "object":
        return np.array(words, object).reshape(shape)
    digits = kind[1:]
    fits = kind[:1] == "U" and digits.isascii() and digits.isdigit() and len(digits) < 8
    # A single long word makes all of them wide.
    if not fits or int(digits) < width or int(digits) * len(words) > _MOST_TEXT:
        raise ValueError(f"{name} has text of an unknown kind {kind!r:.20}")
    return np.array(words, f"<U{int(digits)}").reshape(shape)
