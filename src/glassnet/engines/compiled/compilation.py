"""From a kernel written in Python to the address of its machine code.

Numba keeps the code on disk: beside the sources, or in the user's cache directory where
that is read-only. Where neither can be written it is compiled in each process anew. Code
on disk counts only for the very sources that it was made from.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba import types
from numba.core.caching import FunctionCache
from numba.core.ccallback import CFunc

from glassnet.formulas import random_bits, special

__all__ = ["Kernel", "address", "compiled", "seconds_spent"]

Kernel = Callable[..., None]

# An error model like NumPy's lets division vectorise. Contraction alone, a multiplication
# and an addition in one instruction, is all the liberty with arithmetic that is given.
_OPTIONS = {"nopython": True, "error_model": "numpy", "fastmath": {"contract"}}
_lock = threading.RLock()
_spent = {"seconds": 0.0}


@cache
def _sources() -> str:
    """Return a digest of all that kernels are made from: they call into other files."""
    digest = hashlib.sha256()
    borrowed = [Path(str(module.__file__)) for module in (random_bits, special)]
    for path in [*sorted(Path(__file__).parent.glob("*.py")), *borrowed]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


class _Cache(FunctionCache):
    """Numba's cache on disk; it would look at a kernel's own file alone."""

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        return (*super()._index_key(sig, codegen), _sources())


def signature(precision: str) -> Any:
    """Return the one signature of all kernels, at ``"float32"`` or ``"float64"``."""
    real = types.CPointer(getattr(types, precision))
    whole, double = types.CPointer(types.int64), types.CPointer(types.float64)
    return types.void(real, real, whole, double, whole, double)


@cache
def compiled(kernel: Kernel, precision: str) -> CFunc:
    """Return `kernel` compiled, from the disk if it is there."""
    start = time.perf_counter()
    with _lock:
        try:
            found = uncompiled(kernel, precision)
            found._cache = _Cache(kernel)
            found.compile()
        except (OSError, RuntimeError):  # no place to keep it, or none left there
            found = uncompiled(kernel, precision)
            found.compile()
        _spent["seconds"] += time.perf_counter() - start
    return found


def uncompiled(kernel: Kernel, precision: str) -> CFunc:
    """Return `kernel` ready to be compiled, with no place on the disk."""
    return CFunc(kernel, _normal(signature(precision)), {}, dict(_OPTIONS))


def address(kernel: Kernel, precision: str) -> int:
    """Return where the machine code of `kernel` begins, compiling it if need be."""
    found = compiled(kernel, precision).address
    assert found is not None  # it is compiled
    return found


def seconds_spent() -> float:
    """Return how long this process has compiled, or loaded what was compiled before."""
    return _spent["seconds"]


def _normal(given: Any) -> tuple[Any, Any]:
    return given.args, given.return_type
