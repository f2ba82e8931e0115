"""Each scalar pair of the compiled engine against its formula, over the whole range."""

import platform
import re

import numpy as np
import pytest

pytest.importorskip("numba")

from glassnet import catalog
from glassnet.engines.compiled import elementwise, rowwise, scalars
from glassnet.engines.compiled.machine_code import assembly

from support import kernels

DTYPES = [np.float32, np.float64]
ACTIVATIONS = [r for r in catalog.ACTIVATIONS if not r.rowwise]
ACTIVATIONS += [catalog.activation("leaky_relu(0.3)"), catalog.activation("elu(0.5)")]
LOSSES = [r for r in catalog.LOSSES if r.name in scalars.LOSSES]
LOSSES += [catalog.loss(text) for text in ("huber(0.3)", "quantile(0.9)", "bce(0.2)")]
# In roundings of the largest number on the way; the normal distribution's tail and sums of
# several exponentials gather more of them than one operation.
ROUNDINGS = 16
EXPONENTIAL = [
    "sigmoid",
    "tanh",
    "elu",
    "selu",
    "swish",
    "gelu",
    "gelu_tanh",
    "softplus",
    "mish",
]


def points(dtype):
    near = np.concatenate([np.linspace(-12, 12, 4001), np.linspace(-1e-3, 1e-3, 201)])
    far = np.geomspace(12, 80, 200)
    kinks = [-6.0, -3.0, 0.0, -0.0, 3.0, 6.0]
    return np.concatenate([near, far, -far, kinks]).astype(dtype)


def ends(dtype):
    last = float(np.finfo(dtype).max)
    return np.array([-np.inf, -last, -1e5, 1e5, last, np.inf, np.nan], dtype)


def close(found, expected, size=0.0):
    """Compare in roundings of the expected number or of `size`, whichever is larger."""
    assert found.dtype == expected.dtype
    eps = np.finfo(found.dtype).eps
    allowed = ROUNDINGS * eps * np.maximum(np.abs(expected.astype(float)), size) + 1e-38
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(found[~finite], expected[~finite])
    off = np.abs(found[finite] - expected[finite]) / allowed[finite]
    assert np.max(off, initial=0.0) <= 1


def test_pairs_stand_in_the_order_of_the_catalogue():
    named = [r.name for r in catalog.ACTIVATIONS]
    assert [*scalars.ACTIVATIONS, *rowwise.ACTIVATIONS] == named
    compiled = [r.name for r in catalog.LOSSES if r.name != "categorical_cross_entropy"]
    assert list(scalars.LOSSES) == compiled


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("record", ACTIVATIONS, ids=str)
def test_activation(record, dtype):
    numbers = [value for _, value in record.parameters]
    for z in (points(dtype), ends(dtype)):
        with np.errstate(all="ignore"):
            a = record(z)
            slope = record.slope(z, a, **dict(record.parameters)).astype(dtype)
        found = kernels.mapped(elementwise.activation_forward(record.name), z, numbers=numbers)
        close(found, a, size=1e-3)
        backward = elementwise.activation_backward(record.name)
        memory = np.concatenate([z, a, np.ones_like(z)])
        n = len(z)
        kernels.run(backward, memory, [1, 0, n, 2 * n], numbers, rows=n)
        close(memory[2 * n :], slope, size=1.0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("record", LOSSES, ids=str)
def test_loss(record, dtype):
    f = np.linspace(-20, 20, 801).astype(dtype)
    low, high = record.bounds
    for target in (0.0, 0.25, 1.0, 3.0, -2.0):
        if not low <= target <= high:
            continue
        y = np.full_like(f, target)
        gradient = record.gradient(y[:, None], f[:, None], **dict(record.parameters))
        value = record.value(y[:, None], f[:, None], **dict(record.parameters))
        n, share = len(f), np.full_like(f, 1 / len(f))
        memory = np.concatenate([y, f, share, np.zeros(2 * n, dtype)])
        at = [1, 0, n, 2 * n, 3 * n, 4 * n]
        numbers = [number for _, number in record.parameters]
        reals = kernels.run(elementwise.loss(record.name), memory, at, numbers, rows=n)
        close(memory[3 * n : 4 * n] * n, gradient[:, 0].astype(dtype), size=np.abs(y) + 1)
        close(memory[4 * n :] * n, value.astype(dtype), size=np.abs(y) + 1)
        mean = record.mean(y[:, None].astype(float), f[:, None].astype(float))
        assert reals["loss"] == pytest.approx(mean, rel=50 * float(np.finfo(dtype).eps))


def test_a_share_of_nothing_hides_an_infinite_loss():
    memory = np.array([0.0, 0.0, np.inf, 1.0, 0.0, 1.0, 9, 9, 9, 9])
    reals = kernels.run(elementwise.loss("squared_error"), memory, [1, 0, 2, 4, 6, 8], rows=2)
    assert reals["loss"] == 0.5
    assert memory[6:8].tolist() == [0.0, 1.0]


on_x86 = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="reads x86 instructions"
)


@on_x86
@pytest.mark.parametrize("name", scalars.ACTIVATIONS)
def test_float32_is_never_widened(name):
    for make in (elementwise.activation_forward, elementwise.activation_backward):
        code = assembly(make(name), "float32")
        # the one double is the instruction's constant, which is narrowed once
        assert not re.search(r"cvtps2pd|cvtss2sd|(add|mul|sub|div)[ps]d", code)


@on_x86
@pytest.mark.parametrize("name", EXPONENTIAL)
@pytest.mark.parametrize(("precision", "packed"), [("float32", "ps"), ("float64", "pd")])
def test_exponentials_vectorise(name, precision, packed):
    for make in (elementwise.activation_forward, elementwise.activation_backward):
        assert f"mul{packed}" in assembly(make(name), precision)


@on_x86
@pytest.mark.parametrize("kernel", [rowwise.softmax, rowwise.log_softmax])
def test_the_exponentials_of_a_softmax_are_next_to_none_one_by_one(kernel):
    code = assembly(kernel, "float64")
    # a loop's last elements are done one by one, so each has as many of these at the most
    assert len(re.findall(r"mulpd", code)) >= len(re.findall(r"mulsd", code)) > 0
