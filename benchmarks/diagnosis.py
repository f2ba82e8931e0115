"""How good `diagnose` is: ``python -m benchmarks.diagnosis [seed ...]``.

Builds broken networks with a known cause and healthy ones, and prints where the cause was
named. Thresholds were chosen on even seeds; what is reported are odd ones.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

import numpy as np

from benchmarks.diagnosis_cases import Example, examples
from glassnet import diagnose

__all__ = ["main"]

_REPORTED = (1,)


def judge(example: Example) -> tuple[Example, tuple[str, ...], float, float | None]:
    """Return the case, the names found, the seconds it took, and what the cure gained."""
    begin = time.perf_counter()
    found = diagnose(example.model, example.X, example.y, seed=example.seed, **example.settings)
    seconds = time.perf_counter() - begin
    gain = None
    if example.cause and example.cause in found.names:
        proven = diagnose(
            example.model,
            example.X,
            example.y,
            seed=example.seed,
            prove=True,
            **example.settings,
        )
        proof = proven.findings[proven.names.index(example.cause)].proof
        if proof is not None:
            held = np.subtract(*proof.held_out[::-1])
            gain = float(held if np.isfinite(held) else np.inf)
    return example, found.names, seconds, gain


def main(seeds: tuple[int, ...] = _REPORTED) -> None:
    """Run all cases of the seeds and print the table."""
    results = []
    for seed in seeds:
        for example in examples(seed):
            results.append(judge(example))
            cause, names, seconds = example.cause or "healthy", results[-1][1], results[-1][2]
            right = names[:1] == ((cause,) if example.cause else ())
            print(
                f"{'  ' if right else '! '}{cause:34}{example.data:14}{example.seed:3} "
                f"{seconds:5.1f} s  {', '.join(names) or '-'}"
                + ("" if results[-1][3] is None else f"  [cure {results[-1][3]:+.3f}]"),
                flush=True,
            )
    _print_table(results)


def _print_table(results: list) -> None:
    print("\ncause -> named first (how often)")
    confusion = Counter(
        (e.cause or "healthy", (names or ("-",))[0]) for e, names, _, _ in results
    )
    for cause in sorted({c for c, _ in confusion}):
        row = ", ".join(f"{n} {k}" for (c, n), k in sorted(confusion.items()) if c == cause)
        print(f"  {cause:34} {row}")
    broken = [(e.cause, names) for e, names, _, _ in results if e.cause]
    sound = [names for e, names, _, _ in results if not e.cause]
    gains = [gain for _, _, _, gain in results if gain is not None]
    seconds = [s for _, _, s, _ in results]
    shares = {
        "named first": [names[:1] == (cause,) for cause, names in broken],
        "named at all": [cause in names for cause, names in broken],
        "false alarms on healthy networks": [bool(names) for names in sound],
        "cures that raise the held-out metric": [gain > 0 for gain in gains],
    }
    for what, cases in shares.items():
        print(f"{what:38} {np.mean(cases):6.1%} of {len(cases)}")
    print(f"{'seconds a case, mean and most':38} {np.mean(seconds):.1f}, {max(seconds):.1f}")


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or _REPORTED)
