"""Steps taken apart: by hand, and by putting the parts back into each rule's equation."""

import re

import numpy as np
import pytest

from glassnet import catalog, optimizers
from glassnet.insight.optimizer_steps import EQUATIONS, optimizer_steps
from glassnet.landscapes import bowl, rosenbrock

SPECS = [
    "sgd(0.001)",
    "momentum(0.001)",
    "momentum(0.001, nesterov=True)",
    "adagrad(0.1)",
    "adadelta",
    "rmsprop(0.01)",
    "rmsprop(0.01, momentum=0.5)",
    "rmsprop(0.01, centred=True)",
    "adam(0.1)",
    "adam(0.1, beta2=0.5, amsgrad=True)",
    "adam(0.1, epsilon=0.5, epsilon_before_correction=True)",
    "adamw(0.1, weight_decay=0.2)",
    "adamax(0.1)",
    "nadam(0.1, epsilon=0.5)",
    "radam(0.0001, beta2=0.9, epsilon=0.5)",
    "lion(0.05, weight_decay=0.3)",
    "sgd(0.01, clip_norm=1.0, weight_decay=0.1)",
]


@pytest.mark.parametrize("spec", [*SPECS, "lbfgs"])
def test_points_are_the_path_of_minimize(spec):
    rule = catalog.optimizer(spec)
    taken = optimizer_steps(spec, rosenbrock, (-1.2, 1.0), 6)
    path = rule.minimize(rosenbrock.fun, rosenbrock.grad, (-1.2, 1.0), steps=6)
    np.testing.assert_array_equal([one.before for one in taken], path[:-1])
    np.testing.assert_array_equal([one.after for one in taken], path[1:])
    assert [one.t for one in taken] == list(range(1, len(path)))


def test_every_shipped_optimizer_has_an_equation():
    assert {rule.name for rule in catalog.OPTIMIZERS} == set(EQUATIONS)


def rectified(one):
    """Return RAdam's r, as Liu et al. (2020) have it; NaN while it has none."""
    memory = one.optimizer.beta2**one.t
    longest = 2 / (1 - one.optimizer.beta2) - 1
    length = longest - 2 * one.t * memory / (1 - memory)
    squared = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    return np.sqrt(squared) if squared > 0 else np.nan


def worked_out(one):
    """Return what the equation comes to, as it is printed, with the step's numbers put in."""
    rule, name = one.optimizer, one.optimizer.name
    m, size = (None if part is None else part.vector for part in (one.momentum, one.size))
    numbers = {"η": rule.learning_rate, "λ": rule.weight_decay, "θ": one.before, "m": m}
    numbers |= {"g": one.gradient, "c": m, "size": size, "u": size, "sign": np.sign}
    numbers |= {"ε": getattr(rule, "epsilon", None), "μ": getattr(rule, "momentum", None)}
    if one.carried is not None:
        numbers["v"] = -one.carried / (rule.momentum * (0.01 if name == "rmsprop" else 1))
    if name in ("adam", "radam"):
        numbers["root"] = np.sqrt(1 - rule.beta2**one.t)
    if name == "radam":
        numbers["r"] = rectified(one)
    text = one.equation.removeprefix("step = ").split(", ")[0]
    for sign, word in {"√(1 − β₂ᵗ)": "root", "√v̂": "size", "√s": "size", "m̂": "m"}.items():
        text = text.replace(sign, word)
    text = re.sub(r"(?<=[\w)]) (?=[\w(])", " * ", text.replace("−", "-"))
    return eval(text, {"__builtins__": {}}, numbers)


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec != "adadelta"])
def test_the_parts_make_up_the_step(spec):
    for one in optimizer_steps(spec, rosenbrock, (-1.2, 1.0), 8):
        np.testing.assert_allclose(one.step, worked_out(one), rtol=1e-9, atol=1e-13)


def test_adadelta_by_hand():
    (one,) = optimizer_steps("adadelta(epsilon=0.01)", bowl, (3.0, 2.0), 1)
    square = 0.1 * np.array([6.0, 4.0]) ** 2
    np.testing.assert_allclose(one.size.vector, np.sqrt(square))
    np.testing.assert_allclose(one.step, -np.sqrt(0.01 / (square + 0.01)) * [6.0, 4.0])


def test_adam_by_hand():
    first, second = optimizer_steps("adam(0.1)", bowl, (3.0, 2.0), 2)
    np.testing.assert_allclose(first.momentum.vector, [6, 4])  # corrected: the first gradient
    np.testing.assert_allclose(first.size.vector, [6, 4])
    np.testing.assert_allclose(second.before, [2.9, 1.9])
    mean = (0.9 * 0.1 * 6 + 0.1 * 5.8) / (1 - 0.9**2)
    square = (0.999 * 0.001 * 36 + 0.001 * 5.8**2) / (1 - 0.999**2)
    assert second.momentum.vector[0] == pytest.approx(mean)
    assert second.size.vector[0] == pytest.approx(np.sqrt(square))


def test_nadam_by_hand():
    # At the first step m = 0.1 g: (1 - mu) / (1 - mu) g + mu' / (1 - mu mu') 0.1 g.
    (one,) = optimizer_steps("nadam(0.1)", bowl, (3.0, 2.0), 1)
    mu, after = (0.9 * (1 - 0.5 * 0.96 ** (t * 0.004)) for t in (1, 2))
    mixed = (1 + after / (1 - mu * after) * 0.1) * np.array([6.0, 4.0])
    np.testing.assert_allclose(one.momentum.vector, mixed)


def test_radam_says_when_it_trusts_its_second_moment():
    taken = optimizer_steps("radam(0.0001)", rosenbrock, (-1.2, 1.0), 7)
    assert [bool(one.note) for one in taken] == [True] * 5 + [False] * 2
    for one in taken[:5]:
        np.testing.assert_allclose(one.step, -0.0001 * one.momentum.vector)
        assert one.equation == "step = −η m̂"
    ratio = taken[6].step * taken[6].size.vector / taken[6].momentum.vector
    np.testing.assert_allclose(ratio[0], ratio[1], rtol=1e-6)  # −η r, alike for both


def test_lion_shows_the_mix_whose_signs_it_takes():
    first, second = optimizer_steps("lion(0.5, beta1=0.5, beta2=0.75)", bowl, (3.0, 2.0), 2)
    np.testing.assert_array_equal(first.momentum.vector, [3, 2])
    np.testing.assert_array_equal(second.momentum.vector, [0.5 * 1.5 + 2.5, 0.5 * 1.0 + 1.5])


def test_clipping_and_decay_are_in_the_gradient_that_is_shown():
    rule = optimizers.SGD(0.1, clip_norm=1.0, weight_decay=0.5)
    (one,) = optimizer_steps(rule, bowl, (3.0, 4.0), 1)
    np.testing.assert_allclose(one.gradient, [0.6 + 1.5, 0.8 + 2.0])


class Halving(optimizers.Optimizer):
    """A rule of one's own, whose m is no mean of gradients."""

    name = "halving"
    _slots = ("m",)

    def _apply(self, theta, gradient, slots, t, rate, decay):
        slots["m"] += 1
        theta -= rate * gradient / 2 ** slots["m"]


def test_a_rule_of_ones_own_shows_gradient_and_step():
    _, second = optimizer_steps(Halving(0.1), bowl, (3.0, 2.0), 2)
    assert (second.momentum, second.size) == (None, None)
    np.testing.assert_allclose(second.step, -0.1 * second.gradient / 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("adam", bowl, (1.0, 2.0), 0), "steps must be a whole number >= 1"),
        (("adam", bowl, (1.0, 2.0, 3.0), 1), "start must be two finite numbers"),
        (("sgd(1.0)", rosenbrock, (-1.2, 1.0), 20), "leaves the finite numbers"),
        (("adm", bowl, (1.0, 2.0), 1), "unknown optimizer"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        optimizer_steps(*arguments)
