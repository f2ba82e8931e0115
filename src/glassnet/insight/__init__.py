"""Looking into a network: why it does not learn."""

from glassnet.insight.diagnosis import diagnose

__all__ = ["diagnose"]
