"""Other cases for `benchmarks.diagnosis`: other data, models and mixtures of failures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from benchmarks.diagnosed.data import Fit
from benchmarks.diagnosed.fresh_healthy import fresh_healthy_cases
from benchmarks.diagnosed.fresh_mixed import fresh_mixed_cases
from benchmarks.diagnosed.fresh_tables import fresh_table_cases
from benchmarks.diagnosed.fresh_training import fresh_training_cases
from benchmarks.diagnosed.healthy import healthy_cases
from benchmarks.diagnosed.mixed import mixed_cases
from benchmarks.diagnosed.tables import table_cases
from benchmarks.diagnosed.training import training_cases
from benchmarks.diagnosis_cases import Example

__all__ = ["FRESH", "fresh_examples", "other_examples"]

FRESH = (fresh_training_cases, fresh_table_cases, fresh_mixed_cases, fresh_healthy_cases)


def other_examples(half: int) -> Iterator[Example]:
    """Yield every second case of each cause: half 0 for tuning, half 1 for the report."""
    seen: defaultdict[str, int] = defaultdict(int)
    for cases in (training_cases, table_cases, mixed_cases, healthy_cases):
        for cause, data, model, X, y, told in cases():
            kind = "mixed" if "+" in cause else cause
            seen[kind] += 1
            if (seen[kind] - 1) % 2 == half:
                model = model.made() if isinstance(model, Fit) else model
                yield Example(cause, data, 5, model, X, y, told)


def fresh_examples(part: int = 0, parts: int = 1) -> Iterator[Example]:
    """Yield the cases that no rule was chosen on, or every so many of them."""
    every = (case for cases in FRESH for case in cases())
    for cause, data, model, X, y, told in islice(every, part, None, parts):
        model = model.made() if isinstance(model, Fit) else model
        yield Example(cause, data, 23, model, X, y, told)
