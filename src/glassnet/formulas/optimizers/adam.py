"""Adam and its relatives: running means of the gradient and of its size, both corrected."""

import math

import numpy as np

from glassnet.formulas.types import Array

__all__ = ["adam_step", "adamax_step", "adamw_step", "nadam_step", "radam_step"]


def adam_step(
    param: Array,
    grad: Array,
    m: Array,
    v: Array,
    t: int,
    rate: float | Array,
    beta1: float,
    beta2: float,
    epsilon: float,
    v_max: Array | None = None,
    epsilon_before_correction: bool = False,
) -> None:
    r"""Step by the mean gradient over the root of the mean square, in place.

    .. math::

        m &\leftarrow \beta_1 m + (1 - \beta_1) g, &\qquad
        \hat m &= m / (1 - \beta_1^t), \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) g^2, &\qquad
        \hat v &= v / (1 - \beta_2^t), \\
        \theta &\leftarrow \theta - \eta \frac{\hat m}{\sqrt{\hat v} + \epsilon}

    The means start at zero and are too small at first, :math:`m` by the factor
    :math:`1 - \beta_1^t`; dividing by it corrects that. So `t` must count the updates of
    the whole vector: the same `t` for every element.

    Parameters
    ----------
    param, grad, m, v : float arrays, one shape
        `param`, the first moment `m` and the second moment `v` are overwritten.
    t : int
        Number of this update, from 1.
    rate : float or array
        :math:`\eta > 0`.
    beta1, beta2 : float
        Memory of the two means, in ``[0, 1)``.
    epsilon : float
        :math:`\epsilon > 0`; keeps 0/0 away.
    v_max : array, optional
        Given, it is overwritten with the greatest `v` so far, which takes the place of `v`
        in the step (AMSGrad).
    epsilon_before_correction : bool
        Step by :math:`\eta \sqrt{1 - \beta_2^t} / (1 - \beta_1^t) \cdot
        m / (\sqrt v + \epsilon)` instead: epsilon meets the root before the correction, so
        at small `t` it weighs :math:`1 / \sqrt{1 - \beta_2^t}` times more.

    References
    ----------
    Kingma and Ba (2015), "Adam: A Method for Stochastic Optimization", algorithm 1, as in
    PyTorch; epsilon before the correction: end of section 2, as in scikit-learn. AMSGrad:
    Reddi, Kale and Kumar (2018), "On the Convergence of Adam and Beyond", algorithm 2,
    with the bias correction that PyTorch keeps and the paper leaves out.

    Examples
    --------
    >>> theta, m, v = np.array([3.0, 2.0]), np.zeros(2), np.zeros(2)
    >>> adam_step(theta, np.array([6.0, 4.0]), m, v, 1, 0.1, 0.9, 0.999, 1e-8)
    >>> theta.round(6)
    array([2.9, 1.9])
    """
    m *= beta1
    m += (1 - beta1) * grad
    v *= beta2
    v += (1 - beta2) * (grad * grad)
    if v_max is not None:
        v_max[...] = np.maximum(v_max, v)
        v = v_max
    first, root = bias_correction(beta1, t), math.sqrt(bias_correction(beta2, t))
    if epsilon_before_correction:
        param -= rate * (root / first) * m / (np.sqrt(v) + epsilon)
    else:
        param -= rate / first * m / (np.sqrt(v) / root + epsilon)


def bias_correction(beta: float, t: int) -> float:
    r"""Return :math:`1 - \beta^t`, what a running mean that starts at zero is divided by.

    After `t` steps of :math:`m \leftarrow \beta m + (1 - \beta) g` the weights of the
    gradients in `m` add up to this.

    Parameters
    ----------
    beta : float
        Memory of the mean, in ``[0, 1)``.
    t : int
        Number of updates, from 1.

    Returns
    -------
    float
        In ``(0, 1]``: ``1 - beta`` after the first update, next to 1 after many.

    References
    ----------
    Kingma and Ba (2015), "Adam: A Method for Stochastic Optimization", section 3.

    Examples
    --------
    >>> bias_correction(0.5, 1), bias_correction(0.5, 2)
    (0.5, 0.75)
    """
    return 1 - beta**t


def adamw_step(
    param: Array,
    grad: Array,
    m: Array,
    v: Array,
    t: int,
    rate: float | Array,
    beta1: float,
    beta2: float,
    epsilon: float,
    weight_decay: float | Array,
    v_max: Array | None = None,
) -> None:
    r"""Shrink the parameters, then take Adam's step, in place.

    .. math:: \theta \leftarrow \theta (1 - \eta \lambda), \qquad\text{then Adam}

    The decay does not pass through Adam's means: every parameter shrinks at the same pace,
    however large its gradients are.

    Parameters
    ----------
    param, grad, m, v, t, rate, beta1, beta2, epsilon, v_max
        As for `adam_step`.
    weight_decay : float or array
        :math:`\lambda \ge 0`.

    References
    ----------
    Loshchilov and Hutter (2019), "Decoupled Weight Decay Regularization", algorithm 2,
    with the rate multiplying the decay as in PyTorch.

    Examples
    --------
    >>> theta, m, v = np.array([3.0]), np.zeros(1), np.zeros(1)
    >>> adamw_step(theta, np.zeros(1), m, v, 1, 0.1, 0.9, 0.999, 1e-8, weight_decay=0.5)
    >>> theta
    array([2.85])
    """
    param *= 1 - rate * weight_decay
    adam_step(param, grad, m, v, t, rate, beta1, beta2, epsilon, v_max)


def adamax_step(
    param: Array,
    grad: Array,
    m: Array,
    u: Array,
    t: int,
    rate: float | Array,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> None:
    r"""Step by the mean gradient over its greatest recent size, in place.

    .. math::

        m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
        u \leftarrow \max(\beta_2 u, |g| + \epsilon), \qquad
        \theta \leftarrow \theta - \frac{\eta}{1 - \beta_1^t} \frac{m}{u}

    Parameters
    ----------
    param, grad, m, u : float arrays, one shape
        `param`, the first moment `m` and the greatest size `u` are overwritten.
    t, rate, beta1, beta2
        As for `adam_step`.
    epsilon : float
        :math:`\epsilon > 0`; keeps 0/0 away.

    References
    ----------
    Kingma and Ba (2015), "Adam: A Method for Stochastic Optimization", algorithm 2; the
    epsilon is PyTorch's.

    Examples
    --------
    >>> theta, m, u = np.array([1.0]), np.zeros(1), np.array([8.0])
    >>> adamax_step(theta, np.array([2.0]), m, u, 1, 0.1, 0.5, 0.5, 1e-8)
    >>> m, u, theta
    (array([1.]), array([4.]), array([0.95]))
    """
    m *= beta1
    m += (1 - beta1) * grad
    u[...] = np.maximum(beta2 * u, np.abs(grad) + epsilon)
    param -= rate / bias_correction(beta1, t) * m / u


def nadam_step(
    param: Array,
    grad: Array,
    m: Array,
    v: Array,
    momentum_product: Array,
    t: int,
    rate: float | Array,
    beta1: float,
    beta2: float,
    epsilon: float,
    momentum_decay: float,
) -> None:
    r"""Take Adam's step with Nesterov's look-ahead, in place.

    .. math::

        \mu_t &= \beta_1 (1 - \tfrac12\, 0.96^{t \psi}), \qquad
        \Pi \leftarrow \Pi \mu_t, \\
        m &\leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
        v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \\
        \theta &\leftarrow \theta - \frac{\eta}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}
        \left( \frac{1 - \mu_t}{1 - \Pi}\, g
        + \frac{\mu_{t+1}}{1 - \Pi \mu_{t+1}}\, m \right)

    Parameters
    ----------
    param, grad, m, v : float arrays, one shape
        `param`, `m` and `v` are overwritten.
    momentum_product : float64 array, shape ()
        :math:`\Pi`, overwritten; starts at one. Float64 whatever the dtype of `param`.
    t, rate, beta1, beta2, epsilon
        As for `adam_step`.
    momentum_decay : float
        :math:`\psi \ge 0`; 0 halves the momentum for good, large values warm it up sooner.

    References
    ----------
    Dozat (2016), "Incorporating Nesterov Momentum into Adam", algorithm 2 (ICLR workshop)
    and its momentum schedule, with the running means as in PyTorch.

    Examples
    --------
    >>> theta, m, v, product = np.array([1.0]), np.zeros(1), np.zeros(1), np.ones(())
    >>> nadam_step(theta, np.array([2.0]), m, v, product, 1, 0.1, 0.9, 0.999, 1e-8, 0.0)
    >>> float(product), theta.round(6)
    (0.45, array([0.894357]))
    """
    momentum_product *= nadam_momentum(t, beta1, momentum_decay)
    product = float(momentum_product)  # a Python float: a 0-d array would widen float32
    m *= beta1
    m += (1 - beta1) * grad
    v *= beta2
    v += (1 - beta2) * (grad * grad)
    ahead = nadam_look_ahead(grad, m, product, t, beta1, momentum_decay)
    param -= rate * ahead / (np.sqrt(v / bias_correction(beta2, t)) + epsilon)


def nadam_momentum(t: int, beta1: float, momentum_decay: float) -> float:
    r"""Return :math:`\mu_t = \beta_1 (1 - \tfrac12\, 0.96^{t \psi})` of `nadam_step`.

    Parameters
    ----------
    t : int
        :math:`t \ge 1`.
    beta1, momentum_decay : float
        As for `nadam_step`.

    References
    ----------
    Dozat (2016), "Incorporating Nesterov Momentum into Adam", the momentum schedule.

    Examples
    --------
    >>> nadam_momentum(1, 0.9, 0.0), nadam_momentum(1000, 0.9, 1.0)
    (0.45, 0.9)
    """
    lacking: float = 0.5 * 0.96 ** (t * momentum_decay)
    return beta1 * (1 - lacking)


def nadam_look_ahead(
    grad: Array, m: Array, product: float, t: int, beta1: float, momentum_decay: float
) -> Array:
    r"""Return the mean gradient of `nadam_step`, one step of momentum ahead.

    .. math::

        \frac{1 - \mu_t}{1 - \Pi}\, g + \frac{\mu_{t+1}}{1 - \Pi \mu_{t+1}}\, m

    Parameters
    ----------
    grad, m : float arrays, one shape
        The gradient, and the first moment that has taken it in.
    product : float
        :math:`\Pi = \mu_1 \cdots \mu_t`.
    t, beta1, momentum_decay
        As for `nadam_momentum`.

    Returns
    -------
    array, shape and dtype of `grad`

    References
    ----------
    Dozat (2016), "Incorporating Nesterov Momentum into Adam", algorithm 2.

    Examples
    --------
    >>> nadam_look_ahead(np.array([2.0]), np.array([0.5]), 0.25, 1, 0.5, 0.0).round(6)
    array([2.133333])
    """
    mu, mu_next = (nadam_momentum(at, beta1, momentum_decay) for at in (t, t + 1))
    return (1 - mu) / (1 - product) * grad + mu_next / (1 - product * mu_next) * m


def radam_step(
    param: Array,
    grad: Array,
    m: Array,
    v: Array,
    t: int,
    rate: float | Array,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> None:
    r"""Take Adam's step, tempered while its second moment rests on few gradients, in place.

    .. math::

        \rho_\infty = \frac{2}{1 - \beta_2} - 1, \qquad
        \rho_t = \rho_\infty - \frac{2 t \beta_2^t}{1 - \beta_2^t}, \qquad
        r_t = \sqrt{\frac{(\rho_t - 4)(\rho_t - 2) \rho_\infty}
        {(\rho_\infty - 4)(\rho_\infty - 2) \rho_t}}

    .. math::

        \theta \leftarrow \theta - \eta \hat m \cdot
        \begin{cases}
        r_t \sqrt{1 - \beta_2^t} / (\sqrt v + \epsilon) & \rho_t > 5 \\
        1 & \text{otherwise}
        \end{cases}

    with :math:`m, v, \hat m` as in Adam.

    Parameters
    ----------
    param, grad, m, v, t, rate, beta1, beta2
        As for `adam_step`.
    epsilon : float
        :math:`\epsilon > 0`; added before the correction.

    Notes
    -----
    Until :math:`\rho_t` passes 5 (the first five updates at :math:`\beta_2 = 0.999`) the
    step is plain momentum, in the units of the gradient.

    References
    ----------
    Liu et al. (2020), "On the Variance of the Adaptive Learning Rate and Beyond",
    algorithm 2; the limit 5 (4 in the paper) and the place of epsilon are PyTorch's.

    Examples
    --------
    >>> theta, m, v = np.array([1.0]), np.zeros(1), np.zeros(1)
    >>> radam_step(theta, np.array([2.0]), m, v, 1, 0.1, 0.9, 0.999, 1e-8)
    >>> theta
    array([0.8])
    """
    m *= beta1
    m += (1 - beta1) * grad
    v *= beta2
    v += (1 - beta2) * (grad * grad)
    corrected = m / bias_correction(beta1, t)
    rectified = radam_rectification(t, beta2)
    if rectified > 0:
        root = math.sqrt(rectified * bias_correction(beta2, t))
        corrected *= root / (np.sqrt(v) + epsilon)
    param -= rate * corrected


def radam_rectification(t: int, beta2: float) -> float:
    r"""Return :math:`r_t^2` of `radam_step`, 0 while :math:`\rho_t \le 5`.

    Parameters
    ----------
    t : int
        :math:`t \ge 1`.
    beta2 : float
        :math:`0 \le \beta_2 < 1`.

    References
    ----------
    Liu et al. (2020), "On the Variance of the Adaptive Learning Rate and Beyond", section 4.

    Examples
    --------
    >>> [round(radam_rectification(t, 0.999), 7) for t in (5, 6, 1000)]
    [0.0, 0.0006667, 0.4164452]
    """
    limit = 2 / (1 - beta2) - 1
    length = limit - 2 * t * beta2**t / bias_correction(beta2, t)
    if length <= 5:
        return 0.0
    return (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)
