"""L-BFGS with several outputs: scikit-learn's issue 8349, and that ours has it not."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from support.twins import DATA, case, difference, inconsistency

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def fitted_by_lbfgs(n_outputs, **params):
    data, pair = DATA["many"], case("many", solver="lbfgs", **params).pair()
    y = data.y[:, :n_outputs] if n_outputs > 1 else data.y[:, 0]
    return [one.fit(data.X, y) for one in pair]


@pytest.mark.parametrize("n_outputs", [1, 2, 3])
def test_lbfgs_is_handed_a_loss_and_its_own_gradient(handed_to_scipy, n_outputs):
    fitted_by_lbfgs(n_outputs, activation="tanh", max_iter=2)
    theirs, ours = (inconsistency(*one) for one in handed_to_scipy)
    assert ours < 1e-8
    # Their loss is divided by the number of outputs, their gradient is not.
    if n_outputs == 1:
        assert theirs < 1e-8
    else:
        assert theirs == pytest.approx(n_outputs - 1, rel=0.05)


def objective(estimator, X, y):
    """Return what is minimized: half the squared error per sample, and the penalty."""
    error = 0.5 * np.sum((estimator.predict(X) - y) ** 2) / len(y)
    return error + estimator.alpha / (2 * len(y)) * sum(np.sum(W * W) for W in estimator.coefs_)


@pytest.mark.parametrize("seed", range(3))
def test_lbfgs_finds_a_lower_objective(seed):
    data = DATA["many"]
    theirs, ours = fitted_by_lbfgs(
        3, activation="tanh", alpha=1.0, random_state=seed, tol=1e-6, max_iter=100
    )
    assert objective(ours, data.X, data.y) < objective(theirs, data.X, data.y) - 1e-4


def test_without_hidden_layers_lbfgs_finds_the_ridge_regression():
    # Convex: there is one answer, and scikit-learn's Ridge minimizes the same times 2n.
    data = DATA["many"]
    judge = Ridge(alpha=300.0).fit(data.X, data.y)
    theirs, ours = fitted_by_lbfgs(
        3, hidden_layer_sizes=(), alpha=300.0, tol=1e-8, max_iter=500
    )
    assert difference(ours.coefs_[0], judge.coef_.T) < 1e-5
    assert difference(ours.intercepts_[0], judge.intercept_) < 1e-5
    assert difference(theirs.coefs_[0], judge.coef_.T) > 3e-3


def test_the_loss_shown_is_scikit_learns_all_the_same():
    data = DATA["many"]
    theirs, ours = fitted_by_lbfgs(3, max_iter=20)
    for one in (theirs, ours):
        penalty = one.alpha / (2 * len(data.y)) * sum(np.sum(W * W) for W in one.coefs_)
        shown = 0.5 * np.mean((one.predict(data.X) - data.y) ** 2) + penalty
        assert one.loss_ == pytest.approx(shown, rel=1e-12)
