"""Markdown to HTML that is safe to show: CommonMark with tables, footnotes and task lists, code in colour.

HTML is made once and kept, so most processes never need the parser: it is imported with the first text.
"""

from dataclasses import dataclass

from qingbo.rendering.removals import Removal


@dataclass(frozen=True, slots=True)
class Rendered:
    """The HTML of a text, and what of the text it does not show as its author wanted."""

    html: str
    is_cut: bool
    """Whether a part is shown as it was written, because the text asks for too much."""
    removals: tuple[Removal, ...] = ()
    beginning: str = ""
    """The HTML before ``<!--more-->``; it may leave elements open."""


def render_post(text: str, *, typographic: bool = False) -> str:
    """Return the HTML of a post; see `rendered_post`. Raw HTML in it is cleaned, not shown as text."""
    return rendered_post(text, typographic=typographic).html


def rendered_post(text: str, *, typographic: bool = False) -> Rendered:
    """Return the HTML of a post, and what it does not show as its author wanted.

    Args:
        text: Markdown.
        typographic: whether English text gets typographic quotes and dashes.
    """
    from qingbo.rendering import parsing

    return parsing.post(text, typographic=typographic)


def render_comment(text: str) -> str:
    """Return the HTML of a comment: emphasis, links, lists, quotes and code; a line break stays one."""
    from qingbo.rendering import parsing

    return parsing.comment(text)


def render_line(text: str) -> str:
    """Return the HTML of a few words of the site, such as its footer: emphasis, links and code; a line break stays."""
    from qingbo.rendering import parsing

    return parsing.line(text)
