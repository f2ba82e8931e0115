"""What works where only NumPy is installed. Run by ``make test-numpy-only``; needs no pytest.

The numbers themselves are the business of the test suite. Here each part must run, keep
its shape and dtype, and learn; and what needs more than NumPy must say so.
"""

import importlib.util
import sys

import numpy as np

import glassnet
from glassnet import MLP, catalog, optimizers

ABSENT = (
    "scipy",
    "sklearn",
    "matplotlib",
    "rich",
    "typer",
    "threadpoolctl",
    "torch",
    "safetensors",
)


def environment() -> str:
    present = [name for name in ABSENT if importlib.util.find_spec(name)]
    assert not present, f"this environment should hold NumPy only; it also has {present}"
    return f"NumPy {np.__version__}, glassnet {glassnet.__version__}, none of {ABSENT}"


def activations() -> str:
    for record in catalog.ACTIVATIONS:
        for dtype in (np.float32, np.float64):
            z = np.linspace(-4, 4, 12, dtype=dtype).reshape(3, 4)
            a = record(z)
            delta = record.backward(np.ones_like(z), z, a)
            assert a.shape == delta.shape == z.shape, record
            assert a.dtype == delta.dtype == dtype, record
            assert np.isfinite(a).all(), record
            assert np.isfinite(delta).all(), record
            low, high = record.bounds
            assert (low <= a).all(), record
            assert (a <= high).all(), record
    return f"{len(catalog.ACTIVATIONS)} activations"


def losses() -> str:
    y = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    f = np.array([[0.3, -0.7], [-1.2, 0.4], [2.0, -2.0]])
    for record in catalog.LOSSES:
        # The gradient must be the slope of the value: to second order, on a small step.
        gradient, step = record.mean_gradient(y, f), 1e-6
        assert gradient.shape == f.shape, record
        ahead = record.mean(y, f + step * gradient)
        behind = record.mean(y, f - step * gradient)
        expected = (gradient**2).sum()
        assert abs((ahead - behind) / (2 * step) - expected) < 1e-7, record
        assert expected > 0, record
    return f"{len(catalog.LOSSES)} losses, gradients against differences"


def initializers() -> str:
    for record in catalog.INITIALIZERS:
        for rng in (np.random.default_rng(0), np.random.RandomState(0)):
            W = record.weights(rng, 20, 30, **dict(record.parameters))
            assert W.shape == (20, 30), record
            assert np.isfinite(W).all(), record
    return f"{len(catalog.INITIALIZERS)} initializers"


def descent() -> str:
    rules = [rule for rule in catalog.OPTIMIZERS if rule is not optimizers.LBFGS]
    for rule in rules:
        path = rule().minimize(lambda x: (x**2).sum(), lambda x: 2 * x, [3.0, 2.0], steps=30)
        assert path.shape == (31, 2), rule
        assert (path[-1] ** 2).sum() < (path[0] ** 2).sum(), rule
    return f"{len(rules)} optimizers go downhill"


def moons(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two half circles, one inside the other's opening."""
    angle = np.linspace(0, np.pi, n)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    X = np.vstack([upper, [1.0, 0.5] - upper]) + 0.1 * rng.standard_normal((2 * n, 2))
    return X, np.repeat([0, 1], n)


def training() -> str:
    X, y = moons(100, np.random.default_rng(0))
    both = {"norm": "batch", "dropout": 0.1}
    lines = []
    for optimizer in (optimizers.SGD(0.5), optimizers.Adam(0.01)):
        for extra in ({}, {"dropout": 0.1}, {"norm": "batch"}, {"norm": "layer"}, both):
            net = MLP([2, 16, 16, 1], loss="binary_cross_entropy", seed=0, **extra)
            net.fit(X, y, optimizer=optimizer, epochs=60, batch_size=20)
            first, last = net.history.loss[0], net.history.loss[-1]
            accuracy = (net.predict(X) == y).mean()
            assert last < 0.5 * first, (optimizer, extra, first, last)
            assert accuracy > 0.95, (optimizer, extra, accuracy)
            lines.append(f"  {optimizer!r:<24} {extra!s:<33} loss {first:.3f} -> {last:.3f}")
    return "\n".join(["moons are learnt", *lines])


def missing_packages() -> str:
    asked = {
        "glassnet.Perceptron": lambda: glassnet.Perceptron,
        "glassnet.save": lambda: glassnet.save(MLP([2, 1]), "unwritten.safetensors"),
        "glassnet.plots": lambda: glassnet.plots,
        "optimizers.LBFGS().minimize": lambda: optimizers.LBFGS().minimize(
            lambda x: (x**2).sum(), lambda x: 2 * x, [3.0, 2.0]
        ),
    }
    lines = []
    for name, ask in asked.items():
        refusal = None
        try:
            ask()
        except ImportError as error:
            refusal = error
        assert refusal is not None, f"{name} works without the package it needs"
        assert refusal.name in ABSENT, (name, refusal)
        assert refusal.name in str(refusal), (name, refusal)
        lines.append(f"  {name}: {refusal}")
    return "\n".join(["what needs more says so", *lines])


def main() -> None:
    parts = (
        environment,
        activations,
        losses,
        initializers,
        descent,
        training,
        missing_packages,
    )
    for part in parts:
        print(f"ok  {part()}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
