"""A plan is frozen data; a state is arrays; together they are the whole network."""

import dataclasses
import itertools
import pickle

import numpy as np
import pytest

from glassnet.network import Group, build_plan, initial_state

PLAN = build_plan(
    [4, 6, 5, 3],
    activation=("relu", "leaky_relu(0.2)"),
    norm=("batch", "layer"),
    dropout=(0.0, 0.5),
    loss="categorical_cross_entropy(0.1)",
    alpha=0.1,
)


def test_layers_in_order():
    assert [(la.kind, la.output, la.units_in, la.units) for la in PLAN.layers] == [
        ("dense", "z0", 4, 6),
        ("batch_norm", "norm0", 6, 6),
        ("activation", "a0", 6, 6),
        ("dense", "z1", 6, 5),
        ("layer_norm", "norm1", 5, 5),
        ("activation", "a1", 5, 5),
        ("dropout", "drop1", 5, 5),
        ("dense", "z2", 5, 3),
    ]
    assert PLAN.output == "softmax"
    assert PLAN.fused
    assert PLAN.loss == "categorical_cross_entropy(smoothing=0.1)"
    assert PLAN.layers[5].formula == "leaky_relu(alpha=0.2)"


def test_the_table_of_parameters_covers_theta_without_gap_or_overlap():
    ends = [(p.start, p.stop) for p in PLAN.parameters]
    assert ends[0][0] == 0
    assert all(a[1] == b[0] for a, b in itertools.pairwise(ends))
    assert ends[-1][1] == PLAN.n_parameters == 4 * 6 + 6 + 2 * 6 + 6 * 5 + 5 + 2 * 5 + 5 * 3 + 3
    assert all(p.stop - p.start == np.prod(p.shape) for p in PLAN.parameters)
    assert [p.name for p in PLAN.buffers] == ["running_mean0", "running_variance0"]


def test_a_plan_is_frozen_and_comparable_and_copies_as_itself():
    with pytest.raises(dataclasses.FrozenInstanceError):
        PLAN.loss = "squared_error"
    again = pickle.loads(pickle.dumps(PLAN))
    assert again == PLAN
    assert hash(again) == hash(PLAN)
    assert again != dataclasses.replace(PLAN, alpha=0.2)


def test_a_plan_holds_no_callables():
    def walk(value):
        assert not callable(value), value
        if dataclasses.is_dataclass(value):
            value = [getattr(value, f.name) for f in dataclasses.fields(value)]
        if isinstance(value, list | tuple):
            for part in value:
                walk(part)

    walk(PLAN)


def test_views_take_a_leading_axis_of_networks():
    many = np.arange(3.0 * PLAN.n_parameters).reshape(3, -1)
    W = PLAN.parameters[0].of(many)
    assert W.shape == (3, 4, 6)
    assert np.shares_memory(W, many)
    np.testing.assert_array_equal(W[2].ravel(), many[2, :24])


def test_groups_give_factors_per_element():
    assert PLAN.factors("rate_factor") == 1.0
    groups = (("weights", Group(rate_factor=2.0)), ("other", Group()))
    factors = dataclasses.replace(PLAN, groups=groups).factors("rate_factor")
    for parameter in PLAN.parameters:
        expected = 2.0 if parameter.name.startswith("W") else 1.0
        np.testing.assert_array_equal(parameter.of(factors), expected)


def test_only_weights_are_penalized():
    assert [p.name for p in PLAN.penalized] == ["W0", "W1", "W2"]


def test_first_numbers():
    state = initial_state(PLAN, None, np.random.default_rng(0))
    by_name = {p.name: p.of(state.theta) for p in PLAN.parameters}
    for name, values in by_name.items():
        if name.startswith("gain"):
            np.testing.assert_array_equal(values, 1)
        elif not name.startswith("W"):
            np.testing.assert_array_equal(values, 0)
    np.testing.assert_array_equal(PLAN.buffers[1].of(state.buffers), 1)


@pytest.mark.parametrize(
    ("activation", "bound"),
    [("relu", np.sqrt(6 / 300)), ("tanh", np.sqrt(6 / 500))],  # He's and Glorot's limits
)
def test_the_initializer_suits_the_activation_that_follows(activation, bound):
    plan = build_plan([300, 200, 1], activation)
    W = plan.parameters[0].of(initial_state(plan, None, np.random.default_rng(0)).theta)
    assert 0.99 * bound < np.abs(W).max() <= bound


def test_a_copy_of_a_state_shares_nothing():
    state = initial_state(PLAN, None, np.random.default_rng(0))
    state.slots = {"m": np.zeros(3)}
    other = state.copy()
    other.theta += 1
    other.slots["m"] += 1
    other.buffers += 1
    assert not np.array_equal(state.theta, other.theta)
    assert not np.array_equal(state.buffers, other.buffers)
    assert not state.slots["m"].any()
    view = state.theta
    state.restore(other)
    np.testing.assert_array_equal(view, other.theta)  # in place: views stay valid
