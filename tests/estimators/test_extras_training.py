"""How an estimator can train beyond scikit-learn's three solvers."""

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier as ScikitLearns
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

from glassnet import catalog, optimizers, schedules

from support.extras import (
    LABELS,
    THREE,
    TWO,
    VALUES,
    Recorder,
    assert_same_weights,
    classifier,
    mlp_from,
    recorded,
    regressor,
    start_of,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# --- optimizers -------------------------------------------------------------------------

OPTIMIZERS = {
    "sgd": optimizers.SGD(0.1),
    "momentum": optimizers.Momentum(0.1, 0.8, nesterov=True),
    "adagrad": optimizers.AdaGrad(0.1),
    "adadelta": optimizers.AdaDelta(2.0),
    "rmsprop": optimizers.RMSProp(0.02),
    "adam": optimizers.Adam(0.05),
    "adamw": optimizers.AdamW(0.05, weight_decay=0.2),
    "adamax": optimizers.Adamax(0.05),
    "nadam": optimizers.NAdam(0.05),
    "radam": optimizers.RAdam(0.05),
    "lion": optimizers.Lion(0.01),
}


def torchs(torch, tensors):
    """Return PyTorch's optimizers for `tensors`, by name."""
    optim = torch.optim
    return {
        "sgd": optim.SGD(tensors, 0.1),
        "momentum": optim.SGD(tensors, 0.1, momentum=0.8, nesterov=True),
        "adagrad": optim.Adagrad(tensors, 0.1),
        "adadelta": optim.Adadelta(tensors, 2.0),
        "rmsprop": optim.RMSprop(tensors, 0.02),
        "adam": optim.Adam(tensors, 0.05),
        "adamw": optim.AdamW(tensors, 0.05, weight_decay=0.2),
        "adamax": optim.Adamax(tensors, 0.05),
        "nadam": optim.NAdam(tensors, 0.05),
        "radam": optim.RAdam(tensors, 0.05),
    }


def test_every_optimizer_is_tried_here():
    assert {cls.name for cls in catalog.OPTIMIZERS} == {*OPTIMIZERS, "lbfgs"}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_trains_as_in_mlp(name):
    X, y = THREE
    settings = OPTIMIZERS[name]
    net = classifier(solver=settings, alpha=0.1)
    twin = mlp_from(net, X, y, "categorical_cross_entropy", alpha=0.1)
    twin.fit(X, y, optimizer=settings, epochs=8)
    assert_same_weights(net.fit(X, y), twin)
    np.testing.assert_allclose(net.loss_curve_, twin.history.loss, rtol=1e-10)
    by_text = classifier(solver=repr(settings), alpha=0.1).fit(X, y)
    assert by_text.loss_curve_ == net.loss_curve_


@pytest.mark.judge
@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name != "lion"])
def test_an_optimizer_trains_as_in_torch(name):
    torch = pytest.importorskip("torch")
    X, y = THREE
    net = classifier(solver=OPTIMIZERS[name])
    weights, biases = start_of(net, X, y)
    W0, W1, b0, b1 = tensors = [
        torch.tensor(t, requires_grad=True) for t in (*weights, *biases)
    ]
    descent = torchs(torch, tensors)[name]
    for _ in range(8):
        logits = torch.tanh(torch.tensor(X) @ W0 + b0) @ W1 + b1
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(y))
        descent.zero_grad()
        loss.backward()
        descent.step()
    net.fit(X, y)
    for ours, theirs in zip((*net.coefs_, *net.intercepts_), tensors, strict=True):
        np.testing.assert_allclose(ours, theirs.detach(), rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("name", sorted(set(OPTIMIZERS) - {"sgd", "adam"}))
def test_a_bare_name_takes_learning_rate_init(name):
    X, y = THREE
    bare = classifier(solver=name, learning_rate_init=0.03).fit(X, y)
    settings = type(OPTIMIZERS[name])(0.03)
    assert bare.loss_curve_ == classifier(solver=settings).fit(X, y).loss_curve_


def test_the_text_adam_is_scikit_learns_and_the_settings_are_torchs():
    """They differ in where epsilon is added: shown with a large one."""
    X, y = THREE
    settings = {"learning_rate_init": 0.05, "epsilon": 0.1}
    ours = classifier(solver="adam", **settings).fit(X, y)
    theirs = ScikitLearns(
        (6,), "tanh", alpha=0, max_iter=8, tol=0, random_state=0, **settings
    ).fit(X, y)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-10)
    other = classifier(solver=optimizers.Adam(0.05, epsilon=0.1)).fit(X, y)
    assert abs(other.loss_ / ours.loss_ - 1) > 0.01


def test_lbfgs_by_settings():
    X, y = VALUES
    net = regressor(solver=optimizers.LBFGS(memory=3), max_iter=200).fit(X, y)
    assert net.score(X, y) > 0.98
    assert not hasattr(net, "partial_fit")
    assert len(net.loss_curve_) == net.n_iter_


# --- class weights ----------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("class_weight", ["balanced", {0: 3.0, 1: 1.0, 2: 0.5}])
def test_class_weight_is_the_sample_weight_of_each_class(solver, class_weight):
    X, y = THREE[0][15:], THREE[1][15:]
    own = np.random.default_rng(0).uniform(0.5, 2, len(y))
    weights = compute_class_weight(class_weight, classes=np.unique(y), y=y)
    net = classifier(solver=solver, class_weight=class_weight, alpha=0.1)
    other = classifier(solver=solver, alpha=0.1)
    net.fit(X, y)
    assert net.loss_curve_ == other.fit(X, y, weights[y]).loss_curve_
    weights = compute_class_weight(class_weight, classes=np.unique(y), y=y, sample_weight=own)
    net.fit(X, y, own)
    assert net.loss_curve_ == other.fit(X, y, own * weights[y]).loss_curve_
    assert net.loss_curve_ != other.fit(X, y, own).loss_curve_


def test_class_weight_of_several_labels():
    X, Y = LABELS
    each = [{0: 1, 1: 2}, {0: 1, 1: 3}, {0: 0.5, 1: 1}]
    net = classifier(class_weight=each).fit(X, Y)
    weights = compute_sample_weight(each, Y)
    assert net.loss_curve_ == classifier().fit(X, Y, weights).loss_curve_


def test_class_weight_helps_the_rare_class():
    X, y = TWO
    rare = np.r_[np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:6]]
    plain, balanced = (
        classifier(class_weight=weight, solver="lbfgs", alpha=1.0, max_iter=200)
        .fit(X[rare], y[rare])
        .predict(X[y == 1])
        .mean()
        for weight in (None, "balanced")
    )
    assert balanced > plain


def test_class_weight_in_partial_fit():
    X, y = THREE
    weight = {0: 3.0, 1: 1.0, 2: 0.5}
    net = classifier(class_weight=weight).partial_fit(X, y, classes=[0, 1, 2])
    other = classifier().partial_fit(X, y, compute_sample_weight(weight, y), classes=[0, 1, 2])
    assert net.loss_curve_ == other.loss_curve_


# --- learning rates ---------------------------------------------------------------------


def test_a_schedule_sets_the_rate_of_each_step():
    X, y = VALUES
    net = regressor(solver=Recorder(0.2), batch_size=30, max_iter=4, schedule="cosine")
    rates, _ = recorded(net, X, y)  # 80 samples: 3 steps per epoch
    p = np.arange(12) / 12
    np.testing.assert_allclose(rates, 0.2 * (1 + np.cos(np.pi * p)) / 2, rtol=1e-12)


@pytest.mark.parametrize(
    "schedule", ["step(0.5, every=0.25)", schedules.OneCycle(), lambda p: 1 - p]
)
def test_schedules_by_text_by_settings_and_by_function(schedule):
    X, y = VALUES
    net = regressor(solver=Recorder(0.2), schedule=schedule)
    rates, _ = recorded(net, X, y)
    factor = schedules.Step(0.5, 0.25) if isinstance(schedule, str) else schedule
    np.testing.assert_allclose(rates, [0.2 * factor(i / 8) for i in range(8)], rtol=1e-12)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_schedule_works_with_scikit_learns_solvers(solver):
    X, y = VALUES
    net = regressor(solver=solver, schedule=lambda p: 0.0)
    start = start_of(net, X, y)[0][0]
    assert (net.fit(X, y).coefs_[0] == start).all()


@pytest.mark.judge
def test_a_plateau_lowers_the_rate_as_in_torch():
    torch = pytest.importorskip("torch")
    X, y = VALUES
    plateau = schedules.ReduceOnPlateau(factor=0.5, patience=2, threshold=0.02)
    net = regressor(solver=Recorder(0.2), schedule=plateau, max_iter=60)
    rates, _ = recorded(net, X, y)
    descent = torch.optim.SGD([torch.zeros(1)], 0.2)
    judge = torch.optim.lr_scheduler.ReduceLROnPlateau(
        descent, factor=0.5, patience=2, threshold=0.02
    )
    expected = []
    for loss in net.loss_curve_:
        expected.append(descent.param_groups[0]["lr"])
        judge.step(loss)
    np.testing.assert_allclose(rates, expected, rtol=1e-12)
    assert rates[-1] < rates[0]


def test_a_plateau_watches_the_validation_loss():
    X, y = VALUES
    plateau = schedules.ReduceOnPlateau(factor=0.5, patience=0, threshold=0.0)
    net = regressor(solver=Recorder(0.05), schedule=plateau, max_iter=5)
    net.set_params(n_iter_no_change=np.inf)
    Recorder.rates.clear()
    net.fit(X, y, X_val=X, y_val=-y)  # as the one loss falls the other grows
    assert np.all(np.diff(net.loss_curve_) < 0)
    np.testing.assert_allclose(Recorder.rates, [0.05, 0.05, 0.025, 0.0125, 0.00625])


# --- clipping ---------------------------------------------------------------------------


def test_clipping():
    X, y = VALUES
    _, free = recorded(regressor(solver=Recorder(1.0), max_iter=1), X, 9 * y)
    length = np.linalg.norm(free)
    _, short = recorded(regressor(solver=Recorder(1.0), max_iter=1, clip_norm=0.5), X, 9 * y)
    assert length > 0.5
    np.testing.assert_allclose(short, free * 0.5 / length, rtol=1e-9)
    _, cut = recorded(regressor(solver=Recorder(1.0), max_iter=1, clip_value=0.3), X, 9 * y)
    assert np.abs(free).max() > 0.3
    np.testing.assert_allclose(cut, np.clip(free, -0.3, 0.3), rtol=1e-9, atol=1e-12)
    _, long = recorded(regressor(solver=Recorder(1.0), max_iter=1, clip_norm=1e9), X, 9 * y)
    assert (long == free).all()


def test_clipping_saves_a_run():
    X, y = VALUES
    wild = {"solver": "sgd", "learning_rate_init": 5.0, "max_iter": 30, "activation": "relu"}
    with pytest.raises(ValueError, match="clip_norm"):
        regressor(**wild, hidden_layer_sizes=(50, 50)).fit(1e3 * X, y)
    net = regressor(**wild, hidden_layer_sizes=(50, 50), clip_norm=1.0).fit(1e3 * X, y)
    assert np.isfinite(net.loss_curve_).all()


# --- restarts ---------------------------------------------------------------------------


@pytest.mark.parametrize("parameters", [{}, {"solver": "lbfgs"}, {"early_stopping": True}])
def test_restarts_keep_the_best_of_single_runs(parameters):
    X, y = THREE
    seeds = map(int, np.random.RandomState(1).randint(2**31 - 1, size=4))
    single = [classifier(random_state=seed, **parameters).fit(X, y) for seed in (1, *seeds)]
    net = classifier(random_state=np.random.RandomState(1), n_restarts=5, **parameters)
    net.fit(X, y)
    if "early_stopping" in parameters:
        best = max(single, key=lambda one: one.best_validation_score_)
    else:
        best = min(single, key=lambda one: one.loss_)
    assert best not in (single[0], single[-1])
    assert net.loss_curve_ == best.loss_curve_
    assert (net.predict_proba(X) == best.predict_proba(X)).all()
    for ours, theirs in zip(net.coefs_, best.coefs_, strict=True):
        assert (ours == theirs).all()


def test_the_first_of_several_starts_is_that_of_one():
    X, y = THREE
    net = classifier(early_stopping=True, n_restarts=4, random_state=3).fit(X, y)
    alone = classifier(early_stopping=True, random_state=3).fit(X, y)
    assert net.loss_curve_ == alone.loss_curve_  # it is the best of these


def test_a_warm_start_does_not_start_again():
    X, y = THREE
    net = classifier(warm_start=True, n_restarts=3).fit(X, y)
    before = net.loss_curve_[-1]
    assert len(net.loss_curve_) == 8
    net.fit(X, y)
    assert len(net.loss_curve_) == 16
    assert net.loss_curve_[8] < before
