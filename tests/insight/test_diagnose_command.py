"""``glassnet diagnose``, run as a user runs it."""

import json

import numpy as np
import pytest
from sklearn.datasets import load_wine
from typer.testing import CliRunner

from glassnet.cli import app
from glassnet.insight.diagnosis.tables import read_table


def test_lines_are_counted_as_an_editor_does(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n\n1,0\n\nx,1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"got 'x' in line 5: encode it"):
        read_table(tmp_path / "a.csv", "b")


def test_a_name_that_stands_twice_is_no_target(tmp_path):
    (tmp_path / "a.csv").write_text("b,a,b\n1,0,1\n0,1,0\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"b, a, b; got 'b', which stands there 2 times"):
        read_table(tmp_path / "a.csv", "b")


def write(path, names, rows):
    lines = [",".join(names), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def test_it_names_the_failure_of_a_table(tmp_path):
    X, y = load_wine(return_X_y=True)
    names = [f"f{j}" for j in range(X.shape[1])]
    kinds = np.array(["red", "white", "rose"])[y]
    file = write(
        tmp_path / "wine.csv",
        [*names, "kind"],
        [(*r, k) for r, k in zip(X, kinds, strict=True)],
    )
    done = CliRunner().invoke(app, ["diagnose", file, "--target", "kind", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["findings"][0]["name"] == "unscaled_inputs"


def test_its_steps_are_told_apart_from_the_report(tmp_path):
    rows = [(k % 2, k % 3, k % 2) for k in range(30)]
    file = write(tmp_path / "a.csv", ["a", "b", "c"], rows)
    asked = ["diagnose", file, "--target", "c", "--json"]
    told = CliRunner().invoke(app, [*asked, "--verbose"])
    assert json.loads(told.stdout) == json.loads(CliRunner().invoke(app, asked).stdout)
    first, second = told.stderr.splitlines()[:2]
    assert first.endswith(" s  a constant, a linear model and trees, cross-validated")
    assert second.endswith(" s  the layers, and a training run as it is")


def test_a_seed_that_is_too_large_is_refused(tmp_path):
    file = write(tmp_path / "a.csv", ["a", "b"], [(1, 0), (2, 1)])
    done = CliRunner().invoke(app, ["diagnose", file, "--target", "b", "--seed", str(2**32)])
    assert done.exit_code == 2


def test_an_empty_cell_is_named(tmp_path):
    file = write(tmp_path / "a.csv", ["a", "b", "c"], [(1, 0, 5), ("", 1, 5), (2, 0, 5)])
    done = CliRunner().invoke(app, ["diagnose", file, "--target", "b"])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("1. non_finite")
    assert "infinite numbers, in feature 'a': NaN stands for" in done.stdout
    assert "SimpleImputer" in done.stdout


@pytest.mark.parametrize(("mark", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators_are_named(tmp_path, mark, name):
    (tmp_path / "a.csv").write_text(f"a{mark}b\n1{mark}0\n2{mark}1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"1 cell\(s\); {name} seem to separate its cells"):
        read_table(tmp_path / "a.csv", "b")


@pytest.mark.parametrize("content", [b"\x89PNG", b"a,b\n" + 200_000 * b"1"])
def test_what_is_no_table_is_refused(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.csv must be a text file in UTF-8, with commas"):
        read_table(tmp_path / "a.csv", "b")


@pytest.mark.parametrize(
    ("rows", "target", "words"),
    [
        ([(1, 0), (2, 1)], "c", "target must be the name of one column"),
        ([(1, 0), (2, 1)], "c", "a.csv has them: a, b; got 'c'"),
        ([(1, 0), (2, 1)], "B", "got 'B'; did you mean b?"),
        ([("x", 0), (2, 1)], "b", "column 'a' must hold numbers; got 'x' in line 2: encode it"),
        ([('"5,1"', 0), (2, 1)], "b", "got '5,1' in line 2: write a point for the comma, 5.1"),
        ([(1, 0, 5), (2, 1)], "b", "line 2 must hold 2 cells"),
        ([(1, ""), (2, 1)], "b", "target 'b' must have a value in every row"),
        ([], "b", "must hold a line of two names or more, and two rows or more below it"),
        ([(1, 0)], "b", "two rows or more below it; got 2 line(s) of 2 cell(s)"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path, rows, target, words):
    file = write(tmp_path / "a.csv", ["a", "b"], rows)
    done = CliRunner().invoke(app, ["diagnose", file, "--target", target])
    assert done.exit_code == 2
    assert words in " ".join(done.output.replace("│", " ").split())
