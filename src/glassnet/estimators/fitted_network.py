"""The network that an MLP estimator has fitted, and its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.mlp import MLP
from glassnet.network import Plan, State
from glassnet.network.views import Views
from glassnet.training import History

__all__ = ["HoldsNetwork"]


class HoldsNetwork:
    """What gives an MLP estimator its `network_`, `coefs_` and `intercepts_`."""

    _plan: Plan
    _state: State
    _random_state: np.random.RandomState
    engine: str
    n_threads: int | None
    engine_: str
    engine_reason_: str
    loss_curve_: list[float]
    validation_loss_curve_: list[float]

    @property
    def network_(self) -> MLP:
        """The network itself, sharing its numbers: ``network_.intermediates(X)``, ..."""
        if "_plan" not in vars(self):
            raise AttributeError("network_ is there once the estimator is fitted or built")
        net = MLP.of(self._plan, self._state, self._random_state, self._history())
        net.engine, net.n_threads = self.engine, self.n_threads
        net.engine_, net.engine_reason_ = self.engine_, self.engine_reason_
        return net

    @property
    def coefs_(self) -> Views:
        """Weight matrices, (units_in, units_out) each: views; writing changes the network."""
        return self._views("coefs_", 0)

    @coefs_.setter
    def coefs_(self, values: Any) -> None:
        self.coefs_[:] = values

    @property
    def intercepts_(self) -> Views:
        """Bias vectors, (units,) each: views; writing changes the network."""
        return self._views("intercepts_", 1)

    @intercepts_.setter
    def intercepts_(self, values: Any) -> None:
        self.intercepts_[:] = values

    def _views(self, name: str, which: int) -> Views:
        if "_plan" not in vars(self):
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r} before it is fitted"
            )
        dense = [layer for layer in self._plan.layers if layer.kind == "dense"]
        return Views([la.parameters[which].of(self._state.theta) for la in dense], name)

    def _history(self) -> History:
        """Return the record as that of a network."""
        unknown = [np.nan] * len(self.loss_curve_)
        return History(
            loss=list(self.loss_curve_),
            validation_loss=list(self.validation_loss_curve_),
            learning_rate=unknown,
            seconds=unknown.copy(),
        )
