"""From a kernel written in Python to the address of its machine code.

A kernel is compiled when a program first names it, once per precision. The code is kept on
disk, so that this happens once per machine, and in memory alone where no directory can be
written. Code on disk counts only for the very sources, processor and Numba that it was made
from.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from glassnet.engines.compiled import machine_code
from glassnet.engines.compiled.notice import Notice
from glassnet.engines.compiled.operands import ARGUMENTS, Kernel
from glassnet.engines.compiled.storage import Storage
from glassnet.formulas import random_bits, special

__all__ = [
    "address",
    "addresses",
    "function",
    "n_compiled",
    "n_loaded",
    "name_of",
    "source_files",
    "storage",
]

_AtAddress = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * ARGUMENTS)

_found: dict[tuple[Kernel, str], int] = {}
_count = {"compiled": 0, "loaded": 0}
_lock = threading.RLock()
if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(
        before=_lock.acquire,  # so that no other thread is half-way through a kernel
        after_in_parent=_lock.release,
        after_in_child=_lock.release,
    )


def address(kernel: Kernel, precision: str) -> int:
    """Return where the machine code of `kernel` begins, compiling it if need be."""
    return addresses([kernel], precision)[0]


def addresses(kernels: Sequence[Kernel], precision: str) -> list[int]:
    """Return where the machine code of each kernel begins, compiling those that are new.

    A program asks for all of its kernels at once, so that whoever waits is told how many
    there are.
    """
    with _lock:
        missing = [one for one in dict.fromkeys(kernels) if not _at_hand(one, precision)]
        with Notice(len(missing)) as notice:
            for kernel in missing:
                notice.compiled(_compile(kernel, precision))
        return [_found[kernel, precision] for kernel in kernels]


def function(kernel: Kernel, precision: str) -> Callable[..., None]:
    """Return a kernel as Python calls it, with addresses; the interpreter's lock is let go."""
    return _AtAddress(address(kernel, precision))


def n_compiled() -> int:
    """Return how many kernels this process has compiled."""
    return _count["compiled"]


def n_loaded() -> int:
    """Return how many kernels this process has found on disk."""
    return _count["loaded"]


@cache
def storage() -> Storage:
    """Return where the machine code of these sources is kept."""
    return Storage(_MADE_FROM)


def source_files() -> list[Path]:
    """Return all files that kernels are made from: they call into each other."""
    # some installations have compiled files of Python in place of its sources
    own = sorted(Path(__file__).parent.glob("*.py*"))
    return [*own, *(Path(str(module.__file__)) for module in (random_bits, special))]


def _sources() -> str:
    digest = hashlib.sha256()
    try:
        for path in source_files():
            digest.update(path.read_bytes())
    except OSError:  # they lie in an archive, or in a program made of them
        digest.update(_archive())
    return digest.hexdigest()


def _archive() -> bytes:
    """Return what tells the file that holds this package from others, and earlier ones."""
    places = *Path(__file__).parents, Path(sys.executable)
    whole = next(place for place in places if place.is_file())
    found = whole.stat()
    return f"{whole} {found.st_size} {found.st_mtime_ns}".encode()


# Now, for what is compiled later are the modules as they are now, whatever an update of the
# package puts in their place while this process runs.
_MADE_FROM = f"{_sources()}\n{machine_code.machine()}"


def name_of(kernel: Any) -> str:
    """Return a name that no other kernel has; one made to measure names what it is made of."""
    own = f"{kernel.__module__}.{kernel.__qualname__}:{kernel.__code__.co_firstlineno}"
    parts = [cell.cell_contents for cell in kernel.__closure__ or ()]
    made_of = [name_of(part) if callable(part) else repr(part) for part in parts]
    return f"{own}({', '.join(made_of)})" if made_of else own


def _at_hand(kernel: Kernel, precision: str) -> bool:
    """Return whether a kernel is in memory, where one from the disk is put."""
    if (kernel, precision) in _found:
        return True
    code = storage().read(_key(kernel, precision))
    if code is None:
        return False
    _found[kernel, precision] = machine_code.load(code)
    _count["loaded"] += 1
    return True


def _compile(kernel: Kernel, precision: str) -> Path | None:
    """Compile a kernel; return where it is kept."""
    code = machine_code.object_code(kernel, precision)
    _found[kernel, precision] = machine_code.load(code)
    _count["compiled"] += 1
    return storage().write(_key(kernel, precision), code)


def _key(kernel: Kernel, precision: str) -> str:
    """Return the name under which a kernel is kept on disk."""
    return f"{precision} {name_of(kernel)}"
