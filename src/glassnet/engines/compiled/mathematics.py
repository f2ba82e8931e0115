"""Exponentials and logarithms that vectorise, accurate to a few roundings.

LLVM turns a loop into vector instructions only if all that is called in it can be: these
functions are arithmetic, comparisons and shifts of bits, without branches. NaN passes
through each. `tests/engines/test_numba_mathematics.py` measures their error over the whole
range, and `tests/data/derive_exp_log.py` prints the coefficients again.
"""

import math

import numpy as np
from numba import types
from numba.extending import overload

from glassnet.engines.compiled.bits import exponent, scalar, to_exponent
from glassnet.formulas.special import _SCALED_TAIL

__all__ = ["exp", "expm1", "log", "log1p", "normal_cdf", "normal_density", "tanh"]

# (exp(r) - 1 - r - r²/2) / r³ on |r| <= ln(2) / 2, highest power first.
_EXP = {
    32: (0.0001988352352, 0.001392692661, 0.008333320387, 0.04166655011, 0.1666666667),
    64: (
        2.09119232068575876e-9,
        2.51013469283503402e-8,
        2.75572815117563921e-7,
        2.75572664186123037e-6,
        2.48015873180920654e-5,
        1.98412698643805133e-4,
        1.38888888888863609e-3,
        8.3333333333297935e-3,
        4.16666666666666673e-2,
        1.66666666666666675e-1,
    ),
}
# (atanh(s) / s - 1) / s² as a polynomial in s², for arguments of log from √½ to √2.
_ATANH = {
    32: (0.1480034554, 0.199941595, 0.3333334309),
    64: (
        0.0732181430095489878,
        0.0766475037710208856,
        0.0909147830403172943,
        0.111111050996321058,
        0.142857143158821673,
        0.199999999999433065,
        0.333333333333333507,
    ),
}
# Added and taken off again, it rounds to a whole number, which its last bits then hold.
_MAGIC = {32: 1.5 * 2.0**23, 64: 1.5 * 2.0**52}
_BIAS = {32: 127.0, 64: 1023.0}
# ln 2 in two pieces: the first has so few bits that its multiples are exact.
_LN2_HIGH = {32: 0.693359375, 64: 6.93147180369123816490e-01}
_LN2_LOW = {32: -2.12194440054690583e-4, 64: 1.90821492927058770002e-10}
_LAST, _FIRST = {32: 89.0, 64: 710.0}, {32: -104.0, 64: -746.0}  # exp is inf and 0 beyond

_LOG2_E, _ROOT_2 = 1 / math.log(2), math.sqrt(2)
_NORMAL = 1 / math.sqrt(2 * math.pi)


def _table(x):
    """Return the constants above in the precision of `x`; in kernels only."""


@overload(_table, jit_options={"forceinline": True})
def _table_of(x):
    width = 32 if x == types.float32 else 64
    real = np.float32 if x == types.float32 else np.float64
    names = (_MAGIC, _BIAS, _LN2_HIGH, _LN2_LOW, _LAST, _FIRST)
    single = tuple(real(name[width]) for name in names)
    polynomials = tuple(
        tuple(real(c) for c in name[width]) for name in (_EXP, _ATANH, _SCALED_TAIL)
    )
    return lambda x: (single, polynomials)


@scalar
def _horner(coefficients, x):
    p = coefficients[0]
    for k in range(1, len(coefficients)):
        p = p * x + coefficients[k]
    return p


@scalar
def _reduced(x):
    """Return a whole number n and r with ``x = n ln 2 + r`` and ``|r| <= ln(2) / 2``."""
    T = type(x)
    (magic, _, high, low, _, _), _ = _table(x)
    n = (x * T(_LOG2_E) + magic) - magic
    return n, (x - n * high) - n * low


@scalar
def _power_of_two(n):
    """Return ``2 ** n`` for a whole number `n` at which that is a normal number."""
    (magic, bias, _, _, _, _), _ = _table(n)
    return to_exponent(n + (magic + bias))


@scalar
def exp(x):
    """Return e to the power of x; 0 and inf where it leaves the range."""
    T = type(x)
    (magic, _, _, _, last, first), (coefficients, _, _) = _table(x)
    x = last if x > last else x
    x = first if x < first else x
    n, r = _reduced(x)
    value = T(1) + (r + r * r * (T(0.5) + r * _horner(coefficients, r)))
    # In two steps: 2 ** n alone would leave the range before the value does.
    half = (n * T(0.5) + magic) - magic
    return value * _power_of_two(half) * _power_of_two(n - half)


@scalar
def expm1(x):
    """Return ``exp(x) - 1`` for x up to 80, without the loss of digits near 0."""
    T = type(x)
    (_, _, _, _, _, _), (coefficients, _, _) = _table(x)
    x = T(-40) if x < T(-40) else x  # -1 from there on, in both precisions
    n, r = _reduced(x)
    scale = _power_of_two(n)
    return scale * (r + r * r * (T(0.5) + r * _horner(coefficients, r))) + (scale - T(1))


@scalar
def tanh(x):
    """Return the hyperbolic tangent."""
    T = type(x)
    size = abs(x)
    size = T(20) if size > T(20) else size  # 1 from there on, in both precisions
    grown = expm1(size + size)
    value = grown / (grown + T(2))
    return -value if x < T(0) else value


@scalar
def _log_of_product(u, lost):
    """Return ``log(u) + lost / u`` for a normal number `u` above 0."""
    T = type(u)
    (_, _, high, low, _, _), (_, coefficients, _) = _table(u)
    k = exponent(u * T(_ROOT_2))
    m = u * _power_of_two(-k)  # from √½ to √2
    s = (m - T(1)) / (m + T(1))
    w = s * s
    small = T(2) * s
    return k * high + (small + (small * w * _horner(coefficients, w) + (k * low + lost / u)))


@scalar
def log1p(x):
    """Return ``log(1 + x)`` for x from 0 to 1e30, without the loss of digits near 0."""
    T = type(x)
    u = T(1) + x
    return _log_of_product(u, x - (u - T(1)))


@scalar
def log(x):
    """Return the natural logarithm of a normal number above 0."""
    return _log_of_product(x, x - x)


@scalar
def normal_density(z):
    """Return the standard normal density; see `glassnet.formulas.special`."""
    T = type(z)
    return exp(T(-0.5) * z * z) * T(_NORMAL)


@scalar
def normal_cdf(z):
    """Return the chance that a standard normal number is below z; see `formulas.special`."""
    T = type(z)
    (_, _, _, _, _, _), (_, _, coefficients) = _table(z)
    distance = abs(z)
    distance = T(40) if distance > T(40) else distance
    t = (distance - T(4)) / (distance + T(4))
    half = T(-0.5) * distance * distance
    tail = exp(half) * _horner(coefficients, t) / (T(1) + distance)
    return tail if z < T(0) else T(1) - tail
