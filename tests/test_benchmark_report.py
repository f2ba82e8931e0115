"""The benchmarks' figures: honest arithmetic, processes that take turns, files, pictures."""

import dataclasses
import importlib
import json
import math

import pytest
from benchmarks import chart, command, environment, growth, report
from benchmarks.cases import (
    ALL,
    COMPILED,
    GLASSNET,
    JAX,
    JOBLIB,
    NUMPY,
    ON_NUMPY,
    ONNX,
    OPTAX,
    PRODUCTS,
    ROWS,
    SKLEARN,
    TORCH,
    Bar,
    Case,
)
from benchmarks.measured import Measured
from benchmarks.peers import NotThere, prepare
from benchmarks.tasks import build
from matplotlib.figure import Figure

import glassnet

from support import house_style
from support.tiny_benchmarks import tiny

# --- arithmetic ------------------------------------------------------------------------


def figures():
    return [
        Measured(GLASSNET, [1.0, 2.0, 4.0], 9.0, 0.5, 100.0, 0.25),
        Measured(SKLEARN, [5.0, 8.0, 12.0], 9.0, 0.5, 100.0, 0.25 + 1e-8),
        Measured(JAX, [1.0, 1.0, 1.0], 9.0, 0.5, 100.0, 0.5),
        Measured(PRODUCTS, [0.9, 1.8, 3.6], 9.0, 0.5, 100.0),
        Measured(ONNX, absent="onnxruntime is not installed"),
    ]


def lines():
    case = Case(
        "row",
        "train",
        "",
        1,
        (1, 1),
        bars=(
            Bar((SKLEARN,), 4),
            Bar((JAX, TORCH), 1),
            Bar((PRODUCTS,), 1 / 1.25),
            Bar((ONNX,), 1),
        ),
    )
    return report.compare(case, 1, figures())


def test_ratios_are_medians_of_rounds_and_bars_are_judged_by_them():
    ours, sklearn, jax, products, onnx = lines()
    assert (ours.ratio, ours.met, ours.seconds) == (1.0, None, 2.0)
    assert (sklearn.ratio, sklearn.low, sklearn.high) == (4.0, 3.0, 5.0)
    assert (sklearn.met, sklearn.bar, sklearn.bar_ratio) == (True, "≥ 4", 4)
    assert (jax.ratio, jax.met) == (0.5, False)
    assert products.ratio == pytest.approx(0.9)
    assert products.met is True
    assert math.isnan(onnx.ratio)
    assert onnx.met is None


def test_results_that_differ_are_marked():
    assert [line.alike for line in lines()] == [True, True, False, True, True]
    shown = [report.row_of(line) for line in lines()]
    assert ["≠" in row for row in shown] == [False, False, True, False, False]


def test_a_result_that_is_no_number_is_shown_as_such():
    limit, line = lines()[3], lines()[2]
    assert "NaN" not in report.row_of(limit)
    for result in (math.nan, None):  # as measured, and as read from the file
        assert " NaN ≠ |" in report.row_of(dataclasses.replace(line, result=result))


def test_rows_have_the_columns_of_the_head():
    table = [*report.HEAD.splitlines(), *report.block(lines()).splitlines()]
    assert len({row.count("|") for row in table}) == 1
    assert table[2].startswith("| **row**, 1 thread |")
    assert [cell.strip() for cell in table[4].split("|")[1:-1]] == [
        *("scikit-learn", "4", "3–5", "≥ 4 ✓", "8 s", "9 s", "100", "0.25")
    ]
    assert "onnxruntime is not installed" in table[7]


def test_the_table_fits_a_terminal():
    wide = dataclasses.replace(
        lines()[2],
        peer=max((*report.LIMITS, JOBLIB, ON_NUMPY), key=len),
        **{"ratio": 1234.5, "low": 1012.5, "high": 2345.6, "bar_ratio": 0.926, "met": False},
        **{"seconds": 1.23e-4, "first": 0.1234, "memory": 1234.5, "result": 0.123456},
    )
    shown = [*report.HEAD.splitlines(), *report.block([wide]).splitlines()]
    assert max(map(len, shown)) < 100
    assert "1,234 | 1,012–2,346 |" in shown[-1]
    least = dataclasses.replace(wide, ratio=0.05412, low=0.03087, high=0.07725)
    assert "| 0.054 | 0.031–0.077 |" in report.row_of(least)
    bars = [bar for row in ROWS.values() for case in row for bar in case.bars]
    slack = [dataclasses.replace(wide, bar=str(b), bar_ratio=math.nan) for b in bars if b.slack]
    assert slack
    assert max(len(report._judged(line)) for line in (wide, *slack)) <= report._COLUMNS["bar"]
    assert "123 µs |  123 ms | 1,234 |" in shown[-1]


def test_summary_counts_and_lists():
    assert report.summary(lines()).splitlines() == [
        "2 of 3 bars are met.",
        "- missed: row, 1 thread, JAX: 0.5 (bar: ≥ 1)",
        "- another result: row, 1 thread, JAX",
    ]
    assert report.limits(lines()).splitlines()[1:] == [
        "- row, 1 thread: 1.11 × bare products (bar: ≥ 0.8)"
    ]


@pytest.mark.parametrize(
    ("ratio", "shown"), [(1.4961, "1.496"), (99.98, "99.98"), (1.4, "1.4")]
)
def test_what_hardly_misses_its_bar_is_not_rounded_up_to_it(ratio, shown):
    bar = 100 if ratio > 2 else 1.5
    line = dataclasses.replace(lines()[2], ratio=ratio, bar=f"≥ {bar}", bar_ratio=bar)
    assert f"| {shown:>5} |" in report.row_of(line)
    assert f": {shown} (bar" in report.summary([line])


@pytest.mark.parametrize(("theirs", "met"), [(0.85, True), (0.75, False)])
def test_a_bar_of_seconds(theirs, met):
    bar = Bar((NUMPY,), 0, "≤ +0.2 s", ON_NUMPY, slack=0.2)
    case = Case("", "start", "", 1, (1, 1), ours=(GLASSNET, ON_NUMPY), bars=(bar,))
    found = [Measured(GLASSNET, [9.0]), Measured(ON_NUMPY, [1.0]), Measured(NUMPY, [theirs])]
    judged = {(line.ours, line.peer): line.met for line in report.compare(case, 1, found)}
    assert judged[ON_NUMPY, NUMPY] is met
    assert judged[GLASSNET, NUMPY] is None


def test_where_ours_is_missing_the_others_stand_alone():
    found = [Measured(GLASSNET, absent="missing"), *figures()[1:]]
    case = Case("row", "train", "", 1, (1, 1), bars=(Bar((SKLEARN,), 4),))
    line, *others = report.compare(case, 1, found)
    assert line.absent == "missing"
    assert [one.seconds for one in others[:2]] == [8.0, 1.0]
    assert all(math.isnan(one.ratio) and one.met is None for one in others)


def test_the_others_stand_beside_each_of_ours_that_is_there():
    found = [*figures()[:2], Measured(ON_NUMPY, absent="missing")]
    case = Case("row", "train", "", 1, (1, 1), ours=(GLASSNET, ON_NUMPY))
    assert [(li.ours, li.peer) for li in report.compare(case, 1, found)] == [
        *((GLASSNET, GLASSNET), (GLASSNET, SKLEARN), (ON_NUMPY, ON_NUMPY))
    ]


# --- processes, files, pictures --------------------------------------------------------


def test_the_command_writes_what_it_prints(tmp_path, monkeypatch, capsys):
    case = dataclasses.replace(
        tiny("notebook"), peers=(GLASSNET, NUMPY), bars=(Bar((NUMPY,), 1e-9),), threads=(1,)
    )
    monkeypatch.setattr(command, "ROWS", {"notebook": (case,)})
    command.main(["notebook", "--repeats", "1", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    assert printed.count("| **notebook**, 1 thread |") == 1
    assert "| one thread | glassnet |" in printed
    assert max(map(len, printed.splitlines())) <= 100
    assert "1 of 1 bars are met." in printed
    written = json.loads((tmp_path / "results.json").read_text())
    assert [line["peer"] for line in written["rows"][0]["lines"]] == [GLASSNET, NUMPY]
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    command.main(["--merge", "--out", str(tmp_path)])
    again = capsys.readouterr().out
    table = [row for row in printed.splitlines() if row.startswith("| ")]
    assert [row for row in again.splitlines() if row.startswith("| ")] == table


@pytest.mark.parametrize(
    "wrong", [["nothing"], ["notebook", "--repeats", "0"], ["notebook", "--peers", "nobody"]]
)
def test_the_command_refuses(wrong, capsys):
    with pytest.raises(SystemExit):
        command.main(wrong)
    assert "error" in capsys.readouterr().err


def test_the_command_leaves_out_whom_nobody_asked_for():
    given = command._given(["notebook", "--quick", "--peers", "jax,torch"])
    case = command._as_asked(ROWS["notebook"][0], given)
    assert given.repeats == command.QUICK
    assert case.peers == (GLASSNET, TORCH, COMPILED, JAX, OPTAX)


def test_what_glassnet_lacks_is_said(monkeypatch):
    task = build(tiny("many: notebook's shape"))
    monkeypatch.setattr(glassnet, "fit_many", lambda models, X: None, raising=False)
    with pytest.raises(NotThere, match="missing: fit_many takes other arguments"):
        prepare(GLASSNET, task)


def test_the_chart_shows_all_numbers_of_threads(tmp_path):
    both = [*lines(), *(dataclasses.replace(line, threads=ALL) for line in lines())]
    chart.draw(both, tmp_path / "chart.png")
    assert (tmp_path / "chart.png").stat().st_size > 0


def test_rows_stand_at_the_same_height_in_every_panel():
    one, other = lines(), [dataclasses.replace(li, row="other") for li in lines()[:2]]
    found = [*one[1:3], *other[1:], dataclasses.replace(one[3], threads=ALL)]
    assert chart._places(found) == {
        ("row", SKLEARN): 0,
        ("row", JAX): 1,
        ("row", PRODUCTS): 2,
        ("other", SKLEARN): 3 + chart._GAP,
    }


@pytest.mark.parametrize(
    ("ratio", "bar", "where"),
    [(2, 3, 3), (2, 9, 2), (4, 3, 4), (0.86, 0.8, 0.8), (0.3, 0.8, 0.3), (0.9, 1, 0.9)],
)
def test_a_number_stands_beyond_a_mark_that_is_near(ratio, bar, where):
    ax = Figure().subplots()
    chart._bar(ax, 0, dataclasses.replace(lines()[1], ratio=ratio, bar_ratio=bar))
    assert ax.texts[0].xy == (where, 0)


def test_growth(tmp_path):
    found = [
        {"axis": axis, "value": v, "seconds": 0.1 * v**power, "memory": 5.0 * v, "data": v}
        for axis, power in (("rows", 1.0), ("threads", -0.5))
        for v in (1, 2, 4)
    ]
    assert growth.exponent(found, "rows") == pytest.approx(1.0)
    assert growth.exponent(found, "threads") == pytest.approx(-0.5)
    words = " ".join(growth.words(found).split())
    assert "memory beyond the data is 4 MB at the fewest rows and 16" in words
    growth.draw(found, tmp_path / "growth.png")
    assert (tmp_path / "growth.png").stat().st_size > 0
    axes = {axis for axis, *_ in growth.points()}
    assert axes == {"rows", "width", "depth", "batch", "threads"}


@pytest.mark.parametrize(
    "rule", [house_style.too_much_code, house_style.long_bodies, house_style.undocumented]
)
def test_the_benchmarks_are_as_short_as_the_source(rule):
    files = (environment.ROOT / "benchmarks").rglob("*.py")
    assert {file.name: found for file in files if (found := list(rule(file.read_text())))} == {}


def test_every_peer_has_a_module():
    from benchmarks.peers import MODULES

    for row in ROWS.values():
        for case in row:
            assert set(case.peers) <= set(MODULES)
            assert set(case.ours) <= set(case.peers)
            assert {peer for bar in case.bars for peer in bar.peers} <= set(case.peers)
    for module in set(MODULES.values()):
        assert importlib.util.find_spec(f"benchmarks.peers.{module}")


def test_a_bar_for_jax_is_one_for_the_better_of_both():
    cases = [case for row in ROWS.values() for case in row if case.kind == "train"]
    bars = [bar for case in cases for bar in case.bars if {JAX, OPTAX} & set(bar.peers)]
    assert len(bars) == 5
    assert all({JAX, OPTAX} <= set(bar.peers) for bar in bars)
