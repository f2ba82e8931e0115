"""The number beside a finding is never one that is called healthy."""

from dataclasses import replace

import numpy as np
import pytest

from glassnet.insight.diagnosis import data_rules, training_rules

from support.diagnosis import X, net, seen, slower_than


def test_a_rate_is_judged_by_what_another_comes_to_however_far_the_loss_fell():
    m = seen()
    m.base = replace(m.base, train=0.6, loss=tuple(np.linspace(1.0, 0.2, 30)))
    better = replace(m.base, train=0.95, loss=(1.0, 0.05))
    for name in ("learning_rate_too_low", "learning_rate_far_too_low", "learning_rate_unusual"):
        m.tried[name] = better
    seen_low = training_rules.learning_rate_too_low(m).evidence
    assert seen_low.quantity == "accuracy on the training rows"
    assert (seen_low.value, seen_low.healthy[:11]) == (0.6, "about 0.95,")
    for name in ("learning_rate_too_high", "learning_rate_far_too_high"):
        m.tried[name] = better
    seen_high = training_rules.learning_rate_too_high(m).evidence
    assert (seen_high.quantity, seen_high.healthy[:11]) == ("last training loss", "about 0.05,")
    assert seen_high.value == pytest.approx(0.2)


def test_dropout_that_is_blamed_is_outside_of_what_is_called_healthy():
    m = seen(net(dropout=0.45))
    m.base = replace(m.base, train=0.6)
    m.tried["too_much_regularization"] = replace(m.base, train=0.95)
    slower_than(m, 0.6)
    said = training_rules.too_much_regularization(m).evidence
    assert (said.value, said.healthy) == (0.45, "below 0.4")


@pytest.mark.parametrize(
    ("A", "quantity"),
    [
        (X * 40.0, "largest std of a feature"),
        (X / 40.0, "1 / largest std of a feature"),
        (X * [0.2, 8.0], "ratio of the features' stds"),
        (X + 4.0, "largest |mean|/std of a feature"),
    ],
)
def test_what_is_wrong_with_the_scales_is_what_is_shown(A, quantity):
    m = seen(A=A)
    m.tried["unscaled_inputs"] = replace(m.base, train=1.0)
    m.base = replace(m.base, train=0.6)
    for name in training_rules._FASTER:
        m.tried[name] = m.base
    assert data_rules.unscaled_inputs(m).evidence.quantity == quantity
