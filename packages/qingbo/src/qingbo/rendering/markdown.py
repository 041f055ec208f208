"""Markdown to HTML that is safe to show: CommonMark with tables, footnotes and task lists, code in colour."""

import re
from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from qingbo.rendering.sanitizing import clean_comment, clean_post

LANGUAGES = frozenset(
    {
        *("bash", "sh", "shell", "zsh", "powershell", "ps1", "c", "c++", "cpp", "c#", "csharp", "objective-c", "css"),
        *("dart", "diff", "docker", "dockerfile", "elixir", "erlang", "go", "golang", "graphql", "haskell", "html"),
        *("http", "ini", "java", "javascript", "js", "json", "kotlin", "lua", "make", "makefile", "markdown", "md"),
        *("nginx", "perl", "php", "py", "python", "python3", "r", "rb", "ruby", "rs", "rust", "scala", "sql", "swift"),
        *("toml", "ts", "typescript", "vim", "xml", "yaml", "yml"),
    }
)
"""The languages that are coloured. Pygments knows hundreds, and with some a few kilobytes keep it busy for minutes."""

_ALIGNMENT = re.compile(r'style="text-align:(left|center|right)"')
"""Of cells: as an attribute, since inline styles are not let through, here or by the browser."""

MOST_CODE = 50_000
"""Characters of one block; a longer one is shown plain."""


def render_post(text: str) -> str:
    """Return the HTML of a post; raw HTML in it is cleaned, not shown as text."""
    return clean_post(_ALIGNMENT.sub(r'align="\1"', _post_parser().render(text)))


def render_comment(text: str) -> str:
    """Return the HTML of a comment: emphasis, links, lists, quotes and code; a line break stays one."""
    return clean_comment(_comment_parser().render(text))


@cache
def _post_parser() -> MarkdownIt:
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": True, "highlight": _colour})
    return parser.use(footnote_plugin).use(tasklists_plugin)


@cache
def _comment_parser() -> MarkdownIt:
    # Without colour: a lexer that a guest can choose is one that a guest can choose to be slow.
    options = {"html": False, "linkify": True, "breaks": True}
    return MarkdownIt("gfm-like", options).disable(["heading", "lheading", "image", "table"])


def _colour(code: str, language: str, attributes: str) -> str:
    # An empty answer lets the parser escape the code itself.
    if language.lower() not in LANGUAGES or len(code) > MOST_CODE:
        return ""
    return highlight(code, get_lexer_by_name(language, stripall=False), HtmlFormatter(nowrap=True))
