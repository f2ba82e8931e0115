"""`trace` of a `Perceptron`: the estimator's own step, bit for bit, and how it is shown."""

import json

import numpy as np
import pytest
import scipy.sparse

from glassnet import Perceptron, trace

from support import by_hand

RNG = np.random.default_rng(3)
X = RNG.normal(size=(40, 3))
TWO = (X @ [1.0, -2.0, 0.5] + 0.3 * RNG.normal(size=40) > 0).astype(int)
THREE = np.digitize(X[:, 0], [-0.5, 0.5])
OR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 1]


def learnt(model, y):
    """Return the model after a pass over half of the data."""
    return model.partial_fit(X[:20], y[:20], classes=np.unique(y))


@pytest.mark.parametrize("y", [TWO, THREE], ids=["two", "three"])
@pytest.mark.parametrize("rows", [slice(20, 21), slice(20, 40)], ids=["one", "many"])
@pytest.mark.parametrize("start", ["learnt", "zero"])
@pytest.mark.parametrize("form", [np.asarray, scipy.sparse.csr_array, np.float32])
def test_the_weights_after_it_are_those_of_the_estimator(y, rows, start, form):
    model = Perceptron(learning_rate=0.3)
    classes = None
    if start == "learnt":
        learnt(model, y)
    else:
        rows, classes = slice(0, 20), np.unique(y)
    given = form(X[rows])
    found = trace(model, given, y[rows])
    after = model.partial_fit(given, y[rows], classes=classes)
    np.testing.assert_array_equal(found.after["w"], after.coef_.T)
    np.testing.assert_array_equal(found.after["b"], after.intercept_)
    assert found.after["w"].dtype == after.coef_.dtype
    assert np.abs(found.errors).sum() == after.mistakes_[-1]


def test_a_shuffled_pass_takes_the_samples_in_the_estimators_order():
    model = learnt(Perceptron(shuffle=True, random_state=0), TWO)
    found = trace(model, X, TWO)
    assert found.order.tolist() != list(range(40))
    assert by_hand.check(str(found)) >= 18
    wanted = TWO[found.order, None]
    np.testing.assert_array_equal(found.errors, wanted - found.answers)
    np.testing.assert_array_equal(found.after["w"], model.partial_fit(X, TWO).coef_.T)


def test_compiled_code_is_traced_where_it_would_learn():
    pytest.importorskip("numba")
    many, y = np.tile(X, (15, 1)), np.tile(TWO, 15)
    model = Perceptron(learning_rate=0.07)
    found = trace(model, many, y)
    after = model.partial_fit(many, y, classes=[0, 1])
    assert after.engine_ == "numba"
    np.testing.assert_array_equal(found.after["w"], after.coef_.T)


def test_scores_answers_and_errors_are_rosenblatts():
    """By the rule, worked out here for the logical OR from zero: 2 mistakes."""
    found = trace(Perceptron(learning_rate=0.5), *OR)
    assert found.scores[:, 0].tolist() == [0.0, -0.5, 0.0, 0.5]
    assert found.answers[:, 0].tolist() == [1.0, 0.0, 1.0, 1.0]
    assert found.errors[:, 0].tolist() == [-1.0, 1.0, 0.0, 0.0]
    assert found.after["w"][:, 0].tolist() == [0.0, 0.5]
    assert found.after["b"].tolist() == [0.0]
    assert found.update["w"][:, 0].tolist() == [0.0, 0.5]


@pytest.mark.parametrize("y", [TWO, THREE], ids=["two", "three"])
def test_what_is_printed_adds_up_by_hand(y):
    text = str(trace(learnt(Perceptron(learning_rate=0.3), y), X[20:], y[20:]))
    assert by_hand.check(text) >= 18


def test_each_line_says_what_becomes_of_what():
    text = str(trace(Perceptron(learning_rate=0.5), *OR))
    assert text.startswith(
        "One pass of 4 steps of the perceptron's rule, learning_rate=0.5: 2 mistakes\n\n"
        "Sample 0: perceptron.perceptron_epoch\n"
    )
    assert "  new b = b + learning_rate·error[n=0] = 0 + 0.5·(-1) = -0.5\n" in text
    assert "y[n=3] - answer[n=3] = 1 - 1 = 0  (a right answer: no weight changes)" in text


def test_long_passes_are_summarised_in_text_and_not_in_data():
    wide = np.random.default_rng(0).normal(size=(12, 9))
    found = trace(Perceptron(), wide, np.arange(12) % 4, max_units=3)
    lines = str(found).splitlines()
    assert "  … 9 more samples" in lines
    assert "  … 6 more of new w" in lines
    assert "  … 1 more of scores" in lines
    assert "x[n=0,3]·w[3,0] + … 5 more + b[0]" in str(found)
    assert by_hand.check(str(found)) >= 9
    assert np.shape(found.to_dict()["weights"]) == (13, 9, 4)
    pytest.importorskip("pandas")
    symbols = found.to_frame().symbol
    assert {"score[n=11,3]", "new w[8,3]"} <= set(symbols)


def test_nothing_given_is_changed_and_the_data_is_json():
    model = learnt(Perceptron(shuffle=True, random_state=0), TWO)
    before, drawn = model.coef_.copy(), model._random_state.get_state()[2]
    found = trace(model, X, TWO)
    np.testing.assert_array_equal(model.coef_, before)
    assert model._random_state.get_state()[2] == drawn
    assert len(model.mistakes_) == 1
    assert json.loads(json.dumps(found.to_dict()))["errors"] == found.errors.tolist()
    unfitted = Perceptron()
    trace(unfitted, X, TWO)
    assert vars(unfitted) == vars(Perceptron())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"y": [1] * 40}, r"y must hold two classes or more .* got \[1\]"),
        ({"optimizer": "adam"}, "optimizer must be None with a Perceptron"),
        ({"sample": 1}, "sample must be 0 with a Perceptron"),
        ({"step": 2}, "step must be 1 with a Perceptron"),
        ({"sample_weight": np.ones(40)}, "sample_weight must be None with a Perceptron"),
        ({"max_units": 0}, "max_units must be a whole number >= 1; got 0"),
    ],
)
def test_what_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        trace(Perceptron(), X, **{"y": TWO, **settings})
