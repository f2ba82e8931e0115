"""What is said to whoever waits while kernels are compiled, which happens once per machine."""

from __future__ import annotations

import builtins
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

__all__ = ["Notice", "watched"]

_PATIENCE = 1.0  # seconds without a word
_watchers: list[Callable[[], None]] = []


@contextmanager
def watched(each: Callable[[], None]) -> Iterator[None]:
    """Have `each` called whenever a kernel has been compiled, and nothing said."""
    _watchers.append(each)
    try:
        yield
    finally:
        _watchers.remove(each)


class Notice:
    """One line on standard error where a person looks on, else one record of the log.

    A person looks on at a terminal and in Jupyter. Elsewhere, in a job or a test, a line
    among what was asked for would disturb: there the logger ``glassnet`` has it, at the level
    INFO.

    Parameters
    ----------
    total : int
        How many kernels there are to compile.
    """

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self.place: Path | None = None
        self.begun = False

    def __enter__(self) -> Notice:
        self.start = time.monotonic()
        return self

    def compiled(self, place: Path | None) -> None:
        """Count a kernel, kept in `place` or nowhere; speak up if the wait is not short."""
        self.done, self.place = self.done + 1, place
        for each in _watchers:
            each()
        patient = time.monotonic() - self.start < _PATIENCE
        if not (patient or _watchers) and _somebody_looks_on():
            self.begun = True
            self._say(f"({self.done} of {self.total} kernels)")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        seconds = time.monotonic() - self.start
        kept = f"kept in {self.place}" if self.place else "no directory to keep it in"
        ended = "interrupted" if kind else f"done in {seconds:.1f} s; {kept}"
        if self.begun:
            self._say(ended, "\n")
        elif self.total and not _watchers and not _somebody_looks_on():
            text = "compiled %d kernels for this machine: %s"
            logging.getLogger("glassnet").info(text, self.done, ended)

    def _say(self, text: str, end: str = "") -> None:
        # one line, written over until it ends
        line = f"\rglassnet: compiling once for this machine ... {text:22}{end}"
        with suppress(OSError, ValueError):  # a terminal may go away, a stream be closed
            sys.stderr.write(line)
            sys.stderr.flush()


def _somebody_looks_on() -> bool:
    # there may be no such stream, as without a console, one that is no file, or is closed
    if getattr(sys.stderr, "closed", False):
        return False
    on_screen = getattr(sys.stderr, "isatty", bool)()
    return bool(on_screen) or (sys.stderr is not None and hasattr(builtins, "__IPYTHON__"))
