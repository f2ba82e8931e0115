"""The catalogue: the look-up that finds every formula by its name.

Users name a record by its text: ``"relu"``, ``"leaky_relu(0.2)"`` or
``"leaky_relu(alpha=0.2)"``; ``str(record)`` gives that text back, and it is this text
that a `Plan` and a model file hold.
"""

from __future__ import annotations

from collections.abc import Iterable

from glassnet import optimizers as opt
from glassnet import schedules as sch
from glassnet.records import Activation, Initializer, Loss, Record
from glassnet.register import Register
from glassnet.settings import find as find_settings
from glassnet.shipped import ACTIVATIONS, INITIALIZERS, LOSSES

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "Activation",
    "Initializer",
    "Loss",
    "Record",
    "activation",
    "admit",
    "custom_records",
    "initializer",
    "loss",
    "optimizer",
    "schedule",
]

# --- look-up ---------------------------------------------------------------------------

_activations = Register(Activation, ACTIVATIONS)
_losses = Register(Loss, LOSSES)
_initializers = Register(Initializer, INITIALIZERS)


def activation(spec: object) -> Activation:
    """Return the activation named by `spec`.

    Parameters
    ----------
    spec : str, Activation or function
        A name, with parameters in brackets by place or by name; a formula of the
        catalogue; or a record. Case, hyphens, spaces and underscores in a name do not
        count. A record of your own enters the catalogue the first time it is looked up:
        from then on its text finds it. A record whose functions are defined anew at the
        top level of a module or notebook takes the place of its older self, and keeps
        the parameters that its text stands for.

    Raises
    ------
    ValueError
        For an unknown name (the message lists the known ones and suggests one), a
        parameter that the formula does not have or does not allow, a record under
        another's name, or one that no network could use.
    TypeError
        If `spec` is none of these.

    Examples
    --------
    >>> str(activation("leaky_relu(0.2)"))
    'leaky_relu(alpha=0.2)'
    """
    return _activations.find(spec)


def loss(spec: object) -> Loss:
    """Return the loss named by `spec`; rules as for `activation`.

    Examples
    --------
    >>> str(loss("huber(2)")), loss("pinball").name
    ('huber(delta=2.0)', 'quantile')
    """
    return _losses.find(spec)


def initializer(spec: object) -> Initializer:
    """Return the initializer named by `spec`; rules as for `activation`.

    Examples
    --------
    >>> initializer("normal(scale=0.5)").parameters
    (('scale', 0.5),)
    """
    return _initializers.find(spec)


# --- records of a user's own, kept with the models that name them ------------------------


def custom_records(texts: Iterable[str]) -> tuple[Record, ...]:
    """Return the records that are not shipped and that `texts` name, or that these name.

    A model stores them beside the texts, and hands them to `admit` when it is loaded.

    Parameters
    ----------
    texts : iterable of str
        Of activations, losses and initializers.

    Examples
    --------
    >>> custom_records(["relu", "huber(2)"])
    ()
    """
    found: dict[tuple[type[Record], str], Record] = {}
    waiting = list(texts)
    while waiting:
        text = waiting.pop()
        for register in (_activations, _losses, _initializers):
            record = register.custom(text)
            if record is not None and (type(record), record.name) not in found:
                found[type(record), record.name] = record
                named = (getattr(record, "link", None), getattr(record, "weights", None))
                waiting += [name for name in named if isinstance(name, str)]
    return tuple(found.values())


def admit(records: Iterable[Record]) -> None:
    """Enter records that came with a stored model, so that its texts are found.

    A record that the catalogue has already is left as it is; one whose functions have been
    defined anew there too, for that is the newer.

    Raises
    ------
    ValueError
        If another record has the name, or the same one has other parameters there.
    """
    for record in records:
        if isinstance(record, Activation):
            _activations.restore(record)
        elif isinstance(record, Loss):
            _losses.restore(record)
        elif isinstance(record, Initializer):
            _initializers.restore(record)
        else:
            raise TypeError(f"records must hold records; got {record!r}")


# --- optimizers and schedules: the settings classes are the records themselves

OPTIMIZERS: tuple[type[opt.Optimizer | opt.LBFGS], ...] = (
    opt.SGD,
    opt.Momentum,
    opt.AdaGrad,
    opt.AdaDelta,
    opt.RMSProp,
    opt.Adam,
    opt.AdamW,
    opt.Adamax,
    opt.NAdam,
    opt.RAdam,
    opt.Lion,
    opt.LBFGS,
)

SCHEDULES: tuple[type[sch.Schedule | sch.ReduceOnPlateau], ...] = sch.SCHEDULES


def optimizer(spec: object) -> opt.Optimizer | opt.LBFGS:
    """Return the optimizer named by `spec`.

    Parameters
    ----------
    spec : str, Optimizer or LBFGS
        A name, with arguments in brackets by place or by name, or settings, which are
        returned as they are. The ``repr`` of settings is such a text too.

    Raises
    ------
    ValueError
        For an unknown name (the message lists the known ones) or a wrong argument.
    TypeError
        If `spec` is none of these.

    Examples
    --------
    >>> optimizer("adam"), optimizer("momentum(0.1, nesterov=True)")
    (Adam(learning_rate=0.001), Momentum(learning_rate=0.1, nesterov=True))
    """
    return find_settings("optimizer", (opt.Optimizer, opt.LBFGS), OPTIMIZERS, spec)


def schedule(spec: object) -> sch.Schedule | sch.ReduceOnPlateau:
    """Return the schedule named by `spec`; rules as for `optimizer`.

    Examples
    --------
    >>> schedule("cosine"), schedule("step(0.5, every=0.1)")
    (Cosine(), Step(every=0.1))
    """
    return find_settings("schedule", (sch.Schedule, sch.ReduceOnPlateau), SCHEDULES, spec)
