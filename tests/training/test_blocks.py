"""Blocks of epochs: no number depends on how many epochs the engine is handed at once."""

import os
import signal
import threading

import numpy as np
import pytest

from glassnet import MLP, EarlyStopping, optimizers
from glassnet.training import blocks
from glassnet.training.run import Run

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 3)), RNG.normal(size=40)
DIVERGES = pytest.mark.filterwarnings("ignore::glassnet.DivergenceWarning")


@pytest.fixture
def numba():
    pytest.importorskip("numba")


@pytest.fixture(params=["numpy", "numba"])
def engine(request):
    if request.param == "numba":
        request.getfixturevalue("numba")
    return request.param


def fitted(monkeypatch, pace, engine, seed=None, **settings):
    """Fit with blocks of so many epochs; return the network and how long each was."""
    sizes, real = [], blocks.Blocks.draw

    def draw(self, rates):
        sizes.append(len(block := real(self, rates)))
        return block

    monkeypatch.setattr(blocks.Blocks, "draw", draw)
    monkeypatch.setattr(blocks, "epochs_in_a_moment", lambda *shapes: pace)
    seed = np.random.default_rng(3) if seed is None else seed
    network = {name: settings.pop(name) for name in ("dropout", "norm") if name in settings}
    net = MLP([3, 6, 1], activation="tanh", seed=seed, engine=engine, n_threads=1, **network)
    net.fit(X, Y, **{"epochs": 23, **settings})
    monkeypatch.undo()
    return net, sizes


def same(a, b):
    for name in ("loss", "learning_rate", "stopped", "best_epoch"):
        assert getattr(a.history, name) == getattr(b.history, name), name
    np.testing.assert_array_equal(a.theta, b.theta)
    np.testing.assert_array_equal(a.state.buffers, b.state.buffers)
    assert (a.state.step, a.state.key) == (b.state.step, b.state.key)
    assert set(a.state.slots) == set(b.state.slots)
    for name, vector in a.state.slots.items():
        np.testing.assert_array_equal(vector, b.state.slots[name])
    np.testing.assert_array_equal(a.rng.random(3), b.rng.random(3))  # as much was drawn


CASES = {
    "sgd": {"optimizer": optimizers.SGD(0.1)},
    "adam in batches": {"batch_size": 7},
    "in order": {"batch_size": 7, "shuffle": False},
    "dropout": {"batch_size": 16, "dropout": 0.3},
    "batch norm": {"batch_size": 16, "norm": "batch"},
    "schedule": {"batch_size": 16, "schedule": "cosine"},
    "own schedule": {"schedule": lambda progress: 1 / (1 + progress)},
    "weights": {"batch_size": 9, "sample_weight": RNG.uniform(0, 2, 40)},
    "nadam": {"optimizer": optimizers.NAdam(0.01), "batch_size": 20},
}


@pytest.mark.parametrize("case", CASES)
def test_blocks_give_the_numbers_of_single_epochs(monkeypatch, engine, case):
    one, single = fitted(monkeypatch, 1.0, engine, **CASES[case])
    many, sizes = fitted(monkeypatch, 10.0, engine, **CASES[case])
    assert (single, sizes) == ([1] * 23, [10, 10, 3])
    same(one, many)
    assert len(many.history.seconds) == 23
    assert len(set(many.history.seconds)) == 3  # those of a block share its time


@pytest.mark.parametrize("restore", [True, False])
@pytest.mark.parametrize("patience", [1, 4])
@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": optimizers.SGD(1.2)},  # so far that the loss goes up and down
        {"optimizer": optimizers.Adam(0.5), "batch_size": 8},
        {"optimizer": optimizers.Adam(0.3), "batch_size": 8, "norm": "batch", "dropout": 0.2},
    ],
    ids=["full batch", "batches", "layers"],
)
def test_early_stopping_within_a_block(monkeypatch, engine, restore, patience, settings):
    stop = EarlyStopping(patience=patience, restore_best=restore)
    settings = settings | {"early_stopping": stop, "epochs": 200}
    one, _ = fitted(monkeypatch, 1.0, engine, **settings)
    many, sizes = fitted(monkeypatch, 50.0, engine, **settings)
    assert one.history.stopped == "early_stopping"
    assert max(sizes) > 1 or patience == 1
    same(one, many)


@DIVERGES
@pytest.mark.parametrize("batch_size", [None, 8])
@pytest.mark.parametrize("rate", [3e3, 1e200])
def test_divergence_within_a_block(monkeypatch, engine, batch_size, rate):
    """The steps grow until numbers overflow, or do so at once."""
    settings = {
        "optimizer": optimizers.SGD(1e-3),
        "schedule": lambda progress: 1.0 if progress < 0.3 else rate,
        "batch_size": batch_size,
        "epochs": 60,
    }
    one, _ = fitted(monkeypatch, 1.0, engine, **settings)
    many, sizes = fitted(monkeypatch, 40.0, engine, **settings)
    assert one.history.stopped == "diverged"
    assert one.history.best_epoch is not None
    assert sizes[0] == 40
    same(one, many)


def test_a_legacy_source_of_random_numbers_is_put_back_too(monkeypatch):
    stop = {"early_stopping": 2, "optimizer": optimizers.Adam(0.5), "batch_size": 8}
    nets = [
        fitted(monkeypatch, pace, "numpy", seed=np.random.RandomState(1), epochs=200, **stop)[0]
        for pace in (1.0, 50.0)
    ]
    assert nets[0].history.loss == nets[1].history.loss
    np.testing.assert_array_equal(*(net.rng.random_sample(3) for net in nets))


def test_whoever_looks_on_sees_every_epoch(monkeypatch):
    settings = [
        {"callbacks": [lambda epoch: False]},
        {"X_val": X, "y_val": Y},
        {"metrics": ["r2"]},
        {"schedule": "reduce_on_plateau"},
    ]
    for one in settings:
        assert fitted(monkeypatch, 10.0, "numpy", **one)[1] == [1] * 23


def test_lines_are_shown_for_epochs_within_a_block(monkeypatch, capsys):
    outputs = []
    for pace in (1.0, 10.0):
        fitted(monkeypatch, pace, "numpy", verbose=4)
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]
    assert len(outputs[0].splitlines()) == 7


def test_nothing_is_done_again_where_patience_must_end(monkeypatch):
    settings = {"optimizer": optimizers.SGD(1e-9), "early_stopping": EarlyStopping(5, 1.0)}
    _, sizes = fitted(monkeypatch, 10.0, "numpy", epochs=50, **settings)
    assert sizes == [5, 1]


def test_orders_drawn_at_once_are_few(monkeypatch):
    monkeypatch.setattr(blocks, "_ROWS", 120)  # undone by the first fit
    assert fitted(monkeypatch, 10.0, "numpy", batch_size=8)[1] == [3] * 7 + [2]


class Pressed(optimizers.SGD):
    """Presses Ctrl-C in its steps of these numbers."""

    at = ()

    def step(self, theta, gradient, slots, t, **kwargs):
        super().step(theta, gradient, slots, t, **kwargs)
        if t in self.at:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(
    ("pace", "at", "epochs"),
    [
        (10.0, (37,), 10),  # the block of ten epochs is done, 5 steps each
        (0.5, (37,), 7),  # a long epoch, the eighth, is broken off
        (10.0, (82, 83), 10),  # the second time within the second block: that is dropped
    ],
)
def test_ctrl_c_leaves_whole_epochs(monkeypatch, pace, at, epochs):
    monkeypatch.setattr(Pressed, "at", at)
    settings = {"batch_size": 8, "epochs": 100}
    with pytest.warns(UserWarning, match="interrupted"):
        net, _ = fitted(monkeypatch, pace, "numpy", optimizer=Pressed(0.1), **settings)
    assert net.history.stopped == "interrupted"
    assert len(net.history) == epochs
    other, _ = fitted(
        monkeypatch, 1.0, "numpy", optimizer=optimizers.SGD(0.1), batch_size=8, epochs=epochs
    )
    other.history.stopped = "interrupted"
    same(net, other)


@pytest.mark.usefixtures("numba")
def test_ctrl_c_ends_a_long_epoch_of_compiled_code(monkeypatch):
    rows = np.random.default_rng(0).normal(size=(200_000, 20))
    targets, real = rows[:, 0], Run.begin_block

    def press():
        os.kill(os.getpid(), signal.SIGINT)

    def begin_block(self):
        real(self)
        timer.start()

    trained = MLP([20, 400, 400, 1], seed=0, engine="numba", n_threads=1)
    trained.fit(rows[:100], targets[:100], epochs=1, batch_size=64)  # compiles
    before, timer = trained.theta.copy(), threading.Timer(0.3, press)
    monkeypatch.setattr(Run, "begin_block", begin_block)
    with pytest.warns(UserWarning, match="interrupted"):
        trained.fit(rows, targets, epochs=50, batch_size=64)
    timer.join()
    # No epoch was whole: it alone takes longer than the engine does to hear of it.
    assert len(trained.history) == 1
    np.testing.assert_array_equal(trained.theta, before)


@DIVERGES
def test_a_schedule_that_fails_within_a_block_leaves_the_epochs_before(monkeypatch):
    def schedule(progress):
        return 1.0 if progress < 0.5 else np.nan

    with pytest.raises(ValueError, match="schedule"):
        fitted(monkeypatch, 50.0, "numpy", schedule=schedule, batch_size=8, epochs=20)


def test_both_engines_learn_the_same(monkeypatch):
    pytest.importorskip("numba")
    for case in ("sgd", "adam in batches", "dropout", "schedule", "weights"):
        slow, _ = fitted(monkeypatch, 10.0, "numpy", **CASES[case])
        fast, _ = fitted(monkeypatch, 10.0, "numba", **CASES[case])
        np.testing.assert_allclose(fast.history.loss, slow.history.loss, rtol=1e-11)
        np.testing.assert_allclose(fast.theta, slow.theta, rtol=1e-9, atol=1e-11)
