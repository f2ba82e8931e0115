"""Run the chapters one by one, show progress, write the report."""

from __future__ import annotations

import os
import platform
import re
import signal
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import numpy as np
import sklearn
from rich.console import Console
from rich.table import Table
from rich.text import Text
from threadpoolctl import threadpool_limits

import glassnet
from glassnet.tour.activations import activations
from glassnet.tour.backpropagation import backpropagation
from glassnet.tour.descent import descent
from glassnet.tour.hidden_units import hidden_units
from glassnet.tour.moons import moons
from glassnet.tour.perceptrons import limits, linear
from glassnet.tour.real_data import real_data
from glassnet.tour.report import Chapter, render

__all__ = ["CHAPTERS", "report_path", "tour"]

CHAPTERS: tuple[tuple[str, Callable[[int], Chapter]], ...] = (
    ("the perceptron on a linear problem", linear),
    ("the perceptron on the exclusive or and the moons", limits),
    ("two hidden units on the exclusive or", hidden_units),
    ("the notebook's network on the moons, and its cure", moons),
    ("the activation gallery", activations),
    ("backpropagation against central differences", backpropagation),
    ("the optimizer race", descent),
    ("real data: digits and breast cancer", real_data),
)

# What a terminal without the character gets instead: 2·10⁻¹⁵ is written 2e-15.
POWER = re.compile("·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
ASCII = str.maketrans({"✓": "ok", "✗": "no", "±": "+/-", "−": "-", "\N{NO-BREAK SPACE}": " "})


def tour(output: str | os.PathLike[str] = "glassnet_tour.html", seeds: int = 5) -> Path:
    """Run every chapter, write the report, and print its path and a summary.

    Parameters
    ----------
    output : path
        Where the HTML report goes; see `report_path`. It is written whole or not at all.
    seeds : int, >= 2
        Seeds behind each mean and spread.

    Returns
    -------
    Path
        Of the report, absolute.

    Raises
    ------
    ValueError
        If no report can be written to `output`, or `seeds` is not a whole number >= 2.
    KeyboardInterrupt
        On Ctrl-C. No report is written then.
    """
    path = report_path(output)
    if isinstance(seeds, bool) or not isinstance(seeds, int | np.integer) or seeds < 2:
        raise ValueError(f"seeds must be a whole number >= 2; got {seeds!r}")
    console = Console(highlight=False, markup=False, emoji=False)
    start = time.perf_counter()
    with _stop_on_interrupt():
        chapters = _run(int(seeds), console)
    seconds = time.perf_counter() - start
    _write(path, render(chapters, _footer(seeds, seconds)))
    console.print(_summary(chapters, console))
    line = f"{seconds:.0f} s. The report: {path}"
    console.print(_printable(line, console.encoding), soft_wrap=True)
    return path


def report_path(output: str | os.PathLike[str]) -> Path:
    """Return where a report for `output` goes, after trying that it can be written there.

    Parameters
    ----------
    output : path
        A new file or a regular one, in a folder that exists. A leading ``~`` is the home
        folder, and a symbolic link is followed.

    Returns
    -------
    Path
        Absolute.

    Raises
    ------
    ValueError
        If `output` is a folder, a pipe or a device, or its folder can't be written to.
    """
    given = os.fspath(output)
    try:
        path = Path(given).expanduser().resolve()
        if path.is_dir():
            raise ValueError(f"output must name a file, not a folder; got {given!r}")
        if path.exists() and not path.is_file():
            raise ValueError(f"output must be a regular file or a new one; got {given!r}")
        if not path.parent.is_dir():
            raise ValueError(f"output must lie in a folder that exists; got {given!r}")
        tempfile.TemporaryFile(dir=path.parent).close()  # modes don't tell on every system
    except (OSError, RuntimeError) as error:
        raise ValueError(f"output must be writable; got {given!r} ({error})") from error
    return path


class _Interrupted(BaseException):
    """Ctrl-C, under a name that no `fit` catches to return a half-trained model."""


@contextmanager
def _stop_on_interrupt() -> Iterator[None]:
    """Let Ctrl-C through to the caller, also from inside training.

    Only the main thread gets signals, and a handler that the user has set is left alone.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        """Raise what `fit` does not catch."""
        raise _Interrupted

    try:
        signal.signal(signal.SIGINT, stop)
        yield
    except _Interrupted:
        raise KeyboardInterrupt from None
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _run(seeds: int, console: Console) -> list[Chapter]:
    spinner = "dots" if console.encoding.startswith("utf") else "line"
    chapters = []
    for number, (name, chapter) in enumerate(CHAPTERS, 1):
        began = time.perf_counter()
        label = f"[{number}/{len(CHAPTERS)}] {name}"
        # One thread each, so that no model waits for cores that others use.
        with console.status(label, spinner=spinner), threadpool_limits(1):
            chapters.append(chapter(seeds))
        console.print(f"{label}  ({time.perf_counter() - began:.1f} s)")
    return chapters


def _footer(seeds: int, seconds: float) -> str:
    return (
        f"Made by “glassnet tour --seeds {seeds}” in {seconds:.0f} s: glassnet "
        f"{glassnet.__version__}, NumPy {np.__version__}, scikit-learn {sklearn.__version__}, "
        f"Python {platform.python_version()}."
    )


def _summary(chapters: list[Chapter], console: Console) -> Table:
    encoding = console.encoding
    room = max(20, (console.width - len("|  |  |")) // 2)
    table = Table(show_lines=True)
    for heading in ("what to remember", "what this run measured"):
        table.add_column(heading, overflow="fold", width=room)
    for chapter in chapters:
        for takeaway in chapter.takeaways:
            mark, color = ("✓", "green") if takeaway.holds else ("✗", "red")
            mark = _printable(mark, encoding)
            claim = _wrapped(f"{mark} {_printable(takeaway.claim, encoding)}", room)
            claim.stylize(color, 0, len(mark))
            table.add_row(claim, _wrapped(_printable(takeaway.measured, encoding), room))
    return table


def _wrapped(text: str, room: int) -> Text:
    """Break lines here, as Rich breaks them at the space between a number and its unit."""
    return Text("\n".join(textwrap.wrap(text, room)))


def _printable(text: str, encoding: str) -> str:
    """Replace what `encoding` lacks: a number should not be lost to the sign before it."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = POWER.sub(lambda raised: f"e{raised[1].translate(LOWERED)}", text)
        return text.translate(ASCII).encode(encoding, "replace").decode(encoding)
    return text


def _write(path: Path, page: str) -> None:
    """Write beside the target, then move: an old report is never left half overwritten."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".html")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page)
        os.chmod(name, 0o644)  # mkstemp makes it readable by its owner alone
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
