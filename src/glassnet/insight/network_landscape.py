"""`of_network`: the loss of a network on a plane through its parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet.arguments import one_of, whole_number
from glassnet.engines.data import Data
from glassnet.engines.passes import Passes
from glassnet.engines.threads import one_blas_thread
from glassnet.formulas.types import Array
from glassnet.insight.planes import (
    Plane,
    Projection,
    path_plane,
    projected,
    random_plane,
    snapshots,
)
from glassnet.insight.subjects import network_and_data
from glassnet.landscape_functions import checked_window, spaced_levels, start_of
from glassnet.landscape_records import Landscape
from glassnet.network import Plan, State

__all__ = ["NetworkLandscape", "of_network"]

Window = tuple[float, float, float, float]

_COARSE = 21  # points along each side of the grid that levels are chosen on
_MARGIN = 0.2  # of a path's extent, around it


@dataclass(frozen=True, repr=False, eq=False)
class NetworkLandscape(Landscape):
    """The loss of a network on a plane; all else as for any landscape.

    Parameters
    ----------
    name, value, gradient, minima, window, start, levels, resolution
        As for `Landscape`; the gradient is the network's own, along the two directions.
    plane : Plane
        ``plane.at(x, y)`` are the parameters at a point.
    loss : str
        What is drawn, in words: which loss, of how many samples, with which penalty.
    seed : int, optional
        Of random directions.
    path : Projection, optional
        The path on the plane.
    path_losses : array, shape (k,), optional
        The loss at each snapshot itself.
    plane_losses : array, shape (k,), optional
        The loss on the plane, where the snapshot falls on it.
    """

    _: KW_ONLY
    plane: Plane
    loss: str = ""
    seed: int | None = None
    path: Projection | None = None
    path_losses: Array | None = None
    plane_losses: Array | None = None


def of_network(
    model: Any,
    X: Any,
    y: Any,
    directions: str = "random",
    *,
    path: Any = None,
    sample_weight: ArrayLike | None = None,
    window: Sequence[float] | None = None,
    resolution: int = 41,
    seed: int = 0,
) -> NetworkLandscape:
    r"""Return the loss of a network on a plane through its parameters.

    .. math:: f(x, y) = L(\theta^* + x d_1 + y d_2)

    with :math:`\theta^*` the network as it is, and :math:`L` the loss that training
    lowers, the L2 penalty with it: what ``MLP.loss_and_gradients`` gives, in float64.
    The model is not changed.

    Parameters
    ----------
    model : MLP, MLPClassifier or MLPRegressor
        An estimator must have been fitted or built.
    X, y : arrays
        Data, as the model's ``fit`` takes them.
    directions : {"random", "path"}
        ``"random"``: two random directions, in which each unit's incoming weights are as
        long as the unit's own (filter normalisation); biases stay as they are.
        ``"path"``: the two principal components of `path`, of length 1; of a straight
        path the second is the axis of the parameter that moves least.
    path : array-like, shape (k, n_parameters), or Recorder
        Snapshots of ``theta`` during training, at least 3; for ``directions="path"``.
    sample_weight : array, shape (n,), optional
    window : four floats, optional
        ``x_min, x_max, y_min, y_max``; by default from -1 to 1, or around the path.
    resolution : int
        Points along each side of the grid that a picture is drawn from: each one is a
        forward pass.
    seed : int
        Of random directions.

    Returns
    -------
    NetworkLandscape
        To be drawn by `plots.landscape`, and used wherever a named one is.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used, or a loss in the window is nowhere finite.

    Notes
    -----
    A plane is a very thin slice. Random directions say how sharp the loss is around
    :math:`\theta^*`; other seeds show other slices. A path almost never lies in the plane
    of its components: the contours are the loss *on the plane*, not the loss along the
    path, which ``path_losses`` holds beside ``plane_losses``. Nothing is dropped, and batch
    normalization goes by the batch's own statistics, as ``MLP.loss_and_gradients`` does.

    References
    ----------
    Li, Xu, Taylor, Studer and Goldstein (2018), "Visualizing the Loss Landscape of Neural
    Nets", NeurIPS, arXiv:1712.09913.

    Examples
    --------
    >>> from glassnet import MLP
    >>> net = MLP([2, 3, 1], activation="tanh", seed=0)
    >>> X, y = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [0.0, 1.0, 1.0]
    >>> ground = of_network(net, X, y, resolution=9)
    >>> bool(np.isclose(ground.fun([0.0, 0.0]), net.loss_and_gradients(X, y)[0]))
    True
    >>> thetas = [net.theta.copy()]
    >>> keep = lambda epoch: thetas.append(net.theta.copy())
    >>> net = net.fit(X, y, epochs=20, callbacks=[keep])
    >>> ground = of_network(net, X, y, "path", path=thetas, resolution=9)
    >>> ground.path.points.shape
    (21, 2)
    """
    by_path = one_of("directions", directions, ("random", "path")) == "path"
    _go_together(by_path, path)
    points = whole_number("resolution", resolution)
    seed = whole_number("seed", seed, 0)
    network, data = network_and_data(model, X, y, sample_weight)
    state = network.state.copy()
    state.astype(np.dtype(np.float64))
    theta = state.theta.copy()
    surface = _Surface(network.plan, state, data)
    extra: dict[str, Any] = {"loss": surface.words, "seed": None if by_path else seed}
    if by_path:
        thetas = snapshots(path, theta.size)
        plane = path_plane(theta, thetas)
        extra |= _along(surface, plane, thetas)
        frame = _around(extra["path"].points)
    else:
        plane = random_plane(network.plan, theta, seed)
        frame = (-1.0, 1.0, -1.0, 1.0)
    if window is not None:
        frame = checked_window(window)
    across, up = np.meshgrid(np.linspace(*frame[:2], _COARSE), np.linspace(*frame[2:], _COARSE))
    heights = surface.value(plane, across, up)
    if not np.isfinite(heights).any():
        raise ValueError(f"the loss must be finite somewhere in the window {frame}")
    return NetworkLandscape(
        f"loss of {type(model).__name__} {network.layer_sizes}",
        lambda x, y: surface.value(plane, x, y),
        lambda x, y: surface.gradient(plane, x, y),
        minima=(),
        window=frame,
        start=_first(extra["path"]) if by_path else start_of(across, up, heights),
        levels=spaced_levels(heights),
        resolution=points,
        plane=plane,
        **extra,
    )


class _Surface:
    """The loss of one network on one set of data, at any parameters; they go into `state`."""

    def __init__(self, plan: Plan, state: State, data: Data) -> None:
        self.plan, self.data, self._state = plan, data, state
        self._passes = Passes(plan, state, training=True)

    @property
    def words(self) -> str:
        """Which loss, of how many samples, with which penalty."""
        n, alpha = len(self.data.y), self.plan.alpha
        mean = "weighted mean" if self.data.weight is not None else "mean"
        penalty = f"with the L2 penalty (alpha = {alpha:g})" if alpha else "no L2 penalty"
        return f"{self.plan.loss.replace('_', ' ')}, {mean} over {n} samples, {penalty}"

    @one_blas_thread
    def at(self, thetas: Iterable[Array]) -> Array:
        """Return the loss at each of several θ: forward passes only."""
        batch, losses = (self.data.X, self.data.y, self.data.weight), []
        with np.errstate(all="ignore"):
            for theta in thetas:
                self._state.theta[...] = theta
                losses.append(self._passes.value(*batch))
        return np.array(losses, np.float64)

    def value(self, plane: Plane, x: Any, y: Any) -> Array:
        """Return the loss at points of the plane, in the shape of `x` and `y`."""
        x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        thetas = (plane.at(a, b) for a, b in zip(x.flat, y.flat, strict=True))
        return self.at(thetas).reshape(x.shape)

    @one_blas_thread
    def gradient(self, plane: Plane, x: Any, y: Any) -> tuple[Array, Array]:
        """Return the slopes along the two directions at points of the plane."""
        x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        slopes = np.empty((2, *x.shape))
        batch = self.data.X, self.data.y, self.data.weight
        with np.errstate(all="ignore"):
            for place in np.ndindex(x.shape):
                self._state.theta[...] = plane.at(x[place], y[place])
                self._passes.learn(*batch)
                slopes[:, *place] = plane.directions @ self._passes.gradient
        return slopes[0], slopes[1]


def _go_together(by_path: bool, path: Any) -> None:
    if by_path and path is None:
        raise ValueError(
            "path must be given with directions='path': snapshots of theta, such as "
            "thetas with callbacks=[lambda epoch: thetas.append(model.theta.copy())]"
        )
    if not by_path and path is not None:
        raise ValueError("path goes with directions='path'; got directions='random'")


def _along(surface: _Surface, plane: Plane, thetas: Array) -> dict[str, Any]:
    """Return the path on the plane, and the losses along it and under it."""
    path = projected(plane, thetas)
    under = surface.value(plane, *path.points.T)
    return {"path": path, "path_losses": surface.at(thetas), "plane_losses": under}


def _around(points: Array) -> Window:
    """Return a window that holds the points and (0, 0), with a margin."""
    held = np.vstack([points, np.zeros(2)])
    low, high = held.min(axis=0), held.max(axis=0)
    extent = np.maximum(high - low, 0.2 * float((high - low).max()))
    middle, half = (low + high) / 2, (0.5 + _MARGIN) * extent
    x_min, y_min = (middle - half).tolist()
    x_max, y_max = (middle + half).tolist()
    return x_min, x_max, y_min, y_max


def _first(path: Projection) -> tuple[float, float]:
    return float(path.points[0, 0]), float(path.points[0, 1])
