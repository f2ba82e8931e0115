"""`diagnose`: measured reasons why a network does not learn, and cures for them."""

from glassnet.insight.diagnosis.diagnose import diagnose
from glassnet.insight.diagnosis.report import Evidence, Finding, Proof, Report

__all__ = ["Evidence", "Finding", "Proof", "Report", "diagnose"]
