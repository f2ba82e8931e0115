"""What goes wrong at the edges of a fit: weights, scores, restarts and warm starts."""

import threading

import numpy as np
import pandas as pd
import pytest

from glassnet import DivergenceWarning, MLPClassifier, MLPRegressor
from glassnet.catalog import Activation
from glassnet.schedules import ReduceOnPlateau

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)
SMALL = {"hidden_layer_sizes": (5,), "random_state": 0, "max_iter": 5}


def small(**settings):
    return MLPClassifier(**{**SMALL, **settings})


# --- weights ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "class_weight",
    [
        {0: 0, 1: 0},
        {0: -1, 1: 1},
        {0: np.nan, 1: 1},
        {0: 1e-310, 1: 0},
        {0: 1e308, 1: 1e308},  # whose sum is not finite, and all shares in it 0
    ],
)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_class_weights_to_train_by(class_weight, solver):
    with pytest.raises(ValueError, match="class_weight times sample_weight must be >= 0"):
        small(class_weight=class_weight, solver=solver).fit(X, y)


def test_sample_weights_whose_sum_is_not_finite():
    with pytest.raises(ValueError, match="finite with its sum"):
        small().fit(X, y, np.full(60, 1e308))


@pytest.mark.parametrize("early_stopping", [False, True])
def test_denormal_weights_alone_are_refused_with_the_reason(early_stopping):
    words = "numbers below 2.2e-308 count as 0; got 1e-310 at most"
    with pytest.raises(ValueError, match=words):
        small(early_stopping=early_stopping).fit(X, y, np.full(60, 1e-310))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_denormal_weight_counts_as_zero(engine, solver):
    """Also where it is a product that has become one."""

    def trained(weight, **settings):
        net = small(batch_size=4, engine=engine, solver=solver, alpha=0.0, **settings)
        return net.fit(X, y, np.r_[weight, np.ones(30)]).coefs_[0]

    none = trained(np.zeros(30))
    np.testing.assert_array_equal(trained(np.full(30, 1e-310)), none)
    halves = {"class_weight": {0: 1e-10, 1: 1e-10}, "tol": 0.0}
    zeros = trained(np.zeros(30), **halves)
    np.testing.assert_array_equal(trained(np.full(30, 1e-300), **halves), zeros)


def test_the_product_of_weights_is_what_counts():
    with pytest.raises(ValueError, match="above 0 for at least one sample"):
        small(class_weight={0: 0, 1: 1}).fit(X, y, sample_weight=(y == 0))


def test_each_part_of_a_split_needs_weight():
    weight = np.r_[1.0, np.zeros(59)]
    with pytest.raises(ValueError, match="above 0 for at least one sample"):
        small(early_stopping=True, validation_fraction=0.5).fit(X, y, weight)


# --- scores -------------------------------------------------------------------------------


def test_without_a_finite_score_the_last_weights_are_kept():
    net = small(early_stopping=True, scoring=lambda est, X, y: np.nan)
    with pytest.warns(UserWarning, match="no validation score was finite"):
        net.fit(X, y)
    start = small().build(3, [0, 1])
    assert not np.array_equal(net.coefs_[0], start.coefs_[0])


def test_a_scorer_of_ones_own_need_not_take_weights():
    net = small(early_stopping=True, scoring=lambda est, X, y: est.score(X, y))
    assert len(net.fit(X, y, np.ones(60)).validation_scores_) == 5


@pytest.mark.filterwarnings("ignore::glassnet.DivergenceWarning")
@pytest.mark.filterwarnings("ignore:early stopping had nothing:UserWarning")
def test_restarts_prefer_a_finite_score():
    net = MLPRegressor(
        "poisson", (5,), solver="sgd", learning_rate_init=0.05, momentum=0, batch_size=10,
        early_stopping=True, n_restarts=4, initializer="normal(2)", alpha=0, max_iter=8,
        random_state=1,
    ).fit(X * 2, np.exp(X[:, 0]))  # fmt: skip
    assert np.isfinite(net.best_validation_score_)


# --- warm starts --------------------------------------------------------------------------

WARM = {"early_stopping": True, "warm_start": True, "max_iter": 60, "learning_rate_init": 0.05,
        "n_iter_no_change": 60}  # fmt: skip


def test_a_warm_start_is_judged_on_its_own_data():
    net = small(**WARM).fit(X, y, X_val=X, y_val=y)
    assert net.score(X, y) > 0.9
    net.fit(X, 1 - y, X_val=X, y_val=1 - y)
    assert net.score(X, 1 - y) > 0.6  # from 0, and no more epochs than before


def test_a_warm_start_begins_with_the_weights_that_were_written():
    net = small(**WARM).fit(X, y)
    trained = net.coefs_[0].copy()
    net.coefs_ = [np.zeros_like(W) for W in net.coefs_]
    net.set_params(max_iter=1, learning_rate_init=1e-9).fit(X, 1 - y)
    assert abs(net.coefs_[0]).max() < 1e-6 < abs(trained).max()


def test_a_plateau_watches_what_this_fit_measures():
    plateau = ReduceOnPlateau(patience=2)
    net = small(warm_start=True, schedule=plateau, max_iter=10)
    net.fit(X, y, X_val=X, y_val=y)
    net.set_params(max_iter=20).fit(X, y)
    other = small(warm_start=True, schedule=plateau, max_iter=10).fit(X, y)
    other.set_params(max_iter=20).fit(X, y)
    assert net.loss_curve_[-1] == other.loss_curve_[-1]
    assert len(net.validation_loss_curve_) == len(net.loss_curve_)
    assert np.isnan(net.validation_loss_curve_[-20:]).all()


# --- divergence, and numbers without end --------------------------------------------------


def test_a_loss_that_rises_without_end_warns():
    net = small(solver="sgd", learning_rate_init=50.0, activation="identity", max_iter=20)
    with pytest.warns(DivergenceWarning, match="the loss rose from"):
        net.fit(X * 10, y)


def test_outputs_that_are_not_finite_decide_nothing():
    net = small(activation="identity").fit(X, y + (X[:, 1] > 1))
    for ask in (net.predict, net.predict_proba):
        with pytest.raises(ValueError, match="outputs are not finite"):
            ask(np.full_like(X, 1.7e308))
    values = MLPRegressor(activation="identity", random_state=0, max_iter=5).fit(X, X[:, 0])
    values.coefs_[0][...] = 10.0
    with pytest.warns(RuntimeWarning, match="outputs are not finite"):
        values.predict(np.full_like(X, 1.7e308))


@pytest.mark.parametrize("rows", [1, 60])
def test_batch_norm_needs_two_rows(rows):
    net = small(norm="batch", batch_size=1 if rows > 1 else "auto")
    with pytest.raises(ValueError, match="at least 2 samples"):
        net.partial_fit(X[:rows], y[:rows], classes=[0, 1])


class StopAtOnce:
    """A callback that ends training after its first epoch."""

    def setup(self, estimator, context): ...
    def teardown(self, estimator, context): ...
    def on_fit_task_begin(self, estimator, context): ...

    def on_fit_task_end(self, estimator, context):
        return context.task_name == "epoch"


def test_stopped_in_the_epoch_that_diverged():
    net = small(solver="sgd", learning_rate_init=1e308, batch_size=5, n_restarts=3)
    with pytest.raises(ValueError, match="non-finite parameter weights"):
        net.set_callbacks(StopAtOnce()).fit(X, y)


# --- parameters that change, names that are one's own --------------------------------------


def test_a_fitted_network_gives_what_it_was_fitted_for():
    assert hasattr(small().fit(X, y).set_params(loss="hinge"), "predict_proba")
    assert not hasattr(
        small(loss="hinge").fit(X, y).set_params(loss="log_loss"), "predict_proba"
    )


@pytest.mark.parametrize("threshold", [np.nan, [0.5, 0.5]])
def test_a_threshold_is_checked_where_it_is_used(threshold):
    with pytest.raises(ValueError, match="threshold must be"):
        small(threshold=threshold).fit(X, y)
    with pytest.raises(ValueError, match="threshold must be"):
        small().fit(X, y).set_params(threshold=threshold).predict(X)


def test_build_forgets_the_names_of_columns():
    net = small().fit(pd.DataFrame(X, columns=["a", "b", "c"]), y).build(5, [0, 1])
    assert net.predict(np.zeros((1, 5))).shape == (1,)


def test_one_activation_in_any_spelling_draws_the_same_weights():
    nets = [small(activation=a).fit(X, y) for a in ("logistic", "sigmoid", ["Logistic"])]
    assert nets[0].loss_curve_ == nets[1].loss_curve_ == nets[2].loss_curve_


def test_a_record_is_found_by_its_text(own_names):
    record = Activation("bent_here", np.tanh, lambda z, a: 1 - a * a)
    found = small(activation=record).fit(X, y)
    assert small(activation="bent_here").fit(X, y).loss_curve_ == found.loss_curve_


def test_the_network_of_an_estimator_can_be_trained_too():
    net = small().partial_fit(X, y, classes=[0, 1])
    assert net.network_.intermediates(X[:2])["a0"].shape == (2, 5)
    net.network_.fit(X, y, optimizer="sgd", epochs=2)
    assert len(net.partial_fit(X, y).loss_curve_) == 2


def test_one_fit_at_a_time():
    entered, leave = threading.Event(), threading.Event()

    def wait(est, X, y):
        entered.set()
        leave.wait(10)
        return 1.0

    net = small(early_stopping=True, scoring=wait, max_iter=1)
    other = threading.Thread(target=net.fit, args=(X, y))
    other.start()
    try:
        assert entered.wait(10)
        with pytest.raises(RuntimeError, match="is being fitted"):
            net.fit(X, y)
    finally:
        leave.set()
        other.join()
    assert net.n_iter_ == 1


@pytest.mark.parametrize("mode", ["constant", "invscaling", "adaptive"])
def test_who_looks_at_each_epoch_changes_nothing(mode, capsys):
    # Where nobody looks, the engine does several epochs in one call.
    settings = {"solver": "sgd", "learning_rate": mode, "tol": 1e-2, "max_iter": 40}
    alone = small(**settings).fit(X, y)
    watched = small(**settings, verbose=True).fit(X, y)
    assert alone.loss_curve_ == watched.loss_curve_
    np.testing.assert_array_equal(alone.coefs_[0], watched.coefs_[0])
    assert capsys.readouterr().out.count("Iteration") == watched.n_iter_
