"""`save` and `load`: a model as one file of data."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from glassnet.files.container import read, write
from glassnet.files.networks import mlp_as_data, mlp_from_data
from glassnet.files.reader import Reader, part, parts
from glassnet.files.writer import Writer
from glassnet.mlp import MLP

__all__ = ["load", "save"]

_KINDS = ("MLP", "MLPClassifier", "MLPRegressor", "Perceptron")


def save(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a model to one file, from which `load` makes the same model again.

    The file is safetensors: the arrays as they are, and a JSON text that says what they
    are. It holds data and no code; nothing is pickled.

    Parameters
    ----------
    model : MLP, MLPClassifier, MLPRegressor or Perceptron
        Fitted or not. It is not changed.
    path : str or path
        A file there is overwritten once the new one is whole.

    Raises
    ------
    TypeError
        If the model is of another kind or holds what is no data: an activation, a loss, an
        optimizer or a function of your own, labels that are neither text nor numbers.
    ValueError
        If its numbers are not finite or do not go together.
    OSError
        If the file cannot be written.
    ImportError
        If safetensors is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from glassnet import MLP, load, save
    >>> net = MLP([2, 3, 1], seed=0).fit([[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0], epochs=5)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(net, f"{folder}/net.safetensors")
    ...     again = load(f"{folder}/net.safetensors")
    >>> (again.predict([[0.5, 0.5]]) == net.predict([[0.5, 0.5]])).all()
    np.True_
    """
    kind = _kind(model)
    writer = Writer()
    describe = mlp_as_data if kind == "MLP" else _estimators().estimator_as_data
    described = describe(writer, model)
    data = {"kind": kind, "model": described, "random": writer.sources}
    try:
        _rebuilt(data, dict(writer.tensors))  # what is written can be read
    except ValueError as error:
        raise ValueError(f"this {kind} cannot be saved: {error}") from error
    write(Path(path), data, writer.tensors, sys.modules["glassnet"].__version__)


def load(path: str | os.PathLike[str]) -> Any:
    """Return the model that `save` wrote: its predictions, and its training from here on.

    Nothing in the file is executed, and every name, shape and number in it is checked, so
    that a file from anyone can be opened.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    MLP, MLPClassifier, MLPRegressor or Perceptron
        What is saved is the whole state, random numbers and optimizer included: `fit` and
        `partial_fit` go on bit for bit as they would have on the model that was saved.

    Raises
    ------
    ValueError
        If the file is no model file, is damaged, or says what cannot be; the message says
        what.
    OSError
        If it cannot be read.
    ImportError
        If safetensors is not installed, or scikit-learn for one of the estimators.

    Examples
    --------
    >>> load("no_such_file")
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory: 'no_such_file'
    """
    try:
        data, tensors = read(Path(path))
        return _rebuilt(data, tensors)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"{os.fspath(path)} cannot be loaded: {error}") from error


def _kind(model: Any) -> str:
    name = type(model).__name__
    if name not in _KINDS or type(model) is not _class(name):
        raise TypeError(
            f"model must be an {', '.join(_KINDS[:-1])} or {_KINDS[-1]}; got {name} "
            f"of {type(model).__module__}"
        )
    return name


def _class(kind: str) -> Any:
    return MLP if kind == "MLP" else _estimators().KINDS[kind]


def _estimators() -> Any:
    from glassnet.files import estimators  # they need scikit-learn

    return estimators


def _rebuilt(data: Any, tensors: dict[str, Any]) -> Any:
    parts(data, "the description", "kind", "model", "random")
    kind = part(data, "kind", str)
    reader = Reader(tensors, part(data, "random", list))
    if kind == "MLP":
        model: Any = mlp_from_data(reader, data["model"])
    elif kind in _KINDS:
        model = _estimators().estimator_from_data(reader, _class(kind), data["model"])
    else:
        raise ValueError(f"kind must be one of {', '.join(_KINDS)}; got {kind!r:.60}")
    reader.done()
    return model
