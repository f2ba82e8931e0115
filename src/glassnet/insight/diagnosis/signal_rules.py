"""Failures of signals, gradients and weights, layer by layer."""

from __future__ import annotations

import numpy as np

from glassnet.insight.diagnosis.case import Case, hidden_activations
from glassnet.insight.diagnosis.layers import gradient_error
from glassnet.insight.diagnosis.measured import Measured
from glassnet.insight.diagnosis.report import Evidence, Finding
from glassnet.insight.diagnosis.rules import finding

__all__ = [
    "dead_units",
    "exploding_gradients",
    "fades",
    "initial_weights_too_large",
    "is_dead",
    "is_loud",
    "saturated_outputs",
    "symmetric_start",
    "vanishing_gradients",
    "wrong_gradient",
]

_DEEP = 3  # hidden layers from which a gradient that is too large has been multiplied up
_FADED = 2e-2  # two sigmoid layers at Glorot's weights have 0.065
_HUGE, _HUGE_IF_DIVERGED = 20, 5  # gradient by an error of size 1
_LOST = 1e-2  # healthy networks have 0.08 and more
_LARGE = 3.5  # root mean square weight times sqrt(units before); He's rule has 1.4


def wrong_gradient(case: Case, seed: int) -> Finding | None:
    """Slope that is not the derivative of its value."""
    where, error = gradient_error(case, seed)
    if error < 1e-2:
        return None
    return finding(
        "wrong_gradient",
        Evidence(
            f"relative error of the slope of {where}",
            error,
            "below 1e-2",
            "central differences in float64",
        ),
        f"The slope that {where} declares is not the slope of its value, so training walks in "
        "a wrong direction.",
    )


def symmetric_start(m: Measured) -> Finding | None:
    """All units of a hidden layer start equal."""
    if not m.start.identical:
        return None
    return finding(
        "symmetric_start",
        Evidence("spread between the units of a hidden layer", 0.0, "above 0", "first weights"),
        "All units of a hidden layer have the same weights. They get the same gradient and "
        "stay the same for ever: the layer is as good as one unit.",
        m.best_of("symmetric_start", "initial_weights_and_rate"),
    )


def _whose(m: Measured) -> str:
    return "first weights" if m.case.start_known else "trained weights"


def _weights(m: Measured) -> float:
    return max(m.start.weights[:-1], default=0.0)


def exploding_gradients(m: Measured) -> Finding | None:
    """Gradients grow on their way back through many layers."""
    if len(hidden_activations(m.case.plan)) < _DEEP or not m.case.start_known:
        return None
    growth = m.start.echo[0]
    most = _HUGE_IF_DIVERGED if m.base.diverged else _HUGE
    large = not np.isfinite(growth) or growth > most
    best = m.best_of("exploding_gradients", "initial_weights_and_rate")
    if not (large and m.helps(best)):
        return None
    return finding(
        "exploding_gradients",
        Evidence(
            "gradient of the first layer by an error of size 1",
            growth,
            f"at most {most}",
            "first weights",
            m.start.echo,
            "gradient by an error of size 1, layer by layer",
        ),
        "Each layer multiplies the gradient, and after many layers it is huge: steps are wild. "
        "The first weights being too large for so deep a network is the usual cause.",
        best,
    )


def is_loud(m: Measured) -> bool:
    """Say whether the weights are far above what the width calls for."""
    return _weights(m) >= _LARGE


def initial_weights_too_large(m: Measured) -> Finding | None:
    """First weights far above what the width calls for; those of a training that kept them."""
    if not is_loud(m):
        return None
    if m.case.start_known:
        best = m.best_of("initial_weights_too_large", "initial_weights_and_rate")
        off = m.lowers(best, 0.7) or m.start.loss > 3 * m.cured(best).loss[0]
        if not (off or m.helps(best)):
            return None
    else:
        best = "initial_weights_too_large"
        # Steps that are too large make weights so, too, but those of a new run as well.
        off = m.base.loss[0] > 3 * m.cured(best).loss[0]
        if not (m.poor and off and m.outdoes(best)):
            return None
    return finding(
        "initial_weights_too_large",
        Evidence(
            "weights' root mean square times sqrt(units before)",
            _weights(m),
            "0.5 to 2",
            _whose(m),
            m.start.weights,
            "size of the weights, layer by layer",
        ),
        "The first weights are so large that units sit in the flat parts of their activations, "
        "or outputs are far off, before training has begun.",
        best,
    )


def _dead(m: Measured) -> float:
    return max(max(look.dead, default=0.0) for look in (m.start, m.end))


def is_dead(m: Measured) -> bool:
    """Say whether much of a layer is dead."""
    return _dead(m) > 0.4


def dead_units(m: Measured) -> Finding | None:
    """Units with slope 0 on every row."""
    share = _dead(m)
    if not is_dead(m) or not (m.poor or share > 0.7):
        return None
    return finding(
        "dead_units",
        Evidence(
            "largest share of a layer's units that are dead",
            share,
            "below 0.4",
            "first and last weights",
            m.end.dead,
            "share of dead units, layer by layer",
        ),
        "These units answer every row with slope 0, so no gradient reaches their weights and "
        "they never learn again. A bias that starts far below 0, or one step that was too "
        "large, does that.",
    )


def saturated_outputs(m: Measured) -> Finding | None:
    """Flat and wrong outputs, with a loss that does not pull them back."""
    if m.case.plan.fused or not m.poor:
        return None
    share = max(m.start.output_flat, m.end.output_flat)
    if share < 0.15 or m.case.labels is None:
        return None
    return finding(
        "saturated_outputs",
        Evidence(
            "share of rows whose output is at a bound and wrong",
            share,
            "below 0.15",
            "first and last weights",
        ),
        "Outputs sit where their activation is flat, on the wrong side. This loss multiplies "
        "by that slope, so confident mistakes are hardly corrected; cross-entropy is not so.",
    )


def fades(m: Measured) -> bool:
    """Say whether next to nothing arrives at the first layer, and not for dead units."""
    if len(m.start.echo) < 2 or max(m.start.dead, default=0.0) > 0.9:
        return False
    return m.start.flow < _FADED or m.start.echo[0] < _LOST


def vanishing_gradients(m: Measured) -> Finding | None:
    """Gradients fade on their way back, and the model does not learn."""
    if not (fades(m) and m.poor):
        return None
    cures = ("vanishing_gradients", "fewer_layers")
    cure = next((one for one in cures if m.helps(one)), None)
    if cure is None:
        return None
    faded = m.start.flow < _FADED
    return finding(
        "vanishing_gradients",
        Evidence(
            "gradient of the first layer over the last, from random errors"
            if faded
            else "gradient of the first layer by an error of size 1",
            m.start.flow if faded else m.start.echo[0],
            f"above {_FADED if faded else _LOST}",
            _whose(m),
            m.start.echo,
            "gradient by an error of size 1, layer by layer",
        ),
        "Going back, each layer multiplies the gradient by its slope and its weights, and what "
        "arrives at the first layer is next to nothing: the early layers do not learn.",
        cure,
    )
