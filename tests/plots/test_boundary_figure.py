"""The decision boundary: the words around it, and bad input."""

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from glassnet import MLP, Perceptron
from glassnet.plots import decision_boundary

from support.boundary_parts import X, Y, bar

# --- the figure -----------------------------------------------------------------------


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


# --- bad input ------------------------------------------------------------------------


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
        ({"features": "ab"}, ValueError, "features must name two features; got 'ab'"),
        ({"features": Y}, ValueError, r"two features; got an array of shape \(60,\)"),
        ({"features": (0, "featur 1")}, ValueError, "feature 1; did you mean feature 1"),
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


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ((X, Y, "model"), "(ndarray, ndarray, LogisticRegression)"),
        ((X, "model", Y), "(ndarray, LogisticRegression, ndarray)"),
        ((X.tolist(), Y.tolist(), "model"), "(list, list, LogisticRegression)"),
    ],
)
def test_arguments_in_another_order_are_said(arguments, given):
    model = LogisticRegression().fit(X, Y)
    arguments = [model if isinstance(one, str) else one for one in arguments]
    with pytest.raises(TypeError, match=r"in the order \(model, X, y\)") as caught:
        decision_boundary(*arguments)
    assert given in str(caught.value)
