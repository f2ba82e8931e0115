"""Value and gradient in one go are the very numbers of the two functions they stand for."""

from dataclasses import replace

import numpy as np
import pytest

from glassnet import catalog

PAIRED = [f"{r.name}({s})" for r in catalog.LOSSES if r.both for s in (0.0, 0.3)]
SIZES = (0.0, 1e-300, 1e-3, 1.0, 30.0, 500.0, 1e30)
ENDS = [[np.inf, 0.0, 1.0, -np.inf], [np.inf, np.inf, 2.0, 3.0], [np.nan, 0.0, -0.0, 1.0]]


def test_the_cross_entropies_are_paired():
    assert len(PAIRED) == 4


@pytest.mark.parametrize("name", PAIRED)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weighted", [True, False])
def test_they_are_the_same_numbers(name, dtype, weighted):
    rng, loss = np.random.default_rng(0), catalog.loss(name)
    logits = [size * rng.normal(size=(20, 4)) for size in SIZES]
    f = np.concatenate([*logits, ENDS]).astype(dtype)
    y = np.eye(4, dtype=dtype)[rng.integers(0, 4, len(f))]
    numbers = dict(loss.parameters)
    value, gradient = loss.both(y, f, **numbers)
    assert value.dtype == gradient.dtype == dtype
    np.testing.assert_array_equal(value, loss.value(y, f, **numbers))
    np.testing.assert_array_equal(gradient, loss.gradient(y, f, **numbers))

    f, y = f[:-3], y[:-3]  # the mean of infinities is another matter
    weight = rng.uniform(size=len(f)).astype(dtype) if weighted else None
    mean, gradient = loss.mean_with_gradient(y, f, weight)
    assert mean == loss.mean(y, f, weight)
    np.testing.assert_array_equal(gradient, loss.mean_gradient(y, f, weight))


@pytest.mark.parametrize("name", PAIRED[::2])
def test_wrong_arguments_are_refused(name):
    loss = catalog.loss(name)
    with pytest.raises(ValueError, match="one shape"):
        loss.both(np.zeros((2, 1)), np.zeros((2, 2)))
    with pytest.raises(ValueError, match="smoothing must lie in"):
        loss.both(np.zeros((2, 2)), np.zeros((2, 2)), smoothing=1.0)


@pytest.mark.parametrize("part", ["value", "gradient"])
def test_a_pair_left_over_from_another_loss_is_refused(part):
    shipped = catalog.loss("binary_cross_entropy")

    def doubled(y, f, smoothing=0.0):
        return 2 * getattr(shipped, part)(y, f, smoothing)

    record = replace(shipped, name="doubled", synonyms=(), **{part: doubled})
    with pytest.raises(ValueError, match=f"both must return .*; {part} differs"):
        catalog.loss(record)
