"""The compiled engine against the NumPy engine, step by step."""

import numpy as np
import pytest

pytest.importorskip("numba")

from dataclasses import replace

from glassnet import catalog, optimizers
from glassnet.engines import numba_engine as fast
from glassnet.engines import numpy_engine as slow
from glassnet.engines.compiled import dense, program
from glassnet.engines.data import Batches, Block, Data
from glassnet.network import build_plan
from glassnet.network.plan import Group

from support import network_cases
from support.network_cases import CASES
from support.two_engines import agree, both

DTYPES = [np.float32, np.float64]
RULES = [
    optimizers.SGD(0.05),
    optimizers.Momentum(0.05),
    optimizers.Momentum(0.05, nesterov=True, weight_decay=0.1),
    optimizers.AdaGrad(0.05, initial_accumulator=0.1),
    optimizers.AdaDelta(epsilon=1e-3),
    optimizers.RMSProp(0.01, epsilon=1e-3),
    optimizers.RMSProp(0.01, momentum=0.5, epsilon=1e-3),
    optimizers.RMSProp(0.01, momentum=0.5, centred=True, epsilon=1e-2),
    optimizers.RMSProp(0.01, centred=True, epsilon=1e-2),
    optimizers.Adam(0.01, epsilon=1e-3),
    optimizers.Adam(0.01, amsgrad=True, epsilon=1e-3, clip_norm=0.5),
    optimizers.Adam(0.01, epsilon_before_correction=True, epsilon=1e-3, clip_value=0.05),
    optimizers.AdamW(0.01, weight_decay=0.3, epsilon=1e-3),
    optimizers.Adamax(0.01, epsilon=1e-3),
    optimizers.NAdam(0.01, epsilon=1e-3),
    optimizers.RAdam(0.01, epsilon=1e-3),
    optimizers.Lion(0.001, weight_decay=0.1),
]


def case(which, dtype, n=9):
    plan, state, X, y, weight = network_cases.build(which)
    state.astype(np.dtype(dtype))
    state.key = network_cases.KEY
    cast = [one.astype(dtype) for one in (X, y, weight)]
    return plan, state, Data(*cast)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("which", CASES, ids=str)
def test_every_kind_of_network(which, dtype):
    plan, state, data = case(which, dtype)
    assert fast.lacks(plan, RULES[0], data) == ""
    agree(both(plan, state, data, RULES[0]), dtype)
    agree(both(plan, state, Data(data.X, data.y), RULES[0], size=9, shuffled=False), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_every_optimizer(rule, dtype):
    # Before batch normalization the gradient of a bias is nothing but rounding, and Lion
    # takes its sign.
    norm = "layer" if rule.name == "lion" else "batch"
    plan, state, data = case({"activation": "tanh", "alpha": 0.3, "norm": norm}, dtype)
    assert fast.lacks(plan, rule, data) == ""
    agree(both(plan, state, data, rule, epochs=4), dtype)
    groups = ("weights", Group(0.5, 2.0, l2=True)), ("other", Group(2.0, 0.0))
    agree(both(replace(plan, groups=groups), state, data, rule), dtype)
    assert {r.name for r in RULES} == {r.name for r in catalog.OPTIMIZERS} - {"lbfgs"}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("output", ["exp", "log_softmax", "softmax", "gelu"])
def test_outputs_behind_squared_error(output, dtype):
    plan, state, data = case({"output": output, "loss": "squared_error"}, dtype)
    agree(both(plan, state, data, optimizers.SGD(0.01)), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("weighted", [False, True])
def test_large_products_and_several_chunks(weighted, dtype, monkeypatch):
    rng = np.random.default_rng(0)
    plan = build_plan([30, 80, 70, 3], "tanh", loss="categorical_cross_entropy", dropout=0.2)
    _, state, _ = case({}, dtype)
    state.theta = rng.normal(0, 0.1, plan.n_parameters).astype(dtype)
    X, y = (
        rng.normal(size=(150, 30)).astype(dtype),
        np.eye(3, dtype=dtype)[rng.integers(0, 3, 150)],
    )
    data = Data(X, y, rng.uniform(0, 2, 150).astype(dtype) if weighted else None)
    monkeypatch.setattr(fast, "_MOST_ROWS", 40)
    monkeypatch.setattr(dense, "_BLAS_FROM", 200_000)
    program.build.cache_clear()
    hidden = [layer for layer in plan.layers if layer.kind == "dense"]
    assert [dense.for_blas(layer, 40) for layer in hidden] == [False, True, False]
    agree(both(plan, state, data, optimizers.SGD(0.1), size=100), dtype)
    agree(both(plan, state, data, optimizers.SGD(0.1), size=150, shuffled=False), dtype)


def test_epochs_in_one_call_or_one_by_one_are_the_same_bit_by_bit():
    plan, state, data = case(
        {"norm": "batch", "dropout": 0.3, "activation": "gelu"}, np.float64
    )
    rule = optimizers.NAdam(0.01)
    _, (a, losses_a, _) = both(plan, state, data, rule)
    _, (b, losses_b, _) = both(plan, state, data, rule, one_by_one=True)
    np.testing.assert_array_equal(a.theta, b.theta)
    np.testing.assert_array_equal(losses_a, losses_b)


def test_any_array_will_do_and_none_is_written():
    plan, state, data = case({"activation": "tanh"}, np.float64)
    _, (expected, losses, _) = both(plan, state, data, RULES[0])
    frozen = [np.asfortranarray(data.X), data.y[:, ::-1].copy()[:, ::-1], data.weight.copy()]
    for array in frozen:
        array.flags.writeable = False
    _, (found, again, _) = both(plan, state, Data(*frozen), RULES[0])
    np.testing.assert_array_equal(found.theta, expected.theta)
    np.testing.assert_array_equal(again, losses)


def test_a_batch_in_which_nothing_counts_is_passed_over():
    plan, state, data = case({"activation": "tanh"}, np.float64)
    weight = np.ones(9)
    weight[:4] = 0
    found = both(plan, state, Data(data.X, data.y, weight), RULES[9], shuffled=False)
    agree(found, np.float64)
    assert found[1][0].step == 6
    assert not found[1][1][:, 0].any()


@pytest.mark.parametrize("rule", [r for r in RULES if hasattr(r, "epsilon")], ids=str)
def test_an_epsilon_below_the_normal_numbers_does_not_divide_nothing_by_nothing(rule):
    plan, state, data = case({"activation": "relu", "loss": "squared_error"}, np.float64)
    data.X[:, 0] = 0  # so the gradient by its weights is 0
    rule = replace(rule, epsilon=1e-310, learning_rate=1e-6, clip_norm=None, clip_value=None)
    (a, _, _), (b, losses, status) = both(plan, state, data, rule)
    assert status == "ok"
    assert np.isfinite(losses).all()
    np.testing.assert_array_equal(b.theta[:6], a.theta[:6])


@pytest.mark.parametrize("rate", [1e3, 1e200])
def test_divergence(rate):
    plan, state, data = case({"activation": "relu", "loss": "squared_error"}, np.float64)
    found = both(plan, state, data, optimizers.SGD(rate), epochs=60)
    (a, losses_a, status), (b, losses_b, _) = found
    assert status == found[1][2] == "diverged"
    assert a.step == b.step
    assert np.count_nonzero(losses_a) == np.count_nonzero(losses_b)


def test_what_is_not_supported_is_said():
    plan, _, data = case({"activation": "tanh"}, np.float64)
    assert "int64" in fast.lacks(plan, RULES[0], Data(data.X.astype(int), data.y))
    own = catalog.Activation("own_bend", lambda z: np.tanh(z), lambda z, a: 1 - a * a)
    other = build_plan([4, 3, 3], own)
    assert "own_bend" in fast.lacks(other, RULES[0], data)


@pytest.mark.parametrize("engine", [slow, fast], ids=["numpy", "numba"])
def test_how_far_it_came_is_said(engine):
    plan, state, data = case({"activation": "relu", "loss": "squared_error"}, np.float64)
    rule, batches = optimizers.SGD(1e200), Batches(9, 4)
    state.slots = rule.start(state.theta)
    rates = np.full((5, 3), 1e-3)
    rates[2, 1] = 1e200  # the second batch of the third epoch
    losses, status, epochs = engine.train(
        plan, state, data, rule, Block([None] * 5, rates, batches)
    )
    assert (status, epochs, state.step) == ("diverged", 2, 8)
    assert np.isfinite(losses[:2]).all()
    assert np.isfinite(losses[2, :2]).all()
    assert not np.isfinite(losses[2, 2].sum())
    assert np.isnan(losses[3:]).all()


def test_numbers_of_another_byte_order_are_trained_alike():
    plan, state, data = case({"activation": "tanh"}, np.float64)
    (a, _, _), (expected, losses, _) = both(plan, state, data, RULES[9])
    state.theta = state.theta.astype(state.theta.dtype.newbyteorder())
    found, again, status = both(plan, state, data, RULES[9])[1]
    assert status == "ok"
    np.testing.assert_array_equal(again, losses)
    np.testing.assert_array_equal(found.theta, expected.theta)
    loss, gradient, _ = fast.loss_and_gradients(plan, state, data.X, data.y)
    state.theta = a.theta
    assert loss > 0
    assert np.isfinite(gradient).all()
