"""What holds a rule back, and what it needs: each fails where its guard is taken away."""

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.diagnosis_cases import circles, friedman, moons

from glassnet import MLPClassifier, MLPRegressor, diagnose, optimizers
from glassnet.catalog import Activation
from glassnet.insight.diagnosis import data_rules, signal_rules, training_rules
from glassnet.insight.diagnosis.case import hidden_activations
from glassnet.insight.diagnosis.cures import applied
from glassnet.insight.diagnosis.reading import case_of
from glassnet.insight.diagnosis.runs import halves

from support.diagnosis import ADAM, X, Y, as_good_as, net, seen, slower_than


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


def test_what_would_help_more_is_asked_of_poor_models_alone():
    m = seen()
    m.base, m.tried = replace(m.base, train=0.99), {}
    as_good_as(m, 0.9)
    assert not training_rules.something_else_helps_more(m, "unscaled_inputs")
    assert m.tried == {}


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
