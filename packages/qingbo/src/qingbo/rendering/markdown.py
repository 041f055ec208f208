"""Markdown to HTML that is safe to show: CommonMark with tables, footnotes and task lists, code in colour."""

from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from qingbo.rendering.sanitizing import clean_comment, clean_post


def render_post(text: str) -> str:
    """Return the HTML of a post; raw HTML in it is cleaned, not shown as text."""
    return clean_post(_post_parser().render(text))


def render_comment(text: str) -> str:
    """Return the HTML of a comment: emphasis, links, lists, quotes and code; a line break stays one."""
    return clean_comment(_comment_parser().render(text))


@cache
def _post_parser() -> MarkdownIt:
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": True, "highlight": _colour})
    return parser.use(footnote_plugin).use(tasklists_plugin)


@cache
def _comment_parser() -> MarkdownIt:
    options = {"html": False, "linkify": True, "breaks": True, "highlight": _colour}
    return MarkdownIt("gfm-like", options).disable(["heading", "lheading", "image", "table"])


def _colour(code: str, language: str, attributes: str) -> str:
    # An empty answer lets the parser escape the code itself.
    try:
        lexer = get_lexer_by_name(language, stripall=False)
    except ClassNotFound:
        return ""
    return highlight(code, lexer, HtmlFormatter(nowrap=True))
