"""How a diagnosis shows itself: HTML with its pictures inside, JSON, text."""

import base64
import json
import math
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from benchmarks.diagnosis_cases import moons

from glassnet import MLP, diagnose, optimizers
from glassnet.insight.diagnosis import Evidence, Finding, Report
from glassnet.insight.diagnosis.cures import GENTLER, applied
from glassnet.insight.diagnosis.pictures import image, small_picture
from glassnet.insight.diagnosis.reading import case_of

pd = pytest.importorskip("pandas")
SVG = "{http://www.w3.org/2000/svg}"
NASTY = '<script>alert("x")</script> & <b>'


class Tags(HTMLParser):
    """What is opened, what its attributes are, and the words between."""

    def __init__(self, page):
        super().__init__()
        self.opened, self.words = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.opened.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag

    def handle_data(self, data):
        self.words += data


def drawn(series, label="loss, epoch by epoch"):
    return ElementTree.fromstring(small_picture(series, label))


def test_pictures_are_inside_the_page_and_nothing_is_fetched():
    X, y = moons(0, 120)
    net = MLP([2, 8, 1], loss="binary_cross_entropy", seed=0)
    told = {"optimizer": optimizers.Adam(1e-6), "epochs": 30, "batch_size": 32}
    page = diagnose(net, X, y, **told)._repr_html_()
    ElementTree.fromstring(page)  # every tag is closed
    (source,) = [attrs["src"] for tag, attrs in Tags(page).opened if tag == "img"]
    kind, inside = source.split(",")
    assert kind == "data:image/svg+xml;base64"
    svg = base64.b64decode(inside)
    assert ElementTree.fromstring(svg).find(f"{SVG}polyline") is not None
    assert "http" not in page
    assert svg.count(b"http") == 1  # the name of the SVG language


def test_names_of_features_are_written_and_cannot_be_markup():
    X, y = moons(0, 120)
    frame = pd.DataFrame(np.column_stack([X, X[:, 0]]), columns=["a", "b", NASTY])
    report = diagnose(MLP([3, 8, 1], loss="binary_cross_entropy", seed=0), frame, y)
    one = report.findings[report.names.index("constant_or_duplicate_features")]
    assert NASTY in one.explanation
    tags = Tags(report._repr_html_())
    assert NASTY in tags.words
    assert {tag for tag, _ in tags.opened} <= {
        "div",
        "section",
        "h4",
        "p",
        "code",
        "small",
        "img",
    }


def test_every_text_of_a_finding_is_escaped():
    nasty = Evidence(NASTY, 1.0, NASTY, NASTY, (1.0, 2.0), NASTY)
    page = Report((Finding(NASTY, nasty, NASTY, NASTY),), (NASTY,))._repr_html_()
    assert "<script" not in page
    assert "<b>" not in page
    assert [tag for tag, _ in Tags(page).opened].count("img") == 1


def test_the_cure_has_the_penalty_that_was_tried_and_needs_no_hidden_layer():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 60))
    y = (X[:, 0] + 0.8 * rng.normal(size=120) > 0).astype(int)
    line = MLP([60, 1], loss="binary_cross_entropy", alpha=0.05, seed=0)
    report = diagnose(line, X, y, optimizer=optimizers.Adam(0.05), epochs=300, batch_size=32)
    (found,) = report.findings
    assert found.name == "overfitting"
    assert found.change in GENTLER
    tried = applied(case_of(line, X, y, None, None, {}, 0), found.change, 0)
    assert f"alpha={tried.plan.alpha:g};" in found.cure


def test_names_go_with_an_argument_too():
    X, y = moons(0, 120)
    wide = np.column_stack([X, np.ones(120)])
    net = MLP([3, 8, 1], loss="binary_cross_entropy", seed=0)
    said = str(diagnose(net, wide, y, feature_names=["a", "b", "salt"]))
    assert "feature 'salt'" in said
    assert "feature 2" in str(diagnose(net, wide, y))
    with pytest.raises(ValueError, match="feature_names must be 3, one per column; got 2"):
        diagnose(net, wide, y, feature_names=["a", "b"])


def test_few_numbers_are_bars_as_high_as_they_are_large():
    bars = drawn([1.0, 4.0, 0.0, 2.0], "share, layer by layer").findall(f"{SVG}rect")[1:]
    heights = [float(bar.get("height")) for bar in bars]
    assert heights[0] / heights[1] == pytest.approx(0.25, abs=0.01)
    assert heights[3] / heights[1] == pytest.approx(0.5, abs=0.01)
    assert heights[2] == 1.0  # a hair
    feet = {float(b.get("y")) + float(b.get("height")) for b in bars}
    assert max(feet) - min(feet) < 0.2


def test_a_line_falls_where_the_loss_does_and_keeps_its_end():
    points = drawn(np.linspace(5, 1, 999)).find(f"{SVG}polyline").get("points").split()
    places = np.array([point.split(",") for point in points], float)
    assert len(places) <= 241
    assert (np.diff(places, axis=0) >= 0).all()  # downwards is a larger y
    np.testing.assert_allclose(places[[0, -1]], [[52, 20], [290, 68]])


def test_wide_ranges_are_logarithmic_and_say_so():
    tree = drawn([1e-6, 1e-4, 1e-2])
    assert "loss, epoch by epoch (log scale)" in [t.text for t in tree.findall(f"{SVG}text")]
    heights = [
        float(p.split(",")[1]) for p in tree.find(f"{SVG}polyline").get("points").split()
    ]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.2)
    assert "log scale" not in small_picture([-1.0, 1.0, 1e4], "loss")


def test_numbers_that_are_not_finite_are_left_out():
    assert image([math.nan, 1.0, math.inf], "loss") == ""
    assert (
        len(drawn([1.0, math.nan, 2.0] * 9).find(f"{SVG}polyline").get("points").split()) == 18
    )
    found = Report((Finding("a", Evidence("b", math.inf, "c", "d"), "e", "f"),), ()).to_json()
    assert json.loads(found)["findings"][0]["evidence"]["value"] is None
