"""The optimizers' steps, each one pass over a stretch of θ on which its factors are equal.

The optimizer's vectors follow each other from `slots` on, with as many numbers each as there
are parameters. The equations are those of `glassnet.formulas.optimizers`.
"""

import math

from numba.extending import register_jitable

from glassnet.engines.compiled.bits import span
from glassnet.engines.compiled.gradients import STRETCH, stretch
from glassnet.engines.compiled.operands import operands

__all__ = ["KERNELS"]

_OPERANDS = *STRETCH, "slots", "parameters", "is_first"


def _rule(*settings):
    """Return a decorator for a rule that reads these settings of its optimizer."""
    return operands(*_OPERANDS, constants=("rate_factor", "decay", *settings))


@register_jitable
def _slot(memory, at, number):
    """Return the optimizer's vector of that number, on the stretch."""
    return span(memory, at.slots + number * at.parameters + at.begin, at.count)


@register_jitable
def _rate(constants, reals):
    """Return the learning rate of this update on the stretch."""
    return reals.rate * constants.rate_factor


@_rule()
def sgd(theta, memory, at, constants, context, reals):
    """Step against the gradient."""
    w, g = stretch(theta, memory, at)
    rate = w.dtype.type(_rate(constants, reals))
    for i in range(w.size):
        w[i] -= rate * g[i]


@_rule("momentum", "nesterov")
def momentum(theta, memory, at, constants, context, reals):
    """Step along a velocity."""
    w, g = stretch(theta, memory, at)
    velocity = _slot(memory, at, 0)
    T = w.dtype.type
    rate = T(_rate(constants, reals))
    kept = T(constants.momentum)
    nesterov = constants.nesterov != 0
    again, straight = (kept, rate) if nesterov else (T(1), T(0))
    for i in range(w.size):
        velocity[i] = kept * velocity[i] + rate * g[i]
        w[i] -= again * velocity[i] + straight * g[i]


@_rule("epsilon")
def adagrad(theta, memory, at, constants, context, reals):
    """Step by the gradient over the root of its summed squares."""
    w, g = stretch(theta, memory, at)
    s = _slot(memory, at, 0)
    T = w.dtype.type
    rate, epsilon = T(_rate(constants, reals)), T(constants.epsilon)
    for i in range(w.size):
        s[i] += g[i] * g[i]
        w[i] -= rate * g[i] / (math.sqrt(s[i]) + epsilon)


@_rule("rho", "epsilon")
def adadelta(theta, memory, at, constants, context, reals):
    """Step by the gradient in the units of earlier steps."""
    w, g = stretch(theta, memory, at)
    s, r = _slot(memory, at, 0), _slot(memory, at, 1)
    T = w.dtype.type
    rate, rho, new = T(_rate(constants, reals)), T(constants.rho), T(1 - constants.rho)
    epsilon = T(constants.epsilon)
    for i in range(w.size):
        s[i] = rho * s[i] + new * (g[i] * g[i])
        d = math.sqrt(r[i] + epsilon) / math.sqrt(s[i] + epsilon) * g[i]
        r[i] = rho * r[i] + new * (d * d)
        w[i] -= rate * d


@_rule("rho", "epsilon", "momentum", "centred")
def rmsprop(theta, memory, at, constants, context, reals):
    """Step over the root mean square."""
    w, g = stretch(theta, memory, at)
    T = w.dtype.type
    rate, rho, new = T(_rate(constants, reals)), T(constants.rho), T(1 - constants.rho)
    epsilon, kept = T(constants.epsilon), T(constants.momentum)
    centred, moving = constants.centred != 0, constants.momentum != 0
    s = _slot(memory, at, 0)
    mean = _slot(memory, at, 1 if centred else 0)
    velocity = _slot(memory, at, (2 if centred else 1) if moving else 0)
    for i in range(w.size):
        s[i] = rho * s[i] + new * (g[i] * g[i])
        spread = s[i]
        if centred:
            mean[i] = rho * mean[i] + new * g[i]
            spread = max(s[i] - mean[i] * mean[i], T(0))
        d = g[i] / (math.sqrt(spread) + epsilon)
        if moving:
            velocity[i] = kept * velocity[i] + d
            d = velocity[i]
        w[i] -= rate * d


@_rule("beta1", "beta2", "epsilon", "amsgrad", "epsilon_before_correction", "decoupled")
def adam(theta, memory, at, constants, context, reals):
    """Step by Adam."""
    w, g = stretch(theta, memory, at)
    m, v = _slot(memory, at, 0), _slot(memory, at, 1)
    T, t = w.dtype.type, context.step
    rate, beta1, beta2 = _rate(constants, reals), constants.beta1, constants.beta2
    root = math.sqrt(1 - beta2**t)
    eta, inverse, epsilon = T(rate / (1 - beta1**t)), T(1 / root), T(constants.epsilon)
    if constants.epsilon_before_correction != 0:
        eta, inverse = T(rate * (root / (1 - beta1**t))), T(1)
    shrink = T(1 - rate * constants.decay) if constants.decoupled != 0 else T(1)
    b1, c1, b2, c2 = T(beta1), T(1 - beta1), T(beta2), T(1 - beta2)
    if constants.amsgrad != 0:
        v_max = _slot(memory, at, 2)
        for i in range(w.size):
            m[i] = b1 * m[i] + c1 * g[i]
            v[i] = b2 * v[i] + c2 * (g[i] * g[i])
            v_max[i] = v[i] if v[i] > v_max[i] else v_max[i]
            step = eta * m[i] / (math.sqrt(v_max[i]) * inverse + epsilon)
            w[i] = shrink * w[i] - step
        return
    for i in range(w.size):
        m[i] = b1 * m[i] + c1 * g[i]
        v[i] = b2 * v[i] + c2 * (g[i] * g[i])
        w[i] = shrink * w[i] - eta * m[i] / (math.sqrt(v[i]) * inverse + epsilon)


@_rule("beta1", "beta2", "epsilon")
def adamax(theta, memory, at, constants, context, reals):
    """Step by Adam with the greatest size in place of a mean."""
    w, g = stretch(theta, memory, at)
    m, u = _slot(memory, at, 0), _slot(memory, at, 1)
    T = w.dtype.type
    beta1, beta2, epsilon = T(constants.beta1), T(constants.beta2), T(constants.epsilon)
    new = T(1 - constants.beta1)
    rate = T(_rate(constants, reals) / (1 - constants.beta1**context.step))
    for i in range(w.size):
        m[i] = beta1 * m[i] + new * g[i]
        old, size = beta2 * u[i], abs(g[i]) + epsilon
        u[i] = old if old > size else size
        w[i] -= rate * m[i] / u[i]


@_rule("beta1", "beta2", "epsilon", "momentum_decay")
def nadam(theta, memory, at, constants, context, reals):
    """Step by Adam with look-ahead."""
    w, g = stretch(theta, memory, at)
    m, v = _slot(memory, at, 0), _slot(memory, at, 1)
    T, t, beta1, beta2 = w.dtype.type, context.step, constants.beta1, constants.beta2
    mu = beta1 * (1 - 0.5 * 0.96 ** (t * constants.momentum_decay))
    ahead = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * constants.momentum_decay))
    if at.is_first:
        reals.product *= mu
    product = reals.product
    by_g, by_m = T((1 - mu) / (1 - product)), T(ahead / (1 - product * ahead))
    rate = T(_rate(constants, reals))
    epsilon = T(constants.epsilon)
    inverse = T(1 / (1 - beta2**t))
    b1, c1, b2, c2 = T(beta1), T(1 - beta1), T(beta2), T(1 - beta2)
    for i in range(w.size):
        m[i] = b1 * m[i] + c1 * g[i]
        v[i] = b2 * v[i] + c2 * (g[i] * g[i])
        mixed = by_g * g[i] + by_m * m[i]
        w[i] -= rate * mixed / (math.sqrt(v[i] * inverse) + epsilon)


@_rule("beta1", "beta2", "epsilon")
def radam(theta, memory, at, constants, context, reals):
    """Step by Adam, tempered at its start."""
    w, g = stretch(theta, memory, at)
    m, v = _slot(memory, at, 0), _slot(memory, at, 1)
    T, t, beta1, beta2 = w.dtype.type, context.step, constants.beta1, constants.beta2
    correction = 1 - beta2**t
    limit = 2 / (1 - beta2) - 1
    length = limit - 2 * t * beta2**t / correction
    rate, epsilon = T(_rate(constants, reals) / (1 - beta1**t)), T(constants.epsilon)
    b1, c1, b2, c2 = T(beta1), T(1 - beta1), T(beta2), T(1 - beta2)
    tempered, rectified = length > 5, 1.0
    if tempered:
        rectified = (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)
    by = T(math.sqrt(rectified * correction))
    for i in range(w.size):
        m[i] = b1 * m[i] + c1 * g[i]
        v[i] = b2 * v[i] + c2 * (g[i] * g[i])
        scale = by / (math.sqrt(v[i]) + epsilon) if tempered else T(1)
        w[i] -= rate * m[i] * scale


@_rule("beta1", "beta2")
def lion(theta, memory, at, constants, context, reals):
    """Step by the sign of a mix."""
    w, g = stretch(theta, memory, at)
    m = _slot(memory, at, 0)
    T = w.dtype.type
    beta1, beta2 = constants.beta1, constants.beta2
    rate, decay = T(_rate(constants, reals)), T(constants.decay)
    b1, c1, b2, c2 = T(beta1), T(1 - beta1), T(beta2), T(1 - beta2)
    for i in range(w.size):
        mixed = b1 * m[i] + c1 * g[i]
        sign = T(1) if mixed > T(0) else (T(-1) if mixed < T(0) else T(0))
        w[i] -= rate * (sign + decay * w[i])
        m[i] = b2 * m[i] + c2 * g[i]


KERNELS = {
    "sgd": sgd,
    "momentum": momentum,
    "adagrad": adagrad,
    "adadelta": adadelta,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adam,
    "adamax": adamax,
    "nadam": nadam,
    "radam": radam,
    "lion": lion,
}
