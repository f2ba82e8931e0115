"""Optimizers: the update rules as frozen settings, such as ``Adam(0.01)``.

Each calls one formula of `glassnet.formulas.optimizers`, where the equation stands. The
state is a plain dictionary of arrays, made by `start` and changed by `step`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from glassnet.descent import Optimizer
from glassnet.formulas import optimizers as formulas
from glassnet.formulas.types import Array
from glassnet.lbfgs import LBFGS
from glassnet.settings import BelowOne, NonNegative, Positive, Share

__all__ = [
    "LBFGS",
    "SGD",
    "AdaDelta",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "Momentum",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSProp",
]

Slots = dict[str, Array]
Factor = float | Array


@dataclass(frozen=True, repr=False)
class SGD(Optimizer):
    """Plain gradient descent; see `formulas.optimizers.sgd_step`.

    Parameters
    ----------
    learning_rate : float
        Above 0.
    weight_decay, clip_norm, clip_value
        Keyword-only; see `Optimizer`.

    Examples
    --------
    >>> SGD(0.25).minimize(None, lambda x: 2 * x, [4.0], steps=2)
    array([[4.], [2.], [1.]])
    """

    name: ClassVar[str] = "sgd"
    elementwise: ClassVar[bool] = True
    learning_rate: Positive = 0.01

    def _apply(
        self, theta: Array, gradient: Array, slots: Slots, t: int, rate: Factor, decay: Factor
    ) -> None:
        formulas.sgd_step(theta, gradient, rate)


@dataclass(frozen=True, repr=False)
class Momentum(Optimizer):
    """Gradient descent with a velocity; see `formulas.optimizers.momentum_step`.

    Parameters
    ----------
    learning_rate : float
        Above 0.
    momentum : float
        Share of the velocity kept, in ``[0, 1]``; at 1 nothing slows it down.
    nesterov : bool
        Nesterov's look-ahead.
    weight_decay, clip_norm, clip_value
        Keyword-only; see `Optimizer`.

    Examples
    --------
    >>> Momentum(0.25, momentum=0.5).minimize(None, lambda x: 2 * x, [4.0], steps=2)
    array([[4.], [2.], [0.]])
    """

    name: ClassVar[str] = "momentum"
    elementwise: ClassVar[bool] = True
    _slots: ClassVar[tuple[str, ...]] = ("velocity",)
    learning_rate: Positive = 0.01
    momentum: Share = 0.9
    nesterov: bool = False

    def _apply(
        self, theta: Array, gradient: Array, slots: Slots, t: int, rate: Factor, decay: Factor
    ) -> None:
        formulas.momentum_step(
            theta, gradient, slots["velocity"], rate, self.momentum, self.nesterov
        )


@dataclass(frozen=True, repr=False)
class AdaGrad(Optimizer):
    """Steps that shrink as squared gradients add up; see `formulas.optimizers.adagrad_step`.

    Parameters
    ----------
    learning_rate : float
        Above 0.
    epsilon : float
        Above 0; keeps 0/0 away.
    initial_accumulator : float
        What the sum of squares starts at, at least 0.
    weight_decay, clip_norm, clip_value
        Keyword-only; see `Optimizer`.

    Examples
    --------
    >>> AdaGrad(0.5).minimize(None, lambda x: 2 * x, [4.0], steps=1).round(6)
    array([[4. ], [3.5]])
    """

    name: ClassVar[str] = "adagrad"
    elementwise: ClassVar[bool] = True
    _slots: ClassVar[tuple[str, ...]] = ("square_sum",)
    learning_rate: Positive = 0.01
    epsilon: Positive = 1e-10
    initial_accumulator: NonNegative = 0.0

    def start(self, theta: Array) -> Slots:
        """Return the state before the first step: the sum at `initial_accumulator`.

        Parameters
        ----------
        theta : float array
            The parameters; read for their shape and dtype.
        """
        slots = super().start(theta)
        slots["square_sum"] += self.initial_accumulator
        return slots

    def _apply(
        self, theta: Array, gradient: Array, slots: Slots, t: int, rate: Factor, decay: Factor
    ) -> None:
        formulas.adagrad_step(theta, gradient, slots["square_sum"], rate, self.epsilon)


@dataclass(frozen=True, repr=False)
class AdaDelta(Optimizer):
    """Steps in the units of earlier steps; see `formulas.optimizers.adadelta_step`.

    Parameters
    ----------
    learning_rate : float
        Above 0; the paper has none, that is 1.
    rho : float
        Memory of the means, in ``[0, 1)``.
    epsilon : float
        Above 0; it also sets the length of the first steps.
    weight_decay, clip_norm, clip_value
        Keyword-only; see `Optimizer`.

    Examples
    --------
    >>> AdaDelta(epsilon=0.01).minimize(None, lambda x: 2 * x, [4.0], steps=1).round(4)
    array([[4. ], [3.684]])
    """

    name: ClassVar[str] = "adadelta"
    elementwise: ClassVar[bool] = True
    _slots: ClassVar[tuple[str, ...]] = ("square_mean", "step_square_mean")
    learning_rate: Positive = 1.0
    rho: BelowOne = 0.9
    epsilon: Positive = 1e-6

    def _apply(
        self, theta: Array, gradient: Array, slots: Slots, t: int, rate: Factor, decay: Factor
    ) -> None:
        means = slots["square_mean"], slots["step_square_mean"]
        formulas.adadelta_step(theta, gradient, *means, rate, self.rho, self.epsilon)


@dataclass(frozen=True, repr=False)
class RMSProp(Optimizer):
    """Steps over the root mean square gradient; see `formulas.optimizers.rmsprop_step`.

    Parameters
    ----------
    learning_rate : float
        Above 0.
    rho : float
        Memory of the means, in ``[0, 1)``.
    epsilon : float
        Above 0; keeps 0/0 away.
    momentum : float
        Share of the velocity kept, in ``[0, 1)``; 0 keeps no velocity at all.
    centred : bool
        Divide by the standard deviation of the gradient and not by its root mean square.
    weight_decay, clip_norm, clip_value
        Keyword-only; see `Optimizer`.

    Examples
    --------
    >>> RMSProp(0.1, rho=0.75).minimize(None, lambda x: 2 * x, [4.0], steps=1).round(6)
    array([[4. ], [3.8]])
    """

    name: ClassVar[str] = "rmsprop"
    elementwise: ClassVar[bool] = True
    learning_rate: Positive = 0.01
    rho: BelowOne = 0.99
    epsilon: Positive = 1e-8
    momentum: BelowOne = 0.0
    centred: bool = False

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the state arrays."""
        centred = ("mean",) if self.centred else ()
        return ("square_mean", *centred, *(("velocity",) if self.momentum else ()))

    def _apply(
        self, theta: Array, gradient: Array, slots: Slots, t: int, rate: Factor, decay: Factor
    ) -> None:
        formulas.rmsprop_step(
            theta,
            gradient,
            slots["square_mean"],
            rate,
            self.rho,
            self.epsilon,
            mean=slots.get("mean"),
            velocity=slots.get("velocity"),
            momentum=self.momentum,
        )


@dataclass(frozen=True, repr=False)
class Adam(Optimizer):
    r"""Adaptive moments, corrected for their zero start; see `formulas.optimizers.adam_step`.

    Parameters
    ----------
    learning_rate : float
        Above 0.
    beta1, beta2 : float
        Memory of the first and of the second moment, in ``[0, 1)``.
    epsilon : float
        Above 0; keeps 0/0 away.
    amsgrad : bool
        Divide by the greatest second moment so far.
    epsilon_before_correction : bool
        False adds epsilon to the corrected root, as PyTorch does; True adds it to the raw
        root, as scikit-learn does.
    weight_decay, clip_norm, clip_value
        Keyword-only; see `Optimizer`.

    Notes
    -----
    The time step :math:`t` counts updates of *all* parameters. The notebook this package
    grew from counts instead a call per parameter name: with the names x and y, x is
    corrected with :math:`t = 1, 3, 5, \dots` and y with :math:`t = 2, 4, 6, \dots`. At the
    first update both moments are one gradient, and the step should be
    :math:`\eta\, \operatorname{sign}(g)`; y instead moves by

    .. math::

        \eta\, \frac{(1 - \beta_1) / (1 - \beta_1^2)}{\sqrt{(1 - \beta_2) / (1 - \beta_2^2)}}
        = \eta\, \frac{\sqrt{1 + \beta_2}}{1 + \beta_1} \approx 0.744\, \eta

    and from there on each name runs its correction twice as fast (with a hundred names, a
    hundred times). Here `step` takes one whole vector and one `t`, so it cannot happen.

    Examples
    --------
    >>> Adam(0.1).minimize(None, lambda x: 2 * x, [3.0, 2.0], steps=1).round(6)
    array([[3. , 2. ], [2.9, 1.9]])
    """

    name: ClassVar[str] = "adam"
    elementwise: ClassVar[bool] = True
    learning_rate: Positive = 0.001
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.999
    epsilon: Positive = 1e-8
    amsgrad: bool = False
    epsilon_before_correction: bool = field(default=False, kw_only=True)

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the state arrays."""
        return ("m", "v", "v_max") if self.amsgrad else ("m", "v")

    def _apply(
        self, theta: Array, gradient: Array, slots: Slots, t: int, rate: Factor, decay: Factor
    ) -> None:
        formulas.adam_step(
            theta,
            gradient,
            slots["m"],
            slots["v"],
            t,
            rate,
            self.beta1,
            self.beta2,
            self.epsilon,
            v_max=slots.get("v_max"),
            epsilon_before_correction=self.epsilon_before_correction,
        )


@dataclass(frozen=True, repr=False)
class AdamW(Optimizer):
    """Adam with weight decay on the parameters; see `formulas.optimizers.adamw_step`.

    Parameters
    ----------
    learning_rate : float
        Above 0.
    beta1, beta2 : float
        Memory of the first and of the second moment, in ``[0, 1)``.
    epsilon : float
        Above 0; keeps 0/0 away.
    amsgrad : bool
        Divide by the greatest second moment so far.
    weight_decay : float
        Keyword-only, at least 0; every step shrinks the parameters by its product with the
        learning rate.
    clip_norm, clip_value
        Keyword-only; see `Optimizer`.

    Examples
    --------
    >>> AdamW(0.1, weight_decay=0.5).minimize(None, lambda x: 0 * x, [4.0], steps=1)
    array([[4. ], [3.8]])
    """

    name: ClassVar[str] = "adamw"
    elementwise: ClassVar[bool] = True
    decoupled: ClassVar[bool] = True
    learning_rate: Positive = 0.001
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.999
    epsilon: Positive = 1e-8
    amsgrad: bool = False
    weight_decay: NonNegative = field(default=0.01, kw_only=True)

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the state arrays."""
        return ("m", "v", "v_max") if self.amsgrad else ("m", "v")

    def _apply(
        self, theta: Array, gradient: Array, slots: Slots, t: int, rate: Factor, decay: Factor
    ) -> None:
        formulas.adamw_step(
            theta,
            gradient,
            slots["m"],
            slots["v"],
            t,
            rate,
            self.beta1,
            self.beta2,
            self.epsilon,
            decay,
            v_max=slots.get("v_max"),
        )


@dataclass(frozen=True, repr=False)
class Adamax(Optimizer):
    """Adam with the greatest size in place of a mean; see `formulas.optimizers.adamax_step`.

    Parameters
    ----------
    learning_rate : float
        Above 0.
    beta1, beta2 : float
        Memory of the first moment and of the greatest size, in ``[0, 1)``.
    epsilon : float
        Above 0; keeps 0/0 away.
    weight_decay, clip_norm, clip_value
        Keyword-only; see `Optimizer`.

    Examples
    --------
    >>> Adamax(0.1).minimize(None, lambda x: 2 * x, [3.0, 2.0], steps=1).round(6)
    array([[3. , 2. ], [2.9, 1.9]])
    """

    name: ClassVar[str] = "adamax"
    elementwise: ClassVar[bool] = True
    _slots: ClassVar[tuple[str, ...]] = ("m", "u")
    learning_rate: Positive = 0.002
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.999
    epsilon: Positive = 1e-8

    def _apply(
        self, theta: Array, gradient: Array, slots: Slots, t: int, rate: Factor, decay: Factor
    ) -> None:
        settings = self.beta1, self.beta2, self.epsilon
        formulas.adamax_step(theta, gradient, slots["m"], slots["u"], t, rate, *settings)


@dataclass(frozen=True, repr=False)
class NAdam(Optimizer):
    """Adam with Nesterov's look-ahead; see `formulas.optimizers.nadam_step`.

    Parameters
    ----------
    learning_rate : float
        Above 0.
    beta1, beta2 : float
        Memory of the first and of the second moment, in ``[0, 1)``.
    epsilon : float
        Above 0; keeps 0/0 away.
    momentum_decay : float
        How fast the momentum warms up, at least 0.
    weight_decay, clip_norm, clip_value
        Keyword-only; see `Optimizer`.

    Examples
    --------
    >>> NAdam(0.1).minimize(None, lambda x: 2 * x, [3.0], steps=1).round(4)
    array([[3.    ], [2.8944]])
    """

    name: ClassVar[str] = "nadam"
    _slots: ClassVar[tuple[str, ...]] = ("m", "v", "momentum_product")
    learning_rate: Positive = 0.002
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.999
    epsilon: Positive = 1e-8
    momentum_decay: NonNegative = 0.004

    def start(self, theta: Array) -> Slots:
        """Return the state before the first step: zeros, and a product of one.

        Parameters
        ----------
        theta : float array
            The parameters; read for their shape and dtype.
        """
        product: Array = np.ones((), np.float64)
        return {
            **super().start(theta),
            "momentum_product": product,
        }

    def _apply(
        self, theta: Array, gradient: Array, slots: Slots, t: int, rate: Factor, decay: Factor
    ) -> None:
        state = slots["m"], slots["v"], slots["momentum_product"]
        settings = self.beta1, self.beta2, self.epsilon, self.momentum_decay
        formulas.nadam_step(theta, gradient, *state, t, rate, *settings)


@dataclass(frozen=True, repr=False)
class RAdam(Optimizer):
    """Adam, tempered at its start; see `formulas.optimizers.radam_step`.

    Parameters
    ----------
    learning_rate : float
        Above 0.
    beta1, beta2 : float
        Memory of the first and of the second moment, in ``[0, 1)``.
    epsilon : float
        Above 0; keeps 0/0 away.
    weight_decay, clip_norm, clip_value
        Keyword-only; see `Optimizer`.

    Examples
    --------
    >>> RAdam(0.1).minimize(None, lambda x: 2 * x, [3.0], steps=1).round(4)
    array([[3. ], [2.4]])
    """

    name: ClassVar[str] = "radam"
    elementwise: ClassVar[bool] = True
    _slots: ClassVar[tuple[str, ...]] = ("m", "v")
    learning_rate: Positive = 0.001
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.999
    epsilon: Positive = 1e-8

    def _apply(
        self, theta: Array, gradient: Array, slots: Slots, t: int, rate: Factor, decay: Factor
    ) -> None:
        settings = self.beta1, self.beta2, self.epsilon
        formulas.radam_step(theta, gradient, slots["m"], slots["v"], t, rate, *settings)


@dataclass(frozen=True, repr=False)
class Lion(Optimizer):
    """Steps of one length, by sign; see `formulas.optimizers.lion_step`.

    Parameters
    ----------
    learning_rate : float
        Above 0; three to ten times smaller than Adam's.
    beta1, beta2 : float
        The mix for a step and the memory of the momentum, in ``[0, 1)``.
    weight_decay : float
        Keyword-only, at least 0; decoupled, and three to ten times larger than AdamW's.
    clip_norm, clip_value
        Keyword-only; see `Optimizer`.

    Examples
    --------
    >>> Lion(0.1).minimize(None, lambda x: 2 * x, [3.0, 2.0], steps=1).round(6)
    array([[3. , 2. ], [2.9, 1.9]])
    """

    name: ClassVar[str] = "lion"
    elementwise: ClassVar[bool] = True
    _slots: ClassVar[tuple[str, ...]] = ("m",)
    decoupled: ClassVar[bool] = True
    learning_rate: Positive = 0.0001
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.99

    def _apply(
        self, theta: Array, gradient: Array, slots: Slots, t: int, rate: Factor, decay: Factor
    ) -> None:
        formulas.lion_step(theta, gradient, slots["m"], rate, self.beta1, self.beta2, decay)
