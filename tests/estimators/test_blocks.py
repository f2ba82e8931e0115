"""Blocks of epochs in an estimator's fit: no number depends on how long they are."""

import numpy as np
import pytest
from sklearn.datasets import make_classification

from glassnet import MLPClassifier, MLPRegressor
from glassnet.engines import numpy_engine
from glassnet.training import blocks

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore::glassnet.DivergenceWarning"
)

X, y = make_classification(60, 5, n_informative=4, n_classes=3, n_redundant=0, random_state=0)
WEIGHT = np.linspace(0, 2, 60)


@pytest.fixture(params=["numpy", "numba"])
def engine(request):
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


class Paced:
    """Counts the epochs of each call of the engine, at a pace that is set."""

    def __init__(self, monkeypatch):
        self.sizes, self.monkeypatch = [], monkeypatch
        real = blocks.Blocks.train

        def train(blocks, block, state, count=None, interrupt=None):
            self.sizes.append(len(block) if count is None else count)
            return real(blocks, block, state, count, interrupt)

        monkeypatch.setattr(blocks.Blocks, "train", train)

    def fitted(self, pace, engine, kind=MLPClassifier, weight=None, **settings):
        """Return an estimator fitted with blocks of so many epochs at the most."""
        self.sizes.clear()
        self.monkeypatch.setattr(blocks, "epochs_in_a_moment", lambda *shapes: pace)
        rng = np.random.RandomState(3)
        settings = {"hidden_layer_sizes": (6,), "max_iter": 400, **settings}
        return kind(engine=engine, random_state=rng, **settings).fit(X, y, weight)


@pytest.fixture
def paced(monkeypatch):
    return Paced(monkeypatch)


def numbers(net):
    """Return every number that a fit leaves behind."""
    state = net._state
    lists = (net.loss_curve_, net.validation_loss_curve_)
    single = (net.n_iter_, net.t_, net.loss_, net.best_loss_, net._no_improvement_count)
    drawn = net._random_state.random_sample(3)  # as much was drawn
    arrays = [state.theta, state.buffers, *state.slots.values(), [state.step, state.key], drawn]
    return [np.array(one, float).tolist() for one in (*arrays, *lists, single)]


SLOW = {"learning_rate_init": 0.02, "batch_size": 20}
RATES = {"solver": "sgd", "learning_rate_init": 0.1, "batch_size": 20, "n_iter_no_change": 2}
CASES = {
    "to the end": {**SLOW, "tol": 0.0, "n_iter_no_change": np.inf},
    "patience": {**SLOW, "tol": 1e-3, "n_iter_no_change": 3},
    "no patience": {**SLOW, "tol": 0.0, "n_iter_no_change": 1, "batch_size": 7},
    "whole": {"learning_rate_init": 0.02, "tol": 3e-3, "n_iter_no_change": 3},
    "in order": {**SLOW, "tol": 1e-3, "n_iter_no_change": 2, "shuffle": False},
    "layers": {**SLOW, "tol": 1e-3, "dropout": 0.2, "norm": "batch"},
    "schedule": {**SLOW, "tol": 1e-3, "schedule": "cosine", "n_iter_no_change": 3},
    "weights": {**SLOW, "tol": 1e-3, "weight": WEIGHT, "batch_size": 6},
    "values": {**SLOW, "kind": MLPRegressor, "tol": 1e-4, "n_iter_no_change": 2},
    "invscaling": {**RATES, "learning_rate": "invscaling", "tol": 1e-3},
    "adaptive": {**RATES, "learning_rate": "adaptive", "tol": 1e-3},
}


@pytest.mark.parametrize("case", CASES)
def test_blocks_give_the_numbers_of_single_epochs(paced, engine, case):
    one = numbers(paced.fitted(1.0, engine, **CASES[case]))
    assert max(paced.sizes) == 1
    many = numbers(paced.fitted(300.0, engine, **CASES[case]))
    assert max(paced.sizes) > 10
    assert many == one


def test_a_block_that_need_not_end_before_is_as_long_as_a_moment(paced):
    paced.fitted(30.0, "numpy", n_iter_no_change=np.inf, max_iter=100)
    assert paced.sizes == [30, 30, 30, 10]


def test_little_is_done_again(paced):
    """No more than was done before, or than is done in a hundredth of a second."""
    paced.fitted(300.0, "numpy", tol=0.0, n_iter_no_change=3, max_iter=100)
    assert paced.sizes == [4, 4, 8, 16, 30, 30, 8]
    # The first epoch is better than nothing, and none of the next four is any better.
    paced.fitted(300.0, "numpy", tol=10.0, n_iter_no_change=3)
    assert paced.sizes == [4, 4, 1]
    net = paced.fitted(300.0, "numpy", tol=0.01, n_iter_no_change=3, learning_rate_init=0.02)
    *_, last, again = paced.sizes
    assert 4 < last
    assert sum(paced.sizes) - last == net.n_iter_
    assert 0 < again < last


def test_little_is_done_again_after_the_rate_was_lowered(paced):
    net = paced.fitted(300.0, "numpy", **CASES["adaptive"])
    assert len(paced.sizes) > 20  # it was lowered several times
    assert sum(paced.sizes) < 2 * net.n_iter_


class Fails:
    """A schedule that fails late in training."""

    def __call__(self, progress):
        return 1.0 if progress < 0.1 else np.nan


def test_a_schedule_that_would_fail_later_does_not_matter(paced, engine):
    settings = {**CASES["patience"], "schedule": Fails(), "max_iter": 1400}
    net = paced.fitted(1e5, engine, **settings)
    assert 110 < net.n_iter_ < 140
    with pytest.raises(ValueError, match="schedule"):
        paced.fitted(1e5, engine, **{**settings, "n_iter_no_change": np.inf})


@pytest.mark.parametrize("pace", [1.0, 300.0])
def test_divergence_after_the_end_is_none(paced, engine, pace):
    """Within a block it may come after the epoch that ends the patience."""
    settings = {
        **CASES["patience"], "solver": "sgd", "max_iter": 1400,
        "schedule": lambda progress: 1.0 if progress < 0.1 else 1e250,
    }  # fmt: skip
    net = paced.fitted(pace, engine, **settings)
    assert 110 < net.n_iter_ < 140
    with pytest.raises(ValueError, match="non-finite"):
        paced.fitted(pace, engine, **{**settings, "n_iter_no_change": np.inf})


def test_an_interrupt_within_an_epoch_leaves_the_last_one(paced):
    """Where nobody turns Ctrl-C into a request, as in a thread or after a second one."""
    real, calls = numpy_engine.train, []

    def train(*args):
        found = real(*args)
        calls.append(found)
        if len(calls) == 10:
            raise KeyboardInterrupt
        return found

    paced.monkeypatch.setattr(numpy_engine, "train", train)
    with pytest.warns(UserWarning, match="interrupted"):
        net = paced.fitted(1.0, "numpy", **SLOW)
    same = paced.fitted(1.0, "numpy", **SLOW, max_iter=9)
    assert numbers(net) == numbers(same)
