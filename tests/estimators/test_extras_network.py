"""What an estimator can be made of beyond scikit-learn's four activations and two losses."""

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.metrics import log_loss, mean_pinball_loss
from sklearn.model_selection import train_test_split

from glassnet import MLPClassifier, MLPRegressor, catalog, optimizers

from support.extras import (
    PLAIN,
    THREE,
    TWO,
    VALUES,
    assert_same_weights,
    classifier,
    mlp_from,
    regressor,
    start_of,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SGD = optimizers.SGD(0.5)


def by_hand(net, X, functions):
    """Return the outputs of a dense network, in plain NumPy."""
    for W, b, function in zip(net.coefs_, net.intercepts_, functions, strict=True):
        X = function(X @ W + b)
    return X


# --- activations ------------------------------------------------------------------------


def test_one_activation_per_layer():
    X, y = THREE
    layers = (6, 5, 4)
    names = ["tanh", "relu", "leaky_relu(0.3)"]
    net = classifier(hidden_layer_sizes=layers, activation=names, solver=SGD).fit(X, y)
    expected = by_hand(
        net,
        X,
        [
            np.tanh,
            lambda z: np.maximum(z, 0),
            lambda z: np.where(z > 0, z, 0.3 * z),
            lambda z: softmax(z, axis=1),
        ],
    )
    np.testing.assert_allclose(net.predict_proba(X), expected, rtol=1e-12)


def test_a_record_of_ones_own():
    sine = catalog.Activation("extras_sine", np.sin, lambda z, a: np.cos(z))
    X, y = VALUES
    net = regressor(activation=sine, solver="lbfgs", max_iter=50).fit(X, y)
    expected = by_hand(net, X, [np.sin, lambda z: z])[:, 0]
    np.testing.assert_allclose(net.predict(X), expected, rtol=1e-12)
    assert net.score(X, y) > 0.9


@pytest.mark.judge
@pytest.mark.parametrize("name", ["leaky_relu(0.2)", "elu", "gelu", "mish", "silu", "selu"])
def test_activations_train_as_in_torch(name):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    function = {
        "leaky_relu(0.2)": lambda z: functional.leaky_relu(z, 0.2),
        **{
            other: getattr(functional, other)
            for other in ("elu", "gelu", "mish", "silu", "selu")
        },
    }[name]
    X, y = VALUES
    net = regressor(activation=name, solver=optimizers.SGD(0.1))
    weights, biases = start_of(net, X, y)
    tensors = [torch.tensor(t, requires_grad=True) for t in (*weights, *biases)]
    W0, W1, b0, b1 = tensors
    descent = torch.optim.SGD(tensors, 0.1)
    for _ in range(8):
        outputs = function(torch.tensor(X) @ W0 + b0) @ W1 + b1
        loss = ((outputs[:, 0] - torch.tensor(y)) ** 2).mean() / 2
        descent.zero_grad()
        loss.backward()
        descent.step()
    net.fit(X, y)
    np.testing.assert_allclose(net.coefs_[0], W0.detach(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(net.coefs_[1], W1.detach(), rtol=1e-9, atol=1e-12)


# --- dropout and normalization ----------------------------------------------------------


def test_dropout_works_in_training_and_not_in_prediction():
    X, y = TWO
    bare = classifier(solver=SGD).fit(X, y)
    net = classifier(solver=SGD, dropout=0.4).fit(X, y)
    # With one unit in 10^15 dropped nothing is: what is left of its scale is 1.
    never = classifier(solver=SGD, dropout=1e-15).fit(X, y)
    assert net.loss_curve_ != bare.loss_curve_
    assert net.loss_curve_ == classifier(solver=SGD, dropout=[0.4]).fit(X, y).loss_curve_
    np.testing.assert_allclose(never.loss_curve_, bare.loss_curve_, rtol=1e-12)
    p = by_hand(net, X, [np.tanh, expit])
    np.testing.assert_allclose(net.predict_proba(X)[:, 1:], p, rtol=1e-12)


def test_dropout_drops_its_share_and_scales_the_rest():
    """At zero weights behind it, the first step shows each hidden unit's own coin tosses."""
    X, y = np.ones((4000, 1)), np.ones(4000)
    net = regressor(hidden_layer_sizes=(50,), activation="identity", dropout=0.3)
    net.set_params(warm_start=True, max_iter=1, solver=optimizers.SGD(1.0), batch_size=4000)
    net.build(1)
    net.coefs_ = [np.ones((1, 50)), np.zeros((50, 1))]
    net.intercepts_ = [np.zeros(50), np.zeros(1)]
    net.fit(X, y)
    # The gradient by an output weight is minus the mean of its unit: kept / (1 - rate).
    kept = net.coefs_[1][:, 0] * 0.7
    assert np.ptp(kept) > 0  # each unit has its own
    assert abs(kept.mean() - 0.7) < 4 * np.sqrt(0.3 * 0.7 / (4000 * 50))


@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_normalization_stands_where_mlp_has_it(norm):
    X, y = THREE
    net = classifier(norm=norm, solver=SGD)
    twin = mlp_from(net, X, y, "categorical_cross_entropy", norm=norm)
    twin.fit(X, y, optimizer=SGD, epochs=8)
    net.fit(X, y)
    assert_same_weights(net, twin)
    np.testing.assert_allclose(net.predict_proba(X[:5]), twin.predict_proba(X[:5]), rtol=1e-9)


@pytest.mark.judge
def test_batch_normalization_is_torchs_in_training_and_in_prediction():
    torch = pytest.importorskip("torch")
    X, y = VALUES
    net = regressor(norm="batch", activation="relu", solver=optimizers.SGD(0.1), max_iter=20)
    weights, biases = start_of(net, X, y)
    model = torch.nn.Sequential(
        torch.nn.Linear(5, 6), torch.nn.BatchNorm1d(6), torch.nn.ReLU(), torch.nn.Linear(6, 1)
    ).double()
    for layer, W, b in zip((model[0], model[3]), weights, biases, strict=True):
        layer.weight.data, layer.bias.data = torch.tensor(W.T), torch.tensor(b)
    descent = torch.optim.SGD(model.parameters(), 0.1)
    for _ in range(20):
        descent.zero_grad()
        (((model(torch.tensor(X))[:, 0] - torch.tensor(y)) ** 2).mean() / 2).backward()
        descent.step()
    net.fit(X, y)
    one_by_one = np.concatenate([net.predict(x[None]) for x in X])  # running statistics
    expected = model.eval()(torch.tensor(X)).detach()[:, 0]
    np.testing.assert_allclose(one_by_one, expected, rtol=1e-8)


# --- initializers -----------------------------------------------------------------------


def test_initializers():
    wide = {"hidden_layer_sizes": (400,), "random_state": 0}
    constant = MLPRegressor(initializer="constant(0.3)", **wide).build(300)
    assert all((W == 0.3).all() for W in constant.coefs_)
    assert not any(b.any() for b in constant.intercepts_)
    normal = MLPRegressor(initializer="he_normal", **wide).build(300)
    assert abs(np.std(normal.coefs_[0]) / np.sqrt(2 / 300) - 1) < 0.02
    record = catalog.initializer("he_normal")
    again = MLPRegressor(initializer=record, **wide).build(300)
    assert (again.coefs_[0] == normal.coefs_[0]).all()


# --- losses -----------------------------------------------------------------------------


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_label_smoothing_is_training_on_smoothed_targets(smoothing):
    X, y = TWO
    net = classifier(label_smoothing=smoothing, solver=SGD)
    twin = mlp_from(net, X, y, "binary_cross_entropy")
    twin.fit(X, y * (1 - smoothing) + smoothing / 2, optimizer=SGD, epochs=8)
    assert_same_weights(net.fit(X, y), twin)


@pytest.mark.judge
def test_label_smoothing_of_several_classes_is_torchs():
    torch = pytest.importorskip("torch")
    X, y = THREE
    net = classifier(label_smoothing=0.2, hidden_layer_sizes=(), solver=SGD)
    (W,), (b,) = start_of(net, X, y)
    W, b = (torch.tensor(t, requires_grad=True) for t in (W, b))
    descent = torch.optim.SGD([W, b], 0.5)
    criterion = torch.nn.CrossEntropyLoss(label_smoothing=0.2)
    losses = []
    for _ in range(8):
        loss = criterion(torch.tensor(X) @ W + b, torch.tensor(y))
        losses.append(loss.item())
        descent.zero_grad()
        loss.backward()
        descent.step()
    net.fit(X, y)
    np.testing.assert_allclose(net.loss_curve_, losses, rtol=1e-10)
    np.testing.assert_allclose(net.coefs_[0], W.detach(), rtol=1e-9)


def test_label_smoothing_keeps_probabilities_from_the_ends():
    X, y = THREE
    settings = {"solver": "lbfgs", "max_iter": 300, "hidden_layer_sizes": (20,)}
    sure = classifier(**settings).fit(X, y).predict_proba(X)
    p = classifier(**settings, label_smoothing=0.3).fit(X, y).predict_proba(X)
    # The best answer to targets of 0.8, 0.1 and 0.1 is these probabilities.
    assert np.median(sure.max(axis=1)) > 0.999
    assert abs(np.median(p.max(axis=1)) - 0.8) < 0.02
    assert log_loss(y, p) > log_loss(y, sure)


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_hinge_losses_give_scores(loss):
    X, y = THREE
    net = classifier(loss=loss, solver="adam(0.03)", max_iter=200).fit(X, y)
    scores = net.decision_function(X)
    assert scores.shape == (90, 3)
    assert (net.predict(X) == net.classes_[scores.argmax(axis=1)]).all()
    assert net.score(X, y) > 0.85
    assert not hasattr(net, "predict_proba")
    assert not hasattr(classifier(), "decision_function")
    two = classifier(loss=loss, solver="adam(0.03)").fit(*TWO)
    assert (two.predict(TWO[0]) == (two.decision_function(TWO[0]) > 0)).all()


def test_the_absolute_error_finds_the_median_and_the_squared_error_the_mean():
    y = np.random.default_rng(0).exponential(size=1001)
    X = np.zeros((1001, 1))
    settings = {**PLAIN, "hidden_layer_sizes": (), "max_iter": 600, "schedule": "cosine"}
    settings |= {"solver": "adam(0.02)", "batch_size": 1001}
    median = MLPRegressor("absolute_error", **settings).fit(X, y).predict(X[:1])
    mean = MLPRegressor("squared_error", **settings).fit(X, y).predict(X[:1])
    np.testing.assert_allclose(median, np.median(y), atol=0.01)
    np.testing.assert_allclose(mean, np.mean(y), atol=0.001)


def test_two_quantiles_make_a_prediction_interval():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (4000, 1))
    y = np.sin(3 * X[:, 0]) + rng.normal(size=4000) * (0.2 + 0.5 * np.abs(X[:, 0]))
    X, X_new, y, y_new = train_test_split(X, y, test_size=0.5, random_state=0)
    low, high = (
        MLPRegressor(
            f"quantile({q})", (30,), max_iter=60, learning_rate_init=0.01, random_state=0
        )
        .fit(X, y)
        .predict(X_new)
        for q in (0.1, 0.9)
    )
    assert 0.77 < np.mean((low <= y_new) & (y_new <= high)) < 0.83
    # Narrow where the noise is small: no constant band does as well.
    for q, predicted in ((0.1, low), (0.9, high)):
        offset = predicted * 0 + np.sin(3 * X_new[:, 0])
        band = offset + np.quantile(y_new - offset, q)
        assert mean_pinball_loss(y_new, predicted, alpha=q) < mean_pinball_loss(
            y_new, band, alpha=q
        )


def test_every_loss_of_the_catalogue_has_an_estimator():
    X, y = VALUES
    for record in catalog.LOSSES:
        if record.task == "regression":
            targets = np.abs(y) if record.name == "poisson" else y
            net = regressor(loss=record, solver="adam(0.01)", max_iter=50).fit(X, targets)
        else:
            data = THREE if record.task == "multiclass" else TWO
            net = MLPClassifier(**{**PLAIN, "loss": record, "solver": "adam(0.01)"}).fit(*data)
        assert net.loss_curve_[-1] < net.loss_curve_[0]


def test_the_network_trains_as_the_estimator_does():
    X, y = THREE
    net = classifier(engine="numpy", n_threads=1).fit(X, y)
    assert (net.network_.engine, net.network_.n_threads) == ("numpy", 1)
    assert classifier().fit(X, y).network_.engine == "auto"
