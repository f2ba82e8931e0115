"""Derive the coefficients of `glassnet.formulas.special.normal_cdf` and print them.

The scaled tail ``(1 + z) exp(z²/2) Φ(-z)`` is nearly constant on ``0 <= z <= last``. In the
variable ``t = (z - 4) / (z + 4)`` it is interpolated at Chebyshev nodes with 60 digits
(relative error close to the best that a polynomial of the degree can reach), and each
coefficient is then rounded once. Run with mpmath 1.3:

    python tests/data/derive_normal_cdf.py
"""

import mpmath as mp

KNEE = 4


def scaled_tail(z: mp.mpf) -> mp.mpf:
    """Return ``(1 + z) exp(z²/2) Φ(-z)``."""
    return (1 + z) * mp.exp(z * z / 2) * mp.erfc(z / mp.sqrt(2)) / 2


def coefficients(degree: int, last: int) -> list[mp.mpf]:
    """Return the polynomial in t, lowest power first, for ``0 <= z <= last``."""
    with mp.workdps(60):
        low, high = mp.mpf(-1), mp.mpf(last - KNEE) / (last + KNEE)
        nodes = [
            (low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * j + 1) / (2 * degree + 2))
            for j in range(degree + 1)
        ]
        divided = [scaled_tail(KNEE * (1 + t) / (1 - t)) for t in nodes]
        for j in range(1, degree + 1):
            for i in range(degree, j - 1, -1):
                divided[i] = (divided[i] - divided[i - 1]) / (nodes[i] - nodes[i - j])
        polynomial = [divided[-1]]
        for i in range(degree - 1, -1, -1):
            shifted = [mp.mpf(0), *polynomial]
            for power, value in enumerate(polynomial):
                shifted[power] -= nodes[i] * value
            shifted[0] += divided[i]
            polynomial = shifted
        return polynomial


if __name__ == "__main__":
    for name, degree, last, digits in (("float32", 10, 15, 10), ("float64", 22, 39, 18)):
        print(name)
        for value in reversed(coefficients(degree, last)):
            print(f"    {mp.nstr(value, digits, min_fixed=0, max_fixed=0)},")
