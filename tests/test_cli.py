"""The command line and the tour, run as a user runs them."""

import io
import os
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from glassnet import MLP
from glassnet.tour import run, tour
from glassnet.tour.backpropagation import central_differences
from glassnet.tour.report import Chapter, Table, Takeaway, Text, render


def glassnet(*args, cwd=None):
    return subprocess.run(
        [sys.executable, "-c", "from glassnet.cli import main; main()", *args],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
    )


def test_info_prints_versions_and_engines():
    done = glassnet("info")
    assert done.returncode == 0
    for word in ("glassnet ", "Python ", "numpy ", "scikit-learn ", "engines "):
        assert word in done.stdout


def test_help_lists_the_commands():
    done = glassnet("--help")
    assert done.returncode == 0
    assert "tour" in done.stdout
    assert "info" in done.stdout


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tour")
    done = glassnet("tour", "--output", "report.html", "--seeds", "2", cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout, folder


def test_the_tour_shows_progress_a_summary_and_the_path(report):
    out, folder = report
    assert [int(n) for n in re.findall(r"\[(\d)/7\]", out)] == [1, 2, 3, 4, 5, 6, 7]
    assert str(folder / "report.html") in out.replace("\n", "")
    assert "✗" not in out


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.images, self.text = [], 0, []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        for name in ("src", "href"):
            target = attributes.get(name, "#")
            assert target.startswith(("#", "data:")), target  # nothing from a network
        if tag == "img":
            self.images += 1
            assert attributes["alt"]
        if tag not in ("img", "meta", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_the_report_is_one_file_with_everything_inside(report):
    _, folder = report
    assert [path.name for path in folder.iterdir()] == ["report.html"]
    text = (folder / "report.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert page.open == []
    assert page.images >= 10
    assert "<!--" not in text
    assert "@import" not in text
    assert "url(" not in text
    assert 'name="viewport"' in text


def test_every_key_takeaway_is_a_measured_line(report):
    _, folder = report
    text = (folder / "report.html").read_text(encoding="utf-8")
    for words in (
        "A perceptron can learn only linear decision boundaries",
        "A multi-layer network learns complex non-linear patterns",
        "Activation functions introduce the non-linearity",
        "Backpropagation computes gradients exactly",
        "The optimizer decides how fast a network learns",
    ):
        (measured,) = re.findall(rf"{words}.*?</strong><span>(.*?)</span>", text)
        assert re.search(r"\d", measured)


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
        Takeaway("Another", "−1", False),
    ]
    chapter = Chapter("title", [Text("text")], takeaways)
    monkeypatch.setattr(run, "CHAPTERS", (("quick", lambda seeds: chapter),))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("encoding", "texts"),
    [
        ("ascii", ["ok A claim [bold] :smile:", "97.5 +/- 1 ?", "no Another", "-1", "+---"]),
        ("cp1252", ["ok A claim", "97.5 +/- 1 ?", "no Another", "-1", "+---"]),
        ("utf-8", ["✓ A claim [bold] :smile:", "97.5\xa0±\xa01 Ж", "✗ Another", "−1", "─"]),
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


def test_the_command_names_the_option(tmp_path):
    done = glassnet("tour", "-o", "", cwd=tmp_path)
    assert done.returncode == 2
    assert "--output" in done.stderr
    assert "[1/7]" not in done.stdout


@pytest.fixture
def default_handler():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("default_handler")
def test_ctrl_c_in_training_ends_the_tour(tmp_path, monkeypatch):
    def chapter(seeds):
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
    assert "[1/7]" in process.stdout.readline()
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err == "Interrupted.\n"
    assert "[7/7]" not in out
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_ours_is_escaped():
    chapter = Chapter(
        "<a>", [Text("<b>ours</b>"), Table(["<h>"], [["<c>"]])], [Takeaway("<d>", "<e>", False)]
    )
    page = render([chapter], "<f>")
    for foreign in "achdef":
        assert f"<{foreign}>" not in page.split("<ul")[1]
    assert "<b>ours</b>" in page
    assert 'class="fails"' in page


def test_central_differences_of_a_known_gradient():
    theta = np.array([1.0, -2.0, 3.0])
    np.testing.assert_allclose(
        central_differences(lambda t: float(np.sum(t**3)), theta), 3 * theta**2, rtol=1e-8
    )
