"""Running the tour: where the report goes, what is said, how it ends."""

import io
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from glassnet import MLP
from glassnet.tour import run, tour
from glassnet.tour.report import Chapter, Takeaway, Text

from support.command import glassnet


def test_a_wrong_folder_or_number_is_said_before_anything_runs(tmp_path):
    with pytest.raises(
        ValueError, match=r"output must lie in a folder that exists; got .*nowhere"
    ):
        tour(tmp_path / "nowhere" / "report.html")
    assert glassnet("tour", "--seeds", "0").returncode == 2


@pytest.mark.parametrize("seeds", [1, True, 2.0, float("nan"), "5", None, [5]])
def test_seeds_of_a_wrong_type_or_size_are_said(tmp_path, seeds):
    with pytest.raises(ValueError, match=r"seeds must be a whole number >= 2; got "):
        tour(tmp_path / "report.html", seeds=seeds)


@pytest.fixture
def quick(monkeypatch):
    """Replace the chapters by one that takes no time."""
    takeaways = [
        Takeaway(
            "A claim [bold] :smile:", "97.5\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}1 Ж", True
        ),
        Takeaway("Another", "−1 to 2·10⁻¹⁵", False),
    ]
    chapter = Chapter("title", [Text("text")], takeaways)
    monkeypatch.setattr(run, "CHAPTERS", (("quick", lambda seeds: chapter),))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("encoding", "texts"),
    [
        (
            "ascii",
            ["ok A claim [bold] :smile:", "97.5 +/- 1 ?", "no Another", "-1 to 2e-15", "+---"],
        ),
        ("cp1252", ["ok A claim", "97.5 +/- 1 ?", "no Another", "-1 to 2e-15", "+---"]),
        (
            "utf-8",
            ["✓ A claim [bold] :smile:", "97.5\xa0±\xa01 Ж", "✗ Another", "−1 to 2·10⁻¹⁵", "─"],
        ),
    ],
)
def test_the_summary_fits_the_encoding(tmp_path, monkeypatch, encoding, texts):
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("COLUMNS", "100")
    tour(tmp_path / "[bold]:smile:Ж.html")
    printed = out.buffer.getvalue().decode(encoding)
    for text in texts:
        assert text in printed
    assert ("[bold]:smile:Ж" if encoding == "utf-8" else "[bold]:smile:?") in printed
    assert (tmp_path / "[bold]:smile:Ж.html").is_file()


@pytest.mark.usefixtures("quick")
def test_home_is_expanded_and_a_link_followed(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert tour("~/x.html") == tmp_path.resolve() / "x.html"
    assert str(tmp_path / "x.html") in capsys.readouterr().out
    link = tmp_path / "link.html"
    link.symlink_to(tmp_path / "target.html")
    tour(link)
    assert link.is_symlink()
    assert (tmp_path / "target.html").is_file()


@pytest.mark.parametrize("output", ["", ".", "folder"])
def test_a_folder_is_no_output(tmp_path, monkeypatch, output):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match=rf"output must name a file.*got '{output}'"):
        tour(output)


@pytest.mark.skipif(sys.platform == "win32", reason="needs FIFOs and /dev/null")
def test_a_pipe_or_device_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for output in (tmp_path / "pipe", os.devnull):
        with pytest.raises(ValueError, match=r"output must be a regular file or a new one"):
            tour(output)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("output", ["~nobody-of-this-name/x.html", "x" * 5000, "loop/x.html"])
def test_a_path_that_the_system_refuses(tmp_path, monkeypatch, output):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ValueError, match=r"^output must .*; got "):
        tour(output)


def test_a_folder_that_is_not_writable_is_said_first(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):  # root may write anywhere but where the kernel says no
        folder = Path("/proc")
    if not folder.is_dir():
        pytest.skip("no folder here that this user cannot write to")
    with pytest.raises(ValueError, match=r"output must be writable; got "):
        tour(folder / "x.html")


@pytest.fixture
def default_handler():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("default_handler")
def test_ctrl_c_in_training_ends_the_tour(tmp_path, monkeypatch):
    def chapter(seeds):
        """Be interrupted while training; `fit` itself would return the network."""
        MLP([1, 1]).fit(
            np.array([[0.0], [1.0]]),
            np.array([[0.0], [1.0]]),
            callbacks=[lambda epoch: signal.raise_signal(signal.SIGINT)],
        )
        raise AssertionError("the tour went on with a half-trained network")

    monkeypatch.setattr(run, "CHAPTERS", (("interrupted", chapter),))
    with pytest.raises(KeyboardInterrupt):
        tour(tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("quick", "default_handler")
def test_a_foreign_handler_is_left_alone(tmp_path):
    def foreign(number, frame):
        """Do nothing."""

    signal.signal(signal.SIGINT, foreign)
    tour(tmp_path / "report.html")
    assert signal.getsignal(signal.SIGINT) is foreign
