r"""Forward and backward of each kind of layer.

Shapes: a batch is ``(n, units)``, weights are ``(units_in, units_out)``, biases
``(units_out,)``. Leading axes before these are allowed (many networks at once).
``delta`` is always the gradient of the loss by the layer's *output*; a backward formula
turns it into the gradient by the layer's input, and into those of its parameters.
"""

import numpy as np
from numpy.typing import NDArray

from glassnet.formulas.types import Array

__all__ = [
    "dense",
    "dense_delta",
    "dense_gradients",
    "dropout",
    "normalize",
    "normalize_delta",
    "scale",
    "scale_delta",
    "scale_gradients",
]


def dense(a: Array, W: Array, b: Array) -> Array:
    r"""Return the pre-activations :math:`z = a W + b`.

    Parameters
    ----------
    a : array or SciPy sparse matrix, shape (n, units_in)
        Outputs of the layer before, or the data.
    W : array, shape (units_in, units_out)
        Weights.
    b : array, shape (units_out,)
        Biases.

    Returns
    -------
    array, shape (n, units_out)

    Examples
    --------
    >>> dense(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([0.5]))
    array([[11.5]])
    """
    return np.asarray(a @ W + b[..., None, :])


def dense_delta(delta: Array, W: Array) -> Array:
    r"""Return :math:`\partial L / \partial a = \delta\, W^{\top}`, shape (n, units_in).

    Parameters
    ----------
    delta : array, shape (n, units_out)
        Gradient of the loss by the pre-activations.
    W : array, shape (units_in, units_out)
        Weights.

    Examples
    --------
    >>> dense_delta(np.array([[2.0]]), np.array([[3.0], [4.0]]))
    array([[6., 8.]])
    """
    return np.asarray(delta @ np.swapaxes(W, -1, -2))


def dense_gradients(delta: Array, a: Array) -> tuple[Array, Array]:
    r"""Return the gradients by weights and biases.

    .. math::
        \partial L / \partial W = a^{\top} \delta, \qquad
        \partial L / \partial b = \sum_i \delta_i

    Parameters
    ----------
    delta : array, shape (n, units_out)
        Gradient of the loss by the pre-activations.
    a : array or SciPy sparse matrix, shape (n, units_in)
        Input of the layer.

    Returns
    -------
    W_gradient : array, shape (units_in, units_out)
    b_gradient : array, shape (units_out,)

    Examples
    --------
    >>> dense_gradients(np.array([[2.0]]), np.array([[1.0, 3.0]]))
    (array([[2.],
           [6.]]), array([2.]))
    """
    transposed = a.T if a.ndim == 2 else np.swapaxes(a, -1, -2)
    return np.asarray(transposed @ delta), np.sum(delta, axis=-2)


def dropout(a: Array, keep: NDArray[np.bool_], rate: float) -> Array:
    r"""Return :math:`a \odot k / (1 - p)`, "inverted" dropout.

    The expected output equals the input, so that nothing changes at prediction. The
    formula is linear in `a`: with `delta` in its place it is its own backward.

    Parameters
    ----------
    a : array, shape (n, units)
        Activations (or, going backward, their gradient).
    keep : bool array, shape (n, units)
        True with probability ``1 - rate``; see `glassnet.formulas.random_bits`.
    rate : float, in [0, 1)
        Probability :math:`p` of dropping a unit.

    References
    ----------
    Srivastava et al. (2014), "Dropout: A Simple Way to Prevent Neural Networks from
    Overfitting", JMLR 15, section 10 for the scaling.

    Examples
    --------
    >>> dropout(np.array([[1.0, 2.0]]), np.array([[True, False]]), 0.5)
    array([[2., 0.]])
    """
    return np.where(keep, a / (1 - rate), np.zeros_like(a))


def normalize(z: Array, epsilon: float, axis: int) -> tuple[Array, Array, Array, Array]:
    r"""Return `z` with mean 0 and variance 1 along `axis`.

    .. math:: \hat z = \frac{z - \mu}{\sqrt{\sigma^2 + \varepsilon}}

    Along the batch (``axis=-2``) this is batch normalization, along the units
    (``axis=-1``) layer normalization. The variance divides by the count.

    Parameters
    ----------
    z : array, shape (n, units)
        Pre-activations.
    epsilon : float, > 0
        Keeps a constant column (or row) finite: it becomes 0.
    axis : {-2, -1}
        Axis of the mean.

    Returns
    -------
    normal : array, shape of `z`
    inverse : array
        :math:`1 / \sqrt{\sigma^2 + \varepsilon}`, with `axis` kept at length 1.
    mean, variance : arrays
        Shape of `inverse`.

    References
    ----------
    Ioffe, Szegedy (2015), "Batch Normalization", arXiv:1502.03167, algorithm 1.
    Ba, Kiros, Hinton (2016), "Layer Normalization", arXiv:1607.06450, equation 3.

    Examples
    --------
    >>> normal, *_ = normalize(np.array([[1.0], [3.0]]), 0.0, axis=-2)
    >>> normal
    array([[-1.],
           [ 1.]])
    """
    mean = np.mean(z, axis=axis, keepdims=True)
    centred = z - mean
    variance = np.mean(centred * centred, axis=axis, keepdims=True)
    inverse = 1 / np.sqrt(variance + epsilon)
    return centred * inverse, inverse, mean, variance


def normalize_delta(delta: Array, normal: Array, inverse: Array, axis: int) -> Array:
    r"""Return the gradient by the input of `normalize`, given that by its output.

    .. math::
        \frac{\partial L}{\partial z} = \frac{1}{\sqrt{\sigma^2 + \varepsilon}}
        \left(\delta - \overline{\delta} - \hat z\, \overline{\delta \hat z}\right)

    Both means run along `axis`: the gradient has no part that would shift or stretch
    the normalized values, since these parts are undone by the formula itself.

    Parameters
    ----------
    delta, normal : arrays, shape (n, units)
        Gradient by the normalized values, and these values.
    inverse : array
        As `normalize` returned it.
    axis : {-2, -1}
        Axis that was normalized.

    References
    ----------
    Ioffe, Szegedy (2015), arXiv:1502.03167, section 3 (simplified).

    Examples
    --------
    >>> normal, inverse, *_ = normalize(np.array([[1.0], [2.0], [4.0]]), 1e-5, axis=-2)
    >>> shift_only = np.ones((3, 1))
    >>> bool(np.allclose(normalize_delta(shift_only, normal, inverse, axis=-2), 0))
    True
    """
    shift = np.mean(delta, axis=axis, keepdims=True)
    stretch = np.mean(delta * normal, axis=axis, keepdims=True)
    return np.asarray(inverse * (delta - shift - normal * stretch))


def scale(normal: Array, gain: Array, shift: Array) -> Array:
    r"""Return :math:`g \odot \hat z + s`, the learnt scale behind a normalization.

    Parameters
    ----------
    normal : array, shape (n, units)
        Normalized values.
    gain, shift : arrays, shape (units,)
        Trained; they start at 1 and 0.

    Examples
    --------
    >>> scale(np.array([[1.0]]), np.array([2.0]), np.array([0.5]))
    array([[2.5]])
    """
    return normal * gain[..., None, :] + shift[..., None, :]


def scale_delta(delta: Array, gain: Array) -> Array:
    r"""Return :math:`\partial L / \partial \hat z = \delta \odot g`, shape (n, units).

    Parameters
    ----------
    delta : array, shape (n, units)
        Gradient by the output of `scale`.
    gain : array, shape (units,)

    Examples
    --------
    >>> scale_delta(np.array([[3.0]]), np.array([2.0]))
    array([[6.]])
    """
    return delta * gain[..., None, :]


def scale_gradients(delta: Array, normal: Array) -> tuple[Array, Array]:
    r"""Return the gradients by gain and shift, each of shape (units,).

    .. math::
        \partial L / \partial g = \sum_i \delta_i \hat z_i, \qquad
        \partial L / \partial s = \sum_i \delta_i

    Parameters
    ----------
    delta, normal : arrays, shape (n, units)
        Gradient by the output of `scale`, and its input.

    Examples
    --------
    >>> scale_gradients(np.array([[3.0]]), np.array([[2.0]]))
    (array([6.]), array([3.]))
    """
    return np.sum(delta * normal, axis=-2), np.sum(delta, axis=-2)
