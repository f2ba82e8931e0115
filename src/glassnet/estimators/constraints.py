"""What the parameters of the MLP estimators may be, as scikit-learn declares it."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions

from glassnet import catalog
from glassnet.names import key
from glassnet.optimizers import LBFGS, Optimizer
from glassnet.schedules import ReduceOnPlateau, Schedule

__all__ = ["CLASSIFIER", "MULTILAYER", "REGRESSOR", "Formula"]


class Formula(StrOptions):
    """Constraint: the text of a record of the catalogue, or such a record or its settings.

    The name is judged here, so that the error lists the names there are. What stands in
    the brackets behind it is judged when the network is built.

    Parameters
    ----------
    names : iterable of str
        Every name and synonym there is now, for errors.
    kinds : tuple of classes
        What is allowed beside a text.
    find : callable, optional
        The catalogue's look-up: it knows records that users have entered since, and takes
        the catalogue's functions too.
    """

    def __init__(self, names: Any, kinds: tuple[type, ...], find: Any = None) -> None:
        super().__init__(set(names))
        self.kinds, self.find = kinds, find

    def is_satisfied_by(self, val: Any) -> bool:
        """Return whether `val` names a record or is one."""
        if isinstance(val, self.kinds):
            return True
        name = val.partition("(")[0] if isinstance(val, str) else val
        if isinstance(name, str) and key(name) in {key(option) for option in self.options}:
            return True
        if self.find is None or not (isinstance(name, str) or callable(name)):
            return False
        try:
            self.find(name)
        except (TypeError, ValueError):
            return False
        return True


def _names(records: Any) -> list[str]:
    return [name for record in records for name in (record.name, *record.synonyms)]


_hidden = Formula(
    _names(record for record in catalog.ACTIVATIONS if not record.rowwise),
    (catalog.Activation,),
    catalog.activation,
)
_losses = {
    kind: Formula(
        _names(record for record in catalog.LOSSES if (record.task == "regression") == kind),
        (catalog.Loss,),
        catalog.loss,
    )
    for kind in (False, True)
}

_SKLEARN: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
    "activation": [_hidden, list, tuple],
    "solver": [Formula({"sgd", *_names(catalog.OPTIMIZERS)}, (Optimizer, LBFGS))],
    "alpha": [Interval(Real, 0, None, closed="left")],
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
    "power_t": [Interval(Real, 0, None, closed="left")],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [Interval(Real, 0, None, closed="left")],
    "verbose": ["verbose", StrOptions({"bar"})],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="left")],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "n_iter_no_change": [
        Interval(Integral, 1, None, closed="left"),
        Options(Real, {np.inf}),
    ],
    "max_fun": [Interval(Integral, 1, None, closed="left")],
}

MULTILAYER: dict[str, list[Any]] = {
    **_SKLEARN,
    "dropout": [Interval(Real, 0, 1, closed="left"), list, tuple],
    "norm": [StrOptions({"batch", "layer"}), list, tuple, None],
    "initializer": [
        Formula(_names(catalog.INITIALIZERS), (catalog.Initializer,), catalog.initializer),
        None,
    ],
    "schedule": [
        Formula(_names(catalog.SCHEDULES), (Schedule, ReduceOnPlateau)),
        callable,
        None,
    ],
    "clip_norm": [Interval(Real, 0, None, closed="neither"), None],
    "clip_value": [Interval(Real, 0, None, closed="neither"), None],
    "scoring": [str, callable, None],
    "n_restarts": [Interval(Integral, 1, None, closed="left")],
    "engine": [StrOptions({"auto", "numpy", "numba"})],
    "n_threads": [Interval(Integral, 1, None, closed="left"), None],
}

CLASSIFIER: dict[str, list[Any]] = {
    **MULTILAYER,
    "loss": [_losses[False]],
    "class_weight": [dict, list, StrOptions({"balanced"}), None],
    "label_smoothing": [Interval(Real, 0, 1, closed="left")],
    "threshold": [Real, "array-like", None],
}

REGRESSOR: dict[str, list[Any]] = {**MULTILAYER, "loss": [_losses[True]]}
