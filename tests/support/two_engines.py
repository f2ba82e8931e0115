"""Training with the compiled engine and with the NumPy engine, which judges it."""

import numpy as np

from glassnet.engines import numba_engine as fast
from glassnet.engines import numpy_engine as slow
from glassnet.engines.data import Batches, Block


def both(plan, state, data, rule, epochs=3, size=4, shuffled=True, one_by_one=False, threads=1):
    """Train with each engine from the same state; return (state, losses, status) of each."""
    n = len(data.y)
    batches = Batches(n, size, no_single=bool(plan.buffers))
    rng = np.random.default_rng(1)
    order = [rng.permutation(n) if shuffled else None for _ in range(epochs)]
    steps = batches.per_epoch
    rates = rule.learning_rate * rng.uniform(0.5, 1, (epochs, steps))
    found = []
    for engine in (slow, fast):
        own = state.copy()
        own.slots = rule.start(own.theta)
        args = plan, own, data, rule
        if one_by_one and engine is fast:
            parts = [
                engine.train(*args, Block([o], r[None], batches))
                for o, r in zip(order, rates, strict=True)
            ]
            losses, status = np.concatenate([p.losses for p in parts]), parts[-1].status
        else:
            losses, status, _ = engine.train(
                *args, Block(order, rates, batches), threads=threads
            )
        found.append((own, losses, status))
    return found


def agree(found, dtype, roundings=2000):
    """Compare all that training changes; a few dozen operations per number and step."""
    (a, losses_a, status_a), (b, losses_b, status_b) = found
    assert status_a == status_b
    assert a.step == b.step
    tolerance = roundings * np.finfo(dtype).eps
    pairs = [(a.theta, b.theta), (a.buffers, b.buffers), (losses_a, losses_b)]
    pairs += [(a.slots[name], b.slots[name]) for name in a.slots]
    for expected, got in pairs:
        assert expected.dtype == got.dtype
        size = np.max(np.abs(expected), initial=0.0)
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance * size)
