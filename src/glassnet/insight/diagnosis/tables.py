"""From a CSV file to features and a target, for the command line."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import is_regressor

from glassnet.formulas.types import Array
from glassnet.names import did_you_mean

__all__ = ["are_classes", "check_fit", "read_table"]

_MISSING = ("", "na", "n/a", "nan", "null", "none")
_MOST_CLASSES = 20


def read_table(path: Path, target: str) -> tuple[Array, Array, list[str]]:
    """Return features, target and the features' names of a CSV file with a line of names.

    An empty cell of a feature becomes NaN. A target that holds other than numbers stays text.

    Raises
    ------
    ValueError
        If a name or cell cannot be used; the message says which and where.
    """
    numbered = _cells(path)
    lines = [line for line, _ in numbered]
    if len(lines) < 3 or len(lines[0]) < 2:
        raise ValueError(
            f"{path} must hold a line of two names or more, and two rows or more below it; got "
            f"{len(lines)} line(s) of {len(lines[0]) if lines else 0} cell(s)"
            + _separated(lines)
        )
    names, rows = [name.strip() for name in lines[0]], numbered[1:]
    if names.count(target) != 1:
        times = f", which stands there {names.count(target)} times" if target in names else ""
        raise ValueError(
            f"target must be the name of one column, as the first line of {path} has them: "
            f"{', '.join(names)}; got {target!r}{times or did_you_mean('', target, names)}"
        )
    for row, number in rows:
        if len(row) != len(names):
            raise ValueError(
                f"line {number} must hold {len(names)} cells, one per name; got {len(row)}"
            )
    place = names.index(target)
    columns = [
        [_number(row[j], names[j], number) for row, number in rows]
        for j in range(len(names))
        if j != place
    ]
    y = _target([row[place].strip() for row, _ in rows], target)
    return np.array(columns).T, y, names[:place] + names[place + 1 :]


def _cells(path: Path) -> list[tuple[list[str], int]]:
    """Return the cells of each line that has some, and the line's number."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            return [(line, reader.line_num) for line in reader if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(
            f"{path} must be a text file in UTF-8, with commas between its cells; {error}"
        ) from error


def _separated(lines: list[list[str]]) -> str:
    """Return the end of an error about lines of one cell that something else separates."""
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if lines and len(lines[0]) == 1 and mark in lines[0][0]:
            return f"; {name} seem to separate its cells: write commas"
    return ""


def _number(cell: str, name: str, line: int) -> float:
    if cell.strip().lower() in _MISSING:
        return np.nan
    try:
        return float(cell)
    except ValueError:
        raise ValueError(
            f"column {name!r} must hold numbers; got {cell!r} in line {line}: {_advice(cell)}"
        ) from None


def _advice(cell: str) -> str:
    """Return what to do with a cell that is no number."""
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return "encode it as numbers first, as pandas.get_dummies does, or leave the column out"
    return f"write a point for the comma, {cell.replace(',', '.')}"


def _target(cells: list[str], name: str) -> Array:
    if any(cell.lower() in _MISSING for cell in cells):
        raise ValueError(f"target {name!r} must have a value in every row; some are missing")
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        return np.array(cells)


def are_classes(y: Any) -> bool:
    """Say whether a target is taken for classes: text, or few whole numbers.

    Examples
    --------
    >>> are_classes(np.array(["a", "b"])), are_classes(np.array([0.5, 1.2]))
    (True, False)
    """
    if y.dtype.kind != "f":
        return True
    values = np.unique(y)
    return len(values) <= _MOST_CLASSES and bool((values == np.round(values)).all())


def check_fit(model: Any, X: Array, y: Any, names: list[str]) -> None:
    """Raise unless a table has the features and the targets that a model is for.

    Parameters
    ----------
    model : MLP or estimator
        An estimator that is not fitted takes any features.
    X, y, names
        From `read_table`.

    Raises
    ------
    ValueError
        If they do not go together; the message says which do not.

    Examples
    --------
    >>> from glassnet import MLP
    >>> check_fit(MLP([2, 1]), np.ones((3, 2)), np.ones(3), ["a", "b"])
    """
    plan = getattr(model, "plan", None)
    width = getattr(model, "n_features_in_", None) if plan is None else plan.n_inputs
    if width is not None and X.shape[1] != width:
        raise ValueError(
            f"the model takes {width} features; the table has {X.shape[1]}: {', '.join(names)}"
        )
    known = [str(name) for name in getattr(model, "feature_names_in_", ())]
    if known and known != names:
        raise ValueError(
            f"the model's features are {', '.join(known)}, in this order; the table has "
            f"{', '.join(names)}"
        )
    classes = getattr(model, "classes_", None)
    if classes is not None:
        _check_labels(np.asarray(classes), y)
    elif y.dtype.kind == "U" and (plan is not None or is_regressor(model)):
        raise ValueError(f"the model takes numbers as the target; the table has {y[0]!r}")


def _check_labels(classes: Any, y: Any) -> None:
    wanted, given = classes.tolist(), np.unique(y).tolist()
    unknown = [label for label in given if label not in wanted]
    if unknown:
        raise ValueError(
            f"the model knows the classes {_some(wanted)}; the table also has {_some(unknown)}"
        )


def _some(labels: list[Any]) -> str:
    rest = ", ..." if len(labels) > 10 else ""
    return ", ".join(map(repr, labels[:10])) + rest
