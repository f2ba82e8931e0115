"""Data to draw a decision boundary of, and the parts to be found in its picture."""

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.contour import QuadContourSet
from sklearn.datasets import load_iris, make_moons

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
