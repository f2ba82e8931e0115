"""`trace`: the numbers are the engine's, and those printed add up by hand."""

import json
import sys

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from glassnet import MLP, MLPRegressor, Recorder, landscapes, trace

from support import by_hand
from support.traced import RNG, X, Y, network

KINDS = [{}, {"alpha": 0.3}, {"norm": "batch"}, {"norm": "layer", "dropout": 0.4}]


def from_nothing(progress):
    return progress


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("rule", ["sgd(0.1)", "adam(0.1)", "momentum(0.1)"])
def test_the_weights_after_it_are_those_of_one_epoch_of_training(rule, kind):
    """Training drops units; what is traced does not, so that dropout is left out here."""
    net = network(**{**kind, "dropout": 0.0})
    found = trace(net, X, Y, rule)
    loss, gradient = net.loss_and_gradients(X, Y)
    before = net.theta.copy()
    net.fit(X, Y, rule, epochs=1)
    assert found.loss == loss
    for p in net.plan.parameters:
        np.testing.assert_array_equal(found.before[p.name], p.of(before))
        np.testing.assert_array_equal(found.gradient[p.name], p.of(gradient))
        np.testing.assert_array_equal(found.after[p.name], p.of(net.theta))


def test_the_intermediates_are_the_networks_own():
    net = network()
    found = trace(net, X, Y)
    for name, array in net.intermediates(X, Y).items():
        np.testing.assert_array_equal(found.values[name], array)
    torch = pytest.importorskip("torch")
    z = torch.tensor(found.values["z0"], requires_grad=True)
    torch.tanh(z).sum().backward()
    np.testing.assert_allclose(found.values["slope_a0"], z.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("kind", KINDS[:2], ids=str)
def test_what_is_printed_adds_up_by_hand(kind, rows):
    assert by_hand.check(str(trace(network(**kind), X[:rows], Y[:rows], sample=rows - 1))) > 40


def test_a_long_sum_keeps_its_rest_as_one_number():
    net = MLP([20, 2], seed=0)
    text = str(trace(net, RNG.normal(size=(9, 20)), RNG.normal(size=(9, 2))))
    assert "… 16 more + b0[0]" in text
    assert by_hand.check(text) > 15


def test_what_has_no_line_is_counted():
    found = trace(MLP([2, 64, 1], seed=0), X, Y)
    lines = str(found).splitlines()
    assert "  … 58 more of z0" in lines
    assert "  … 116 more of ∂L/∂W0" in lines
    assert "… 58 more of z0" in found._repr_html_()


def test_it_shows_itself_as_html_and_as_a_frame(monkeypatch):
    found = trace(network(), X, Y)
    html = found._repr_html_()
    assert html.count("<tr>") == len(found.lines)
    assert "<script" not in html
    pandas = pytest.importorskip("pandas")
    frame = found.to_frame()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.set_index("symbol").value["z0[0]"] == found.values["z0"][0, 0]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="to_frame needs pandas"):
        found.to_frame()


def test_nothing_given_is_changed_and_the_data_is_json():
    net = network(norm="batch")
    theta, buffers = net.theta.copy(), net.state.buffers.copy()
    found = trace(net, X, Y)
    np.testing.assert_array_equal(net.theta, theta)
    np.testing.assert_array_equal(net.state.buffers, buffers)
    assert json.loads(json.dumps(found.to_dict()))["loss"] == found.loss


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_estimators_own_solver_makes_the_step():
    est = MLPRegressor(
        hidden_layer_sizes=(3,), solver="sgd", learning_rate_init=0.05, max_iter=1
    ).fit(X, Y[:, 0])
    found = trace(est, X, Y[:, 0])
    assert found.optimizer.learning_rate == 0.05
    assert found.optimizer.nesterov


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "pace",
    [
        {"schedule": "warmup_cosine"},
        {"schedule": from_nothing, "solver": "sgd"},
        {"solver": "sgd", "learning_rate": "invscaling"},
    ],
)
@pytest.mark.parametrize("step", [1, 4])
def test_the_rate_of_an_estimator_moves_as_in_its_fit(pace, step):
    est = MLPRegressor(
        hidden_layer_sizes=(3,), max_iter=4, batch_size=3, shuffle=False, random_state=0, **pace
    )
    found, record = trace(est.build(2), X, Y[:, 0], step=step), Recorder()
    est.set_callbacks(record).fit(X, Y[:, 0])
    for p in est.network_.plan.parameters:
        after = p.of(record.theta[step])
        np.testing.assert_allclose(found.after[p.name], after, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sample": 3}, "sample must be one of the 3 rows"),
        ({"sample": -1}, "sample must be one of the 3 rows"),
        ({"sample": True}, "sample must be one of the 3 rows"),
        (
            {"sample": "first"},
            "sample must be one of the 3 rows of X, from 0 to 2; got 'first'",
        ),
        ({"step": 0}, "step must be a whole number >= 1; got 0"),
        ({"max_units": 1.5}, "max_units must be a whole number >= 1; got 1.5"),
        ({"dropout": 0.5}, "dropout must be True or False; got 0.5"),
        ({"optimizer": "lbfgs"}, "optimizer must take single steps"),
    ],
)
def test_what_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        trace(network(), X, Y, **settings)


@pytest.mark.parametrize("use", [trace, landscapes.of_network])
def test_an_estimator_without_numbers_is_told_what_to_do(use):
    words = (
        r"model must be fitted, or built .*got MLPRegressor\(\).*call model\.fit\(X, y\) first"
    )
    with pytest.raises(NotFittedError, match=words):
        use(MLPRegressor(), [[1.0]], [1.0])
