"""`glassnet.activations` and `glassnet.losses`: the formulas, for whatever a person types."""

import inspect

import numpy as np
import pytest

from glassnet import MLP, activations, catalog, losses
from glassnet.formulas import activations as formulas


@pytest.mark.parametrize("record", catalog.ACTIVATIONS, ids=str)
def test_numbers_lists_and_integers_are_taken(record):
    function = getattr(activations, record.name)
    expected = record.value(np.array([[1.0, -2.0]]))
    np.testing.assert_array_equal(function([[1, -2]]), expected)
    np.testing.assert_array_equal(function(np.array([[1, -2]])), expected)
    assert function(np.ones((1, 2), np.float32)).dtype == np.float32
    if not record.rowwise:
        assert function(1) == expected[0, 0]
        slope = getattr(activations, f"{record.name}_slope")
        z = np.array([[1.0, -2.0]])
        np.testing.assert_array_equal(
            slope([[1, -2]], expected.tolist()), record.slope(z, expected)
        )


@pytest.mark.parametrize("record", catalog.LOSSES, ids=str)
def test_losses_take_lists(record):
    function = getattr(losses, record.name)
    y, f = np.array([[1.0, 0.0]]), np.array([[2.0, -1.0]])
    np.testing.assert_array_equal(function([[1, 0]], [[2, -1]]), record.value(y, f))


def test_parameters_do_not_widen():
    assert activations.leaky_relu(np.ones(2, np.float32), 0.2).dtype == np.float32
    assert activations.leaky_relu(np.ones(2, np.float32), alpha=0.2).dtype == np.float32


@pytest.mark.parametrize("bad", [["a"], [1j], None, [[1], [2, 3]]])
def test_what_is_no_number_is_refused_by_name(bad):
    with pytest.raises(TypeError, match=r"^z must"):
        activations.gelu(bad)


def test_the_source_shown_is_the_formula_s_and_the_catalogue_knows_it():
    assert inspect.getsource(activations.relu) == inspect.getsource(formulas.relu)
    assert catalog.activation(activations.gelu) is catalog.activation("gelu")
    assert MLP([2, 3, 1], activation=activations.tanh).plan.layers[1].formula == "tanh"
