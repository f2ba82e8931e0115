"""Record `losses.npz`: values and gradients of every loss, computed by mpmath.

For float32 and float64 it holds, for each loss of one output, ``<loss>_y_<dtype>`` and
``<loss>_f_<dtype>`` (targets and logits), ``<loss>_value_<dtype>`` and
``<loss>_gradient_<dtype>``: the exact results, rounded once. For the categorical
cross-entropy these have a row of 4 classes per sample. A loss is named by its text in the
catalogue. Made with mpmath 1.3.0:

    python tests/data/record_losses.py
"""

from pathlib import Path

import mpmath as mp
import numpy as np

DIGITS = 60
Q, DELTA, SMOOTHING = mp.mpf(0.9), mp.mpf(0.75), mp.mpf(0.1)  # as float64 holds them


def minus_log_sigmoid(f):
    return mp.log1p(mp.exp(-f)) if f > 0 else mp.log1p(mp.exp(f)) - f


def sigmoid(f):
    return 1 / (1 + mp.exp(-f))


def binary(smoothing):
    def parts(y):
        return (1 - smoothing) * y + smoothing / 2, (1 - smoothing) * (1 - y) + smoothing / 2

    def value(y, f):
        yes, no = parts(y)
        return yes * minus_log_sigmoid(f) + no * minus_log_sigmoid(-f)

    def gradient(y, f):
        yes, no = parts(y)
        return no * sigmoid(f) - yes * sigmoid(-f)

    return value, gradient


def huber(y, f):
    r = abs(f - y)
    return r * r / 2 if r <= DELTA else DELTA * (r - DELTA / 2)


def margin(y, f):
    return max(0, 1 - (f if y == 1 else -f))


def poisson(y, f):
    return mp.exp(f) + (y * (mp.log(y) - f) - y if y > 0 else 0)


# Targets; value and gradient of one output. At a kink the gradient is the catalogue's choice.
NUMBERS, COUNTS, ANSWERS = [0, 1, -3.75, 1e-3, 2.5e5], [0, 1e-3, 1, 3, 1000], [0, 1]
ONE_OUTPUT = {
    "squared_error": (NUMBERS, lambda y, f: (f - y) ** 2 / 2, lambda y, f: f - y),
    "absolute_error": (NUMBERS, lambda y, f: abs(f - y), lambda y, f: mp.sign(f - y)),
    "huber(0.75)": (NUMBERS, huber, lambda y, f: min(max(f - y, -DELTA), DELTA)),
    "quantile(0.9)": (
        NUMBERS,
        lambda y, f: max(Q * (y - f), (1 - Q) * (f - y)),
        lambda y, f: (f > y) - Q if f != y else 0,
    ),
    "poisson": (COUNTS, poisson, lambda y, f: mp.exp(f) - y),
    "binary_cross_entropy": ([0, 1, 0.3, 1e-5], *binary(mp.mpf(0))),
    "binary_cross_entropy(0.1)": ([0, 1, 0.3], *binary(SMOOTHING)),
    "hinge": (ANSWERS, margin, lambda y, f: (margin(y, f) > 0) * (1 - 2 * y)),
    "squared_hinge": (
        ANSWERS,
        lambda y, f: margin(y, f) ** 2,
        lambda y, f: 2 * margin(y, f) * (1 - 2 * y),
    ),
}
CATEGORICAL = {
    "categorical_cross_entropy": mp.mpf(0),
    "categorical_cross_entropy(0.1)": SMOOTHING,
}


def categorical(y, f, smoothing):
    """Return value and gradient of one sample of several classes."""
    t = [(1 - smoothing) * target + smoothing / len(y) for target in y]
    top = f.index(max(f))
    others = mp.fsum(mp.exp(x - f[top]) for j, x in enumerate(f) if j != top)
    value = mp.fsum(tj * (f[top] - x + mp.log1p(others)) for tj, x in zip(t, f, strict=True))
    p = [mp.exp(x - f[top]) / (1 + others) for x in f]
    return value, [mp.fsum(t) * pj - tj for pj, tj in zip(p, t, strict=True)]


def exact(numbers):
    return [mp.mpf(float(x)) for x in numbers]


def rounded(numbers, dtype):
    with np.errstate(over="ignore", under="ignore"):
        return np.array(numbers, dtype=float).astype(dtype)


def logits(dtype, targets):
    """Return logits: common ones, up to the greatest that must be exact, the kinks, ±1e30."""
    reach = 80 if dtype is np.float32 else 1e4
    sizes = [*np.logspace(-8, np.log10(reach), 33), 1, 1e-30, 1e30]
    both = np.array([0, *sizes, *(-x for x in sizes), *targets, 0.75, 1.75, -3, -4.5])
    near_fit = [np.log(y) + h for y in targets if y > 0 for h in (-0.9, -1e-4, 1e-9, 1e-3, 1.1)]
    return np.unique(np.concatenate([both, near_fit]).astype(dtype))


def rows(dtype):
    """Return one-hot and soft targets with logits, shape (n, 4) each."""
    rng = np.random.default_rng(0)
    scales = [1e-30, 1e-8, 1e-2, 1, 1, 3, 10, 25, 1e30] + [1e3] * (dtype is np.float64)
    f = np.concatenate([scale * rng.standard_normal((10, 4)) for scale in scales])
    f = np.concatenate([f, [[0, 0, 0, 0], [80, -80, 80, 0], [5, 5, 5, 4.5]]])
    soft = np.exp2(-rng.integers(1, 8, size=f.shape))  # need not add up to 1
    y = np.where(rng.random((len(f), 1)) < 0.8, np.eye(4)[rng.integers(4, size=len(f))], soft)
    right = rng.standard_normal((20, 4))  # the true class leads, so that the loss is tiny
    right[:, 0] += np.linspace(1, 75, 20)
    y = np.concatenate([y, np.eye(4)[np.zeros(20, int)]])
    return y.astype(dtype), np.concatenate([f, right]).astype(dtype)


def one_output(name, dtype):
    """Return targets, logits, values and gradients on a grid of targets and logits."""
    targets, value, gradient = ONE_OUTPUT[name]
    grid = np.meshgrid(np.array(targets, dtype), logits(dtype, targets))
    y, f = (axis.ravel() for axis in grid)
    pairs = list(zip(exact(y), exact(f), strict=True))
    return y, f, [float(value(*pair)) for pair in pairs], [float(gradient(*p)) for p in pairs]


def several_classes(name, dtype):
    """Return targets, logits, values and gradients of rows of classes."""
    y, f = rows(dtype)
    results = [
        categorical(exact(a), exact(b), CATEGORICAL[name]) for a, b in zip(y, f, strict=True)
    ]
    gradients = [[float(x) for x in gradient] for _, gradient in results]
    return y, f, [float(value) for value, _ in results], gradients


def main():
    """Write the file."""
    arrays = {}
    for dtype in (np.float32, np.float64):
        for name in (*ONE_OUTPUT, *CATEGORICAL):
            record = several_classes if name in CATEGORICAL else one_output
            found = record(name, dtype)
            for part, numbers in zip(("y", "f", "value", "gradient"), found, strict=True):
                arrays[f"{name}_{part}_{dtype.__name__}"] = rounded(numbers, dtype)
    target = Path(__file__).with_name("losses.npz")
    np.savez_compressed(target, **arrays)
    print(f"{target.name}: {target.stat().st_size // 1000} kB, mpmath {mp.__version__}")


if __name__ == "__main__":
    with mp.workdps(DIGITS):
        main()
