"""Show how training goes: a bar in a terminal or a notebook, or lines of text."""

from __future__ import annotations

import importlib.util
import sys
import time
from typing import Any, Protocol

import numpy as np

from glassnet.training.history import Epoch

__all__ = ["Progress", "check_verbose", "progress"]

_REFRESH = 0.1  # seconds between two repaints of a bar


class Progress(Protocol):
    """What the loop tells of itself."""

    def update(self, epoch: Epoch) -> None:
        """Take note of an epoch that ended."""

    def close(self, stopped: str) -> None:
        """Show the last state and let go of the screen."""


def progress(verbose: bool | int, epochs: int, first: int = 0, what: str = "Epoch") -> Progress:
    """Return the display that `verbose` asks for.

    Parameters
    ----------
    verbose : bool or int
        False or 0: nothing. True: a bar, in a terminal or in Jupyter; where there is
        neither, about ten lines. An integer: a line each so many epochs, and one for the
        last.
    epochs : int
        Epochs that this fit may take.
    first : int
        Number of its first epoch.
    what : str
        What lines count.

    Returns
    -------
    Progress

    Raises
    ------
    ValueError
        If `verbose` is neither a bool nor an integer >= 0.
    """
    verbose = check_verbose(verbose)
    if verbose is not True:
        return _Lines(verbose, first, what) if verbose else _Silent()
    if _in_jupyter():
        return _JupyterBar(epochs)
    if sys.stdout is not None and sys.stdout.isatty() and importlib.util.find_spec("rich"):
        return _TerminalBar(epochs)
    return _Lines(max(1, epochs // 10), first, what)


def check_verbose(verbose: Any) -> bool | int:
    """Return `verbose` as a bool or an int.

    Raises
    ------
    ValueError
        If it is neither, or negative.
    """
    if isinstance(verbose, bool | np.bool_):
        return bool(verbose)
    if isinstance(verbose, int | np.integer) and verbose >= 0:
        return int(verbose)
    raise ValueError(f"verbose must be a bool or a whole number >= 0; got {verbose!r}")


def _in_jupyter() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def _losses(epoch: Epoch) -> str:
    text = f"loss {epoch.loss:.4g}"
    if epoch.validation_loss is not None:
        text += f"  validation loss {epoch.validation_loss:.4g}"
    return text + "".join(f"  {name} {value:.4g}" for name, value in epoch.metrics.items())


class _Silent:
    def update(self, epoch: Epoch) -> None: ...

    def close(self, stopped: str) -> None: ...


class _Lines:
    def __init__(self, every: int, first: int, what: str) -> None:
        self.every, self.first, self.what = every, first, what
        self.pending: Epoch | None = None

    def update(self, epoch: Epoch) -> None:
        self.pending = epoch
        if (epoch.number - self.first) % self.every == 0:
            self._print()

    def _print(self) -> None:
        if self.pending is not None:
            print(f"{self.what} {self.pending.number}: {_losses(self.pending)}")
        self.pending = None

    def close(self, stopped: str) -> None:
        self._print()  # the last epoch, where it was not its turn
        if stopped != "finished":
            print(f"Stopped: {stopped}")


class _TerminalBar:
    def __init__(self, epochs: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[losses]}", markup=False),
        )
        self.bar = Bar(*columns, TimeRemainingColumn(), refresh_per_second=1 / _REFRESH)
        self.task = self.bar.add_task("", total=epochs, losses="")
        self.latest: Epoch | None = None
        self.pending, self.painted = 0, 0.0
        self.bar.start()

    def update(self, epoch: Epoch) -> None:
        self.latest, self.pending = epoch, self.pending + 1
        if time.perf_counter() - self.painted > _REFRESH:
            self._paint()

    def close(self, stopped: str) -> None:
        self._paint()
        self.bar.stop()
        if stopped != "finished":
            self.bar.console.print(f"Stopped: {stopped}")

    def _paint(self) -> None:
        losses = _losses(self.latest) if self.latest else ""
        self.bar.update(self.task, advance=self.pending, losses=losses)
        self.pending, self.painted = 0, time.perf_counter()


class _JupyterBar:
    """One HTML output, repainted in place; needs no widget extension."""

    def __init__(self, epochs: int) -> None:
        from IPython import display

        self.html: Any = display.HTML
        self.epochs, self.done, self.painted = epochs, 0, 0.0
        self.losses = ""
        show: Any = display.display
        self.handle: Any = show(self._page(""), display_id=True)

    def update(self, epoch: Epoch) -> None:
        self.done, self.losses = self.done + 1, _losses(epoch)
        if time.perf_counter() - self.painted > _REFRESH:
            self.painted = time.perf_counter()
            self.handle.update(self._page(""))

    def close(self, stopped: str) -> None:
        self.handle.update(
            self._page("" if stopped == "finished" else f" — stopped: {stopped}")
        )

    def _page(self, ending: str) -> Any:
        return self.html(
            f'<progress value="{self.done}" max="{self.epochs}" '
            'style="width: 16em; vertical-align: middle"></progress> '
            f"<code>{self.done}/{self.epochs}  {self.losses}{ending}</code>"
        )
