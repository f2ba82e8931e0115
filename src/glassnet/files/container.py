"""The file itself: tensors and one JSON text in the safetensors format."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["FORMAT", "VERSION", "read", "write"]

FORMAT, VERSION = "glassnet model", "1"
_DTYPES = ("F64", "F32", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8")

Tensors = dict[str, NDArray[Any]]


def write(path: Path, model: dict[str, Any], tensors: Tensors, version: str) -> None:
    """Write a file in one go: one that is there already stays whole until the new one is.

    Parameters
    ----------
    path : Path
        Where; links are followed.
    model : dict
        What JSON can hold.
    tensors : dict of arrays
    version : str
        Of glassnet, for people who look into the file.

    Raises
    ------
    OSError
        If `path` cannot be written.
    """
    from safetensors.numpy import save

    if not path.resolve().parent.is_dir():
        raise FileNotFoundError(f"path must lie in a folder that exists; got {str(path)!r}")
    texts = {"format": FORMAT, "version": VERSION, "glassnet": version}
    texts["model"] = json.dumps(model, allow_nan=False)
    # A layout without gaps, each array in C order (which leaves one number what it is).
    content = save({name: np.array(t, order="C") for name, t in tensors.items()}, texts)
    path = path.resolve()
    draft = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def read(path: Path) -> tuple[Any, Tensors]:
    """Return the description and the tensors of a file.

    What it says of sizes is held against its length before anything is allocated.

    Raises
    ------
    OSError
        If `path` cannot be read.
    ValueError
        If it is no model file.
    """
    from safetensors import SafetensorError, safe_open

    with path.open("rb"):  # the system's own words where there is none
        pass
    if not path.is_file():
        raise ValueError("it is not an ordinary file")
    try:
        with safe_open(path, framework="numpy") as file:
            texts = file.metadata() or {}
            _check_format(texts)
            tensors = {name: _tensor(file, name) for name in file.keys()}
    except SafetensorError as error:
        raise ValueError(f"it is damaged or no safetensors file ({error})") from error
    return _json(texts.get("model", "")), tensors


def _check_format(texts: dict[str, str]) -> None:
    if texts.get("format") != FORMAT:
        raise ValueError("it is a safetensors file, but not one that glassnet.save has written")
    if texts.get("version") != VERSION:
        raise ValueError(
            f"its format must be of version {VERSION}; got {texts.get('version')!r:.40}, "
            f"written by glassnet {texts.get('glassnet')!r:.40}"
        )


def _tensor(file: Any, name: str) -> NDArray[Any]:
    kind = file.get_slice(name).get_dtype()
    if kind not in _DTYPES:
        raise ValueError(f"tensor {name!r:.60} must be of {', '.join(_DTYPES)}; got {kind}")
    found: NDArray[Any] = file.get_tensor(name)
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its description cannot be read as JSON ({error})") from None
