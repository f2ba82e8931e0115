"""The pages in docs/ and the README: their code runs and shows what they say it shows."""

import doctest
import re
from pathlib import Path

import numpy as np
import pytest

from glassnet import MLPClassifier, MLPRegressor

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", *DOCS]

# They warn of too few epochs wherever they keep an example short.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def blocks(text):
    """Return the Python blocks with the line that each starts at; indents are taken off."""
    found = re.finditer(r"(?m)^( *)```python\n((?:.*\n)*?)\1```$", text)
    return [
        (text.count("\n", 0, one.start()) + 1, re.sub(rf"(?m)^{one[1]}", "", one[2]))
        for one in found
    ]


def lines_of_tables(text):
    """Return the code in the last column of each table that calls it "the line"."""
    tables = re.findall(r"(?m)^\|(.*)\|\n\|[ |-]+\|\n((?:\|.*\|\n)+)", text)
    cells = [
        row.strip("|").split("|")[-1]
        for head, rows in tables
        if head.split("|")[-1].strip() == "the line"
        for row in rows.splitlines()
    ]
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


def run(page, text, namespace):
    """Run the blocks in their order; return what the doctests among them found wrong."""
    parser = doctest.DocTestParser()
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE, verbose=False)
    wrong = []
    for line, code in blocks(text):
        where = f"{name_of(page)}, line {line}"
        if ">>>" not in code:
            exec(compile(code, where, "exec"), namespace)
            continue
        test = parser.get_doctest(code, namespace, where, where, line)
        runner.run(test, out=wrong.append, clear_globs=False)
        namespace.update(test.globs)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_code_runs_and_shows_what_the_page_says(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    np.random.seed(0)  # what draws from NumPy's own source does so alike in every run
    text = page.read_text(encoding="utf-8")
    namespace = {"__name__": page.stem}
    wrong = run(page, text, namespace)
    assert not wrong, "".join(wrong)
    for line in lines_of_tables(text):
        exec(compile(line, f"{name_of(page)}: {line}", "exec"), namespace)


@pytest.mark.parametrize("page", DOCS, ids=name_of)
def test_a_page_shows_output_or_lines_to_paste(page):
    text = page.read_text(encoding="utf-8")
    assert any(">>>" in code for _, code in blocks(text)) or lines_of_tables(text)


def anchors(text):
    """Return the anchors of the headings, as GitHub makes them."""
    heads = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_to_files_and_headings_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        assert aim.exists(), target
        assert not anchor or anchor in anchors(aim.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])
def test_the_migration_page_leaves_out_no_parameter(cls):
    text = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
    code = " ".join(re.findall(r"`([^`\n]+)`", text))
    for parameter in cls().get_params():
        assert re.search(rf"\b{parameter}\b", code), parameter


def test_the_answers_page_leaves_out_no_thread():
    text = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
    named = re.findall(r"\[#(\d+)\]\(https://github.com/[^)]+/(?:issues|pull)/(\d+)\)", text)
    assert all(number == target for number, target in named)
    asked = (6175, 7280, 8303, 9113, 10097, 11952, 12505, 13567, 14571, 14807, 18507, 19701)
    asked += (24411, 25693, 25822, 26912, 30199, 34070)
    assert {str(number) for number in asked} <= {number for number, _ in named}


# --- these checks can fail ----------------------------------------------------------------


def test_a_wrong_output_is_found():
    page = ROOT / "README.md"
    assert not run(page, "```python\n>>> 1 + 1\n2\n```\n", {})
    assert run(page, "text\n```python\n>>> 1 + 1\n3\n```\n", {})
    assert run(page, "- point\n\n  ```python\n  >>> 1 + 1\n  3\n  ```\n", {})
    with pytest.raises(ZeroDivisionError):
        run(page, "```python\n1 / 0\n```\n", {})


def test_the_lines_of_tables_are_found():
    table = "| what | the line |\n| --- | --- |\n| a | `one()` |\n| b | see `two()` |\n"
    assert lines_of_tables(table) == ["one()", "two()"]
    assert lines_of_tables(table.replace("the line", "remarks")) == []


def test_anchors():
    assert anchors("## What `a_b` means, for (all)\n") == {"what-a_b-means-for-all"}
