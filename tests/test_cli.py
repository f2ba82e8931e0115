"""The command line and the tour, run as a user runs them."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from glassnet.tour import tour
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
    with pytest.raises(ValueError, match="seeds must be at least 2; got 1"):
        tour(tmp_path / "report.html", seeds=1)
    assert glassnet("tour", "--seeds", "0").returncode == 2


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
    import numpy as np

    theta = np.array([1.0, -2.0, 3.0])
    np.testing.assert_allclose(
        central_differences(lambda t: float(np.sum(t**3)), theta), 3 * theta**2, rtol=1e-8
    )
