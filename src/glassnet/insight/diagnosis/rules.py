"""What all rules share."""

from __future__ import annotations

from glassnet.insight.diagnosis.cures import TEXTS
from glassnet.insight.diagnosis.report import Evidence, Finding

__all__ = ["finding"]


def finding(
    name: str, evidence: Evidence, explanation: str, change: str = "", cure: str = ""
) -> Finding:
    """Return the finding with the cure that belongs to its name, unless it has its own."""
    return Finding(
        name, evidence, explanation, cure or TEXTS[change or name], change=change or name
    )
