"""The network as a picture: what is drawn is what the model and the trace hold."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

import glassnet
from glassnet import MLP, MLPClassifier, Perceptron
from glassnet.plots import network

X = np.array([[0.5, -1.0], [2.0, 0.3], [1.0, 1.0], [-1.0, 0.2]])
Y = np.array([0, 1, 1, 0])


def words(ax):
    return [text.get_text() for text in ax.texts]


def edges(ax):
    return [c for c in ax.collections if isinstance(c, LineCollection)]


def small():
    """Return a network whose numbers a person can follow."""
    net = MLP([2, 2, 1], activation="tanh", loss="squared_error")
    net.weights[0] = [[1.0, -2.0], [0.5, 0.25]]
    net.weights[1] = [[4.0], [-3.0]]
    net.biases[0] = [0.1, -0.2]
    return net


def test_each_weight_is_an_edge_and_the_largest_is_the_widest(figure):
    ax = network(small(), ax=figure)
    first, second = edges(ax)
    assert len(first.get_segments()) == 4
    assert len(second.get_segments()) == 2
    # 4.0 is the largest of all weights; -2.0 half of it: widths 0.4 + 4.6 |w| / 4.
    assert max(second.get_linewidths()) == pytest.approx(5.0)
    assert max(first.get_linewidths()) == pytest.approx(0.4 + 4.6 * 0.5)


def test_an_edge_runs_from_its_unit_to_its_unit_with_its_sign(figure):
    (left, right) = edges(network(small(), ax=figure))
    widest = left.get_segments()[-1]  # -2.0, from x0 (above) to the second unit (below)
    assert widest[0, 1] > widest[1, 1]
    red, _, blue, _ = left.get_colors()[-1]
    assert red > blue  # amber
    red, _, blue, _ = right.get_colors()[-1]
    assert blue > red


def test_weights_are_written_where_there_is_room(figure):
    found = words(network(small(), ax=figure))
    assert {"1", "\N{MINUS SIGN}2", "0.5", "0.25", "4", "\N{MINUS SIGN}3"} <= set(found)


def test_a_trace_writes_its_own_numbers():
    net = small()
    step = glassnet.trace(net, X[:1], [1.0])
    found = words(network(net, step))
    z = X[0] @ net.weights[0] + net.biases[0]  # by hand: 0.1, -1.45
    np.testing.assert_allclose(z, [0.1, -1.45])
    delta = np.tanh(z) @ net.weights[1] - 1.0  # of half the squared error, at the output
    back = delta[0] * net.weights[1][:, 0] * (1 - np.tanh(z) ** 2)
    for unit in (0, 1):
        numbers = (z[unit], np.tanh(z[unit]), back[unit])
        text = "\n".join(f"{a} {v:.3g}" for a, v in zip("zaδ", numbers, strict=True))
        assert text.replace("-", "\N{MINUS SIGN}") in found
    z1 = np.tanh(z) @ net.weights[1] + net.biases[1]
    text = f"z {z1[0]:.3g}\na {z1[0]:.3g}\nδ {delta[0]:.3g}"
    assert text.replace("-", "\N{MINUS SIGN}") in found
    gradient = X[0, 0] * back[0]
    assert f"1 ({gradient:.3g})".replace("-", "\N{MINUS SIGN}") in found


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_outputs_are_named_by_their_class(figure):
    labels = np.array(["no", "yes", "maybe"])[[0, 1, 2, 1]]
    model = MLPClassifier((2,), max_iter=2, random_state=0).fit(X, labels)
    assert {"maybe", "no", "yes"} <= set(words(network(model, ax=figure)))
    found = words(network(model, glassnet.trace(model, X[:1], labels[:1])))
    chances = model.predict_proba(X[:1])[0]  # in the order of the sorted names
    for name, chance in zip(["maybe", "no", "yes"], chances, strict=True):
        (text,) = (one for one in found if one.startswith(f"{name}\nz "))
        assert f"\na {chance:.3g}\n" in text


def test_wide_and_deep_networks_are_summarised_and_say_so(figure):
    sizes = [100, 20, 5, 5, 5, 5, 5, 1]
    ax = network(MLP(sizes), max_units=16, max_layers=6, ax=figure)
    said = words(ax)
    assert "… 84 more\ninputs" in said
    assert "… 4 more\nunits" in said
    assert "… 1\nmore\nlayer" in said
    assert max(len(one.get_segments()) for one in edges(ax)) == 16 * 16


def test_numbers_that_do_not_fit_are_said_to_be_left_out(figure):
    net = MLP([2, 16, 16, 1], seed=0)
    ax = network(net, glassnet.trace(net, X[:1], [1.0]), ax=figure)
    assert any("left out where they do not fit" in text for text in words(ax))


@pytest.mark.parametrize(
    "model",
    [
        Perceptron(),
        MLPClassifier(hidden_layer_sizes=(3,), max_iter=2),
        glassnet.MLPRegressor(hidden_layer_sizes=(3,), max_iter=2),
    ],
    ids=lambda m: type(m).__name__,
)
@pytest.mark.filterwarnings("ignore")
def test_every_kind_of_model_is_drawn(model, figure):
    ax = network(model.fit(X, Y), ax=figure)
    assert ax.get_title(loc="left").startswith(type(model).__name__)


def test_drawing_changes_nothing():
    net = small()
    before = net.theta.copy()
    network(net, ax=Figure())
    np.testing.assert_array_equal(net.theta, before)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"max_units": 0}, ValueError, "max_units must be a whole number >= 1; got 0"),
        ({"max_layers": 1}, ValueError, "max_layers must be a whole number >= 2; got 1"),
        ({"limit": -1.0}, ValueError, "limit must be a finite number > 0; got -1.0"),
        ({"limit": "x"}, ValueError, "limit must be a number > 0; got 'x'"),
        ({"trace": 3}, TypeError, "trace must be what glassnet.trace returns; got 3"),
        ({"feature_names": ["a"]}, ValueError, "one name for each of the 2 features"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message, figure):
    with pytest.raises(error, match=message):
        network(small(), ax=figure, **arguments)


def test_other_models_and_traces_are_refused(figure):
    with pytest.raises(TypeError, match="model must be an MLP"):
        network(3, ax=figure)
    with pytest.raises(ValueError, match="fitted before it is drawn; got Perceptron"):
        network(Perceptron(), ax=figure)
    with pytest.raises(ValueError, match="fitted before it is drawn; got MLPClassifier"):
        network(MLPClassifier(), ax=figure)
    step = glassnet.trace(small(), X[:1], [1.0])
    with pytest.raises(ValueError, match=r"trace must be of this model, \[2, 3, 1\]"):
        network(MLP([2, 3, 1]), step, ax=figure)
