"""Failures of rates, batches, size, penalties and stopping."""

from __future__ import annotations

import numpy as np

from glassnet.insight.diagnosis.cures import TEXTS, applied
from glassnet.insight.diagnosis.measured import Measured
from glassnet.insight.diagnosis.report import Evidence, Finding
from glassnet.insight.diagnosis.rules import finding
from glassnet.insight.diagnosis.runs import better, error_of, standard_error

__all__ = [
    "batch_too_large",
    "is_held_back",
    "is_narrow",
    "is_rated",
    "learning_rate_too_high",
    "learning_rate_too_low",
    "overfitting",
    "something_else_helps_more",
    "stopped_too_early",
    "stops_early",
    "takes_large_batches",
    "too_much_regularization",
    "too_small_network",
]

_LOSS = "training loss, epoch by epoch"
_UNUSUAL = "learning_rate_unusual"
_SLOWER = ("learning_rate_too_high", "learning_rate_far_too_high")
_FASTER = ("learning_rate_too_low", "learning_rate_far_too_low")
_LONGER = "too_few_epochs"
_TINY, _NARROW, _WIDE = 2, 8, 32  # units of a layer
_SMALL_RATE = {"adam": 3e-4, "sgd": 3e-3, "momentum": 3e-4}


def _new_rate(m: Measured, name: str) -> float:
    """Return the learning rate that a cure sets."""
    return float(applied(m.case, name, m.seed).optimizer.learning_rate)


def is_rated(m: Measured) -> bool:
    """Say whether it takes steps of a rate that can be set."""
    return not getattr(m.case.optimizer, "full_batch", False) and m.case.kind == "network"


def _better_than(m: Measured, rivals: tuple[str, ...], name: str) -> bool:
    """Say whether the best of other cures does clearly more than the one of `name`."""
    own, others = m.cured(name), [m.cured(rival) for rival in rivals]
    further = min(one.final for one in others) < 0.2 * own.final
    return further or better(own.train, max(one.train for one in others))


def something_else_helps_more(m: Measured, name: str) -> bool:
    """Say whether a faster rate, or no penalty, does clearly more than the cure of `name`."""
    if not m.stays_poor:
        return False
    rivals: tuple[str, ...] = _FASTER if is_rated(m) else ()
    rivals += ("too_much_regularization",) if is_held_back(m) else ()
    return bool(rivals) and _better_than(m, rivals, name)


def learning_rate_too_high(m: Measured) -> Finding | None:
    """Loss that jumps or grows, where a lower rate does better."""
    if not is_rated(m):
        return None
    if m.case.diverged_itself and not m.base.diverged:
        return _diverged(m)
    loss = np.asarray(m.base.loss)
    ups = float(np.mean(np.diff(loss) > 0)) if len(loss) > 1 else 0.0
    leaps = loss.max() > 3 * min(loss[0], m.start.loss)
    wild = m.base.diverged or ups > 0.25 or loss[-1] > loss[0] or leaps
    if not wild and not m.stays_poor:
        return None
    slower = [
        name
        for name in (*_SLOWER, _UNUSUAL)
        if _new_rate(m, name) < m.case.optimizer.learning_rate
        and (m.helps(name) or (leaps and m.helps_new_rows(name)))
        and m.lowers(name, 0.8)
    ]
    if not slower:
        return None
    best = m.best_of(*slower)
    cure = f"learning_rate={_new_rate(m, best):.2g}"
    return finding(
        "learning_rate_too_high",
        Evidence(
            "last training loss",
            m.unchanged.final,
            f"about {m.cured(best).final:.3g}, as with {cure}",
            "runs of as many epochs",
            tuple(loss),
            _LOSS,
        ),
        "Each step overshoots the valley, so the loss jumps about or grows: it rose in "
        f"{ups:.0%} of the epochs. The same run at a lower rate did better.",
        best,
        cure,
    )


def _diverged(m: Measured) -> Finding:
    """Return the finding for a training whose settings are not known, only that it failed."""
    return finding(
        "learning_rate_too_high",
        Evidence(
            "epochs before numbers were no longer finite",
            len(m.case.history),
            "all",
            "its own history",
        ),
        "Its own training ended in numbers that are not finite. How it was trained is not "
        "kept; a rate that is too high is the usual cause.",
        "learning_rate_of_old",
    )


def learning_rate_too_low(m: Measured) -> Finding | None:
    """Loss that creeps, where a higher rate does better."""
    if not is_rated(m) or not m.stays_poor or m.base.diverged:
        return None
    faster = [
        name
        for name in (*_FASTER, _UNUSUAL)
        if _new_rate(m, name) > m.case.optimizer.learning_rate
        and m.helps(name)
        and m.lowers(name, 0.85)
    ]
    longer = not faster and m.helps(_LONGER)
    if not faster and not longer:
        return None
    if longer:
        best, way = _LONGER, f"{10 * m.case.epochs} epochs"
        told = "Ten times the epochs got further, and a higher rate did not."
    else:
        best = m.best_of(*faster)
        way = f"learning_rate={_new_rate(m, best):.2g}"
        told = (
            "The same run at a higher rate got further; so would a much longer one: the two "
            "cures cannot be told apart from here."
        )
    return finding(
        "learning_rate_too_low",
        Evidence(
            f"{m.case.metric} on the training rows",
            m.unchanged.train,
            f"about {m.cured(best).train:.3g}, as with {way}",
            "a run, and a longer one" if longer else "runs of as many epochs",
            m.base.loss,
            _LOSS,
        ),
        f"Training ends long before it is done. {told}",
        best,
        way if longer else f"{way}, or many more epochs",
    )


def takes_large_batches(m: Measured) -> bool:
    """Say whether an epoch has next to no updates, of many rows each."""
    size = m.case.batch_size
    return is_rated(m) and size >= 200 and size >= len(m.case.X) / 3


def batch_too_large(m: Measured) -> Finding | None:
    """So few updates per epoch that the epochs do not suffice."""
    case = m.case
    if not takes_large_batches(m) or not m.stays_poor:
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


def _strong(m: Measured) -> list[tuple[str, float, str]]:
    """Return which penalties are strong, each with its number and the healthy range."""
    rate = max((la.rate for la in m.case.plan.layers), default=0.0)
    strength = m.case.plan.alpha / min(m.case.batch_size, len(m.case.X))
    decay = float(getattr(m.case.optimizer, "weight_decay", 0.0))
    measured = [
        ("dropout", rate, 0.4),
        ("weight_decay", decay, 0.1),
        ("alpha per sample of a batch", strength, 0.01),
    ]
    return [(what, value, f"below {at}") for what, value, at in measured if value >= at]


def is_held_back(m: Measured) -> bool:
    """Say whether a penalty or dropout is strong."""
    return bool(_strong(m))


def too_much_regularization(m: Measured) -> Finding | None:
    """Penalty or dropout that outweighs the data."""
    strong = _strong(m)
    if not strong or not m.stays_poor or not m.helps("too_much_regularization"):
        return None
    if is_rated(m) and _better_than(m, _SLOWER, "too_much_regularization"):
        return None  # steps that are too large hurt more, and a penalty makes them no smaller
    quantity, value, healthy = strong[0]
    return finding(
        "too_much_regularization",
        Evidence(quantity, value, healthy, "settings"),
        "The penalty on the weights, or dropout, is so strong that the network cannot even fit "
        "the rows it is trained on; without it, it can.",
    )


def stops_early(m: Measured) -> bool:
    """Say whether its own rule ended its training well before the last epoch."""
    ended = m.case.patience is not None and len(m.base.loss) < 0.8 * m.base.epochs
    return m.case.stopped_itself or ended


def stopped_too_early(m: Measured) -> Finding | None:
    """Its own stop rule ended training while it still learnt."""
    # Of a rule that is not known a new run knows nothing, and is not stopped.
    own = m.unchanged if m.case.patience is not None else m.base
    if not stops_early(m) or not m.poor or not m.is_poor(own):
        return None
    longer = m.cured("stopped_too_early")
    if not (m.helps("stopped_too_early") or longer.loss[-1] < 0.6 * own.loss[-1]):
        return None
    if is_rated(m) and _better_than(m, _SLOWER, "stopped_too_early"):
        return None  # it is the rate that its loss could not fall with
    return finding(
        "stopped_too_early",
        Evidence(
            "epochs before it stopped",
            len(m.base.loss),
            f"{longer.epochs}, without the stop",
            "its own training" if m.case.stopped_itself else "one run",
            longer.loss,
            "training loss without the stop, epoch by epoch",
        ),
        "Training stopped by its own rule, and going on would have made it clearly better.",
    )


def _narrowest(m: Measured) -> int:
    units = [la.units for la in m.case.plan.layers if la.kind == "activation"]
    return min(units, default=_WIDE)


def is_narrow(m: Measured) -> bool:
    """Say whether a hidden layer has few units."""
    return _narrowest(m) <= _NARROW


def too_small_network(m: Measured) -> Finding | None:
    """More units fit what these do not."""
    if not is_narrow(m) or not m.stays_poor or not m.helps("too_small_network"):
        return None
    rivals = ("dead_units", *(_FASTER if is_rated(m) else ()))
    wider, other = m.cured("too_small_network").train, max(m.cured(r).train for r in rivals)
    if better(wider, other) or (_narrowest(m) > _TINY and not better(other, wider)):
        return None  # new weights or larger steps do as much as more units
    return finding(
        "too_small_network",
        Evidence(
            "units of the narrowest hidden layer", _narrowest(m), "16 or more", "the plan"
        ),
        "The network cannot bend enough to fit even its training rows; one with more units, "
        "trained the same, can.",
    )


def _rise(losses: tuple[float, ...]) -> float:
    """Return the last loss on new rows over the least; 1 where none were watched."""
    if not losses:
        return 1.0
    return float(losses[-1] / max(np.nanmin(losses), 1e-300))


def overfitting(m: Measured) -> Finding | None:
    """Rows that are new are predicted much worse than those trained on."""
    if m.poor:
        return None
    classes, watched = m.case.labels is not None, m.learnt.validation_loss
    train, held_out, rows = m.new_rows()
    gap, rise = train - held_out, _rise(watched)
    least = max(0.08 if classes else 0.25, 2 * standard_error(m.case, held_out, rows))
    behind = error_of(held_out) > 1.4 * error_of(m.data.best) + 0.05
    wide = gap > least * (3 if classes else 1.4) and held_out < m.data.best
    if not (np.isfinite(gap) and gap > least and (rise > 1.15 or behind or wide)):
        return None
    best = m.gentler()
    penalty = applied(m.whole, best, m.seed).plan.alpha
    also = (
        f"and the loss on new ones has risen to {rise:.2f} times its least"
        if rise > 1.15
        else f"where simpler models come to {m.data.best:.2f}"
    )
    return finding(
        "overfitting",
        Evidence(
            "score on the rows trained on, less that on new ones",
            gap,
            f"below {least:.2g}",
            "held-out rows",
            watched,
            "loss on new rows, epoch by epoch",
        ),
        f"It scores {train:.2f} on the rows it was trained on and {held_out:.2f} on new ones, "
        f"{also}: it learns the rows by heart.",
        best,
        f"{TEXTS[best]}, alpha={penalty:.3g}; or more data",
    )
