"""The reference engine against PyTorch's autograd and against central differences."""

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

from glassnet import catalog, optimizers
from glassnet.engines import numpy_engine as engine
from glassnet.engines.data import Batches, Block, Data
from glassnet.network import build_plan, initial_state

from support import torch_net
from support.network_cases import CASES, KEY, build, masks
from support.numeric import gradient, relative_error

# PyTorch has neither these losses nor a name for them: central differences judge them.
JUDGED = [case for case in CASES if case["loss"] not in ("poisson", "quantile")]
RECORDED = Path(__file__).parents[1] / "data" / "networks.npz"


@pytest.fixture(scope="module")
def recorded():
    with np.load(RECORDED) as file:
        return dict(file)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradient_by_central_differences(case):
    plan, state, X, y, weight = build(case)
    loss, found, _ = engine.loss_and_gradients(plan, state, X, y, weight, KEY)

    def at(theta):
        moved = state.copy()
        moved.theta[...] = theta
        return engine.loss_and_gradients(plan, moved, X, y, weight, KEY)[0]

    assert loss == at(state.theta)
    assert relative_error(found, gradient(at, state.theta)) < 2e-7


@pytest.mark.judge
@pytest.mark.parametrize("case", JUDGED, ids=str)
def test_loss_and_gradient_against_pytorch(case):
    torch = pytest.importorskip("torch")
    plan, state, X, y, weight = build(case)
    loss, found, _ = engine.loss_and_gradients(plan, state, X, y, weight, KEY)
    expected_loss, expected = torch_net.loss_and_gradient(
        torch, plan, state.theta, X, y, weight, masks(plan, len(X))
    )
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    assert relative_error(found, expected) < 1e-11


@pytest.mark.parametrize("case", JUDGED, ids=str)
def test_loss_and_gradient_against_recorded_pytorch(case, recorded):
    plan, state, *_ = build(case)
    theta, X, y, weight, loss, gradient = (
        recorded[f"{case}|{name}"] for name in ("theta", "X", "y", "weight", "loss", "gradient")
    )
    state.theta[...] = theta
    found_loss, found, _ = engine.loss_and_gradients(plan, state, X, y, weight, KEY)
    assert found_loss == pytest.approx(float(loss), rel=1e-12)
    assert relative_error(found, gradient) < 1e-11


@pytest.mark.judge
@pytest.mark.parametrize("batch_size", [None, 16])
def test_a_whole_training_run_against_pytorch(batch_size):
    """200 epochs of Adam from the same weights, in the same order of samples."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 4)), np.eye(3)[rng.integers(0, 3, 50)]
    plan = build_plan([4, 8, 3], "tanh", loss="categorical_cross_entropy", alpha=0.1)
    state = initial_state(plan, None, rng)
    theta = torch.tensor(state.theta, requires_grad=True)
    judge = torch.optim.Adam([theta], lr=0.01)
    batches, optimizer = Batches(50, batch_size or 50), optimizers.Adam(0.01)
    state.slots = optimizer.start(state.theta)
    rates = np.full((200, batches.per_epoch), 0.01)
    losses, *_ = engine.train(
        plan, state, Data(X, y), optimizer, Block([None] * 200, rates, batches)
    )
    for epoch in range(200):
        total = 0.0
        for rows in batches.rows(None):
            loss, gradient = torch_net.loss_and_gradient(
                torch, plan, theta.detach().numpy(), X[rows], y[rows]
            )
            total += loss * len(X[rows]) / 50
            theta.grad = torch.tensor(gradient)
            judge.step()
        found = batches.shares(None, None) @ losses[epoch].sum(axis=-1) / 50
        assert found == pytest.approx(total, rel=1e-9)
    np.testing.assert_allclose(state.theta, theta.detach().numpy(), rtol=1e-8, atol=1e-10)


def test_gradient_is_read_only_and_state_untouched():
    plan, state, X, y, weight = build({"norm": "batch"})
    before = state.copy()
    _, found, _ = engine.loss_and_gradients(plan, state, X, y, weight)
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 0
    np.testing.assert_array_equal(state.theta, before.theta)
    np.testing.assert_array_equal(state.buffers, before.buffers)


def test_sparse_equals_dense():
    plan, state, X, y, weight = build({"activation": "tanh"})
    X = np.where(X > 0.5, X, 0)
    dense = engine.loss_and_gradients(plan, state, X, y, weight)
    sparse = engine.loss_and_gradients(plan, state, scipy.sparse.csr_array(X), y, weight)
    assert sparse[0] == pytest.approx(dense[0], rel=1e-14)
    np.testing.assert_allclose(sparse[1], dense[1], rtol=1e-11, atol=1e-15)


def test_weights_count_like_repeated_samples():
    plan, state, X, y, _ = build({"activation": "tanh"})
    times = np.array([1, 2, 0, 3, 1, 1, 4, 0, 1])
    weighted = engine.loss_and_gradients(plan, state, X, y, times.astype(float))
    repeated = engine.loss_and_gradients(
        plan, state, np.repeat(X, times, 0), np.repeat(y, times, 0)
    )
    assert weighted[0] == pytest.approx(repeated[0], rel=1e-13)
    np.testing.assert_allclose(weighted[1], repeated[1], rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("case", CASES[:1] + CASES[-4:], ids=str)
def test_float32_stays_float32_and_follows_float64(case):
    plan, state, X, y, weight = build(case)
    low = state.copy()
    low.astype(np.dtype(np.float32))
    args = [array.astype(np.float32) for array in (X, y, weight)]
    loss, found, kept = engine.loss_and_gradients(
        plan, low, *args, KEY, keep=("z0", "a0", "z1")
    )
    expected_loss, expected, _ = engine.loss_and_gradients(plan, state, X, y, weight, KEY)
    assert {found.dtype, *(array.dtype for array in kept.values())} == {np.dtype(np.float32)}
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert relative_error(found, expected) < 1e-4


@pytest.mark.judge
def test_running_statistics_and_prediction_against_pytorch():
    torch = pytest.importorskip("torch")
    plan, state, X, y, _ = build({"activation": "relu", "norm": "batch"})
    bn = torch.nn.BatchNorm1d(6, eps=1e-5, momentum=0.1, dtype=torch.float64)
    data, steps = Data(X, y), 5
    first = plan.layers[0]
    for _ in range(steps):
        W, b = (p.of(state.theta) for p in first.parameters)
        bn(torch.tensor(X @ W + b))
        engine.train(
            plan,
            state,
            data,
            optimizers.SGD(0.05),
            Block([None], np.array([[0.05]]), Batches(9, 9)),
        )
    mean, variance = (p.of(state.buffers) for p in plan.layers[1].buffers)
    np.testing.assert_allclose(mean, bn.running_mean.numpy(), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(variance, bn.running_var.numpy(), rtol=1e-11)

    bn.eval()
    with torch.no_grad():
        gain, shift = (p.of(state.theta) for p in plan.layers[1].parameters)
        bn.weight.copy_(torch.tensor(gain))
        bn.bias.copy_(torch.tensor(shift))
        W, b = (p.of(state.theta) for p in first.parameters)
        expected = bn(torch.tensor(X @ W + b)).numpy()
    _, kept = engine.forward(plan, state, X, keep=("norm0",))
    np.testing.assert_allclose(kept["norm0"], expected, rtol=1e-11, atol=1e-12)


def test_refreshed_buffers_are_the_data_s_own_statistics():
    plan, state, X, *_ = build({"norm": "batch"})
    engine.refresh_buffers(plan, state, X)
    W, b = (p.of(state.theta) for p in plan.layers[0].parameters)
    z = X @ W + b
    mean, variance = (p.of(state.buffers) for p in plan.layers[1].buffers)
    np.testing.assert_allclose(mean, z.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(variance, z.var(axis=0, ddof=1), rtol=1e-12)


def test_prediction_drops_nothing():
    with_dropout, state, X, *_ = build({"dropout": 0.5, "activation": "tanh"})
    without = build_plan([4, 6, 5, 3], activation="tanh")
    a, b = engine.forward(with_dropout, state, X), engine.forward(without, state, X)
    np.testing.assert_array_equal(a[0], b[0])


def test_train_stops_before_it_uses_a_number_that_is_not_finite():
    plan, state, X, y, _ = build({"activation": "relu"})
    state.theta *= 1e200
    before = state.theta.copy()
    losses, status, _ = engine.train(
        plan,
        state,
        Data(X, y),
        optimizers.SGD(0.1),
        Block([None], np.array([[0.1]]), Batches(9, 9)),
    )
    assert status == "diverged"
    assert not np.isfinite(losses).all()
    np.testing.assert_array_equal(state.theta, before)


def test_a_batch_without_weight_teaches_nothing():
    plan, state, X, y, _ = build({"activation": "tanh"})
    weight = np.r_[np.ones(3), np.zeros(6)]
    other = state.copy()
    optimizer, rates = optimizers.SGD(0.1), np.full((1, 3), 0.1)
    losses, *_ = engine.train(
        plan, state, Data(X, y, weight), optimizer, Block([None], rates, Batches(9, 3))
    )
    expected, *_ = engine.train(
        plan, other, Data(X[:3], y[:3]), optimizer, Block([None], rates[:, :1], Batches(3, 3))
    )
    np.testing.assert_allclose(losses[:, :1], expected, rtol=1e-14)
    assert not losses[:, 1:].any()
    np.testing.assert_allclose(state.theta, other.theta, rtol=1e-13)


def test_a_formula_defined_again_is_the_one_that_runs():
    """As when a notebook's cell is mended and run again."""

    def output(factor):
        def value(z):
            return factor * z

        def slope(z, a):
            return np.full_like(z, factor)

        value.__qualname__, slope.__qualname__ = "value", "slope"  # as if at top level
        record = catalog.Activation("again", value, slope)
        plan = build_plan([2, 2, 1], activation=record)
        state = initial_state(plan, "constant(1)", np.random.default_rng(0))
        return engine.forward(plan, state, np.ones((1, 2)))[0][0, 0]

    assert output(100.0) == 100 * output(1.0)
