"""The report of one real run: whole, plain, and every claim measured."""

import base64
import re
from html.parser import HTMLParser

import pytest

from glassnet.tour.glossary import GLOSSARY, term
from glassnet.tour.pictures import Picture
from glassnet.tour.report import Chapter, Figure, Table, Takeaway, Text, render

from support.command import glassnet


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Run the tour once: what it printed, and where."""
    folder = tmp_path_factory.mktemp("tour")
    done = glassnet("tour", "--output", "report.html", "--seeds", "2", cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout, folder


@pytest.fixture(scope="module")
def page(ran):
    page = Page()
    page.feed((ran[1] / "report.html").read_text(encoding="utf-8"))
    return page


class Page(HTMLParser):
    """What a browser would find."""

    def __init__(self):
        super().__init__()
        self.open, self.pictures, self.text = [], [], []
        self.links, self.ids, self.narrow = [], [], 0

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        for name in ("src", "srcset", "href"):
            target = attributes.get(name, "#")
            assert target.startswith(("#", "data:image/svg+xml;base64,")), target
            if target.startswith("data:"):
                self.pictures.append(base64.b64decode(target.partition(",")[2]).decode())
            elif name in attributes:
                self.links.append(target[1:])
        self.narrow += tag == "source"
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "img":
            assert attributes["alt"]
        if tag not in ("img", "meta", "br", "link", "source"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)

    @property
    def words(self):
        return " ".join(self.text)


def test_the_tour_shows_progress_a_summary_and_the_path(ran):
    out, folder = ran
    assert [int(n) for n in re.findall(r"\[(\d)/8\]", out)] == list(range(1, 9))
    assert str(folder / "report.html") in out.replace("\n", "")
    assert "✗" not in out


def test_the_report_is_one_file_with_everything_inside(ran, page):
    folder = ran[1]
    assert [path.name for path in folder.iterdir()] == ["report.html"]
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert page.open == []
    assert "<!--" not in text
    assert "@import" not in text
    assert "url(" not in text
    assert 'name="viewport"' in text
    assert len(text) < 4_000_000


def test_pictures_are_drawings_that_need_no_font_and_no_network(page):
    assert len(page.pictures) >= 14 + page.narrow
    for svg in page.pictures:
        assert svg.rstrip().endswith("</svg>")
        assert "<text" not in svg
        # Names of the formats' definitions; nothing that a viewer would fetch.
        fetched = re.findall(r'href="(?!#|data:)([^"]*)"', svg)
        assert fetched == []


def test_wide_pictures_have_a_layout_for_a_phone(page):
    assert page.narrow == 6  # the ladder, two galleries, three races


def test_every_key_takeaway_is_a_measured_line(ran):
    text = (ran[1] / "report.html").read_text(encoding="utf-8")
    for words in (
        "A perceptron can learn only linear decision boundaries",
        "Hidden units solve what one straight line cannot",
        "A network may fail to learn without any error message",
        "A multi-layer network learns complex non-linear patterns",
        "Activation functions introduce the non-linearity",
        "Backpropagation computes gradients exactly",
        "The optimizer decides how fast a network learns",
        "The same few formulas work on real data",
    ):
        (measured,) = re.findall(rf"{words}.*?</strong><span>(.*?)</span>", text)
        assert re.search(r"\d", measured)


def test_numbers_are_written_in_one_way(ran, page):
    for text in (page.words, ran[0]):
        assert "%" in text
        assert re.findall(r"\d%", text) == []
        assert re.findall(r"\d ?e[-+]?\d", text) == []


def test_every_link_leads_somewhere_and_every_word_is_linked(page):
    assert len(set(page.ids)) == len(page.ids)
    assert set(page.links) <= set(page.ids)
    words = [name for name in page.ids if name.startswith("word-")]
    assert len(words) == len(GLOSSARY)
    assert set(words) <= set(page.links)


@pytest.mark.parametrize(
    "words",
    ["η (eta)", "full batch", "held out", "central differences", "dropout", "label smoothing"],
)
def test_terms_are_explained(page, words):
    assert words in page.words.replace("full  batch", "full batch")


def test_an_unknown_word_is_not_linked():
    with pytest.raises(KeyError, match="perplexity"):
        term("perplexity")


def test_what_is_not_ours_is_escaped():
    chapter = Chapter(
        "<a>",
        [
            Text("<b>ours</b>"),
            Table(["<h>"], [["<c>"]], "<i>"),
            Figure([Picture(b"<svg/>", b"<svg/>")], "<j>", '"<k>'),
        ],
        [Takeaway("<d>", "<e>", False)],
    )
    page = render([chapter], "<f>")
    for foreign in "acdefhijk":
        assert f"<{foreign}>" not in page.split("<ul")[1]
    assert "<b>ours</b>" in page
    assert 'class="fails"' in page
