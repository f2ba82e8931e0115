"""The optimizers' steps, each one pass over a stretch of θ on which its factors are equal.

Operands: where the stretch begins, its parameters, where the gradient stands in memory, where
the first slot does (the others follow it), how many parameters there are in all, and
whether it is the first stretch. ``numbers`` begin with the factor on the learning rate and
the weight decay; what else they hold each kernel says. The equations are those of
`glassnet.formulas.optimizers`.
"""

import math

from numba.extending import register_jitable

from glassnet.engines.compiled.bits import span
from glassnet.engines.compiled.gradients import stretch
from glassnet.engines.compiled.layout import PRODUCT, RATE, STEP
from glassnet.engines.compiled.operands import operands

__all__ = ["KERNELS", "SETTINGS"]

_of_stretch = operands("begin", "count", "gradient", "slots", "parameters", "is_first")


@register_jitable
def _slot(memory, at, number):
    """Return the optimizer's vector of that number, on the stretch."""
    return span(memory, at[3] + number * at[4] + at[0], at[1])


@_of_stretch
def sgd(theta, memory, at, numbers, context, reals):
    """Step against the gradient."""
    w, g = stretch(theta, memory, at)
    rate = w.dtype.type(reals[RATE] * numbers[0])
    for i in range(w.size):
        w[i] -= rate * g[i]


@_of_stretch
def momentum(theta, memory, at, numbers, context, reals):
    """Step along a velocity: momentum, nesterov."""
    w, g = stretch(theta, memory, at)
    velocity = _slot(memory, at, 0)
    T = w.dtype.type
    rate, kept, nesterov = T(reals[RATE] * numbers[0]), T(numbers[2]), numbers[3] != 0
    again, straight = (kept, rate) if nesterov else (T(1), T(0))
    for i in range(w.size):
        velocity[i] = kept * velocity[i] + rate * g[i]
        w[i] -= again * velocity[i] + straight * g[i]


@_of_stretch
def adagrad(theta, memory, at, numbers, context, reals):
    """Step by the gradient over the root of its summed squares: epsilon."""
    w, g = stretch(theta, memory, at)
    s = _slot(memory, at, 0)
    T = w.dtype.type
    rate, epsilon = T(reals[RATE] * numbers[0]), T(numbers[2])
    for i in range(w.size):
        s[i] += g[i] * g[i]
        w[i] -= rate * g[i] / (math.sqrt(s[i]) + epsilon)


@_of_stretch
def adadelta(theta, memory, at, numbers, context, reals):
    """Step by the gradient in the units of earlier steps: rho, epsilon."""
    w, g = stretch(theta, memory, at)
    s, r = _slot(memory, at, 0), _slot(memory, at, 1)
    T = w.dtype.type
    rate, rho, new = T(reals[RATE] * numbers[0]), T(numbers[2]), T(1 - numbers[2])
    epsilon = T(numbers[3])
    for i in range(w.size):
        s[i] = rho * s[i] + new * (g[i] * g[i])
        d = math.sqrt(r[i] + epsilon) / math.sqrt(s[i] + epsilon) * g[i]
        r[i] = rho * r[i] + new * (d * d)
        w[i] -= rate * d


@_of_stretch
def rmsprop(theta, memory, at, numbers, context, reals):
    """Step over the root mean square: rho, epsilon, momentum, centred."""
    w, g = stretch(theta, memory, at)
    T = w.dtype.type
    rate, rho, new = T(reals[RATE] * numbers[0]), T(numbers[2]), T(1 - numbers[2])
    epsilon, kept = T(numbers[3]), T(numbers[4])
    centred, moving = numbers[5] != 0, numbers[4] != 0
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


@_of_stretch
def adam(theta, memory, at, numbers, context, reals):
    """Step by Adam: beta1, beta2, epsilon, amsgrad, epsilon before correction, decoupled."""
    w, g = stretch(theta, memory, at)
    m, v = _slot(memory, at, 0), _slot(memory, at, 1)
    T, t = w.dtype.type, context[STEP]
    rate, beta1, beta2 = reals[RATE] * numbers[0], numbers[2], numbers[3]
    root = math.sqrt(1 - beta2**t)
    eta, inverse, epsilon = T(rate / (1 - beta1**t)), T(1 / root), T(numbers[4])
    if numbers[6] != 0:
        eta, inverse = T(rate * (root / (1 - beta1**t))), T(1)
    shrink = T(1 - rate * numbers[1]) if numbers[7] != 0 else T(1)
    b1, c1, b2, c2 = T(beta1), T(1 - beta1), T(beta2), T(1 - beta2)
    if numbers[5] != 0:
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


@_of_stretch
def adamax(theta, memory, at, numbers, context, reals):
    """Step by Adam with the greatest size in place of a mean: beta1, beta2, epsilon."""
    w, g = stretch(theta, memory, at)
    m, u = _slot(memory, at, 0), _slot(memory, at, 1)
    T = w.dtype.type
    beta1, beta2, epsilon = T(numbers[2]), T(numbers[3]), T(numbers[4])
    new = T(1 - numbers[2])
    rate = T(reals[RATE] * numbers[0] / (1 - numbers[2] ** context[STEP]))
    for i in range(w.size):
        m[i] = beta1 * m[i] + new * g[i]
        old, size = beta2 * u[i], abs(g[i]) + epsilon
        u[i] = old if old > size else size
        w[i] -= rate * m[i] / u[i]


@_of_stretch
def nadam(theta, memory, at, numbers, context, reals):
    """Step by Adam with look-ahead: beta1, beta2, epsilon, momentum decay."""
    w, g = stretch(theta, memory, at)
    m, v = _slot(memory, at, 0), _slot(memory, at, 1)
    T, t, beta1, beta2 = w.dtype.type, context[STEP], numbers[2], numbers[3]
    mu = beta1 * (1 - 0.5 * 0.96 ** (t * numbers[5]))
    ahead = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * numbers[5]))
    if at[5]:
        reals[PRODUCT] *= mu
    product = reals[PRODUCT]
    by_g, by_m = T((1 - mu) / (1 - product)), T(ahead / (1 - product * ahead))
    rate, epsilon, inverse = T(reals[RATE] * numbers[0]), T(numbers[4]), T(1 / (1 - beta2**t))
    b1, c1, b2, c2 = T(beta1), T(1 - beta1), T(beta2), T(1 - beta2)
    for i in range(w.size):
        m[i] = b1 * m[i] + c1 * g[i]
        v[i] = b2 * v[i] + c2 * (g[i] * g[i])
        mixed = by_g * g[i] + by_m * m[i]
        w[i] -= rate * mixed / (math.sqrt(v[i] * inverse) + epsilon)


@_of_stretch
def radam(theta, memory, at, numbers, context, reals):
    """Step by Adam, tempered at its start: beta1, beta2, epsilon."""
    w, g = stretch(theta, memory, at)
    m, v = _slot(memory, at, 0), _slot(memory, at, 1)
    T, t, beta1, beta2 = w.dtype.type, context[STEP], numbers[2], numbers[3]
    memory_of = 1 - beta2**t
    limit = 2 / (1 - beta2) - 1
    length = limit - 2 * t * beta2**t / memory_of
    rate, epsilon = T(reals[RATE] * numbers[0] / (1 - beta1**t)), T(numbers[4])
    b1, c1, b2, c2 = T(beta1), T(1 - beta1), T(beta2), T(1 - beta2)
    tempered, kept = length > 5, 1.0
    if tempered:
        kept = (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)
    by = T(math.sqrt(kept * memory_of))
    for i in range(w.size):
        m[i] = b1 * m[i] + c1 * g[i]
        v[i] = b2 * v[i] + c2 * (g[i] * g[i])
        scale = by / (math.sqrt(v[i]) + epsilon) if tempered else T(1)
        w[i] -= rate * m[i] * scale


@_of_stretch
def lion(theta, memory, at, numbers, context, reals):
    """Step by the sign of a mix: beta1, beta2."""
    w, g = stretch(theta, memory, at)
    m = _slot(memory, at, 0)
    T = w.dtype.type
    rate, decay = T(reals[RATE] * numbers[0]), T(numbers[1])
    b1, c1, b2, c2 = T(numbers[2]), T(1 - numbers[2]), T(numbers[3]), T(1 - numbers[3])
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

SETTINGS = {
    "sgd": (),
    "momentum": ("momentum", "nesterov"),
    "adagrad": ("epsilon",),
    "adadelta": ("rho", "epsilon"),
    "rmsprop": ("rho", "epsilon", "momentum", "centred"),
    "adam": ("beta1", "beta2", "epsilon", "amsgrad", "epsilon_before_correction"),
    "adamw": ("beta1", "beta2", "epsilon", "amsgrad", "", "decoupled"),
    "adamax": ("beta1", "beta2", "epsilon"),
    "nadam": ("beta1", "beta2", "epsilon", "momentum_decay"),
    "radam": ("beta1", "beta2", "epsilon"),
    "lion": ("beta1", "beta2"),
}
