"""The cases that `diagnose` is judged by, and the table that is made of the verdicts."""

from collections import Counter

import numpy as np
from benchmarks.diagnosed import FRESH, other_examples
from benchmarks.diagnosed.healthy import healthy_cases
from benchmarks.diagnosed.mixed import mixed_cases
from benchmarks.diagnosed.tables import table_cases
from benchmarks.diagnosed.training import training_cases
from benchmarks.diagnosis import Judged, table
from benchmarks.diagnosis_cases import examples


def test_there_are_other_cases_of_every_failure_and_twenty_healthy_ones():
    counts = Counter(case[0] for cases in (training_cases, table_cases) for case in cases())
    names = {case.cause for case in examples(0)} - {""}
    assert set(counts) == names
    assert min(counts.values()) >= 4
    assert sum(1 for _ in healthy_cases()) >= 20
    assert all(set(case[0].split("+")) <= names for case in mixed_cases())


def test_the_fresh_cases_have_every_failure_several_times():
    counts = Counter(case[0] for cases in FRESH for case in cases())
    healthy = counts.pop("")
    two = {cause: counts.pop(cause) for cause in list(counts) if "+" in cause}
    names = {case.cause for case in examples(0)} - {""}
    assert set(counts) == names
    assert min(counts.values()) >= 4
    assert healthy >= 45
    assert sum(two.values()) >= 12
    assert all(set(cause.split("+")) <= names for cause in two)


def test_each_half_has_every_second_case_of_a_failure(monkeypatch):
    monkeypatch.setattr("benchmarks.diagnosed.data.Fit.made", lambda self: self.model)
    halves = [Counter(case.cause for case in other_examples(half)) for half in (0, 1)]
    for cause in set(halves[0]) | set(halves[1]):
        if "+" not in cause:
            assert halves[0][cause] - halves[1][cause] in (0, 1)


def test_the_table_counts_what_was_named():
    one, two = (1.0, 0.5), (3.0, 1.5)
    judged = [
        Judged(("dead_units",), ("dead_units", "overfitting"), one, 0.2),
        Judged(("dead_units",), ("overfitting", "dead_units"), one, -0.1),
        Judged(("non_finite",), (), two, None),
        Judged(("non_finite", "dead_units"), ("dead_units",), one, np.inf),
        Judged((), (), one, None),
        Judged((), ("leakage_suspected",), one, None),
    ]
    lines = table(judged).splitlines()
    assert "| dead_units | 2 | 1 | overfitting 1 |" in lines
    assert "| non_finite | 1 | 0 | nothing 1 |" in lines
    assert "| healthy | 2 | 1 | leakage_suspected 1 |" in lines
    assert "| named first | 33.3% | 3 |" in lines
    assert "| named at all | 66.7% | 3 |" in lines
    assert "| of two at once: one of them first | 100.0% | 1 |" in lines
    assert "| of two at once: both named | 0.0% | 1 |" in lines
    assert "| false alarms on healthy networks | 50.0% | 2 |" in lines
    assert "| cures that raise the held-out metric | 66.7% | 3 |" in lines
    assert "Seconds a case: median 1.0, most 3.0." in lines
