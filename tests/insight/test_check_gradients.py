"""`check_gradients`: right gradients pass, wrong ones are found and named."""

import warnings

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import (
    MLP,
    MLPClassifier,
    MLPRegressor,
    catalog,
    check_gradients,
    diagnose,
    plots,
    trace,
)

RNG = np.random.default_rng(3)
X = RNG.normal(size=(7, 3))
WEIGHT = RNG.uniform(0.2, 2.0, size=7)
KINDS = [
    {},
    {"norm": "batch"},
    {"norm": "layer"},
    {"norm": ["batch", "layer"], "dropout": 0.3, "alpha": 0.5},
]
HIDDEN = [record for record in catalog.ACTIVATIONS if not record.rowwise]


def targets(loss, outputs):
    if loss.task == "multiclass":
        return RNG.integers(0, outputs, 7)
    if loss.task == "binary":
        return RNG.integers(0, 2, (7, outputs))
    return np.clip(RNG.normal(size=(7, outputs)), *loss.bounds)


def network(**settings):
    """Return a network and its data, far from the start, so that no gradient is tiny."""
    net = MLP([3, 4, 5, 2], **{"activation": "tanh", "seed": 0, **settings})
    net.theta[...] += np.random.default_rng(1).normal(scale=0.3, size=net.theta.size)
    return net, targets(catalog.loss(net.plan.loss), 2)


# --- what is right passes ------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("activation", HIDDEN, ids=str)
def test_no_false_alarm(activation, kind):
    for loss in catalog.LOSSES:
        net, y = network(activation=activation, loss=loss, **kind)
        if activation.name == "exp":  # of exp of exp nothing finite would be left
            net.theta[...] *= 0.2
        found = check_gradients(net, X, y, sample_weight=WEIGHT, dropout_key=5)
        assert found.ok, f"{loss}\n{found}"


@pytest.mark.parametrize("output", catalog.ACTIVATIONS, ids=str)
def test_no_false_alarm_behind_an_output_activation(output):
    net, y = network(output=output)
    assert check_gradients(net, X, y).ok


@pytest.mark.parametrize("record", [*catalog.ACTIVATIONS, *catalog.LOSSES], ids=str)
def test_no_false_alarm_of_a_formula(record):
    found = check_gradients(record)
    assert found.ok, found
    assert found.groups[0].checked > 60
    assert check_gradients(record.name).to_dict() == found.to_dict()


@pytest.mark.parametrize("directions", [None, 4])
def test_nearly_every_coordinate_is_judged(directions):
    net, y = network(activation="relu", alpha=0.1)
    found = check_gradients(net, X, y, directions=directions)
    excluded = sum(group.excluded for group in found.groups)
    assert excluded <= 0.05 * sum(group.checked for group in found.groups)
    assert all(group.relative_error < 1e-6 for group in found.groups)


def test_kinks_of_many_units_at_once_are_no_error():
    """Rows that dropout empties are at the kink of every ReLU behind them."""
    net = MLP([3, 4, 5, 1], norm=["batch", "layer"], dropout=0.6, seed=0)
    found = check_gradients(net, X, np.arange(7.0), dropout_key=5)
    assert sum(group.excluded for group in found.groups) > 0
    assert all(group.ok for group in found.groups), found


def test_two_kinks_that_cancel_are_no_error():
    """As relu(t) - relu(-t) = t does: the differences see no kink, and each unit is at one."""
    net = MLP([1, 1, 2, 1], activation=["identity", "relu"])
    net.theta = [0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 1.0, -1.0, 0.0]
    found = check_gradients(net, [[1.0]], [1.0])
    assert found.ok, found
    assert {group.name for group in found.groups if group.excluded} == {"W0", "b0", "b1"}


def test_a_large_network_is_checked_along_directions():
    net = MLP([40, 60, 3], loss="categorical_cross_entropy", seed=0)
    X = RNG.normal(size=(20, 40))
    found = check_gradients(net, X, RNG.integers(0, 3, 20))
    assert found.ok
    assert {group.along for group in found.groups} == {"directions"}


@pytest.mark.parametrize("labels", [np.array(list("abcabca")), np.array(list("aabbaab"))])
def test_classifiers(labels):
    est = MLPClassifier((4,), activation="tanh", class_weight="balanced", alpha=0.1, max_iter=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        est.fit(X, labels)
    found = check_gradients(est, X, labels, sample_weight=WEIGHT)
    assert found.ok
    assert found.subject.startswith("MLPClassifier")


def test_a_classifier_that_starts_warm_may_see_some_of_its_classes():
    est = MLPClassifier((3,), warm_start=True).build(3, ["a", "b", "c"])
    assert check_gradients(est, X[:2], ["a", "c"]).ok


def test_a_regressor_in_float32_is_checked_in_float64():
    est = MLPRegressor(hidden_layer_sizes=(4,), activation="tanh", max_iter=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        est.fit(X.astype(np.float32), X[:, 0])
    before = est.network_.theta.copy()
    found = check_gradients(est, X, X[:, 0])
    assert all(group.relative_error < 1e-6 for group in found.groups)
    assert est.network_.theta.dtype == np.float32
    np.testing.assert_array_equal(est.network_.theta, before)


def test_nothing_given_is_changed():
    net, y = network(norm="batch", dropout=0.3)
    theta, buffers, features = net.theta.copy(), net.state.buffers.copy(), X.copy()
    check_gradients(net, X, y, dropout_key=1)
    np.testing.assert_array_equal(net.theta, theta)
    np.testing.assert_array_equal(net.state.buffers, buffers)
    np.testing.assert_array_equal(X, features)


def test_a_function_without_its_gradient_is_refused_with_the_way_to_give_it():
    with pytest.raises(TypeError, match=r"check_gradients\(\(function, gradient\), at=x\)"):
        check_gradients(lambda x: x, lambda x: 1)


@pytest.mark.parametrize("look", [check_gradients, diagnose, plots.network, trace])
def test_a_pipeline_is_told_which_of_its_parts_can_be_looked_at(look):
    X, y = np.random.RandomState(0).randn(40, 2), np.arange(40) % 2
    model = make_pipeline(StandardScaler(), MLPClassifier((3,), max_iter=3))
    arguments = () if look is plots.network else (X, y)
    words = r"got Pipeline: give its last step, model\[-1\], and X as the steps before make it"
    with pytest.raises(TypeError, match=words):
        look(model, *arguments)
    parts = model[-1].build(2, classes=[0, 1]), model[:-1].fit_transform(X)
    look(parts[0], *(() if look is plots.network else (parts[1], y)))
