"""What the benchmarks keep, and what they write of it into the README and the docs."""

import json
import shutil
import subprocess

import pytest
from benchmarks import chart, command, environment, growth, machine, pages
from benchmarks.cases import GLASSNET, OPERATIONS, PREDICTOR, PRODUCTS, ROWS

from support.made_up_results import stand_in

MARKS = f"{pages.BEGIN}\nold\n{pages.END}"
PAGES = ("README.md", "docs/benchmarks.md")
PICTURES = ("docs/pictures/benchmarks.png", "docs/pictures/growth.png")


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Return a folder with both pages, as the command's own; pictures are stood in for."""
    (tmp_path / "docs" / "pictures").mkdir(parents=True)
    for page in PAGES:
        (tmp_path / page).write_text(f"above µ\n\n{MARKS}\n\nbelow\n", encoding="utf-8")
    stand_in(monkeypatch)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    for module in (chart, growth):
        monkeypatch.setattr(
            module, "draw", lambda _, path: path.write_bytes(path.name.encode())
        )
    return tmp_path


def run(root, *arguments):
    command.main([*arguments, "--out", str(root / "results")])


def files(root):
    """Return all files outside of the results with their contents."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "results" not in path.parts
    }


def between(text):
    return text.split(pages.BEGIN)[1].split(pages.END)[0]


def tables(text):
    return [line for line in text.splitlines() if line.startswith("|")]


# --- what is written -------------------------------------------------------------------


def test_pages_get_what_is_printed(root, capsys):
    run(root)
    capsys.readouterr()
    run(root, "--merge", "--write")
    printed = capsys.readouterr().out
    texts = {page: (root / page).read_text(encoding="utf-8") for page in PAGES}
    for text in texts.values():
        assert text.startswith(f"above µ\n\n{pages.BEGIN}\n\n")
        assert text.endswith(f"\n\n{pages.END}\n\nbelow\n")
        assert "old" not in text
        assert "`python benchmarks/run.py --merge`" in text
        assert machine.machine(5)["processor"] in " ".join(text.split())
    assert set(tables(texts["README.md"])) < set(tables(printed))
    assert sum(line.startswith("| one thread") for line in tables(texts["README.md"])) == 1
    assert sum(line.startswith("| all cores") for line in tables(texts["README.md"])) == 1
    whole = between(texts["docs/benchmarks.md"])
    assert set(tables(printed)) == {line for text in texts.values() for line in tables(text)}
    for told in ("bars are met.", "- missed: ", "Our time as a multiple", "as the power"):
        assert told in whole
    for case in (case for row in ROWS.values() for case in row):
        assert case.work in " ".join(whole.split())
        assert f"**{case.name}" in whole
    for picture, drawn in zip(PICTURES, ("chart.png", "growth.png"), strict=True):
        assert (root / picture).read_bytes() == drawn.encode()
        assert f"]({picture.removeprefix('docs/')})" in whole


def test_writing_twice_changes_nothing(root):
    run(root, "notebook")
    run(root, "--merge", "--write")
    once = files(root)
    assert "docs/pictures/growth.png" not in once  # as growth was not measured
    assert "growth.png" not in once["docs/benchmarks.md"].decode()
    run(root, "--merge", "--write")
    assert files(root) == once


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("mark", [pages.BEGIN, pages.END])
@pytest.mark.parametrize("times", [0, 2])
def test_a_mark_that_is_not_there_once_is_named_and_nothing_written(root, page, mark, times):
    run(root, "notebook")
    text = (root / page).read_text(encoding="utf-8")
    (root / page).write_text(text.replace(mark, mark * times), encoding="utf-8")
    before = files(root)
    with pytest.raises(SystemExit, match=f"{page} must have {mark} once, and has it {times}"):
        run(root, "--merge", "--write")
    assert files(root) == before


def test_marks_in_the_wrong_order_are_refused(root):
    run(root, "notebook")
    before = f"{pages.END}\n{pages.BEGIN}\n"
    (root / "README.md").write_text(before)
    with pytest.raises(SystemExit, match="stands before"):
        run(root, "--merge", "--write")
    assert (root / "README.md").read_text() == before


def test_what_cannot_be_written_whole_is_not_written(root, monkeypatch):
    run(root, "notebook")
    before = files(root)
    (root / "docs" / "pictures").rmdir()
    with pytest.raises(FileNotFoundError):
        run(root, "--merge", "--write")
    assert files(root) == before


def test_without_figures_nothing_is_written(root):
    before = files(root)
    with pytest.raises(SystemExit, match="has none of these rows yet: notebook, small"):
        run(root, "--merge", "--write")
    run(root, "growth")
    with pytest.raises(SystemExit, match="nothing was measured"):
        run(root, "--merge", "--write")
    assert files(root) == before


@pytest.mark.parametrize("wrong", [["--write"], ["--merge", "--write", "notebook"]])
def test_writing_takes_all_that_is_kept(root, wrong, capsys):
    with pytest.raises(SystemExit):
        run(root, *wrong)
    assert "--write goes with --merge" in capsys.readouterr().err


def test_the_pages_have_the_marks():
    for page in PAGES:
        text = (environment.ROOT / page).read_text(encoding="utf-8")
        assert text.count(pages.BEGIN) == text.count(pages.END) == 1
        assert text.index(pages.BEGIN) < text.index(pages.END)


# --- what is kept ----------------------------------------------------------------------


@pytest.mark.parametrize("text", ['{"row": "mnist", "lin', "[1, 2]", '{"row": "mnist"}', ""])
def test_a_kept_row_that_cannot_be_read_is_named_and_nothing_is_written(root, text):
    run(root)
    file = root / "results" / "rows" / "mnist.json"
    file.write_text(text)
    before = files(root)
    with pytest.raises(SystemExit, match=r"mnist\.json does not hold a row"):
        run(root, "--merge", "--write")
    assert files(root) == before


def test_kept_rows_are_small_and_print_the_same_again(root, capsys):
    run(root)
    printed = capsys.readouterr().out
    run(root, "--merge")
    assert capsys.readouterr().out.split() == printed.split()
    kept = list((root / "results" / "rows").iterdir())
    assert {file.name for file in kept} == {f"{row}.json" for row in (*ROWS, "growth")}
    assert sum(file.stat().st_size for file in kept) < 300_000
    raw = json.loads((root / "results" / "rows" / "mnist.json").read_text())["raw"]
    assert {len(one["seconds"]) for case in raw for one in case["found"]} == {command.REPEATS}


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_only_the_rows_are_tracked(tmp_path):
    shutil.copy(environment.ROOT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    folder = tmp_path / "benchmarks" / "results"
    for name in ("rows/a.json", "rows/a.json.new", "results.json", "chart.png", "x/b.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    command_line = ["git", "ls-files", "--others", "--exclude-standard", "benchmarks"]
    done = subprocess.run(
        command_line, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["benchmarks/results/rows/a.json"]


# --- on which machine, beside whom -----------------------------------------------------


def test_machines_are_told_apart_by_rows(root, capsys, monkeypatch):
    told = machine.machine(5) | {"processor": "Abacus", "load": 0.125}
    monkeypatch.setattr(command, "machine", lambda repeats: told | {"repeats": repeats})
    run(root, "notebook", "small")
    run(root, "--merge")
    shown = " ".join(capsys.readouterr().out.split())
    assert "5 rounds; load at the start: 0.12. Medians" in shown
    assert "(notebook" not in shown.split("| whose")[0]
    told |= {"processor": "Slide rule", "load": None}
    run(root, "table", "--quick")
    capsys.readouterr()
    run(root, "--merge")
    shown = " ".join(capsys.readouterr().out.split())
    assert "joblib" in shown.split("(notebook, small)")[0]
    assert shown.startswith("Abacus, ")
    assert "(notebook, small). Slide rule, " in shown
    assert "5 rounds (notebook, small), 2 rounds (table); load at the start: " in shown
    assert "0.12 (notebook, small), unknown (table). Medians" in shown


def test_versions_that_differ_are_told_apart():
    one, other = machine.machine(5), machine.machine(5)
    other["versions"] = {**other["versions"], "numpy": "0.1"}
    words = machine.places([{"row": "a", "machine": one}, {"row": "b", "machine": other}])
    first, second = words.splitlines()
    assert first.endswith("(a).")
    assert second.endswith("(b)")
    assert "numpy 0.1," in second
    assert "numpy 0.1," not in first


def test_peers_none_leaves_glassnet_and_the_limits():
    given = command._given(["--peers", "none"])
    cases = {case.name: command._as_asked(case, given) for row in ROWS.values() for case in row}
    assert cases["notebook"].peers == (GLASSNET, OPERATIONS)
    assert cases["mnist"].peers == (GLASSNET, PRODUCTS)
    assert cases["predict: one row, mnist's net"].peers == (GLASSNET, PREDICTOR, PRODUCTS)


def test_none_beside_others_is_refused(capsys):
    with pytest.raises(SystemExit):
        command._given(["--peers", "none,torch"])
    assert "no peer 'none'" in capsys.readouterr().err
