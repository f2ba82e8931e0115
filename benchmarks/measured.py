"""What was found of one peer, and how long it is waited for."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["BUDGET", "PATIENCE", "Measured"]

BUDGET = 60.0  # seconds after which a peer takes no further turn in a case
PATIENCE = 300.0  # seconds after which one that has not answered is given up


@dataclass
class Measured:
    """What was found of one peer.

    Attributes
    ----------
    peer : str
    seconds : list of float
        Of one call, in each round.
    first : float
        Seconds of the first call, which compiles where there is something to compile.
    loading : float
        Seconds of importing and of handing over the data.
    memory : float
        Peak of the whole process in MB.
    result : float or None
        The loss that its work led to; None for a limit.
    absent : str
        Why there are no figures, or an empty text.
    """

    peer: str
    seconds: list[float] = field(default_factory=list)
    first: float = float("nan")
    loading: float = float("nan")
    memory: float = float("nan")
    result: float | None = None
    absent: str = ""
