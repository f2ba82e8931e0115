"""Every loss by the text that names it, and data that it can take."""

import numpy as np

from glassnet import catalog

NAMES = [record.name for record in catalog.LOSSES]
WITH_PARAMETERS = [
    *NAMES,
    "huber(0.3)",
    "quantile(0.8)",
    "binary_cross_entropy(0.2)",
    "categorical_cross_entropy(0.2)",
]
DTYPES = [np.float32, np.float64]


def value(text, y, f):
    record = catalog.loss(text)
    return record.value(y, f, **dict(record.parameters))


def slope(text, y, f):
    record = catalog.loss(text)
    return record.gradient(y, f, **dict(record.parameters))


def sample(text, n=40, k=3, seed=0):
    """Return targets that the loss can take, logits and weights; no logit near a kink."""
    rng = np.random.default_rng(seed)
    record = catalog.loss(text)
    f = 2 * rng.standard_normal((n, k))
    if record.task == "multiclass":
        y = np.eye(k)[rng.integers(k, size=n)]
    elif record.task == "binary":
        y = rng.integers(0, 2, (n, k)).astype(float)
    elif record.bounds[0] == 0:
        y = rng.poisson(2.0, (n, k)).astype(float)
    else:
        y = f + rng.uniform(0.05, 4.0, (n, k)) * rng.choice([-1, 1], (n, k))
    f += 1e-3 * (np.abs(np.abs(f) - 1) < 1e-3)  # the hinges' corner
    return y, f, rng.uniform(0.1, 3.0, n)
