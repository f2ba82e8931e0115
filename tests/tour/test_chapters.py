"""What the chapters say of themselves, checked by other means."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.datasets import make_moons
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from glassnet import MLP, diagnose, optimizers
from glassnet.tour import hidden_units, ladder, moons, perceptrons, pictures
from glassnet.tour.backpropagation import central_differences
from glassnet.tour.pictures import picture
from glassnet.tour.report import Printed
from glassnet.tour.tools import number, percent, spread

X, Y = make_moons(200, noise=0.1, random_state=42)


# --- numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0028123, "0.0028"),
        (0.14, "0.14"),
        (1.06, "1.1"),
        (-3.14159, "-3.1"),
        (13.4, "13"),
        (1240.0, "1200"),
        (2.54e-11, "2.5·10⁻¹¹"),
        (9.96e-4, "1.0·10⁻³"),
        (1.5e20, "1.5·10²⁰"),
        (float("inf"), "inf"),
    ],
)
def test_numbers_have_two_digits_that_count(value, text):
    assert number(value) == text


def test_a_number_with_one_digit():
    assert number(1.4e-10, 1) == "1·10⁻¹⁰"


def test_shares_are_percentages_with_one_decimal():
    assert percent(0.355) == "35.5\N{NO-BREAK SPACE}%"
    assert spread([0.98, 1.0]).replace("\N{NO-BREAK SPACE}", " ") == "99.0 ± 1.0 %"


# --- pictures --------------------------------------------------------------------------


def test_a_picture_has_the_layouts_asked_for_and_is_the_same_each_time():
    def draw(figure: Figure):
        figure.subplots().plot([0, 1, 2], [0, 1 / 3, 1 / 7])

    one = picture(draw, (4, 3), narrow=(2, 3))
    assert one == picture(draw, (4, 3), narrow=(2, 3))
    assert picture(draw, (4, 3)).narrow is None
    assert b'width="288pt" height="216pt"' in one.wide
    assert b'width="144pt"' in one.narrow


def test_shorter_paths_draw_the_same(monkeypatch):
    def draw(figure: Figure):
        (line,) = figure.add_axes((0, 0, 1, 1)).plot(np.sin(np.arange(50.0)))
        line.set_gid("mine")

    short = pictures.picture(draw, (4, 3)).wide
    monkeypatch.setattr(pictures, "_shorter", lambda svg: svg)
    whole = pictures.picture(draw, (4, 3)).wide
    assert len(short) < 0.9 * len(whole)
    drawn = [re.search(rb'id="mine">\s*<path d="([^"]*)"', svg)[1] for svg in (short, whole)]
    first, second = (re.findall(rb"[A-Z]", path) for path in drawn)
    assert first == second
    points = [np.array(re.findall(rb"-?[\d.]+", path), dtype=float) for path in drawn]
    np.testing.assert_allclose(*points, atol=0.01)


# --- the exclusive or --------------------------------------------------------------------


def test_no_straight_line_solves_the_exclusive_or():
    corners, classes = perceptrons.xor()
    assert LogisticRegression().fit(corners, classes).score(corners, classes) < 0.8


def test_two_hidden_units_solve_it_and_the_output_sees_a_straight_line():
    corners, classes = perceptrons.xor()
    net = hidden_units.small_network(2, 3, corners, classes)
    assert np.mean(net.predict(corners) == classes) >= 0.99
    seen = np.tanh(corners @ net.weights[0] + net.biases[0])
    assert LogisticRegression(C=1e3).fit(seen, classes).score(seen, classes) >= 0.99


def test_from_some_starts_two_units_get_stuck():
    corners, classes = perceptrons.xor()
    net = MLP([2, 2, 1], activation="tanh", loss="binary_cross_entropy", seed=0)
    net.fit(corners, classes, optimizer=optimizers.SGD(0.5), epochs=5000)
    assert np.mean(net.predict(corners) == classes) < 0.8
    assert np.linalg.norm(net.loss_and_gradients(corners, classes)[1]) < 1e-3


def test_the_dashed_lines_are_where_the_hidden_units_are_zero():
    corners, classes = perceptrons.xor()
    net = hidden_units.small_network(2, 3, corners, classes)
    figure = Figure()
    hidden_units._draw_inputs(net, corners, classes, figure)
    lines = [line for line in figure.axes[0].lines if hasattr(line, "get_xy1")]
    assert len(lines) == 2
    for unit, line in enumerate(lines):
        x, y = line.get_xy1()
        for point in ([x, y], [x + 1, y + line.get_slope()]):
            z = np.array(point) @ net.weights[0][:, unit] + net.biases[0][unit]
            assert abs(z) < 1e-9


# --- the ladder --------------------------------------------------------------------------


def test_one_is_the_loss_of_always_answering_one_half():
    half = np.full(len(Y), 0.5)
    assert ladder.ONE_HALF["squared_error"] == 0.5 * np.mean((half - Y) ** 2)
    assert ladder.ONE_HALF["binary_cross_entropy"] == pytest.approx(log_loss(Y, half))
    for cure in ladder.CURES:
        net = ladder.network(cure, 0)
        net.theta = np.zeros_like(net.theta)
        if cure.network["loss"] == "squared_error":
            net.biases[-1][:] = 0.5
        net.history.loss.append(net.loss_and_gradients(X, Y)[0])
        assert ladder.relative_losses(net)[0] == pytest.approx(1.0)


def test_gradient_lengths_are_those_of_central_differences():
    net = ladder.untrained()
    theta = net.theta.copy()

    def loss(moved):
        net.theta = moved
        return net.loss_and_gradients(X, Y)[0]

    numeric = central_differences(loss, theta)
    net.theta = theta
    weights = [one.of(numeric) for one in net.plan.parameters if one.name.startswith("W")]
    expected = [np.linalg.norm(part) for part in weights]
    np.testing.assert_allclose(ladder.gradient_lengths(net, X, Y), expected, rtol=1e-6)


def test_each_rung_repairs_the_gradient_and_the_last_one_uses_it(monkeypatch):
    monkeypatch.setattr(ladder, "STEPS", 100)
    rungs = ladder.climb(2)
    ratios = [rung.first_to_last for rung in rungs]
    assert ratios[0] < ratios[1] < ratios[2] < ratios[3] == ratios[4]
    assert ratios[5] == ratios[0]
    assert [rung.losses.shape for rung in rungs] == [(2, 100)] * 6
    assert min(rungs[4].held_out) > 0.85 > max(rungs[0].held_out)


@pytest.mark.parametrize(("width", "shape"), [(7.2, (1, 2)), (4.0, (2, 1))])
def test_the_ladder_is_drawn_for_both_widths(monkeypatch, width, shape):
    monkeypatch.setattr(ladder, "STEPS", 30)
    figure = Figure(figsize=(width, 7))
    rungs = ladder.climb(2)
    moons._draw_ladder(rungs, figure)
    by_layer, by_step = figure.axes
    assert by_layer.get_gridspec().get_geometry() == shape
    curves = by_step.get_lines()[: len(rungs)]
    for rung, line in zip(rungs, curves, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), rung.losses.mean(axis=0)[::10])
    entries = [text.get_text() for text in figure.legends[0].get_texts()]
    assert entries == [rung.cure.change for rung in rungs]
    assert figure.legends[0]._ncols == (1 if width < 5 else 2)
    figure.draw_without_rendering()
    assert figure.legends[0].get_window_extent().x1 <= figure.bbox.x1


def test_central_differences_of_a_known_gradient():
    theta = np.array([1.0, -2.0, 3.0])
    np.testing.assert_allclose(
        central_differences(lambda t: float(np.sum(t**3)), theta), 3 * theta**2, rtol=1e-8
    )


# --- the diagnosis -----------------------------------------------------------------------


def test_the_notebook_s_network_is_diagnosed_and_cured_in_the_words_of_diagnose():
    failed = ladder.notebook_network(X, Y)
    chapter = moons.moons(2)
    (printed,) = [block for block in chapter.blocks if isinstance(block, Printed)]
    told = {"optimizer": optimizers.SGD(0.01), "epochs": 1000}
    said = diagnose(failed, X, Y, prove=True, **told).findings[0]
    assert printed.text == str(said)
    assert printed.text.startswith("vanishing_gradients\n")
    assert said.proof.train[0] == 0.355  # the notebook's own figure
    assert said.proof.train[1] >= 0.99
    assert len(printed.text.splitlines()) <= 6
    assert any(f"{said.proof}" in t.measured and t.holds for t in chapter.takeaways)
    assert "&gt;" in printed.render()
