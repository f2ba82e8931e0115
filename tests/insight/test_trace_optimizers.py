"""The optimizer's step in a trace: each line comes to what the engine computed."""

import importlib

import numpy as np
import pytest

from glassnet import catalog, optimizers, trace
from glassnet.formulas.optimizers import sgd_step
from glassnet.insight.lines.rules import RULES

from support import by_hand
from support.traced import X, Y, adds_up, equal_to_the_engine, network

SETTINGS = [
    "sgd(0.1)",
    "sgd(0.1, weight_decay=0.3)",
    "sgd(0.1, clip_norm=0.2)",
    "sgd(0.1, clip_norm=200)",
    "sgd(0.1, clip_value=0.1, clip_norm=0.3, weight_decay=0.2)",
    "momentum(0.1)",
    "momentum(0.1, 0.7, nesterov=True)",
    "adagrad(0.1, initial_accumulator=0.2)",
    "adadelta(0.7)",
    "rmsprop(0.01)",
    "rmsprop(0.01, centred=True, momentum=0.8)",
    "adam(0.1)",
    "adam(0.1, amsgrad=True, weight_decay=0.1)",
    "adam(0.1, epsilon=0.01, epsilon_before_correction=True)",
    "adamw(0.1, weight_decay=0.2)",
    "adamw(0.1, weight_decay=0)",
    "adamax(0.1)",
    "nadam(0.1)",
    "radam(0.1)",
    "lion(0.1, weight_decay=0.3)",
    "lion(0.1)",
]


@pytest.mark.parametrize("step", [1, 3, 7])
@pytest.mark.parametrize("rule", SETTINGS)
def test_every_line_comes_to_what_the_engine_computes(rule, step):
    net = network(alpha=0.1)
    found = trace(net, X, Y, rule, step=step)
    before = net.theta.copy()
    net.fit(X, Y, rule, epochs=step)
    equal_to_the_engine(found, net, before)
    for name, array in net.state.slots.items():
        for p in net.plan.parameters if array.ndim else ():
            np.testing.assert_array_equal(found.slots_after[f"{name}_{p.name}"], p.of(array))
    assert adds_up(found) > 80


@pytest.mark.parametrize("rule", SETTINGS)
def test_what_is_printed_adds_up_by_hand(rule):
    assert by_hand.check(str(trace(network(), X, Y, rule, step=2))) > 60


def test_every_shipped_rule_is_there():
    shipped = set(catalog.OPTIMIZERS) - {optimizers.LBFGS}
    assert set(RULES) == shipped
    assert {type(catalog.optimizer(rule)) for rule in SETTINGS} == shipped


def test_the_numbers_of_adam_are_those_of_its_paper():
    """Worked out here: the second step of one weight, whose gradient is 3·(3w - 1)."""
    net = network()
    net = type(net)([1, 1], initializer="zeros", engine="numpy")
    found = trace(net, [[3.0]], [1.0], "adam(0.1)", step=2)
    first, w = -3.0, 0.1
    second = 3.0 * (3 * w + 0.1 - 1)  # the bias has moved by 0.1, too
    m = 0.9 * 0.1 * first + 0.1 * second
    v = 0.999 * 0.001 * first**2 + 0.001 * second**2
    m_hat, v_hat = m / (1 - 0.9**2), v / (1 - 0.999**2)
    lines = {line.symbol: line for line in found.lines}
    assert lines["new m_W0[0,0]"].value == pytest.approx(m)
    assert lines["new v_W0[0,0]"].value == pytest.approx(v)
    assert lines["m_hat_W0[0,0]"].value == pytest.approx(m_hat)
    assert lines["v_hat_W0[0,0]"].value == pytest.approx(v_hat)
    step = 0.1 * m_hat / (np.sqrt(v_hat) + 1e-8)
    assert lines["new W0[0,0]"].value == pytest.approx(w - step)
    assert str(lines["m_hat_W0[0,0]"]) == (
        "m_hat_W0[0,0] = new m_W0[0,0]/(1 - beta1^t) = (-0.45)/(1 - 0.9^2) = -2.36842"
    )


def test_what_all_parameters_share_is_said_once():
    found = trace(network(), X, Y, "radam(0.1)", step=7)
    symbols = [line.symbol for line in found.lines]
    for shared in ("rho_inf", "rho", "r"):
        assert symbols.count(shared) == 1
    symbols = [line.symbol for line in trace(network(), X, Y, "nadam(0.1)")._lines(None)]
    for shared in ("mu", "mu_next", "new momentum_product"):
        assert symbols.count(shared) == 1


def test_in_text_the_first_entry_has_all_lines_and_each_one_has_what_it_becomes():
    found = trace(network(), X, Y, "adam(0.1)")
    symbols = [line.symbol for line in found.lines]
    assert "m_hat_W1[0,0]" in symbols
    assert "m_hat_W1[0,1]" not in symbols
    assert {f"new W1[{i},{j}]" for i in range(3) for j in range(4)} <= set(symbols)
    assert "m_hat_W1[2,3]" in [line.symbol for line in found._lines(None)]


class Halved(optimizers.SGD):
    def _apply(self, theta, gradient, slots, t, rate, decay):
        sgd_step(theta, gradient, rate / 2)


def test_a_rule_of_ones_own_is_shown_by_what_it_does():
    found = trace(network(), X, Y, Halved(0.1))
    line = next(line for line in found.lines if line.symbol == "new b0[0]")
    assert line.formula == "b0[0] + sgd_step"
    assert adds_up(found) > 20


@pytest.mark.parametrize("rule", SETTINGS)
def test_lines_name_formulas_that_there_are(rule):
    found = trace(network(norm=["batch", "layer"], dropout=0.3), X, Y, rule)
    for name in {line.evaluates for line in found.lines} - {""}:
        module, function = name.rsplit(".", 1)
        assert callable(
            getattr(importlib.import_module(f"glassnet.formulas.{module}"), function)
        )
