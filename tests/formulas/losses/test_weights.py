"""From the loss of each sample to that of a batch: means and gradients with weights."""

import numpy as np
import pytest

from glassnet import catalog
from glassnet.formulas import losses

from support.loss_cases import DTYPES, sample


def test_weighted_mean_by_numpy_average():
    rng = np.random.default_rng(10)
    cost, weight = rng.uniform(0, 9, 50), rng.uniform(0, 2, 50)
    assert losses.weighted_mean(cost) == pytest.approx(np.mean(cost), rel=1e-15)
    expected = np.average(cost, weights=weight)
    assert losses.weighted_mean(cost, weight) == pytest.approx(expected, rel=1e-14)
    assert isinstance(losses.weighted_mean(cost.astype(np.float32), weight), float)


def test_a_weight_of_two_is_the_sample_twice():
    y, f, _ = sample("poisson", n=4)
    record, twice = catalog.loss("poisson"), [0, 1, 1, 2, 3, 3]
    weight = np.array([1.0, 2.0, 1.0, 2.0])
    expected = record.mean(y[twice], f[twice])
    assert record.mean(y, f, weight) == pytest.approx(expected, rel=1e-14)
    rows = record.mean_gradient(y[twice], f[twice])
    repeated = np.add.reduceat(rows, [0, 1, 3, 4], axis=0)
    np.testing.assert_allclose(record.mean_gradient(y, f, weight), repeated, rtol=1e-14)


def test_a_sample_of_weight_zero_does_not_count():
    weight = np.array([0.0, 1.0, 3.0])
    for bad in (np.inf, np.nan):
        assert losses.weighted_mean(np.array([bad, 2.0, 6.0]), weight) == 5.0
        rows = losses.weighted_gradient(np.array([[bad], [2.0], [6.0]]), weight)
        assert rows.tolist() == [[0.0], [0.5], [4.5]]


def test_no_weight_at_all_is_no_loss_and_no_gradient():
    zero = np.zeros(3)
    assert losses.weighted_mean(np.ones(3), zero) == 0.0
    assert losses.weighted_gradient(np.ones((3, 2)), zero).tolist() == [[0, 0]] * 3


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_the_size_of_all_weights_does_not_matter(scale):
    cost, weight = np.array([1.0, 5.0]), np.array([3.0, 1.0])
    assert losses.weighted_mean(cost, scale * weight) == pytest.approx(2.0, rel=1e-15)


@pytest.mark.parametrize("dtype", DTYPES)
def test_weights_do_not_change_the_dtype(dtype):
    rows = np.ones((4, 2), dtype)
    for weight in (None, np.ones(4), np.ones(4, np.float32)):
        assert losses.weighted_gradient(rows, weight).dtype == dtype


@pytest.mark.parametrize("shape", [(4, 1), (3,), ()])
def test_weights_of_another_shape_are_refused(shape):
    for function, of in (
        (losses.weighted_mean, np.ones(4)),
        (losses.weighted_gradient, np.ones((4, 2))),
    ):
        with pytest.raises(ValueError, match=r"weight must hold one number per sample.*\(4,\)"):
            function(of, np.ones(shape))
