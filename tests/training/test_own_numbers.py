"""Networks trained on their own numbers, and networks whose numbers cannot be written to."""

import joblib
import numpy as np
import pytest
import scipy.sparse

from glassnet import MLP, MLPRegressor

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 4)), RNG.normal(size=20)
ENGINES = ["numpy", "numba"]


# --- rows of θ as data ------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("cut", [False, True], ids=["in blocks", "by epochs"])
def test_training_on_rows_of_theta_is_training_on_a_copy_of_them(engine, cut):
    def trained(of):
        net = MLP([4, 8, 1], seed=0, engine=engine)
        rows, targets, weight = of(net.weights[0].T), of(net.weights[1]), of(net.theta[:8] ** 2)
        look_on = {"callbacks": [lambda epoch: None]} if cut else {}
        return net.fit(
            rows, targets, epochs=3, batch_size=3, sample_weight=weight, **look_on
        ).theta

    np.testing.assert_array_equal(trained(lambda view: view), trained(np.copy))


def test_validating_on_rows_of_theta_is_validating_on_a_copy_of_them():
    def losses(of):
        net = MLP([4, 8, 1], seed=0, engine="numpy")
        rows = of(net.weights[0].T)
        net.fit(X, Y, X_val=rows, y_val=of(net.weights[1]), epochs=3)
        return net.history.validation_loss

    assert losses(lambda view: view) == losses(np.copy)


def test_entries_of_a_sparse_matrix_may_be_numbers_of_theta():
    def trained(of):
        net = MLP([4, 8, 1], seed=0, engine="numpy")
        rows = scipy.sparse.csr_array(np.ones((2, 4)))
        rows.data = of(net.theta[:8])
        return net.fit(rows, [0.0, 1.0], epochs=3).theta

    np.testing.assert_array_equal(trained(lambda view: view), trained(np.copy))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("engine", ENGINES)
def test_an_estimator_goes_on_with_rows_of_its_own(engine):
    def trained(of):
        net = MLPRegressor(
            hidden_layer_sizes=8, max_iter=3, warm_start=True, random_state=0, engine=engine
        )
        net.set_params(batch_size=3).fit(X, Y)
        return net.fit(of(net.coefs_[0].T), of(net.coefs_[1][:, 0])).coefs_[0]

    np.testing.assert_array_equal(trained(lambda view: view), trained(np.copy))


# --- numbers that cannot be written to ----------------------------------------------------


def mapped(model, path):
    """Return a model as joblib hands large ones to workers: its arrays are memory maps."""
    joblib.dump(model, path)
    return joblib.load(path, mmap_mode="r")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_network_of_memory_maps_trains_on(tmp_path, engine):
    net = MLP([4, 8, 1], norm="batch", seed=0, engine=engine).fit(X, Y, epochs=2)
    other = mapped(net, tmp_path / "net")
    assert not other.theta.flags.writeable
    np.testing.assert_array_equal(other.forward(X), net.forward(X))
    other.fit(X, Y, epochs=2)
    np.testing.assert_array_equal(other.theta, net.fit(X, Y, epochs=2).theta)
    np.testing.assert_array_equal(other.state.buffers, net.state.buffers)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_an_estimator_of_memory_maps_trains_on(tmp_path, engine, early_stopping):
    settings = {"early_stopping": early_stopping, "warm_start": True, "norm": "batch"}
    net = MLPRegressor(
        hidden_layer_sizes=8, max_iter=3, random_state=0, engine=engine, **settings
    ).fit(X, Y)
    other = mapped(net, tmp_path / "net")
    for _ in range(2):
        np.testing.assert_array_equal(other.fit(X, Y).coefs_[0], net.fit(X, Y).coefs_[0])
    if not early_stopping:
        other = mapped(net.partial_fit(X, Y), tmp_path / "more")
        expected = net.partial_fit(X, Y).coefs_[0]
        np.testing.assert_array_equal(other.partial_fit(X, Y).coefs_[0], expected)
