"""How far equal work may differ: changes that rounding alone sees, and the forms of Adam."""

import dataclasses

import numpy as np
import pytest
from benchmarks import report, rounding
from benchmarks.cases import GLASSNET, JAX, NUMPY, ROWS, SKLEARN
from benchmarks.judging import result
from benchmarks.measured import Measured
from benchmarks.peers import prepare
from benchmarks.tasks import build

from support.tiny_benchmarks import tiny

TRAINED = [c for row in ROWS.values() for c in row if c.kind not in ("predict", "start")]


def precise(name):
    return dataclasses.replace(tiny(name), dtype="float64")


@pytest.mark.parametrize("change", rounding.CHANGES)
@pytest.mark.parametrize("name", ["notebook", "table", "many: 20-32-32-2", "perceptron"])
def test_changes_leave_the_mathematics_as_it_is(name, change):
    task = build(precise(name))
    changed = rounding.CHANGES[change](task, np.random.default_rng(3))  # it swaps two features
    loss = rounding._loss(task)
    assert rounding._loss(changed) == pytest.approx(loss, rel=1e-9)
    arrays = [(getattr(task, n), getattr(changed, n)) for n in ("X", "order")]
    arrays += zip(task.weights, changed.weights, strict=True)
    moved = [(a, b) for a, b in arrays if not np.array_equal(a, b)]
    assert bool(moved) is ((name, change) != ("perceptron", "samples"))
    if change == "bit":
        ((a, b),) = moved
        assert np.count_nonzero(a != b) == task.case.nets
        np.testing.assert_array_equal(b[a != b], np.nextafter(a[a != b], np.inf))


def test_samples_stay_in_their_batch():
    task = build(tiny("many: 20-32-32-2"))
    changed = rounding.CHANGES["samples"](task, np.random.default_rng(0))
    for start in range(0, 100, 40):
        here = np.s_[..., start : start + 40]
        assert not np.array_equal(task.order[here], changed.order[here])
        np.testing.assert_array_equal(np.sort(task.order[here]), np.sort(changed.order[here]))


def test_forms_of_adam_are_those_of_their_libraries():
    task = build(precise("table"))
    plain, found = rounding._loss(task), {}
    for name, form in rounding.FORMS.items():
        found[name] = rounding._loss(task, form)
    assert found["glassnet's"] == pytest.approx(plain, rel=1e-12)
    assert found["JAX's"] == pytest.approx(plain, rel=1e-12)
    theirs = result(task, prepare(SKLEARN, task)())
    assert found["scikit-learn's"] == pytest.approx(theirs, rel=1e-12)
    assert theirs != pytest.approx(plain, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "peer", "package"),
    [
        ("scikit-learn's", SKLEARN, "sklearn"),
        ("glassnet's", GLASSNET, "glassnet"),
        ("JAX's", JAX, "jax"),
    ],
)
def test_in_float32_the_form_is_what_tells_libraries_apart(name, peer, package):
    pytest.importorskip(package)
    task = build(dataclasses.replace(tiny("small"), epochs=60))
    theirs = result(task, prepare(peer, task)())
    assert abs(rounding._loss(task, rounding.FORMS[name]) - theirs) < 0.2 * abs(
        rounding._loss(task) - theirs
    )


def test_gaps():
    assert rounding.gap(2.0, [2.0]) == 0
    assert rounding.gap(-2.0, [-2.5, -1.0]) == 0.75


def test_bounds_are_of_rows_in_float32():
    of = {case.name: case for case in TRAINED}
    assert rounding.ALLOWED.keys() <= of.keys()
    for name, case in of.items():
        bound = rounding.allowed(dataclasses.replace(case, dtype="float32"))
        assert bound == rounding.ALLOWED.get(name, rounding.LEAST) < 0.01
        assert rounding.allowed(dataclasses.replace(case, dtype="float64")) == rounding.LEAST
    assert min(rounding.ALLOWED.values()) > rounding.LEAST == 1e-6


@pytest.mark.parametrize("times", [0.99, 1.01])
def test_the_table_marks_what_goes_beyond_the_bound(times):
    case = dataclasses.replace(tiny("mnist"), peers=(GLASSNET, NUMPY), bars=())
    other = 0.5 * (1 + times * rounding.ALLOWED["mnist"])
    found = [Measured(GLASSNET, [1.0], result=0.5), Measured(NUMPY, [1.0], result=other)]
    assert report.compare(case, 1, found)[1].alike is (times < 1)


def test_the_command_prints_a_line_a_row(monkeypatch, capsys):
    cases = {name: (tiny(name),) for name in ("notebook", "table", "perceptron", "start")}
    monkeypatch.setattr(rounding, "ROWS", cases)
    rounding.main(["--runs", "2"])
    head, rule, *rows = capsys.readouterr().out.splitlines()
    assert len({line.count("|") for line in (head, rule, *rows)}) == 1
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows]
    assert [row[0] for row in cells] == ["notebook", "table", "perceptron"]
    assert cells[0][5:8] == ["", "", ""]
    plain, sums, early, short = (float(cells[1][i]) for i in (1, 5, 6, 7))
    gaps = [float(cell) for cell in (*cells[1][2:5], cells[1][8])]
    assert max(gaps) == gaps[-1] > 0
    assert gaps[-1] >= 0.9 * max(abs(one - plain) for one in (sums, early, short)) / plain
    rounding.main(["table", "--runs", "1", "--dtype", "float64"])
    shown = capsys.readouterr().out
    assert "| row, float64 |" in shown
    assert "notebook" not in shown
    with pytest.raises(SystemExit):
        rounding.main(["start"])
