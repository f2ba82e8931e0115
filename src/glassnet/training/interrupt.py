"""Ctrl-C ends training between two epochs instead of in the middle of an update."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

import numpy as np

from glassnet.engines.company import company

__all__ = ["Interrupt"]


class Interrupt:
    """Context in which the first Ctrl-C only raises a flag; the second one interrupts.

    Python delivers signals to the main thread alone: elsewhere this does nothing. A
    handler that the user has set is left alone too. The flag ends the one fit that it was
    raised in: code around it, such as a loop over several fits, goes on. Fits that run side
    by side share one flag, raised by whoever waits for them.

    Attributes
    ----------
    flag : int64 array, shape (1,)
        Not 0 once Ctrl-C was pressed: what an engine takes as ``stop``.
    """

    def __init__(self) -> None:
        beside = company()
        self.flag = np.zeros(1, np.int64) if beside is None else beside.stop
        self._previous: Any = None

    @property
    def requested(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return bool(self.flag[0])

    def __enter__(self) -> Interrupt:
        ours = threading.current_thread() is threading.main_thread()
        if ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._previous = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.flag[0] = 1
