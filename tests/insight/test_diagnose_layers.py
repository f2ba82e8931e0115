"""What `diagnose` measures in the layers, and how it bounds the work of wide networks."""

import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.preprocessing import StandardScaler

from glassnet import MLP, diagnose
from glassnet.insight.diagnosis import baselines, layers
from glassnet.insight.diagnosis.reading import case_of


def test_units_behind_a_normalization_are_not_dead_for_what_the_norm_takes_off():
    X, y = make_moons(120, noise=0.1, random_state=0)
    net = MLP([2, 16, 1], "gelu", loss="binary_cross_entropy", norm="batch", seed=0)
    net.biases[0] = np.full(16, -50.0)
    found = diagnose(net, X, y)
    assert "dead_units" not in [finding.name for finding in found.findings]


def test_the_gradient_by_an_error_in_a_row_is_that_of_few_rows_too(monkeypatch):
    X, y = make_moons(600, noise=0.1, random_state=0)
    net = MLP([2, 16, 16, 1], "tanh", loss="binary_cross_entropy", seed=0)
    case = case_of(net, X, y, None, None, {}, 0)
    monkeypatch.setattr(layers, "_DRAWS", 300)
    every = layers.look(case, case.start).echo
    monkeypatch.setattr(layers, "_WORK", 0.0)
    assert layers.look(case, case.start).echo == pytest.approx(every, rel=0.25)


@pytest.mark.parametrize(
    ("line", "ask"),
    [(RidgeCV(), "predict"), (LogisticRegression(tol=1e-9), "decision_function")],
)
def test_a_line_through_turned_columns_is_the_same(line, ask):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 300)) * rng.uniform(1, 50, 300)
    t = X[:, :20].sum(axis=1)
    t = t > 0 if ask == "decision_function" else t
    rows = StandardScaler().fit_transform(X)
    expected = getattr(line.fit(rows[:60], t[:60]), ask)(rows[60:])
    turned, columns = baselines._straight(line, X)
    assert columns.shape == (80, 80)
    found = getattr(turned.fit(columns[:60], t[:60]), ask)(columns[60:])
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())
