"""A line that grows from frame to frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.lines import Line2D

from glassnet.formulas.types import Array

__all__ = ["Growing"]


@dataclass(frozen=True)
class Growing:
    """A path or a curve of losses as it is in the end.

    Attributes
    ----------
    artist : Line2D
    x, y : arrays
        Of its points.
    marks : list of int or None
        Which of them have a mark.
    """

    artist: Any
    x: Array
    y: Array
    marks: Any

    @classmethod
    def of(cls, artist: Line2D) -> Growing:
        """Return a line that is there as one that grows."""
        return cls(artist, *artist.get_data(), artist.get_markevery())

    def end_at(self, place: int) -> None:
        """Show it up to a point, or whole if it ended before; its mark is at its end.

        Parameters
        ----------
        place : int
            Number of the point; -1 shows nothing.
        """
        last = min(place, len(self.x) - 1)
        self.artist.set_data(self.x[: last + 1], self.y[: last + 1])
        if self.marks is not None:
            passed = [mark for mark in self.marks if mark < last]
            self.artist.set_markevery([*passed, last] if last >= 0 else [])
