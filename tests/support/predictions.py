"""What predictions are compared with."""

import numpy as np

from glassnet.engines import numpy_engine


def close(found, expected, roundings=100):
    assert found.dtype == expected.dtype
    tolerance = roundings * np.finfo(expected.dtype).eps
    size = np.max(np.abs(expected), initial=0.0)
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * size)


def reference(net, X):
    """Return the outputs of an `MLP` by the NumPy engine."""
    return numpy_engine.forward(net.plan, net.state, X)[0]
