"""Running statistics against PyTorch's batch normalization, and against NumPy's variance."""

import numpy as np
import pytest

from glassnet.formulas.layers import normalize
from glassnet.formulas.running_statistics import normalize_with, running_step


@pytest.fixture
def batches():
    rng = np.random.default_rng(3)
    return [rng.normal(2.0, 3.0, size=(n, 4)) for n in (6, 2, 9)]


def after(batches, momentum):
    mean, variance = np.zeros(4), np.ones(4)
    for z in batches:
        *_, batch_mean, batch_variance = normalize(z, 1e-5, axis=-2)
        running_step(mean, variance, batch_mean, batch_variance, len(z), momentum)
    return mean, variance


@pytest.mark.judge
@pytest.mark.parametrize("momentum", [0.1, 0.75])
def test_three_batches_and_a_prediction_against_pytorch(batches, momentum):
    torch = pytest.importorskip("torch")
    judge = torch.nn.BatchNorm1d(4, momentum=momentum, affine=False, dtype=torch.float64)
    for z in batches:
        judge(torch.tensor(z))
    mean, variance = after(batches, momentum)
    np.testing.assert_allclose(mean, judge.running_mean.numpy(), rtol=1e-13)
    np.testing.assert_allclose(variance, judge.running_var.numpy(), rtol=1e-13)
    judge.eval()
    np.testing.assert_allclose(
        normalize_with(batches[0], mean, variance, judge.eps),
        judge(torch.tensor(batches[0])).numpy(),
        rtol=1e-12,
        atol=1e-14,
    )


def test_momentum_1_keeps_the_last_batch_alone(batches):
    mean, variance = after(batches, momentum=1.0)
    np.testing.assert_allclose(mean, batches[-1].mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(variance, batches[-1].var(axis=0, ddof=1), rtol=1e-13)


def test_three_batches_by_hand():
    """Means 1, 3, 5 and unbiased variances 2, 2, 2, each counted by half."""
    mean, variance = after(
        [np.array([[m - 1.0], [m + 1.0]]) * np.ones(4) for m in (1, 3, 5)], momentum=0.5
    )
    np.testing.assert_allclose(mean, 1 / 8 + 3 / 4 + 5 / 2, rtol=1e-14)
    np.testing.assert_allclose(variance, 1 / 8 + 2 * 7 / 8, rtol=1e-14)


def test_a_batch_s_own_statistics_give_what_normalize_gives(batches):
    normal, _, mean, variance = normalize(batches[0], 1e-5, axis=-2)
    found = normalize_with(batches[0], mean[0], variance[0], 1e-5)
    np.testing.assert_allclose(found, normal, rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(dtype):
    z, ones = np.ones((3, 2), dtype), np.ones(2, dtype)
    assert normalize_with(z, ones, ones, 1e-5).dtype == dtype


def test_networks_of_a_leading_axis_are_normalized_each_by_its_own(batches):
    z, (mean, variance) = batches[0], after(batches, 0.1)
    many = normalize_with(
        np.stack([z, z]), np.stack([mean, 0 * mean]), np.stack([variance, 4 * variance]), 0.0
    )
    np.testing.assert_allclose(many[0], normalize_with(z, mean, variance, 0.0), rtol=1e-14)
    np.testing.assert_allclose(many[1], z / (2 * np.sqrt(variance)), rtol=1e-14)
