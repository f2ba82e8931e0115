"""Registers: how a record is found by what a person writes.

A person names a record by its text, ``"relu"``, ``"leaky_relu(0.2)"`` or
``"leaky_relu(alpha=0.2)"``, hands over one of the catalogue's functions, or a record.
``str(record)`` gives the text back.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from dataclasses import fields, replace
from functools import lru_cache
from typing import Generic, TypeVar

import numpy as np

from glassnet.formula_checks import warn_of_gradient
from glassnet.names import did_you_mean, key
from glassnet.records import Record

__all__ = ["Register"]

R = TypeVar("R", bound=Record)

_TEXT = re.compile(r"(?P<name>[^()]+)(?:\((?P<arguments>[^()]*)\)\s*)?")


class Register(Generic[R]):
    """The records of one kind, by name.

    Parameters
    ----------
    kind : class
        What the records are.
    shipped : tuple of records
        Those that stay as they are; a user's own are entered when they are looked up.

    Attributes
    ----------
    named : dict
        Every record by the `key` of its name and of each synonym.
    """

    def __init__(self, kind: type[R], shipped: tuple[R, ...]) -> None:
        self.kind = kind
        self.shipped = shipped
        self.named = {key(name): record for record in shipped for name in _names(record)}
        self._read = lru_cache(maxsize=1024)(self._parse)  # the same texts come every step

    def find(self, spec: object) -> R:
        """Return the record that `spec` means: a text, a record or a function.

        Raises
        ------
        ValueError
            For an unknown name, a parameter that the formula does not have or does not
            allow, a record under another's name, or one whose functions fail, write into
            their arguments, or return what is not finite or of the wrong shape or dtype.
        TypeError
            If `spec` is none of these.
        """
        if isinstance(spec, str):
            return self._read(spec)
        if isinstance(spec, self.kind):
            return self._admit(spec)
        if callable(spec) and not isinstance(spec, Record):
            spec = inspect.unwrap(spec)  # `glassnet.activations` wraps the formulas
            for record in self.named.values():
                if spec in (getattr(record, "value", None), getattr(record, "weights", None)):
                    return record
        got = f"{type(spec).__name__} {spec.name!r}" if isinstance(spec, Record) else repr(spec)
        raise TypeError(
            f"{_kind(self.kind)} must be a name, a record or a formula of the catalogue; got "
            f"{got} (put a function of your own into a glassnet.catalog.{self.kind.__name__})"
        )

    def custom(self, text: str) -> R | None:
        """Return the record behind `text` if a user entered it, without what it binds."""
        record = self.named.get(key(text.partition("(")[0]))
        return None if record in self.shipped else record

    def restore(self, record: R) -> None:
        """Enter a record that comes with a stored model.

        Where the catalogue has the same record, or one whose functions are of the same
        places, it keeps its own, which is the newer.

        Raises
        ------
        ValueError
            If another record has the name, or the same one has other parameters there, so
            that the model's texts would not mean what they meant.
        """
        taken = self.named.get(key(record.name))
        if taken is None or not (_alike(record, taken) or self._is_newer_self(record, taken)):
            self._admit(record)
        elif record.parameters != taken.parameters:
            raise ValueError(
                f"{_kind(self.kind)} {record.name!r} came with the parameters "
                f"{dict(record.parameters)}, and the catalogue has it with "
                f"{dict(taken.parameters)}"
            )

    def _parse(self, text: str) -> R:
        match = _TEXT.fullmatch(text)
        name = match["name"] if match else text.partition("(")[0]
        record = self.named.get(key(name))
        if match is None or record is None:
            names = [name for record in self.named.values() for name in _names(record)]
            kind = _kind(self.kind)
            raise ValueError(
                f"unknown {kind} {text!r}; known: {self._known()}"
                f"{did_you_mean(kind, name, names)}"
            )
        if not (match["arguments"] or "").strip():
            return record
        bound = replace(record, parameters=_bind(record, match["arguments"].split(",")))
        _try_out(bound)
        return bound

    def _known(self) -> str:
        """Return the list of the names, each with its synonyms."""
        records = {record.name: record for record in self.named.values()}
        return ", ".join(
            f"{name} (or {', '.join(records[name].synonyms)})"
            if records[name].synonyms
            else name
            for name in sorted(records)
        )

    def _admit(self, record: R) -> R:
        """Return `record` as the catalogue has it; enter it, unless it is here already."""
        taken = self.named.get(key(record.name))
        if taken is record:
            return record
        if taken is not None and _alike(record, taken):
            return _bound(taken, record)
        if not record.name.isidentifier():
            raise ValueError(
                f"the name of {_kind(self.kind)} {record.name!r} must be letters, digits and "
                "underscores, so that it can be found by its text"
            )
        for name in _names(record):
            other = self.named.get(key(name))
            if other is not None and not self._is_newer_self(record, other):
                raise ValueError(
                    f"{_kind(self.kind)} {record.name!r}: {name!r} is taken by another "
                    "record; choose another name"
                )
        entered = _with_numbers_of(taken, record)
        _try_out(entered)
        kept = {name: other for name, other in self.named.items() if other is not taken}
        self.named = kept | {key(name): entered for name in _names(entered)}
        self._read.cache_clear()
        warn_of_gradient(entered)
        return _bound(entered, record)

    def _is_newer_self(self, new: R, old: R) -> bool:
        """Return whether `new` is `old` defined again, as when a notebook's cell runs again."""
        paths, older = (
            [_path(getattr(record, entry.name)) for entry in fields(record)]
            for record in (new, old)
        )
        nested = any("<" in path for path in paths)  # two closures can share one path
        bound = any(_is_bound(getattr(new, entry.name)) for entry in fields(new))
        return old not in self.shipped and paths == older and not (nested or bound)


def _names(record: Record) -> tuple[str, ...]:
    return (record.name, *record.synonyms)


def _kind(cls: type[Record]) -> str:
    return cls.__name__.lower()


def _alike(record: Record, other: Record) -> bool:
    """Return whether two records differ in the values of parameters at most."""
    return record.declared() == other.declared()


def _bound(entered: R, record: R) -> R:
    """Return `entered` with the parameters of `record`."""
    if record.parameters == entered.parameters:
        return entered
    _check_parameters(record, entered)
    bound = replace(entered, parameters=record.parameters)
    _try_out(bound)
    return bound


def _with_numbers_of(older: R | None, record: R) -> R:
    """Return `record` as it is entered: a text goes on to mean what it meant for `older`."""
    numbers = record.parameters
    if older is not None and _ranges(older) == _ranges(record):
        numbers = older.parameters
    if record.parameters == numbers and record.defaults == tuple(n for _, n in numbers):
        return record
    return replace(record, parameters=numbers, defaults=())


def _ranges(record: Record) -> tuple[list[str], tuple[str, ...]]:
    return _parameter_names(record), record.ranges


def _parameter_names(record: Record) -> list[str]:
    return [name for name, _ in record.parameters]


def _bind(record: Record, arguments: Iterable[str]) -> tuple[tuple[str, float], ...]:
    """Return the record's parameters with `arguments` (texts, by place or by name) put in."""
    which = f"{_kind(type(record))} {record.name!r}"
    names = _parameter_names(record)
    given: dict[str, float] = {}
    for place, argument in enumerate(arguments):
        name, equals, number = (part.strip() for part in argument.rpartition("="))
        if not equals and place < len(names):
            name = names[place]
        if name not in names:
            allowed = ", ".join(names) or "none"
            raise ValueError(
                f"{which} cannot take {argument.strip()!r}; its parameters: {allowed}"
            )
        if name in given:
            raise ValueError(f"{which}: {name} is given twice")
        try:
            given[name] = float(number)
        except ValueError:
            raise ValueError(f"{which}: {name} must be a number; got {number!r}") from None
    return tuple({**dict(record.parameters), **given}.items())


def _check_parameters(record: Record, known: Record) -> None:
    names, expected = _parameter_names(record), _parameter_names(known)
    if names != expected:
        raise ValueError(
            f"{_kind(type(record))} {record.name!r} must have the parameters "
            f"{', '.join(expected) or 'none'}; got {', '.join(names) or 'none'}"
        )


def _is_bound(function: object) -> bool:
    """Return whether `function` carries values of its own, which its path does not tell."""
    return any(
        getattr(function, name, None) is not None for name in ("__self__", "__wrapped__")
    )


def _path(function: object) -> str:
    """Return where `function` is defined; nothing for what is no function."""
    if not callable(function):
        return ""
    return f"{function.__module__}.{getattr(function, '__qualname__', '<unnamed>')}"


def _try_out(record: Record) -> None:
    """Run the record's functions on a few numbers, so that what is wrong shows at once."""
    which = f"{_kind(type(record))} {str(record)!r}"
    try:
        with np.errstate(all="ignore"):  # what is not finite is refused by its value
            record.try_out()
    except ValueError as error:
        raise ValueError(f"{which}: {error}") from error
    except TypeError as error:
        raise TypeError(f"{which} does not fit its functions: {error}") from error
    except Exception as error:
        raise ValueError(f"{which}: its functions raised {error!r}") from error
