"""Small networks in one call of machine code: each as by its own `fit`, or by that itself."""

import numpy as np
import pytest

pytest.importorskip("numba")

from glassnet import MLP, DivergenceWarning, fit_many, optimizers
from glassnet.engines import numba_engine
from glassnet.many import together
from glassnet.schedules import Cosine

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = RNG.integers(0, 3, 60)


def nets(count=6, **settings):
    loss = settings.pop("loss", "categorical_cross_entropy")
    return [MLP([3, 8, 3], loss=loss, seed=k, engine="numba", **settings) for k in range(count)]


@pytest.fixture
def calls(monkeypatch):
    """Note how many networks each call trains."""
    found, real = [], numba_engine.train_each

    def train_each(trainings, *args):
        found.append(len(trainings))
        real(trainings, *args)

    monkeypatch.setattr(numba_engine, "train_each", train_each)
    return found


def assert_same(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.theta, other.theta)
        np.testing.assert_array_equal(one.state.buffers, other.state.buffers)
        assert one.state.slots.keys() == other.state.slots.keys()
        for name, vector in other.state.slots.items():
            np.testing.assert_array_equal(one.state.slots[name], vector)
        assert (one.state.step, one.state.key) == (other.state.step, other.state.key)
        assert one.history.loss == other.history.loss
        assert one.history.learning_rate == other.history.learning_rate
        assert len(one.history.seconds) == len(other.history.seconds)
        assert one.history.stopped == other.history.stopped
        assert one.rng.bit_generator.state == other.rng.bit_generator.state
        assert (one.engine_, one.engine_reason_) == (other.engine_, other.engine_reason_)
        assert one.theta.dtype == other.theta.dtype


def assert_untouched(models, fresh):
    for net, other in zip(models, fresh, strict=True):
        np.testing.assert_array_equal(net.theta, other.theta)
        assert net.rng.bit_generator.state == other.rng.bit_generator.state
        assert len(net.history) == 0


CASES = {
    "full batch": ({}, {"epochs": 7}),
    "batches": ({}, {"epochs": 4, "batch_size": 16}),
    "in order": ({}, {"epochs": 4, "batch_size": 16, "shuffle": False}),
    "dropout and norm": ({"dropout": 0.3, "norm": "batch"}, {"epochs": 4, "batch_size": 20}),
    "weights": ({"alpha": 0.1}, {"epochs": 4, "sample_weight": RNG.uniform(0, 2, 60)}),
    "schedule": ({}, {"epochs": 5, "batch_size": 16, "schedule": Cosine()}),
    "nadam": ({}, {"epochs": 3, "optimizer": optimizers.NAdam(), "batch_size": 16}),
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CASES)
def test_each_is_as_its_own_fit(calls, name, dtype, threads):
    settings, arguments = CASES[name]
    rows = X.astype(dtype)
    found = fit_many(nets(**settings), rows, Y, n_threads=threads, **arguments)
    assert calls == [6]
    assert_same(found, [net.fit(rows, Y, **arguments) for net in nets(**settings)])


def test_a_second_time_goes_on_from_the_first(calls):
    found = fit_many(fit_many(nets(), X, Y, epochs=3), X, Y, epochs=3)
    assert calls == [6, 6]
    assert_same(found, [net.fit(X, Y, epochs=3).fit(X, Y, epochs=3) for net in nets()])


def test_one_call_takes_other_rates_penalties_shapes_and_rows(calls):
    def some():
        return [*nets(4), *nets(4, alpha=0.1), MLP([3, 1], seed=1, engine="numba")]

    rates = [optimizers.SGD(0.1), optimizers.SGD(0.2)]
    each = [{"optimizer": rates[k % 2]} for k in range(8)]
    each += [{"y": X[:, 0], "epochs": 5, "X": X}]
    each[3] = {"X": X[:40], "y": Y[:40], "batch_size": 10}
    found = fit_many(some(), X, Y, each=each, epochs=3)
    assert calls == [9]
    alone = zip(some(), each, strict=True)
    assert_same(found, [n.fit(**{"X": X, "y": Y, "epochs": 3, **own}) for n, own in alone])


def test_each_precision_has_a_call_of_its_own(calls):
    each = [{"X": X.astype(np.float32 if k % 2 else np.float64)} for k in range(6)]
    found = fit_many(nets(), X, Y, each=each, epochs=3)
    assert calls == [3, 3]
    alone = zip(nets(), each, strict=True)
    assert_same(found, [n.fit(**{"X": X, "y": Y, "epochs": 3, **own}) for n, own in alone])


def test_calls_are_bounded(calls, monkeypatch):
    monkeypatch.setattr(together, "_NETWORKS", 4)
    assert_same(fit_many(nets(), X, Y, epochs=2), [net.fit(X, Y, epochs=2) for net in nets()])
    assert calls == [4, 2]
    monkeypatch.setattr(together, "_NUMBERS", 1)
    fit_many(nets(3), X, Y, epochs=2)
    assert calls == [4, 2, 1, 1, 1]
    monkeypatch.undo()


def test_one_that_diverges_is_left_to_its_own_fit(calls):
    """The others' numbers are those of the call; nothing is drawn twice."""
    models, alone = nets(), nets()
    for net in (models[2], alone[2]):
        net.theta *= 1e200
    arguments = {"epochs": 3, "batch_size": 16, "optimizer": optimizers.SGD(0.01)}
    with pytest.warns(DivergenceWarning, match="model 2 of 6"):
        found = fit_many(models, X, Y, **arguments)
    with pytest.warns(DivergenceWarning):
        assert_same(found, [net.fit(X, Y, **arguments) for net in alone])
    assert calls == [6]


def test_one_whose_loss_rises_is_left_to_its_own_fit(calls):
    """All numbers are finite, and yet it ran away."""
    arguments = {"epochs": 3, "optimizer": optimizers.SGD(20.0)}
    models, alone = (nets(2, loss="squared_error") for _ in range(2))
    targets = np.eye(3)[Y]
    with pytest.warns(DivergenceWarning, match="the loss rose"):
        found = fit_many(models, X, targets, **arguments)
    with pytest.warns(DivergenceWarning):
        assert_same(found, [net.fit(X, targets, **arguments) for net in alone])
    assert calls == [2]
    assert found[0].history.stopped == "diverged"


@pytest.mark.parametrize(
    "arguments",
    [
        {"callbacks": [lambda epoch: None]},
        {"X_val": X, "y_val": Y},
        {"early_stopping": 3},
        {"metrics": ["accuracy"]},
        {"optimizer": "lbfgs"},
        {"schedule": "reduce_on_plateau"},
        {"schedule": lambda progress: 1 - progress / 2},
        {"epochs": 10**6},
    ],
    ids=lambda arguments: next(iter(arguments)),
)
def test_who_looks_on_is_trained_alone(calls, arguments, monkeypatch):
    if "epochs" in arguments:
        monkeypatch.setattr(together.Blocks, "size", lambda self, left, *_, **__: min(left, 5))
        arguments = {"epochs": 6}
    found = fit_many(nets(3), X, Y, **{"epochs": 5, **arguments})
    assert calls == []
    assert [len(net.history) for net in found] == [len(found[0].history)] * 3


def test_what_is_warned_of_ahead_is_said_once_of_all(calls):
    with pytest.warns(UserWarning, match="all 3 models") as caught:
        fit_many(nets(3), X * 1e6, Y, epochs=2)
    assert calls == []
    assert len([w for w in caught if "scale" in str(w.message).lower()]) == 1


def test_wrong_arguments_raise_what_fit_raises(calls):
    with pytest.raises(ValueError, match="batch_size"):
        fit_many(nets(3), X, Y, batch_size=-1)
    assert calls == []
    shared = nets(1)[0].rng
    models = nets(4)
    models[0].rng = models[1].rng = shared
    fit_many(models, X, Y, epochs=2)
    assert calls == [2]


def test_ctrl_c_keeps_what_was_trained(monkeypatch):
    real = numba_engine.Run.to_end

    def interrupted(self, stop):
        real(self, stop)
        raise KeyboardInterrupt

    monkeypatch.setattr(numba_engine.Run, "to_end", interrupted)
    models = nets(3)
    with pytest.raises(KeyboardInterrupt):
        fit_many(models, X, Y, epochs=2)
    monkeypatch.undo()
    assert_same(models, [net.fit(X, Y, epochs=2) for net in nets(3)])


def test_asked_to_stop_it_leaves_the_networks_as_they_were():
    models, stop = nets(3), np.ones(1, np.int64)
    from glassnet.many.heard import Heard

    told = [{"X": X, "y": Y, "epochs": 4, "batch_size": 16}] * 3
    chosen = dict(enumerate(models))
    assert list(together.trained_together(chosen, told, Heard(3), stop, 1)) == []
    assert_untouched(models, nets(3))


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_what_ends_the_preparation_leaves_every_network_as_it_was(monkeypatch, error):
    """Nothing is drawn twice; an error is left to the network's own fit, which goes on here."""
    real, made = numba_engine.Training, []

    class Failing(real):
        def __init__(self, *args):
            made.append(1)
            if len(made) == 3:
                raise error
            super().__init__(*args)

    monkeypatch.setattr(numba_engine, "Training", Failing)
    models, settings = nets(4, dropout=0.2), {"epochs": 2, "batch_size": 16}
    if error is KeyboardInterrupt:
        with pytest.raises(KeyboardInterrupt):
            fit_many(models, X, Y, **settings)
        assert_untouched(models, nets(4, dropout=0.2))
    else:
        fit_many(models, X, Y, **settings)
    monkeypatch.undo()
    expected = [net.fit(X, Y, **settings) for net in nets(4, dropout=0.2)]
    if error is KeyboardInterrupt:
        models = [net.fit(X, Y, **settings) for net in models]
    assert_same(models, expected)


def test_one_that_is_in_training_fails_alone(calls):
    models = nets(4)
    data, _, settings = ready_arguments(models[1])
    with models[1]._in_training(data, settings), pytest.warns(RuntimeWarning, match="model 1"):
        found = fit_many(models, X, Y, epochs=2)
    assert [net is None for net in found] == [False, True, False, False]
    assert calls == [3]


def ready_arguments(net):
    """Return the checked arguments of a fit, as `fit` has them."""
    bound = together._SIGNATURE.bind(net, X, Y)
    bound.apply_defaults()
    bound.arguments.pop("self")
    return together.ready(net, **bound.arguments)
