"""Training that cannot mean what it seems to: a warning says so."""

import math
import warnings

import numpy as np
import pytest

from glassnet import MLP, DivergenceWarning, optimizers
from glassnet.catalog import Activation
from glassnet.training.outcome import rose

X = np.random.default_rng(0).normal(size=(6, 2))
Y = np.arange(6) % 2


def net(**kwargs):
    return MLP([2, 3, kwargs.pop("outputs", 1)], seed=0, **kwargs)


def test_one_class_warns():
    with pytest.warns(UserWarning, match="one class only"):
        net(loss="binary_cross_entropy").fit(X, np.ones(6), epochs=1)


def test_constant_and_tiny_features_warn():
    for bad in (np.full((6, 2), 3.0), X * 1e-12):
        with pytest.warns(UserWarning, match="no column of X varies"):
            net().fit(bad, Y, epochs=1)
    net().fit(np.c_[X[:, :1], np.ones(6)], Y, epochs=1)  # one constant column is harmless


def test_huge_features_warn():
    with pytest.warns(UserWarning, match="X reaches .*scale the columns"):
        net().fit(X * 1e8, Y, epochs=1, optimizer=optimizers.SGD(1e-30))


def test_divergence_warns_and_keeps_the_best_state():
    model = net(activation="identity")
    first, _ = model.loss_and_gradients(X, Y)
    with pytest.warns(DivergenceWarning, match=r"diverged: .*learning rate"):
        model.fit(X, Y, optimizer=optimizers.SGD(1e3), epochs=1000)
    assert model.history.stopped == "diverged"
    assert np.all(np.isfinite(model.theta))
    loss, _ = model.loss_and_gradients(X, Y)
    assert loss == min(model.history.loss)
    assert loss <= first


def test_divergence_in_the_first_epoch_keeps_the_initial_state():
    model = net()
    model.theta *= 1e200
    before = model.theta.copy()
    with pytest.warns(DivergenceWarning, match=r"best state \(the initial one\)"):
        model.fit(X, Y)
    np.testing.assert_array_equal(model.theta, before)
    assert len(model.history) == 0


def test_a_loss_that_rose_is_divergence_though_it_is_finite():
    model = net(activation="identity")
    with pytest.warns(DivergenceWarning, match=r"loss rose from .*best state \(epoch \d+\)"):
        model.fit(X, Y, optimizer=optimizers.SGD(30.0), epochs=4)
    assert model.history.stopped == "diverged"
    assert model.loss_and_gradients(X, Y)[0] == min(model.history.loss)


def test_a_noisy_loss_that_happens_to_end_high_is_no_divergence():
    """Dropout on a dozen rows: one epoch's loss is twice another's, whatever was learnt."""
    rng = np.random.default_rng(17)
    rows, targets = rng.normal(size=(12, 3)), rng.normal(size=(12, 2))
    shape = {"activation": "gelu", "dropout": 0.4, "norm": "batch"}
    model = MLP([3, 4, 4, 2], seed=17, engine="numpy", **shape)
    model.fit(rows, targets, epochs=30)
    losses = model.history.loss
    assert losses[-1] > 2 * losses[0]  # by chance: others lie between
    assert min(losses[-5:]) < 2 * losses[0]
    assert model.history.stopped == "finished"


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([1.0, 2.5], True),
        ([1.0, *[40.0, 60.0] * 10], True),  # it rose at once, and stays up there
        ([1.0, *[0.5] * 95, 2.0, 8.0, 32.0], True),  # late, and the last stands out
        ([-1.0, -0.5, 3.0], True),
        ([1.0, *[1.9, 2.8] * 10], False),
        ([1.0, *[0.5] * 20], False),
        ([math.inf, 1.0, 5.0], False),
        ([1.0], False),
    ],
)
def test_what_counts_as_a_loss_that_rose(losses, expected):
    assert rose(losses) == expected


# --- an activation without slope, a penalty that outweighs the data ---------------------


def test_a_step_teaches_nothing_before_it_and_says_so():
    model = MLP([2, 3, 3, 1], activation=("tanh", "step"), seed=0)
    before = [W.copy() for W in model.weights]
    with pytest.warns(UserWarning, match="'step' has slope 0 everywhere.*layers before it"):
        model.fit(X, Y, epochs=3)
    np.testing.assert_array_equal(model.weights[0], before[0])
    np.testing.assert_array_equal(model.weights[1], before[1])
    assert (model.weights[2] != before[2]).any()


def test_a_step_at_the_output_teaches_nothing_at_all():
    model = net(output="step")
    before = model.theta.copy()
    with pytest.warns(UserWarning, match="'step' has slope 0 .*the whole network before it"):
        model.fit(X, Y, epochs=3)
    np.testing.assert_array_equal(model.theta, before)


def test_a_flat_activation_of_ones_own_warns_too():
    flat = Activation("flat_for_test", np.sign, lambda z, a: np.zeros_like(z))
    with pytest.warns(UserWarning, match="'flat_for_test' has slope 0"):
        net(activation=flat).fit(X, Y, epochs=1)


@pytest.mark.parametrize("rule", [optimizers.SGD, optimizers.Momentum])
def test_a_penalty_that_throws_the_weights_past_zero_warns(rule):
    weight = np.full(6, 1e-3)  # in all 0.006
    model = MLP([2, 1], alpha=1.0, seed=0)
    before = model.weights[0].copy()
    loud = rule(0.009)
    with pytest.warns(UserWarning, match=r"weigh 0.006 .*multiplies the weights by -0.5 "):
        model.fit(X, np.zeros(6), optimizer=loud, epochs=1, sample_weight=weight)
    assert np.all(model.weights[0] * before < 0)  # thrown past zero indeed


@pytest.mark.parametrize(
    ("optimizer", "kwargs"),
    [
        (optimizers.SGD(0.005), {}),  # 0.005 / 0.006 is below 1
        (optimizers.Adam(0.009), {}),  # the length of its step is its own
        (optimizers.LBFGS(), {}),
    ],
)
def test_a_penalty_that_does_not_is_no_news(optimizer, kwargs):
    model = MLP([2, 1], alpha=1.0, seed=0)
    model.fit(X, Y, optimizer=optimizer, epochs=1, sample_weight=np.full(6, 1e-3), **kwargs)


def test_the_penalty_counts_by_the_batch():
    model = MLP([2, 1], alpha=15.0, seed=0)
    model.fit(X, Y, optimizer=optimizers.SGD(0.1), epochs=1)  # 0.1 * 15 / 6
    with pytest.warns(UserWarning, match="samples weigh 1 in all"):
        model.fit(X, Y, optimizer=optimizers.SGD(0.1), epochs=1, batch_size=1)


def test_zeros_and_ones_are_numbers_to_a_loss_for_numbers():
    """Squares on 0 and 1 are a choice (the notebook's), not a slip: no warning."""
    model = net().fit(X, Y, epochs=2)
    assert model.predict(X).dtype == np.float64
    labels = model.predict(X, threshold=0.5)
    np.testing.assert_array_equal(labels, model.predict(X) > 0.5)


# --- numbers that overflow ---------------------------------------------------------------


def test_what_overflows_shows_in_the_numbers_without_a_warning():
    model = net(activation="identity")
    model.theta[:] = 1e200
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss, gradient = model.loss_and_gradients(X * 1e100, Y)
        assert not np.isfinite(model.forward(X * 1e200)).any()
        assert not np.isfinite(model.backward(X * 1e100, Y)[0][0]).all()
        assert not np.isfinite(model.intermediates(X * 1e200)["output"]).any()
        assert not np.isfinite(model.intermediates(X * 1e200, Y)["delta_z0"]).any()
    assert not np.isfinite(loss)
    assert not np.isfinite(gradient).all()
