"""What early stopping, plateaus and callbacks watch, and what state is kept."""

import numpy as np
import pytest

from glassnet import MLP, EarlyStopping, optimizers, schedules
from glassnet.engines import numpy_engine as engine
from glassnet.engines import passes
from glassnet.engines.data import Batches, Block, Data
from glassnet.network import State, build_plan, initial_state

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 5)), RNG.normal(size=40)
X_VAL, Y_VAL = RNG.normal(size=(40, 5)), RNG.normal(size=40)


def fitted(**kwargs):
    net = MLP([5, 30, 1], seed=0, norm=kwargs.pop("norm", None))
    kwargs = {"optimizer": optimizers.Adam(0.02), "epochs": 300} | kwargs
    return net.fit(X, Y, X_val=X_VAL, y_val=Y_VAL, **kwargs)


def validation_loss(net):
    loss, _ = engine.evaluate(net.plan, net.state, Data(X_VAL, Y_VAL[:, None]))
    return loss


def test_the_last_state_is_kept_where_that_is_asked_for():
    net = fitted(early_stopping=EarlyStopping(patience=7, restore_best=False))
    assert net.history.stopped == "early_stopping"
    assert net.history.best_epoch is None
    assert validation_loss(net) == net.history.validation_loss[-1]
    assert validation_loss(net) > min(net.history.validation_loss)


@pytest.mark.parametrize("norm", [None, "batch"])
def test_the_best_state_comes_back_with_its_running_statistics(norm):
    net = fitted(norm=norm, early_stopping=7, batch_size=10)
    assert validation_loss(net) == pytest.approx(min(net.history.validation_loss), rel=1e-12)


def test_a_gain_below_min_delta_is_none():
    long = fitted(early_stopping=EarlyStopping(patience=5))
    short = fitted(early_stopping=EarlyStopping(patience=5, min_delta=10.0))
    assert len(short.history) == 6  # the first epoch counts, no later gain does
    assert len(long.history) > 6


def test_a_second_fit_forgets_the_best_epoch_of_the_first():
    net = fitted(early_stopping=7)
    assert net.history.best_epoch is not None
    assert net.fit(X, Y, epochs=2).history.best_epoch is None


def test_a_plateau_watches_the_validation_loss():
    net = fitted(schedule=schedules.ReduceOnPlateau(factor=0.5, patience=2), epochs=120)
    losses, rates = net.history.validation_loss, net.history.learning_rate
    state, expected = schedules.ReduceOnPlateau(factor=0.5, patience=2).start(), []
    for loss in losses:
        expected.append(0.02 * state.factor)
        state = schedules.ReduceOnPlateau(factor=0.5, patience=2).update(state, loss)
    np.testing.assert_allclose(rates, expected, rtol=1e-14)
    assert rates[-1] < rates[0]


def test_validation_metrics_are_those_of_the_validation_data():
    net = fitted(metrics=["r2"], epochs=3)
    assert net.history.metrics["validation_r2"][-1] == pytest.approx(net.score(X_VAL, Y_VAL))
    assert net.history.metrics["r2"][-1] == pytest.approx(net.score(X, Y))


def test_the_learning_rate_recorded_is_that_of_the_first_update():
    net = fitted(schedule="cosine", epochs=2, batch_size=10)
    expected = 0.02 * (1 + np.cos(np.pi * np.array([0.0, 0.5]))) / 2
    np.testing.assert_allclose(net.history.learning_rate, expected, rtol=1e-14)


def test_every_callback_is_called_also_after_one_that_stops():
    calls = []
    fitted(epochs=5, callbacks=[lambda e: True, lambda e: calls.append(e.number)])
    assert calls == [0]


def test_dropout_tosses_new_coins_at_each_step_and_for_each_key(monkeypatch):
    masks, real = [], passes.keep_mask

    def spy(*args, **kwargs):
        masks.append(real(*args, **kwargs))
        return masks[-1]

    monkeypatch.setattr(passes, "keep_mask", spy)
    for seed in (0, 1):
        MLP([5, 30, 1], dropout=0.5, seed=seed).fit(X, Y, epochs=3)
    assert len(masks) == 6
    agreement = [np.mean(a == b) for i, a in enumerate(masks) for b in masks[:i]]
    assert max(agreement) < 0.6  # half of the coins fall alike by chance


def test_groups_set_their_own_rate_and_decay():
    import dataclasses

    from glassnet.network import Group

    plan = build_plan([5, 4, 1])
    groups = (("weights", Group(rate_factor=0.0, decay_factor=0.0)), ("other", Group()))
    plan = dataclasses.replace(plan, groups=groups)
    state = initial_state(plan, None, np.random.default_rng(0))
    before = state.theta.copy()
    rule = optimizers.SGD(0.1, weight_decay=0.1)
    engine.train(
        plan,
        state,
        Data(X, Y[:, None]),
        rule,
        Block([None], np.array([[0.1]]), Batches(40, 40)),
    )
    moved = state.theta != before
    for parameter in plan.parameters:
        expected = parameter.name.startswith("b")
        assert np.all(parameter.of(moved) == expected)


def test_lbfgs_leaves_the_statistics_of_the_whole_data():
    net = MLP([5, 6, 1], norm="batch", seed=0).fit(X, Y, optimizer="lbfgs", epochs=5)
    z = net.intermediates(X)["z0"]
    mean, variance = (p.of(net.state.buffers) for p in net.plan.buffers)
    np.testing.assert_allclose(mean, z.mean(axis=0), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(variance, z.var(axis=0, ddof=1), rtol=1e-10)


@pytest.mark.parametrize("batch_size", [None, 10])
@pytest.mark.parametrize("validated", [True, False])
def test_the_best_state_comes_back_whole(batch_size, validated):
    """Slots, running statistics and step with it: the very state of one moment."""
    net = MLP([5, 30, 1], seed=0, norm="batch")
    seen = [net.state.copy()]
    val = {"X_val": X_VAL, "y_val": Y_VAL} if validated else {}
    net.fit(
        X,
        Y,
        optimizer=optimizers.Adam(0.3),
        epochs=300,
        batch_size=batch_size,
        early_stopping=5,
        callbacks=lambda epoch: seen.append(epoch.model.state.copy()),
        **val,
    )
    best = net.history.best_epoch
    of_start = batch_size is None and not validated  # the loss is that before the update
    expected = seen[best if of_start else best + 1]
    assert net.state.step == expected.step > 0
    np.testing.assert_array_equal(net.state.theta, expected.theta)
    np.testing.assert_array_equal(net.state.buffers, expected.buffers)
    assert set(net.state.slots) == set(expected.slots) == {"m", "v"}
    for name, array in expected.slots.items():
        np.testing.assert_array_equal(net.state.slots[name], array)


@pytest.mark.parametrize("batch_size", [None, 10])
def test_however_long_it_trains_two_copies_of_the_state_are_made(batch_size, monkeypatch):
    count, real = [], State.copy
    monkeypatch.setattr(State, "copy", lambda self: count.append(1) or real(self))
    fitted(batch_size=batch_size, epochs=50)
    assert len(count) == 2
