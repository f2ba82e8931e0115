"""Programs with a fault planted in them: the comparison with the NumPy engine finds each.

Every instruction is left out in turn, and every constant is changed by a hundredth. What
remains is no proof that kernels are right, but that none of them, and no constant, could be
wrong without `agree` saying so.
"""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba")

from glassnet import optimizers
from glassnet.engines.compiled import dense, gradients, program
from glassnet.engines.compiled.operands import names_of
from glassnet.engines.data import Data
from glassnet.network import build_plan, initial_state
from glassnet.network.plan import Group

from support.two_engines import agree, both

N, SIZES = 40, [7, 9, 8, 3]
CASES = {
    "batch norm": (
        {"norm": "batch", "loss": "binary_cross_entropy(0.2)"},
        optimizers.Adam(0.05, weight_decay=0.3, epsilon=0.1, clip_norm=0.5),
    ),
    "layer norm": (
        {"norm": "layer", "loss": "categorical_cross_entropy(0.1)", "activation": "elu(0.5)"},
        optimizers.RMSProp(0.05, momentum=0.5, epsilon=0.1, clip_value=0.02),
    ),
    "dropout": (
        {"dropout": 0.3, "alpha": 2.0, "loss": "huber(0.5)", "activation": "tanh"},
        optimizers.NAdam(0.05, epsilon=0.1),
    ),
    "lanes": ({"output": "softmax", "activation": "leaky_relu(0.3)"}, optimizers.SGD(0.5)),
    "by BLAS": ({"activation": "softplus", "dropout": 0.2}, optimizers.SGD(0.1)),
}
CASES |= {
    rule.name: ({"activation": "tanh"}, rule)
    for rule in (
        optimizers.Momentum(0.1),
        optimizers.AdaGrad(0.1, epsilon=0.1),
        optimizers.AdaDelta(0.5, epsilon=0.01),
        optimizers.AdamW(0.05, weight_decay=0.3, epsilon=0.1),
        optimizers.Adamax(0.05, epsilon=0.1),
        optimizers.RAdam(0.05, epsilon=0.1),
        optimizers.Lion(0.01, weight_decay=0.3),
    )
}
# It is about numbers that are not finite, of which tests of divergence speak.
UNSEEN = {gradients.check}


def compare(name):
    rng = np.random.default_rng(0)
    network, rule = CASES[name]
    plan = build_plan(SIZES, **network)
    groups = ("weights", Group(0.5, 2.0, l2=True)), ("biases", Group(2.0, 1.0))
    plan = replace(
        plan, groups=groups + tuple(g for g in plan.groups if g[0] not in dict(groups))
    )
    state = initial_state(plan, None, rng)
    state.theta += rng.normal(0, 0.3, plan.n_parameters)
    state.key = 5
    X, y = rng.normal(size=(N, SIZES[0])), np.eye(3)[rng.integers(0, 3, N)]
    data = Data(X, y, rng.uniform(0.5, 2, N))
    agree(both(plan, state, data, rule, size=32), np.float64, 1e5)


@pytest.fixture
def faulty(monkeypatch):
    """Return a function that plants a fault into the instructions of every program."""
    assemble = program.assembled

    def plant(name, fault):
        monkeypatch.setattr(dense, "_IN_CACHE", 9 if name == "lanes" else 256)
        monkeypatch.setattr(dense, "_BLAS_FROM", 1 if name == "by BLAS" else 10**9)

        def assembled(to, *args, **kwargs):
            to.phases = fault(to.phases)
            return assemble(to, *args, **kwargs)

        monkeypatch.setattr(program, "assembled", assembled)
        program.build.cache_clear()

    yield plant
    program.build.cache_clear()


def instructions(name, plant):
    """Return all instructions of a case's program, as phase and number."""
    found = []

    def look(phases):
        found.extend(
            (p, k, said) for p, phase in enumerate(phases) for k, said in enumerate(phase)
        )
        return phases

    plant(name, look)
    compare(name)  # and as it is it agrees
    assert len(found) > 15
    return found


def without(p, k):
    return lambda phases: [
        [said for j, said in enumerate(phase) if (i, j) != (p, k)]
        for i, phase in enumerate(phases)
    ]


def changed(p, k, name):
    def fault(phases):
        said = phases[p][k]
        given = {**said.given, name: said.given[name] * 1.01}
        return [
            [replace(one, given=given) if one is said else one for one in phase]
            for phase in phases
        ]

    return fault


def agrees(name):
    try:
        compare(name)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("name", CASES)
def test_no_instruction_can_be_missing_unnoticed(name, faulty):
    for p, k, said in instructions(name, faulty):
        faulty(name, without(p, k))
        unseen = said.kernel in UNSEEN
        assert agrees(name) == unseen, (said.kernel.__name__, dict(said.given))


@pytest.mark.parametrize("name", CASES)
def test_no_constant_can_be_wrong_unnoticed(name, faulty):
    for p, k, said in instructions(name, faulty):
        constants = names_of(said.kernel).constants
        for constant, value in zip(constants, said.constants, strict=True):
            rarely = (name, constant) == ("lion", "beta1")  # moves a sign now and then
            if value not in (0.0, 1.0) and not rarely:  # flags, and what is not asked for
                faulty(name, changed(p, k, constant))
                assert not agrees(name), (said.kernel.__name__, constant, value)
