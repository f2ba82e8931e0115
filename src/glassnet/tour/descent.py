"""Chapter 6: the optimizer race: the notebook's own, and a fair one."""

from __future__ import annotations

import numpy as np

from glassnet import landscapes, optimizers, plots
from glassnet.landscapes import Landscape
from glassnet.race import Run, race
from glassnet.tour.report import Chapter, Figure, Table, Takeaway, Text
from glassnet.tour.tools import blank

__all__ = ["descent"]

STEPS = 200
FIELD = ("sgd", "momentum", "rmsprop", "adam")


def descent(seeds: int) -> Chapter:
    """Race optimizers as the notebook does, then fairly on every landscape."""
    unfair, steep, valley = blank(8.2, 4.6), blank(8.2, 4.6), blank(8.2, 4.6)
    same_rate = [optimizers.SGD(0.1), optimizers.Momentum(0.1), optimizers.Adam(0.1)]
    plots.optimizer_race("bowl", same_rate, steps=50, rates=None, start=(3.0, 2.0), ax=unfair)
    plots.optimizer_race("ill_conditioned", FIELD, steps=STEPS, ax=steep)
    plots.optimizer_race("rosenbrock", FIELD, steps=STEPS, ax=valley)
    runs = {ground.name: race(ground, FIELD, STEPS) for ground in landscapes.LANDSCAPES}
    names = [run.name for run in runs["bowl"]]
    rows = [
        [ground.name.replace("_", " "), *(_above(ground, run) for run in runs[ground.name])]
        for ground in landscapes.LANDSCAPES
    ]
    slow, fast = _steps_needed(runs["ill_conditioned"])
    return Chapter(
        "Gradient descent and its variants",
        [
            Text(
                "Plain gradient descent goes straight downhill, along the gradient g, by the "
                "learning rate η. Momentum keeps a velocity v, of which the share μ lasts, so "
                "that zigzags cancel. RMSProp divides each coordinate by the size of its own "
                "recent gradients, s being their mean square; Adam does that to a mean "
                "gradient m, and corrects both means for their start at 0. "
                '<span class="eq">θ ← θ − ηg</span>'
                '<span class="eq">v ← μv + ηg,&emsp; θ ← θ − v</span>'
                '<span class="eq">RMSProp: θ ← θ − η g / (√s + ε)</span>'
                '<span class="eq">Adam: θ ← θ − η m̂ / (√ŝ + ε)</span>'
                "The notebook gives all three the learning rate 0.1 on a round bowl, where the "
                "plain rule is hard to beat:"
            ),
            Figure.of(
                [unfair],
                "One learning rate for all: it tells us what 0.1 does, and little about the "
                "rules. (The notebook's Adam moreover counts a time step per parameter name; "
                "this is Adam as published.)",
                "Three paths into a round bowl.",
            ),
            Text(
                "A fair race gives each rule its own best rate, searched over the same grid "
                "for the same number of steps. On a long narrow valley the order is another:"
            ),
            Figure.of([steep], "A quadratic, steep one way and flat the other.", "Four paths."),
            Figure.of(
                [valley], "Rosenbrock's curved valley.", "Four paths in a curved valley."
            ),
            Table(
                ["loss above the minimum", *names],
                rows,
                f"After {STEPS} steps at each rule's best rate, on every landscape. "
                "Rastrigin's landscape has many minima; the loss tells which one was found.",
            ),
        ],
        [
            Takeaway(
                "The optimizer decides how fast a network learns.",
                f"The narrow valley, each at its best rate: {slow[0]} needs {slow[1]} steps to "
                f"bring the loss below a thousandth, {fast[0]} {fast[1]}.",
                slow[2] >= 1.5 * fast[2],
            )
        ],
    )


def _above(ground: Landscape, run: Run) -> str:
    """Return how far above the landscape's minimum a run ended."""
    lowest = min(ground.fun(np.array(minimum)) for minimum in ground.minima)
    rest = run.losses[-1] - lowest
    return f"{rest:.1e}" if rest > 1e-15 else "< 1e-15"


def _steps_needed(
    runs: list[Run], share: float = 1e-3
) -> tuple[tuple[str, str, int], tuple[str, str, int]]:
    """Return the slowest and the fastest rule, and their steps to `share` of the loss."""
    found = []
    for run in runs:
        below = (run.losses <= share * run.losses[0]).nonzero()[0]
        needed = int(below[0]) if len(below) else STEPS + 1
        text = str(needed) if len(below) else f"more than {STEPS}"
        found.append((run.name, text, needed))
    found.sort(key=lambda item: item[2])
    return found[-1], found[0]
