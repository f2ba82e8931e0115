"""What all update rules have in common: their settings, one step, and a whole descent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

from glassnet.formulas import optimizers as formulas
from glassnet.formulas.types import Array
from glassnet.schedules import ReduceOnPlateau, Schedule, resolve
from glassnet.settings import NonNegative, Positive, Settings

__all__ = ["Optimizer"]

Fun = Callable[[Array], Any]
Limit = Annotated[float | None, "(0, inf)"]

_PIECE = 2**18  # bytes of a piece of θ; several such arrays fit into a core's own cache


@dataclass(frozen=True, repr=False)
class Optimizer(Settings):
    r"""Base of the update rules: settings, never state.

    .. math:: \theta_t = \theta_{t-1} - \eta_t \, d(g_t, \text{slots}_{t-1})

    where the direction :math:`d` is the rule's own: see the formula that each names.

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
    elementwise : bool
        Whether what becomes of a parameter depends on its own numbers alone, and `_apply`
        changes nothing but `theta` and its slots: a long vector is then updated in pieces
        that stay in the processor's cache. A class with an `_apply` of its own says so
        itself; it is not taken over from the class above.

    Raises
    ------
    TypeError, ValueError
        If a setting is not of its kind or outside its interval.

    Examples
    --------
    >>> from glassnet import optimizers
    >>> optimizers.Momentum(0.1, clip_norm=1.0)
    Momentum(learning_rate=0.1, clip_norm=1.0)
    >>> optimizers.Momentum(0.1).slots
    ('velocity',)
    """

    full_batch: ClassVar[Literal[False]] = False
    decoupled: ClassVar[bool] = False
    elementwise: ClassVar[bool] = False
    _slots: ClassVar[tuple[str, ...]] = ()

    learning_rate: Positive
    weight_decay: NonNegative = field(default=0.0, kw_only=True)
    clip_norm: Limit = field(default=None, kw_only=True)
    clip_value: Limit = field(default=None, kw_only=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "_apply" in vars(cls) and "elementwise" not in vars(cls):
            cls.elementwise = False

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

        Returns
        -------
        dict of arrays
            One per name in `slots`, in the shape and dtype of `theta`.

        Raises
        ------
        TypeError
            If `theta` is no array of floats.

        Examples
        --------
        >>> from glassnet import optimizers
        >>> optimizers.Adam().start(np.ones(2))
        {'m': array([0., 0.]), 'v': array([0., 0.])}
        """
        _check_float(type(self).__name__, theta)
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
            From `start`, as the step before left them.
        t : int
            Number of this update, from 1.
        rate : float or array, optional
            In place of `learning_rate`, as a schedule gives it.
        rate_factor, decay_factor : float or array
            Factors on the rate and on the weight decay, one per parameter if arrays.

        Raises
        ------
        TypeError
            If `theta` is no array of floats.
        ValueError
            If `gradient` or a slot has another shape than `theta`, a slot is missing, or
            `t` is no whole number >= 1.

        Notes
        -----
        Numbers that overflow do so without a warning: whoever runs the descent looks at
        the loss.

        Examples
        --------
        >>> from glassnet import optimizers
        >>> rule, theta = optimizers.Momentum(0.5, momentum=0.5), np.array([4.0])
        >>> slots = rule.start(theta)
        >>> for t in (1, 2):
        ...     rule.step(theta, np.array([1.0]), slots, t)
        >>> theta, slots["velocity"]
        (array([2.75]), array([0.75]))
        """
        _check_float(type(self).__name__, theta)
        if getattr(gradient, "shape", None) != theta.shape:
            raise ValueError(
                f"{type(self).__name__}: gradient must be an array of the shape of theta, "
                f"{theta.shape}; got {getattr(gradient, 'shape', repr(gradient))}"
            )
        if isinstance(t, bool) or not isinstance(t, int | np.integer) or t < 1:
            raise ValueError(f"{type(self).__name__}: t must be a whole number >= 1; got {t!r}")
        rate = self.learning_rate if rate is None else rate
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            eta = _scaled(theta, rate, rate_factor)
            decay = _scaled(theta, self.weight_decay, decay_factor)
            gradient = self._clipped(gradient)
            try:
                if self._divides(theta, slots):
                    self._update_in_pieces(theta, gradient, slots, t, eta, decay)
                else:
                    self._update(theta, gradient, slots, t, eta, decay)
            except (KeyError, TypeError, ValueError):
                self._check_slots(theta, slots)  # says why, where it is the caller's doing
                raise

    def _clipped(self, gradient: Array) -> Array:
        """Return the gradient, clipped by value, then by norm."""
        if self.clip_value is not None:
            gradient = formulas.clip_by_value(gradient, self.clip_value)
        if self.clip_norm is not None:
            gradient = formulas.clip_by_norm(gradient, self.clip_norm)
        return gradient

    def gradient_used(self, theta: Array, gradient: Array) -> Array:
        """Return the gradient that enters the rule: clipped, and with the L2 penalty's.

        Parameters
        ----------
        theta, gradient : float arrays, one shape
            Neither is written.

        Examples
        --------
        >>> from glassnet import optimizers
        >>> rule = optimizers.SGD(0.1, clip_value=1.0, weight_decay=0.5)
        >>> rule.gradient_used(np.array([2.0]), np.array([8.0]))
        array([2.])
        """
        used = self._clipped(gradient)
        if self.weight_decay and not self.decoupled:
            used = formulas.add_l2(used, theta, self.weight_decay)
        return used

    def _divides(self, theta: Array, slots: dict[str, Array]) -> bool:
        """Return whether θ is to be updated in pieces, and may be."""
        if not self.elementwise or theta.nbytes <= _PIECE or theta.ndim != 1:
            return False
        # A slot of another shape is no element's own.
        return all(slots[name].shape == theta.shape for name in self.slots)

    def _update_in_pieces(
        self,
        theta: Array,
        gradient: Array,
        slots: dict[str, Array],
        t: int,
        rate: float | Array,
        weight_decay: float | Array,
    ) -> None:
        """Update piece after piece, each short enough to stay in the processor's cache."""
        size = _PIECE // theta.itemsize
        for start in range(0, theta.size, size):
            part = slice(start, start + size)
            own = {name: array[part] for name, array in slots.items()}
            factors = _piece(rate, part), _piece(weight_decay, part)
            self._update(theta[part], gradient[part], own, t, *factors)

    def _update(
        self,
        theta: Array,
        gradient: Array,
        slots: dict[str, Array],
        t: int,
        rate: float | Array,
        weight_decay: float | Array,
    ) -> None:
        """Add weight decay and call the rule's formula."""
        if self.weight_decay and not self.decoupled:
            gradient = formulas.add_l2(gradient, theta, weight_decay)
        self._apply(theta, gradient, slots, t, rate, weight_decay)

    def _check_slots(self, theta: Array, slots: dict[str, Array]) -> None:
        """Raise, naming the argument, if `slots` are not those that `start` returns."""
        rule = f"slots must come from {type(self).__name__}.start(theta)"
        if not isinstance(slots, dict) or not set(self.slots) <= set(slots):
            found = list(slots) if isinstance(slots, dict) else slots
            raise ValueError(f"{rule}: {list(self.slots)} are needed; got {found!r}")
        for name, array in self.start(theta).items():
            if np.shape(slots[name]) != array.shape:
                raise ValueError(
                    f"{rule}: slots[{name!r}] must have shape {array.shape}; "
                    f"got {np.shape(slots[name])}"
                )

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
        schedule: str | Schedule | ReduceOnPlateau | Callable[[float], float] | None = None,
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
        schedule : str, Schedule, ReduceOnPlateau or callable, optional
            Factor on the learning rate, ``schedule((t - 1) / steps)`` at step `t`: a name
            such as ``"cosine"``, settings, or a function of progress.

        Returns
        -------
        array, shape (steps + 1, d)
            `start` and the point after each step: float32 if `start` is, otherwise
            float64. A path that diverges ends in infinities or NaN.

        Raises
        ------
        TypeError, ValueError
            For a wrong argument or a gradient of the wrong shape.

        Examples
        --------
        >>> from glassnet import optimizers
        >>> optimizers.SGD(0.5).minimize(None, lambda x: x, [8.0], 3, lambda p: 1 - p)[:, 0]
        array([8.        , 4.        , 2.66666667, 2.22222222])
        """
        theta = check_descent(fun, gradient, start, steps)
        found = resolve(schedule)
        if isinstance(found, ReduceOnPlateau) and fun is None:
            raise TypeError(f"fun must be given with schedule={found!r}; got None")
        slots = self.start(theta)
        path = np.empty((steps + 1, theta.size), theta.dtype)
        path[0] = theta
        with np.errstate(over="ignore", invalid="ignore"):
            factors = _factors(found, fun, path, steps)
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


def _piece(factor: float | Array, part: slice) -> float | Array:
    return factor[part] if isinstance(factor, np.ndarray) else factor


def _check_float(owner: str, theta: Array) -> None:
    if not isinstance(theta, np.ndarray) or theta.dtype.kind != "f":
        kind = f"dtype {theta.dtype}" if isinstance(theta, np.ndarray) else repr(theta)
        raise TypeError(f"{owner}: theta must be an array of floats; got {kind}")


def _factors(
    schedule: Schedule | ReduceOnPlateau | None, fun: Fun | None, path: Array, steps: int
) -> Iterator[float]:
    """Yield the factor of each step; row ``t - 1`` of `path` is filled by then."""
    if isinstance(schedule, ReduceOnPlateau):
        assert fun is not None
        state = schedule.start()
        for t in range(1, steps + 1):
            state = schedule.update(state, float(fun(path[t - 1].copy())))
            yield state.factor
    elif schedule is None:
        yield from (1.0 for _ in range(steps))
    else:
        yield from (schedule((t - 1) / steps) for t in range(1, steps + 1))
