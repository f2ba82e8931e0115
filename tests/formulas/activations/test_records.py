"""The facts that the activations' records state are true of their functions."""

import inspect

import numpy as np
import pytest

import glassnet.activations
from glassnet.catalog import ACTIVATIONS, INITIALIZERS, activation
from glassnet.formulas import activations as formulas

from support.activation_cases import each, slope
from support.namespaces import rebound

GRID = np.linspace(-50.0, 50.0, 200_001)


def test_every_public_formula_has_a_record():
    recorded = [f.__name__ for record in ACTIVATIONS for f in (record.value, record.slope)]
    assert sorted(recorded) == formulas.__all__ == glassnet.activations.__all__
    for record in ACTIVATIONS:
        assert record.value.__name__ == record.name
        assert record.slope.__name__ == f"{record.name}_slope"
        assert getattr(glassnet.activations, record.name).__wrapped__ is record.value


def test_names_that_the_issue_asks_for_are_found():
    for synonym, name in (("silu", "swish"), ("logistic", "sigmoid")):
        assert activation(synonym) is activation(name)
    z = np.array([-1.0, 2.0])
    assert activation("leaky_relu(0.25)")(z).tolist() == [-0.25, 2.0]
    assert activation("elu(alpha=2)").backward(z, z, activation("elu(2)")(z))[1] == 2.0


@pytest.mark.parametrize("record", ACTIVATIONS, ids=str)
def test_parameters_are_the_formulas_own_defaults(record):
    for function, given in ((record.value, 1), (record.slope, 3 if record.rowwise else 2)):
        declared = list(inspect.signature(function).parameters.values())[given:]
        assert tuple((p.name, p.default) for p in declared) == record.parameters


@each
def test_bounds_are_the_infimum_and_the_supremum(record):
    a = record(np.append(GRID, [-np.inf, np.inf]))
    np.testing.assert_allclose((a.min(), a.max()), record.bounds, atol=1e-8)


@pytest.mark.parametrize("record", ACTIVATIONS, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saturation_is_where_the_slope_vanishes(record, dtype):
    far = np.array([[-1e30, 0.0], [1e30, 0.0]], dtype)
    delta = np.array([[1.0, 0.0], [1.0, 0.0]], dtype)
    gradient = record.backward(delta, far, record(far))[:, 0]
    assert tuple(np.abs(gradient) < 1e-30) == record.saturates


@each
def test_slope_jumps_at_the_kinks_and_nowhere_else(record):
    if record.name == "elu":
        record = activation("elu(2.0)")  # the slope of alpha = 1 has no jump
    if record.name == "step":
        assert record.kinks == (0.0,)  # the value itself jumps
        assert np.ptp(record(np.array([-1e-300, 0.0]))) == 1
        return
    kinks = np.array(record.kinks)
    before, after = slope(record, kinks - 1e-9), slope(record, kinks + 1e-9)
    assert np.all(np.abs(after - before) > 0.1)
    z = np.linspace(-8, 8, 160_000)
    step = np.abs(np.diff(slope(record, z))) / np.maximum(1, np.abs(record(z[1:])))
    crosses = np.any((z[:-1, None] < kinks) & (kinks <= z[1:, None]), axis=1)
    assert step[~crosses].max() < 3e-4
    assert crosses.sum() == len(kinks)


@each
def test_recommended_weights_keep_the_second_moment(record):
    """Of a standard normal input, He's rule expects about half to pass, LeCun's all."""
    assert record.weights in {rule.name for rule in INITIALIZERS}
    nodes, weights = np.polynomial.hermite_e.hermegauss(180)
    moment = np.sum(weights * record(nodes) ** 2) / np.sum(weights)
    if record.weights == "he_uniform":
        assert 0.3 < moment < 0.7
    elif record.weights == "lecun_normal":
        assert moment == pytest.approx(1.0, abs=1e-3)
        mean = np.sum(weights * record(nodes)) / np.sum(weights)
        assert mean == pytest.approx(0.0, abs=1e-3)


@pytest.mark.judge
@pytest.mark.parametrize("record", ACTIVATIONS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_formulas_use_only_the_array_api_standard(record, dtype):
    """All of them, without an exception: `array_api_strict` has nothing else to call."""
    strict = pytest.importorskip("array_api_strict")
    z = np.linspace(-9, 9, 40).astype(dtype).reshape(8, 5)
    delta = np.flip(z)
    parameters = dict(record.parameters)
    portable = strict.asarray(z)
    a = rebound(record.value, strict)(portable, **parameters)
    others = (strict.asarray(delta),) if record.rowwise else ()
    gradient = rebound(record.slope, strict)(portable, a, *others, **parameters)
    assert a.dtype == gradient.dtype == getattr(strict, dtype)
    np.testing.assert_array_equal(np.asarray(a), record(z))
    numpys = (delta,) if record.rowwise else ()
    np.testing.assert_array_equal(
        np.asarray(gradient), record.slope(z, record(z), *numpys, **parameters)
    )
