"""Where machine code is kept between processes: one file per kernel, checked when read.

The directory that ``NUMBA_CACHE_DIR`` names, for Numba's own cache too, and no other; where
it names none, beside the sources, else the user's cache directory, the first of them that
can be written. Code of other sources, another processor or another Numba lies in a directory of
its own. A file comes to be in one step, so nobody reads half of one; what is not what was
written, by a fault of the disk for one, counts as not there.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

__all__ = ["Storage"]

_GENERATIONS = 8  # directories that are kept beside each other, the newest
_KEY = re.compile("[0-9a-f]{32}")  # the name of such a directory
_CHECK = hashlib.sha256().digest_size


def _roots() -> Iterator[Path]:
    """Yield where code may be kept, in the order of preference."""
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(chosen, "glassnet")
        return  # whoever names a directory means that one
    yield Path(__file__).parent / "__pycache__" / "kernels"
    try:
        home = Path.home()
    except RuntimeError:  # this user has none
        return
    if sys.platform == "win32":
        yield Path(os.environ.get("LOCALAPPDATA") or home, "glassnet", "kernels")
    elif sys.platform == "darwin":
        yield home / "Library" / "Caches" / "glassnet" / "kernels"
    else:
        cache = os.environ.get("XDG_CACHE_HOME") or home / ".cache"
        yield Path(cache, "glassnet", "kernels")


class Storage:
    """Files of machine code that are good for one `key`.

    Parameters
    ----------
    key : str
        All that decides what the code is.
    """

    def __init__(self, key: str) -> None:
        self.key = hashlib.sha256(key.encode()).hexdigest()[:32]

    def read(self, name: str) -> bytes | None:
        """Return the code kept under a name, or None."""
        for path in self._files(name):
            try:
                found = path.read_bytes()
            except OSError:
                continue
            check, code = found[:_CHECK], found[_CHECK:]
            if check == self._check(name, code):
                return code
        return None

    def write(self, name: str, code: bytes) -> Path | None:
        """Keep code under a name; return the directory, or None if none can be written."""
        for path in self._files(name):
            unfinished = path.with_name(f"{uuid.uuid4().hex}.tmp")
            try:
                self._make(path.parent)
                unfinished.write_bytes(self._check(name, code) + code)
                os.replace(unfinished, path)
                return path.parent
            except OSError:  # read-only, full, or taken away meanwhile
                continue
            finally:
                _remove(unfinished)  # what was begun, also where Ctrl-C ended it
        return None

    def kept(self) -> tuple[int, int, list[Path]]:
        """Return how many kernels are kept, their bytes together, and in which directories."""
        sizes = dict[Path, int]()
        for file in (file for root in _roots() for file in (root / self.key).glob("*.o")):
            try:
                sizes[file] = file.stat().st_size
            except OSError:  # another process has just removed it
                continue
        return len(sizes), sum(sizes.values()), sorted({file.parent for file in sizes})

    def _files(self, name: str) -> list[Path]:
        # names of Python functions may hold what a file's name may not
        file = hashlib.sha256(name.encode()).hexdigest()[:32] + ".o"
        return [root / self.key / file for root in _roots()]

    def _check(self, name: str, code: bytes) -> bytes:
        return hashlib.sha256(f"{self.key} {name} {len(code)} ".encode() + code).digest()

    def _make(self, directory: Path) -> None:
        """Make the directory, and remove those like it beside it that are long out of use.

        What else lies there is somebody's own: whoever names a directory may keep the
        sources of this package in it.
        """
        if directory.is_dir():
            return
        directory.mkdir(parents=True, exist_ok=True)
        alike = [one for one in directory.parent.iterdir() if _KEY.fullmatch(one.name)]
        for old in sorted(alike, key=_time)[:-_GENERATIONS]:
            shutil.rmtree(old, ignore_errors=True)


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # another process removes it too
        return 0.0


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        pass
