"""What `glassnet info --compile` has compiled is all that ordinary fits need."""

import numpy as np
import pytest

pytest.importorskip("numba")

from glassnet import MLP, Perceptron
from glassnet.engines import ahead
from glassnet.engines.compiled import compilation


def test_large_networks_and_full_batches_have_nothing_left_to_compile():
    ahead.compile_ahead(ahead.fits())
    before = compilation.n_compiled()
    rng = np.random.default_rng(0)
    for sizes, rows, size in [([300, 256, 2], 128, 64), ([9, 40, 6], 2000, 2000)]:
        X = rng.normal(size=(rows, sizes[0])).astype(np.float32)
        net = MLP(sizes, engine="numba", seed=0)
        net.fit(X, np.zeros((rows, sizes[-1])), epochs=2, batch_size=size)
        net.predict(X), net.predict(X[:1])
        Perceptron(engine="numba").fit(X, X[:, 0] > 0)
    assert compilation.n_compiled() == before
