"""What all update rules have in common: their settings, one step, and a whole descent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

from glassnet.formulas import optimizers as formulas
from glassnet.formulas.types import Array
from glassnet.schedules import ReduceOnPlateau, Schedule
from glassnet.settings import NonNegative, Positive, Settings

__all__ = ["Optimizer"]

Fun = Callable[[Array], Any]
Limit = Annotated[float | None, "(0, inf)"]


@dataclass(frozen=True, repr=False)
class Optimizer(Settings):
    """Base of the update rules: settings, never state.

    Parameters
    ----------
    learning_rate : float
        Above 0.
    weight_decay : float
        At least 0. Added to the gradient times the parameters (an L2 penalty), or, where
        the rule is `decoupled`, applied to the parameters themselves.
    clip_value : float, optional
        Each element of the gradient is moved into ``[-clip_value, clip_value]``.
    clip_norm : float, optional
        After that, the whole gradient is shortened to this Euclidean length.

    Attributes
    ----------
    name : str
        Its name in the catalogue.
    slots : tuple of str
        Names of its state arrays.
    full_batch : bool
        False: it steps on any gradient, so on mini-batches too.
    decoupled : bool
        Whether weight decay acts on the parameters and not on the gradient.
    """

    full_batch: ClassVar[Literal[False]] = False
    decoupled: ClassVar[bool] = False
    _slots: ClassVar[tuple[str, ...]] = ()

    learning_rate: Positive
    weight_decay: NonNegative = field(default=0.0, kw_only=True)
    clip_norm: Limit = field(default=None, kw_only=True)
    clip_value: Limit = field(default=None, kw_only=True)

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the state arrays."""
        return self._slots

    def start(self, theta: Array) -> dict[str, Array]:
        """Return the state before the first step: an array of zeros per slot.

        Parameters
        ----------
        theta : float array
            The parameters; read for their shape and dtype.
        """
        return {name: np.zeros_like(theta) for name in self.slots}

    def step(
        self,
        theta: Array,
        gradient: Array,
        slots: dict[str, Array],
        t: int,
        rate: float | Array | None = None,
        rate_factor: float | Array = 1.0,
        decay_factor: float | Array = 1.0,
    ) -> None:
        """Take one step, in place on `theta` and on the arrays in `slots`.

        Clips the gradient by value, then by norm; adds weight decay; applies the formula.

        Parameters
        ----------
        theta, gradient : float arrays, one shape
            `gradient` is never written.
        slots : dict of arrays
            From `start`.
        t : int
            Number of this update, from 1.
        rate : float or array, optional
            In place of `learning_rate`, as a schedule gives it.
        rate_factor, decay_factor : float or array
            Factors on the rate and on the weight decay, one per parameter if arrays.

        Raises
        ------
        ValueError
            If `gradient` has another shape than `theta`, or `t` is no whole number >= 1.

        Notes
        -----
        Numbers that overflow do so without a warning: whoever runs the descent looks at
        the loss.
        """
        if gradient.shape != theta.shape:
            raise ValueError(
                f"{type(self).__name__}: gradient must have the shape of theta, "
                f"{theta.shape}; got {gradient.shape}"
            )
        if isinstance(t, bool) or not isinstance(t, int | np.integer) or t < 1:
            raise ValueError(f"{type(self).__name__}: t must be a whole number >= 1; got {t!r}")
        rate = self.learning_rate if rate is None else rate
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            eta = _scaled(theta, rate, rate_factor)
            decay = _scaled(theta, self.weight_decay, decay_factor)
            if self.clip_value is not None:
                gradient = formulas.clip_by_value(gradient, self.clip_value)
            if self.clip_norm is not None:
                gradient = formulas.clip_by_norm(gradient, self.clip_norm)
            if self.weight_decay and not self.decoupled:
                gradient = formulas.add_l2(gradient, theta, decay)
            self._apply(theta, gradient, slots, t, eta, decay)

    def _apply(
        self,
        theta: Array,
        gradient: Array,
        slots: dict[str, Array],
        t: int,
        rate: float | Array,
        weight_decay: float | Array,
    ) -> None:
        """Call the rule's formula."""
        raise NotImplementedError

    def minimize(
        self,
        fun: Fun | None,
        gradient: Fun,
        start: Any,
        steps: int = 50,
        schedule: Schedule | ReduceOnPlateau | Callable[[float], float] | None = None,
    ) -> Array:
        """Return the path of `steps` steps down a function.

        Parameters
        ----------
        fun : callable
            ``fun(theta) -> float``. Called only for `ReduceOnPlateau`; may otherwise be None.
        gradient : callable
            ``gradient(theta) -> (d,)``.
        start : array-like, shape (d,)
            Where to begin.
        steps : int
            At least 0.
        schedule : Schedule, ReduceOnPlateau or callable, optional
            Factor on the learning rate; ``schedule((t - 1) / steps)`` at step `t`.

        Returns
        -------
        array, shape (steps + 1, d)
            `start` and the point after each step: float32 if `start` is, otherwise
            float64. A path that diverges ends in infinities or NaN.

        Raises
        ------
        TypeError, ValueError
            For a wrong argument or a gradient of the wrong shape.
        """
        theta = check_descent(fun, gradient, start, steps)
        slots = self.start(theta)
        path = np.empty((steps + 1, theta.size), theta.dtype)
        path[0] = theta
        with np.errstate(over="ignore", invalid="ignore"):
            factors = _factors(schedule, fun, path, steps)
            for t, factor in enumerate(factors, start=1):
                slope = slope_at(gradient, theta)
                self.step(theta, slope, slots, t, self.learning_rate * factor)
                path[t] = theta
        return path


def check_descent(fun: Fun | None, gradient: Fun, start: Any, steps: int) -> Array:
    """Return `start` as a fresh float vector; raise if an argument of `minimize` is wrong."""
    if fun is not None and not callable(fun):
        raise TypeError(f"fun must be a function of a vector; got {fun!r}")
    if not callable(gradient):
        raise TypeError(f"gradient must be a function of a vector; got {gradient!r}")
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 0:
        raise ValueError(f"steps must be an integer, at least 0; got {steps!r}")
    try:
        given = np.asarray(start)
    except ValueError:  # rows of different lengths
        given = np.asarray(None)
    if given.dtype.kind not in "biuf":
        raise TypeError(f"start must be a vector of real numbers; got {start!r}")
    theta: Array = given.astype(np.float32 if given.dtype == np.float32 else np.float64)
    if theta.ndim != 1 or theta.size == 0 or not np.isfinite(theta).all():
        raise ValueError(f"start must be a non-empty vector of finite numbers; got {start!r}")
    return theta


def slope_at(gradient: Fun, theta: Array) -> Array:
    """Return ``gradient(theta)``; raise if it has another shape than `theta`."""
    # The function gets a copy: what it keeps or returns never changes with theta.
    slope = np.asarray(gradient(theta.copy()), theta.dtype)
    if slope.shape != theta.shape:
        raise ValueError(
            f"gradient must return the shape of start, {theta.shape}; got {slope.shape}"
        )
    return slope


def _scaled(theta: Array, number: float | Array, factor: float | Array) -> float | Array:
    """Return the product as a Python float or in the dtype of `theta`: neither widens it."""
    product = number * factor
    return product.astype(theta.dtype) if isinstance(product, np.ndarray) else float(product)


def _factors(
    schedule: Callable[[float], float] | ReduceOnPlateau | None,
    fun: Fun | None,
    path: Array,
    steps: int,
) -> Iterator[float]:
    """Yield the factor of each step; row ``t - 1`` of `path` is filled by then."""
    if isinstance(schedule, ReduceOnPlateau):
        if fun is None:
            raise TypeError(f"fun must be given with schedule={schedule!r}; got None")
        state = schedule.start()
        for t in range(1, steps + 1):
            state = schedule.update(state, float(fun(path[t - 1].copy())))
            yield state.factor
    elif schedule is None:
        yield from (1.0 for _ in range(steps))
    elif callable(schedule) and not isinstance(schedule, type):
        yield from (float(schedule((t - 1) / steps)) for t in range(1, steps + 1))
    else:
        hint = f"; did you mean {schedule.__name__}()?" if isinstance(schedule, type) else ""
        raise TypeError(
            "schedule must be a schedule, a function of progress or None; "
            f"got {schedule!r}{hint}"
        )
