"""Print the polynomials of `glassnet.engines.compiled.mathematics`, and their errors.

Needs mpmath. For exp, with r in ±log(2)/2 and a margin of one per cent:

    exp(r) - 1 = r + r² / 2 + r³ q(r)

and for log, with w the square of s = (m - 1) / (m + 1) and m in [1/√2, √2]:

    atanh(s) = s + s w g(w)

and for log1p of x from 0 to 1 the same, with s = x / (2 + x), which is at most 1/3.
q and g are fitted by Chebyshev interpolation; the error shown is the greatest at 2,000
points, as it enters the result.
"""

from mpmath import atanh, chebyfit, expm1, log, mp, mpf, nstr, polyval, sqrt

mp.dps = 50


def q(r):
    return (expm1(r) - r - r * r / 2) / r**3 if abs(r) > mpf(10) ** -10 else mpf(1) / 6 + r / 24


def g(w):
    if w < mpf(10) ** -12:
        return mpf(1) / 3 + w / 5
    return (atanh(sqrt(w)) / sqrt(w) - 1) / w


def derive(name, function, low, high, scale, degrees):
    for bits, degree in degrees:
        polynomial = chebyfit(function, [low, high], degree + 1)
        points = (low + (high - low) * k / mpf(2001) for k in range(1, 2001))
        error = max(abs(polyval(polynomial, x) - function(x)) for x in points) * scale
        digits = 18 if bits == 64 else 10
        print(f"{name}, float{bits}, degree {degree}: error {nstr(error, 3)}")
        print("   ", ", ".join(nstr(c, digits) for c in polynomial))


if __name__ == "__main__":
    reach = log(2) / 2 * mpf("1.01")
    derive("exp", q, -reach, reach, reach**3, [(32, 3), (32, 4), (64, 8), (64, 9)])
    top = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * mpf("1.02")
    derive("atanh", g, mpf(0), top, top, [(32, 2), (32, 3), (64, 6), (64, 7)])
    top = mpf(1) / 9 * mpf("1.01")
    derive("log1p of 0 to 1", g, mpf(0), top, top, [(32, 4), (32, 5), (64, 9), (64, 10)])
