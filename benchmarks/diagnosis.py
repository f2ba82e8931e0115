"""How good `diagnose` is: ``python -m benchmarks.diagnosis``.

Builds broken networks with a known cause and healthy ones, and prints where the cause was
named. Rules and thresholds were chosen on the cases that ``--tuning`` runs; what is reported
are fresh ones.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.diagnosed import fresh_examples, other_examples
from benchmarks.diagnosis_cases import Example, examples
from glassnet import diagnose

__all__ = ["Judged", "judged", "main", "table"]

_PAGE = Path(__file__).parents[1] / "docs" / "diagnosis.md"
_BEGIN, _END = "<!-- diagnosis: begin -->", "<!-- diagnosis: end -->"


@dataclass(frozen=True)
class Judged:
    """What `diagnose` said of a case.

    Parameters
    ----------
    causes : tuple of str
        What was built in; empty for a healthy network.
    names : tuple of str
        What was named.
    seconds : pair of float
        On the clock, and of one core's work; without proofs.
    gain : float or None
        What the first cause's cure adds to the held-out metric, where it can be run.
    """

    causes: tuple[str, ...]
    names: tuple[str, ...]
    seconds: tuple[float, float]
    gain: float | None

    @property
    def right(self) -> bool:
        """Whether what was named first was built in."""
        return set(self.names[:1]) <= set(self.causes) and bool(self.names) == bool(self.causes)


def judged(example: Example) -> Judged:
    """Run `diagnose` on a case, and where it was right once more with the cure's proof."""
    causes = tuple(filter(None, example.cause.split("+")))
    asked = {"seed": example.seed, **example.settings}
    begin = time.perf_counter(), time.process_time()
    found = diagnose(example.model, example.X, example.y, **asked)
    seconds = time.perf_counter() - begin[0], time.process_time() - begin[1]
    gain, hit = None, [name for name in found.names if name in causes]
    if hit:
        proven = diagnose(example.model, example.X, example.y, prove=True, **asked)
        proof = proven.findings[proven.names.index(hit[0])].proof
        if proof is not None:
            before, after = proof.held_out
            gain = float(np.inf if np.isinf(before) else after - before)
    return Judged(causes, found.names, seconds, gain)


def main() -> None:
    """Run the fresh cases, or those used for choosing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tuning", action="store_true", help="the cases used for choosing")
    parser.add_argument("--named", default="", help="only causes that hold this text")
    parser.add_argument("--jobs", type=int, default=1, help="processes to run them in")
    parser.add_argument("--write", action="store_true", help="put the table into docs")
    asked = parser.parse_args()
    run = partial(_part, parts=asked.jobs, tuning=asked.tuning, named=asked.named)
    with ProcessPoolExecutor(asked.jobs) as pool:
        results = [one for part in pool.map(run, range(asked.jobs)) for one in part]
    print("\n" + table(results))
    if asked.write:
        _write(table(results))


def _part(part: int, parts: int, tuning: bool, named: str) -> list[Judged]:
    """Run every so many of the cases, and print what was said of each."""
    results = []
    cases = islice(_tuning(), part, None, parts) if tuning else fresh_examples(part, parts)
    for example in cases:
        if named in (example.cause or "healthy"):
            results.append(judged(example))
            print(_line(example, results[-1]), flush=True)
    return results


def _write(text: str) -> None:
    """Put the table between the marks of docs/diagnosis.md."""
    page = _PAGE.read_text(encoding="utf-8")
    before, rest = page.split(_BEGIN)
    after = rest.split(_END)[1]
    _PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")


def _tuning() -> Iterator[Example]:
    for half in (0, 1):
        yield from examples(half)
        yield from other_examples(half)


def _line(example: Example, one: Judged) -> str:
    cure = "" if one.gain is None else f"  [cure {one.gain:+.3f}]"
    kind = type(example.model)
    whose = "sklearn" if kind.__module__.startswith("sklearn") else kind.__name__
    return (
        f"{'  ' if one.right else '! '}{example.cause or 'healthy':34} {example.data:9} "
        f"{whose:13} {one.seconds[0]:5.1f} s  {', '.join(one.names) or '-'}{cure}"
    )


def table(results: list[Judged]) -> str:
    """Return the confusion matrix and the shares, as Markdown."""
    confusion = Counter(
        (one.causes[0] if len(one.causes) == 1 else "two at once" if one.causes else "healthy",
         one.names[0] if one.names else "nothing", one.right)
        for one in results
    )  # fmt: skip
    lines = ["| built in | cases | named first | named instead |", "|---|--:|--:|---|"]
    for cause in sorted({c for c, _, _ in confusion}):
        row = {(n, r): k for (c, n, r), k in confusion.items() if c == cause}
        good = sum(k for (_, r), k in row.items() if r)
        other = ", ".join(f"{n} {k}" for (n, r), k in sorted(row.items()) if not r)
        lines.append(f"| {cause} | {sum(row.values())} | {good} | {other} |")
    return "\n".join([*lines, "", *_shares(results)])


def _shares(results: list[Judged]) -> list[str]:
    one = [r for r in results if len(r.causes) == 1]
    two = [r for r in results if len(r.causes) == 2]
    sound = [r for r in results if not r.causes]
    shares = {
        "named first": [r.right for r in one],
        "named at all": [r.causes[0] in r.names for r in one],
        "of two at once: one of them first": [r.right for r in two],
        "of two at once: both named": [set(r.causes) <= set(r.names) for r in two],
        "false alarms on healthy networks": [bool(r.names) for r in sound],
        "cures that raise the held-out metric": [
            r.gain > 0 for r in results if r.gain is not None
        ],
    }
    lines = ["| measured | share | of |", "|---|--:|--:|"]
    for what, cases in shares.items():
        if cases:
            lines.append(f"| {what} | {np.mean(cases):.1%} | {len(cases)} |")
    for what, seconds in zip(
        ("Seconds a case", "Seconds of one core's work"),
        zip(*(r.seconds for r in results), strict=True),
        strict=True,
    ):
        lines += ["", f"{what}: median {np.median(seconds):.1f}, most {max(seconds):.1f}."]
    return lines


if __name__ == "__main__":
    main()
