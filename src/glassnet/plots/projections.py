"""What a layer answers, in a plane: two units as they are, more on their main directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.formulas.types import Array

__all__ = ["Projection", "projection_of"]


@dataclass(frozen=True)
class Projection:
    r"""A map from a layer's units to a plane, :math:`p = (h - c) A`.

    Attributes
    ----------
    centre : array, shape (units,)
    axes : array, shape (units, 2)
        Orthonormal columns.
    """

    centre: Array
    axes: Array

    def flat(self, answers: Array) -> Array:
        """Return answers ``(n, units)`` as points of the plane ``(n, 2)``."""
        return (answers - self.centre) @ self.axes

    def full(self, points: Array) -> Array:
        """Return the answers ``(n, units)`` that lie in the plane at ``(n, 2)``."""
        return points @ self.axes.T + self.centre

    def held(self, answers: Array) -> float:
        """Return what share of the variance of answers ``(n, units)`` the plane holds."""
        total = float(np.var(answers, axis=0).sum())
        return float(np.var(self.flat(answers), axis=0).sum()) / total if total else 1.0

    @property
    def exact(self) -> bool:
        """Whether the plane's axes are the units themselves."""
        return len(self.centre) <= 2


def projection_of(answers: Array) -> Projection:
    r"""Return the plane of a layer's answers: two units, or two principal components.

    The components are the first two right singular vectors of the centred answers; each
    points the way its largest entry is positive, so that two runs give one picture.

    Parameters
    ----------
    answers : array, shape (n, units)
    """
    n_units = answers.shape[1]
    if n_units <= 2:
        return Projection(np.zeros(n_units), np.eye(n_units, 2))
    centre = answers.mean(axis=0)
    alone = len(answers) == 1  # whose thin factors hold one direction only
    _, _, vectors = np.linalg.svd(answers - centre, full_matrices=alone)
    axes = vectors[:2].T
    signs = np.sign(axes[np.argmax(np.abs(axes), axis=0), (0, 1)])
    return Projection(centre, axes * signs)
