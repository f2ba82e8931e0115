"""Results of every row of the benchmarks, of the right form and made up."""

import os
import random

from benchmarks import command, growth
from benchmarks.cases import GLASSNET, JOBLIB, LIMITS, NUMPY, SKLEARN
from benchmarks.measured import Measured

SLOW = {NUMPY: 30.0, SKLEARN: 12.0, JOBLIB: 60.0}  # times our time; anyone else about 2


def measured(case, threads, repeats):
    """Stand in for `benchmarks.timing.measure`."""
    draw = random.Random(f"{case.name}, {threads}")
    base = 10 ** draw.uniform(-5, 1)
    return [_one(peer, base, repeats, draw) for peer in case.peers]


def _one(peer, base, repeats, draw):
    if peer in LIMITS:
        times, loss = draw.uniform(0.3, 0.95), None
    else:
        times = 1.0 if peer == GLASSNET else SLOW.get(peer, 2.0) * draw.uniform(0.4, 2)
        loss = 0.123456789012345
    seconds = [base * times * draw.uniform(0.95, 1.1) for _ in range(repeats)]
    return Measured(peer, seconds, 3 * seconds[0], draw.uniform(0.1, 2), 123.45678, loss)


def grown(repeats):
    """Stand in for `benchmarks.growth.measure`."""
    bases = {"rows": (1e4, 1.05), "width": (64, 1.4), "depth": (2, 0.9)}
    bases |= {"batch": (256, -0.2), "threads": (1, -0.8)}
    return [
        {
            "axis": axis,
            "value": value,
            "seconds": 0.05 * (value / bases[axis][0]) ** bases[axis][1],
            "memory": 200.0 + value / 1e4,
            "data": value / 1e4,
            "absent": "",
        }
        for axis, value, *_ in growth.points()
    ]


def stand_in(monkeypatch):
    """Let the command find these results instead of measuring."""
    monkeypatch.setattr(command, "measure", measured)
    monkeypatch.setattr(growth, "measure", grown)
    if hasattr(os, "getloadavg"):  # or it would be another for each row, now and then
        monkeypatch.setattr(os, "getloadavg", lambda: (0.5, 0.5, 0.5))
