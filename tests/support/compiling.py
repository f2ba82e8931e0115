"""Fresh processes that use the compiled engine, each with a place of its own to keep code."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import glassnet

TESTS = Path(__file__).parents[1]
SOURCE = Path(glassnet.__file__).parent

# Half the sum of two squares, by a kernel that is quick to compile and calls into other files.
PRELUDE = """
import ctypes
import numpy as np
from glassnet.engines.compiled import compilation, gradients, layout

def penalty(theta=(3.0, 4.0), dtype=np.float64):
    theta = np.array(theta, dtype)
    gradient, context = np.zeros_like(theta), np.zeros(layout.N_CONTEXT, np.int64)
    at, numbers = np.array([0, theta.size, 0]), np.array([1.0])
    reals = layout.Numbers(layout.REALS, np.float64)
    reals["total"] = 1
    arrays = theta, gradient, at, numbers, context, reals.array
    place = compilation.address(gradients.l2_penalty, theta.dtype.name)
    run = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 6)(place)
    run(*(array.ctypes.data for array in arrays))
    assert (gradient == theta).all()
    return float(reals["penalty"])

def counts():
    return f"compiled {compilation.n_compiled()}, loaded {compilation.n_loaded()}"
"""


def environment(place, source=SOURCE, **variables):
    """Return the environment of a process that keeps machine code in `place`."""
    paths = os.pathsep.join([str(Path(source).parent), str(TESTS)])
    own = {"PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(place), **variables}
    return {**os.environ, **{name: str(value) for name, value in own.items()}}


def start(code, place, source=SOURCE, **variables):
    """Start a process that runs `code` after the prelude."""
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code],
        env=environment(place, source, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    """Return the lines that a process has printed, after a good end and no complaint."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert err == ""
    return out.splitlines()


def run(code, place, source=SOURCE, **variables):
    """Run `code` in a process of its own; return the lines that it printed."""
    return ended(start(code, place, source, **variables))


def trained(_=None):
    """Train a small network with the compiled engine; return θ. Fit for any process."""
    from glassnet import optimizers
    from glassnet.engines import numba_engine
    from glassnet.engines.data import Batches, Block, Data
    from glassnet.network import build_plan, initial_state

    rng = np.random.default_rng(0)
    plan, rule = build_plan([3, 4, 1], activation="relu"), optimizers.Adam(0.01)
    state = initial_state(plan, None, rng)
    state.slots = rule.start(state.theta)
    X, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))
    rates = np.full((2, 2), 0.01)
    numba_engine.train(plan, state, Data(X, y), rule, Block([None] * 2, rates, Batches(8, 4)))
    return state.theta


def files(place):
    """Return the files of machine code that are kept in a place."""
    return sorted(place.rglob("*.o"))


def damage(path, how):
    """Change a file."""
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(
        {
            "empty": b"",
            "half": whole[:middle],
            "a bit flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            "longer": whole + b"\0",
            "text": b"not found",
        }[how]
    )
