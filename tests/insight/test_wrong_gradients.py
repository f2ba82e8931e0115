"""`check_gradients` finds planted errors, says what they are, and where."""

import json
import re

import numpy as np
import pytest

from glassnet import MLP, catalog, check_gradients
from glassnet.catalog import Activation, Loss
from glassnet.differences import compare
from glassnet.formulas import layers

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(7, 3)), RNG.normal(size=(7, 2))
KINDS = [{}, {"norm": "batch", "alpha": 0.5}, {"norm": "layer", "activation": "relu"}]


def network(**settings):
    net = MLP([3, 4, 5, 2], **{"activation": "tanh", "seed": 0, **settings})
    net.theta[...] += np.random.default_rng(1).normal(scale=0.3, size=net.theta.size)
    return net


def wrong_groups(found):
    return [group.name for group in found.groups if not group.ok]


# --- a gradient of one's own -----------------------------------------------------------------


def doubled(parts):
    parts["W1"][...] *= 2


def wrong_sign_of_a_unit(parts):
    parts["W1"][:, 3] *= -1


def wrong_sign_of_two(parts):
    parts["W1"][:, [0, 2]] *= -1


def missing_bias(parts):
    parts["b2"][...] = 0


def one_number_off(parts):
    parts["W2"][np.argmax(np.abs(parts["W2"][:, 0])), 0] *= 1.01


@pytest.mark.parametrize("directions", [None, 3])
@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (doubled, "W1: the analytic gradient is 2.00 times the numeric one"),
        (wrong_sign_of_a_unit, "W1: sign wrong in unit 3 of layer 1"),
        (wrong_sign_of_two, "W1: sign wrong in units 0, 2 of layer 1"),
        (missing_bias, "b2: the analytic gradient is zero where the numeric one is not"),
        (one_number_off, "W2: the analytic gradient is 1.01 times the numeric one in unit 0"),
    ],
)
def test_a_planted_error_is_named(change, verdict, kind, directions):
    net = network(**kind)
    gradient = net.loss_and_gradients(X, Y)[1].copy()
    change({p.name: p.of(gradient) for p in net.plan.parameters})
    found = check_gradients(net, X, Y, gradient=gradient, directions=directions)
    assert not found.ok
    assert found.verdict.startswith(verdict)
    assert wrong_groups(found) == [verdict[:2]]


def test_errors_without_one_factor_show_the_numbers_of_the_worst_place():
    net = network()
    gradient = net.loss_and_gradients(X, Y)[1].copy()
    W0 = net.plan.parameters[0].of(gradient)
    right = float(W0[2, 1])
    W0[...] += np.linspace(0.1, 0.5, 12).reshape(3, 4)
    W0[2, 1] += 3.0
    found = check_gradients(net, X, Y, gradient=gradient)
    place, analytic, numeric = found.groups[0].worst
    assert place == (2, 1)
    assert analytic == W0[2, 1]
    assert numeric == pytest.approx(right, rel=1e-6)
    assert f"most at W0[2, 1]: {analytic:.6g} against {numeric:.6g}" in found.verdict


# --- errors in the formulas themselves -------------------------------------------------------


def test_a_wrong_delta_makes_all_wrong_that_lies_before_it(monkeypatch):
    right = layers.dense_delta
    monkeypatch.setattr(layers, "dense_delta", lambda delta, W: 2 * right(delta, W))
    found = check_gradients(network(), X, Y)
    assert wrong_groups(found) == ["W0", "b0", "W1", "b1"]
    assert "W1: the analytic gradient is 2.00 times" in found.verdict
    assert "W0: the analytic gradient is 4.00 times" in found.verdict
    assert "Going backward, b1 is the first group that is wrong" in str(found)


def test_a_missing_gradient_of_a_normalization(monkeypatch):
    right = layers.scale_gradients

    def without_shift(delta, normal):
        gain, shift = right(delta, normal)
        return gain, 0 * shift

    monkeypatch.setattr(layers, "scale_gradients", without_shift)
    found = check_gradients(network(norm=["batch", None]), X, Y)
    assert found.verdict == (
        "shift0: the analytic gradient is zero where the numeric one is not"
    )


@pytest.fixture
def clean(monkeypatch):
    for register in (catalog._activations, catalog._losses):
        monkeypatch.setattr(register, "named", dict(register.named))
    yield
    for register in (catalog._activations, catalog._losses):
        register._read.cache_clear()


def curve(z):
    return np.tanh(z)


def right_slope(z, a):
    return 1 - a * a


def twice_the_slope(z, a):
    return 2 * (1 - a * a)


def squares(y, f):
    return np.sum((y - f) ** 2, axis=-1)


def half_the_gradient(y, f):
    return f - y


@pytest.mark.usefixtures("clean")
def test_an_activation_of_ones_own_is_checked_when_a_network_first_uses_it():
    wrong = Activation("twice", curve, twice_the_slope)
    with pytest.warns(UserWarning, match=r"activation 'twice': its slope is not") as caught:
        net = network(activation=["tanh", wrong])
    said = r"at z = (\S+) it gives (\S+), and the central difference is (\S+);"
    at, given, difference = map(float, re.search(said, str(caught[0].message)).groups())
    assert given == pytest.approx(2 * (1 - np.tanh(at) ** 2), rel=1e-4)
    assert difference == pytest.approx(1 - np.tanh(at) ** 2, rel=1e-4)
    network(activation=wrong)  # a second use says nothing: warnings are errors here
    found = check_gradients(net, X, Y)
    assert wrong_groups(found) == ["W0", "b0", "W1", "b1"]
    assert any("activation 'twice' is wrong itself" in cause for cause in found.causes)


@pytest.mark.usefixtures("clean")
def test_the_check_of_the_first_use_can_be_turned_off():
    network(activation=Activation("unchecked", curve, twice_the_slope, check=False))
    network(activation=Activation("fine", curve, right_slope))


@pytest.mark.usefixtures("clean")
def test_a_loss_of_ones_own_is_checked_too():
    wrong = Loss("squares", squares, half_the_gradient)
    with pytest.warns(UserWarning, match="loss 'squares': its gradient is not the derivative"):
        net = network(loss=wrong)
    assert "is 0.50 times the numeric one" in check_gradients(net, X, Y).verdict
    assert "is 0.50 times the numeric one" in check_gradients(wrong).verdict
    network(loss=Loss("whole", squares, lambda y, f: 2 * (f - y)))


def test_a_kink_that_nobody_tells_of_is_no_error_and_hides_none_beside_it():
    def cut(z):
        return np.maximum(z, 0.25)

    z, along = np.array([0.25, 1.0, 1.0]), np.ones(3)
    found = compare(cut, z, along, np.array([0.0, 1.0, 2.0]))
    assert found.excluded.tolist() == [True, False, False]
    assert found.wrong.tolist() == [False, False, True]


# --- a function of one's own -----------------------------------------------------------------

POINT = {"W": RNG.normal(size=(3, 2)), "b": RNG.normal(size=2)}


def length(p):
    return float(np.sum((X @ p["W"] + p["b"]) ** 2))


def by_parts(p):
    error = 2 * (X @ p["W"] + p["b"])
    return {"W": X.T @ error, "b": error.sum(axis=0)}


def test_a_right_pair():
    found = check_gradients((length, by_parts), at=POINT)
    assert found.ok
    assert found.verdict == "the gradients are right"


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (
            lambda g: {**g, "W": 2 * g["W"]},
            "W: the analytic gradient is 2.00 times the numeric",
        ),
        (lambda g: {**g, "W": g["W"] * [1, -1]}, "W: sign wrong in column 1"),
        (
            lambda g: {**g, "b": 0 * g["b"]},
            "b: the analytic gradient is zero where the numeric",
        ),
        (lambda g: {**g, "b": g["b"] * [-1, 1]}, "b: sign wrong in entry 0"),
        (lambda g: {**g, "b": g["b"] * np.nan}, "b: the analytic gradient is not finite"),
    ],
)
def test_a_wrong_pair(change, verdict):
    found = check_gradients((length, lambda p: change(by_parts(p))), at=POINT)
    assert found.verdict.startswith(verdict)


def test_at_a_kink_nothing_is_said():
    pair = (lambda x: float(np.abs(x).sum()), lambda x: np.where(x < 0, -1.0, 1.0))
    found = check_gradients(pair, at=[0.0, 1.0])
    assert (found.ok, found.groups[0].excluded, found.groups[0].checked) == (True, 1, 1)
    found = check_gradients(pair, at=0.0)
    assert not found.ok
    assert "nothing could be judged" in found.verdict


# --- how it shows itself, and what it refuses ------------------------------------------------


def test_it_shows_itself():
    found = check_gradients((length, lambda p: {**by_parts(p), "b": np.zeros(2)}), at=POINT)
    text, html, data = str(found), found._repr_html_(), found.to_dict()
    assert text.splitlines()[0] == "Gradient check of a function: wrong in 1 of 2 groups"
    assert found.groups[1].verdict in text
    assert found.groups[1].verdict in html
    assert json.loads(json.dumps(data, allow_nan=False))["groups"][1]["ok"] is False
    assert data["verdict"] == found.verdict


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: check_gradients(3), TypeError, "model must be an MLP"),
        (lambda: check_gradients(network()), ValueError, "X and y must be given"),
        (lambda: check_gradients("nonsense"), ValueError, "must name an activation or a loss"),
        (lambda: check_gradients("tanh", tolerance=2), ValueError, "tolerance must lie"),
        (
            lambda: check_gradients(network(), X, Y, seed=-1),
            ValueError,
            "seed must be a whole number >= 0; got -1",
        ),
        (lambda: check_gradients((length, by_parts)), ValueError, "at must be given"),
        (lambda: check_gradients((length,), at=POINT), TypeError, "must be a pair"),
        (
            lambda: check_gradients((length, lambda p: {"W": p["W"]}), at=POINT),
            ValueError,
            "gradient must return a mapping with W, b",
        ),
        (
            lambda: check_gradients((np.sum, lambda x: 1.0), at=[1.0, 2.0]),
            ValueError,
            r"gradient must have the shape of x, \(2,\); got \(\)",
        ),
        (
            lambda: check_gradients((lambda x: x, lambda x: x), at=[1.0, 2.0]),
            ValueError,
            "function must return one number",
        ),
        (
            lambda: check_gradients((lambda x: np.inf, lambda x: x), at=[1.0]),
            ValueError,
            "must be finite at the point",
        ),
        (
            lambda: check_gradients(network(), X, Y, gradient=[1.0]),
            ValueError,
            "gradient must have shape",
        ),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
