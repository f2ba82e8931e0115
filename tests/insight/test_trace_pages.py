"""A trace as HTML and as LaTeX: whole, safe, and readable by others than ourselves."""

import html.parser
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from glassnet import MLP, Perceptron, catalog, optimizers, trace
from glassnet.insight.lines import display, latex, mathml, notation, page
from glassnet.insight.lines.expressions import Call, Name, New, Number, Partial, Rest, root
from glassnet.insight.lines.line import Line
from glassnet.insight.lines.mathml import MATHML
from glassnet.insight.lines.symbols import symbol

from support import by_hand, typeset
from support.traced import RNG, X, Y, network

ARGUMENTS = {"mfrac": 2, "msub": 2, "msup": 2, "mover": 2, "msubsup": 3}
# MathML Core, W3C: the elements that every current browser lays out.
CORE = {"math", "mfrac", "mi", "mn", "mo", "mover", "mrow", "msqrt", "msub", "msubsup", "msup"}
CORE |= {"mtext"}
KINDS = ("python", "text")
TRACES = {
    "adam": lambda: trace(network(alpha=0.1), X, Y, "adam(0.1)"),
    "norm": lambda: trace(network(norm=["batch", "layer"], dropout=0.3), X, Y, "nadam"),
    "clipped": lambda: trace(network(), X[:1], Y[:1], "rmsprop(clip_norm=0.1, centred=True)"),
    "classes": lambda: trace(
        MLP([2, 8, 3], loss="cross_entropy", seed=0), X, [0, 1, 2], "radam", step=7
    ),
    "perceptron": lambda: trace(Perceptron(), X, [0, 1, 1]),
}


@pytest.fixture(params=TRACES, scope="module")
def found(request):
    return TRACES[request.param]()


# --- HTML --------------------------------------------------------------------------------


def test_the_page_is_whole_and_every_element_has_its_parts(found):
    whole = ET.fromstring(found._repr_html_())
    assert whole.tag == "div"
    formulas = list(whole.iter("math"))
    assert len(formulas) > len(found.lines)
    for formula in formulas:
        assert {element.tag for element in formula.iter()} <= CORE
        for element in formula.iter():
            if element.tag in ARGUMENTS:
                assert len(element) == ARGUMENTS[element.tag], ET.tostring(element)
            if element.tag in ("mi", "mn", "mo", "mtext"):
                assert element.text
                assert not len(element)
            else:
                assert not (element.text or "").strip()
                assert len(element)


def test_the_page_needs_nothing_but_itself(found):
    shown = found._repr_html_()
    assert not re.search(
        r"<(script|link|img|iframe|object)|https?:|url\(|@import|\bon\w+=", shown
    )
    assert shown.count("<tr>") == len(found.lines)


def test_its_tables_outdo_those_of_a_notebook(found):
    """JupyterLab sets ``.jp-RenderedHTMLCommon:not(.jp-RenderedMarkdown) td`` flush right."""
    style = re.search(r"<style>(.*)</style>", found._repr_html_(), re.DOTALL)[1]
    selectors = re.findall(r"(?m)^(\.glassnet-trace[^{]*)\{", style)
    of_tables = [one for one in selectors if re.search(r" (table|caption|tbody|tr|td)\b", one)]
    assert len(of_tables) == 7
    assert all(one.count(".glassnet-trace") > 2 for one in of_tables)


def test_a_browsers_own_parser_reads_it_without_mending(found):
    """HTML knows no self-closing elements but void ones: each tag must be closed in turn."""

    class Reader(html.parser.HTMLParser):
        def __init__(self):
            super().__init__()
            self.open, self.text = [], []

        def handle_starttag(self, tag, attrs):
            self.open.append(tag)

        def handle_startendtag(self, tag, attrs):
            raise AssertionError(f"<{tag}/>")

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

        def handle_data(self, data):
            self.text.append(data)

    reader = Reader()
    reader.feed(found._repr_html_())
    reader.close()
    assert not reader.open
    assert found.headline in "".join(reader.text)


def test_the_page_shows_what_the_text_does(found):
    """Every value of the text stands in the page, and in the same order."""
    whole = ET.fromstring(found._repr_html_())
    rows = [row for row in whole.iter("tr") if len(row) == 3]
    lines = [line for line in found.lines if line.right is not None]
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        shown = (
            "".join(list(row.iter("math"))[-1].itertext()).replace("=", "").replace("−", "-")
        )
        assert float(re.sub(r"×10(-?\d+)", r"e\1", shown)) == float(notation.number(line.value))
        assert "".join(row[2].itertext()) == line.remark


@pytest.mark.parametrize(("terms", "places"), [(2, 2), (20, 3)])
def test_a_value_stands_below_numbers_that_are_wide(terms, places):
    numbers = sum((Name("a", (i,), 1.25) for i in range(1, terms)), Name("a", (0,), 1.25))
    whole = ET.fromstring(page.html("", [Line("Forward", Name("z"), numbers, 2.5)]))
    assert len([one for one in whole.iter("span") if one.get("class") == "step"]) == places


SLY = "a_<script>alert(1)</script>&\"'"


class Sly(optimizers.SGD):
    name = SLY

    def __repr__(self):
        return SLY


def test_names_are_escaped():
    given = trace(network(), X, Y, Sly(0.1))
    assert f"W0[0,0] + {SLY}_step" in str(given)
    shown = "".join(ET.fromstring(given._repr_html_()).itertext())
    assert SLY in shown  # in the headline
    assert f"{SLY} step".replace("_", " ") in shown
    assert "<script" not in given._repr_html_()
    assert r"a\_<script>alert(1)</script>\&" in given.to_latex()


@pytest.mark.parametrize("name", [SLY, "</mi><b>", "50%", "a{b}", "$x$", "\\input", "x#~^"])
def test_whatever_a_name_is_made_of_it_stays_a_name(name):
    called = Call(name, (Name(name, (name,), 1.0),))
    line = Line("<i>", Partial(name, Name(name)), called, 1.0, "<u>", remark=name)
    shown = "".join(ET.fromstring(page.html(name, [line])).itertext())
    assert shown.count(name.removesuffix("'")) >= 4
    source = latex.latex(name, [line])
    assert not re.search(r"(?<!\\)[%#]", source)
    assert r"\input" not in source.replace(r"\textbackslash{}input", "")


# --- LaTeX -------------------------------------------------------------------------------


def test_matplotlib_sets_every_formula(found):
    """Its mathtext is a reader of TeX's mathematics that is not ours."""
    mathtext = pytest.importorskip("matplotlib.mathtext")
    parser = mathtext.MathTextParser("path")
    for part, _, members in display.groups(found.lines):
        count = 7 if part == "Update" else 2
        for line in [one for one in members if one.right is not None][:count]:
            sources = [notation.written(line.left, latex.LATEX)]
            sources += [notation.written(line.right, latex.LATEX, n) for n in (False, True)]
            for source in sources:
                parser.parse(f"${source}$")


def test_what_is_typeset_comes_to_what_is_printed(found):
    """MathML and LaTeX are read back by readers of their own, and worked out."""
    for line in found.lines:
        if not line.numbers or "activations" in line.evaluates:
            continue
        text = by_hand.worked(line.numbers)
        element = ET.fromstring(mathml.math(notation.written(line.right, MATHML, True)))
        assert typeset.mathml(element) == pytest.approx(text, rel=1e-9, abs=1e-12), line
        source = notation.written(line.right, latex.LATEX, numbers=True)
        assert typeset.latex(source) == pytest.approx(text, rel=1e-9, abs=1e-12), line


def test_the_source_opens_and_closes_what_it_uses(found):
    source = found.to_latex()
    assert source.count(r"\begin{align*}") == source.count(r"\end{align*}") > 0
    bare = source.replace(r"\\", "").replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")
    for row in re.split(r"\\\\\n|\\end", source):
        assert row.count("&=") <= 1
    assert source.isascii()


def test_the_source_as_it_stands():
    given = trace(MLP([1, 1], initializer="zeros"), [[3.0]], [1.0], "sgd(0.1)")
    assert given.to_latex().startswith(
        "One step of SGD(learning\\_rate=0.1) on one sample: loss 0.5\n\n"
        "\\paragraph{Forward: layers.dense}\n\\begin{align*}\n"
        "z_{0}^{(0)} &= x_{0} \\cdot W_{0, 0}^{(0)} + b_{0}^{(0)} \\\\\n"
        "&= 3 \\cdot 0 + 0 \\\\\n&= 0\n\\end{align*}\n"
    )


def test_the_page_in_the_docs_shows_a_trace_as_it_is_printed():
    text = (Path(__file__).parents[2] / "docs" / "trace.md").read_text(encoding="utf-8")
    code, shown = (re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL)[1] for kind in KINDS)
    namespace = {}
    exec(code.replace("print(found)\n", ""), namespace)
    assert str(namespace["found"]) + "\n" == shown


# --- how single things are set -----------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "text", "numbers"),
    [
        (Name("a", (), 2.0) - Name("b", (), -3.0), "a - b", "2 - (-3)"),
        (-Name("a", (), 2.0) + 1, "-a + 1", "-2 + 1"),
        (2 * (Name("a", (), 2.0) + 1), "2·(a + 1)", "2·(2 + 1)"),
        (1 / (2 * Name("a", (), 2.0)), "1/(2·a)", "1/(2·2)"),
        (1 / (Name("a", (), 2.0) / 3), "1/(a/3)", "1/(2/3)"),
        (Name("a", (), -2.0) ** 2, "a^2", "(-2)^2"),
        (Partial("L", Name("W0", (0,)), 3.0) ** 2, "(∂L/∂W0[0])^2", "3^2"),
        (root(Name("a", (), 4.0)) + 1, "√(a) + 1", "√(4) + 1"),
        (Name("a", (), 4.0) - (1 - Number(3)), "a - (1 - 3)", "4 - (1 - 3)"),
        (Name("a", (), 1e-9) + Rest(5, -1.0), "a + … 5 more", "1e-09 + (-1)"),
        (Call("max", (Name("a", (), -1.0), Number(0))), "max(a, 0)", "max(-1, 0)"),
        (1 - New(Name("b0", (1,)), 0.5), "1 - new b0[1]", "1 - 0.5"),
    ],
)
def test_brackets_stand_where_they_are_needed(expression, text, numbers):
    assert notation.written(expression, notation.TEXT) == text
    assert notation.written(expression, notation.TEXT, numbers=True) == numbers


@pytest.mark.parametrize(
    ("name", "index", "letter", "below", "layer"),
    [
        ("W0", (0, 1), "W", ("0", "1"), "0"),
        ("delta_a12", (3,), "δ", ("a", "3"), "12"),
        ("m_hat_W0", (0, 1), "m", ("W", "0", "1"), "0"),
        ("step_square_mean_b1", (0,), "step square mean", ("b", "0"), "1"),
        ("running_mean0", (2,), "running mean", ("2",), "0"),
        ("beta2", (), "β", ("2",), ""),
        ("rho_inf", (), "ρ", ("∞",), ""),
        ("momentum_product", (), "Π", (), ""),
        ("loss", ("n=3",), "loss", ("n=3",), ""),
    ],
)
def test_names_are_taken_apart(name, index, letter, below, layer):
    found = symbol(Name(name, index))
    assert (found.letter, found.below, found.layer) == (letter, below, layer)


@pytest.mark.parametrize(
    ("value", "shown", "source"),
    [
        (-2.5, "−2.5", "-2.5"),
        (1.5e-9, "1.5×10−9", r"1.5 \times 10^{-9}"),
        (-3e20, "−3×1020", r"-3 \times 10^{20}"),
        (np.inf, "∞", r"\infty"),
        (-np.inf, "−∞", r"-\infty"),
        (np.nan, "NaN", r"\mathrm{NaN}"),
    ],
)
def test_numbers_are_set_with_their_powers_of_ten(value, shown, source):
    assert "".join(ET.fromstring(mathml.math_number(value)).itertext()) == shown
    assert notation.written(Number(value), latex.LATEX) == source


@pytest.mark.parametrize(
    ("loss", "outputs", "y"),
    [("cross_entropy", 3, [0, 1]), ("binary_cross_entropy", 1, [0, 1])],
)
def test_logits_whose_exponentials_overflow_are_no_trouble(loss, outputs, y):
    net = MLP([2, outputs], loss=loss, seed=0)
    net.theta[...] *= 5000
    given = trace(net, X[:2], y)
    assert given.loss > 500
    assert np.isfinite(given.loss)
    assert by_hand.check(str(given)) >= 10
    assert f"{catalog.loss(loss)}(y[n=" in str(given)


def test_a_trace_shows_its_lines_in_a_session():
    given = trace(network(), X, Y)
    assert repr(given) == str(given)


def test_a_network_that_overflows_is_shown_all_the_same():
    net = MLP([2, 2, 1], seed=0)
    net.theta[...] = 1e200
    given = trace(net, RNG.normal(size=(2, 2)), [0.0, 1.0])
    assert "= inf" in str(given)
    ET.fromstring(given._repr_html_())
    given.to_latex()
