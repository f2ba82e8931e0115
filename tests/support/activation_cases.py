"""Every activation of the catalogue by kind, and distances between floating-point numbers."""

import numpy as np
import pytest

from glassnet.catalog import ACTIVATIONS, activation

DTYPES = [np.float32, np.float64]
ELEMENTWISE = [record for record in ACTIVATIONS if not record.rowwise]
ROWWISE = [record for record in ACTIVATIONS if record.rowwise]
# Products with z that cross zero: an absolute error is what can be asked of them.
ABSOLUTE = {"swish", "gelu", "gelu_tanh", "mish"}
VARIANTS = [*ELEMENTWISE, activation("leaky_relu(0.2)"), activation("elu(0.5)")]

each = pytest.mark.parametrize("record", ELEMENTWISE, ids=str)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


def slope(record, z, a=None):
    return record.slope(z, record(z) if a is None else a, **dict(record.parameters))


def ulps_apart(x, y):
    """Return how many representable numbers lie from x to y, each; 0 between -0 and 0."""
    bits = np.int32 if x.dtype == np.float32 else np.int64

    def place(number):
        pattern = number.view(bits).astype(object)
        return np.where(pattern >= 0, pattern, -(pattern - int(np.iinfo(bits).min)))

    return np.abs(place(np.ascontiguousarray(x)) - place(np.ascontiguousarray(y)))
