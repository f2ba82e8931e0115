"""Schedules: frozen settings that say how the learning rate moves during training.

``schedule(progress)`` is the factor on the learning rate, `progress` being the share of
the planned updates already done. `ReduceOnPlateau` instead follows the loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from numbers import Real
from typing import Annotated, Any, ClassVar, overload

import numpy as np

from glassnet.formulas import schedules as formulas
from glassnet.formulas.schedules import PlateauState
from glassnet.formulas.types import Array
from glassnet.settings import Count, NonNegative, Positive, Settings, Share, find

__all__ = [
    "Constant",
    "Cosine",
    "Exponential",
    "InverseScaling",
    "OneCycle",
    "OwnSchedule",
    "PlateauState",
    "ReduceOnPlateau",
    "Schedule",
    "Step",
    "WarmupCosine",
    "resolve",
]

_PositiveShare = Annotated[float, "(0, 1]"]
_InnerShare = Annotated[float, "(0, 1)"]


@dataclass(frozen=True, repr=False)
class Schedule(Settings):
    r"""Base of the schedules that depend on progress alone.

    .. math:: \eta_t = \eta \cdot s(p), \qquad p = \frac{t - 1}{\text{planned updates}}

    Attributes
    ----------
    name : str
        Its name in the catalogue, which is also the name of its formula.

    Raises
    ------
    TypeError, ValueError
        If a setting is not of its kind or outside its interval; see `Settings`.

    Examples
    --------
    A schedule is called with the progress, a number or an array of them:

    >>> Cosine()(0.5), Cosine()(np.array([0.0, 1.0]))
    (0.5, array([1., 0.]))
    """

    @overload
    def __call__(self, progress: float) -> float: ...
    @overload
    def __call__(self, progress: Array) -> Array: ...
    def __call__(self, progress: float | Array) -> float | Array:
        """Return the factor on the learning rate.

        Parameters
        ----------
        progress : float or array
            Share of the planned updates already done, in ``[0, 1]``.

        Returns
        -------
        float or array
            A float for a number, otherwise the shape of `progress`.

        Raises
        ------
        ValueError
            If `progress` lies outside ``[0, 1]``.

        Examples
        --------
        >>> Exponential(final=0.25)(0.5)
        0.5
        """
        p = np.asarray(progress, dtype=np.float64)
        if not np.all((p >= 0) & (p <= 1)):
            raise ValueError(
                f"{type(self).__name__}: progress must be in [0, 1]; got {progress!r}"
            )
        factor = self._factor(p)
        return factor if isinstance(progress, np.ndarray) else float(factor)

    def _factor(self, progress: Array) -> Array:
        arguments = {field.name: getattr(self, field.name) for field in fields(self)}
        factor: Array = getattr(formulas, self.name)(progress, **arguments)
        return factor


@dataclass(frozen=True, repr=False)
class Constant(Schedule):
    """The learning rate never changes.

    Examples
    --------
    >>> Constant()(0.5)
    1.0
    """

    name: ClassVar[str] = "constant"


@dataclass(frozen=True, repr=False)
class Step(Schedule):
    """The learning rate falls in stairs; see `formulas.schedules.step`.

    Parameters
    ----------
    drop : float
        Factor at each stair, in ``(0, 1]``.
    every : float
        Length of a stair as a share of the training, in ``(0, 1]``.

    Examples
    --------
    >>> Step(drop=0.5, every=0.25)(0.6)
    0.25
    """

    name: ClassVar[str] = "step"
    drop: _PositiveShare = 0.5
    every: _PositiveShare = 0.25


@dataclass(frozen=True, repr=False)
class Exponential(Schedule):
    """The learning rate falls by the same share at every update.

    See `formulas.schedules.exponential`.

    Parameters
    ----------
    final : float
        Factor at the end, above 0; above 1 the rate grows.

    Examples
    --------
    >>> round(Exponential(final=0.01)(0.5), 12)
    0.1
    """

    name: ClassVar[str] = "exponential"
    final: Positive = 0.01


@dataclass(frozen=True, repr=False)
class InverseScaling(Schedule):
    """The learning rate falls as a power of the time; see `formulas.schedules.inverse_scaling`.

    Parameters
    ----------
    power : float
        How fast it falls, at least 0.
    scale : float
        How far it gets, at least 0: the last factor is ``(1 + scale) ** -power``.

    Examples
    --------
    >>> InverseScaling(power=0.5, scale=99)(1.0)
    0.1
    """

    name: ClassVar[str] = "inverse_scaling"
    synonyms: ClassVar[tuple[str, ...]] = ("invscaling",)
    power: NonNegative = 0.5
    scale: NonNegative = 100.0


@dataclass(frozen=True, repr=False)
class Cosine(Schedule):
    """The learning rate falls along half a cosine wave; see `formulas.schedules.cosine`.

    Parameters
    ----------
    final : float
        Factor at the end, in ``[0, 1]``.

    Examples
    --------
    >>> Cosine(final=0.5)(0.5)
    0.75
    """

    name: ClassVar[str] = "cosine"
    final: Share = 0.0


@dataclass(frozen=True, repr=False)
class WarmupCosine(Schedule):
    """The learning rate rises in a straight line, then falls along half a cosine wave.

    See `formulas.schedules.warmup_cosine`.

    Parameters
    ----------
    warmup : float
        Share of the training that the rise takes, in ``(0, 1)``.
    start, final : float
        First and last factor, in ``[0, 1]``.

    Examples
    --------
    >>> WarmupCosine(warmup=0.2, start=0.0)(0.1)
    0.5
    """

    name: ClassVar[str] = "warmup_cosine"
    warmup: _InnerShare = 0.1
    start: Share = 0.01
    final: Share = 0.0


@dataclass(frozen=True, repr=False)
class OneCycle(Schedule):
    """The learning rate rises once and falls once; see `formulas.schedules.one_cycle`.

    Parameters
    ----------
    warmup : float
        Share of the training that the rise takes, in ``(0, 1)``.
    start, final : float
        First and last factor, in ``[0, 1]``; the defaults are PyTorch's.

    Examples
    --------
    >>> OneCycle()(0.3)
    1.0
    """

    name: ClassVar[str] = "one_cycle"
    warmup: _InnerShare = 0.3
    start: Share = 0.04
    final: Share = 4e-6


@dataclass(frozen=True, repr=False)
class OwnSchedule(Schedule):
    """A function of progress as a schedule; `resolve` makes it.

    Parameters
    ----------
    function : callable
        ``function(progress) -> factor``, called with one float in ``[0, 1]`` at a time.

    Raises
    ------
    TypeError, ValueError
        When it is called, if the factor is not a finite number of at least 0.

    Examples
    --------
    >>> OwnSchedule(lambda progress: 1 - progress)(np.array([0.0, 0.25]))
    array([1.  , 0.75])
    """

    name: ClassVar[str] = "own"
    function: Callable[[float], float]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise TypeError(f"function must be callable; got {self.function!r}")

    def _factor(self, progress: Array) -> Array:
        factors = [self._one(float(p)) for p in progress.flat]
        return np.array(factors, np.float64).reshape(progress.shape)

    def _one(self, progress: float) -> float:
        factor: Any = self.function(progress)
        rule = f"schedule({progress:g}) must be a finite number >= 0; got {factor!r}"
        if isinstance(factor, np.ndarray) and factor.ndim == 0:
            factor = factor[()]
        if not isinstance(factor, Real):
            raise TypeError(rule)
        if not 0 <= float(factor) < float("inf"):
            raise ValueError(rule)
        return float(factor)


@dataclass(frozen=True, repr=False)
class ReduceOnPlateau(Settings):
    """The learning rate falls when the loss stops falling.

    See `formulas.schedules.reduce_on_plateau`, which `update` calls.

    Parameters
    ----------
    factor : float
        What one reduction leaves of the rate, in ``(0, 1)``.
    patience : int
        Losses in a row without improvement that are put up with.
    threshold : float
        Relative improvement that counts, in ``[0, 1)``.
    cooldown : int
        Losses that are not counted after a reduction.
    minimum : float
        The factor never falls below this, in ``[0, 1]``.

    Examples
    --------
    >>> plateau = ReduceOnPlateau(factor=0.5, patience=0)
    >>> state = plateau.start()
    >>> for loss in (1.0, 1.0, 1.0):
    ...     state = plateau.update(state, loss)
    >>> state.factor
    0.25
    """

    name: ClassVar[str] = "reduce_on_plateau"
    factor: _InnerShare = 0.1
    patience: Count = 10
    threshold: Annotated[float, "[0, 1)"] = 1e-4
    cooldown: Count = 0
    minimum: Share = 0.0

    def start(self) -> PlateauState:
        """Return the state before the first loss."""
        return PlateauState()

    def update(self, state: PlateauState, value: float) -> PlateauState:
        """Return the state after one more loss; ``state.factor`` multiplies the rate.

        Parameters
        ----------
        state : PlateauState
            From `start`, or from the update before.
        value : float
            Loss of an epoch: smaller is better. NaN is no improvement.
        """
        arguments = {field.name: getattr(self, field.name) for field in fields(self)}
        return formulas.reduce_on_plateau(state, float(value), **arguments)


SCHEDULES: tuple[type[Schedule | ReduceOnPlateau], ...] = (
    Constant,
    Step,
    Exponential,
    InverseScaling,
    Cosine,
    WarmupCosine,
    OneCycle,
    ReduceOnPlateau,
)
"""Those that can be named."""


def resolve(spec: object) -> Schedule | ReduceOnPlateau | None:
    """Return the schedule that an argument ``schedule=`` means, wherever there is one.

    Parameters
    ----------
    spec : str, Schedule, ReduceOnPlateau, callable or None
        A name, with arguments in brackets by place or by name; settings; a function of
        progress; None for a learning rate that never changes.

    Returns
    -------
    Schedule, ReduceOnPlateau or None
        A function comes back as `OwnSchedule`.

    Raises
    ------
    ValueError
        For an unknown name (the message lists the known ones) or a wrong argument.
    TypeError
        If `spec` is none of these.

    Examples
    --------
    >>> resolve("step(0.5, every=0.1)"), resolve(lambda progress: 0.5)(0.0)
    (Step(every=0.1), 0.5)
    """
    if spec is None:
        return None
    settings = isinstance(spec, Schedule | ReduceOnPlateau | str)
    if callable(spec) and not settings and not isinstance(spec, type):
        return OwnSchedule(spec)
    return find("schedule", (Schedule, ReduceOnPlateau), SCHEDULES, spec)
