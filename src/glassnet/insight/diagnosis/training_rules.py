"""Failures of signals, gradients, rates, batches and size."""

from __future__ import annotations

import numpy as np

from glassnet.insight.diagnosis.case import Case, hidden_activations
from glassnet.insight.diagnosis.cures import applied
from glassnet.insight.diagnosis.layers import gradient_error
from glassnet.insight.diagnosis.measured import Measured
from glassnet.insight.diagnosis.report import Evidence, Finding
from glassnet.insight.diagnosis.rules import finding
from glassnet.insight.diagnosis.runs import error_of

__all__ = [
    "batch_too_large",
    "dead_units",
    "exploding_gradients",
    "initial_weights_too_large",
    "learning_rate_too_high",
    "learning_rate_too_low",
    "overfitting",
    "saturated_outputs",
    "stopped_too_early",
    "symmetric_start",
    "too_much_regularization",
    "too_small_network",
    "vanishing_gradients",
    "wrong_gradient",
]

_DEEP = 3  # hidden layers from which a gradient that is too large has been multiplied up
_FADED = 2e-2  # two sigmoid layers at Glorot's weights have 0.065
_LOST = 1e-2  # healthy networks have 0.08 and more
_LARGE = 3.5  # root mean square weight times sqrt(units before); He's rule has 1.4
_LOSS = "training loss, epoch by epoch"
_UNUSUAL = "learning_rate_unusual"
_SMALL_RATE = {"adam": 3e-4, "sgd": 3e-3, "momentum": 3e-4}


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


def _weights(m: Measured) -> float:
    return max(m.start.weights[:-1], default=0.0)


def _arrives(m: Measured) -> float:
    """Return the first layer's gradient by an error of size 1, whatever the number of rows."""
    return float(m.start.echo[0] * np.sqrt(len(m.case.X)))


def exploding_gradients(m: Measured) -> Finding | None:
    """Gradients grow on their way back through many layers."""
    if len(hidden_activations(m.case.plan)) < _DEEP or not m.case.start_known:
        return None
    growth = _arrives(m)
    large = not np.isfinite(growth) or growth > 30
    if not (large and m.helps("exploding_gradients")):
        return None
    return finding(
        "exploding_gradients",
        Evidence(
            "gradient of the first layer by an error of size 1",
            growth,
            "0.02 to 10",
            "first weights",
            m.start.echo,
            "gradient by an error of size 1, layer by layer",
        ),
        "Each layer multiplies the gradient, and after many layers it is huge: steps are wild. "
        "The first weights being too large for so deep a network is the usual cause.",
    )


def initial_weights_too_large(m: Measured) -> Finding | None:
    """First weights far above what the width calls for."""
    if not m.case.start_known or _weights(m) < _LARGE:
        return None
    best = m.best_of("initial_weights_too_large", "initial_weights_and_rate")
    if not (m.helps(best) or m.lowers(best, 0.7) or m.start.loss > 3 * m.cured(best).loss[0]):
        return None
    return finding(
        "initial_weights_too_large",
        Evidence(
            "weights' root mean square times sqrt(units before)",
            _weights(m),
            "0.5 to 2",
            "first weights",
            m.start.weights,
            "size of the weights, layer by layer",
        ),
        "The first weights are so large that units sit in the flat parts of their activations, "
        "or outputs are far off, before training has begun.",
        best,
    )


def dead_units(m: Measured) -> Finding | None:
    """Units with slope 0 on every row."""
    both = [max(look.dead, default=0.0) for look in (m.start, m.end)]
    share = max(both)
    if share <= 0.4 or not (m.poor or share > 0.7):
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


def vanishing_gradients(m: Measured) -> Finding | None:
    """Gradients fade on their way back, and the model does not learn."""
    if len(m.start.gradients) < 2 or max(m.start.dead, default=0.0) > 0.9:
        return None
    faded = m.start.flow < _FADED
    if not (faded or _arrives(m) < _LOST) or not (m.poor and m.helps("vanishing_gradients")):
        return None
    return finding(
        "vanishing_gradients",
        Evidence(
            "gradient of the first layer over the last, from random errors"
            if faded
            else "gradient of the first layer by an error of size 1",
            m.start.flow if faded else _arrives(m),
            "0.02 to 10",
            "first weights" if m.case.start_known else "trained weights",
            m.start.echo,
            "gradient by an error of size 1, layer by layer",
        ),
        "Going back, each layer multiplies the gradient by its slope and its weights, and what "
        "arrives at the first layer is next to nothing: the early layers do not learn.",
    )


def _new_rate(m: Measured, name: str) -> float:
    """Return the learning rate that a cure sets."""
    return float(applied(m.case, name, m.seed).optimizer.learning_rate)


def _rated(m: Measured) -> bool:
    return not getattr(m.case.optimizer, "full_batch", False) and m.case.kind == "network"


def learning_rate_too_high(m: Measured) -> Finding | None:
    """Loss that jumps or grows, where a lower rate does better."""
    if not _rated(m):
        return None
    if m.case.diverged_itself and not m.base.diverged:
        return _diverged(m)
    loss = np.asarray(m.base.loss)
    ups = float(np.mean(np.diff(loss) > 0)) if len(loss) > 1 else 0.0
    wild = m.base.diverged or ups > 0.25 or loss[-1] > loss[0] or loss.max() > 3 * loss[0]
    if not wild and not m.poor:
        return None
    slower = [
        name
        for name in ("learning_rate_too_high", "learning_rate_far_too_high", _UNUSUAL)
        if _new_rate(m, name) < m.case.optimizer.learning_rate
        and m.helps(name)
        and m.lowers(name, 0.8)
    ]
    if not slower:
        return None
    best = m.best_of(*slower)
    return finding(
        "learning_rate_too_high",
        Evidence(
            "share of epochs in which the loss rose",
            ups,
            "below 0.25",
            "one run",
            tuple(loss),
            _LOSS,
        ),
        "Each step overshoots the valley, so the loss jumps about or grows. The same run at a "
        "lower rate did better.",
        best,
        f"learning_rate={_new_rate(m, best):.2g}",
    )


def _diverged(m: Measured) -> Finding:
    """Return the finding for a training whose settings are not known, only that it failed."""
    return finding(
        "learning_rate_too_high",
        Evidence("epochs before numbers were no longer finite", 0, "all", "its own history"),
        "Its own training ended in numbers that are not finite. How it was trained is not "
        "kept; a rate that is too high is the usual cause.",
        "learning_rate_of_old",
        "divide the learning rate by 10, and by 10 again if need be",
    )


def learning_rate_too_low(m: Measured) -> Finding | None:
    """Loss that creeps, where a higher rate does better."""
    if not _rated(m) or not m.poor or m.base.diverged:
        return None
    names = ("learning_rate_too_low", "learning_rate_far_too_low", _UNUSUAL)
    faster = [
        name
        for name in names
        if _new_rate(m, name) > m.case.optimizer.learning_rate
        and m.helps(name)
        and m.lowers(name, 0.85)
    ]
    if not faster:
        return None
    best = m.best_of(*faster)
    drop = 1 - m.base.loss[-1] / m.base.loss[0]
    return finding(
        "learning_rate_too_low",
        Evidence(
            "share of the first loss that training took away",
            drop,
            "above 0.5",
            "one run",
            m.base.loss,
            _LOSS,
        ),
        "The weights hardly move. The same run at a higher rate got further; so would a "
        "much longer one: the two cures cannot be told apart from here.",
        best,
        f"learning_rate={_new_rate(m, best):.2g}, or many more epochs",
    )


def batch_too_large(m: Measured) -> Finding | None:
    """So few updates per epoch that the epochs do not suffice."""
    case = m.case
    if (
        not _rated(m)
        or not m.poor
        or case.batch_size < 200
        or case.batch_size < len(case.X) / 3
    ):
        return None
    least = _SMALL_RATE.get(type(case.optimizer).name, 3e-4)
    if case.optimizer.learning_rate < least or not m.helps("batch_too_large"):
        return None
    return finding(
        "batch_too_large",
        Evidence(
            "updates per epoch",
            -(-len(case.X) // case.batch_size),
            "10 or more",
            "settings",
            m.base.loss,
            _LOSS,
        ),
        "With so large a batch there are few updates in an epoch. With batches of 32 the same "
        "epochs got further. A higher rate or more epochs may do so too.",
    )


def too_much_regularization(m: Measured) -> Finding | None:
    """Penalty or dropout that outweighs the data."""
    rate = max((la.rate for la in m.case.plan.layers), default=0.0)
    strength = m.case.plan.alpha / min(m.case.batch_size, len(m.case.X))
    decay = float(getattr(m.case.optimizer, "weight_decay", 0.0))
    measured = [
        ("dropout", rate, 0.4, "below 0.5"),
        ("weight_decay", decay, 0.1, "below 0.1"),
        ("alpha per sample of a batch", strength, 1e-3, "below 1e-3"),
    ]
    strong = [one for one in measured if one[1] >= one[2]]
    if not strong or not m.poor or not m.helps("too_much_regularization"):
        return None
    quantity, value, _, healthy = strong[0]
    return finding(
        "too_much_regularization",
        Evidence(quantity, value, healthy, "settings"),
        "The penalty on the weights, or dropout, is so strong that the network cannot even fit "
        "the rows it is trained on; without it, it can.",
    )


def stopped_too_early(m: Measured) -> Finding | None:
    """Its own stop rule ended training while it still learnt."""
    own = m.case.stopped_itself
    ended = m.case.patience is not None and len(m.base.loss) < 0.8 * m.base.epochs
    if not (own or ended) or not m.poor:
        return None
    longer = m.cured("stopped_too_early")
    if not (m.helps("stopped_too_early") or longer.loss[-1] < 0.6 * m.base.loss[-1]):
        return None
    return finding(
        "stopped_too_early",
        Evidence(
            "epochs before it stopped",
            len(m.base.loss),
            f"up to {longer.epochs}",
            "its own training" if own else "one run",
            longer.loss,
            "training loss without the stop, epoch by epoch",
        ),
        "Training stopped by its own rule, and going on would have made it clearly better.",
    )


def too_small_network(m: Measured) -> Finding | None:
    """More units fit what these do not."""
    units = [la.units for la in m.case.plan.layers if la.kind == "activation"]
    if not units or min(units) > 8 or not m.poor or not m.helps("too_small_network"):
        return None
    return finding(
        "too_small_network",
        Evidence("units of the narrowest hidden layer", min(units), "16 or more", "the plan"),
        "The network cannot bend enough to fit even its training rows; one with more units, "
        "trained the same, can.",
    )


def overfitting(m: Measured) -> Finding | None:
    """Rows that are new are predicted much worse than those trained on."""
    if m.poor:
        return None
    # A network that has seen all rows is trained anew on some of them.
    base = m.base if m.can_be_repeated or m.whole.X_val is not None else m.anew
    gap, rise = base.train - base.held_out, 1.0
    if base.validation_loss:
        watched = np.asarray(base.validation_loss)
        rise = float(watched[-1] / max(np.nanmin(watched), 1e-300))
    least = 0.08 if m.case.labels is not None else 0.25
    behind = error_of(base.held_out) > 1.4 * error_of(m.data.best) + 0.05
    if not (np.isfinite(gap) and gap > least and (rise > 1.15 or behind)):
        return None
    return finding(
        "overfitting",
        Evidence(
            "score on the rows trained on, less that on new ones",
            gap,
            f"below {least}",
            "held-out rows",
            base.validation_loss,
            "loss on new rows, epoch by epoch",
        ),
        f"It scores {base.train:.2f} on the rows it was trained on and {base.held_out:.2f} "
        "on new ones, "
        + (
            f"and the loss on new ones has risen to {rise:.2f} times its least"
            if rise > 1.15
            else f"where simpler models come to {m.data.best:.2f}"
        )
        + ": it learns the rows by heart.",
        m.gentler(),
    )
