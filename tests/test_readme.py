"""The README's code runs as pasted, its links lead somewhere, its commands exist."""

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


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
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
