"""Clipping of gradients: against PyTorch, at the ends of the range, and its place in a step."""

import numpy as np
import pytest

from glassnet import optimizers as opt
from glassnet.formulas import optimizers as formulas

from support.optimizer_rules import gradient, start


@pytest.mark.judge
@pytest.mark.parametrize("limit", [0.01, 3.0, 100.0])
def test_clipping_beside_torch(limit, torch):
    slope = gradient(start())
    utils = torch.nn.utils

    def theirs(clip):
        theta = torch.nn.Parameter(torch.tensor(start()))
        theta.grad = torch.tensor(slope)
        clip([theta], limit)
        return theta.grad.numpy()

    np.testing.assert_array_equal(
        formulas.clip_by_value(slope, limit), theirs(utils.clip_grad_value_)
    )
    norm = np.linalg.norm(slope)
    found = formulas.clip_by_norm(slope, limit)
    # PyTorch divides by the norm plus 1e-6.
    correction = (norm + 1e-6) / norm if norm > limit else 1.0
    np.testing.assert_allclose(found, theirs(utils.clip_grad_norm_) * correction, rtol=1e-12)


def test_clip_by_norm_gives_that_norm_or_changes_no_bit():
    slope = gradient(start())
    norm = np.linalg.norm(slope)
    assert np.linalg.norm(formulas.clip_by_norm(slope, 0.5)) == pytest.approx(0.5, rel=1e-14)
    np.testing.assert_array_equal(formulas.clip_by_norm(slope, norm * 1.001), slope)
    np.testing.assert_array_equal(formulas.clip_by_norm(np.zeros(3), 1.0), np.zeros(3))


@pytest.mark.parametrize(
    ("dtype", "size"), [(np.float32, 1e-30), (np.float32, 1e30), (np.float64, 1e300)]
)
def test_clip_by_norm_neither_overflows_nor_vanishes(dtype, size):
    slope = np.array([3, -4], dtype) * dtype(size)
    found = formulas.clip_by_norm(slope, 1.0)
    assert found.dtype == dtype
    expected = [0.6, -0.8] if size > 1 else slope
    np.testing.assert_allclose(found, np.array(expected, dtype), rtol=1e-6)


@pytest.mark.parametrize(
    ("dtype", "limit"),
    [(np.float64, 1e-310), (np.float64, 5e-324), (np.float32, 1e-45), (np.float32, 1e-46)],
)
def test_clip_by_norm_at_the_least_limits(dtype, limit):
    found = formulas.clip_by_norm(np.zeros(3, dtype), limit)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, np.zeros(3))
    # One element: its clipped self is the limit, as near as the dtype has it.
    for one in (1.0, 1e30):
        found = formulas.clip_by_norm(np.array([-one], dtype), limit)
        np.testing.assert_array_equal(found, [-dtype(limit)])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_clip_by_norm_hides_no_broken_gradient(bad):
    assert np.isnan(formulas.clip_by_norm(np.array([1.0, bad]), 1e10)).all()


def test_clipping_by_value_comes_before_norm_and_both_before_decay():
    slope, theta = np.array([30.0, -4.0, 0.3]), np.array([1.0, 2.0, 3.0])
    ours = opt.SGD(1.0, clip_value=4.0, clip_norm=1.0, weight_decay=0.5)
    found = theta.copy()
    ours.step(found, slope, {}, 1)
    clipped = np.array([4.0, -4.0, 0.3])
    np.testing.assert_allclose(
        found, theta - clipped / np.linalg.norm(clipped) - 0.5 * theta, rtol=1e-14
    )
