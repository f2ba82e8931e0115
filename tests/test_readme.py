"""The README's code runs as pasted, its links lead somewhere, its commands exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_ten_lines_run_as_pasted(tmp_path):
    block = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    assert sum(bool(line.strip()) for line in block.splitlines()) == 10
    done = subprocess.run(
        [sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "moons.png").stat().st_size > 10_000
    share = float(re.search(r"([\d.]+) % of 2,000 new moons", done.stdout)[1])
    assert share >= 99
    assert done.stdout.count("Epoch ") == 11  # each hundredth, and the last
    losses = [float(loss) for loss in re.findall(r"loss ([\d.]+)", done.stdout)]
    first, last = re.search(r"loss falls from ([\d.]+) to ([\d.]+)", README).groups()
    assert [losses[0], losses[-1]] == pytest.approx([float(first), float(last)], rel=0.05)


NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


@pytest.mark.parametrize("name", ["trace", "diagnose"])
def test_what_is_printed_is_as_it_stands_there(name):
    """Word for word; the last digits of what was trained are the processor's."""
    pattern = rf"```python\n((?:(?!```).)*\b{name}\((?:(?!```).)*)```\n\n```text\n(.*?)```"
    code, shown = re.search(pattern, README, re.DOTALL).groups()
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert NUMBER.sub("#", done.stdout) == NUMBER.sub("#", shown)
    found, expected = ([float(one) for one in NUMBER.findall(t)] for t in (done.stdout, shown))
    if name == "trace":
        assert done.stdout == shown
    assert found == pytest.approx(expected, rel=0.1)


def test_the_film_is_made_as_pasted(tmp_path):
    code = re.search(
        r"```python\n((?:(?!```).)*plots\.film(?:(?!```).)*)```", README, re.DOTALL
    )[1]
    assert "frames=80" in code
    done = subprocess.run(
        [sys.executable, "-c", code.replace("frames=80", "frames=3")], cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "moons.gif").stat().st_size > 10_000


def test_the_figures_of_the_diagnosis_are_those_of_its_page():
    page = (ROOT / "docs/diagnosis.md").read_text(encoding="utf-8")
    table = README.split("| measured | share | of |")[1].split("\n\n")[0]
    assert table.count("\n") >= 5
    assert table in page


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if not target.startswith("https://"):
            assert (ROOT / target).exists(), target


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_make_commands_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)", text)):
        assert re.search(rf"(?m)^{target}:", makefile), target


def test_names_in_the_tables_exist():
    import glassnet
    from glassnet import MLP, Perceptron

    table = README.split("| the notebook's name |")[1].split("\n\n")[0]
    for module, name in re.findall(
        r"`(activations|optimizers|landscapes|plots)\.(\w+)", table.replace("optimizer.", "")
    ):
        assert hasattr(getattr(glassnet, module), name), (module, name)
    for name in ("weights", "biases", "forward", "backward", "fit", "predict", "intermediates"):
        assert hasattr(MLP, name)
    for name in ("weights", "bias", "predict"):
        assert hasattr(Perceptron, name)
