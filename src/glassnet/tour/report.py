"""The tour's report: one HTML file with everything inside, readable on a phone."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources

from glassnet.tour.glossary import glossary
from glassnet.tour.pictures import Picture

__all__ = ["Chapter", "Figure", "Printed", "Table", "Takeaway", "Text", "render"]


PHONE = "screen and (max-width: 36rem)"
"""Who gets a picture's narrow layout."""


@dataclass(frozen=True)
class Text:
    """A paragraph. It may hold inline HTML of our own; `html.escape` what is not ours."""

    markup: str

    def render(self) -> str:
        """Return the block as HTML."""
        return f"<p>{self.markup}</p>"


@dataclass(frozen=True)
class Table:
    """Rows under a heading; numbers are aligned to the right."""

    heading: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""

    def render(self) -> str:
        """Return the block as HTML."""
        head = "".join(f"<th>{html.escape(cell)}</th>" for cell in self.heading)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows
        )
        caption = (
            f"<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        )
        return (
            f'<figure><div class="scroll"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>{caption}</figure>"
        )


@dataclass(frozen=True)
class Printed:
    """What a terminal would show, in the report's typewriter face."""

    text: str

    def render(self) -> str:
        """Return the block as HTML."""
        return f'<pre class="printed">{html.escape(self.text)}</pre>'


@dataclass(frozen=True)
class Figure:
    """Pictures under one caption: side by side, below each other on a narrow screen."""

    pictures: Sequence[Picture]
    caption: str
    alt: str

    def render(self) -> str:
        """Return the block as HTML."""
        images = "".join(self._render(picture) for picture in self.pictures)
        kind = "pair" if len(self.pictures) > 1 else "one"
        return (
            f'<figure><div class="pictures {kind}">{images}</div>'
            f"<figcaption>{html.escape(self.caption)}</figcaption></figure>"
        )

    def _render(self, picture: Picture) -> str:
        image = f'<img alt="{html.escape(self.alt)}" src="{_inside(picture.wide)}">'
        if picture.narrow is None:
            return image
        source = f'<source media="{PHONE}" srcset="{_inside(picture.narrow)}">'
        return f"<picture>{source}{image}</picture>"


@dataclass(frozen=True)
class Takeaway:
    """One thing to remember, and the number that shows it.

    Attributes
    ----------
    claim : str
    measured : str
        What this run measured.
    holds : bool
        Whether it bears the claim out.
    """

    claim: str
    measured: str
    holds: bool


@dataclass
class Chapter:
    """A section of the report."""

    title: str
    blocks: list[Text | Table | Figure | Printed] = field(default_factory=list)
    takeaways: list[Takeaway] = field(default_factory=list)


def render(chapters: Sequence[Chapter], footer: str) -> str:
    """Return the whole page.

    Parameters
    ----------
    chapters : sequence of Chapter
    footer : str
        How the report was made.
    """
    page = (resources.files("glassnet.tour") / "report.html").read_text(encoding="utf-8")
    contents = "".join(
        f'<li><a href="#c{i}">{html.escape(c.title)}</a></li>'
        for i, c in enumerate(chapters, 1)
    )
    summary = "".join(
        f'<li class="{"holds" if t.holds else "fails"}"><strong>{html.escape(t.claim)}</strong>'
        f"<span>{html.escape(t.measured)}</span></li>"
        for chapter in chapters
        for t in chapter.takeaways
    )
    sections = "".join(
        f'<section id="c{i}"><h2>{i}. {html.escape(chapter.title)}</h2>'
        + "".join(block.render() for block in chapter.blocks)
        + "</section>"
        for i, chapter in enumerate(chapters, 1)
    )
    for name, text in {
        "contents": contents,
        "summary": summary,
        "sections": sections,
        "glossary": glossary(),
        "footer": html.escape(footer),
    }.items():
        page = page.replace(f"<!-- {name} -->", text)
    return page


def _inside(svg: bytes) -> str:
    """Return a picture as an address that holds all of it."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
