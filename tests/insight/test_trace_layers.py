"""Dropout, normalization, losses and batches in a trace, held to the engine's own step."""

import re

import numpy as np
import pytest
import scipy.sparse

from glassnet import MLP, MLPClassifier, MLPRegressor, trace
from glassnet.engines import numpy_engine

from support import by_hand, own_records
from support.traced import RNG, X, Y, adds_up, equal_to_the_engine, network

ROWS = RNG.normal(size=(12, 2))
TARGETS = {
    "squared_error": RNG.normal(size=(12, 1)),
    "absolute_error": RNG.normal(size=(12, 1)),
    "huber(0.7)": RNG.normal(size=(12, 1)),
    "quantile(0.3)": RNG.normal(size=(12, 1)),
    "poisson": RNG.integers(0, 4, size=(12, 1)),
    "binary_cross_entropy": RNG.integers(0, 2, size=(12, 1)),
    "binary_cross_entropy(0.1)": RNG.integers(0, 2, size=(12, 1)),
    "hinge": RNG.integers(0, 2, size=(12, 1)),
    "squared_hinge": RNG.integers(0, 2, size=(12, 1)),
    "categorical_cross_entropy": np.arange(12) % 3,
    "categorical_cross_entropy(0.1)": np.arange(12) % 3,
}
KINDS = [
    {"dropout": 0.5},
    {"norm": "batch"},
    {"norm": "layer"},
    {"norm": ["batch", "layer"], "dropout": [0.3, 0.6], "alpha": 0.2},
]


# --- dropout and normalization -----------------------------------------------------------


@pytest.mark.parametrize("step", [1, 4])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_it_is_one_step_of_fit_with_its_mask_and_its_statistics(kind, step):
    net = network(**kind)
    found = trace(net, ROWS, TARGETS["squared_error"], "adam(0.01)", step=step, sample=7)
    before = net.theta.copy()
    net.fit(ROWS, TARGETS["squared_error"], "adam(0.01)", epochs=step)
    equal_to_the_engine(found, net, before)
    assert found.loss == net.history.loss[-1]
    assert adds_up(found) > 60


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_what_is_printed_adds_up_by_hand(kind):
    assert by_hand.check(str(trace(network(**kind), ROWS, TARGETS["squared_error"]))) > 60


def test_it_begins_afresh_after_a_fit():
    """The mask is that of the first step of the next fit, not of one more step."""
    net = network(dropout=0.5)
    net.fit(ROWS, TARGETS["squared_error"], "sgd(0.001)", epochs=3)
    found = trace(net, ROWS, TARGETS["squared_error"])
    before = net.theta.copy()
    net.fit(ROWS, TARGETS["squared_error"], "sgd", epochs=1)
    equal_to_the_engine(found, net, before)


def test_a_line_says_which_mask_it_takes():
    net = network(dropout=0.5)
    found = trace(net, ROWS, TARGETS["squared_error"], sample=2)
    net.fit(ROWS, TARGETS["squared_error"], "sgd", epochs=1)
    said = [str(line) for line in found.lines if line.symbol.startswith("drop0")]
    for j, line in enumerate(said):
        tossed = "kept" if found.values["keep0"][2, j] else "dropped"
        assert line.endswith(f"  ({tossed} by the mask of step 1, key {net.state.key})")
        assert f"·keep0[{j}]/(1 - dropout) = " in line
    assert 0 < found.values["keep0"].mean() < 1


def test_nothing_is_dropped_where_that_is_asked():
    net = network(dropout=0.5)
    found = trace(net, X, Y, dropout=False)
    assert found.key is None
    np.testing.assert_array_equal(found.values["drop0"], found.values["a0"])
    assert "drop0[0] = a0[0] = " in str(found)
    assert "(nothing is dropped)" in str(found)
    _, gradient = net.loss_and_gradients(X, Y)
    np.testing.assert_array_equal(found.gradient["W0"], net.plan.parameters[0].of(gradient))


def test_a_line_says_which_statistics_it_takes():
    found = trace(network(norm=["batch", "layer"]), ROWS, TARGETS["squared_error"])
    lines = {line.symbol: line for line in found.lines}
    for name, remark in {
        "mean0[1]": "over the 12 rows of this batch, as in training",
        "variance1": "over this sample's 4 units",
        "delta_z0[0]": "means over the 12 rows of this batch, as in training",
    }.items():
        assert str(lines[name]).endswith(f"  ({remark})")
    one = str(trace(network(norm="batch"), X[:1], Y[:1]))
    assert "(over this batch of one row, which has no variance)" in one
    assert "Running statistics" not in one


def test_normalized_values_are_pytorchs():
    torch = pytest.importorskip("torch")
    found = trace(network(norm=["batch", "layer"]), ROWS, TARGETS["squared_error"])
    z0, z1 = (torch.tensor(found.values[name], requires_grad=True) for name in ("z0", "z1"))
    batch = torch.nn.functional.batch_norm(z0, None, None, training=True)
    layer = torch.nn.functional.layer_norm(z1, (4,))
    for i, (z, normal) in enumerate([(z0, batch), (z1, layer)]):
        np.testing.assert_allclose(found.values[f"normal{i}"], normal.detach(), rtol=1e-7)
        normal.backward(torch.tensor(found.values[f"delta_normal{i}"]))
        np.testing.assert_allclose(found.values[f"delta_z{i}"], z.grad, rtol=1e-6, atol=1e-12)


# --- losses and batches ------------------------------------------------------------------


def one_line(text):
    """Return a text whose numbers stand behind their symbols, not below."""
    return re.sub(r"\n +(?== )", " ", text)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", TARGETS)
def test_the_losses_of_samples_and_their_mean(loss, weighted):
    net = network()
    outputs = 3 if loss.startswith("categorical") else 1
    net = MLP([2, 3, outputs], loss=loss, activation="tanh", seed=1, alpha=0.3)
    weight = np.arange(12) % 4 / 2 if weighted else None
    found = trace(net, ROWS, TARGETS[loss], sample=5, sample_weight=weight)
    mean, _ = net.loss_and_gradients(ROWS, TARGETS[loss], weight)
    assert found.loss == mean
    alone = [net.loss_and_gradients(ROWS[[i]], TARGETS[loss][[i]])[0] for i in range(12)]
    penalty = 0.15 * sum(np.sum(W**2) for W in net.weights)
    np.testing.assert_allclose(found.loss_per_sample, np.array(alone) - penalty, rtol=1e-12)
    assert adds_up(found) > 30
    assert by_hand.check(str(found)) > 15


@pytest.mark.parametrize(("rows", "named"), [(1, "(y, z1)"), (2, "(y[n=0], z1[n=0])")])
def test_a_loss_that_is_not_written_out_is_named_with_what_it_takes(rows, named):
    net = MLP([2, 3, 1], loss="binary_cross_entropy(0.1)", seed=1)
    text = str(trace(net, ROWS[:rows], TARGETS["hinge"][:rows]))
    assert f" = binary_cross_entropy(smoothing=0.1){named} = " in text


@pytest.mark.parametrize("output", ["sigmoid", "tanh", "softmax"])
def test_a_loss_behind_another_output(output):
    net = MLP([2, 3, 2], output=output, activation="relu", seed=1)
    found = trace(net, ROWS, RNG.normal(size=(12, 2)))
    assert adds_up(found) > 30
    if output != "softmax":
        assert f"·(output[0] - y[0])·{output}'(z1[0]) = 1/12·" in one_line(str(found))


def test_of_a_batch_the_first_samples_are_shown_and_the_rest_as_one_number():
    found = trace(network(), ROWS, TARGETS["squared_error"], sample=3)
    text = one_line(str(found))
    assert "Each delta holds its share, 1/12: sums of them over the samples are means." in text
    assert "loss[n=3] = " in text
    assert "loss[n=4] = " not in text
    assert "  … 8 more of loss\n" in text
    four = " + ".join(f"loss[n={n}]" for n in range(4))
    assert f"  L = ({four} + … 8 more)/12 = (" in text
    four = " + ".join(f"delta_z2[n={n},0]" for n in range(4))
    assert f"  ∂L/∂b2[0] = {four} + … 8 more = " in text
    assert "delta_z2[0] = 1/12·(output[0] - y[0]) = 1/12·(" in text
    assert max(map(len, str(found).splitlines())) < 150
    assert len(text.splitlines()) < 130


def test_a_batch_of_many_rows_is_no_longer_than_one_of_few():
    many = RNG.normal(size=(5000, 2)), RNG.normal(size=(5000, 1))
    few = trace(network(norm="batch"), ROWS, TARGETS["squared_error"])
    assert len(trace(network(norm="batch"), *many).lines) == len(few.lines)


# --- widths ------------------------------------------------------------------------------


def test_wide_layers_are_summarised_in_text_and_never_in_data():
    net = MLP([9, 20, 3], activation="tanh", norm="batch", loss="cross_entropy", seed=0)
    given = RNG.normal(size=(4, 9)), [0, 1, 2, 0]
    short, long = (str(trace(net, *given, max_units=most)) for most in (2, 20))
    assert "  … 18 more of a0" in short.splitlines()
    assert "  … 176 more of new W0" in short.splitlines()
    assert "more of a0" not in long
    found = trace(net, *given, max_units=2)
    assert np.shape(found.to_dict()["values"]["a0"]) == (4, 20)
    symbols = list(pytest.importorskip("pandas").Series(found.to_frame().symbol))
    assert {"a0[19]", "∂L/∂W0[8,19]", "new W1[19,2]", "loss[n=3]"} <= set(symbols)
    assert len(symbols) == len(set(symbols))


# --- estimators and forms of data --------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"dropout": 0.4}, {"norm": "batch"}], ids=str)
def test_it_is_one_step_of_an_estimators_partial_fit(settings):
    labels, values = np.arange(12) % 3, TARGETS["poisson"][:, 0]
    common = {"hidden_layer_sizes": (4,), "batch_size": 12, "random_state": 0, **settings}
    for model, y in [
        (MLPClassifier(**common).build(2, labels), labels),
        (MLPRegressor(**common, solver="sgd").build(2), values),
    ]:
        found = trace(model, ROWS, y)
        before = model.network_.theta.copy()
        equal_to_the_engine(found, model.partial_fit(ROWS, y).network_, before)


def test_sparse_rows_and_half_the_precision():
    net = network()
    sparse = trace(net, scipy.sparse.csr_array(ROWS), TARGETS["squared_error"])
    np.testing.assert_array_equal(sparse.X, ROWS)
    assert adds_up(sparse) > 60
    net.state.astype(np.dtype(np.float32))
    found = trace(net, ROWS, TARGETS["squared_error"], "adam")
    assert found.after["W0"].dtype == np.float32
    assert adds_up(found, rtol=1e-3) > 60
    _, gradient, _ = numpy_engine.loss_and_gradients(net.plan, net.state, found.X, found.y)
    np.testing.assert_array_equal(found.gradient["W0"], net.plan.parameters[0].of(gradient))


def test_a_function_of_ones_own_is_named_by_its_module():
    net = MLP([2, 2, 1], activation=own_records.plane(), loss=own_records.own_loss(), seed=0)
    named = {line.evaluates for line in trace(net, X, Y).lines}
    functions = ("plane_value", "plane_slope", "half_squares", "residual")
    assert {f"{own_records.__name__}.{name}" for name in functions} <= named
    assert "∂loss/∂z1[0]" in str(trace(net, X, Y))


def test_an_activation_with_a_parameter_is_named_with_it():
    net = MLP([2, 2, 1], activation="leaky_relu(0.2)", seed=0)
    assert "a0[0] = leaky_relu(alpha=0.2)(z0[0])" in str(trace(net, X, Y))
