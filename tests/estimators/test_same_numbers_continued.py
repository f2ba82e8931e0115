"""Fits that go on from others, and generators they share: scikit-learn's numbers again."""

import copy
import warnings

import numpy as np
import pytest

from support.twins import (
    DATA,
    SGD,
    STEPWISE,
    STOP,
    assert_same_network,
    assert_same_record,
    assert_same_warnings,
    assert_twins,
    case,
)

pytestmark = pytest.mark.usefixtures("each_mlp_engine")

WARM = {"warm_start": True, "max_iter": 30}
TWICE = [
    case("multi", **WARM),
    case("binary", "csr", True, **WARM, **SGD),
    case("values", solver="lbfgs", warm_start=True, max_iter=8),
    case("labels", solver="lbfgs", warm_start=True, max_iter=8),
    case("many", learning_rate="invscaling", **WARM, **SGD),  # t_ goes on
    case("multi", tol=0.05, n_iter_no_change=6, **WARM),  # so do the epochs without progress
    case("values", learning_rate="adaptive", tol=0.05, n_iter_no_change=2, **WARM, **SGD),
    case("words", max_iter=30),  # no warm start: the same fit again
]


def both(case, *steps, **params):
    """Return the twins after `steps`, each a function of an estimator."""
    pair = case.pair(**params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for one in pair:
            for step in steps:
                step(one)
    return pair


def part(name, start=0, stop=None, storage=np.asarray, **more):
    """Return a `partial_fit` on some rows of a data set."""
    data = DATA[name]
    X, y = storage(data.X[start:stop]), data.y[start:stop]
    return lambda one: one.partial_fit(X, y, **more)


def setting(**params):
    return lambda one: one.set_params(**params)


@pytest.mark.parametrize("case", TWICE, ids=str)
def test_two_fits(case):
    for times in (1, 2):
        theirs, ours = both(case, *times * [lambda one: case.fit(one)])
        assert_twins(ours, theirs, case)


def test_a_warm_start_on_other_rows():
    rows = DATA["multi"].X[:31], DATA["multi"].y[:31]
    one = case("multi", **WARM, batch_size=50)
    theirs, ours = both(one, lambda e: one.fit(e), lambda e: e.fit(*rows))
    assert_twins(ours, theirs, one)


def test_a_warm_start_in_which_early_stopping_finds_a_better_network():
    one = case("binary", **STOP, warm_start=True)
    theirs, ours = both(
        one, setting(learning_rate_init=1e-3), lambda e: one.fit(e),
        setting(learning_rate_init=0.05), lambda e: one.fit(e),
    )  # fmt: skip
    scores = ours.validation_scores_
    assert max(scores) > max(scores[: len(scores) - ours.n_iter_])
    assert_twins(ours, theirs, one)


@pytest.mark.parametrize(
    "changed", [{"learning_rate_init": 0.1}, {"batch_size": 9}, {"max_iter": 3}, {"tol": 0.5},
                {"shuffle": False}, {"random_state": 5}, {"solver": "sgd"}, {"alpha": 3.0},
                {"activation": "tanh"}],
    ids=str,
)  # fmt: skip
def test_a_warm_start_with_another_parameter(changed):
    one = case("multi", **WARM)
    theirs, ours = both(one, lambda e: one.fit(e), setting(**changed), lambda e: one.fit(e))
    assert_twins(ours, theirs, one)


# --- partial_fit ------------------------------------------------------------------------

CLASSES = {
    "multi": [0, 1, 2],
    "binary": [0, 1],
    "words": ["cow", "bee", "ant"],
    "labels": [0, 1, 2],
}
LITTLE_BY_LITTLE = [
    case("multi"),
    case("binary", solver="sgd", batch_size=5),
    case("words", learning_rate="invscaling", **SGD),
    case("labels", activation="tanh"),
    case("multi", learning_rate="adaptive", tol=0.5, n_iter_no_change=1, **SGD),
    case("multi", solver="sgd", momentum=1, nesterovs_momentum=False),
    case("values"),
    case("many", batch_size=7, shuffle=False),
    case("counts", loss="poisson", alpha=0.5),
]


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("case", LITTLE_BY_LITTLE, ids=str)
def test_partial_fit(case, weighted):
    first = {"classes": CLASSES[case.data]} if case.data in CLASSES else {}
    calls = []
    for i in range(32):
        start = 20 * (i % 3)
        rows = slice(start, start + 20 - i % 4)
        more = {"sample_weight": DATA[case.data].weight[rows] + 0.01} if weighted else {}
        calls.append(
            part(case.data, rows.start, rows.stop, **more, **(first if i == 0 else {}))
        )
    theirs, ours = both(case, *calls)
    assert len(ours.loss_curve_) == 32
    assert_twins(ours, theirs, case)


def test_partial_fit_before_all_classes_were_seen():
    one = case("multi")
    calls = [part("multi", 0, 4, classes=[0, 1, 2, 9]), part("multi", 4, 5), part("multi")]
    theirs, ours = both(one, *calls)
    assert_twins(ours, theirs, one)
    assert len(ours.classes_) == 4


def test_partial_fit_on_sparse_rows():
    one = case("multi", "csr")
    calls = [lambda e: e.partial_fit(one.X, one.y, classes=[0, 1, 2])] * 3
    theirs, ours = both(one, *calls)
    assert_twins(ours, theirs, one)


MIXED = {
    "fit, partial_fit": (case("multi", max_iter=30), "fpp"),
    "partial_fit, fit": (case("multi", max_iter=30), "pf"),
    "partial_fit, warm fit": (case("multi", **WARM), "pf"),
    "warm fits and partial_fits": (case("values", **WARM), "fppfpf"),
    "with sgd": (case("multi", learning_rate="invscaling", **WARM, **SGD), "ffppf"),
    "with a lowered rate": (
        case("multi", learning_rate="adaptive", tol=0.1, n_iter_no_change=1, **SGD),
        "fpppp",
    ),
}


@pytest.mark.parametrize("name", MIXED)
def test_fit_and_partial_fit_in_turn(name):
    one, order = MIXED[name]
    first = {"classes": CLASSES[one.data]} if one.data in CLASSES else {}
    steps = {"f": lambda e: one.fit(e), "p": part(one.data, 0, 30, **first)}
    theirs, ours = both(one, *[steps[letter] for letter in order])
    assert_twins(ours, theirs, one)


@pytest.mark.parametrize(
    "changed",
    [{"learning_rate_init": 0.5}, {"momentum": 0.1}, {"solver": "adam"}, {"alpha": 5.0},
     {"batch_size": 9}],
    ids=str,
)  # fmt: skip
def test_partial_fit_goes_on_with_the_optimizer_it_began_with(changed):
    one = case("multi", solver="sgd")
    begin, on = part("multi", classes=[0, 1, 2]), part("multi")
    theirs, ours = both(one, begin, setting(**changed), on, on)
    assert_twins(ours, theirs, one)


# --- generators -------------------------------------------------------------------------

DRAWN = [
    case("multi"),
    case("multi", batch_size=7),
    case("values", shuffle=False),
    case("labels", solver="lbfgs"),
    case("binary", **STOP),
    case("many", **STOP, shuffle=False),
]


def states_equal(a, b):
    return a[0] == b[0] and np.array_equal(a[1], b[1]) and a[2:] == b[2:]


@pytest.mark.parametrize("case", DRAWN, ids=str)
def test_one_generator_for_two_fits_is_left_in_the_same_place(case):
    states, twins = [], []
    for one in case.pair():
        rng = np.random.RandomState(3)
        one.set_params(random_state=rng)
        case.fit(one)
        case.fit(one)
        states.append(rng.get_state())
        twins.append(one)
    assert states_equal(*states)
    assert not states_equal(states[0], np.random.RandomState(3).get_state())
    assert_twins(twins[1], twins[0], case)


def test_the_global_generator():
    before, states, twins = np.random.get_state(), [], []
    try:
        for one in case("multi").pair(random_state=None):
            np.random.seed(11)
            case("multi").fit(one)
            part("multi")(one)
            states.append(np.random.get_state())
            twins.append(one)
    finally:
        np.random.set_state(before)
    assert states_equal(*states)
    assert_twins(twins[1], twins[0], case("multi"))


class Interrupted(np.random.RandomState):
    """A generator that is interrupted at the fourth shuffle."""

    left = 4

    def shuffle(self, x):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt
        super().shuffle(x)


@pytest.mark.parametrize("early_stopping", [False, True], ids=["", "early stopping"])
def test_an_interrupted_fit_keeps_what_it_has(early_stopping):
    # Whoever wants to hear of each epoch gets them one by one.
    one = case("multi", early_stopping=early_stopping, verbose=True)
    twins = []
    for estimator in one.pair():
        estimator.set_params(random_state=Interrupted(3))
        twins.append(one.fit(estimator))
    (theirs, their_words), (ours, our_words) = twins
    assert 1 <= ours.n_iter_ <= 3  # splitting data shuffles too
    assert_same_network(ours, theirs, STEPWISE)
    assert_same_record(ours, theirs, STEPWISE)
    assert_same_warnings(our_words, their_words)


def test_a_copy_goes_on_like_the_original():
    one = case("multi", **WARM)
    theirs, ours = both(one, lambda e: one.fit(e))
    theirs, ours = copy.deepcopy(theirs), copy.deepcopy(ours)
    for twin in (theirs, ours):
        part("multi")(twin)
        one.fit(twin)
    assert_twins(ours, theirs, one)
