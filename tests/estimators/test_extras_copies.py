"""Copies, clones, pickles and searches of estimators that use all there is."""

import copy
import importlib
import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from glassnet import MLPClassifier, catalog, optimizers

from support.extras import PLAIN, THREE, TWO, classifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def own_value(z):
    return np.sin(z)


def own_slope(z, a):
    return np.cos(z)


@pytest.fixture
def rich():
    """Return an estimator that uses all there is."""
    return classifier(
        hidden_layer_sizes=(6, 5),
        activation=[catalog.Activation("extras_own_sine", own_value, own_slope), "mish"],
        solver=optimizers.AdamW(0.05, weight_decay=0.1),
        dropout=[0.1, 0.0],
        norm=["batch", None],
        schedule="cosine",
        initializer="he_normal",
        class_weight="balanced",
        clip_norm=1.0,
    )


def test_copies_and_clones(rich):
    X, y = THREE
    net = rich.fit(X, y)
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert (twin.predict_proba(X) == net.predict_proba(X)).all()
        twin.coefs_[0][...] = 0  # still views: of the copy's own numbers
        assert not (twin.predict_proba(X) == net.predict_proba(X)).all()
    assert clone(net).fit(X, y).loss_curve_ == net.loss_curve_


MODULE = """
import numpy as np
from glassnet.catalog import Activation

def value(z):
    return np.sin(z)

def slope(z, a):
    return np.cos(z)

SINE = Activation("extras_sine_of_a_module", value, slope)
"""
READER = """
import pickle, sys
sys.path.insert(0, ".")
with open("net.pickle", "rb") as file:
    net, X, p = pickle.load(file)
assert (net.predict_proba(X) == p).all()
"""


def test_a_pickle_brings_records_along_to_another_process(tmp_path, monkeypatch):
    (tmp_path / "extras_module.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    sine = importlib.import_module("extras_module").SINE
    X, y = TWO
    for activation in (sine, [sine.name]):
        net = classifier(activation=activation).fit(X, y)
        (tmp_path / "net.pickle").write_bytes(pickle.dumps((net, X, net.predict_proba(X))))
        subprocess.run([sys.executable, "-c", READER], cwd=tmp_path, check=True)


def test_settings_and_records_in_a_search_with_two_processes(rich):
    X, y = THREE
    one, two = (cross_val_score(rich, X, y, cv=3, n_jobs=n) for n in (1, 2))
    assert (one == two).all()
    search = GridSearchCV(
        MLPClassifier(**PLAIN),
        {
            "activation": ["relu", ["mish"], "leaky_relu(0.2)"],
            "solver": ["lion", optimizers.AdamW(0.05)],
            "dropout": [0.0, 0.2],
        },
        cv=2,
    ).fit(X, y)
    assert search.best_score_ > 0.4
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
