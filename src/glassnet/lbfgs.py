"""L-BFGS, by SciPy: the optimizer that is handed the whole function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

from glassnet.descent import check_descent, slope_at
from glassnet.formulas.types import Array
from glassnet.settings import NonNegative, Settings

__all__ = ["LBFGS"]

_AtLeastOne = Annotated[int, "[1, inf)"]


@dataclass(frozen=True, repr=False)
class LBFGS(Settings):
    r"""Limited-memory BFGS: a quasi-Newton step with a line search, in SciPy's hands.

    The inverse Hessian :math:`H` is built from the last `memory` changes of position and
    gradient; a line search finds the length :math:`a` of

    .. math:: \theta \leftarrow \theta - a H g

    so there is no learning rate. It needs the loss and gradient of *all* samples, the same
    function at every call: no mini-batches, no dropout, no schedule, no `step`.

    Parameters
    ----------
    memory : int
        Changes remembered, at least 1.
    tolerance : float
        It has converged when no element of the gradient is greater than this.
    max_evaluations : int
        Calls of the function allowed, at least 1; a line search under way is finished.
    loss_tolerance : float
        It has also converged when a step lowers the loss :math:`l` by less than
        :math:`\text{loss\_tolerance} \cdot \max(|l|, 1)`.

    Attributes
    ----------
    full_batch : bool
        True: training calls `run`, not `step`.

    References
    ----------
    Liu and Nocedal (1989), "On the limited memory BFGS method for large scale
    optimization", doi:10.1007/BF01589116. SciPy runs L-BFGS-B: Zhu, Byrd, Lu and Nocedal
    (1997), "Algorithm 778", doi:10.1145/279232.279236.

    Examples
    --------
    >>> LBFGS().minimize(lambda x: (x**2).sum(), lambda x: 2 * x, [3.0, 2.0])[-1].round(6) + 0
    array([0., 0.])
    """

    name: ClassVar[str] = "lbfgs"
    synonyms: ClassVar[tuple[str, ...]] = ("l_bfgs",)
    full_batch: ClassVar[Literal[True]] = True

    memory: _AtLeastOne = 10
    tolerance: NonNegative = 1e-5
    max_evaluations: _AtLeastOne = 15000
    loss_tolerance: NonNegative = 1e7 * 2.0**-52  # SciPy's default

    def run(
        self,
        loss_and_gradient: Callable[[Array], tuple[float, Array]],
        theta: Array,
        steps: int,
        callback: Callable[[Array], bool | None] | None = None,
    ) -> tuple[Array, str]:
        """Return the parameters found from `theta` on, and why it stopped.

        Parameters
        ----------
        loss_and_gradient : callable
            ``loss_and_gradient(theta) -> (float, (d,))``, called with arrays of the dtype
            of `theta`.
        theta : float array, shape (d,)
            Where to begin; not written.
        steps : int
            Iterations allowed, at least 0.
        callback : callable, optional
            ``callback(theta)`` after each iteration; returning True stops.

        Returns
        -------
        theta : array, shape (d,)
            In the dtype given. If a loss was not finite, the last point where it was.
        status : str
            "converged", "step limit", "evaluation limit", "stopped by the callback",
            "no progress: the loss is not finite", or "no progress: " and SciPy's words.
        """
        from scipy.optimize import minimize  # on first use: importing SciPy takes a while

        if steps == 0:
            return theta.copy(), "step limit"

        def evaluate(point: Array) -> tuple[float, Array]:
            # SciPy works in float64, and on one buffer that it writes again and again.
            loss, gradient = loss_and_gradient(np.array(point, theta.dtype))
            return float(loss), np.array(gradient, np.float64)

        sound = theta.copy()

        def after(intermediate_result: Any) -> None:
            point = np.array(intermediate_result.x, theta.dtype)
            if np.isfinite(intermediate_result.fun):
                sound[...] = point
            if callback is not None and callback(point):
                raise StopIteration

        result = minimize(
            evaluate,
            np.asarray(theta, np.float64),
            method="L-BFGS-B",
            jac=True,
            callback=after,
            options={
                "maxcor": self.memory,
                "gtol": self.tolerance,
                "ftol": self.loss_tolerance,
                "maxiter": steps,
                "maxfun": self.max_evaluations,
            },
        )
        if not np.isfinite(result.fun):  # SciPy may call that converged
            return sound, "no progress: the loss is not finite"
        return np.array(result.x, theta.dtype), _status(result, steps)

    def minimize(
        self,
        fun: Callable[[Array], Any],
        gradient: Callable[[Array], Any],
        start: Any,
        steps: int = 50,
        schedule: None = None,
    ) -> Array:
        """Return the path of at most `steps` iterations down a function.

        Parameters
        ----------
        fun, gradient : callable
            ``fun(theta) -> float`` and ``gradient(theta) -> (d,)``.
        start : array-like, shape (d,)
            Where to begin.
        steps : int
            At least 0.
        schedule : None
            The line search sets the length of each step.

        Returns
        -------
        array, shape (k + 1, d), k <= steps
            `start` and the point after each iteration: shorter than `steps` allows if it
            converges, never padded. A line search may call `fun` more than once.

        Raises
        ------
        TypeError, ValueError
            For a wrong argument.
        """
        if fun is None:
            raise TypeError("fun must be a function of a vector; got None")
        if schedule is not None:
            raise ValueError(f"LBFGS takes no schedule; got schedule={schedule!r}")
        theta = check_descent(fun, gradient, start, steps)
        path = [theta]
        with np.errstate(over="ignore", invalid="ignore"):
            self.run(lambda x: (fun(x), slope_at(gradient, x)), theta, steps, path.append)
        return np.stack(path)


def _status(result: Any, steps: int) -> str:
    if result.status == 0:
        return "converged"
    if result.status == 99:  # SciPy's code for a callback that raised StopIteration
        return "stopped by the callback"
    if result.status == 1:
        return "step limit" if result.nit >= steps else "evaluation limit"
    return f"no progress: {result.message}"
