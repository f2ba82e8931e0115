"""Chapter 4: the notebook's network on the moons: why it does not learn, and the cure."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from sklearn.datasets import make_moons

from glassnet import MLP, diagnose, optimizers, plots
from glassnet.insight.diagnosis import Finding
from glassnet.plots.canvas import canvas, dress, fitting, heading, legend_outside
from glassnet.plots.style import CLASS_MARKERS, LINE_COLORS, MUTED, PAPER
from glassnet.tour.glossary import term
from glassnet.tour.ladder import (
    CURES,
    STEPS,
    Rung,
    accuracy,
    climb,
    cured,
    gradient_lengths,
    notebook_network,
    untrained,
)
from glassnet.tour.pictures import HALF, picture
from glassnet.tour.report import Chapter, Figure, Printed, Table, Takeaway, Text
from glassnet.tour.tools import number, percent, spread

__all__ = ["diagnosed", "moons"]

PANEL = 200.0
"""Points; in a narrower figure the two panels of the ladder stand one below the other."""


def moons(seeds: int) -> Chapter:
    """Show the failure, its cause in numbers, and the ladder of cures."""
    X, y = make_moons(200, noise=0.1, random_state=42)
    failed, healthy = notebook_network(X, y), cured(X, y)
    rungs = climb(seeds)
    said = diagnosed(failed, X, y)
    return Chapter(
        "A network that does not learn, and its cure",
        [
            _failure(failed, X, y),
            _boundaries(failed, healthy, X, y),
            _why(failed, X, y),
            Text(
                "Nobody has to see that by eye. <code>diagnose(net, X, y, prove=True)</code> "
                "looks at the network, trains copies of it with the cures that its symptoms "
                "suggest, and says first:"
            ),
            Printed(str(said)),
            _judges(),
            _table(rungs, seeds),
            Text("Each change has its reason:"),
            *(Text(f"<strong>{_named(c.change)}</strong>: {c.reason}.") for c in CURES[1:]),
            _ladder(rungs, seeds),
        ],
        [
            _silent_failure(failed, rungs, X, y),
            _named_and_cured(said),
            _cure(healthy, rungs, X, y),
        ],
    )


def diagnosed(failed: MLP, X: Any, y: Any) -> Finding:
    """Return what `diagnose` says first of the notebook's network, with its proof."""
    rule = optimizers.SGD(CURES[0].learning_rate)
    report = diagnose(failed, X, y, prove=True, optimizer=rule, epochs=STEPS)
    return report.findings[0]


def _named_and_cured(said: Finding) -> Takeaway:
    proof = said.proof
    return Takeaway(
        "Why a network does not learn can be measured, and the cure tried.",
        f"glassnet.diagnose names {said.name} first. Its cure, tried in {proof}.",
        said.name == "vanishing_gradients" and proof is not None and proof.train[1] >= 0.99,
    )


def _error(net: MLP) -> float:
    """Return the mean squared error without the ½ that the loss has before it."""
    return 2 * net.history.loss[-1]


def _failure(failed: MLP, X: Any, y: Any) -> Text:
    return Text(
        "More hidden units bend the line further, if they learn. But a network of the classic "
        "notebook's kind, 2-10-5-1 with sigmoid units, weights of 0.1·N(0, 1) (drawn from the "
        "bell curve and divided by ten) and learning rate 0.01, rests after "
        f"{STEPS:,} steps at a {term('mean squared error')} of {_error(failed):.4f}. Always "
        "answering one half would give 0.25: it has learnt nothing. "
        f"{percent(accuracy(failed, X, y))} of its answers are right, which is luck, since "
        "every output lies so close to one half that its side is chance (the table shows "
        "other first weights). The notebook prints these losses and goes on."
    )


def _boundaries(failed: MLP, healthy: MLP, X: Any, y: Any) -> Figure:
    return Figure(
        [
            picture(partial(_draw_boundary, net, X, y, name), HALF)
            for net, name in ((failed, "The notebook's"), (healthy, "Cured"))
        ],
        f"The same {STEPS:,} full-batch steps. First the notebook's settings, then "
        "the four changes of the table below.",
        "Left: the network answers almost the same everywhere. Right: its boundary "
        "winds between the moons.",
    )


def _draw_boundary(net: MLP, X: Any, y: Any, name: str, figure: Any) -> None:
    title = f"{name}: {percent(accuracy(net, X, y))} right"
    plots.decision_boundary(net, X, y, ax=figure, title=title)


def _why(failed: MLP, X: Any, y: Any) -> Text:
    """Say what vanished, in numbers taken at the first step and at the last."""
    first, middle, last = gradient_lengths(untrained(), X, y)
    outputs = failed.forward(X)
    return Text(
        f"Why? The {term('gradient')} vanishes. Each sigmoid multiplies it by a slope of at "
        "most 1/4, and each matrix of small weights shrinks it again. At the first step its "
        f"length is {number(last)} in the last layer, {number(middle)} in the middle one and "
        f"{number(first)} in the first: {last / first:,.0f} times smaller. The hidden layers "
        "stand still while the output bias finds the mean of the targets: in the end all "
        f"outputs lie between {outputs.min():.5f} and {outputs.max():.5f}."
    )


def _judges() -> Text:
    return Text(
        "The cure is a ladder: each row of the table adds one change. Three numbers judge it: "
        "how much of the gradient reaches the first layer, how much of the loss is left after "
        f"training, and the {term('accuracy')} on 2,000 moons that were {term('held out')}. "
        f"The number after ± is the {term('standard deviation')} over seeds."
    )


def _named(change: str) -> str:
    """Return a change with a capital letter, its first word explained if it is a rule."""
    text = change.removeprefix("+ ")
    return (text[0].upper() + text[1:]).replace("Glorot", term("Glorot's rule", "Glorot"))


def _table(rungs: list[Rung], seeds: int) -> Table:
    return Table(
        ["settings", "gradient, first layer to last", "loss left", "held out", "worst seed"],
        [
            (
                rung.cure.change,
                number(rung.first_to_last),
                percent(rung.last_loss),
                spread(rung.held_out),
                percent(min(rung.held_out)),
            )
            for rung in rungs
        ],
        "The gradient's length in the first layer, as a multiple of that in the last, before "
        f"the first step; the loss after {STEPS:,} steps, where 100 % is the loss of always "
        "answering one half; accuracy. Means over "
        f"{seeds} seeds. Each + is a change on top of those above it; the last row "
        "changes nothing else in the notebook's settings.",
    )


def _ladder(rungs: list[Rung], seeds: int) -> Figure:
    return Figure(
        [picture(partial(_draw_ladder, rungs), (7.2, 4.7), narrow=(4.0, 8.0))],
        f"The same ladder, step by step: lines are means over {seeds} seeds, bands reach from "
        "the lowest seed to the highest. The first three changes bring the layers' gradients "
        "to one size; the last one makes use of it, and leaves the first gradient as it is.",
        "First panel: the gradient of the notebook's network is hundreds of times smaller in "
        "the first layer than in the last; with tanh all layers are level. Second panel: only "
        "the fully cured network's loss falls to almost nothing.",
    )


def _draw_ladder(rungs: list[Rung], figure: Any) -> None:
    columns = fitting(figure, 2, PANEL)
    with canvas(figure, 2 // columns, columns) as axes:
        by_layer, by_step = axes.ravel()
        for i, rung in enumerate(rungs):
            look = {"color": LINE_COLORS[i], "marker": CLASS_MARKERS[i]}
            layers = np.arange(rung.gradients.shape[1])
            # The learning rate changes no first gradient: those lines would lie on others.
            if rung.cure.learning_rate == CURES[0].learning_rate:
                _band(by_layer, layers, rung.gradients, look)
            steps = np.arange(0, rung.losses.shape[1], 10)
            # Marks at steps of their own: lines that run together hide none of them.
            marks = {"markevery": (3 * i, 3 * len(rungs)), "label": rung.cure.change}
            _band(by_step, steps, rung.losses[:, ::10], look | marks)
        by_layer.set_xticks([0, 1, 2], ["first", "middle", "last"])
        by_layer.set(xlabel="layer", ylabel="length", xlim=(-0.25, 2.25))
        heading(by_layer, "Gradient before the first step", small=True)
        by_step.axhline(1.0, color=MUTED, linewidth=1.0, zorder=1)
        by_step.set(xlabel="step", ylabel="loss", ylim=(None, 4.0))
        by_step.annotate(
            "always answering one half",
            (STEPS, 1.0),
            (0, 6),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=9,
            color=MUTED,
        )
        heading(by_step, "Training loss", small=True)
        legend_outside(figure, by_step.get_lines()[: len(rungs)])


def _band(ax: Axes, x: Any, values: Any, look: dict[str, Any]) -> None:
    """Draw the mean over seeds of positive numbers, and the range that they span."""
    dress(ax)
    ax.set_yscale("log")
    ax.fill_between(
        x, values.min(axis=0), values.max(axis=0), color=look["color"], alpha=0.14, linewidth=0
    )
    marks: dict[str, Any] = {
        "markersize": 6.0,
        "markeredgecolor": PAPER,
        "markeredgewidth": 0.8,
    }
    ax.plot(x, values.mean(axis=0), linewidth=1.7, **marks, **look)


def _silent_failure(failed: MLP, rungs: list[Rung], X: Any, y: Any) -> Takeaway:
    error = _error(failed)
    return Takeaway(
        "A network may fail to learn without any error message.",
        f"The notebook's own settings: mean squared error {error:.4f} after {STEPS:,} steps "
        f"(always answering one half: 0.25), {percent(accuracy(failed, X, y))} right. The "
        f"first layer's gradient is {number(rungs[0].first_to_last)} times the last's.",
        error > 0.249 and rungs[0].first_to_last < 0.05,
    )


def _cure(healthy: MLP, rungs: list[Rung], X: Any, y: Any) -> Takeaway:
    best = rungs[len(CURES) - 1]
    return Takeaway(
        "A multi-layer network learns complex non-linear patterns.",
        f"Cured, in the same {STEPS:,} steps: {percent(accuracy(healthy, X, y))} of the moons, "
        f"and of 2,000 new ones {spread(best.held_out)} over {len(best.held_out)} seeds. The "
        f"gradient's ratio is {number(best.first_to_last)}.",
        min(*best.training, *best.held_out) >= 0.99 and best.first_to_last > 0.5,
    )
