"""A source of random numbers as data: the state of its bit generator."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["random_as_data", "random_from_data"]

_BITS = {
    cls.__name__: cls
    for cls in (
        np.random.MT19937,
        np.random.PCG64,
        np.random.PCG64DXSM,
        np.random.Philox,
        np.random.SFC64,
    )
}
_KINDS = {"RandomState": np.random.RandomState, "Generator": np.random.Generator}
# Places in a buffer: NumPy does not look at them again before it reads there.
_LAST_PLACE = {"pos": 624, "buffer_pos": 4, "has_gauss": 1, "has_uint32": 1}


def random_as_data(name: str, source: Any) -> dict[str, Any]:
    """Return the kind and the state of a source of random numbers, as JSON has it.

    Raises
    ------
    TypeError
        If its bit generator is none of NumPy's own.
    """
    legacy = isinstance(source, np.random.RandomState)
    state = source.get_state(legacy=False) if legacy else source.bit_generator.state
    if type(source) not in _KINDS.values() or state["bit_generator"] not in _BITS:
        raise TypeError(f"{name} must draw from a bit generator of NumPy; got {source!r}")
    return {"kind": "RandomState" if legacy else "Generator", "state": _plain(state)}


def random_from_data(data: Any) -> Any:
    """Return the source of random numbers that `data` describes.

    Raises
    ------
    ValueError
        If it describes none.
    """
    state = data.get("state") if isinstance(data, dict) else None
    bits = state.get("bit_generator") if isinstance(state, dict) else None
    if not isinstance(bits, str) or bits not in _BITS or data.get("kind") not in _KINDS:
        raise ValueError("a source of random numbers is of an unknown kind")
    source: Any = _KINDS[data["kind"]](_BITS[bits](0))
    legacy = isinstance(source, np.random.RandomState)
    known = source.get_state(legacy=False) if legacy else source.bit_generator.state
    try:
        settled = _like(state, known, "state")
        if legacy:
            source.set_state(settled)
        else:
            source.bit_generator.state = settled
    except (OverflowError, TypeError) as error:
        raise ValueError(f"a source of random numbers has a wrong state ({error})") from error
    return source


def _plain(state: Any) -> Any:
    if isinstance(state, dict):
        return {name: _plain(value) for name, value in state.items()}
    return state.tolist() if isinstance(state, np.ndarray | np.generic) else state


def _like(given: Any, known: Any, name: str) -> Any:
    """Return `given`, made of the same parts as `known`."""
    wrong = ValueError(
        f"the {name} of a source of random numbers has other parts than it should"
    )
    if isinstance(known, dict):
        if not isinstance(given, dict) or given.keys() != known.keys():
            raise wrong
        return {part: _like(given[part], known[part], part) for part in known}
    if isinstance(known, np.ndarray):
        whole = isinstance(given, list) and all(type(n) is int for n in given)
        if not whole or len(given) != len(known):
            raise wrong
        return np.array(given, known.dtype)
    if isinstance(known, str):
        if given != known:
            raise wrong
        return given
    if isinstance(known, float):
        if type(given) not in (int, float):
            raise wrong
        return float(given)
    if type(given) is not int or not 0 <= given <= _LAST_PLACE.get(name, 2**128 - 1):
        raise wrong
    return given
