"""Planes through a network's parameters: by random directions, or by its own path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.formulas.types import Array
from glassnet.network import Plan

__all__ = ["Plane", "Projection", "path_plane", "projected", "random_plane", "snapshots"]

_ROUNDING = 1e-14  # by which sums over a path may be off, of its largest number


@dataclass(frozen=True, eq=False)
class Plane:
    r"""The points :math:`\theta^* + x d_1 + y d_2`.

    Attributes
    ----------
    origin : array, shape (n_parameters,)
        :math:`\theta^*`, the network as it is.
    directions : array, shape (2, n_parameters)
        :math:`d_1` and :math:`d_2`.

    Examples
    --------
    >>> plane = Plane(np.array([1.0, 2.0, 3.0]), np.array([[2.0, 0.0, 0.0], [1.0, 1.0, 0.0]]))
    >>> plane.at(0.5, -1.0), round(plane.angle)
    (array([1., 1., 3.]), 45)
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

    Examples
    --------
    See `projected`, which makes it.
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

    Returns
    -------
    Plane

    Raises
    ------
    ValueError
        If all weights are 0.

    References
    ----------
    Li, Xu, Taylor, Studer and Goldstein (2018), "Visualizing the Loss Landscape of Neural
    Nets", NeurIPS, arXiv:1712.09913, section 4; biases as in the authors' code.

    Examples
    --------
    >>> from glassnet.network import build_plan
    >>> plane = random_plane(build_plan([2, 1]), np.array([3.0, 4.0, 7.0]), seed=0)
    >>> np.linalg.norm(plane.directions, axis=1), plane.directions[:, 2]
    (array([5., 5.]), array([0., 0.]))
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

    Returns
    -------
    Plane

    Raises
    ------
    ValueError
        If the path stays in one point, or the network has a single parameter.

    Notes
    -----
    The components are those of the snapshots less their mean, of length 1. Signs are chosen
    so that the path's first snapshot lies to the left of and below `theta`; where it lies
    level with it, so that the largest entry is positive. A straight path has one component,
    and rounding must not choose the other: it is then the axis of the parameter that the
    first moves least, at right angles to the first.

    References
    ----------
    Li et al. (2018), arXiv:1712.09913, section 7.2.

    Examples
    --------
    >>> path = np.array([[0.0, 0.0], [3.0, 1.0], [6.0, 0.0]])
    >>> path_plane(path[-1], path).directions
    array([[1., 0.],
           [0., 1.]])
    """
    if theta.size < 2:
        raise ValueError("model must have at least two parameters for directions='path'")
    rounding = _ROUNDING * np.sqrt(path.size) * max(np.abs(theta).max(), np.abs(path).max())
    _, sizes, directions = np.linalg.svd(path - path.mean(axis=0), full_matrices=False)
    directions = directions[:2]
    if sizes[0] <= rounding:
        raise ValueError("path must move: all its snapshots are the same")
    if sizes[1] <= rounding:
        directions[1] = _across(directions[0])
    aside = directions @ (path[0] - theta)
    largest = directions[[0, 1], np.abs(directions).argmax(axis=1)]
    signs = np.sign(np.where(np.abs(aside) > rounding, -aside, largest))
    return Plane(theta, signs[:, None] * directions)


def _across(direction: Array) -> Array:
    """Return the axis that a unit vector is furthest from, at right angles to it."""
    least = int(np.argmin(np.abs(direction)))
    axis = -direction[least] * direction
    axis[least] += 1.0
    return np.asarray(axis / np.linalg.norm(axis))


def projected(plane: Plane, path: Array) -> Projection:
    """Return where snapshots fall on a plane whose directions are orthonormal.

    Parameters
    ----------
    plane : Plane
        Of `path_plane`.
    path : float64 array, shape (k, n_parameters)
        It moves.

    Returns
    -------
    Projection

    Examples
    --------
    >>> flat = Plane(np.zeros(3), np.eye(3)[:2])
    >>> path = np.array([[0.0, 0.0, 0.0], [3.0, 4.0, 12.0], [6.0, 0.0, 0.0]])
    >>> found = projected(flat, path)
    >>> found.points[1], found.off_plane, found.from_origin
    (array([3., 4.]), array([ 0., 12.,  0.]), array([ 0., 13.,  6.]))
    """
    away = path - plane.origin
    points = away @ plane.directions.T
    off = np.linalg.norm(away - points @ plane.directions, axis=1)
    total = float(np.var(path, axis=0).sum())
    return Projection(points, off, np.linalg.norm(away, axis=1), np.var(points, axis=0) / total)


def snapshots(path: Any, n_parameters: int) -> Array:
    """Return a path's snapshots as float64, shape (k, n_parameters).

    Parameters
    ----------
    path : array-like, shape (k, n_parameters), or an object with ``.theta``
    n_parameters : int

    Returns
    -------
    array

    Raises
    ------
    ValueError
        If they are fewer than 3, of another network's size, or not finite.

    Examples
    --------
    >>> snapshots([[0, 1], [2, 3], [4, 5]], 2)
    array([[0., 1.],
           [2., 3.],
           [4., 5.]])
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
