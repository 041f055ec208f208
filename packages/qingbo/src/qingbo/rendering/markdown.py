"""Markdown to HTML that is safe to show: CommonMark with tables, footnotes and task lists, code in colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml, unescapeAll
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin

from qingbo.rendering.blocks import BoundedBlocks
from qingbo.rendering.budget import Budget, budget_of, environment
from qingbo.rendering.characters import without_controls
from qingbo.rendering.colouring import Colours
from qingbo.rendering.headings import name_headings
from qingbo.rendering.inlines import BoundedInlines
from qingbo.rendering.line_breaks import join_east_asian_lines
from qingbo.rendering.links import link_emails, normalised
from qingbo.rendering.nesting import nested
from qingbo.rendering.notes import define_link, define_note
from qingbo.rendering.raw_html import END, html_block, marked
from qingbo.rendering.sanitizing import clean_comment, clean_post


@dataclass(frozen=True, slots=True)
class Rendered:
    """The HTML of a text, and whether a part of it is shown as it was written, because the text asks for too much."""

    html: str
    is_cut: bool


def render_post(text: str) -> str:
    """Return the HTML of a post; raw HTML in it is cleaned, not shown as text."""
    return rendered_post(text).html


def rendered_post(text: str) -> Rendered:
    """Return the HTML of a post, and whether all of it was rendered."""
    budget = Budget()
    env = environment(budget)
    html, is_cut = nested(_post_parser().render(without_controls(text), env))
    is_cut |= budget.is_cut or ("colours" in env and env["colours"].is_cut)
    return Rendered(clean_post(html, env["anchors"]), is_cut)


def parsed_post(text: str) -> list[Token]:
    """Return what the parser of posts makes of a text."""
    return _post_parser().parse(text, environment(Budget()))


def render_comment(text: str) -> str:
    """Return the HTML of a comment: emphasis, links, lists, quotes and code; a line break stays one."""
    html, _ = nested(_comment_parser().render(without_controls(text), environment(Budget())))
    return clean_comment(html)


class _Renderer(RendererHTML):
    """Writes tokens as HTML; tags that somebody wrote stand between marks."""

    def renderInline(self, tokens: Sequence[Token], options: OptionsDict, env: EnvType) -> str:  # noqa: N802
        """Write a line, and its end where a tag in it may be left open."""
        html = super().renderInline(tokens, options, env)
        return html + END if any(token.type == "html_inline" for token in tokens) else html

    def html_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write a tag."""
        return marked(tokens[idx].content, budget_of(env), env["anchors"])

    def html_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write a block of HTML, which ends all that is left open in it."""
        return marked(tokens[idx].content, budget_of(env), env["anchors"]) + END

    def plain(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write text as it is."""
        return f'<pre class="plain">{escapeHtml(tokens[idx].content)}</pre>\n'

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write code, in colour where that is quick."""
        token = tokens[idx]
        language = "".join(unescapeAll(token.info).split()[:1])
        colours = env.setdefault("colours", Colours()) if options.html else None
        code = (colours.of(token.content, language) if colours else "") or escapeHtml(token.content)
        attribute = f' class="language-{escapeHtml(language)}"' if language else ""
        return f"<pre><code{attribute}>{code}</code></pre>\n"

    def td_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write how a cell is aligned as an attribute; inline styles are not let through, here or by the browser."""
        token = tokens[idx]
        if style := str(token.attrs.pop("style", "")):
            token.attrs["align"] = style.partition(":")[2]
        return self.renderToken(tokens, idx, options, env)

    th_open = td_open


class _Parser(MarkdownIt):
    """The parser of markdown-it-py, with parts of our own where its own take too long or lose text."""

    def __init__(self, *, whole: bool, **options: Any) -> None:
        super().__init__("gfm-like", renderer_cls=_Renderer)
        self.block = BoundedBlocks()
        self.inline = BoundedInlines(whole=whole)
        self.configure("gfm-like", {"html": whole, "linkify": False, "tasklists": whole, **options})
        self.core.ruler.at("linkify", link_emails)

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        """Return an address as it stands in HTML."""
        return normalised(url)


@cache
def _post_parser() -> MarkdownIt:
    parser = _Parser(whole=True).use(footnote_plugin)
    parser.block.ruler.at("html_block", html_block, {"alt": ["paragraph", "reference", "blockquote"]})
    parser.block.ruler.at("footnote_def", define_note, {"alt": ["paragraph", "reference"]})
    parser.core.ruler.after("inline", "name_headings", name_headings)
    parser.core.ruler.after("text_join", "line_breaks", join_east_asian_lines)
    return parser


@cache
def _comment_parser() -> MarkdownIt:
    # Without colour: a lexer that a guest can choose is one that a guest can choose to be slow.
    parser = _Parser(whole=False, breaks=True).disable(["heading", "lheading", "table"])
    parser.block.ruler.at("reference", define_link)
    return parser
