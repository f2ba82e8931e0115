"""Held-out data of one's own, what early stopping looks at, thresholds, labels, `build`."""

import numpy as np
import pytest
import scipy.sparse
from scipy.special import expit
from sklearn.metrics import (
    balanced_accuracy_score,
    get_scorer,
    log_loss,
    make_scorer,
    mean_absolute_error,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
)
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.neural_network import MLPClassifier as ScikitLearns

from glassnet import MLPClassifier, MLPRegressor

from support.extras import LABELS, PLAIN, THREE, TWO, VALUES, classifier, regressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def halves(data):
    X, y = data
    return X[::2], y[::2], X[1::2], y[1::2]


# --- the validation loss ----------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("data", [TWO, THREE], ids=["two", "three"])
def test_the_validation_loss_is_the_log_loss(data, solver, weighted):
    X, y, X_val, y_val = halves(data)
    weight = np.random.default_rng(0).uniform(0, 2, len(y_val)) if weighted else None
    net = classifier(solver=solver, alpha=0.1, dropout=0.0 if solver == "lbfgs" else 0.2)
    net.fit(X, y, None, X_val, y_val, weight)
    expected = log_loss(y_val, net.predict_proba(X_val), sample_weight=weight)
    np.testing.assert_allclose(net.validation_loss_curve_[-1], expected, rtol=1e-9)
    assert len(net.validation_loss_curve_) == len(net.loss_curve_) == net.n_iter_
    bare = classifier(**net.get_params()).fit(X, y)
    assert bare.loss_curve_ == net.loss_curve_  # looking changes nothing
    assert bare.validation_loss_curve_ == []


def test_the_validation_loss_of_several_labels_is_the_sum_over_them():
    X, Y, X_val, Y_val = halves(LABELS)
    net = classifier().fit(X, Y, X_val=X_val, y_val=Y_val)
    p = net.predict_proba(X_val)
    expected = sum(log_loss(Y_val[:, k], p[:, k]) for k in range(3))
    np.testing.assert_allclose(net.validation_loss_curve_[-1], expected, rtol=1e-9)


LOSSES = {
    "squared_error": lambda y, p: mean_squared_error(y, p) / 2,
    "absolute_error": mean_absolute_error,
    "quantile(0.8)": lambda y, p: mean_pinball_loss(y, p, alpha=0.8),
    # Half the deviance leaves out a term of the targets alone.
    "poisson": lambda y, p: mean_poisson_deviance(y, p) / 2,
}


@pytest.mark.parametrize("loss", LOSSES)
def test_the_validation_loss_of_a_regressor_is_scikit_learns_metric(loss):
    X, y = VALUES[0], np.abs(VALUES[1]) + 0.1
    net = regressor(loss=loss).fit(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2])
    expected = LOSSES[loss](y[1::2], net.predict(X[1::2]))
    np.testing.assert_allclose(net.validation_loss_curve_[-1], expected, rtol=1e-9)


def test_the_validation_loss_of_several_outputs():
    X, y = VALUES
    Y = np.c_[y, 2 * y]
    net = regressor().fit(X[::2], Y[::2], X_val=X[1::2], y_val=Y[1::2])
    expected = mean_squared_error(Y[1::2], net.predict(X[1::2])) / 2
    np.testing.assert_allclose(net.validation_loss_curve_[-1], expected, rtol=1e-9)


def test_samples_split_off_have_a_validation_loss_too():
    net = classifier(early_stopping=True).fit(*THREE)
    assert len(net.validation_loss_curve_) == len(net.validation_scores_) == 8


def test_validation_data_may_be_sparse_and_have_names():
    import pandas as pd

    X, y, X_val, y_val = halves(TWO)
    dense = classifier().fit(X, y, X_val=X_val, y_val=y_val)
    sparse = classifier().fit(X, y, X_val=scipy.sparse.csc_array(X_val), y_val=y_val)
    np.testing.assert_allclose(sparse.validation_loss_curve_, dense.validation_loss_curve_)
    names = list("abcde")
    frame, frame_val = pd.DataFrame(X, columns=names), pd.DataFrame(X_val, columns=names)
    net = classifier(early_stopping=True, scoring="f1").fit(
        frame, y, X_val=frame_val, y_val=y_val
    )
    assert net.validation_loss_curve_ == dense.validation_loss_curve_
    with pytest.raises(ValueError, match="feature names"):
        classifier().fit(frame, y, X_val=frame_val[names[::-1]], y_val=y_val)


# --- early stopping ---------------------------------------------------------------------

SCORERS = {
    "log loss": "neg_log_loss",
    "metric": make_scorer(balanced_accuracy_score),
    "function": lambda net, X, y: net.predict_proba(X)[:, 0].mean(),
}


@pytest.mark.parametrize("name", SCORERS)
def test_early_stopping_on_any_scorer_keeps_the_best(name):
    X, y, X_val, y_val = halves(THREE)
    settings = {"solver": "adam(0.05)", "max_iter": 60, "n_iter_no_change": 5}
    net = classifier(early_stopping=True, scoring=SCORERS[name], **settings)
    net.fit(X, y, X_val=X_val, y_val=y_val)
    scorer = get_scorer(SCORERS[name])
    assert net.best_validation_score_ == max(net.validation_scores_)
    assert scorer(net, X_val, y_val) == net.best_validation_score_
    # Every score is that of a fit of that length, by the scorer itself.
    for epochs in (1, 4, net.n_iter_):
        shorter = classifier(**{**settings, "max_iter": epochs}).fit(X, y)
        score = scorer(shorter, X_val, y_val)
        np.testing.assert_allclose(net.validation_scores_[epochs - 1], score, rtol=1e-9)
    best = int(np.argmax(net.validation_scores_))
    assert net.n_iter_ < 60
    assert net.n_iter_ == best + 1 + 6  # more than 5 epochs without improvement


def test_early_stopping_by_accuracy_and_r2_uses_the_data_given():
    X, y, X_val, y_val = halves(THREE)
    net = classifier(early_stopping=True).fit(X, y, X_val=X_val, y_val=y_val)
    assert net.score(X_val, y_val) == net.best_validation_score_
    assert net.t_ == 8 * len(y)  # nothing was split off
    X, y, X_val, y_val = halves(VALUES)
    weight = np.arange(40.0)
    net = regressor(early_stopping=True).fit(X, y, None, X_val, y_val, weight)
    np.testing.assert_allclose(net.score(X_val, y_val, weight), net.best_validation_score_)


def test_early_stopping_restores_batch_normalizations_statistics_too():
    X, y, X_val, y_val = halves(THREE)
    net = classifier(
        early_stopping=True,
        scoring="neg_log_loss",
        norm="batch",
        solver="adam(0.1)",
        max_iter=60,
    ).fit(X, y, X_val=X_val, y_val=y_val)
    best = int(np.argmax(net.validation_scores_))
    assert best < 40
    np.testing.assert_allclose(
        log_loss(y_val, net.predict_proba(X_val)), -net.best_validation_score_, rtol=1e-9
    )


# --- thresholds -------------------------------------------------------------------------


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.5, 0.9])
def test_a_threshold_between_two_classes(threshold):
    X, y = TWO
    names = np.array(["no", "yes"])[y]
    net = classifier(threshold=threshold).fit(X, names)
    judge = FixedThresholdClassifier(classifier(), threshold=threshold, pos_label="yes")
    assert (net.predict(X) == judge.fit(X, names).predict(X)).all()
    assert (net.predict_proba(X) == classifier().fit(X, names).predict_proba(X)).all()


def test_a_threshold_of_scores():
    X, y = TWO
    net = classifier(loss="hinge", threshold=0.4).fit(X, y)
    assert (net.predict(X) == (net.decision_function(X) > 0.4)).all()


@pytest.mark.parametrize("threshold", [0.3, [0.2, 0.5, 0.8], np.array([0.9, 0.1, 0.5])])
def test_thresholds_of_several_labels(threshold):
    X, Y = LABELS
    net = classifier(threshold=threshold).fit(X, Y)
    p = net.predict_proba(X)
    assert (net.predict(X) == (p > np.asarray(threshold))).all()
    other = classifier().fit(X, Y)
    assert (other.predict(X) == (p > 0.5)).all()
    assert (other.predict(X) != net.predict(X)).any()


# --- several labels, one part of the data at a time -------------------------------------


@pytest.mark.parametrize("form", [np.asarray, np.ndarray.tolist, scipy.sparse.csr_array])
def test_partial_fit_needs_no_classes_for_several_labels(form):
    X, Y = LABELS
    settings = {"hidden_layer_sizes": (6,), "random_state": 0}
    ours, theirs = MLPClassifier(**settings), ScikitLearns(**settings)
    with pytest.raises(ValueError, match="classes must be passed"):
        theirs.partial_fit(X[:40], Y[:40])
    for part in (slice(0, 40), slice(40, 80), slice(0, 80)):
        ours.partial_fit(X[part], form(Y[part]))
        theirs.partial_fit(X[part], Y[part], classes=range(3))
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-9)
    assert (ours.predict(X) == theirs.predict(X)).all()


def test_partial_fit_where_a_part_lacks_a_label():
    X, Y = LABELS
    net = MLPClassifier(random_state=0).partial_fit(X, 0 * Y).partial_fit(X, Y)
    assert net.predict(X).shape == Y.shape


# --- build ------------------------------------------------------------------------------


def test_a_built_network_predicts_at_once():
    X = TWO[0]
    net = classifier().build(5, classes=["no", "yes"])
    W, b = net.coefs_, net.intercepts_
    p = expit(np.tanh(X @ W[0] + b[0]) @ W[1] + b[1])[:, 0]
    np.testing.assert_allclose(net.predict_proba(X)[:, 1], p, rtol=1e-12)
    assert (net.predict(X) == np.where(p > 0.5, "yes", "no")).all()
    assert (net.n_features_in_, net.n_iter_, net.loss_curve_) == (5, 0, [])
    several = classifier().build(5, classes=[0, 1, 2], multilabel=True)
    assert several.predict(X).shape == (80, 3)
    assert regressor().build(5, n_outputs=2).predict(X).shape == (80, 2)


def test_the_first_weights_are_scikit_learns():
    X, y = TWO
    for activation in ("relu", "logistic"):
        settings = {"activation": activation, "random_state": 7}
        theirs = ScikitLearns(max_iter=1, learning_rate_init=1e-300, **settings).fit(X, y)
        ours = MLPClassifier(**settings).build(5, classes=[0, 1])
        for W, V in zip(ours.coefs_, theirs.coefs_, strict=True):
            np.testing.assert_allclose(W, V, rtol=1e-12)


def test_a_built_network_can_be_trained():
    X, y = THREE
    direct = classifier().partial_fit(X, y, classes=[0, 1, 2])
    built = classifier().build(5, classes=[0, 1, 2]).partial_fit(X, y)
    np.testing.assert_allclose(built.coefs_[0], direct.coefs_[0], rtol=1e-9)
    zeros = MLPRegressor(**{**PLAIN, "warm_start": True}).build(5)
    zeros.coefs_ = [np.zeros((5, 6)), np.zeros((6, 1))]
    zeros.intercepts_ = [np.zeros(6), np.zeros(1)]
    zeros.fit(*VALUES)
    np.testing.assert_allclose(zeros.loss_curve_[0], np.mean(VALUES[1] ** 2) / 2)
    again = classifier().build(5, classes=[0, 1, 2]).fit(X, y)  # not warm: from new weights
    assert again.loss_curve_ == classifier().fit(X, y).loss_curve_
