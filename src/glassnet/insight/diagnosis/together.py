"""Failures that hide each other: each is looked at once more, with all others cured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from glassnet.insight.diagnosis import data_rules as data
from glassnet.insight.diagnosis import signal_rules as signals
from glassnet.insight.diagnosis import training_rules as training
from glassnet.insight.diagnosis.cures import applied
from glassnet.insight.diagnosis.measured import Measured, measure
from glassnet.insight.diagnosis.report import Finding

__all__ = ["hidden_failures"]

Suspect = tuple[
    str, Callable[[Measured], bool], tuple[Callable[[Measured], Finding | None], ...]
]

# What is cured with, what makes it suspect without any run, and what then has to find it.
# New layers come before what is done to the layers that are there.
_SUSPECTS: tuple[Suspect, ...] = (
    ("unscaled_inputs", data.inputs_are_off, (data.unscaled_inputs,)),
    ("unscaled_target", data.target_is_off, (data.unscaled_target,)),
    ("too_small_network", training.is_narrow, (training.too_small_network,)),
    ("activation_alone", signals.fades, (signals.vanishing_gradients,)),
    ("symmetric_start", lambda m: m.start.identical, (signals.symmetric_start,)),
    ("initial_weights_too_large", signals.is_loud, (signals.initial_weights_too_large,)),
    ("dead_units", signals.is_dead, (signals.dead_units,)),
    ("too_much_regularization", training.is_held_back, (training.too_much_regularization,)),
    ("stopped_too_early", training.stops_early, (training.stopped_too_early,)),
    ("batch_too_large", training.takes_large_batches, (training.batch_too_large,)),
    (
        "learning_rate_unusual",
        training.is_rated,
        (training.learning_rate_too_high, training.learning_rate_too_low),
    ),
)


def hidden_failures(m: Measured, *names: str) -> Iterator[Finding]:
    """Yield what is found of each suspect where all others are cured.

    The cure of one failure does nothing as long as another keeps the model from learning.

    Parameters
    ----------
    m : Measured
        Of a model that is poor.
    names : str
        Of the cures whose failures are looked for; all, if none.
    """
    suspects = [one for one in _SUSPECTS if one[1](m)]
    if len(suspects) < 2:
        return
    for own in suspects:
        if names and own[0] not in names:
            continue
        case = m.case.but(fitted=None, start_known=True)
        beside = tuple(other[0] for other in suspects if other is not own)
        for change in beside:
            case = applied(case, change, m.seed)
        alone = measure(case, m.data, m.seed, m.whole, m.tell)
        for rule in own[2]:
            found = rule(alone)
            if found is not None:
                cure = f"{found.cure}, with the other cures: alone it does next to nothing"
                yield replace(found, cure=cure, beside=beside)
