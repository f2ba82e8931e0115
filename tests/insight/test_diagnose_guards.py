"""What holds a rule back, and what it needs: each fails where its guard is taken away."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.diagnosed import fresh_data
from benchmarks.diagnosis_cases import circles, friedman, moons, real, table
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as SklearnClassifier

from glassnet import MLP, MLPClassifier, MLPRegressor, diagnose, optimizers
from glassnet.catalog import Activation
from glassnet.insight.diagnosis import column_rules, data_rules, signal_rules, training_rules
from glassnet.insight.diagnosis.baselines import measure_baselines
from glassnet.insight.diagnosis.case import hidden_activations
from glassnet.insight.diagnosis.cures import applied
from glassnet.insight.diagnosis.measured import measure
from glassnet.insight.diagnosis.reading import case_of
from glassnet.insight.diagnosis.runs import halves

ADAM = {"optimizer": optimizers.Adam(0.01), "epochs": 30, "batch_size": 32}
X, Y = moons(0, 300)


def net(hidden=(16,), inputs=2, **options):
    return MLP([inputs, *hidden, 1], **{"loss": "binary_cross_entropy", "seed": 0, **options})


def seen(model=None, A=X, t=Y, settings=ADAM):
    """Return what was measured, to be made to say something else."""
    whole = case_of(model or net(), A, t, None, None, settings, 0)
    case = halves(whole, 0)
    return measure(case, measure_baselines(case, 0), 0, whole)


def as_good_as(m, figure):
    """Let other learners come to this score."""
    m.data = replace(m.data, linear=figure, trees=figure)


def test_a_model_as_good_as_others_whose_loss_falls_is_not_too_fast():
    m = seen()
    falling = tuple(np.linspace(0.6, 0.3, 30))
    m.base = replace(m.base, train=0.90, loss=falling)
    as_good_as(m, 0.91)
    better = replace(m.base, train=0.99, loss=(0.6, 0.1))
    for name in ("learning_rate_too_high", "learning_rate_far_too_high"):
        m.tried[name] = better
    m.tried["learning_rate_unusual"] = better
    assert training_rules.learning_rate_too_high(m) is None
    as_good_as(m, 0.98)
    assert training_rules.learning_rate_too_high(m).name == "learning_rate_too_high"


@pytest.mark.parametrize(("recognized", "named"), [(0.3, False), (0.1, True)])
def test_a_rare_class_that_is_answered_now_and_then_has_not_collapsed(recognized, named):
    t = (np.arange(300) % 10 == 0).astype(int)
    m = seen(t=t)
    rare = np.flatnonzero(m.case.labels == 1)
    out = np.zeros((len(m.case.X), 1))
    out[rare[: round(recognized * len(rare))]] = 1.0
    m.end_outputs = lambda: out
    m.data = replace(m.data, recall=0.9)
    assert (data_rules.majority_collapse(m) is not None) == named


def test_what_chance_moves_makes_no_model_poor():
    m = seen(A=X[:80], t=Y[:80])
    as_good_as(m, 0.95)
    m.base = replace(m.base, train=0.90)  # 0.91 without chance, 0.886 with that of 60 rows
    assert not m.poor
    m.base = replace(m.base, train=0.87)
    assert m.poor


def test_of_a_trained_network_settings_are_not_blamed_for_its_weights():
    model = net((32,))
    model.biases[0] -= 30.0
    settings = {**ADAM, "epochs": 60}
    model.fit(X, Y, **settings)
    assert diagnose(model, X, Y, **settings).names[:1] == ("dead_units",)


def test_a_scale_that_spoils_new_rows_only_is_named():
    m = seen(A=X * [1.0, 40.0])
    m.base = replace(m.base, train=0.96, held_out=0.75)
    as_good_as(m, 0.95)
    m.tried["unscaled_inputs"] = replace(m.base, held_out=0.95)
    assert data_rules.unscaled_inputs(m).name == "unscaled_inputs"
    m.tried["unscaled_inputs"] = replace(m.base, held_out=0.79)  # chance does as much
    assert data_rules.unscaled_inputs(m) is None


def test_a_slope_that_is_wrong_on_one_side_is_found():
    half = Activation(
        "ramp_without_floor",
        lambda z: np.maximum(z, 0),
        lambda z, a: np.ones_like(z),
        check=False,
    )
    assert diagnose(net(activation=half), X, Y, **ADAM).names[:1] == ("wrong_gradient",)


def test_a_loss_that_leaps_at_once_is_a_wild_rate_though_the_rows_are_learnt():
    m = seen()
    as_good_as(m, 0.95)
    falling = tuple(np.linspace(0.6, 0.2, 30))
    m.base = replace(m.base, train=0.97, held_out=0.8, loss=falling)
    for name in training_rules._SLOWER:
        m.tried[name] = replace(m.base, held_out=0.97, loss=(0.6, 0.1))
    assert training_rules.learning_rate_too_high(m) is None
    m.base = replace(m.base, loss=(falling[0], 5.0, *falling[2:]))
    assert training_rules.learning_rate_too_high(m).name == "learning_rate_too_high"


@pytest.mark.parametrize(
    ("hidden", "rate", "first"),
    [(1, 0.02, "too_small_network"), (6, 1e-5, "learning_rate_too_low")],
)
def test_few_units_are_blamed_where_larger_steps_do_not_help(hidden, rate, first):
    told = {"optimizer": optimizers.Adam(rate), "epochs": 80, "batch_size": 32}
    A, t = circles(0, 400)
    report = diagnose(net((hidden,), activation="tanh"), A, t, **told)
    assert report.names[:1] == (first,)


def test_more_units_that_do_no_more_than_larger_steps_are_no_cure():
    m = seen(net((6,)))
    m.base = replace(m.base, train=0.6)
    m.tried["too_small_network"] = replace(m.base, train=0.95)
    m.tried["dead_units"] = m.base
    for name in ("learning_rate_too_low", "learning_rate_far_too_low"):
        m.tried[name] = replace(m.base, train=0.94)
    assert training_rules.too_small_network(m) is None
    for name in ("learning_rate_too_low", "learning_rate_far_too_low"):
        m.tried[name] = replace(m.base, train=0.7)
    assert training_rules.too_small_network(m).name == "too_small_network"


def test_a_rate_is_judged_by_what_another_comes_to_however_far_the_loss_fell():
    m = seen()
    m.base = replace(m.base, train=0.6, loss=tuple(np.linspace(1.0, 0.2, 30)))
    better = replace(m.base, train=0.95, loss=(1.0, 0.05))
    for name in ("learning_rate_too_low", "learning_rate_far_too_low", "learning_rate_unusual"):
        m.tried[name] = better
    seen_low = training_rules.learning_rate_too_low(m).evidence
    assert seen_low.quantity == "accuracy on the training rows"
    assert (seen_low.value, seen_low.healthy[:11]) == (0.6, "about 0.95,")
    for name in ("learning_rate_too_high", "learning_rate_far_too_high"):
        m.tried[name] = better
    seen_high = training_rules.learning_rate_too_high(m).evidence
    assert (seen_high.quantity, seen_high.healthy[:11]) == ("last training loss", "about 0.05,")
    assert seen_high.value == pytest.approx(0.2)


def test_dropout_that_is_blamed_is_outside_of_what_is_called_healthy():
    m = seen(net(dropout=0.45))
    m.base = replace(m.base, train=0.6)
    m.tried["too_much_regularization"] = replace(m.base, train=0.95)
    slower_than(m, 0.6)
    said = training_rules.too_much_regularization(m).evidence
    assert (said.value, said.healthy) == (0.45, "below 0.4")


@pytest.mark.parametrize(
    ("A", "quantity"),
    [
        (X * 40.0, "largest std of a feature"),
        (X / 40.0, "1 / largest std of a feature"),
        (X * [0.2, 8.0], "ratio of the features' stds"),
        (X + 4.0, "largest |mean|/std of a feature"),
    ],
)
def test_what_is_wrong_with_the_scales_is_what_is_shown(A, quantity):
    m = seen(A=A)
    m.tried["unscaled_inputs"] = replace(m.base, train=1.0)
    m.base = replace(m.base, train=0.6)
    for name in training_rules._FASTER:
        m.tried[name] = m.base
    assert data_rules.unscaled_inputs(m).evidence.quantity == quantity


def test_a_fit_from_a_source_nobody_wrote_down_is_looked_at_as_it_is():
    model = SklearnClassifier((6,), learning_rate_init=0.02, max_iter=100, random_state=0)
    A, t = circles(0, 300)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        model.fit(A, t)
    model.intercepts_[0][:3] = -30.0  # more than 0.4 of the units, and fewer than 0.7
    assert case_of(model, A, t, None, None, {}, 0).start_known
    model.random_state = None
    assert not case_of(model, A, t, None, None, {}, 0).start_known
    assert case_of(clone(model), A, t, None, None, {}, 0).start_known
    assert diagnose(model, A, t).names[:1] == ("dead_units",)


def test_settings_are_not_blamed_for_weights_that_were_spoilt():
    A, t = table(0, 300, flip_y=0.25)
    model = SklearnClassifier((64,), learning_rate_init=0.01, max_iter=25, random_state=0)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        model.fit(A, t)
    model.random_state = None  # else it would be trained again from its own first weights
    assert "new weights" not in str(diagnose(model, A, t))
    for part in (model.coefs_[1], model.intercepts_[1]):
        part *= -1  # each answer becomes the other
    report = diagnose(model, A, t)
    assert report.names == ()  # not a rate at which new ones learn the rows by heart faster
    assert "from new weights, all else being equal: it learns" in str(report)


def trained(own, new, first=0.7):
    """Let a trained model have this score and first loss, and a new one that score."""
    m = seen(net(initializer="normal(9)"))
    as_good_as(m, 0.95)
    m.case = m.case.but(start_known=False, fitted=m.base.state)
    m.base = replace(m.base, train=own, loss=(first, 0.6))
    for name in ("", "initial_weights_too_large"):
        m.tried[name] = replace(m.base, train=new, loss=(0.7, 0.1))
    return m


@pytest.mark.parametrize(
    ("own", "new", "first", "named"),
    [
        (0.6, 0.95, 9.0, True),
        (0.6, 0.95, 0.9, False),  # a rate that new weights cannot stand either makes both high
        (0.6, 0.62, 9.0, False),
        (0.95, 0.99, 9.0, False),
    ],
)
def test_weights_of_a_training_are_blamed_where_new_ones_learn(own, new, first, named):
    found = signal_rules.initial_weights_too_large(trained(own, new, first))
    assert (found is not None) == named


def test_a_stop_is_not_blamed_for_what_new_weights_do():
    m = trained(own=0.6, new=0.95)
    m.case = m.case.but(stopped_itself=True, patience=3)
    slower_than(m, 0.95)
    m.tried["stopped_too_early"] = m.anew
    assert training_rules.stopped_too_early(m) is None
    m.case = m.case.but(patience=None)  # and so the new run was not stopped
    assert training_rules.stopped_too_early(m).name == "stopped_too_early"
    m.case = m.case.but(patience=3)
    m.tried[""] = m.base
    assert training_rules.stopped_too_early(m).name == "stopped_too_early"


def test_where_no_activation_helps_fewer_layers_do():
    m = seen(net((8,) * 20, activation="sigmoid"))
    m.tried["vanishing_gradients"] = m.base  # as in 50 layers and more
    found = signal_rules.vanishing_gradients(m)
    assert found.change == "fewer_layers"
    assert "two hidden layers" in found.cure
    assert hidden_activations(applied(m.case, found.change, 0).plan) == ("tanh", "tanh")
    m.tried["fewer_layers"] = m.base
    assert signal_rules.vanishing_gradients(m) is None


def test_a_training_of_a_few_steps_is_too_short():
    told = {"optimizer": optimizers.SGD(0.1), "epochs": 3, "batch_size": 32}
    m = seen(settings=told)
    m.base = replace(m.base, train=0.6)
    for name in ("learning_rate_too_low", "learning_rate_far_too_low", "learning_rate_unusual"):
        m.tried[name] = m.base
    m.tried["too_few_epochs"] = replace(m.base, train=0.95)
    found = training_rules.learning_rate_too_low(m)
    assert found.name == "learning_rate_too_low"
    assert found.cure == "30 epochs"


def test_a_gap_that_few_rows_make_is_no_overfitting():
    m = seen(A=X[:120], t=Y[:120])
    as_good_as(m, 0.97)
    m.base = replace(m.base, train=1.0, held_out=0.90, validation_loss=(0.2, 0.4))
    m.new_rows = lambda: (1.0, 0.90, 30)
    assert training_rules.overfitting(m) is None
    m.new_rows = lambda: (1.0, 0.90, 400)
    assert training_rules.overfitting(m).name == "overfitting"


def test_a_wide_gap_to_rows_that_others_predict_better_is_overfitting():
    m = seen(A=X[:120], t=Y[:120])
    as_good_as(m, 0.72)
    m.base = replace(m.base, train=1.0, validation_loss=(0.5, 0.5))
    m.new_rows = lambda: (1.0, 0.70, 400)
    assert training_rules.overfitting(m).name == "overfitting"
    m.new_rows = lambda: (1.0, 0.73, 400)
    assert training_rules.overfitting(m) is None


def test_few_rows_are_held_out_three_times():
    m = seen(A=X[:200], t=Y[:200])
    train, held_out, rows = m.new_rows()
    assert rows == 150
    assert held_out != m.base.held_out
    assert 0.8 < held_out <= train <= 1


def test_a_column_of_the_classes_is_a_leak_in_an_easy_problem_too():
    A, t = real(load_breast_cancer, 0)
    model = net(inputs=31)
    assert "leakage_suspected" in diagnose(model, np.column_stack([A, t]), t, **ADAM).names


def test_a_cloud_that_one_feature_sets_apart_is_no_leak():
    A, t = make_blobs(150, 4, centers=2, cluster_std=1.5, random_state=4)
    A = (A - A.mean(axis=0)) / A.std(axis=0)
    assert "leakage_suspected" not in diagnose(net(inputs=4), A, t, **ADAM).names


def test_a_feature_of_few_rows_that_chance_may_set_above_all_others_is_no_leak():
    assert diagnose(MLPClassifier(random_state=0), *load_iris(return_X_y=True)).names == ()


def test_scales_are_blamed_where_their_cure_is_enough_whatever_else_would_help():
    A, t = load_iris(return_X_y=True)
    numbered = np.column_stack([np.arange(len(A)), A])  # as pandas writes its index
    names = diagnose(MLPClassifier(random_state=0), numbered, t).names
    assert names[:1] == ("unscaled_inputs",)


def test_a_yes_beside_its_no_is_how_categories_are_written():
    mark = np.arange(300) % 2
    pair = np.column_stack([X, mark, 1 - mark])
    twice = np.column_stack([X, mark, mark])
    assert (
        "constant_or_duplicate_features" not in diagnose(net(inputs=4), pair, Y, **ADAM).names
    )
    assert "constant_or_duplicate_features" in diagnose(net(inputs=4), twice, Y, **ADAM).names


def test_copies_among_many_rows_are_the_same_in_all_of_them():
    A, t = moons(0, 2500)
    mirrored, nearly = 3.0 - 2.0 * A[:, 0], A[:, 1].copy()
    nearly[1] += 1.0  # between those rows that are looked at first
    m = seen(net(inputs=4), np.column_stack([A, mirrored, nearly]), t)
    found = column_rules.constant_or_duplicate_features(m)
    assert found.evidence.value == 1
    assert "feature 2." in found.explanation


def pixels():
    A, t = load_digits(return_X_y=True)
    return A[:600] / 16, t[:600]


def test_pixels_that_are_always_dark_are_no_failure_though_few_are_dark_in_most_pictures():
    model = MLPClassifier((32,), learning_rate_init=0.005, random_state=0, max_iter=60)
    assert diagnose(model, *pixels()).names == ()
    A, t = pixels()
    A[:, 0] = 0.3  # no pixel rests there
    assert diagnose(model, A, t).names == ("constant_or_duplicate_features",)


def test_a_constant_column_among_numbers_is_named_though_it_is_their_least():
    A = np.column_stack([(X - X.min(axis=0)) / np.ptp(X, axis=0), np.zeros(len(X))])
    assert "constant_or_duplicate_features" in diagnose(net(inputs=3), A, Y, **ADAM).names


def test_uneven_pixels_are_not_blamed_for_a_rate_or_a_penalty():
    A, t = fresh_data.pixels()
    slow = SklearnClassifier((30,), max_iter=2, random_state=9)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        slow.fit(A, t)
    assert diagnose(slow, A, t, seed=23).names == ("learning_rate_too_low",)
    dropped = MLPClassifier(
        (80,), dropout=0.95, learning_rate_init=0.005, max_iter=50, random_state=0
    )
    assert diagnose(dropped, *pixels()).names[:1] == ("too_much_regularization",)


def test_what_would_help_more_is_asked_of_poor_models_alone():
    m = seen()
    m.base, m.tried = replace(m.base, train=0.99), {}
    as_good_as(m, 0.9)
    assert not training_rules.something_else_helps_more(m, "unscaled_inputs")
    assert m.tried == {}


def slower_than(m, figure):
    """Let the same run at lower rates come to this score."""
    for name in training_rules._SLOWER:
        m.tried[name] = replace(m.base, train=figure)


@pytest.mark.parametrize("rule", ["too_much_regularization", "stopped_too_early"])
def test_a_penalty_and_a_stop_are_not_blamed_where_steps_are_too_large(rule):
    m = seen(net(dropout=0.5))
    m.case = m.case.but(stopped_itself=True)
    m.base = replace(m.base, train=0.6)
    m.tried[rule] = replace(m.base, train=0.8)
    slower_than(m, 0.95)
    assert getattr(training_rules, rule)(m) is None
    slower_than(m, 0.8)
    assert getattr(training_rules, rule)(m).name == rule


def test_few_units_are_not_blamed_where_a_faster_rate_does_clearly_more():
    told = {"optimizer": optimizers.Adam(1e-4), "epochs": 60, "batch_size": 32}
    report = diagnose(net((2, 2), activation="tanh"), *moons(0), **told)
    assert report.names == ("learning_rate_too_low",)


def test_probes_make_as_many_updates_under_as_strong_a_penalty():
    model = net(alpha=2.0)
    whole = case_of(model, X, Y, None, None, {**ADAM, "batch_size": 100}, 0)
    case = halves(whole, 0)
    assert len(case.X) == 225
    assert case.batch_size == 75
    assert case.plan.alpha / case.batch_size == pytest.approx(2.0 / 100)


def test_a_hidden_layer_is_tried_without_the_penalty_of_the_line():
    A, t = circles(1, 300)
    model = MLPClassifier((20,), "identity", alpha=1.0, random_state=0, max_iter=100)
    report = diagnose(model, A, t)
    assert report.names[:1] == ("linear_model_on_nonlinear_problem",)


def test_gradients_that_blow_up_at_once_are_named_before_the_weights():
    A, t = friedman(0, 600)
    model = MLPRegressor(
        hidden_layer_sizes=(50,) * 4, initializer="normal(0.6)", solver="sgd",
        learning_rate_init=0.01, random_state=3, max_iter=60,
    )  # fmt: skip
    assert diagnose(model, A, t).names[:2] == (
        "exploding_gradients",
        "initial_weights_too_large",
    )
