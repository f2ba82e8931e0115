"""Frozen settings whose numbers are checked when they are written down.

A field's annotation carries its rule: ``Annotated[float, "[0, 1)"]`` is a number from 0,
included, to 1, excluded. Optimizers and schedules are made of this.
"""

from __future__ import annotations

import ast
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from typing import Annotated, Any, ClassVar, Self, TypeVar, get_args, get_type_hints

import numpy as np

from glassnet.intervals import EVERYTHING, check_number
from glassnet.names import did_you_mean, did_you_mean_argument, key, not_taken

__all__ = ["BelowOne", "Count", "NonNegative", "Positive", "Settings", "Share", "find"]

Positive = Annotated[float, "(0, inf)"]
NonNegative = Annotated[float, "[0, inf)"]
BelowOne = Annotated[float, "[0, 1)"]
Share = Annotated[float, "[0, 1]"]
Count = Annotated[int, "[0, inf)"]


@dataclass(frozen=True, repr=False)
class Settings:
    """Base of all settings: checks every field, and prints as the call that makes it.

    Attributes
    ----------
    name : str
        The canonical name in the catalogue.
    synonyms : tuple of str
        Other names that users type.

    Raises
    ------
    TypeError
        If a value is not of its field's kind, or an argument is none of the fields.
    ValueError
        If a number is not in its field's interval; the message names the argument, the
        value and the interval.
    """

    name: ClassVar[str]
    synonyms: ClassVar[tuple[str, ...]] = ()

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Refuse an argument that there is not; `__init__` could not say which was meant."""
        unknown = kwargs.keys() - set(_arguments(cls))
        for name in not_taken(cls.__init__, unknown):  # a subclass may have more
            raise TypeError(f"{cls.__name__} {_cannot_take(cls, name)}")
        return super().__new__(cls)

    def __post_init__(self) -> None:
        hints = _hints(type(self))  # type: ignore[arg-type]  # mypy asks the instances' hash
        for field in fields(self):
            value = _checked(type(self).__name__, field.name, hints[field.name], self)
            object.__setattr__(self, field.name, value)

    def __repr__(self) -> str:
        shown = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in _in_order(self)
            if field.default is MISSING
            or field.name == "learning_rate"
            or getattr(self, field.name) != field.default
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


@cache
def _hints(cls: type[Settings]) -> dict[str, Any]:
    """Return the rule of each field; to work them out takes most of a millisecond."""
    return get_type_hints(cls, include_extras=True)


def _in_order(settings: Settings | type[Settings]) -> list[Field[Any]]:
    """Return the fields as the constructor takes them: first those that have a place."""
    return sorted(fields(settings), key=lambda field: field.kw_only is True)


def _arguments(cls: type[Settings]) -> list[str]:
    return [field.name for field in _in_order(cls)]


def _cannot_take(cls: type[Settings], name: str) -> str:
    known = _arguments(cls)
    return (
        f"cannot take {name!r}; its arguments: {', '.join(known) or 'none'}"
        f"{did_you_mean_argument(name, known)}"
    )


def _checked(owner: str, name: str, hint: Any, settings: object) -> Any:
    value = getattr(settings, name)
    kinds, interval = _rule(hint)
    if value is None and type(None) in kinds:
        return None
    if bool in kinds:
        if not isinstance(value, bool | np.bool_):
            raise TypeError(f"{owner}: {name} must be True or False; got {value!r}")
        return bool(value)
    return check_number(owner, name, value, interval, whole=int in kinds)


def _rule(hint: Any) -> tuple[tuple[Any, ...], str]:
    """Return the kinds that `hint` allows and its interval."""
    if not hasattr(hint, "__metadata__"):
        return get_args(hint) or (hint,), EVERYTHING
    kind = hint.__origin__
    return get_args(kind) or (kind,), hint.__metadata__[0]


# --- from text to settings

S = TypeVar("S", bound=Settings)


def find(kind: str, bases: tuple[type[S], ...], table: tuple[type[S], ...], spec: object) -> S:
    """Return the settings that `spec` means: settings of these kinds, or a text.

    Parameters
    ----------
    kind : str
        What is looked for; errors name it.
    bases : tuple of classes
        Settings of these, a user's own rule among them, are returned as they are.
    table : tuple of classes
        Those that can be named.
    spec : str or Settings
        ``"adam"``, ``"adam(0.01)"`` or ``"adam(learning_rate=0.01)"``; the ``repr`` of
        settings is such a text too. Case, hyphens, spaces and underscores in the name do
        not count.

    Raises
    ------
    ValueError
        For an unknown name (the message lists the known ones and suggests one) or a wrong
        argument.
    TypeError
        If `spec` is neither text nor settings, or an argument is of the wrong kind.
    """
    if isinstance(spec, str):
        return _parse(kind, table, spec)
    if isinstance(spec, bases):
        return spec
    hint = f"; did you mean {spec.__name__}()?" if isinstance(spec, type) else ""
    raise TypeError(
        f"{kind} must be a name or settings such as {table[0].__name__}(); got {spec!r}"
        f"{hint} (known: {_known(table)})"
    )


def _known(table: tuple[type[S], ...]) -> str:
    """Return the list of the names, each with its synonyms."""
    return ", ".join(
        f"{cls.name} (or {', '.join(cls.synonyms)})" if cls.synonyms else cls.name
        for cls in sorted(table, key=lambda cls: cls.name)
    )


def _parse(kind: str, table: tuple[type[S], ...], text: str) -> S:
    names = {name: cls for cls in table for name in (cls.name, *cls.synonyms)}
    by_key = {key(name): cls for name, cls in names.items()}
    head, bracket, rest = text.strip().partition("(")
    try:
        tree = ast.parse(f"f({rest}" if bracket else "f()", mode="eval").body
        if not head or not isinstance(tree, ast.Call):
            raise ValueError
        values = [ast.literal_eval(argument) for argument in tree.args]
        named = [(str(part.arg), ast.literal_eval(part.value)) for part in tree.keywords]
    except (SyntaxError, TypeError, ValueError, MemoryError, RecursionError):
        raise ValueError(
            f"{kind} must read like a name or a call such as '{table[0].name}' or "
            f"'{table[0].name}(...)'; got {text!r} (known: {_known(table)})"
        ) from None
    if key(head) not in by_key or not isinstance(tree.func, ast.Name):
        hint = did_you_mean(kind, head, names)
        raise ValueError(f"unknown {kind} {text!r}; known: {_known(table)}{hint}")
    cls = by_key[key(head)]
    return cls(**_bind(kind, cls, values, named))


def _bind(
    kind: str, cls: type[S], values: list[Any], named: list[tuple[str, Any]]
) -> dict[str, Any]:
    """Return the arguments by name; raise for one too many, unknown or given twice."""
    order = [field.name for field in fields(cls) if not field.kw_only]
    allowed = _arguments(cls)
    if len(values) > len(order):
        raise ValueError(
            f"{kind} {cls.name!r} takes at most {len(order)} arguments by place; "
            f"got {len(values)} (its arguments: {', '.join(allowed) or 'none'})"
        )
    given = dict(zip(order, values, strict=False))
    for name, value in named:
        if name in given:
            raise ValueError(f"{kind} {cls.name!r}: {name} is given twice")
        if name not in allowed:
            raise ValueError(f"{kind} {cls.name!r} {_cannot_take(cls, name)}")
        given[name] = value
    return given
