"""The benchmarks' rows are kept one by one, and summed up in a line each."""

import dataclasses

from benchmarks import kept, report
from benchmarks.cases import ALL, COMPILED, GLASSNET, JAX, PRODUCTS, SKLEARN, TORCH, Bar, Case
from benchmarks.machine import machine
from benchmarks.measured import Measured
from benchmarks.overview import overview


def figures():
    return [
        Measured(GLASSNET, [1.0, 2.0, 4.0], 9.0, 0.5, 100.0, 0.25),
        Measured(SKLEARN, [5.0, 8.0, 12.0], 9.0, 0.5, 100.0, 0.25 + 1e-8),
        Measured(JAX, [1.0, 1.0, 1.0], 9.0, 0.5, 100.0, 0.5),
        Measured(PRODUCTS, [0.9, 1.8, 3.6], 9.0, 0.5, 100.0),
        Measured(TORCH, absent="torch is not installed"),
    ]


def lines():
    case = Case("row", "train", "", 1, (1, 1), bars=(Bar((SKLEARN,), 4),))
    return report.compare(case, 1, figures())


def test_rows_are_kept_one_by_one(tmp_path):
    first, other = lines()[:2], lines()[2:]
    for row, found in (("table", first), ("wide", other), ("table", first[:1])):
        told = {"machine": machine(1), "lines": [dataclasses.asdict(line) for line in found]}
        kept.write(tmp_path, row, told)
    read = kept.read(tmp_path, ["wide", "mnist", "table"])
    assert [one["row"] for one in read] == ["wide", "table"]
    assert list(map(repr, kept.lines_of(read))) == list(map(repr, [*other, *first[:1]]))
    assert "NaN" not in (tmp_path / "rows" / "wide.json").read_text()


def test_the_overview_takes_the_best_of_a_column():
    case = Case("row", "train", "", 1, (1, 1))
    found = [
        *figures()[:4],
        Measured(TORCH, [3.0, 6.0, 12.0]),
        Measured(COMPILED, [2.0, 4.0, 8.0]),
    ]
    head, rule, row = overview(report.compare(case, 1, found), 1).splitlines()
    assert len({len(head), len(rule), len(row)}) == 1
    assert [cell.strip() for cell in row.split("|")[1:-1]] == [
        *("row", "2 s", "", "4 ×", "2 ×", "0.5 × ≠", "", "0.9 ×")
    ]
    assert overview(lines(), ALL) == ""
