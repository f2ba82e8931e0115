"""Names that come with the data stand in the pictures as they are."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.datasets import make_moons

from glassnet import MLPClassifier, Recorder
from glassnet.plots import decision_boundary, film, hidden_space, units

X, Y = make_moons(40, noise=0.1, random_state=0)
TABLE = pd.DataFrame(X, columns=["price ($)", "fee ($)"])
LABELS = np.array(["$0-$10", "wrong $\\frac$"])[Y]  # the second is no formula at all

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def shown(texts):
    """Return what Matplotlib writes, and see that it takes none of it for a formula."""
    found = [text._preprocess_math(text.get_text()) for text in texts]
    assert not any(formula for _, formula in found)
    return [words for words, _ in found]


def test_dollars_open_no_formula():
    record = Recorder()
    model = MLPClassifier((4,), max_iter=2, random_state=0)
    model.set_callbacks(record).fit(TABLE, LABELS)
    ax = decision_boundary(model, TABLE, LABELS, ax=Figure())
    legend = (ax.get_legend() or ax.get_figure().legends[0]).get_texts()
    assert shown(legend)[:2] == ["$0-$10", "wrong $\\frac$"]
    assert shown([ax.xaxis.label, ax.yaxis.label]) == ["price ($)", "fee ($)"]
    axes = units(model, TABLE, features=("fee ($)", 0), ax=Figure())
    assert any("price ($)" in text for text in shown([*axes.texts, axes.title]))
    panels = hidden_space(model, TABLE, LABELS, ax=Figure())
    words = shown(panels[0].get_figure().legends[0].get_texts())
    assert words[:2] == ["class $0-$10", "class wrong $\\frac$"]
    scene = film(record, frames=1, resolution=10, features=("fee ($)", "price ($)")).scene
    scene.frame(0)
    words = shown(scene.figure.legends[0].get_texts())
    assert words == ["$0-$10", "wrong $\\frac$", "boundary", "wrong"]


def test_names_that_are_handed_over_may_be_formulas():
    model = MLPClassifier((4,), max_iter=2, random_state=0).fit(X, Y)
    names = ["$x_1$", "$x_2$"]
    ax = decision_boundary(
        model, X, Y, feature_names=names, class_names=["$a$", "b"], ax=Figure()
    )
    assert ax.get_xlabel() == "$x_1$"
