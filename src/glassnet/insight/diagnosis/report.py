"""What a diagnosis found, and how it shows itself."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from glassnet.insight.diagnosis.pictures import image

__all__ = ["Evidence", "Finding", "Proof", "Report"]


@dataclass(frozen=True)
class Evidence:
    """A measured number, and what it would be in a healthy network.

    Parameters
    ----------
    quantity : str
        What was measured.
    value : float
    healthy : str
        The healthy range.
    source : str
        What the number was measured on.
    series : tuple of float
        Numbers behind it, drawn as a small picture; may be empty.
    label : str
        What the numbers of `series` are.

    Examples
    --------
    >>> print(Evidence("share of dead units", 0.9, "below 0.4", "last epoch"))
    share of dead units: 0.9 (healthy: below 0.4; measured on: last epoch)
    """

    quantity: str
    value: float
    healthy: str
    source: str
    series: tuple[float, ...] = ()
    label: str = ""

    def __str__(self) -> str:
        return (
            f"{self.quantity}: {self.value:.3g} "
            f"(healthy: {self.healthy}; measured on: {self.source})"
        )


@dataclass(frozen=True)
class Proof:
    """What the cure did: same budget of epochs, same seed.

    Parameters
    ----------
    metric : {"accuracy", "balanced accuracy", "R2"}
    loss, train, held_out : pairs of float
        Before and after the cure: the training loss, the metric on the training data,
        and the metric on rows that were not trained on (NaN where there are too few to
        hold some out).
    epochs : int
        The budget of either run.

    Examples
    --------
    >>> print(Proof("accuracy", (0.25, 0.01), (0.35, 1.0), (0.4, 0.98), 1000))
    1000 epochs: loss 0.25 -> 0.01, accuracy 0.35 -> 1 (held-out: 0.4 -> 0.98)
    """

    metric: str
    loss: tuple[float, float]
    train: tuple[float, float]
    held_out: tuple[float, float]
    epochs: int

    def __str__(self) -> str:
        loss, train, held = (
            f"{before:.3g} -> {after:.3g}"
            for before, after in (self.loss, self.train, self.held_out)
        )
        held = f" (held-out: {held})" if math.isfinite(self.held_out[0]) else ""
        return f"{self.epochs} epochs: loss {loss}, {self.metric} {train}{held}"


@dataclass(frozen=True)
class Finding:
    """One failure.

    Parameters
    ----------
    name : str
        Such as ``"vanishing_gradients"``.
    evidence : Evidence
    explanation : str
        What it means, for a beginner.
    cure : str
        Code or parameters.
    proof : Proof or None
        What the cure did, where `diagnose` was asked to prove it and could.
    change : str
        Which change of the probes the cure is; the name itself, unless there are several.
    beside : tuple of str
        Changes without which it does nothing: cures of failures that hide this one.

    Examples
    --------
    >>> evidence = Evidence("largest spread", 3e3, "about 1", "X")
    >>> Finding("unscaled_inputs", evidence, "Too wide.", "StandardScaler()").name
    'unscaled_inputs'
    """

    name: str
    evidence: Evidence
    explanation: str
    cure: str
    proof: Proof | None = None
    change: str = ""
    beside: tuple[str, ...] = ()

    def proven(self, proof: Proof) -> Finding:
        """Return the same finding with its proof."""
        return replace(self, proof=proof)

    def __str__(self) -> str:
        lines = [
            self.name,
            f"  {self.evidence}",
            f"  {self.explanation}",
            f"  Cure: {self.cure}",
        ]
        if self.proof is not None:
            lines.append(f"  Proof: {self.proof}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return it as dictionaries, lists, texts and numbers; None for what is not finite."""
        evidence = vars(self.evidence)
        return {
            "name": self.name,
            "evidence": {k: _plain(v) for k, v in evidence.items()},
            "explanation": self.explanation,
            "cure": self.cure,
            "proof": None
            if self.proof is None
            else {k: _plain(v) for k, v in vars(self.proof).items()},
        }


@dataclass(frozen=True)
class Report:
    """What `diagnose` returns.

    Parameters
    ----------
    findings : tuple of Finding
        The gravest first; a cause before its consequences.
    examined : tuple of str
        What was looked at.

    Examples
    --------
    >>> print(Report((), ("the data", "one training run")))
    Nothing found.
    Examined: the data; one training run.
    """

    findings: tuple[Finding, ...]
    examined: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the findings, the gravest first."""
        return tuple(finding.name for finding in self.findings)

    def __str__(self) -> str:
        found = [f"{i}. {one}" for i, one in enumerate(self.findings, 1)] or ["Nothing found."]
        return "\n".join([*found, f"Examined: {'; '.join(self.examined)}."])

    __repr__ = __str__

    def to_dict(self) -> dict[str, Any]:
        """Return it as dictionaries, lists, texts and numbers."""
        return {
            "findings": [finding.to_dict() for finding in self.findings],
            "examined": list(self.examined),
        }

    def to_json(self) -> str:
        """Return `to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    def _repr_html_(self) -> str:
        parts = [_html(finding) for finding in self.findings] or ["<p>Nothing found.</p>"]
        examined = escape("; ".join(self.examined))
        return f"<div>{''.join(parts)}<p><small>Examined: {examined}.</small></p></div>"


def _html(finding: Finding) -> str:
    proof = "" if finding.proof is None else f"<p>Proof: {escape(str(finding.proof))}</p>"
    return (
        f"<section><h4>{escape(finding.name)}</h4>"
        f"<p>{escape(finding.explanation)}</p>"
        f"<p>{escape(str(finding.evidence))}</p>"
        f"{image(finding.evidence.series, finding.evidence.label)}"
        f"<p>Cure: <code>{escape(finding.cure)}</code></p>{proof}</section>"
    )


def _plain(value: Any) -> Any:
    """Return what JSON can say: it has no word for numbers that are not finite."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, str | int):
        return value
    return float(value) if math.isfinite(value) else None
