"""Trained models, whose first weights nobody knows any more."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.diagnosis_cases import circles, table
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as SklearnClassifier

from glassnet import diagnose
from glassnet.insight.diagnosis import signal_rules, training_rules
from glassnet.insight.diagnosis.reading import case_of

from support.diagnosis import ADAM, X, Y, as_good_as, net, seen, slower_than


def test_of_a_trained_network_settings_are_not_blamed_for_its_weights():
    model = net((32,))
    model.biases[0] -= 30.0
    settings = {**ADAM, "epochs": 60}
    model.fit(X, Y, **settings)
    assert diagnose(model, X, Y, **settings).names[:1] == ("dead_units",)


def test_a_fit_from_a_source_nobody_wrote_down_is_looked_at_as_it_is():
    model = SklearnClassifier((6,), learning_rate_init=0.02, max_iter=100, random_state=0)
    A, t = circles(0, 300)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        model.fit(A, t)
    model.intercepts_[0][:3] = -30.0  # more than 0.4 of the units, and fewer than 0.7
    assert case_of(model, A, t, None, None, {}, 0).start_known
    model.random_state = None
    assert not case_of(model, A, t, None, None, {}, 0).start_known
    assert case_of(clone(model), A, t, None, None, {}, 0).start_known
    assert diagnose(model, A, t).names[:1] == ("dead_units",)


def test_settings_are_not_blamed_for_weights_that_were_spoilt():
    A, t = table(0, 300, flip_y=0.25)
    model = SklearnClassifier((64,), learning_rate_init=0.01, max_iter=25, random_state=0)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        model.fit(A, t)
    model.random_state = None  # else it would be trained again from its own first weights
    assert "new weights" not in str(diagnose(model, A, t))
    for part in (model.coefs_[1], model.intercepts_[1]):
        part *= -1  # each answer becomes the other
    report = diagnose(model, A, t)
    assert report.names == ()  # not a rate at which new ones learn the rows by heart faster
    assert "from new weights, all else being equal: it learns" in str(report)


def trained(own, new, first=0.7):
    """Let a trained model have this score and first loss, and a new one that score."""
    m = seen(net(initializer="normal(9)"))
    as_good_as(m, 0.95)
    m.case = m.case.but(start_known=False, fitted=m.base.state)
    m.base = replace(m.base, train=own, loss=(first, 0.6))
    for name in ("", "initial_weights_too_large"):
        m.tried[name] = replace(m.base, train=new, loss=(0.7, 0.1))
    return m


def test_a_stop_is_blamed_though_new_weights_would_do_more_if_they_went_on():
    m = seen()
    losses = tuple(np.linspace(0.7, 0.6, 3))
    m.case = m.case.but(
        start_known=False, fitted=m.base.state, stopped_itself=True, history=losses
    )
    assert len(m.anew.loss) == 3


@pytest.mark.parametrize(
    ("own", "new", "first", "named"),
    [
        (0.6, 0.95, 9.0, True),
        (0.6, 0.95, 0.9, False),  # a rate that new weights cannot stand either makes both high
        (0.6, 0.75, 9.0, False),  # better by luck, and poor all the same
        (0.95, 0.99, 9.0, False),
    ],
)
def test_weights_of_a_training_are_blamed_where_new_ones_learn(own, new, first, named):
    found = signal_rules.initial_weights_too_large(trained(own, new, first))
    assert (found is not None) == named


def test_a_stop_is_not_blamed_for_what_new_weights_do():
    m = trained(own=0.6, new=0.95)
    m.case = m.case.but(stopped_itself=True)
    slower_than(m, 0.95)
    m.tried["stopped_too_early"] = m.anew
    assert training_rules.stopped_too_early(m) is None
    m.tried[""] = m.base
    assert training_rules.stopped_too_early(m).name == "stopped_too_early"
