"""Dropout's hash against SplitMix64 in Python's whole numbers, and against chance."""

import numpy as np
import pytest
import scipy.stats

from glassnet.formulas.random_bits import keep_mask, mix

MASK = 2**64 - 1


def splitmix(x):
    """The published algorithm in unbounded integers: next output after state `x`."""
    z = (x + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def signed(x):
    return x - 2**64 if x >= 2**63 else x


@pytest.mark.parametrize("x", [0, 1, 2**63 - 1, -1, -(2**63), 123456789])
def test_mix_is_splitmix64(x):
    assert int(mix(np.array([x]))[0]) == signed(splitmix(x & MASK))


def test_mask_from_whole_numbers():
    key, step, layer, rate = 2**62 + 12345, 17, 3, 0.3
    h = splitmix(splitmix(splitmix(key) ^ step) ^ layer)
    mask = keep_mask(key, step, layer, 5, 4, rate)
    for row in range(5):
        for unit in range(4):
            bits = splitmix(splitmix(h ^ row) ^ unit) >> 11
            assert mask[row, unit] == (bits >= np.ceil(rate * 2**53))


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9])
def test_share_kept(rate):
    mask = keep_mask(99, 1, 0, 2000, 500, rate)
    assert abs(mask.mean() - (1 - rate)) <= 5 * np.sqrt(rate * (1 - rate) / mask.size)


def test_masks_of_other_keys_steps_layers_rows_and_units_are_independent():
    base = keep_mask(1, 1, 1, 400, 400, 0.5)
    others = [
        keep_mask(2, 1, 1, 400, 400, 0.5),
        keep_mask(1, 2, 1, 400, 400, 0.5),
        keep_mask(1, 1, 2, 400, 400, 0.5),
        np.roll(base, 1, axis=0),
        np.roll(base, 1, axis=1),
        base.T,
    ]
    for other in others:
        agree = int((base == other).sum())
        assert scipy.stats.binomtest(agree, base.size, 0.5).pvalue > 1e-4


def test_a_mask_does_not_depend_on_its_size():
    np.testing.assert_array_equal(
        keep_mask(5, 2, 1, 10, 8, 0.4)[:3, :5], keep_mask(5, 2, 1, 3, 5, 0.4)
    )
