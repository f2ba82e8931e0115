"""The decision boundary of every kind of model."""

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from glassnet import MLP, Perceptron
from glassnet.plots import decision_boundary

from support.boundary_parts import IRIS, X, Y, bar, contours, legend, vertices

# --- every kind of model --------------------------------------------------------------


def test_decision_function_draws_its_zero(figure):
    model = LinearSVC().fit(X, Y)
    ax = decision_boundary(model, X, Y, ax=figure)
    np.testing.assert_allclose(model.decision_function(vertices(contours(ax)[0])), 0, atol=1e-6)
    assert bar(ax) == []  # a margin has no scale to explain


def test_one_score_per_pair_of_classes_is_left_to_predict(figure):
    data, target = IRIS.data[:, 2:], IRIS.target.copy()
    target[::4] = 3
    model = SVC(decision_function_shape="ovo").fit(data, target)
    assert model.decision_function(data).shape[1] == 6
    ax = decision_boundary(model, data, target, resolution=50, ax=figure)
    assert f"wrong: {np.sum(model.predict(data) != target)}" in legend(ax)


def test_predict_alone_is_enough(figure):
    class Half:
        def predict(self, rows):
            return np.where(rows[:, 0] > 0.5, "right", "left")

    labels = np.where(X[:, 0] > 0.5, "right", "left")
    ax = decision_boundary(Half(), X, labels, resolution=101, ax=figure)
    step = np.ptp(ax.get_xlim()) / 100
    assert np.all(np.abs(vertices(contours(ax)[0])[:, 0] - 0.5) <= step)
    assert ax.get_title(loc="left") == f"Half: all {len(X)} points right"


def test_one_class_is_one_region(figure):
    model = DummyClassifier().fit(X, np.zeros(len(X), int))
    ax = decision_boundary(model, X, np.zeros(len(X), int), ax=figure)
    assert contours(ax) == []


def test_a_model_with_another_rule_than_its_highest_score_is_drawn_as_it_decides(figure):
    # Decides "yes" from a probability of 0.2 on: its boundary is not where the two tie.
    base = LogisticRegression().fit(X, Y)
    model = FixedThresholdClassifier(base, threshold=0.2).fit(X, Y)
    ax = decision_boundary(model, X, Y, ax=figure)
    p = base.predict_proba(vertices(contours(ax)[0]))[:, 1]
    np.testing.assert_allclose(p, 0.2, atol=0.02)


def test_a_threshold_moves_the_line_and_the_verdict(figure):
    model = LogisticRegression().fit(X, Y)
    ax = decision_boundary(model, X, Y, threshold=0.8, ax=figure)
    p = model.predict_proba(vertices(contours(ax)[0]))[:, 1]
    np.testing.assert_allclose(p, 0.8, atol=5e-3)
    wrong = int(np.sum((model.predict_proba(X)[:, 1] > 0.8) != Y))
    assert f"wrong: {wrong}" in legend(ax)


def test_outlier_detectors_answer_plus_or_minus_one(figure):
    labels = np.where(Y == 1, 1, -1)
    ax = decision_boundary(IsolationForest(random_state=0).fit(X), X, labels, ax=figure)
    assert legend(ax)[:2] == ["class -1", "class 1"]


def test_search_and_pipeline_are_models_too(figure):
    pipe = make_pipeline(StandardScaler(), LogisticRegression())
    model = GridSearchCV(pipe, {"logisticregression__C": [0.1, 1.0]}, cv=2).fit(X, Y)
    ax = decision_boundary(model.best_estimator_, X, Y, ax=figure)
    assert ax.get_title(loc="left").startswith("LogisticRegression: ")
    assert contours(decision_boundary(model, X, Y, ax=Figure()))


# --- glassnet's own -------------------------------------------------------------------


def test_the_notebooks_network_is_cut_at_one_half(figure):
    net = MLP([2, 10, 5, 1], activation="tanh", seed=0).fit(X, Y, "adam(0.02)", epochs=200)
    ax = decision_boundary(net, X, Y, ax=figure)
    np.testing.assert_allclose(net.predict(vertices(contours(ax)[0])), 0.5, atol=0.01)
    wrong = int(np.sum(net.predict(X, threshold=0.5) != Y))
    assert f"{len(Y) - wrong} of {len(Y)}" in ax.get_title(loc="left") or wrong == 0
    assert ax.get_title(loc="left").startswith("MLP 2-10-5-1: ")
    assert bar(ax)[0].get_ylabel() == "model's output"


@pytest.mark.parametrize("dtype", [bool, int, float])
def test_labels_of_0_and_1_make_a_binary_question_of_any_kind(figure, dtype):
    net = MLP([2, 4, 1], seed=0).fit(X, Y, epochs=5)
    ax = decision_boundary(net, X, Y.astype(dtype), resolution=20, ax=figure)
    assert legend(ax)[:2] == ["class 0", "class 1"]


def test_a_networks_output_can_be_cut_elsewhere_or_not_at_all(figure):
    net = MLP([2, 10, 1], activation="tanh", seed=0).fit(X, Y, "adam(0.02)", epochs=200)
    ax = decision_boundary(net, X, Y, threshold=0.3, ax=figure)
    np.testing.assert_allclose(net.predict(vertices(contours(ax)[0])), 0.3, atol=0.01)
    surface = decision_boundary(net, X, Y, threshold=None, ax=Figure())
    assert "R² = " in surface.get_title(loc="left")


def test_cross_entropy_networks_are_drawn_by_probability(figure):
    net = MLP([2, 8, 1], loss="binary_cross_entropy", seed=0).fit(
        X, Y, "adam(0.05)", epochs=100
    )
    ax = decision_boundary(net, X, Y, ax=figure)
    p = net.predict_proba(vertices(contours(ax)[0]))[:, 1]
    np.testing.assert_allclose(p, 0.5, atol=0.01)
    assert bar(ax)[0].get_ylabel() == "probability of class 1"

    data = IRIS.data[:, 2:]
    many = MLP([2, 8, 3], loss="categorical_cross_entropy", seed=0)
    many.fit(data, IRIS.target, "adam(0.05)", epochs=50)
    ax = decision_boundary(many, data, IRIS.target, resolution=60, ax=Figure())
    assert legend(ax)[:3] == ["class 0", "class 1", "class 2"]


def test_classes_are_the_networks_even_where_the_data_lack_one(figure):
    data = IRIS.data[:, 2:]
    net = MLP([2, 8, 3], loss="categorical_cross_entropy", seed=0)
    net.fit(data, IRIS.target, "adam(0.05)", epochs=50)
    some = IRIS.target != 1
    ax = decision_boundary(net, data[some], IRIS.target[some], resolution=60, ax=figure)
    assert legend(ax)[:3] == ["class 0", "class 1", "class 2"]


def test_hinge_networks_are_drawn_by_their_margin(figure):
    net = MLP([2, 8, 1], loss="hinge", seed=0).fit(X, Y, "adam(0.05)", epochs=100)
    ax = decision_boundary(net, X, Y, ax=figure)
    np.testing.assert_allclose(net.forward(vertices(contours(ax)[0])), 0, atol=0.05)
    wrong = int(np.sum(net.predict(X) != Y))
    assert f"{len(Y) - wrong} of {len(Y)}" in ax.get_title(loc="left") or wrong == 0


def test_an_untrained_network_may_be_drawn(figure):
    assert contours(decision_boundary(MLP([2, 4, 1], seed=0), X, Y, threshold=0.0, ax=figure))


def test_the_perceptron(figure):
    side = (X.sum(axis=1) > 0.5).astype(int)
    model = Perceptron().fit(X, side)
    ax = decision_boundary(model, X, side, ax=figure)
    np.testing.assert_allclose(model.decision_function(vertices(contours(ax)[0])), 0, atol=1e-9)


# --- regressors -----------------------------------------------------------------------


def test_a_regressor_is_a_surface_and_its_points_share_the_scale(figure):
    target = 3 * X[:, 0] - X[:, 1]
    model = LinearRegression().fit(X, target)
    ax = decision_boundary(model, X, target, resolution=25, ax=figure)
    (image,) = ax.images
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    across, up = np.meshgrid(np.linspace(left, right, 25), np.linspace(bottom, top, 25))
    np.testing.assert_allclose(image.get_array(), 3 * across - up, atol=1e-9)
    drawn = next(part for part in ax.collections if isinstance(part, PathCollection))
    np.testing.assert_array_equal(drawn.get_array(), target)
    assert drawn.norm is image.norm
    assert drawn.cmap == image.cmap
    assert image.norm.vmin == target.min()
    assert image.norm.vmax == target.max()
    assert ax.get_title(loc="left") == f"LinearRegression: R² = 1.000 on {len(X)} points"
    assert bar(ax)[0].get_ylabel() == "prediction, and target of the points"
    assert ax.get_legend() is None


def test_a_constant_target_has_no_r2(figure):
    target = np.full(len(X), 2.5)
    ax = decision_boundary(LinearRegression().fit(X, target), X, target, ax=figure)
    assert ax.get_title(loc="left") == f"LinearRegression: {len(X)} points"
