"""The L2 penalty, against central differences and by what it must not depend on."""

import numpy as np
import pytest

from glassnet.formulas.penalties import l2_penalty, l2_penalty_gradient

from support.numeric import gradient, relative_error

WEIGHTS = np.random.default_rng(5).normal(size=11)


def test_gradient_against_central_differences():
    numeric = gradient(lambda w: float(l2_penalty(w, 0.7)), WEIGHTS)
    assert relative_error(l2_penalty_gradient(WEIGHTS, 0.7), numeric) < 1e-9


def test_half_the_strength_times_the_squared_length():
    assert l2_penalty(WEIGHTS, 0.7) == pytest.approx(0.35 * np.linalg.norm(WEIGHTS) ** 2)


def test_each_network_of_a_leading_axis_pays_its_own():
    many = np.stack([WEIGHTS, 2 * WEIGHTS])
    one = l2_penalty(WEIGHTS, 0.7)
    np.testing.assert_allclose(l2_penalty(many, 0.7), [one, 4 * one], rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(dtype):
    weights = WEIGHTS.astype(dtype)
    found = l2_penalty(weights, 0.7), l2_penalty_gradient(weights, 0.7)
    assert {array.dtype for array in found} == {np.dtype(dtype)}
