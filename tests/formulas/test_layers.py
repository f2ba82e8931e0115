"""Layers against central differences (always) and PyTorch (where it is installed)."""

import numpy as np
import pytest
import scipy.sparse

from glassnet.formulas import layers

from support.numeric import gradient, relative_error


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_dense_against_central_differences(rng):
    a, W, b, c = (rng.normal(size=s) for s in [(6, 4), (4, 3), (3,), (6, 3)])
    W_grad, b_grad = layers.dense_gradients(c, a)
    numeric_W = gradient(lambda W: np.sum(c * layers.dense(a, W, b)), W)
    numeric_b = gradient(lambda b: np.sum(c * layers.dense(a, W, b)), b)
    numeric_a = gradient(lambda a: np.sum(c * layers.dense(a, W, b)), a)
    assert relative_error(W_grad, numeric_W) < 1e-8
    assert relative_error(b_grad, numeric_b) < 1e-8
    assert relative_error(layers.dense_delta(c, W), numeric_a) < 1e-8


def test_dense_takes_sparse_input(rng):
    dense = rng.normal(size=(6, 4)) * (rng.random((6, 4)) < 0.3)
    sparse = scipy.sparse.csr_array(dense)
    W, b, delta = (rng.normal(size=s) for s in [(4, 3), (3,), (6, 3)])
    np.testing.assert_allclose(
        layers.dense(sparse, W, b), layers.dense(dense, W, b), rtol=1e-14
    )
    for found, expected in zip(
        layers.dense_gradients(delta, sparse), layers.dense_gradients(delta, dense), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_layers_take_a_leading_axis_of_networks(rng):
    # As many rows as networks: a bias on the wrong axis would broadcast without a word.
    a, W, b = rng.normal(size=(5, 5, 4)), rng.normal(size=(5, 4, 3)), rng.normal(size=(5, 3))
    z = layers.dense(a, W, b)
    W_grad, b_grad = layers.dense_gradients(z, a)
    for k in range(5):
        np.testing.assert_allclose(z[k], layers.dense(a[k], W[k], b[k]), rtol=1e-13)
        one_W, one_b = layers.dense_gradients(z[k], a[k])
        np.testing.assert_allclose(W_grad[k], one_W, rtol=1e-12)
        np.testing.assert_allclose(b_grad[k], one_b, rtol=1e-12)
        one = layers.scale(z[k], b[k], 2 * b[k])
        np.testing.assert_allclose(layers.scale(z, b, 2 * b)[k], one, rtol=1e-13)
        one = layers.scale_delta(z[k], b[k])
        np.testing.assert_allclose(layers.scale_delta(z, b)[k], one, rtol=1e-13)


@pytest.mark.parametrize("axis", [-2, -1])
def test_normalize_against_central_differences(rng, axis):
    z, c = rng.normal(2.0, 3.0, size=(6, 4)), rng.normal(size=(6, 4))
    normal, inverse, mean, variance = layers.normalize(z, 1e-5, axis)
    np.testing.assert_allclose(mean, z.mean(axis=axis, keepdims=True), rtol=1e-12)
    np.testing.assert_allclose(variance, z.var(axis=axis, keepdims=True), rtol=1e-12)
    numeric = gradient(lambda z: np.sum(c * layers.normalize(z, 1e-5, axis)[0]), z)
    assert relative_error(layers.normalize_delta(c, normal, inverse, axis), numeric) < 1e-7


def test_normalize_of_a_constant_is_zero():
    normal, *_ = layers.normalize(np.full((3, 2), 1e8), 1e-5, axis=-2)
    np.testing.assert_array_equal(normal, 0)


def test_scale_against_central_differences(rng):
    normal, gain, shift, c = (rng.normal(size=s) for s in [(6, 4), (4,), (4,), (6, 4)])
    gain_grad, shift_grad = layers.scale_gradients(c, normal)
    by_gain = gradient(lambda g: np.sum(c * layers.scale(normal, g, shift)), gain)
    by_shift = gradient(lambda s: np.sum(c * layers.scale(normal, gain, s)), shift)
    by_normal = gradient(lambda n: np.sum(c * layers.scale(n, gain, shift)), normal)
    assert relative_error(gain_grad, by_gain) < 1e-8
    assert relative_error(shift_grad, by_shift) < 1e-8
    assert relative_error(layers.scale_delta(c, gain), by_normal) < 1e-8


def test_dropout_keeps_the_mean_and_is_its_own_backward(rng):
    a, c = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    keep = rng.random((6, 4)) < 0.75
    numeric = gradient(lambda a: np.sum(c * layers.dropout(a, keep, 0.25)), a)
    assert relative_error(layers.dropout(c, keep, 0.25), numeric) < 1e-8
    many = rng.random((200_000, 1)) < 0.75
    assert abs(layers.dropout(np.ones((200_000, 1)), many, 0.25).mean() - 1) < 0.005


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(dtype):
    a, W, b = np.ones((3, 2), dtype), np.ones((2, 2), dtype), np.ones(2, dtype)
    z = layers.dense(a, W, b)
    found = [z, *layers.dense_gradients(z, a), layers.dense_delta(z, W)]
    found += [*layers.normalize(z, 1e-5, -2), layers.dropout(z, z > 0, 0.5)]
    assert {array.dtype for array in found} == {np.dtype(dtype)}


@pytest.mark.judge
@pytest.mark.parametrize("kind", ["batch", "layer"])
def test_normalization_against_pytorch(rng, kind):
    torch = pytest.importorskip("torch")
    z, gain, shift, c = (rng.normal(size=s) for s in [(6, 4), (4,), (4,), (6, 4)])
    tz, tg, ts = (torch.tensor(x, requires_grad=True) for x in (z, gain, shift))
    if kind == "batch":
        out = torch.nn.functional.batch_norm(tz, None, None, tg, ts, training=True, eps=1e-5)
    else:
        out = torch.nn.functional.layer_norm(tz, (4,), tg, ts, eps=1e-5)
    out.backward(torch.tensor(c))
    axis = -2 if kind == "batch" else -1
    normal, inverse, *_ = layers.normalize(z, 1e-5, axis)
    np.testing.assert_allclose(
        layers.scale(normal, gain, shift), out.detach().numpy(), rtol=1e-12, atol=1e-13
    )
    delta = layers.normalize_delta(c * gain, normal, inverse, axis)
    np.testing.assert_allclose(delta, tz.grad.numpy(), rtol=1e-11, atol=1e-12)
    gain_grad, shift_grad = layers.scale_gradients(c, normal)
    np.testing.assert_allclose(gain_grad, tg.grad.numpy(), rtol=1e-12)
    np.testing.assert_allclose(shift_grad, ts.grad.numpy(), rtol=1e-12)
