"""`train`: what it does in which order, when it stops, and that its memory leaves no trace."""

import numpy as np
import pytest
import scipy.sparse

from glassnet import optimizers
from glassnet.engines import numpy_engine as engine
from glassnet.engines.data import Batches, Block, Data
from glassnet.engines.passes import Passes
from glassnet.formulas import layers
from glassnet.formulas.random_bits import keep_mask
from glassnet.network import build_plan, initial_state

from support import torch_net
from support.network_cases import CASES, KEY, build

N, SIZE, EPOCHS = 23, 5, 3


def everything(seed=0):
    """Return what `train` takes, for a network and a run that have a bit of everything."""
    rng = np.random.default_rng(seed)
    plan = build_plan(
        [4, 6, 5, 3],
        activation=("tanh", "swish"),
        loss="categorical_cross_entropy(0.1)",
        norm=("batch", "layer"),
        dropout=(0.3, 0.2),
        alpha=0.5,
    )
    state = initial_state(plan, None, rng)
    state.theta += 0.2 * rng.normal(size=state.theta.shape)
    state.key = KEY
    X, y = rng.normal(size=(N, 4)), np.eye(3)[rng.integers(0, 3, N)]
    data = Data(X, y, rng.uniform(0.1, 2.0, N))
    optimizer = optimizers.AdamW(0.02, weight_decay=0.1)
    state.slots = optimizer.start(state.theta)
    batches = Batches(N, SIZE)
    order = [rng.permutation(N) for _ in range(EPOCHS)]
    rates = 0.02 * rng.uniform(0.5, 1.5, (EPOCHS, batches.per_epoch))
    return plan, state, data, optimizer, Block(order, rates, batches)


def small(activation="identity", loss="absolute_error", norm=None):
    """Return a network of one unit per layer, with all weights 1 and no biases."""
    plan = build_plan([1, 1, 1], activation=activation, loss=loss, norm=norm)
    state = initial_state(plan, "constant(1)", np.random.default_rng(0))
    return plan, state


def one_step(plan, state, X, y, rate=0.1, optimizer=None):
    data, n = Data(np.array(X), np.array(y)), len(X)
    rule = optimizer or optimizers.SGD(rate)
    return engine.train(
        plan, state, data, rule, Block([None], np.array([[rate]]), Batches(n, n))
    )


def without_idle_biases(plan, theta):
    """Return θ but for the biases that batch normalization takes away again.

    Their gradient is 0 up to rounding, and Adam makes whole steps of what rounding leaves.
    """
    idle = plan.layers[0].parameters[1]
    assert plan.layers[1].kind == "batch_norm"
    return np.delete(theta, slice(idle.start, idle.stop))


def assert_same_state(found, expected):
    np.testing.assert_array_equal(found.theta, expected.theta)
    np.testing.assert_array_equal(found.buffers, expected.buffers)
    for name, slot in expected.slots.items():
        np.testing.assert_array_equal(found.slots[name], slot)
    assert (found.step, found.key) == (expected.step, expected.key)


# --- the whole of it -------------------------------------------------------------------


@pytest.mark.judge
def test_everything_at_once_follows_pytorch_step_by_step():
    """Batches in order, dropout, both norms, weights, penalty, AdamW, a rate per step."""
    torch = pytest.importorskip("torch")
    plan, state, data, optimizer, block = everything()
    start = state.theta.copy()
    losses, status, _ = engine.train(plan, state, data, optimizer, block)
    assert status == engine.OK

    theta = torch.tensor(start, requires_grad=True)
    judge = torch.optim.AdamW([theta], weight_decay=0.1)
    (normed,) = (i for i, layer in enumerate(plan.layers) if layer.buffers)
    mean, variance = torch.zeros(6, dtype=torch.float64), torch.ones(6, dtype=torch.float64)
    step = 0
    for epoch, permutation in enumerate(block.orders):
        for i, first in enumerate(range(0, N, SIZE)):
            rows, step = permutation[first : first + SIZE], step + 1
            masks = {
                place: keep_mask(KEY, step, place, len(rows), layer.units, layer.rate)
                for place, layer in enumerate(plan.layers)
                if layer.rate
            }
            loss, gradient = torch_net.loss_and_gradient(
                torch,
                plan,
                theta.detach().numpy(),
                data.X[rows],
                data.y[rows],
                data.weight[rows],
                masks,
                running={normed: (mean, variance)},
            )
            assert losses[epoch, i].sum() == pytest.approx(loss, rel=1e-10)
            theta.grad = torch.tensor(gradient)
            judge.param_groups[0]["lr"] = block.rates[epoch, i]
            judge.step()
    found, expected = (
        without_idle_biases(plan, t) for t in (state.theta, theta.detach().numpy())
    )
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-11)
    # The running means follow the idle biases.
    np.testing.assert_allclose(state.buffers, torch.cat([mean, variance]), rtol=1e-7)
    assert state.step == step == 15


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_many_epochs_in_one_call_are_one_call_for_each(dtype):
    plan, state, data, optimizer, block = everything()
    state.astype(np.dtype(dtype))
    state.slots = optimizer.start(state.theta)
    data = Data(*(array.astype(dtype) for array in (data.X, data.y, data.weight)))
    other = state.copy()
    losses, *_ = engine.train(plan, state, data, optimizer, block)
    for epoch, permutation in enumerate(block.orders):
        found, *_ = engine.train(
            plan,
            other,
            data,
            optimizer,
            Block([permutation], block.rates[epoch, None], block.batches),
        )
        np.testing.assert_array_equal(found[0], losses[epoch])
    assert state.theta.dtype == dtype
    assert_same_state(other, state)


def test_memory_that_is_used_again_leaves_no_trace():
    """`loss_and_gradients` takes new memory each time; the bits must be the same."""
    plan, state, data, optimizer, block = everything()
    other = state.copy()
    engine.train(plan, state, data, optimizer, block)
    for epoch, permutation in enumerate(block.orders):
        for i, rows in enumerate(block.batches.rows(permutation)):
            batch = data.take(rows)
            _, gradient, _ = engine.loss_and_gradients(plan, other, *batch, KEY)
            other.step += 1
            optimizer.step(
                other.theta, gradient, other.slots, other.step, block.rates[epoch, i]
            )
    np.testing.assert_array_equal(state.theta, other.theta)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_batch_overwrites_the_whole_gradient(case):
    plan, state, *data = build(case)
    expected = engine.loss_and_gradients(plan, state, *data, KEY)[1]
    passes = Passes(plan, state, training=True, key=KEY)
    passes.gradient.base[...] = np.nan
    passes.learn(*data)
    np.testing.assert_array_equal(passes.gradient, expected)


def test_gradients_in_place_are_those_of_the_formula():
    plan, state, X, y, weight = build({"activation": "tanh"})
    _, gradient, kept = engine.loss_and_gradients(
        plan, state, X, y, weight, keep=("a1", "delta_z2")
    )
    expected = layers.dense_gradients(kept["delta_z2"], kept["a1"])
    for parameter, part in zip(plan.layers[-1].parameters, expected, strict=True):
        np.testing.assert_allclose(parameter.of(gradient), part, rtol=1e-13, atol=1e-16)


def test_training_on_sparse_rows_is_training_on_dense_ones():
    _, _, data, *rest = everything()
    X = np.where(data.X > 0.3, data.X, 0.0)
    states = []
    for rows in (X, scipy.sparse.csr_array(X), scipy.sparse.csr_matrix(X)):
        plan, state, *_ = everything()
        engine.train(plan, state, Data(rows, data.y, data.weight), *rest)
        states.append(without_idle_biases(plan, state.theta))
    for theta in states[1:]:
        np.testing.assert_allclose(theta, states[0], rtol=1e-9, atol=1e-12)


# --- the order of things ---------------------------------------------------------------


def test_a_step_sees_the_statistics_of_the_batches_before_it():
    plan, state, data, _, block = everything()
    seen = [state.buffers.copy()]

    class Spy(optimizers.SGD):
        def step(self, theta, gradient, *args, **kwargs):
            np.testing.assert_array_equal(state.buffers, seen[-1])
            batch = data.take(list(block.batches.rows(block.orders[0]))[len(seen) - 1])
            other = state.copy()
            engine.refresh_buffers(plan, other, batch[0])
            z_mean, z_variance = other.buffers[:6], other.buffers[6:]
            now = np.r_[z_mean, z_variance]
            seen.append(seen[-1] + 0.1 * (now - seen[-1]))

    engine.train(plan, state, data, Spy(), block.first(1))
    assert len(seen) == 6
    np.testing.assert_allclose(state.buffers, seen[-1], rtol=1e-12)


# --- when it stops ---------------------------------------------------------------------


def test_a_gradient_that_is_not_finite_is_not_used_though_the_loss_is():
    plan, state = small()
    W0, _, W1, _ = (p.of(state.theta) for p in plan.parameters)
    W0[...], W1[...] = 1e-300, 1e10
    before = state.copy()
    losses, status, _ = one_step(plan, state, [[1e300]], [[0.0]])
    assert status == "diverged"
    assert losses[0, 0, 0] == pytest.approx(1e10)
    assert_same_state(state, before)


def test_large_numbers_that_are_finite_go_on():
    """Though the square of this gradient overflows."""
    plan, state = small()
    losses, status, _ = one_step(plan, state, [[1e200]], [[0.0]], rate=1e-300)
    assert status == engine.OK
    assert np.isfinite(losses).all()
    assert state.step == 1


def test_parameters_that_are_not_finite_after_the_step_are_reported():
    plan, state = small()
    losses, status, _ = one_step(plan, state, [[1e200]], [[0.0]], rate=1e200)
    assert status == "diverged"
    assert np.isfinite(losses).all()
    assert not np.isfinite(state.theta).all()


def test_statistics_that_are_not_finite_after_the_step_are_reported():
    plan, state = small(norm="batch")
    plan.parameters[0].of(state.theta)[...] = 0.8e308
    state.buffers[0] = -1.7e308  # as far from the batch's mean as no number can say
    losses, status, _ = one_step(plan, state, [[1.0], [1.0]], [[0.0], [1.0]])
    assert status == "diverged"
    assert np.isfinite(losses).all()
    assert np.isfinite(state.theta).all()
    assert not np.isfinite(state.buffers).all()


def test_no_later_epoch_follows_one_that_ends_not_finite():
    """A bias of infinity before a sigmoid hides: loss and gradient are finite again."""
    plan, state = small(activation="sigmoid")
    calls = []

    class Blow(optimizers.SGD):
        def step(self, theta, *args, **kwargs):
            calls.append(1)
            theta[1] = np.inf

    data = Data(np.ones((4, 1)), np.zeros((4, 1)))
    losses, status, _ = engine.train(
        plan, state, data, Blow(), Block([None] * 3, np.ones((3, 2)), Batches(4, 2))
    )
    assert status == "diverged"
    assert len(calls) == 2
    assert (losses[0, :, 0] > 0).all()
    assert np.isnan(losses[1:]).all()  # never reached
