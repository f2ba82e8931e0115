"""`Recorder`: it changes nothing, keeps what it says, and measures it right."""

import copy
import pickle
import re

import numpy as np
import pytest
from sklearn.datasets import make_moons

from glassnet import MLP, Recorder, optimizers
from glassnet.insight.kept_epochs import Thinning

X, Y = make_moons(60, noise=0.1, random_state=0)


def network(**more):
    return MLP([2, 6, 4, 1], loss="binary_cross_entropy", seed=0, **more)


def recorded(net=None, epochs=10, recorder=None, **fit):
    recorder = Recorder(X, Y) if recorder is None else recorder
    net = network() if net is None else net
    return net.fit(X, Y, epochs=epochs, callbacks=[recorder], **fit), recorder


# --- nothing changes -----------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize("optimizer", ["adam(0.01)", "sgd(0.5)"])
def test_training_is_the_same_bit_for_bit(engine, batch_size, optimizer):
    how = {"engine": engine, "dropout": 0.2, "norm": "batch"}
    alone = network(**how).fit(X, Y, optimizer, 12, batch_size)
    net, _ = recorded(network(**how), 12, optimizer=optimizer, batch_size=batch_size)
    assert (net.theta == alone.theta).all()
    assert (net.state.buffers == alone.state.buffers).all()
    assert net.history.loss == alone.history.loss
    assert net.rng.bit_generator.state == alone.rng.bit_generator.state


def test_so_it_is_with_lbfgs_and_early_stopping():
    fit = {"optimizer": "lbfgs"}
    assert (recorded(epochs=9, **fit)[0].theta == network().fit(X, Y, "lbfgs", 9).theta).all()
    fit = {"early_stopping": 2, "X_val": X[::3], "y_val": 1 - Y[::3], "optimizer": "sgd(1)"}
    net, record = recorded(epochs=30, **fit)
    alone = network().fit(X, Y, epochs=30, **fit)
    assert (net.theta == alone.theta).all()
    assert record.epochs[-1] == len(net.history) < 30  # the way, not what was gone back to
    assert record.validation_loss[1:].tolist() == net.history.validation_loss


# --- which epochs --------------------------------------------------------------------------


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_a_snapshot_is_the_network_trained_for_so_many_epochs(precision):
    data = X.astype(precision), Y
    record = Recorder(*data, epochs=[0, 3, 7])
    network().fit(*data, epochs=9, callbacks=[record])
    assert record.epochs.tolist() == [0, 3, 7]
    for i, epochs in enumerate([0, 3, 7]):
        judge = network()
        judge = judge.fit(*data, epochs=epochs) if epochs else judge
        judge.state.astype(np.dtype(precision))  # as fit does before its first epoch
        found = record.model_at(i)
        assert found.theta.dtype == precision
        assert (found.theta == judge.theta).all()
        assert (found.forward(data[0]) == judge.forward(data[0])).all()
    assert (record.model_at(-1).theta == record.theta[2]).all()


def test_a_snapshot_is_a_copy():
    _, record = recorded()
    record.model_at(0).theta = np.zeros(record.plan.n_parameters)
    assert record.theta[0].any()


@pytest.mark.parametrize("epochs", [5, 38, 39, 40, 41, 300])
def test_the_epochs_of_a_long_run_are_thinned(epochs):
    _, record = recorded(epochs=epochs, recorder=Recorder(epochs=40))
    found = record.epochs
    assert found[0] == 0
    assert found[-1] == epochs
    assert min(epochs + 1, 20) <= len(found) == len(record) <= 40
    assert (len(found) == epochs + 1) == (epochs < 39)  # one place is for the last
    gaps = np.diff(found)[:-1]  # the last epoch stands where training ended
    assert gaps.max() <= gaps[0] + 2 * np.sqrt(epochs)
    if epochs == 300:
        assert gaps[:5].mean() < gaps[-5:].mean()


def test_thinning_only_takes_away():
    thinning = Thinning(10)
    before = {epoch for epoch in range(5000) if thinning.wants(epoch)}
    for _ in range(6):
        thinning.thin()
        after = {epoch for epoch in range(5000) if thinning.wants(epoch)}
        assert after < before
        assert 0 in after
        before = after


def test_a_second_fit_goes_on_and_another_network_starts_over():
    net, record = recorded(epochs=4)
    recorded(net, 3, record, optimizer=optimizers.SGD(0.1))
    assert record.epochs.tolist() == list(range(8))
    _, again = recorded(epochs=2, recorder=record)
    assert again is record
    assert record.epochs.tolist() == [0, 1, 2]


def test_two_networks_at_a_time_are_refused():
    record = Recorder(X, Y)
    one, _ = recorded(recorder=record)
    recorded(recorder=record)
    from glassnet.training import Epoch

    with pytest.raises(RuntimeError, match="give each network its own"):
        record(Epoch(11, 0.1, None, {}, 0.1, 0.0, one))


# --- memory --------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("max_bytes", [6_000, 12_000])
def test_the_bound_on_memory_is_kept(dtype, max_bytes):
    record = Recorder(X, Y, dtype=dtype, max_bytes=max_bytes)
    most = []
    watch = [record, lambda epoch: most.append(record.nbytes)]
    network().fit(X, Y, epochs=150, callbacks=watch)
    assert max_bytes / 3 < max(most) <= max_bytes
    assert record.theta.dtype == dtype
    kept = ("theta", "loss", "training_loss", "validation_loss", "learning_rate", "dead")
    kept += ("gradient_norm", "update_ratio", "activation_mean", "activation_deviation")
    total = sum(getattr(record, name).nbytes for name in (*kept, "saturated"))
    two_copies = 2 * record.plan.n_parameters * 8
    assert record.nbytes == total + record.epochs.nbytes + two_copies


def test_the_least_bound_that_is_named_holds_three_snapshots():
    with pytest.raises(ValueError, match="max_bytes must be at least") as refused:
        recorded(recorder=Recorder(X, Y, max_bytes=1))
    least = int(re.search(r"at least (\d+)", str(refused.value))[1])
    _, record = recorded(recorder=Recorder(X, Y, epochs=[0, 1, 2], max_bytes=least), epochs=2)
    assert len(record) == 3
    assert record.nbytes == least
    with pytest.raises(ValueError, match=f"at least {least} for"):
        recorded(recorder=Recorder(X, Y, max_bytes=least - 1))


def test_float16_rounds_as_it_says():
    exact, half = Recorder(epochs=[3]), Recorder(epochs=[3], dtype="float16")
    network().fit(X, Y, epochs=3, callbacks=[exact, half])
    error = np.abs(half.model_at(0).theta - exact.theta[0])
    assert 0 < error.max() < 5e-4 * np.abs(exact.theta).max()
    assert (error <= np.maximum(5e-4 * np.abs(exact.theta[0]), 3e-8)).all()
    net = MLP([1, 1])
    net.theta = [1e6, -1e-8]
    large = Recorder(epochs=[0], dtype=np.float16)
    net.fit([[0.0], [1.0]], [0.0, 0.0], "sgd(1e-9)", epochs=1, callbacks=[large])
    assert large.theta.tolist() == [[65504.0, 0.0]]


def test_too_small_a_bound_is_refused_before_training():
    net = network()
    before = net.theta.copy()
    with pytest.raises(ValueError, match=r"max_bytes must be at least .* got 1000"):
        recorded(net, recorder=Recorder(max_bytes=1000))
    many = Recorder(epochs=range(100), max_bytes=10_000)
    with pytest.raises(ValueError, match=r"max_bytes=10000 holds \d+ snapshots"):
        recorded(net, recorder=many)
    assert (net.theta == before).all()
    assert len(net.history) == 0


# --- the rest ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"X": X}, "X and y go together"),
        ({"epochs": 2}, "epochs must be at least 3, or a sequence; got 2"),
        ({"epochs": []}, "at least one; got none"),
        ({"epochs": [1, -2]}, "epochs must be whole numbers >= 0, at least one; got -2"),
        ({"epochs": [1.5]}, "got 1.5"),
        ({"dtype": "int8"}, "dtype must be float64, float32, float16 or None; got 'int8'"),
        ({"dtype": "half-ish"}, "dtype must be"),
        ({"max_bytes": 1.5}, "max_bytes must be a whole number >= 1; got 1.5"),
    ],
)
def test_arguments_out_of_range_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        Recorder(**arguments)


@pytest.mark.parametrize("epochs", ["all", None, 2.5])
def test_epochs_of_another_type(epochs):
    with pytest.raises(TypeError, match="epochs must be a whole number or a sequence"):
        Recorder(epochs=epochs)


def test_probe_rows_that_do_not_fit_are_refused_before_training():
    net = network()
    before = net.theta.copy()
    with pytest.raises(ValueError, match="X must have 2 columns"):
        recorded(net, recorder=Recorder(X[:, :1], Y))
    assert (net.theta == before).all()


def test_what_is_not_there_is_said():
    with pytest.raises(ValueError, match="nothing is recorded yet"):
        _ = Recorder().theta
    _, record = recorded(epochs=2)
    with pytest.raises(IndexError, match="i must lie in -3 to 2; got 3"):
        record.model_at(3)
    with pytest.raises(TypeError, match=r"i must be a whole number; got 0\.5"):
        record.model_at(0.5)
    assert repr(record) == "Recorder: 3 snapshots to epoch 2"
    assert repr(Recorder()) == "Recorder: nothing yet"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))])
def test_a_record_can_be_copied(copied):
    net, record = recorded()
    twin = copied(record)
    assert (twin.theta == record.theta).all()
    assert (twin.model_at(-1).theta == net.theta).all()


def test_without_probe_rows_there_are_snapshots_all_the_same():
    _, record = recorded(recorder=Recorder())
    assert len(record) == 11
    assert np.isnan(record.loss).all()
    assert np.isnan(record.gradient_norm).all()
    assert np.isfinite(record.update_ratio[1:]).all()
