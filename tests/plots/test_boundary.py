"""The decision boundary: what is asked, what is drawn, what is said."""

import io

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from sklearn.datasets import load_iris, make_moons
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from glassnet import MLP, Perceptron
from glassnet.plots import decision_boundary
from glassnet.plots.style import CLASS_COLORS, class_look

X, Y = make_moons(60, noise=0.2, random_state=0)
IRIS = load_iris()


class Counting:
    """Wraps a classifier and writes down how many rows each call asks about."""

    def __init__(self, model):
        self.model, self.classes_, self.calls = model, model.classes_, []

    def predict(self, rows):
        self.calls.append(("predict", len(rows)))
        return self.model.predict(rows)

    def predict_proba(self, rows):
        self.calls.append(("predict_proba", len(rows)))
        return self.model.predict_proba(rows)


def contours(ax):
    return [part for part in ax.collections if isinstance(part, QuadContourSet)]


def points(ax, label):
    found = [
        part
        for part in ax.collections
        if isinstance(part, PathCollection) and part.get_label() == label
    ]
    assert len(found) == 1, f"{label}: {len(found)}"
    return found[0]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def vertices(contour):
    return np.vstack([path.vertices for path in contour.get_paths() if len(path.vertices)])


def bar(ax):
    return [other for other in ax.figure.axes if other is not ax]


# --- what is asked ---------------------------------------------------------------------


def test_the_grid_of_300_by_300_takes_exactly_one_call(figure):
    model = Counting(LogisticRegression().fit(X, Y))
    decision_boundary(model, X, Y, ax=figure)
    assert [call for call in model.calls if call[1] == 90_000] == [("predict_proba", 90_000)]
    assert {rows for _, rows in model.calls} == {90_000, len(X)}


def test_no_kind_of_model_is_asked_about_the_grid_twice(figure):
    net = MLP([2, 4, 1], activation="tanh", seed=0).fit(X, Y, "adam(0.05)", epochs=50)
    for model, method in [
        (net, "predict"),
        (MLP([2, 4, 1], loss="hinge", seed=0).fit(X, Y, epochs=5), "forward"),
        (LinearSVC().fit(X, Y), "decision_function"),
        (LinearRegression().fit(X, Y), "predict"),
        (DummyClassifier().fit(X, Y), "predict_proba"),
    ]:
        asked = []
        for name in ("predict", "forward", "decision_function", "predict_proba"):
            inner = getattr(model, name, None)
            if inner is not None and (name == method or name != "forward"):

                def spy(rows, *more, inner=inner, name=name, asked=asked):
                    asked.append((name, len(rows)))
                    return inner(rows, *more)

                vars(model)[name] = spy
        decision_boundary(model, X, Y, resolution=30, ax=Figure())
        assert [call for call in asked if call[1] == 900] == [(method, 900)]


def test_it_is_quick(figure):
    from time import perf_counter

    model = LogisticRegression().fit(X, Y)
    started = perf_counter()
    decision_boundary(model, X, Y, ax=figure)
    assert perf_counter() - started < 5.0  # about 0.1 s; a shared machine may be busy


def test_the_others_are_held_at_their_median(figure):
    seen = []

    class Watching(Counting):
        def predict_proba(self, rows):
            seen.append(np.array(rows))
            return super().predict_proba(rows)

    model = LogisticRegression(max_iter=1000).fit(IRIS.data, IRIS.target)
    ax = decision_boundary(
        Watching(model),
        IRIS.data,
        IRIS.target,
        features=(2, 0),
        feature_names=IRIS.feature_names,
        resolution=7,
        ax=figure,
    )
    grid = next(rows for rows in seen if len(rows) == 49)
    np.testing.assert_array_equal(np.unique(grid[:, 1]), np.median(IRIS.data[:, 1]))
    np.testing.assert_array_equal(np.unique(grid[:, 3]), np.median(IRIS.data[:, 3]))
    assert len(np.unique(grid[:, 2])) == len(np.unique(grid[:, 0])) == 7
    assert ax.get_xlabel() == "petal length (cm)"
    assert ax.get_ylabel() == "sepal length (cm)"
    note = " ".join(text.get_text() for text in ax.texts)
    assert "Held at the median: sepal width (cm) = 3, petal width (cm) = 1.3." in note


def test_float32_and_whole_numbers_are_asked_as_floats(figure):
    kinds = []

    class Kinds(Counting):
        def predict_proba(self, rows):
            kinds.append(rows.dtype)
            return super().predict_proba(rows)

    model = Kinds(LogisticRegression().fit(X, Y))
    decision_boundary(model, X.astype(np.float32), Y, resolution=5, ax=figure)
    assert set(kinds) == {np.dtype(np.float32)}
    kinds.clear()
    decision_boundary(model, (9 * X).astype(int), Y, resolution=5, ax=Figure())
    assert set(kinds) == {np.dtype(np.float64)}


# --- what is drawn ---------------------------------------------------------------------


def test_binary_shading_is_the_probability_and_the_line_its_half(figure):
    model = LogisticRegression().fit(X, Y)
    ax = decision_boundary(model, X, Y, resolution=40, ax=figure)
    image = ax.images[0].get_array()
    left, right = ax.get_xlim()
    bottom, top = ax.get_ylim()
    across, up = np.meshgrid(np.linspace(left, right, 40), np.linspace(bottom, top, 40))
    rows = np.column_stack([across.ravel(), up.ravel()])
    np.testing.assert_allclose(image.ravel(), model.predict_proba(rows)[:, 1], atol=1e-12)
    assert ax.images[0].origin == "lower"
    (line,) = contours(ax)
    # Exact for a linear model: its log-odds, and so the line, are straight. The contour is
    # interpolated in the probability between grid points.
    np.testing.assert_allclose(model.predict_proba(vertices(line))[:, 1], 0.5, atol=2e-3)


def test_an_image_pixel_is_centred_on_its_grid_point(figure):
    model = LogisticRegression().fit(X, Y)
    ax = decision_boundary(model, X, Y, resolution=11, ax=figure)
    left, right, bottom, top = ax.images[0].get_extent()
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    assert left == pytest.approx(x0 - (x1 - x0) / 20)
    assert right == pytest.approx(x1 + (x1 - x0) / 20)
    assert bottom == pytest.approx(y0 - (y1 - y0) / 20)
    assert top == pytest.approx(y1 + (y1 - y0) / 20)


def test_points_carry_the_colour_and_marker_of_their_class(figure):
    model = LogisticRegression(max_iter=1000).fit(IRIS.data[:, 2:], IRIS.target)
    ax = decision_boundary(
        model, IRIS.data[:, 2:], IRIS.target, class_names=IRIS.target_names, ax=figure
    )
    for i, name in enumerate(IRIS.target_names):
        drawn = points(ax, name)
        np.testing.assert_array_equal(drawn.get_offsets(), IRIS.data[IRIS.target == i, 2:])
        assert to_hex(drawn.get_facecolor()[0]) == CLASS_COLORS[i]
    assert len({class_look(i)["marker"] for i in range(3)}) == 3
    assert legend(ax)[:4] == [*IRIS.target_names, "boundary"]


def test_regions_of_many_classes_fade_with_the_lead(figure):
    data = IRIS.data[:, 2:]
    model = LogisticRegression(max_iter=1000).fit(data, IRIS.target)
    ax = decision_boundary(model, data, IRIS.target, resolution=30, ax=figure)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    across, up = np.meshgrid(np.linspace(left, right, 30), np.linspace(bottom, top, 30))
    p = model.predict_proba(np.column_stack([across.ravel(), up.ravel()]))
    pixels = np.asarray(ax.images[0].get_array()).reshape(-1, 3)
    ordered = np.sort(p, axis=1)
    lead = ordered[:, -1] - ordered[:, -2]
    for k in range(3):
        mine = np.argmax(p, axis=1) == k
        ink = 1 - pixels[mine]
        # One hue per region, and more of it the greater the lead.
        ratios = ink / ink.max(axis=1, keepdims=True)
        np.testing.assert_allclose(ratios, np.tile(ratios[0], (len(ratios), 1)), atol=1e-6)
        order = np.argsort(lead[mine])
        assert np.all(np.diff(ink[order].max(axis=1)) >= -1e-9)
    assert len(contours(ax)) == 3
    assert "fades" in " ".join(text.get_text() for text in ax.texts)


def test_every_line_of_many_classes_is_a_tie(figure):
    data = IRIS.data[:, 2:]
    model = LogisticRegression(max_iter=1000).fit(data, IRIS.target)
    ax = decision_boundary(model, data, IRIS.target, ax=figure)
    for line in contours(ax):
        ordered = np.sort(model.predict_proba(vertices(line)), axis=1)
        assert np.max(ordered[:, -1] - ordered[:, -2]) < 0.01


def test_mistakes_are_ringed_and_counted(figure):
    model = LogisticRegression().fit(X, Y)
    wrong = model.predict(X) != Y
    assert 0 < wrong.sum() < len(Y)
    ax = decision_boundary(model, X, Y, ax=figure)
    rings = points(ax, f"wrong: {wrong.sum()}")
    np.testing.assert_array_equal(rings.get_offsets(), X[wrong])
    assert len(rings.get_facecolor()) == 0  # hollow: the class stays visible
    right = len(Y) - wrong.sum()
    assert f"{right} of {len(Y)} points right" in ax.get_title(loc="left")
    assert f"({100 * model.score(X, Y):.1f}\N{NO-BREAK SPACE}%)" in ax.get_title(loc="left")


def test_mistakes_can_be_left_out(figure):
    ax = decision_boundary(LogisticRegression().fit(X, Y), X, Y, show_mistakes=False, ax=figure)
    assert not any("wrong" in text for text in legend(ax))


def test_no_mistake_no_ring(figure):
    ax = decision_boundary(DecisionTreeClassifier().fit(X, Y), X, Y, ax=figure)
    assert legend(ax) == ["class 0", "class 1", "boundary"]
    assert ax.get_title(loc="left") == f"DecisionTreeClassifier: all {len(Y)} points right"


def test_mistakes_are_those_of_the_whole_row_not_of_the_slice(figure):
    model = LogisticRegression(max_iter=1000).fit(IRIS.data, IRIS.target)
    ax = decision_boundary(model, IRIS.data, IRIS.target, ax=figure)
    wrong = int(np.sum(model.predict(IRIS.data) != IRIS.target))
    assert f"wrong: {wrong}" in legend(ax)
    assert "judged by all its features" in " ".join(text.get_text() for text in ax.texts)


def test_string_labels_are_their_own_names(figure):
    names = IRIS.target_names[IRIS.target]
    model = KNeighborsClassifier().fit(IRIS.data[:, :2], names)
    ax = decision_boundary(model, IRIS.data[:, :2], names.tolist(), ax=figure)
    assert legend(ax)[:3] == ["setosa", "versicolor", "virginica"]


def test_a_label_that_begins_with_an_underscore_is_named_too(figure):
    labels = np.where(Y == 1, "_yes", "no")
    ax = decision_boundary(LogisticRegression().fit(X, labels), X, labels, ax=figure)
    assert [text.strip() for text in legend(ax)[:2]] == ["_yes", "no"]


def test_a_label_the_model_never_saw_is_drawn_and_wrong(figure):
    model = LogisticRegression().fit(X, Y)
    odd = np.where(np.arange(len(Y)) < 5, 7, Y)
    ax = decision_boundary(model, X, odd, ax=figure)
    assert len(points(ax, "class 7").get_offsets()) == 5
    wrong = int(np.sum(model.predict(X) != odd))
    assert f"wrong: {wrong}" in legend(ax)


# --- every kind of model ----------------------------------------------------------------


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


# --- glassnet's own ---------------------------------------------------------------------


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


# --- regressors -------------------------------------------------------------------------


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


# --- tables -----------------------------------------------------------------------------


class Frame:
    """As much of a DataFrame as the picture needs."""

    def __init__(self, columns):
        self.data = {name: np.asarray(values) for name, values in columns.items()}
        self.columns = list(columns)

    @property
    def shape(self):
        return len(self.data[self.columns[0]]), len(self.columns)

    def __getitem__(self, name):
        return self.data[name]

    def to_numpy(self):
        return np.column_stack([self.data[name] for name in self.columns])


class ByName:
    """A rule on named columns."""

    feature_names_in_ = ("a", "town", "b")
    n_features_in_ = 3

    def predict(self, table):
        assert isinstance(table, Frame)
        assert table.columns == ["a", "town", "b"]
        return np.where((table["a"] + table["b"] > 0) & (table["town"] == "Rome"), "in", "out")


def test_a_frame_is_asked_as_a_frame_with_its_names(figure):
    rng = np.random.default_rng(0)
    towns = np.where(np.arange(30) < 20, "Rome", "Oslo")
    frame = Frame({"a": rng.normal(size=30), "town": towns, "b": rng.normal(size=30)})
    labels = ByName().predict(frame)
    ax = decision_boundary(
        ByName(), frame, labels, features=("a", "b"), resolution=50, ax=figure
    )
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("a", "b")
    assert "Held at the median or most frequent value: town = Rome." in ax.texts[0].get_text()
    line = vertices(contours(ax)[0])
    np.testing.assert_allclose(line.sum(axis=1), 0, atol=0.2)


def test_a_frame_is_an_array_to_a_model_fitted_without_names(figure):
    frame = Frame({"a": X[:, 0], "b": X[:, 1]})
    model = LogisticRegression().fit(X, Y)
    ax = decision_boundary(model, frame, Y, resolution=20, ax=figure)
    assert ax.get_xlabel() == "a"


def test_a_column_of_words_cannot_be_drawn(figure):
    frame = Frame({"a": np.arange(3.0), "town": np.array(["x", "y", "z"]), "b": np.arange(3.0)})
    with pytest.raises(TypeError, match="features must be numeric to be drawn; feature 1"):
        decision_boundary(ByName(), frame, ["in"] * 3, features=("a", "town"), ax=figure)


def test_pandas_frames_pass_scikit_learn_without_a_warning(figure):
    pandas = pytest.importorskip("pandas")
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import OneHotEncoder

    frame = pandas.DataFrame(IRIS.data, columns=IRIS.feature_names)
    frame["town"] = pandas.Categorical(np.where(np.arange(150) % 3, "Rome", "Oslo"))
    encode = make_column_transformer((OneHotEncoder(), ["town"]), remainder=StandardScaler())
    model = make_pipeline(encode, LogisticRegression()).fit(frame, IRIS.target)
    ax = decision_boundary(model, frame, IRIS.target, features=(2, 3), resolution=20, ax=figure)
    assert ax.get_xlabel() == "petal length (cm)"
    note = ax.texts[0].get_text().replace("\n", " ")
    assert "sepal width (cm) = 3, town = Rome" in note

    class Typed:
        classes_, feature_names_in_ = model.classes_, model.feature_names_in_

        def predict(self, rows):
            assert rows.dtypes.to_dict() == frame.dtypes.to_dict()
            return model.predict(rows)

    decision_boundary(Typed(), frame, IRIS.target, features=(2, 3), resolution=20, ax=Figure())


# --- the figure -------------------------------------------------------------------------


def test_a_title_of_ones_own_or_none(figure):
    model = LogisticRegression().fit(X, Y)
    assert (
        decision_boundary(model, X, Y, title="Mine", ax=figure).get_title(loc="left") == "Mine"
    )
    assert decision_boundary(model, X, Y, title="", ax=Figure()).get_title(loc="left") == ""


def test_bar_and_legend_can_be_left_out(figure):
    model = LogisticRegression().fit(X, Y)
    ax = decision_boundary(model, X, Y, colorbar=False, legend=False, ax=figure)
    assert bar(ax) == []
    assert ax.get_legend() is None


def test_without_a_layout_the_legend_stays_inside_the_axes():
    ax = Figure(figsize=(6, 4)).subplots()
    decision_boundary(LogisticRegression().fit(X, Y), X, Y, colorbar=False, ax=ax)
    ax.figure.savefig(io.BytesIO())
    box = ax.get_legend().get_window_extent()
    assert ax.bbox.x0 <= box.x0
    assert box.x1 <= ax.bbox.x1
    assert ax.bbox.y0 <= box.y0


def test_a_constant_feature_still_has_a_window(figure):
    flat = np.column_stack([X[:, 0], np.full(len(X), 3.0)])
    ax = decision_boundary(LogisticRegression().fit(flat, Y), flat, Y, ax=figure)
    assert ax.get_ylim() == (2.5, 3.5)


def test_the_picture_can_be_saved_in_every_way(tmp_path):
    ax = decision_boundary(LogisticRegression().fit(X, Y), X, Y)
    for kind in ("png", "svg", "pdf"):
        ax.figure.savefig(tmp_path / f"picture.{kind}")
        assert (tmp_path / f"picture.{kind}").stat().st_size > 5000


# --- bad input --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"X": X[:, :1]}, ValueError, r"at least two features.*got 1"),
        ({"X": X[:, 0]}, ValueError, r"X must have shape \(n, d\); got shape \(60,\)"),
        ({"X": X[:0], "y": Y[:0]}, ValueError, "at least one row"),
        (
            {"X": np.column_stack([X, X])},
            ValueError,
            r"X must have 2 columns, as many as the model takes; got shape \(60, 4\)",
        ),
        ({"X": np.where(X > 2, np.nan, X)}, ValueError, "X must be finite in the two features"),
        ({"y": Y[:-1]}, ValueError, r"one target for each of the 60 rows.*\(59,\)"),
        ({"y": np.eye(2)[Y]}, ValueError, r"one target for each of the 60 rows.*\(60, 2\)"),
        ({"features": (0, 2)}, ValueError, "features must lie in 0 to 1; got 2"),
        ({"features": (-1, 0)}, ValueError, "features must lie in 0 to 1; got -1"),
        ({"features": (1, 1)}, ValueError, "two different features"),
        ({"features": (0,)}, ValueError, "features must name two features"),
        ({"features": "ab"}, ValueError, "features must name two features"),
        ({"features": (0, "width")}, ValueError, "unknown name 'width'; known: feature 0"),
        ({"features": (0, 1.0)}, TypeError, "positions or names; got 1.0"),
        ({"features": (True, 0)}, TypeError, "positions or names; got True"),
        ({"feature_names": ["a"]}, ValueError, "one name for each of the 2 features"),
        ({"class_names": ["a"]}, ValueError, r"one name for each of the 2 classes \[0, 1\]"),
        ({"resolution": 1}, ValueError, "resolution must be a whole number >= 2; got 1"),
        ({"resolution": 2.5}, ValueError, "resolution must be a whole number >= 2; got 2.5"),
        ({"threshold": 1.5}, ValueError, r"threshold must lie in \(0, 1\)"),
        ({"threshold": "half"}, ValueError, "threshold must be a number, 'auto' or None"),
        ({"model": object()}, TypeError, "model must have a predict method; got object"),
        (
            {"model": LogisticRegression()},
            ValueError,
            "model must be fitted before it is drawn",
        ),
        ({"model": Perceptron()}, ValueError, "got Perceptron without fit"),
        (
            {"model": make_pipeline(StandardScaler(), SVC())},
            ValueError,
            "model must be fitted before it is drawn; got Pipeline",
        ),
        ({"model": MLP([3, 1])}, ValueError, "X must have 3 columns"),
        ({"model": MLP([2, 2])}, ValueError, "one output"),
        (
            {"model": MLP([2, 2], loss="binary_cross_entropy")},
            ValueError,
            "one question to be drawn; this network answers 2",
        ),
        (
            {"model": LinearSVC().fit(X, Y), "threshold": 0.3},
            ValueError,
            "threshold needs a model with predict_proba",
        ),
        (
            {"model": LinearRegression().fit(X, Y), "y": np.array(["a"] * 60)},
            ValueError,
            "y must be numbers for a regressor",
        ),
        (
            {"model": LinearRegression().fit(X, Y), "y": np.where(Y, np.nan, 2.0)},
            ValueError,
            "y must be finite",
        ),
        ({"ax": "here"}, TypeError, "ax must be Matplotlib Axes"),
    ],
)
def test_errors_say_what_is_wrong_and_leave_no_figure(change, error, words):
    import matplotlib.pyplot as plt

    arguments = {"model": LogisticRegression().fit(X, Y), "X": X, "y": Y, **change}
    with pytest.raises(error, match=words):
        decision_boundary(**arguments)
    assert plt.get_fignums() == []
