"""Markdown to safe HTML: CommonMark with tables, footnotes, task lists and syntax highlighting.

HTML is made once and stored, so most processes never need the parser: it is imported with the first text.
"""

from dataclasses import dataclass

from qingbo.rendering.removals import Removal


@dataclass(frozen=True, slots=True)
class Rendered:
    """The HTML of a text, and what is not rendered as its author wrote it."""

    html: str
    is_cut: bool
    """Whether a part is shown unrendered, because the text exceeds a limit."""
    removals: tuple[Removal, ...] = ()
    beginning: str = ""
    """The HTML before ``<!--more-->``; elements in it may not be closed."""


def render_post(text: str, *, typographic: bool = False) -> str:
    """Return the HTML of a post; see `rendered_post`. Raw HTML in it is sanitized, not shown as text."""
    return rendered_post(text, typographic=typographic).html


def rendered_post(text: str, *, typographic: bool = False) -> Rendered:
    """Render a post.

    Args:
        text: Markdown.
        typographic: whether English text gets typographic quotes and dashes.
    """
    from qingbo.rendering import parsing

    return parsing.post(text, typographic=typographic)


def render_comment(text: str) -> str:
    """Return the HTML of a comment: emphasis, links, lists, quotes and code; line breaks are kept."""
    from qingbo.rendering import parsing

    return parsing.comment(text)


def render_line(text: str) -> str:
    """Return the HTML of a short text such as the footer: emphasis, links and code; line breaks are kept."""
    from qingbo.rendering import parsing

    return parsing.line(text)
