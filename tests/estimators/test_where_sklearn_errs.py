"""Where scikit-learn's numbers and ours must differ, which of them is right, and why."""

import numpy as np
import pytest
import scipy.special
from sklearn.datasets import load_wine
from sklearn.neural_network._multilayer_perceptron import LOSS_FUNCTIONS

from glassnet.training import DivergenceWarning

from support.twins import (
    DATA,
    STEPWISE,
    assert_close,
    assert_same_network,
    assert_twins,
    case,
    difference,
    inconsistency,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# --- warm start and early stopping --------------------------------------------------------


def test_a_second_fit_that_finds_nothing_better_keeps_the_best():
    # After an early-stopped fit scikit-learn's coefs_ are its list of the best weights: the
    # next fit writes into them, and restores what it has overwritten.
    one = case(
        "binary", early_stopping=True, warm_start=True, learning_rate_init=0.02, batch_size=16
    )
    for is_ours, twin in enumerate(one.pair()):
        twin.fit(one.X, one.y)
        best = [W.copy() for W in twin.coefs_]
        score = twin.best_validation_score_
        twin.set_params(learning_rate_init=2.0).fit(one.X, one.y)
        assert twin.best_validation_score_ == score  # the second fit had no better one
        kept = all(np.array_equal(a, b) for a, b in zip(twin.coefs_, best, strict=True))
        assert kept == is_ours


# --- saturated probabilities --------------------------------------------------------------


def logits(estimator, X):
    return X @ estimator.coefs_[0] + estimator.intercepts_[0]


def true_losses(data, z):
    """Return each sample's cross-entropy, from the logits."""
    y = DATA[data].y
    if data == "multi":
        return scipy.special.logsumexp(z, axis=1) - z[np.arange(len(y)), y]
    return np.logaddexp(0.0, np.where(y.reshape(z.shape) == 1, -z, z)).sum(axis=1)


@pytest.mark.parametrize("storage", ["dense", "float32"])
@pytest.mark.parametrize("data", ["binary", "multi", "labels"])
def test_a_hopeless_sample_costs_what_it_costs(data, storage):
    # scikit-learn clips probabilities at eps before the logarithm: no sample costs more
    # than 36 (float64) or 16 (float32), though the gradient goes on as if it did.
    one = case(data, storage, hidden_layer_sizes=(), alpha=0.0, max_iter=1)
    X = 1000 * one.X
    theirs, ours = (e.fit(X, one.y) for e in one.pair(learning_rate_init=1e-300))
    assert_same_network(ours, theirs, STEPWISE)  # the step is too small to move them
    expected = true_losses(data, logits(theirs, X.astype(np.float64)))
    assert expected.max() > 100
    assert ours.loss_ == pytest.approx(
        expected.mean(), rel=1e-5 if storage == "float32" else 1e-12
    )
    most = -np.log(np.finfo(X.dtype).eps)
    assert theirs.loss_ < (most + 1e-3) * (3 if data == "labels" else 1)
    assert theirs.loss_ < 0.5 * ours.loss_


@pytest.mark.parametrize("data", ["binary", "multi", "labels"])
def test_lbfgs_is_handed_the_gradient_of_a_saturated_loss(handed_to_scipy, data):
    one = case(data, solver="lbfgs", hidden_layer_sizes=(), max_iter=1)
    for twin in one.pair():
        twin.fit(one.X, one.y)
    for is_ours, (function, start) in enumerate(handed_to_scipy):
        off = inconsistency(function, 100 * start)
        assert (off < 1e-6) == is_ours, off


def unclipped_log_loss(y, p, sample_weight=None):
    return -scipy.special.xlogy(y, p).sum(axis=1).mean()


def test_a_line_search_may_meet_saturated_losses(monkeypatch):
    # An ordinary fit: scikit-learn's line search is misled where its loss is cut off.
    one = case("multi", solver="lbfgs", hidden_layer_sizes=(7, 5, 4))
    (theirs, ours), _ = one.fitted()
    assert difference(ours.coefs_[0], theirs.coefs_[0]) > 1e-3
    # Without the clipping it finds what ours finds.
    monkeypatch.setitem(LOSS_FUNCTIONS, "log_loss", unclipped_log_loss)
    (theirs, ours), _ = one.fitted()
    assert_twins(ours, theirs, one)


def test_on_data_that_are_not_scaled_the_true_loss_trains_better():
    X, y = load_wine(return_X_y=True)
    found = [
        [twin.fit(X, y).score(X, y) for twin in case("multi", solver="lbfgs").pair(
            hidden_layer_sizes=(20,), max_iter=100, random_state=seed)]
        for seed in range(4)
    ]  # fmt: skip
    theirs, ours = np.mean(found, axis=0)
    assert ours > theirs + 0.05


# --- batches in which no sample counts ----------------------------------------------------


@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("data", ["binary", "values"])
def test_a_batch_without_weight_is_left_out(data, solver):
    # A sample of weight zero counts as much as one that is not there. scikit-learn divides
    # by the batch's sum of weights.
    one = case(data, solver=solver, batch_size=1, shuffle=False, alpha=0.0, max_iter=30)
    weight = DATA[data].weight
    theirs, ours = one.pair()
    with pytest.raises(ZeroDivisionError):
        theirs.fit(one.X, one.y, sample_weight=weight)
    ours.fit(one.X, one.y, sample_weight=weight)
    kept = weight > 0
    judge = one.pair()[0].fit(one.X[kept], one.y[kept], sample_weight=weight[kept])
    assert_same_network(ours, judge, STEPWISE)


def test_a_batch_without_weight_leaves_the_loss_alone():
    one = case("binary", batch_size=1, shuffle=False, alpha=0.0, max_iter=30)
    weight = DATA["binary"].weight
    ours = one.pair()[1].fit(one.X, one.y, sample_weight=weight)
    kept = weight > 0
    judge = one.pair()[0].fit(one.X[kept], one.y[kept], sample_weight=weight[kept])
    assert_close(ours.loss_curve_, judge.loss_curve_, STEPWISE, "loss_curve_")


def test_a_negative_weight_is_refused():
    # It asks for predictions as wrong as can be: the loss has no minimum.
    one = case("values", max_iter=400, learning_rate_init=0.1)
    weight = np.where(np.arange(60) < 20, -1.0, 1.0)
    theirs, ours = one.pair()
    assert theirs.fit(one.X, one.y, sample_weight=weight).loss_ < -1e3
    with pytest.raises(ValueError, match="Negative values in data passed to `sample_weight`"):
        ours.fit(one.X, one.y, sample_weight=weight)


def test_a_negative_count_is_refused():
    # Its Poisson deviance is not defined.
    one = case("values", loss="poisson", max_iter=2)
    theirs, ours = one.pair()
    with np.errstate(invalid="ignore"):
        assert np.isnan(theirs.fit(one.X, one.y).loss_)
    with pytest.raises(ValueError, match=r"y must lie in \[0, inf\] for loss 'poisson'"):
        ours.fit(one.X, one.y)


# --- numbers that are none ----------------------------------------------------------------


def test_a_run_that_diverges_ends_there_with_the_best_it_had():
    one = case(
        "values", solver="sgd", learning_rate_init=1.5, early_stopping=True, max_iter=200,
        n_iter_no_change=np.inf,
    )  # fmt: skip
    (theirs, ours), (_, words) = one.fitted()
    assert theirs.n_iter_ == 200  # with NaN for a network, to the end
    assert ours.n_iter_ < 200
    told = [str(w.message) for w in words if w.category is DivergenceWarning]
    assert len(told) == 1
    assert f"training diverged in iteration {ours.n_iter_}" in told[0]
    assert_same_network(ours, theirs, STEPWISE)
    assert ours.best_validation_score_ == pytest.approx(theirs.best_validation_score_)


# --- float32, solvers and classes ---------------------------------------------------------


@pytest.mark.parametrize("data", ["multi", "values"])
def test_single_precision_stays_single_with_lbfgs(data):
    # As with sgd and adam in both. scikit-learn keeps the float64 vector that SciPy returns.
    one = case(data, "float32", solver="lbfgs", max_iter=8, activation="tanh")
    theirs, ours = one.fitted()[0]
    assert {W.dtype for W in theirs.coefs_} == {np.dtype(np.float64)}
    assert {W.dtype for W in ours.coefs_} == {np.dtype(np.float32)}
    for a, b in zip(ours.coefs_, theirs.coefs_, strict=True):
        assert difference(a, b) < 1e-4


def test_the_regressor_has_no_partial_fit_with_lbfgs():
    # scikit-learn's check is never called there, so that each call fits the whole anew.
    one = case("values", solver="lbfgs", max_iter=20)
    theirs, ours = one.pair()
    assert theirs.partial_fit(one.X, one.y).n_iter_ == 20
    assert not hasattr(ours, "partial_fit")


def test_partial_fit_may_lack_a_class_under_warm_start_too():
    # warm_start is about fit; scikit-learn applies its rule to partial_fit as well.
    data = DATA["multi"]
    rows = data.y < 2
    theirs, ours = case("multi", warm_start=True).pair()
    with pytest.raises(ValueError, match="warm_start can only be used"):
        theirs.partial_fit(data.X[rows], data.y[rows], classes=[0, 1, 2])
    ours.partial_fit(data.X[rows], data.y[rows], classes=[0, 1, 2])
    judge = case("multi").pair()[0]
    judge.partial_fit(data.X[rows], data.y[rows], classes=[0, 1, 2])
    assert_twins(ours, judge, case("multi"))


def test_partial_fit_needs_no_classes_for_several_labels():
    # The columns of y are the labels.
    data = DATA["labels"]
    theirs, ours = case("labels").pair()
    with pytest.raises(ValueError, match="classes must be passed"):
        theirs.partial_fit(data.X, data.y)
    theirs.partial_fit(data.X, data.y, classes=[0, 1, 2])
    ours.partial_fit(data.X, data.y)
    assert_twins(ours, theirs, case("labels"))


def test_adam_can_follow_lbfgs():
    # scikit-learn has no loss_curve_ to write to then.
    one = case("multi", solver="lbfgs", warm_start=True, max_iter=5)
    theirs, ours = (e.fit(one.X, one.y).set_params(solver="adam") for e in one.pair())
    with pytest.raises(AttributeError, match="loss_curve_"):
        theirs.fit(one.X, one.y)
    before = ours.loss_
    assert ours.fit(one.X, one.y).loss_ < before
