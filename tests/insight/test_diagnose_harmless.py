"""What looks like a failure and is none: each rule's threshold, from the healthy side."""

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.diagnosis_cases import chequers, circles, friedman, moons, table
from sklearn.datasets import make_blobs
from sklearn.neural_network import MLPClassifier as SklearnClassifier

from glassnet import MLP, MLPClassifier, MLPRegressor, Perceptron, diagnose, optimizers
from glassnet.catalog import Activation
from glassnet.insight.diagnosis.baselines import measure_baselines
from glassnet.insight.diagnosis.data_rules import unlearnable_target
from glassnet.insight.diagnosis.measured import measure
from glassnet.insight.diagnosis.reading import case_of
from glassnet.insight.diagnosis.runs import halves
from glassnet.schedules import Cosine

ADAM = {"optimizer": optimizers.Adam(0.01), "epochs": 60, "batch_size": 32}
X, Y = moons(0, 300)
RNG = np.random.default_rng(0)
# Undeclared kinks are outliers of the check, not errors of the slope.
BENT = Activation(
    "bent_below",
    lambda z: np.where(z > 0, z, 0.2 * z),
    lambda z, a: np.where(z > 0, 1, 0.2).astype(z.dtype),
    check=False,
)


def net(hidden=(16,), inputs=2, **options):
    return MLP([inputs, *hidden, 1], **{"loss": "binary_cross_entropy", "seed": 0, **options})


def uneven():
    return net(), X * [1.0, 6.0], Y, ADAM


def shifted_target():
    A, t = friedman(0, 300)
    return MLP([8, 32, 1], activation="tanh", seed=0), A, 3 * t + 3, ADAM


def some_dead():
    model = net([20, 20])
    model.biases[0][:6] -= 30.0
    return model, X, Y, ADAM


def deep():
    return net([10] * 5, activation="tanh"), X, Y, ADAM


def rather_loud():
    return net([32], activation="tanh", initializer="normal(1.5)"), X, Y, ADAM


def half_dropped():
    return net([64], dropout=0.5), X, Y, {**ADAM, "epochs": 100}


def whole_batch():
    return net(), X, Y, {"optimizer": optimizers.Adam(0.05), "epochs": 150}


def stopped_when_done():
    model = MLPClassifier((32,), learning_rate_init=0.05, n_iter_no_change=15, random_state=0)
    return model, X, Y, {}


def fixed_random_order():
    return net(), X, Y, {**ADAM, "shuffle": False}


def rare_but_learnt():
    A, t = circles(0, 800)
    rows = np.flatnonzero((t == 0) | (np.arange(len(t)) % 8 == 0))
    return net(), A[rows], t[rows], ADAM


def rare_and_random():
    rows = RNG.normal(size=(500, 4))
    return (
        net((8,), 4),
        rows,
        (RNG.uniform(size=500) < 0.08).astype(int),
        {**ADAM, "epochs": 20},
    )


def nearly_constant():
    A = np.column_stack([X, np.r_[1.0, np.zeros(len(X) - 1)], X[:, 0] + 0.001 * X[:, 1]])
    return net(inputs=4), A, Y, ADAM


def telling_feature():
    A, t = table(0, 400)
    A = np.column_stack([A, t + 0.45 * RNG.normal(size=len(t))])
    return net(inputs=13), A, t, {**ADAM, "epochs": 20}


def counts():
    A, t = friedman(0, 300)
    model = MLP([8, 24, 1], activation="tanh", loss="poisson", seed=0)
    return model, A, RNG.poisson(np.exp(1.5 + 0.7 * t)), ADAM


def whole_numbers():
    A, t = friedman(0, 300)
    return MLP([8, 24, 1], activation="tanh", seed=0), A, np.round(4 * t), ADAM


def many_clear_classes():
    A, t = make_blobs(240, 6, centers=30, cluster_std=0.2, random_state=0)
    return MLPClassifier((32,), learning_rate_init=0.02, random_state=0, max_iter=60), A, t, {}


def straight():
    A = RNG.normal(size=(300, 4))
    return Perceptron(random_state=0), A, A @ [1.0, -2.0, 0.5, 0.0] > 0, {}


def weak_signal():
    A = RNG.normal(size=(600, 5))
    t = RNG.uniform(size=600) < 1 / (1 + np.exp(-1.2 * A[:, 0]))
    return net((4,), 5, alpha=3.0), A, t.astype(int), {**ADAM, "epochs": 15}


def seen_all_rows():
    return net().fit(X, Y, optimizers.Adam(0.01), 60, 32), X, Y, ADAM


def four_units():
    return net((4,), activation="tanh"), *chequers(0), {**ADAM, "epochs": 200}


def jumpy():
    return net([16, 16]), X, Y, {**ADAM, "optimizer": optimizers.SGD(0.5)}


def small_rate():
    gentle = {"optimizer": optimizers.Adam(0.003), "epochs": 300, "schedule": Cosine()}
    return net([32]), X, Y, {**ADAM, **gentle}


def noisy():
    A, t = table(0, 600, flip_y=0.1)
    return net((8,), 12, alpha=2.0), A, t, {**ADAM, "epochs": 15}


def learnt_well_but_not_by_heart():
    """Ten times the rate, or smaller batches, would only learn the wrong labels by heart."""
    A, t = table(0, 600, flip_y=0.2)
    return net((64,), 12), A, t, {**ADAM, "epochs": 40, "optimizer": optimizers.Adam(0.001)}


def learnt_well_in_one_batch():
    model, A, t, told = learnt_well_but_not_by_heart()
    return model, A, t, {**told, "optimizer": optimizers.Adam(0.01), "batch_size": 600}


def confident():
    model = net(activation="tanh", loss="squared_error", output="sigmoid")
    model.biases[1] += 3.0
    return model, X, Y, {**ADAM, "epochs": 100}


def slow_but_not_flat():
    model = net(activation="tanh", loss="squared_error", output="sigmoid")
    return model, X, Y, {**ADAM, "optimizer": optimizers.SGD(1e-5)}


def own_slope():
    return net(activation=BENT), X, Y, ADAM


def nearly_equal():
    model = net([16, 16])
    model.weights[0][...] = 0.3 + 0.05 * model.weights[0]
    return model, X, Y, ADAM


def usual_of_scikit_learn():
    return SklearnClassifier((32,), learning_rate_init=0.01, random_state=0), X, Y, {}


def large_numbers():
    A, t = friedman(0, 300)
    model = MLPRegressor(hidden_layer_sizes=(32,), learning_rate_init=0.01, random_state=0)
    return model, A, 2 * t, {}


@pytest.mark.parametrize(
    ("built", "name"),
    [
        (uneven, "unscaled_inputs"),
        (shifted_target, "unscaled_target"),
        (large_numbers, "unscaled_target"),
        (some_dead, "dead_units"),
        (deep, "vanishing_gradients"),
        (deep, "exploding_gradients"),
        (rather_loud, "initial_weights_too_large"),
        (half_dropped, "too_much_regularization"),
        (whole_batch, "batch_too_large"),
        (stopped_when_done, "stopped_too_early"),
        (fixed_random_order, "unshuffled_batches"),
        (rare_but_learnt, "majority_collapse"),
        (rare_and_random, "majority_collapse"),
        (nearly_constant, "constant_or_duplicate_features"),
        (telling_feature, "leakage_suspected"),
        (counts, "wrong_loss_or_output"),
        (whole_numbers, "wrong_loss_or_output"),
        (many_clear_classes, "wrong_loss_or_output"),
        (straight, "linear_model_on_nonlinear_problem"),
        (weak_signal, "unlearnable_target"),
        (seen_all_rows, "unlearnable_target"),
        (four_units, "too_small_network"),
        (jumpy, "learning_rate_too_high"),
        (small_rate, "learning_rate_too_low"),
        (noisy, "overfitting"),
        (learnt_well_but_not_by_heart, "learning_rate_too_low"),
        (learnt_well_in_one_batch, "batch_too_large"),
        (confident, "saturated_outputs"),
        (slow_but_not_flat, "saturated_outputs"),
        (slow_but_not_flat, "linear_model_on_nonlinear_problem"),
        (own_slope, "wrong_gradient"),
        (nearly_equal, "symmetric_start"),
        (usual_of_scikit_learn, "non_finite"),
    ],
)
def test_it_is_not_named(built, name):
    model, A, t, settings = built()
    assert name not in diagnose(model, A, t, **settings).names


def test_a_network_that_beats_chance_has_something_to_learn_whatever_others_make_of_it():
    whole = case_of(net(), X, Y, None, None, ADAM, 0)
    case = halves(whole, 0)
    known = measure_baselines(case, 0)
    blind = replace(known, p_value=1.0, linear=known.constant, trees=known.constant)
    seen = measure(case, blind, 0, whole)
    assert unlearnable_target(seen) is None
    seen.base = replace(seen.base, held_out=0.5)
    assert unlearnable_target(seen).name == "unlearnable_target"
