"""The decision boundary of models of tables."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet.plots import decision_boundary

from support.boundary_parts import IRIS, X, Y, contours, vertices


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
