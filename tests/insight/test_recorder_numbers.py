"""What a `Recorder` measures, held to hand computations, differences and PyTorch."""

import numpy as np
import pytest
from sklearn.datasets import make_moons

from glassnet import MLP, MLPClassifier, MLPRegressor, Recorder, optimizers
from glassnet.insight.snapshot import update_ratio
from glassnet.network import build_plan

X, Y = make_moons(60, noise=0.1, random_state=0)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def network(activation="tanh", **more):
    return MLP([2, 6, 4, 1], activation, loss="binary_cross_entropy", seed=0, **more)


def record_of(net, epochs=3, **fit):
    record = Recorder(X, Y)
    net.fit(X, Y, epochs=epochs, callbacks=[record], **fit)
    return record


def test_loss_is_that_of_each_snapshot():
    """The judge is the mean of -log p of the right class."""
    record = record_of(network())
    for i in range(4):
        p = record.model_at(i).predict_proba(X)[np.arange(60), Y]
        assert record.loss[i] == pytest.approx(-np.log(p).mean(), rel=1e-12)
    # A full batch's loss is that before its update.
    np.testing.assert_allclose(record.training_loss[1:], record.loss[:-1], rtol=1e-12)


def test_gradient_norms_are_those_of_central_differences():
    record = record_of(network(alpha=0.5))
    net, h = record.model_at(2), 1e-6
    theta = net.theta.copy()
    slopes = np.empty_like(theta)
    for k in range(len(theta)):
        ends = []
        for sign in (1, -1):
            net.theta[...] = theta
            net.theta[k] += sign * h
            ends.append(net.loss_and_gradients(X, Y)[0])
        slopes[k] = (ends[0] - ends[1]) / (2 * h)
    weights = slopes[:12], slopes[18:42], slopes[46:50]
    expected = [np.sqrt(np.sum(part**2)) for part in weights]
    np.testing.assert_allclose(record.gradient_norm[2], expected, rtol=1e-6)


@pytest.mark.judge
def test_gradient_norms_are_pytorch_s():
    torch = pytest.importorskip("torch")
    net = network()
    record = record_of(net, 1)
    W = [torch.tensor(w.copy(), requires_grad=True) for w in net.weights]
    b = [torch.tensor(b.copy()) for b in net.biases]
    a = torch.tensor(X)
    for i in range(2):
        a = torch.tanh(a @ W[i] + b[i])
    z = (a @ W[2] + b[2])[:, 0]
    judge = torch.nn.functional.binary_cross_entropy_with_logits
    judge(z, torch.tensor(Y, dtype=torch.float64)).backward()
    expected = [w.grad.norm().item() for w in W]
    np.testing.assert_allclose(record.gradient_norm[-1], expected, rtol=1e-10)


def test_activations_are_those_of_a_forward_pass_by_hand():
    record = record_of(network(), 5, optimizer=optimizers.SGD(6.0))
    for i in (0, 5):
        net = record.model_at(i)
        a = np.tanh(X @ net.weights[0] + net.biases[0])
        b = np.tanh(a @ net.weights[1] + net.biases[1])
        for layer, found in enumerate([a, b]):
            assert record.activation_mean[i, layer] == pytest.approx(found.mean(), rel=1e-12)
            spread = np.sqrt(np.mean((found - found.mean()) ** 2))
            assert record.activation_deviation[i, layer] == pytest.approx(spread, rel=1e-12)
            assert record.saturated[i, layer] == np.mean(np.abs(found) > 0.94)
    assert record.saturated[5].max() > 0.02
    assert not record.dead.any()


def test_dead_units_are_those_at_rest_on_every_row():
    net = network("relu")
    net.biases[0] = [-50.0, -50.0, -50.0, 0.0, 0.0, 0.0]
    net.weights[0][:, 3:] = 1.0
    record = record_of(net, 1)
    assert record.dead[0, 0] == 0.5
    assert np.isnan(record.saturated).all()


def test_dead_units_behind_a_normalization():
    """What counts is what goes into the activation, not what the layer before computes."""
    net = network("gelu", norm="batch")  # its slope is read from what goes in
    net.biases[0] = np.full(6, -50.0)  # which the normalization takes off again
    assert record_of(net, 1).dead[0, 0] == 0.0


@pytest.mark.parametrize("batch_size", [None, 20])
def test_update_ratios_are_those_of_two_networks_an_epoch_apart(batch_size):
    fit = {"optimizer": optimizers.SGD(0.3), "batch_size": batch_size}
    record = record_of(network(), 4, **fit)
    nets = [network().fit(X, Y, epochs=k, **fit) for k in (3, 4)]
    steps = 1 if batch_size is None else 3
    for layer in range(3):
        before, after = (net.weights[layer] for net in nets)
        expected = np.linalg.norm(after - before) / np.linalg.norm(before) / steps
        assert record.update_ratio[4, layer] == pytest.approx(expected, rel=1e-12)
    assert np.isnan(record.update_ratio[0]).all()


def test_update_ratios_of_epochs_far_apart_are_still_those_of_one_epoch():
    every, few = Recorder(), Recorder(epochs=[4, 9])
    network().fit(X, Y, epochs=9, callbacks=[every, few], batch_size=20)
    np.testing.assert_array_equal(few.update_ratio, every.update_ratio[[4, 9]])


def test_update_ratio_of_plain_gradient_descent_is_rate_times_gradient():
    record = record_of(network(), 2, optimizer=optimizers.SGD(0.3))
    sizes = [np.linalg.norm(W) for W in record.model_at(1).weights]
    expected = 0.3 * record.gradient_norm[1] / sizes
    np.testing.assert_allclose(record.update_ratio[2], expected, rtol=1e-10)


def test_weights_of_zero_that_rest_have_no_ratio_and_that_move_an_infinite_one():
    plan, zeros = build_plan([2, 1]), np.zeros(3)
    assert update_ratio(plan, zeros, np.array([0.0, 0.0, 5.0]), 1).tolist() == [0.0]
    assert update_ratio(plan, zeros, np.array([0.1, 0.0, 0.0]), 1).tolist() == [np.inf]


def test_a_second_fit_counts_its_own_updates():
    net, record = network(), Recorder()
    net.fit(X, Y, epochs=2, callbacks=[record], optimizer="sgd(0.3)")
    before = net.weights[0].copy()
    net.fit(X, Y, epochs=1, callbacks=[record], optimizer="sgd(0.3)", batch_size=12)
    moved = np.linalg.norm(net.weights[0] - before) / np.linalg.norm(before)
    assert record.update_ratio[3, 0] == pytest.approx(moved / 5, rel=1e-12)


def test_so_does_an_estimators_warm_start():
    how = {"hidden_layer_sizes": (3,), "batch_size": 12, "random_state": 0, "warm_start": True}
    net, record = MLPRegressor(**how, max_iter=2), Recorder()
    net.set_callbacks(record).fit(X, X[:, 0])
    before = net.coefs_[0].copy()
    net.set_params(max_iter=1).fit(X, X[:, 0])
    moved = np.linalg.norm(net.coefs_[0] - before) / np.linalg.norm(before)
    assert record.update_ratio[3, 0] == pytest.approx(moved / 5, rel=1e-12)


# --- estimators ----------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_an_estimator_s_fit_is_recorded_on_its_training_data(solver):
    labels = np.array(["no", "yes"])[Y]

    def made():
        return MLPClassifier((5,), solver=solver, max_iter=8, random_state=0)

    record = Recorder()
    net = made().set_callbacks(record).fit(X, labels)
    assert (net.network_.theta == made().fit(X, labels).network_.theta).all()
    assert record.epochs.tolist() == list(range(net.n_iter_ + 1))
    assert record.training_loss[1:].tolist() == net.loss_curve_
    assert (record.model_at(-1).theta == net.network_.theta).all()
    assert list(record.class_labels) == ["no", "yes"]
    assert np.isfinite(record.gradient_norm).all()
    net.fit(X, labels)  # anew
    assert record.epochs.tolist() == list(range(net.n_iter_ + 1))


def test_a_warm_start_goes_on():
    record = Recorder()
    net = MLPRegressor(hidden_layer_sizes=(3,), max_iter=2, random_state=0, warm_start=True)
    net.set_callbacks(record).fit(X, X[:, 0]).fit(X, X[:, 0])
    assert record.epochs.tolist() == [0, 1, 2, 3, 4]


def test_several_starts_are_refused():
    net = MLPClassifier((3,), n_restarts=2, max_iter=2, random_state=0)
    with pytest.raises(ValueError, match="n_restarts must be 1; got 2"):
        net.set_callbacks(Recorder()).fit(X, Y)


def test_partial_fit_is_not_recorded():
    record = Recorder()
    net = MLPClassifier((3,), max_iter=2, random_state=0).set_callbacks(record)
    net.partial_fit(X, Y, classes=[0, 1])
    with pytest.raises(ValueError, match=r"recorded yet.*partial_fit tells no callback"):
        _ = record.theta
    net.set_params(warm_start=True).fit(X, Y).partial_fit(X, Y)
    assert record.epochs.tolist() == [1, 2, 3]


def test_long_tables_are_probed_at_even_distances():
    rows = np.linspace(0, 1, 5000)[:, None]
    record = Recorder(rows, rows[:, 0])
    net = MLP([1, 1], initializer="zeros").fit(rows, rows[:, 0], "sgd(0.1)", 1)
    net.fit(rows, rows[:, 0], "sgd(0.1)", 1, callbacks=[record])
    chosen = rows[np.linspace(0, 4999, 1000).astype(int)]
    assert record.loss[0] == pytest.approx(
        0.5 * np.mean((record.model_at(0).forward(chosen) - chosen) ** 2)
    )
