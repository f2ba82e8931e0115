"""The plan: everything about a network but its numbers, as frozen data.

All trained parameters live in one vector θ. The plan's table of parameters says which
slice of θ is which matrix. Formulas are held by name (``"leaky_relu(alpha=0.2)"``), so
that a plan can be compared, hashed, printed, and written to a file as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from string import ascii_lowercase

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

    Examples
    --------
    >>> Group(rate_factor=0.1)
    Group(rate_factor=0.1, decay_factor=1.0, l2=False)
    """

    rate_factor: float = 1.0
    decay_factor: float = 1.0
    l2: bool = False


@dataclass(frozen=True)
class Parameter:
    """One matrix or vector, and where it lies in θ (or, untrained, in the buffers).

    Parameters
    ----------
    name : str
        ``W0``, ``b0``, ``gain0``, ``shift0``, ``running_mean0``, ...: the number is that
        of the dense layer before it.
    shape : tuple of int
        ``(units_in, units)`` for weights, ``(units,)`` for all else.
    start, stop : int
        Its slice of the vector, in row-major order.
    group : str
        Which `Group` of the plan says how it is updated.

    Examples
    --------
    >>> from glassnet.network import build_plan
    >>> weights, biases = build_plan([2, 1]).parameters
    >>> weights
    Parameter(name='W0', shape=(2, 1), start=0, stop=2, group='weights')
    >>> biases.of(np.array([3.0, 4.0, 5.0]))
    array([5.])
    """

    name: str
    shape: tuple[int, ...]
    start: int
    stop: int
    group: str = "other"

    def of(self, vector: Array) -> Array:
        """Return this parameter's view into `vector`; writing to it writes to `vector`.

        Parameters
        ----------
        vector : array, shape (..., n_parameters), or (..., n_buffers)
            Contiguous in its last axis. Axes before the last are kept: many networks can
            share one plan.

        Returns
        -------
        array, shape (..., *shape)

        Examples
        --------
        >>> theta = np.zeros(3)
        >>> Parameter("b0", (2,), 1, 3).of(theta)[...] = 7
        >>> theta
        array([0., 7., 7.])
        """
        return vector[..., self.start : self.stop].reshape(*vector.shape[:-1], *self.shape)


@dataclass(frozen=True)
class Layer:
    """One step of the forward pass.

    Parameters
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

    Examples
    --------
    >>> from glassnet.network import build_plan
    >>> layer = build_plan([2, 3, 1], activation="tanh").layers[1]
    >>> layer.kind, layer.output, layer.units, layer.formula
    ('activation', 'a0', 3, 'tanh')
    """

    kind: str
    output: str
    units_in: int
    units: int
    parameters: tuple[Parameter, ...] = ()
    buffers: tuple[Parameter, ...] = ()
    formula: str = ""
    rate: float = 0.0

    @property
    def number(self) -> int:
        """The number in `output`: that of the dense layer it goes with.

        Examples
        --------
        >>> from glassnet.network import build_plan
        >>> [layer.number for layer in build_plan([2, 3, 1], norm="batch").layers]
        [0, 0, 0, 1]
        """
        return int(self.output.lstrip(ascii_lowercase))


@dataclass(frozen=True)
class Plan:
    r"""A network without its numbers; `build_plan` makes it.

    Parameters
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

    Examples
    --------
    >>> from glassnet.network import build_plan
    >>> plan = build_plan([2, 3, 1], loss="binary_cross_entropy")
    >>> [layer.output for layer in plan.layers], plan.output
    (['z0', 'a0', 'z1'], 'sigmoid')
    >>> [parameter.name for parameter in plan.parameters], plan.n_parameters
    (['W0', 'b0', 'W1', 'b1'], 13)
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

    @cached_property
    def n_weights(self) -> int:
        """Numbers in the weight matrices together."""
        return sum(la.units_in * la.units for la in self.layers if la.kind == "dense")

    @cached_property
    def n_units(self) -> int:
        """Units of the dense layers together."""
        return sum(la.units for la in self.layers if la.kind == "dense")

    @cached_property
    def n_inputs(self) -> int:
        """Features per sample."""
        return self.layers[0].units_in

    @cached_property
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

    @property
    def formulas(self) -> tuple[str, ...]:
        """Text of every formula it names: activations, output, loss."""
        hidden = (layer.formula for layer in self.layers if layer.kind == "activation")
        return (*hidden, self.output, self.loss)

    @cached_property
    def penalized(self) -> tuple[Parameter, ...]:
        """The parameters to which the L2 penalty applies."""
        groups = dict(self.groups)
        return tuple(p for p in self.parameters if groups[p.group].l2)

    @cached_property
    def stretches(self) -> tuple[tuple[int, int, float, float], ...]:
        """Begin and end of each stretch of θ on which the groups' factors agree, and these.

        Examples
        --------
        >>> from glassnet.network import build_plan
        >>> build_plan([2, 1]).stretches
        ((0, 3, 1.0, 1.0),)
        """
        groups = dict(self.groups)

        def factors(p: Parameter) -> tuple[float, float]:
            return groups[p.group].rate_factor, groups[p.group].decay_factor

        runs = [(both, list(run)) for both, run in groupby(self.parameters, factors)]
        return tuple((run[0].start, run[-1].stop, *both) for both, run in runs)

    def factors(self, which: str) -> float | Array:
        """Return `rate_factor` or `decay_factor` of every element of θ.

        Parameters
        ----------
        which : {"rate_factor", "decay_factor"}
            A field of `Group`.

        Returns
        -------
        float, or array of shape (n_parameters,)
            One number where all groups agree.

        Examples
        --------
        >>> from glassnet.network import build_plan
        >>> build_plan([2, 1]).factors("rate_factor")
        1.0
        """
        groups = dict(self.groups)
        values = [getattr(groups[p.group], which) for p in self.parameters]
        if len(set(values)) == 1:
            return float(values[0])
        return np.repeat(values, [p.stop - p.start for p in self.parameters])
