"""What `check_gradients` returns, and how it shows itself."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from glassnet.insight.gradient_groups import GroupCheck

__all__ = ["GradientCheck"]

_HEADS = ("group", "checked", "at kinks", "relative error", "verdict")


@dataclass(frozen=True)
class GradientCheck:
    """Whether gradients are right, group by group; ``print(check)`` shows it.

    Parameters
    ----------
    subject : str
        What was checked.
    groups : tuple of GroupCheck
        In the order of the parameters.
    tolerance : float
        Relative error that was allowed.
    causes : tuple of str
        Of a network that is wrong: the formulas of it that are wrong themselves, and the
        group at which the error enters, going backward.
    """

    subject: str
    groups: tuple[GroupCheck, ...]
    tolerance: float
    causes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong in what could be judged, and something could be."""
        return all(group.ok for group in self.groups) and any(g.checked for g in self.groups)

    @property
    def verdict(self) -> str:
        """What is wrong and where, in a sentence for each group; or that all is right."""
        wrong = [group.verdict for group in self.groups if not group.ok]
        if wrong:
            return "; ".join(wrong)
        missed = [group.name for group in self.groups if not group.checked]
        if len(missed) == len(self.groups):
            return "nothing could be judged: every point is at a kink, or not finite"
        rest = f"; not judged: {', '.join(missed)}" if missed else ""
        return f"the gradients are right{rest}"

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, as JSON takes it."""
        return {
            "subject": self.subject,
            "ok": self.ok,
            "verdict": self.verdict,
            "tolerance": self.tolerance,
            "causes": list(self.causes),
            "groups": [group.to_dict() for group in self.groups],
        }

    def __str__(self) -> str:
        rows = [_HEADS, *map(_row, self.groups)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADS))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        ]
        return "\n".join([self._headline(), *(line.rstrip() for line in lines), *self.causes])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(one)}</th>" for one in _HEADS)
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _row(group)) + "</tr>"
            for group in self.groups
        )
        causes = "".join(f"<p>{escape(one)}</p>" for one in self.causes)
        return (
            f"<p><b>{escape(self._headline())}</b></p><table><thead><tr>{head}</tr></thead>"
            f"<tbody>{rows}</tbody></table>{causes}"
        )

    def _headline(self) -> str:
        wrong = sum(not group.ok for group in self.groups)
        if wrong:
            said = f"wrong in {wrong} of {len(self.groups)} groups"
        else:
            said = self.verdict
        return f"Gradient check of {self.subject}: {said}"


def _row(group: GroupCheck) -> tuple[str, ...]:
    taken = group.checked + group.excluded
    checked = f"{group.checked} of {group.size}"
    if group.along == "directions":
        checked = f"{group.checked} of {taken} directions"
    elif group.checked == group.size:
        checked = f"all {taken}"
    return (
        group.name,
        checked,
        str(group.excluded),
        f"{group.relative_error:.1e}",
        group.verdict,
    )
