"""The plan: everything about a network but its numbers, as frozen data.

All trained parameters live in one vector θ. The plan's table of parameters says which
slice of θ is which matrix. Formulas are held by name (``"leaky_relu(alpha=0.2)"``), so
that a plan can be compared, hashed, printed, and written to a file as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from glassnet import catalog
from glassnet.formulas.types import Array

__all__ = ["NORM_EPSILON", "RUNNING_MOMENTUM", "Group", "Layer", "Parameter", "Plan"]

NORM_EPSILON = 1e-5
"""Added to the variance by batch and layer normalization."""

RUNNING_MOMENTUM = 0.1
"""How far running statistics move towards those of one batch."""


@dataclass(frozen=True)
class Group:
    """What an update does differently to the parameters of one group.

    Attributes
    ----------
    rate_factor : float
        Multiplies the learning rate.
    decay_factor : float
        Multiplies the optimizer's weight decay.
    l2 : bool
        Whether the plan's L2 penalty `alpha` applies.
    """

    rate_factor: float = 1.0
    decay_factor: float = 1.0
    l2: bool = False


@dataclass(frozen=True)
class Parameter:
    """One matrix or vector, and where it lies in θ (or, untrained, in the buffers)."""

    name: str
    shape: tuple[int, ...]
    start: int
    stop: int
    group: str = "other"

    def of(self, vector: Array) -> Array:
        """Return this parameter's view into `vector`; writing to it writes to `vector`.

        Axes of `vector` before the last are kept: many networks can share one plan.
        """
        return vector[..., self.start : self.stop].reshape(*vector.shape[:-1], *self.shape)


@dataclass(frozen=True)
class Layer:
    """One step of the forward pass.

    Attributes
    ----------
    kind : {"dense", "batch_norm", "layer_norm", "activation", "dropout"}
        What it computes; each engine has one pair of functions per kind.
    output : str
        Name of what it computes: ``z0`` for the first dense layer's pre-activations,
        then ``norm0``, ``a0``, ``drop0``; and so on with ``1``.
    units_in, units : int
        Width of its input and output.
    parameters, buffers : tuple of Parameter
        What it owns in θ, and in the vector of untrained numbers.
    formula : str
        Text of the activation, for an activation layer.
    rate : float
        Probability of dropping a unit, for a dropout layer.
    """

    kind: str
    output: str
    units_in: int
    units: int
    parameters: tuple[Parameter, ...] = ()
    buffers: tuple[Parameter, ...] = ()
    formula: str = ""
    rate: float = 0.0


@dataclass(frozen=True)
class Plan:
    r"""A network without its numbers.

    Attributes
    ----------
    layers : tuple of Layer
        In the order of the forward pass; the last one computes the logits.
    output : str
        Text of the activation that turns logits into outputs.
    loss : str
        Text of the loss.
    alpha : float
        L2 penalty: :math:`\alpha / (2 n) \sum W^2` is added to the loss of a batch of
        `n` samples, as scikit-learn does.
    groups : tuple of (name, Group)
        What each group of parameters is treated like.
    """

    layers: tuple[Layer, ...]
    output: str
    loss: str
    alpha: float = 0.0
    groups: tuple[tuple[str, Group], ...] = (("weights", Group(l2=True)), ("other", Group()))

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every trained parameter, in the order of θ."""
        return tuple(p for layer in self.layers for p in layer.parameters)

    @cached_property
    def buffers(self) -> tuple[Parameter, ...]:
        """Every untrained parameter (running statistics)."""
        return tuple(p for layer in self.layers for p in layer.buffers)

    @property
    def n_parameters(self) -> int:
        """Length of θ."""
        return self.parameters[-1].stop

    @property
    def n_buffers(self) -> int:
        """Length of the vector of untrained numbers."""
        return self.buffers[-1].stop if self.buffers else 0

    @property
    def n_inputs(self) -> int:
        """Features per sample."""
        return self.layers[0].units_in

    @property
    def n_outputs(self) -> int:
        """Outputs per sample."""
        return self.layers[-1].units

    @property
    def has_dropout(self) -> bool:
        """Whether training draws coin tosses."""
        return any(layer.rate > 0 for layer in self.layers)

    @cached_property
    def fused(self) -> bool:
        """Whether the loss is taken at the logits themselves.

        A cross-entropy and its softmax or sigmoid are one formula at the logits: exact
        where the two in a row would round to ``log(0)``. A loss that takes outputs as
        they come (squared error) may stand behind any output activation.
        """
        return catalog.loss(self.loss).link == self.output

    @cached_property
    def penalized(self) -> tuple[Parameter, ...]:
        """The parameters to which the L2 penalty applies."""
        groups = dict(self.groups)
        return tuple(p for p in self.parameters if groups[p.group].l2)

    def factors(self, which: str) -> float | Array:
        """Return `rate_factor` or `decay_factor` of every element of θ.

        One number where all groups agree, else a vector of θ's length.
        """
        groups = dict(self.groups)
        values = [getattr(groups[p.group], which) for p in self.parameters]
        if len(set(values)) == 1:
            return float(values[0])
        return np.repeat(values, [p.stop - p.start for p in self.parameters])
