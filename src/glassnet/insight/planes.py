"""Planes through a network's parameters: by random directions, or by its own path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.formulas.types import Array
from glassnet.network import Plan

__all__ = ["Plane", "Projection", "path_plane", "projected", "random_plane", "snapshots"]


@dataclass(frozen=True, eq=False)
class Plane:
    r"""The points :math:`\theta^* + x d_1 + y d_2`.

    Attributes
    ----------
    origin : array, shape (n_parameters,)
        :math:`\theta^*`, the network as it is.
    directions : array, shape (2, n_parameters)
        :math:`d_1` and :math:`d_2`.
    """

    origin: Array
    directions: Array

    def at(self, x: float, y: float) -> Array:
        """Return the parameters at a point of the plane, shape (n_parameters,)."""
        point: Array = self.origin + x * self.directions[0] + y * self.directions[1]
        return point

    @property
    def angle(self) -> float:
        """Degrees between the two directions, 0 to 90."""
        one, two = (d / np.linalg.norm(d) for d in self.directions)
        return float(np.degrees(np.arccos(min(abs(float(one @ two)), 1.0))))


@dataclass(frozen=True, eq=False)
class Projection:
    """A path as the plane shows it, and what the plane does not show.

    Attributes
    ----------
    points : array, shape (k, 2)
        Where each snapshot falls on the plane, straight down.
    off_plane : array, shape (k,)
        How far each snapshot lies from the plane.
    from_origin : array, shape (k,)
        How far each snapshot lies from the network as it is.
    variance_explained : array, shape (2,)
        Shares of the path's variance along the two directions.
    """

    points: Array
    off_plane: Array
    from_origin: Array
    variance_explained: Array


def random_plane(plan: Plan, theta: Array, seed: int) -> Plane:
    r"""Return a plane along two random directions, normalised filter by filter.

    .. math:: d_{\cdot j} \leftarrow \frac{d_{\cdot j}}{\|d_{\cdot j}\|} \|W_{\cdot j}\|

    A filter of a dense layer is what enters one unit, a column of its weight matrix: along
    a direction, each moves in proportion to its own length. So a layer of ReLU units that is
    made larger as a whole while the next layer is made smaller, which changes nothing the
    network computes, does not change the picture either; a single unit made larger does.
    Biases and the gains and shifts of a normalization stay as they are.

    Parameters
    ----------
    plan : Plan
    theta : float64 array, shape (n_parameters,)
    seed : int
        Of the directions.

    Raises
    ------
    ValueError
        If all weights are 0.

    References
    ----------
    Li, Xu, Taylor, Studer and Goldstein (2018), "Visualizing the Loss Landscape of Neural
    Nets", NeurIPS, arXiv:1712.09913, section 4; biases as in the authors' code.
    """
    rng = np.random.default_rng(seed)
    directions = np.zeros((2, theta.size))
    for layer in plan.layers:
        if layer.kind == "dense":
            weights = layer.parameters[0]
            drawn = rng.normal(size=(2, *weights.shape))
            lengths = np.linalg.norm(weights.of(theta), axis=0)
            drawn *= lengths / np.linalg.norm(drawn, axis=1, keepdims=True)
            directions[:, weights.start : weights.stop] = drawn.reshape(2, -1)
    if not directions.any():
        raise ValueError(
            "model must have weights that are not all 0 for directions='random': "
            "a direction is as long as they are"
        )
    return Plane(theta, directions)


def path_plane(theta: Array, path: Array) -> Plane:
    """Return the plane along a path's two principal components, through `theta`.

    Parameters
    ----------
    theta : float64 array, shape (n_parameters,)
    path : float64 array, shape (k, n_parameters)

    Raises
    ------
    ValueError
        If the path stays in one point, or the network has a single parameter.

    Notes
    -----
    The components are those of the snapshots less their mean, of length 1; their signs are
    chosen so that the path's first snapshot lies to the left of and below `theta`.

    References
    ----------
    Li et al. (2018), arXiv:1712.09913, section 7.2.
    """
    if theta.size < 2:
        raise ValueError("model must have at least two parameters for directions='path'")
    _, sizes, components = np.linalg.svd(path - path.mean(axis=0), full_matrices=False)
    if sizes[0] <= 1e-12 * max(1.0, float(np.abs(path).max())):
        raise ValueError("path must move: all its snapshots are the same")
    directions = components[:2]
    signs = np.where(directions @ (path[0] - theta) > 0, -1.0, 1.0)
    return Plane(theta, signs[:, None] * directions)


def projected(plane: Plane, path: Array) -> Projection:
    """Return where snapshots fall on a plane whose directions are orthonormal.

    Parameters
    ----------
    plane : Plane
        Of `path_plane`.
    path : float64 array, shape (k, n_parameters)
    """
    away = path - plane.origin
    points = away @ plane.directions.T
    off = np.linalg.norm(away - points @ plane.directions, axis=1)
    total = float(np.var(path, axis=0).sum())
    return Projection(points, off, np.linalg.norm(away, axis=1), np.var(points, axis=0) / total)


def snapshots(path: Any, n_parameters: int) -> Array:
    """Return a path's snapshots as float64, shape (k, n_parameters); raise if they are none.

    Parameters
    ----------
    path : array-like, shape (k, n_parameters), or an object with ``.theta``
    n_parameters : int
    """
    given = getattr(path, "theta", path)
    try:
        found = np.array([np.asarray(theta, np.float64) for theta in given])
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.ndim != 2 or found.shape[1] != n_parameters or len(found) < 3:
        raise ValueError(
            "path must hold at least 3 snapshots of theta, of this network's "
            f"{n_parameters} parameters; got {_shape(given, found)}"
        )
    if not np.isfinite(found).all():
        raise ValueError("path must hold finite numbers; got NaN or infinity")
    return found


def _shape(given: Any, found: Array) -> str:
    if found.size:
        return f"an array of shape {found.shape}"
    count = f" of {len(given)}" if hasattr(given, "__len__") else ""
    return f"{type(given).__name__}{count}"
