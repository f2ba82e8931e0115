"""The perceptron as a picture, with its trace and without: numbers worked out by hand."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection

import glassnet
from glassnet import MLP, Perceptron
from glassnet.plots import network

MINUS = "\N{MINUS SIGN}"
# With a rate of 0.5 from zero: (2, -1) scores 0, answers 1 and should answer 0, so that
# w = -0.5 · (2, -1) = (-1, 0.5) and b = -0.5; then (1, 3) scores -1 + 1.5 - 0.5 = 0: right;
# then (3, 1) scores -3 + 0.5 - 0.5 = -3, answers 0 and should answer 1.
ROWS, LABELS = [[2.0, -1.0], [1.0, 3.0], [3.0, 1.0]], ["no", "yes", "yes"]


def words(ax):
    return [text.get_text() for text in ax.texts]


def told(ax):
    return " ".join(" ".join(words(ax)).split())


def edges(ax):
    (found,) = (c for c in ax.collections if isinstance(c, LineCollection))
    return found


def test_a_step_shows_score_answer_error_and_update(figure):
    model = Perceptron(learning_rate=0.5)
    ax = network(model, glassnet.trace(model, ROWS, LABELS), ax=figure)
    said = words(ax)
    assert "x0\n2" in said
    assert f"x1\n{MINUS}1" in said
    unit = f"bias 0 ({MINUS}0.5)\nscore 0\nanswer 1\ntarget 0\nerror {MINUS}1"
    assert unit in said
    assert {f"0 ({MINUS}1)", "0 (0.5)"} <= set(said)
    assert "Step 0 of a pass of 3, with sample 0, a mistake" in told(ax)
    assert "a weight moves by 0.5 · error · x" in told(ax)
    assert "Answer 1 is 'yes', 0 is 'no'." in told(ax)
    assert "on edges: weight (update)" in [t.get_text() for t in ax.get_legend().get_texts()]
    assert not hasattr(model, "coef_")  # the picture is the trace's; nothing is learnt


def test_the_step_asked_for_is_drawn_with_the_weights_before_it(figure):
    model = Perceptron(learning_rate=0.5)
    ax = network(model, glassnet.trace(model, ROWS, LABELS), step=2, ax=figure)
    said = words(ax)
    assert f"bias {MINUS}0.5 (0.5)\nscore {MINUS}3\nanswer 0\ntarget 1\nerror 1" in said
    assert {f"{MINUS}1 (1.5)", "0.5 (0.5)"} <= set(said)
    # -1 is the largest number, 0.5 half of it: widths 0.4 + 4.6 |w|.
    np.testing.assert_allclose(sorted(edges(ax).get_linewidths()), [2.7, 5.0])


def test_a_step_without_a_mistake_moves_nothing(figure):
    model = Perceptron(learning_rate=0.5)
    ax = network(model, glassnet.trace(model, ROWS, LABELS), step=1, ax=figure)
    assert {f"{MINUS}1 (0)", "0.5 (0)"} <= set(words(ax))
    assert f"bias {MINUS}0.5 (0)\nscore 0\nanswer 1\ntarget 1\nerror 0" in words(ax)
    assert "Step 1 of a pass of 3, with sample 1, no mistake: nothing moves." in told(ax)


def test_the_first_mistake_is_shown_where_no_step_is_named(figure):
    model = Perceptron(learning_rate=0.5).partial_fit(ROWS[:1], LABELS[:1], ["no", "yes"])
    ax = network(model, glassnet.trace(model, ROWS, LABELS), ax=figure)
    assert "Step 2 of a pass of 3" in told(ax)


def test_of_several_classes_each_has_a_unit_with_its_name(figure):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 2))
    y = np.array(["a", "b", "c"])[np.digitize(X[:, 0], [-0.5, 0.5])]
    model = Perceptron(shuffle=True, random_state=0).partial_fit(X, y, list("abc"))
    found = glassnet.trace(model, X, y)
    ax = network(model, found, step=7, ax=figure)
    i = found.order[7]
    for k, name in enumerate("abc"):
        (text,) = (t for t in words(ax) if t.startswith(f"{name}\n"))
        score = float(text.split("score ")[1].split("\n")[0].replace(MINUS, "-"))
        assert score == pytest.approx(
            X[i] @ found.weights[7][:, k] + found.biases[7, k], rel=6e-3
        )
        assert f"target {int(y[i] == name)}" in text
    assert f"with sample {i}" in told(ax)


def test_without_a_trace_classes_and_biases_stand_beside_the_units(figure):
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    model = Perceptron(learning_rate=0.5).fit(X, ["a", "b", "c"])
    said = words(network(model, ax=figure))
    for name, bias in zip("abc", model.intercept_, strict=True):
        assert f"{name}\nbias {bias:.3g}".replace("-", MINUS) in said
    lone = Perceptron(learning_rate=0.5).fit(X[:2], [0, 1])
    assert f"bias {lone.bias:.3g}".replace("-", MINUS) in words(network(lone))


def test_a_weight_of_zero_is_an_edge_that_can_be_seen(figure):
    model = Perceptron()
    ax = network(model, glassnet.trace(model, ROWS, LABELS), ax=figure)
    assert (edges(ax).get_colors()[:, :3] < 0.9).all()


def test_many_units_leave_their_numbers_out_and_say_so(figure):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 30)), np.arange(40) % 12
    model = Perceptron().partial_fit(X, y, np.arange(12))
    said = told(network(model, glassnet.trace(model, X, y), ax=figure))
    assert "The units' numbers do not fit at this size." in said
    assert "… 14 more inputs" in said


def test_steps_and_traces_that_do_not_fit_are_refused(figure):
    model = Perceptron()
    found = glassnet.trace(model, ROWS, LABELS)
    for step in (3, -1, 1.0, True):
        with pytest.raises(ValueError, match=f"one of the trace's 3, from 0 to 2; got {step}"):
            network(model, found, step=step, ax=figure)
    with pytest.raises(
        ValueError, match="step belongs to the trace of a Perceptron; got step=0"
    ):
        network(MLP([2, 1]), step=0, ax=figure)
    other = Perceptron().fit(np.eye(3), [0, 1, 0])
    with pytest.raises(ValueError, match=r"trace must be of this model, \[3, 1\]; got one of"):
        network(other, found, ax=figure)
    with pytest.raises(ValueError, match="trace must be of this model"):
        network(MLP([2, 2, 1]), found, ax=figure)
    with pytest.raises(ValueError, match="trace must be of this model"):
        network(other, glassnet.trace(MLP([2, 1]), ROWS[:1], [1.0]), ax=figure)
