"""From seconds to ratios, bars and a table."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.cases import LIMITS, Bar, Case
from benchmarks.measured import Measured
from benchmarks.rounding import allowed

__all__ = [
    "HEAD",
    "Line",
    "block",
    "compare",
    "digits",
    "duration",
    "limits",
    "row_of",
    "summary",
]

_COLUMNS = {  # and how wide they are, so that a line fits a terminal of 100 columns
    "whose": 20,
    "ratio": 5,
    "range": 11,
    "bar": 9,
    "time": 7,
    "first": 7,
    "MB": 5,
    "final loss": 10,
}


@dataclass(frozen=True)
class Line:
    """One line of the table: a peer beside one of ours.

    Attributes
    ----------
    row, work : str
        The case, and what it does in words.
    threads : int or str
    ours, peer : str
        Who is compared; the same for our own line.
    ratio, low, high : float
        Their time divided by ours: the median over the rounds, and the range.
    bar : str
        What is expected, or an empty text.
    bar_ratio : float
        The same as a number; NaN where there is none.
    more : float
        Seconds that ours takes longer.
    met : bool or None
        Whether it is so; None where nothing is expected or nothing was measured.
    seconds, first, loading, memory, result
        As in `Measured`, the seconds being their median.
    rounds : int
        How often it was timed.
    alike : bool
        Whether the result is ours, as far as `benchmarks.rounding` found equal work to agree.
    absent : str
        As in `Measured`.
    """

    row: str
    work: str
    threads: int | str
    ours: str
    peer: str
    ratio: float
    low: float
    high: float
    bar: str
    bar_ratio: float
    more: float
    met: bool | None
    seconds: float
    first: float
    loading: float
    memory: float
    result: float | None
    rounds: int
    alike: bool
    absent: str


def compare(case: Case, threads: int | str, found: Sequence[Measured]) -> list[Line]:
    """Return the lines of a case: ours, and beside each of ours the others'.

    Where all of ours are absent, the others stand there once, without ratios.
    """
    by_name, lines = {one.peer: one for one in found}, []
    there = [name for name in case.ours if not by_name[name].absent]
    others = [one for one in found if one.peer not in case.ours]
    for name in case.ours:
        ours = by_name[name]
        lines.append(_line(case, threads, ours, ours))
        if name in (there or case.ours[-1:]):
            lines += [_line(case, threads, ours, one) for one in others]
    return lines


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return their time divided by ours, round by round."""
    return [b / a for a, b in zip(ours, theirs, strict=False)]


def _line(case: Case, threads: int | str, ours: Measured, one: Measured) -> Line:
    each = ratios(ours.seconds, one.seconds)
    ratio = statistics.median(each) if each else math.nan
    bar = _bar(case, ours.peer, one.peer)
    name = case.name if len(case.ours) == 1 else f"{case.name} ({ours.peer})"
    return Line(
        row=name,
        work=case.work,
        threads=threads,
        ours=ours.peer,
        peer=one.peer,
        ratio=ratio,
        low=min(each, default=math.nan),
        high=max(each, default=math.nan),
        bar=str(bar or ""),
        bar_ratio=bar.ratio if bar and bar.slack is None else math.nan,
        more=_median(ours.seconds) - _median(one.seconds),
        met=_met(bar, ratio, ours, one),
        seconds=_median(one.seconds),
        first=one.first,
        loading=one.loading,
        memory=one.memory,
        result=one.result,
        rounds=len(one.seconds),
        alike=_alike(case, ours.result, one.result),
        absent=one.absent,
    )


def _median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else math.nan


def _bar(case: Case, ours: str, peer: str) -> Bar | None:
    if ours == peer:
        return None
    fitting = [bar for bar in case.bars if peer in bar.peers and bar.ours in ("", ours)]
    return fitting[0] if fitting else None


def _met(bar: Bar | None, ratio: float, ours: Measured, one: Measured) -> bool | None:
    if bar is None or math.isnan(ratio):
        return None
    if bar.slack is not None:
        return _median(ours.seconds) - _median(one.seconds) <= bar.slack
    return ratio >= bar.ratio


def _alike(case: Case, ours: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None:
        return True
    return abs(theirs - ours) <= allowed(case) * abs(ours)


# --- the table


def _cells(texts: Sequence[str]) -> str:
    widths = _COLUMNS.values()
    first, *rest = (text.ljust(width) for text, width in zip(texts, widths, strict=True))
    numbers = [text.strip().rjust(len(text)) for text in rest]
    return f"| {' | '.join([first, *numbers])} |"


def _wide(*texts: str) -> str:
    """Return a line whose texts reach over the columns of the others."""
    return f"| {' | '.join(texts)} |{' |' * (len(_COLUMNS) - len(texts))}"


def _rule() -> str:
    first, *rest = _COLUMNS.values()
    return f"|{'-' * (first + 2)}|" + "".join(f"{'-' * (width + 1)}:|" for width in rest)


HEAD = f"{_cells(list(_COLUMNS))}\n{_rule()}"


def block(lines: Sequence[Line]) -> str:
    """Return lines as Markdown, those of each row and number of threads under its name."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for line in lines:
        head = [_wide(f"**{line.row}**, {_of_threads(line)}")]
        groups.setdefault((line.row, line.work, line.threads), head).append(row_of(line))
    return "\n".join(row for group in groups.values() for row in group)


def row_of(line: Line) -> str:
    """Return a line as Markdown."""
    if line.absent:
        return _wide(line.peer.ljust(_COLUMNS["whose"]), line.absent)
    own = line.peer == line.ours
    spread = "" if own or math.isnan(line.low) else f"{digits(line.low)}–{digits(line.high)}"
    return _cells(
        [
            line.peer,
            "1" if own else _ratio(line),
            spread,
            _judged(line),
            duration(line.seconds),
            duration(line.first),
            digits(line.memory),
            _result(line),
        ]
    )


def _of_threads(line: Line) -> str:
    return "1 thread" if line.threads == 1 else "all cores"


def _judged(line: Line) -> str:
    """Return the bar as a ratio or as seconds more, and whether it is reached."""
    if not line.bar:
        return ""
    short = line.bar if math.isnan(line.bar_ratio) else f"≥ {line.bar_ratio:.3g}"
    return short + {None: "", True: " ✓", False: " ✗"}[line.met]


def _ratio(line: Line) -> str:
    """Return a ratio, with as many digits as it takes to show that it misses its bar."""
    text, places = digits(line.ratio), 3
    missed = line.met is False and line.ratio < line.bar_ratio
    while missed and float(text.replace(",", "")) >= line.bar_ratio:
        places += 1
        text = f"{line.ratio:.{places}g}"
    return text


def digits(value: float) -> str:
    """Return a number with three digits, or two where it is small."""
    if math.isnan(value):
        return "–"
    if value >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.1 else f"{value:.2g}"


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    if math.isnan(seconds):
        return "–"
    for unit, size in (("µs", 1e-6), ("ms", 1e-3)):
        if seconds < 999.5 * size:
            return f"{digits(seconds / size)} {unit}"
    return f"{digits(seconds)} s"


def _result(line: Line) -> str:
    if line.result is None or math.isnan(line.result):  # JSON has no NaN: it gives None back
        return "–" if line.alike else "NaN ≠"
    return f"{line.result:.6g}" + ("" if line.alike else " ≠")


# --- what it comes to


def limits(lines: Iterable[Line]) -> str:
    """Return how close each row is to what the machine can do."""
    text = "Our time as a multiple of the machine's limit:"
    for line in lines:
        if line.peer in LIMITS and not math.isnan(line.ratio):
            bar = f" (bar: {line.bar})" if line.bar else ""
            times = f"{digits(1 / line.ratio)} × {line.peer}{bar}"
            text += f"\n- {line.row}, {_of_threads(line)}: {times}"
    return text


def summary(lines: Iterable[Line]) -> str:
    """Return how many bars are met, which are not, and whose result is another."""
    lines = list(lines)
    judged = [line for line in lines if line.met is not None]
    missed = [line for line in judged if not line.met]
    text = f"{len(judged) - len(missed)} of {len(judged)} bars are met."
    for line in missed:
        slack = math.isnan(line.bar_ratio)
        figure = f"{line.more:.2g} s more" if slack else _ratio(line)
        where = f"{line.row}, {_of_threads(line)}, {line.peer}"
        text += f"\n- missed: {where}: {figure} (bar: {line.bar})"
    for line in lines:
        if not line.alike:
            text += f"\n- another result: {line.row}, {_of_threads(line)}, {line.peer}"
    return text
