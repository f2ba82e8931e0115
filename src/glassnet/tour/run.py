"""Run the chapters one by one, show progress, write the report."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import sklearn
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

import glassnet
from glassnet.tour.activations import activations
from glassnet.tour.backpropagation import backpropagation
from glassnet.tour.descent import descent
from glassnet.tour.moons import moons
from glassnet.tour.perceptrons import limits, linear
from glassnet.tour.real_data import real_data
from glassnet.tour.report import Chapter, render

__all__ = ["CHAPTERS", "tour"]

CHAPTERS: tuple[tuple[str, Callable[[int], Chapter]], ...] = (
    ("the perceptron on a linear problem", linear),
    ("the perceptron on the exclusive or and the moons", limits),
    ("the notebook's network on the moons, and its cure", moons),
    ("the activation gallery", activations),
    ("backpropagation against central differences", backpropagation),
    ("the optimizer race", descent),
    ("real data: digits and breast cancer", real_data),
)


def tour(output: str | os.PathLike[str] = "glassnet_tour.html", seeds: int = 5) -> Path:
    """Run every chapter, write the report, and print its path and a summary.

    Parameters
    ----------
    output : path
        Where the HTML report goes. It is written whole or not at all.
    seeds : int, >= 2
        Seeds behind each mean and spread.

    Returns
    -------
    Path
        Of the report.

    Raises
    ------
    ValueError
        If the folder of `output` does not exist, or `seeds` is below 2.
    """
    path = Path(output)
    if not path.parent.is_dir():
        raise ValueError(f"output must lie in a folder that exists; got {str(path)!r}")
    if seeds < 2:
        raise ValueError(f"seeds must be at least 2; got {seeds}")
    console = Console(highlight=False)
    start = time.perf_counter()
    chapters = []
    for number, (name, chapter) in enumerate(CHAPTERS, 1):
        began = time.perf_counter()
        label = f"[{number}/{len(CHAPTERS)}] {name}"
        # One thread each, so that no model waits for cores that others use.
        with console.status(label), threadpool_limits(1):
            chapters.append(chapter(seeds))
        console.print(f"{label}  ({time.perf_counter() - began:.1f} s)", markup=False)
    seconds = time.perf_counter() - start
    _write(path, render(chapters, _footer(seeds, seconds)))
    console.print(_summary(chapters))
    console.print(f"{seconds:.0f} s. The report: {path.resolve()}", soft_wrap=True)
    return path


def _footer(seeds: int, seconds: float) -> str:
    return (
        f"Made by “glassnet tour --seeds {seeds}” in {seconds:.0f} s: glassnet "
        f"{glassnet.__version__}, NumPy {np.__version__}, scikit-learn {sklearn.__version__}, "
        f"Python {platform.python_version()}."
    )


def _summary(chapters: list[Chapter]) -> Table:
    table = Table(show_lines=True)
    table.add_column("what to remember")
    table.add_column("what this run measured")
    for chapter in chapters:
        for takeaway in chapter.takeaways:
            mark = "[green]✓[/]" if takeaway.holds else "[red]✗[/]"
            table.add_row(f"{mark} {takeaway.claim}", takeaway.measured)
    return table


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
