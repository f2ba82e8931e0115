"""The decision boundary: what is asked, what is drawn."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from glassnet import MLP
from glassnet.plots import decision_boundary
from glassnet.plots.style import CLASS_COLORS, class_look

from support.boundary_parts import IRIS, Counting, X, Y, contours, legend, points, vertices

# --- what is asked --------------------------------------------------------------------


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


# --- what is drawn --------------------------------------------------------------------


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
