"""Exponentials and logarithms that vectorise, accurate to a few roundings.

LLVM turns a loop into vector instructions only if all that is called in it can be: these
functions are arithmetic, comparisons and shifts of bits, without branches. NaN passes
through each. `tests/engines/test_numba_mathematics.py` measures their error over the whole
range, and `tests/data/derive_exp_log.py` prints the coefficients again.
"""

import math

from glassnet.engines.compiled.bits import constant, exponent, polynomial, scalar, to_exponent
from glassnet.formulas.special import SCALED_TAIL

__all__ = ["exp", "exp_negative", "expm1", "log", "log1p", "log1p_unit", "normal", "tanh"]

# (exp(r) - 1 - r - r²/2) / r³ on |r| <= ln(2) / 2, highest power first.
_exp_tail = polynomial(
    {
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
)
# (atanh(s) / s - 1) / s² as a polynomial in s², for arguments of log from √½ to √2 ...
_atanh_tail = polynomial(
    {
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
)
# ... and from 1 to 2.
_atanh_tail_wide = polynomial(
    {
        32: (
            0.1042649706,
            0.08724161999,
            0.111330643,
            0.1428512824,
            0.2000000568,
            0.3333333332,
        ),
        64: (
            0.0786330092125158793,
            0.0372064209031564621,
            0.0542829682232303022,
            0.0586643261013302916,
            0.0666764203132183443,
            0.0769226955962279,
            0.0909091001644669505,
            0.11111111098045287,
            0.142857142858086619,
            0.199999999999997346,
            0.333333333333333335,
        ),
    }
)
# Added and taken off again, it rounds to a whole number, which its last bits then hold.
_magic = constant({32: 1.5 * 2.0**23, 64: 1.5 * 2.0**52})
_magic_and_bias = constant({32: 1.5 * 2.0**23 + 127.0, 64: 1.5 * 2.0**52 + 1023.0})
# Likewise, but it rounds to few bits: those of the result's square have room in a number.
_few_bits = constant({32: 1.5 * 2.0**15, 64: 1.5 * 2.0**32})
# ln 2 in two pieces: the first has so few bits that its multiples are exact.
_ln2_high = constant({32: 0.693359375, 64: 6.93147180369123816490e-01})
_ln2_low = constant({32: -2.12194440054690583e-4, 64: 1.90821492927058770002e-10})
# exp is inf and 0 beyond, and not a normal number below the third
_last, _first = constant({32: 89.0, 64: 710.0}), constant({32: -104.0, 64: -746.0})
_first_normal = constant({32: -87.9, 64: -708.9})
_normal_tail = polynomial(SCALED_TAIL)
_normal_last = constant({32: 13.27, 64: 37.66})  # the normal tail is 0 from there on

_LOG2_E, _ROOT_2 = 1 / math.log(2), math.sqrt(2)
_DENSITY = 1 / math.sqrt(2 * math.pi)


@scalar
def _whole(x):
    """Return the nearest whole number to an x that is not large."""
    return (x + _magic(x)) - _magic(x)


@scalar
def _reduced(x):
    """Return a whole number n and r with ``x = n ln 2 + r`` and ``|r| <= ln(2) / 2``."""
    n = _whole(x * type(x)(_LOG2_E))
    return n, (x - n * _ln2_high(x)) - n * _ln2_low(x)


@scalar
def _power_of_two(n):
    """Return ``2 ** n`` for a whole number `n` at which that is a normal number.

    It is 0 at the whole number just below those.
    """
    return to_exponent(n + _magic_and_bias(n))


@scalar
def _grown(r):
    """Return ``exp(r) - 1`` for r from `_reduced`."""
    return r + r * r * (type(r)(0.5) + r * _exp_tail(r))


@scalar
def exp(x):
    """Return e to the power of x; 0 and inf where it leaves the range."""
    T = type(x)
    x = _last(x) if x > _last(x) else x
    x = _first(x) if x < _first(x) else x
    n, r = _reduced(x)
    # In two steps: 2 ** n alone would leave the range before the value does.
    half = _whole(n * T(0.5))
    return (T(1) + _grown(r)) * _power_of_two(half) * _power_of_two(n - half)


@scalar
def exp_negative(x):
    """Return e to the power of x <= 0; 0 in place of what is below the normal numbers."""
    x = _first_normal(x) if x < _first_normal(x) else x
    n, r = _reduced(x)
    return (type(x)(1) + _grown(r)) * _power_of_two(n)


@scalar
def expm1(x):
    """Return ``exp(x) - 1`` for x up to 80, without the loss of digits near 0."""
    T = type(x)
    x = T(-40) if x < T(-40) else x  # -1 from there on, in both precisions
    n, r = _reduced(x)
    scale = _power_of_two(n)
    return scale * _grown(r) + (scale - T(1))


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
    k = exponent(u * T(_ROOT_2))
    m = u * _power_of_two(-k)  # from √½ to √2
    s = (m - T(1)) / (m + T(1))
    w = s * s
    small = T(2) * s
    rest = k * _ln2_low(u) + lost / u
    return k * _ln2_high(u) + (small + (small * w * _atanh_tail(w) + rest))


@scalar
def log1p(x):
    """Return ``log(1 + x)`` for x from 0 to 1e30, without the loss of digits near 0."""
    T = type(x)
    u = T(1) + x
    return _log_of_product(u, x - (u - T(1)))


@scalar
def log1p_unit(x):
    """Return ``log(1 + x)`` for x from 0 to 1, without the loss of digits near 0."""
    T = type(x)
    s = x / (T(2) + x)
    w = s * s
    small = s + s
    return small + small * w * _atanh_tail_wide(w)


@scalar
def log(x):
    """Return the natural logarithm of a normal number above 0."""
    return _log_of_product(x, x - x)


@scalar
def _square_in_exp(d):
    """Return ``exp(-d²/2)`` for d up to `_normal_last`; a large d² loses no digits."""
    T = type(d)
    near = (d + _few_bits(d)) - _few_bits(d)  # its square is exact
    n, r = _reduced(T(-0.5) * (near * near))
    r -= T(0.5) * ((d - near) * (d + near))
    return (T(1) + _grown(r)) * _power_of_two(n)


@scalar
def normal(z):
    """Return the chance that a standard normal number is below z, and the density at z.

    The tail is that of `glassnet.formulas.special`; 0 below the normal numbers.
    """
    T = type(z)
    d = abs(z)
    d = _normal_last(d) if d > _normal_last(d) else d
    e = _square_in_exp(d)
    root = T(1) / ((d + T(4)) * (d + T(1)))  # one division for two
    tail = e * _normal_tail((d - T(4)) * (d + T(1)) * root) * ((d + T(4)) * root)
    return (tail if z < T(0) else T(1) - tail), e * T(_DENSITY)
