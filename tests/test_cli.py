"""The command line, run as a user runs it."""

import re
import signal
import subprocess
import sys
import time
import webbrowser
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from glassnet import __version__, optimizers
from glassnet.cli import app
from glassnet.engines import ahead, installed
from glassnet.tour import run
from glassnet.tour.report import Chapter

from support.command import glassnet

# The least there is to compile.
FIT = [({"layer_sizes": [1, 1]}, optimizers.SGD(0.1), "float64")]


def test_info_prints_versions_and_engines():
    done = glassnet("info")
    assert done.returncode == 0
    for word in ("glassnet ", "Python ", "numpy ", "scikit-learn ", "engines "):
        assert word in done.stdout


def test_info_says_what_is_compiled_and_where(monkeypatch):
    place = Path("somewhere", "kernels")
    monkeypatch.setattr(
        installed, "facts", lambda: installed.Facts("1.2", 7, 345_678, (place,))
    )
    lines = CliRunner().invoke(app, ["info"]).output.splitlines()
    assert "              numba 1.2 (compiled)" in lines
    assert "kernels       7 kept on disk, 0.3 MB" in lines
    assert f"              {place}" in lines
    assert any(line.startswith("not compiled  activations, losses") for line in lines)


def test_info_compiles_ahead(monkeypatch):
    pytest.importorskip("numba")
    asked = []
    monkeypatch.setattr(ahead, "fits", lambda everything: asked.append(everything) or FIT)
    for flags in (["--compile"], ["--compile", "--all"]):
        done = CliRunner().invoke(app, ["info", *flags])
        assert done.exit_code == 0, done.output
        assert re.search(r"^compiled      \d+ kernels in \d+\.\d s$", done.stdout, re.MULTILINE)
    assert asked == [False, True]


def test_info_refuses_all_without_compile():
    done = CliRunner().invoke(app, ["info", "--all"])
    assert done.exit_code == 2
    assert "--compile" in done.output


def test_info_where_numba_is_not_installed(monkeypatch):
    monkeypatch.setattr(installed, "facts", lambda: installed.Facts(""))
    done = CliRunner().invoke(app, ["info"])
    assert "numba is not installed" in done.output
    done = CliRunner().invoke(app, ["info", "--compile"])
    assert done.exit_code == 1
    assert "numba is not installed" in done.output


def test_help_lists_the_commands():
    done = glassnet("--help")
    assert done.returncode == 0
    assert "tour" in done.stdout
    assert "--version" in done.stdout
    assert "info" in done.stdout


def test_version():
    done = glassnet("--version")
    assert done.returncode == 0
    assert done.stdout == f"glassnet {__version__}\n"
    assert metadata.version("glassnet") == __version__


@pytest.fixture
def opened(monkeypatch):
    """Collect what would be opened; the tour itself takes no time."""
    monkeypatch.setattr(run, "CHAPTERS", (("quick", lambda seeds: Chapter("title")),))
    pages = []
    monkeypatch.setattr(webbrowser, "open", pages.append)
    return pages


@pytest.mark.parametrize(
    ("flags", "count"),
    [([], 0), (["--no-open"], 0), (["--open"], 1), (["--open", "--no-open"], 0)],
)
def test_the_report_is_opened_when_asked_for(tmp_path, opened, flags, count):
    path = tmp_path / "report.html"
    done = CliRunner().invoke(app, ["tour", "-o", str(path), *flags])
    assert done.exit_code == 0, done.output
    assert opened == [path.as_uri()] * count


def test_a_flag_takes_no_value(tmp_path, opened):
    done = CliRunner().invoke(app, ["tour", "-o", str(tmp_path / "x.html"), "--open", "yes"])
    assert done.exit_code == 2
    assert opened == []
    for command in ([], ["tour"]):
        assert "<bool>" not in CliRunner().invoke(app, [*command, "--help"]).output


def test_the_command_names_the_option(tmp_path):
    done = glassnet("tour", "-o", "", cwd=tmp_path)
    assert done.returncode == 2
    assert "--output" in done.stderr
    assert "[1/8]" not in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to another process")
def test_ctrl_c_ends_the_command(tmp_path):
    # A shell's background job starts with SIGINT ignored, and its children inherit that.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from glassnet.cli import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "tour", "--seeds", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert "[1/8]" in process.stdout.readline()
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err == "Interrupted.\n"
    assert "[8/8]" not in out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("module", ["glassnet", "glassnet.cli"])
def test_runs_as_a_module(module):
    done = subprocess.run(
        [sys.executable, "-m", module, "--version"], capture_output=True, text=True, check=True
    )
    assert __version__ in done.stdout
