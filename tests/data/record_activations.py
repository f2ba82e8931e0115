"""Record `activations.npz`: values and slopes of every activation, computed by mpmath.

For float32 and float64 it holds the points ``z_<dtype>`` (the whole range of the numbers,
both signs, dense where the curves bend and around every joint and limit of the formulas) and
``<name>_value_<dtype>``, ``<name>_slope_<dtype>``: the exact results, rounded once. Rows for
softmax and log_softmax are ``rows_<dtype>``, shape (n, k). Made with mpmath 1.3.0:

    python tests/data/record_activations.py
"""

from pathlib import Path

import mpmath as mp
import numpy as np

DIGITS = 60
LEAKY, ELU = mp.mpf(0.01), mp.mpf(1)  # the catalogue's default alpha, as float64 holds it
with mp.workdps(DIGITS):
    HALF_ROOT = mp.sqrt(2 * mp.pi)
    # Klambauer et al. (2017), appendix A, in closed form
    SELU_ALPHA = -mp.sqrt(2 / mp.pi) / (mp.erfc(1 / mp.sqrt(2)) * mp.exp(mp.mpf(1) / 2) - 1)
    SELU_SCALE = (
        (1 - mp.erfc(1 / mp.sqrt(2)) * mp.sqrt(mp.e))
        * mp.sqrt(2 * mp.pi)
        * (
            2 * mp.erfc(mp.sqrt(2)) * mp.e**2
            + mp.pi * mp.erfc(1 / mp.sqrt(2)) ** 2 * mp.e
            - 2 * (2 + mp.pi) * mp.erfc(1 / mp.sqrt(2)) * mp.sqrt(mp.e)
            + mp.pi
            + 2
        )
        ** (-mp.mpf(1) / 2)
    )
    GELU_RATE, GELU_CUBIC = 2 * mp.sqrt(2 / mp.pi), mp.mpf("0.044715")


def sigmoid(z):
    return 1 / (1 + mp.exp(-z))


def cdf(z):
    return mp.mpf(z > 0) if abs(z) > 1000 else mp.erfc(-z / mp.sqrt(2)) / 2


def density(z):
    return mp.exp(-z * z / 2) / HALF_ROOT


def softplus(z):
    return mp.log1p(mp.exp(z)) if z < 0 else z + mp.log1p(mp.exp(-z))


def cubic(z):
    return GELU_RATE * (z + GELU_CUBIC * z**3)


def gelu_tanh_slope(z):
    rise = GELU_RATE * (1 + 3 * GELU_CUBIC * z * z)
    return sigmoid(cubic(z)) * (1 + z * rise * sigmoid(-cubic(z)))


def mish_slope(z):
    s = softplus(z)
    return mp.tanh(s) + z * sigmoid(z) * mp.sech(s) ** 2


# name: (value, slope), each of one number. At a kink the slope is the catalogue's choice.
TRUTH = {
    "identity": (lambda z: z, lambda z: 1),
    "step": (lambda z: z >= 0, lambda z: 0),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "tanh": (mp.tanh, lambda z: mp.sech(z) ** 2),
    "relu": (lambda z: max(z, 0), lambda z: z > 0),
    "leaky_relu": (
        lambda z: z if z > 0 else LEAKY * z,
        lambda z: 1 if z > 0 else LEAKY,
    ),
    "elu": (
        lambda z: z if z > 0 else ELU * mp.expm1(z),
        lambda z: 1 if z > 0 else ELU * mp.exp(z),
    ),
    "swish": (
        lambda z: z * sigmoid(z),
        lambda z: sigmoid(z) * (1 + z * sigmoid(-z)),
    ),
    "gelu": (lambda z: z * cdf(z), lambda z: cdf(z) + z * density(z)),
    "gelu_tanh": (lambda z: z * sigmoid(cubic(z)), gelu_tanh_slope),
    "softplus": (softplus, sigmoid),
    "softsign": (lambda z: z / (1 + abs(z)), lambda z: 1 / (1 + abs(z)) ** 2),
    "selu": (
        lambda z: SELU_SCALE * (z if z > 0 else SELU_ALPHA * mp.expm1(z)),
        lambda z: SELU_SCALE * (1 if z > 0 else SELU_ALPHA * mp.exp(z)),
    ),
    "mish": (lambda z: z * mp.tanh(softplus(z)), mish_slope),
    "hard_sigmoid": (
        lambda z: min(max(z + 3, 0), 6) / mp.mpf(6),
        lambda z: mp.mpf(-3 < z < 3) / 6,
    ),
    "hard_swish": (
        lambda z: z * min(max(z + 3, 0), 6) / mp.mpf(6),
        lambda z: z / 3 + mp.mpf(1) / 2 if -3 < z < 3 else z > 0,
    ),
    "relu6": (lambda z: min(max(z, 0), 6), lambda z: 0 < z < 6),
    "exp": (mp.exp, mp.exp),
    "normal_cdf": (cdf, density),
}


def rounded(function, points):
    """Return `function` at each of `points`, exact but for one rounding to their dtype."""
    with mp.workdps(DIGITS):
        exact = [float(mp.mpf(function(mp.mpf(float(z))))) for z in points]
    with np.errstate(over="ignore", under="ignore"):
        return np.array(exact).astype(points.dtype)


def softmax_rows(rows):
    """Return softmax and log_softmax of each row, rounded once."""
    softmax, log_softmax = np.empty_like(rows), np.empty_like(rows)
    with mp.workdps(DIGITS), np.errstate(over="ignore", under="ignore"):
        for i, row in enumerate(rows):
            z = [mp.mpf(float(x)) for x in row]
            top = z.index(max(z))
            others = mp.fsum(mp.exp(x - z[top]) for j, x in enumerate(z) if j != top)
            for j, x in enumerate(z):
                softmax[i, j] = float(mp.exp(x - z[top]) / (1 + others))
                log_softmax[i, j] = float(x - z[top] - mp.log1p(others))
    return softmax, log_softmax


def points(dtype):
    """Return the points of `dtype`: all magnitudes, the bends, and every joint's neighbours."""
    info = np.finfo(dtype)
    with np.errstate(under="ignore"):
        magnitudes = np.concatenate(
            [
                np.logspace(np.log10(info.tiny), np.log10(info.max) - 1e-3, 110),
                np.logspace(-10, 3.2, 80),
                [info.smallest_subnormal, 3.0 * float(info.smallest_subnormal)],
                [info.tiny / 8, info.eps, info.max, 1e30, 1e38],
            ]
        ).astype(dtype)
    # where a formula changes branch, is clipped, overflows or reaches the subnormals
    joints = [0, 1, 1.5, 3, 4, 6, 15, 17, 36.7, 39, 40, 350, 745, 1000, 1e30]
    joints += [87.3365, 88.7228, 103.28, 103.97, 708.396, 709.7827, 744.44]
    joints = np.array(joints, dtype)
    near = [joints, np.nextafter(joints, dtype(0)), np.nextafter(joints, dtype(np.inf))]
    last_exp = dtype(88.72283) if dtype is np.float32 else dtype(709.782712893384)
    for _ in range(3):
        near.append(np.array([last_exp]))
        last_exp = np.nextafter(last_exp, dtype(np.inf))
    selu_end = dtype(info.max / dtype(1.0507009873554805))
    near += [np.array([np.nextafter(selu_end, dtype(0)), selu_end])]
    near += [np.linspace(0, 12, 97).astype(dtype), np.linspace(80, 110, 31).astype(dtype)]
    both = np.concatenate([magnitudes, *near])
    return np.unique(np.concatenate([both, -both]))


def rows(dtype):
    """Return logits, shape (n, 5): common ones, far apart, tied, huge, tiny."""
    rng = np.random.default_rng(0)
    scales = [1e-30, 1e-3, 1.0, 10.0, 30.0, 100.0, 1e3, 1e30]
    random = [scale * rng.standard_normal((8, 5)) for scale in scales]
    shifted = [100.0 + rng.standard_normal((4, 5)), rng.uniform(-90, 90, (8, 5))]
    largest = float(np.finfo(dtype).max)
    special = [
        [0, 0, 0, 0, 0],
        [largest, -largest, 0, 1, largest],
        [-largest, -largest, -largest, -largest, -largest / 2],
        [0, -20, -40, -60, -700],
        [80.3, 0.1, 0.7, -3.3, 79.9],
        [5000.0, 4999.9, 4100.3, 4096.5, 4095.7],
    ]
    return np.concatenate([*random, *shifted, np.array(special)]).astype(dtype)


def main():
    """Write the file."""
    arrays = {}
    for dtype in (np.float32, np.float64):
        kind = dtype.__name__
        arrays[f"z_{kind}"] = z = points(dtype)
        for name, (value, slope) in TRUTH.items():
            arrays[f"{name}_value_{kind}"] = rounded(value, z)
            arrays[f"{name}_slope_{kind}"] = rounded(slope, z)
        arrays[f"rows_{kind}"] = logits = rows(dtype)
        softmax, log_softmax = softmax_rows(logits)
        arrays[f"softmax_value_{kind}"] = softmax
        arrays[f"log_softmax_value_{kind}"] = log_softmax
    target = Path(__file__).with_name("activations.npz")
    np.savez_compressed(target, **arrays)
    print(f"{target.name}: {target.stat().st_size // 1000} kB, mpmath {mp.__version__}")


if __name__ == "__main__":
    main()
