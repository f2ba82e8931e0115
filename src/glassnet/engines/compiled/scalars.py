"""The scalar pairs: value and slope of each activation, value and gradient of each loss.

They stand in the order of the catalogue, one pair per record, and each is the formula of
that name in `glassnet.formulas`, where its equation and its source are: this is the one
place where a formula is written a second time. `T(1)` is 1 in the precision of the
argument; a bare ``1.0`` would widen float32.

An activation is ``value(z, p)`` and ``slope(z, a, p)``, an element of a loss ``value(y, f,
p)`` and ``gradient(y, f, p)``, with `p` the record's one parameter where it has one.
"""

from glassnet.engines.compiled.bits import scalar, weighted
from glassnet.engines.compiled.mathematics import (
    exp,
    exp_negative,
    expm1,
    log,
    log1p_unit,
    normal,
    tanh,
)

__all__ = ["ACTIVATIONS", "LOSSES"]

_SELU_SCALE = 1.0507009873554805
_SELU_DEPTH = 1.7580993408473768
_GELU_CUBIC = 0.044715
_GELU_RATE = 1.5957691216057308  # 2 √(2/π)


@scalar
def _clip(x, low, high):
    x = low if x < low else x
    return high if x > high else x


@scalar
def _sign(x):
    T = type(x)
    return x if x == T(0) or x != x else (T(1) if x > T(0) else T(-1))


# --- activations -------------------------------------------------------------------------


@scalar
def _identity(z, p):
    return z


@scalar
def _identity_slope(z, a, p):
    return type(z)(1)


@scalar
def _step(z, p):
    T = type(z)
    return T(0) if z < T(0) else (T(1) if z >= T(0) else z)


@scalar
def _step_slope(z, a, p):
    return type(z)(0)


@scalar
def _sigmoid(z, p):
    T = type(z)
    e = exp_negative(-abs(z))
    return (T(1) if z >= T(0) else e) / (T(1) + e)


@scalar
def _sigmoid_slope(z, a, p):
    return a * (type(a)(1) - a)


@scalar
def _hyperbolic(z, p):
    return tanh(z)


@scalar
def _hyperbolic_slope(z, a, p):
    T = type(a)
    return (T(1) - a) * (T(1) + a)


@scalar
def _relu(z, p):
    T = type(z)
    return T(0) if z < T(0) else z


@scalar
def _relu_slope(z, a, p):
    T = type(a)
    return T(1) if a > T(0) else a  # 0 or NaN


@scalar
def _leaky_relu(z, p):
    return z if z > type(z)(0) else p * z


@scalar
def _leaky_relu_slope(z, a, p):
    T = type(z)
    return T(1) if z > T(0) else (p if z <= T(0) else z)


@scalar
def _elu(z, p):
    T = type(z)
    return z if z > T(0) else p * expm1(z)


@scalar
def _elu_slope(z, a, p):
    T = type(z)
    return T(1) if z > T(0) else a + p


@scalar
def _swish(z, p):
    T = type(z)
    return (T(-1000) if z < T(-1000) else z) * _sigmoid(z, p)


@scalar
def _swish_slope(z, a, p):
    T = type(z)
    near = _clip(z, T(-1000), T(1000))
    return _sigmoid(near, p) * (T(1) + near * _sigmoid(-near, p))


@scalar
def _gelu(z, p):
    T = type(z)
    return (T(-40) if z < T(-40) else z) * normal(z)[0]


@scalar
def _gelu_slope(z, a, p):
    T = type(z)
    near = _clip(z, T(-40), T(40))
    cdf, density = normal(near)
    return cdf + near * density


@scalar
def _gelu_tanh(z, p):
    T = type(z)
    near = _clip(z, T(-40), T(40))
    gate = _sigmoid(T(_GELU_RATE) * near * (T(1) + T(_GELU_CUBIC) * near * near), p)
    return (T(-40) if z < T(-40) else z) * gate


@scalar
def _gelu_tanh_slope(z, a, p):
    T = type(z)
    near = _clip(z, T(-40), T(40))
    v = T(_GELU_RATE) * near * (T(1) + T(_GELU_CUBIC) * near * near)
    v_slope = T(_GELU_RATE) * (T(1) + T(3 * _GELU_CUBIC) * near * near)
    return _sigmoid(v, p) * (T(1) + near * v_slope * _sigmoid(-v, p))


@scalar
def _softplus(z, p):
    T = type(z)
    return (T(0) if z < T(0) else z) + log1p_unit(exp_negative(-abs(z)))


@scalar
def _softplus_slope(z, a, p):
    return -expm1(-a)


@scalar
def _softsign(z, p):
    T = type(z)
    z = _clip(z, T(-1e30), T(1e30))
    return z / (T(1) + abs(z))


@scalar
def _softsign_slope(z, a, p):
    T = type(z)
    root = T(1) / (T(1) + abs(z))
    return root * root


@scalar
def _selu(z, p):
    T = type(z)
    return T(_SELU_SCALE) * z if z > T(0) else T(_SELU_DEPTH) * expm1(z)


@scalar
def _selu_slope(z, a, p):
    T = type(z)
    return T(_SELU_SCALE) if z > T(0) else a + T(_SELU_DEPTH)


@scalar
def _mish_parts(z):
    """Return e = exp(-|z|), and N and D with ``tanh(softplus(z)) = N / D``."""
    T = type(z)
    e = exp_negative(-abs(z))
    N = T(1) + T(2) * e if z >= T(0) else e * (e + T(2))
    return e, N, N + T(2) * (e * e if z >= T(0) else T(1))


@scalar
def _mish(z, p):
    T = type(z)
    _, N, D = _mish_parts(z)
    return (T(-1000) if z < T(-1000) else z) * (N / D)


@scalar
def _mish_slope(z, a, p):
    T = type(z)
    near = _clip(z, T(-1000), T(40))
    e, N, D = _mish_parts(near)
    root = T(1) / D
    # z sigmoid(z) (1 - N² / D²), multiplied out
    bend = near * (T(4) * (T(1) + e) * (e * e if near >= T(0) else e))
    return root * (N + bend * root)


@scalar
def _hard_sigmoid(z, p):
    T = type(z)
    return _clip(z + T(3), T(0), T(6)) / T(6)


@scalar
def _hard_sigmoid_slope(z, a, p):
    T = type(z)
    return T(1 / 6) if abs(z) < T(3) else (z if z != z else T(0))


@scalar
def _hard_swish(z, p):
    T = type(z)
    return (T(-3) if z < T(-3) else z) * _hard_sigmoid(z, p)


@scalar
def _hard_swish_slope(z, a, p):
    T = type(z)
    return z / T(3) + T(0.5) if abs(z) < T(3) else _clip(z, T(0), T(1))


@scalar
def _relu6(z, p):
    T = type(z)
    return _clip(z, T(0), T(6))


@scalar
def _relu6_slope(z, a, p):
    T = type(z)
    return T(1) if T(0) < z and z < T(6) else (z if z != z else T(0))


@scalar
def _exponential(z, p):
    return exp(z)


@scalar
def _exponential_slope(z, a, p):
    return a


ACTIVATIONS = {
    "identity": (_identity, _identity_slope),
    "step": (_step, _step_slope),
    "sigmoid": (_sigmoid, _sigmoid_slope),
    "tanh": (_hyperbolic, _hyperbolic_slope),
    "relu": (_relu, _relu_slope),
    "leaky_relu": (_leaky_relu, _leaky_relu_slope),
    "elu": (_elu, _elu_slope),
    "swish": (_swish, _swish_slope),
    "gelu": (_gelu, _gelu_slope),
    "gelu_tanh": (_gelu_tanh, _gelu_tanh_slope),
    "softplus": (_softplus, _softplus_slope),
    "softsign": (_softsign, _softsign_slope),
    "selu": (_selu, _selu_slope),
    "mish": (_mish, _mish_slope),
    "hard_sigmoid": (_hard_sigmoid, _hard_sigmoid_slope),
    "hard_swish": (_hard_swish, _hard_swish_slope),
    "relu6": (_relu6, _relu6_slope),
    "exp": (_exponential, _exponential_slope),
}


# --- losses ------------------------------------------------------------------------------


@scalar
def _squared_error(y, f, p):
    return type(f)(0.5) * (f - y) * (f - y)


@scalar
def _squared_error_gradient(y, f, p):
    return f - y


@scalar
def _smooth(y, p):
    T = type(y)
    return (T(1) - p) * y + p * T(0.5)


@scalar
def _binary_cross_entropy(y, f, p):
    T = type(f)
    yes, no = _smooth(y, p), _smooth(T(1) - y, p)
    rest = log1p_unit(exp_negative(-abs(f)))  # _softplus(f) and _softplus(-f) share it
    above = T(0) if f < T(0) else f
    below = T(0) if f > T(0) else -f
    return weighted(yes, below + rest) + weighted(no, above + rest)


@scalar
def _binary_cross_entropy_gradient(y, f, p):
    T = type(f)
    yes, no = _smooth(y, p), _smooth(T(1) - y, p)
    e = exp_negative(-abs(f))
    likely = T(1) / (T(1) + e)
    unlikely = e * likely
    return no * likely - yes * unlikely if f >= T(0) else no * unlikely - yes * likely


@scalar
def _hinge(y, f, p):
    T = type(f)
    short = T(1) - (T(2) * y - T(1)) * f
    return T(0) if short < T(0) else short


@scalar
def _hinge_gradient(y, f, p):
    T = type(f)
    s = T(2) * y - T(1)
    return -s if s * f < T(1) else T(0)


@scalar
def _squared_hinge(y, f, p):
    short = _hinge(y, f, p)
    return short * short


@scalar
def _squared_hinge_gradient(y, f, p):
    T = type(f)
    return T(-2) * (T(2) * y - T(1)) * _hinge(y, f, p)


@scalar
def _huber(y, f, p):
    size = abs(f - y)
    capped = p if size > p else size
    return capped * (size - type(f)(0.5) * capped)


@scalar
def _huber_gradient(y, f, p):
    return _clip(f - y, -p, p)


@scalar
def _absolute_error(y, f, p):
    return abs(f - y)


@scalar
def _absolute_error_gradient(y, f, p):
    return _sign(f - y)


@scalar
def _quantile(y, f, p):
    low, high = p * (y - f), (type(f)(1) - p) * (f - y)
    return high if low < high else low


@scalar
def _quantile_gradient(y, f, p):
    level = -p if f < y else f - y
    return type(f)(1) - p if f > y else level


@scalar
def _poisson(y, f, p):
    T = type(f)
    some = y > T(0)
    d = (T(1e3) if f > T(1e3) else f) - log(y if some else T(1))
    near = y * (expm1(T(1) if d > T(1) else d) - d)
    far = exp(f) - y - weighted(y, d)
    return near if some and d <= T(1) else far


@scalar
def _poisson_gradient(y, f, p):
    return exp(f) - y


LOSSES = {
    "squared_error": (_squared_error, _squared_error_gradient),
    "binary_cross_entropy": (_binary_cross_entropy, _binary_cross_entropy_gradient),
    "hinge": (_hinge, _hinge_gradient),
    "squared_hinge": (_squared_hinge, _squared_hinge_gradient),
    "huber": (_huber, _huber_gradient),
    "absolute_error": (_absolute_error, _absolute_error_gradient),
    "quantile": (_quantile, _quantile_gradient),
    "poisson": (_poisson, _poisson_gradient),
}
