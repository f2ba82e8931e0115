"""Frozen settings whose numbers are checked when they are written down.

A field's annotation carries its rule: ``Annotated[float, "[0, 1)"]`` is a number from 0,
included, to 1, excluded. Optimizers and schedules are made of this.
"""

from __future__ import annotations

import ast
from dataclasses import MISSING, Field, dataclass, fields
from numbers import Integral, Real
from typing import Annotated, Any, ClassVar, TypeVar, get_args, get_type_hints

import numpy as np

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
        If a value is not of its field's kind.
    ValueError
        If a number is not in its field's interval; the message names the argument, the
        value and the interval.
    """

    name: ClassVar[str]
    synonyms: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self), include_extras=True)
        for field in fields(self):
            value = _checked(type(self).__name__, field.name, hints[field.name], self)
            # Plain Python numbers: a NumPy scalar would widen float32 arrays.
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


def _in_order(settings: Settings | type[Settings]) -> list[Field[Any]]:
    """Return the fields as the constructor takes them: first those that have a place."""
    return sorted(fields(settings), key=lambda field: field.kw_only is True)


def _checked(owner: str, name: str, hint: Any, settings: object) -> Any:
    value = getattr(settings, name)
    kinds, interval = _rule(hint)
    if value is None and type(None) in kinds:
        return None
    if bool in kinds:
        if not isinstance(value, bool | np.bool_):
            raise TypeError(f"{owner}: {name} must be True or False; got {value!r}")
        return bool(value)
    whole = int in kinds
    rule = f"{owner}: {name} must be {'an integer' if whole else 'a number'} in {interval}"
    if not isinstance(value, Integral if whole else Real) or isinstance(value, bool):
        raise TypeError(f"{rule}; got {value!r}")
    try:
        number = float(value)
    except OverflowError:  # its digits may be too many to print
        raise ValueError(f"{rule}; got a number beyond the range of float") from None
    if not _inside(number, interval):
        raise ValueError(f"{rule}; got {value!r}")
    return int(value) if whole and isinstance(value, Integral) else number


def _rule(hint: Any) -> tuple[tuple[Any, ...], str]:
    """Return the kinds that `hint` allows and its interval."""
    if not hasattr(hint, "__metadata__"):
        return get_args(hint) or (hint,), "(-inf, inf)"
    kind = hint.__origin__
    return get_args(kind) or (kind,), hint.__metadata__[0]


def _inside(value: float, interval: str) -> bool:
    low, high = map(float, interval[1:-1].split(","))
    above = value >= low if interval[0] == "[" else value > low
    below = value <= high if interval[-1] == "]" else value < high
    return above and below


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
        settings is such a text too.

    Raises
    ------
    ValueError
        For an unknown name (the message lists the known ones) or a wrong argument.
    TypeError
        If `spec` is neither text nor settings, or an argument is of the wrong kind.
    """
    known = ", ".join(
        f"{cls.name} (or {', '.join(cls.synonyms)})" if cls.synonyms else cls.name
        for cls in sorted(table, key=lambda cls: cls.name)
    )
    if isinstance(spec, str):
        return _parse(kind, table, spec, known)
    if isinstance(spec, bases):
        return spec
    hint = f"; did you mean {spec.__name__}()?" if isinstance(spec, type) else ""
    raise TypeError(
        f"{kind} must be a name or settings such as {table[0].__name__}(); got {spec!r}"
        f"{hint} (known: {known})"
    )


def _parse(kind: str, table: tuple[type[S], ...], text: str, known: str) -> S:
    names = {n: cls for cls in table for n in (cls.name, *cls.synonyms, cls.__name__)}
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        call = tree if isinstance(tree, ast.Call) else ast.Call(tree, [], [])
        values = [ast.literal_eval(argument) for argument in call.args]
        named = [(str(part.arg), ast.literal_eval(part.value)) for part in call.keywords]
    except (SyntaxError, TypeError, ValueError, MemoryError, RecursionError):
        raise ValueError(
            f"{kind} must read like a name or a call such as "
            f"'{table[0].name}' or '{table[0].name}(...)'; got {text!r} (known: {known})"
        ) from None
    name = call.func.id if isinstance(call.func, ast.Name) else text
    if name not in names:
        raise ValueError(f"unknown {kind} {text!r}; known: {known}")
    cls = names[name]
    return cls(**_bind(kind, cls, values, named))


def _bind(
    kind: str, cls: type[S], values: list[Any], named: list[tuple[str, Any]]
) -> dict[str, Any]:
    """Return the arguments by name; raise for one too many, unknown or given twice."""
    order = [field.name for field in fields(cls) if not field.kw_only]
    allowed = ", ".join(field.name for field in _in_order(cls)) or "none"
    if len(values) > len(order):
        raise ValueError(
            f"{kind} {cls.name!r} takes at most {len(order)} arguments by place; "
            f"got {len(values)} (its arguments: {allowed})"
        )
    given = dict(zip(order, values, strict=False))
    for name, value in named:
        if name in given:
            raise ValueError(f"{kind} {cls.name!r}: {name} is given twice")
        if name not in {field.name for field in fields(cls)}:
            raise ValueError(
                f"{kind} {cls.name!r} cannot take {name!r}; its arguments: {allowed}"
            )
        given[name] = value
    return given
