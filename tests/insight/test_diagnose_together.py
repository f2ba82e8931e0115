"""Two failures at once, each of which hides what the cure of the other would do."""

import numpy as np
import pytest
from benchmarks.diagnosed.fresh_data import plane
from benchmarks.diagnosis_cases import circles, friedman, moons, real
from sklearn.datasets import load_breast_cancer
from sklearn.neural_network import MLPClassifier as SklearnClassifier
from sklearn.neural_network import MLPRegressor as SklearnRegressor

from glassnet import MLP, MLPRegressor, diagnose, optimizers
from glassnet.catalog import Activation
from glassnet.insight.diagnosis import together
from glassnet.insight.diagnosis.baselines import measure_baselines
from glassnet.insight.diagnosis.measured import measure
from glassnet.insight.diagnosis.reading import case_of
from glassnet.insight.diagnosis.runs import halves

X, Y = moons(0, 300)
TILTED = Activation("tanh_tilted", np.tanh, lambda z, a: 1 - a, check=False)


def net(hidden=(24,), inputs=2, **options):
    return MLP([inputs, *hidden, 1], **{"loss": "binary_cross_entropy", "seed": 0, **options})


def told(rule, **more):
    return {"optimizer": rule, "epochs": 80, "batch_size": 32, **more}


def small_and_slow():
    return net((1,), activation="tanh"), X, Y, told(optimizers.Adam(1e-6))


def small_and_short():
    return net((1,), activation="tanh"), *circles(1), told(optimizers.SGD(1e-3), epochs=10)


def held_back_and_slow():
    return net(alpha=1000.0), X, Y, told(optimizers.SGD(1e-6))


def deep_and_slow():
    return net([12] * 6, activation="sigmoid"), X, Y, told(optimizers.SGD(1e-6))


def equal_and_slow():
    return net(initializer="zeros", activation="tanh"), X, Y, told(optimizers.Adam(1e-6))


def dead_and_slow():
    model = net()
    model.biases[0] -= 30.0
    return model, X, Y, told(optimizers.Adam(1e-6))


def raw_and_deep():
    model = net([12] * 6, activation="sigmoid")
    return model, X * [1.0, 1000.0] + [300.0, 0.0], Y, told(optimizers.SGD(0.05))


def raw_and_tilted():
    return net(activation=TILTED), 1000 * X, Y, told(optimizers.Adam(0.01))


def far_and_slow():
    A, t = plane()
    model = SklearnRegressor(
        hidden_layer_sizes=(40,), learning_rate_init=1e-6, random_state=5, max_iter=100
    )
    return model, A, 1000 * t, {"seed": 23}


@pytest.mark.parametrize(
    ("built", "names"),
    [
        (small_and_slow, {"too_small_network", "learning_rate_too_low"}),
        (small_and_short, {"too_small_network", "learning_rate_too_low"}),
        (held_back_and_slow, {"too_much_regularization", "learning_rate_too_low"}),
        (deep_and_slow, {"vanishing_gradients", "learning_rate_too_low"}),
        (equal_and_slow, {"symmetric_start", "learning_rate_too_low"}),
        (dead_and_slow, {"dead_units", "learning_rate_too_low"}),
        (far_and_slow, {"unscaled_target", "learning_rate_too_low"}),
        (raw_and_deep, {"unscaled_inputs", "vanishing_gradients"}),
        (raw_and_tilted, {"unscaled_inputs", "wrong_gradient"}),
    ],
)
def test_both_are_named_and_nothing_else_first(built, names):
    model, A, t, settings = built()
    found = diagnose(model, A, t, **settings).names
    assert names <= set(found)
    assert found[0] in names


def test_a_cure_that_needs_the_other_is_proven_with_it():
    A, t = friedman(0, 300)
    model = MLPRegressor(
        hidden_layer_sizes=(24,), learning_rate_init=1e-6, alpha=1000.0, random_state=0
    )
    report = diagnose(model, A, t, prove=True)
    hidden = [one for one in report.findings if one.beside]
    assert {one.name for one in report.findings} >= {
        "too_much_regularization",
        "learning_rate_too_low",
    }
    assert hidden
    assert all("with the other cures" in one.cure for one in hidden)
    before, after = hidden[0].proof.held_out
    assert before < 0.1
    assert after > 0.7


def test_what_shows_in_ten_times_the_epochs_is_said_so_and_proven_so():
    model, A, t, settings = small_and_short()
    report = diagnose(model, A, t, prove=True, **settings)
    assert all("; and ten times the epochs" in one.cure for one in report.findings)
    assert all(one.beside[0] == "too_few_epochs" for one in report.findings)
    (small,) = [one for one in report.findings if one.name == "too_small_network"]
    before, after = small.proof.train
    assert after > before + 0.1


def test_what_is_healthy_but_for_one_failure_has_one_name():
    A, t = real(load_breast_cancer, 1)
    model = SklearnClassifier((8,), learning_rate_init=1e-6, random_state=0, max_iter=100)
    assert diagnose(model, A, t).names == ("learning_rate_too_low",)


def test_alone_a_failure_hides_behind_nothing(monkeypatch):
    only = [one for one in together._SUSPECTS if one[0] == "learning_rate_unusual"]
    monkeypatch.setattr(together, "_SUSPECTS", only)
    whole = case_of(net(), X, Y, None, None, told(optimizers.Adam(1e-6)), 0)
    case = halves(whole, 0)
    m = measure(case, measure_baselines(case, 0), 0, whole)
    assert m.poor
    assert list(together.hidden_failures(m)) == []
