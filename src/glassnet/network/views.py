"""A list of arrays that are views: replacing an entry writes into the memory behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn, SupportsIndex

import numpy as np

from glassnet.formulas.types import Array

__all__ = ["Views"]


class Views(list[Array]):
    """A list of views, of fixed length, whose entries are written and never replaced.

    ``views[i] = values`` is ``views[i][...] = values`` with a check in front: `values` must
    have the very shape of the entry. A number, a row or a column is refused, for it would
    be spread over the whole matrix; who means that writes ``views[i][...] = 0``. Slices
    take one array per entry, all of them checked before the first is written.

    What would change the length or the order (``append``, ``sort``, ``del``, ``+=``, ...)
    raises `TypeError`. What makes another list makes a plain one: ``views + others``,
    ``views[1:]``, ``list(views)`` and ``copy.copy(views)`` of the same arrays;
    ``copy.deepcopy`` and pickle of copies that share no memory with the original.

    Parameters
    ----------
    arrays : iterable of arrays
        The views.
    name : str
        What errors call them: ``"weights"`` makes ``weights[0] must have shape ...``.

    Raises
    ------
    TypeError
        If the length or the order would change, or `values` are not real numbers.
    ValueError
        If `values` have another shape or are not finite, or their number is another.

    Examples
    --------
    >>> theta = np.zeros(5)
    >>> views = Views([theta[:4].reshape(2, 2), theta[4:]], "weights")
    >>> views[1] = [7.0]
    >>> views[0] += 1
    >>> theta
    array([1., 1., 1., 1., 7.])
    >>> views[0] = [1.0, 2.0]
    Traceback (most recent call last):
    ...
    ValueError: weights[0] must have shape (2, 2); got (2,): write weights[0][...] = ...
    where spreading is meant
    """

    def __init__(self, arrays: Iterable[Array] = (), name: str = "views") -> None:
        super().__init__(arrays)
        self._name = name

    def __setitem__(self, index: SupportsIndex | slice, values: Any) -> None:
        """Write `values` into the entry or the entries at `index`, in place."""
        if not isinstance(index, slice):
            place = range(len(self))[index]  # raises IndexError; counts from the front
            if values is not self[place]:  # ``views[i] += x`` has written already
                self[place][...] = self._checked(values, place)
            return
        places, given = range(len(self))[index], list(values)
        if len(given) != len(places):
            raise ValueError(
                f"{self._name}: {len(places)} arrays are needed here, one for each entry; "
                f"got {len(given)}"
            )
        arrays = [self._checked(v, i) for v, i in zip(given, places, strict=True)]
        for place, array in zip(places, arrays, strict=True):
            self[place][...] = array

    def _checked(self, values: Any, place: int) -> Array:
        """Return a copy of `values` that fits entry `place`."""
        name, entry = f"{self._name}[{place}]", self[place]
        try:
            given = np.asarray(values)
        except ValueError:
            raise TypeError(f"{name} must be an array; its rows differ in length") from None
        if given.dtype.kind not in "buif":
            raise TypeError(f"{name} must hold real numbers; got dtype {given.dtype}")
        if given.shape != entry.shape:
            raise ValueError(
                f"{name} must have shape {entry.shape}; got {given.shape}: write "
                f"{name}[...] = ... where spreading is meant"
            )
        with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is found
            array = given.astype(entry.dtype)
        if not np.all(np.isfinite(array)):
            raise ValueError(f"{name} must be finite in {entry.dtype} (no NaN, no infinity)")
        return array

    def _fixed(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(
            f"{self._name}: how many arrays there are, and their order, belongs to the network "
            f"and cannot change; write into one with {self._name}[i] = array, or take "
            f"list({self._name})"
        )

    append: Any = _fixed
    extend: Any = _fixed
    insert: Any = _fixed
    pop: Any = _fixed
    remove: Any = _fixed
    clear: Any = _fixed
    sort: Any = _fixed
    reverse: Any = _fixed
    __delitem__: Any = _fixed
    __iadd__: Any = _fixed
    __imul__: Any = _fixed

    def __copy__(self) -> list[Array]:
        return list(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # Neither pickle nor deepcopy can know the vector behind the views: a copy that
        # still wrote in place would write where nothing reads.
        return list, (list(self),)
