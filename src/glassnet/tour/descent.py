"""Chapter 7: the optimizer race: the notebook's own, and a fair one."""

from __future__ import annotations

import numpy as np

from glassnet import landscapes, optimizers
from glassnet.landscapes import Landscape
from glassnet.plots.race import race_picture
from glassnet.race import RATES, Run, race
from glassnet.tour.glossary import term
from glassnet.tour.pictures import Picture, picture
from glassnet.tour.report import Chapter, Figure, Table, Takeaway, Text
from glassnet.tour.tools import number

__all__ = ["descent"]

STEPS = 200
FIELD = ("sgd", "momentum", "rmsprop", "adam")
TINY = 1e-15
"""Below this a loss above the minimum is rounding."""


def descent(seeds: int) -> Chapter:
    """Race optimizers as the notebook does, then fairly on every landscape."""
    runs = {ground.name: race(ground, FIELD, STEPS) for ground in landscapes.LANDSCAPES}
    return Chapter(
        "Gradient descent and its variants",
        [_rules(), _unfair_race(), *_fair_races(runs), _every_landscape(runs)],
        [_takeaway(runs["ill_conditioned"])],
    )


def _rules() -> Text:
    return Text(
        "Plain gradient descent, SGD below, goes straight downhill, along the gradient g, by "
        f"the {term('learning rate')} η. Momentum keeps a velocity v, of which the share μ "
        "lasts, so that zigzags cancel. RMSProp divides each coordinate by the size of its own "
        "recent gradients, s being their mean square; Adam does that to a mean gradient m, and "
        "corrects both means for their start at 0 (that is what the hats stand for). ε is a "
        "tiny number that keeps the division from dividing by 0. "
        '<span class="eq">θ ← θ − ηg</span>'
        '<span class="eq">v ← μv + ηg,&emsp; θ ← θ − v</span>'
        '<span class="eq">RMSProp: θ ← θ − η g / (√s + ε)</span>'
        '<span class="eq">Adam: θ ← θ − η m̂ / (√ŝ + ε)</span>'
        "The notebook gives all three of its rules the learning rate 0.1 on a round bowl, "
        "where the plain rule is hard to beat:"
    )


def _unfair_race() -> Figure:
    steps = 50
    same_rate = [optimizers.SGD(0.1), optimizers.Momentum(0.1), optimizers.Adam(0.1)]
    runs = race("bowl", same_rate, steps, rates=None, start=(3.0, 2.0))
    return Figure(
        [_picture(landscapes.bowl, runs, steps, fair=False)],
        "One learning rate for all: it tells us what 0.1 does, and little about the rules. "
        "(The notebook's Adam moreover counts a time step per parameter name; this is Adam as "
        "published.)",
        "Three paths into a round bowl.",
    )


def _fair_races(runs: dict[str, list[Run]]) -> list[Text | Figure]:
    steep, valley = (
        _picture(ground, runs[ground.name], STEPS)
        for ground in (landscapes.ill_conditioned, landscapes.rosenbrock)
    )
    return [
        Text(
            "A fair race gives each rule its own best rate, searched over the same grid "
            "for the same number of steps. On a long narrow valley the order is another:"
        ),
        Figure([steep], "A quadratic, steep one way and flat the other.", "Four paths."),
        Figure([valley], "Rosenbrock's curved valley.", "Four paths in a curved valley."),
    ]


def _picture(ground: Landscape, runs: list[Run], steps: int, fair: bool = True) -> Picture:
    rates = RATES if fair else None
    return picture(
        lambda figure: race_picture(ground, runs, steps=steps, rates=rates, ax=figure),
        (7.2, 4.4),
        narrow=(4.0, 8.4),
    )


def _every_landscape(runs: dict[str, list[Run]]) -> Table:
    return Table(
        ["loss above the minimum", *(run.name for run in runs["bowl"])],
        [
            [ground.name.replace("_", " "), *(_above(ground, run) for run in runs[ground.name])]
            for ground in landscapes.LANDSCAPES
        ],
        f"After {STEPS} steps at each rule's best rate, on every landscape. "
        "Rastrigin's landscape has many minima; the loss tells which one was found.",
    )


def _above(ground: Landscape, run: Run) -> str:
    """Return how far above the landscape's minimum a run ended."""
    lowest = min(ground.fun(np.array(minimum)) for minimum in ground.minima)
    rest = run.losses[-1] - lowest
    return number(rest) if rest > TINY else "< 10⁻¹⁵"


def _takeaway(runs: list[Run]) -> Takeaway:
    slow, fast = _steps_needed(runs)
    return Takeaway(
        "The optimizer decides how fast a network learns.",
        f"The narrow valley, each at its best rate: {slow[0]} needs {slow[1]} steps to "
        f"bring the loss below a thousandth of its start, {fast[0]} {fast[1]}.",
        slow[2] >= 1.5 * fast[2],
    )


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
