"""Central differences: the judge that needs no other package."""

import numpy as np


def gradient(fun, theta, step=1e-6):
    """Return the gradient of the scalar function `fun` at `theta` by central differences."""
    found = np.empty_like(theta)
    for i in range(theta.size):
        h = step * max(1.0, abs(theta.flat[i]))
        up, down = theta.copy(), theta.copy()
        up.flat[i] += h
        down.flat[i] -= h
        found.flat[i] = (fun(up) - fun(down)) / (up.flat[i] - down.flat[i])
    return found


def relative_error(found, expected):
    """Return the largest difference, relative to the largest expected value."""
    scale = np.max(np.abs(expected), initial=1e-300)
    return float(np.max(np.abs(np.asarray(found) - np.asarray(expected)), initial=0.0) / scale)
