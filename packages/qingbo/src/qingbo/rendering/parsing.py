"""Markdown to HTML: the parsers, the renderer, and the sanitizing of their output. `markdown` is the public module."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin

from qingbo.rendering.alerts import make_alerts
from qingbo.rendering.blocks import BoundedBlocks
from qingbo.rendering.budget import Budget, budget_of, environment
from qingbo.rendering.cards import mark_cards
from qingbo.rendering.characters import without_controls
from qingbo.rendering.code_blocks import read_info, with_highlighted_lines
from qingbo.rendering.colouring import Colours
from qingbo.rendering.definitions import definition_lists
from qingbo.rendering.finishing import finished
from qingbo.rendering.formulas import Formulas, formula_block, formulas_of
from qingbo.rendering.headings import contents_of, link_to, name_headings, place_contents
from qingbo.rendering.inlines import BoundedInlines, read_lines
from qingbo.rendering.line_breaks import join_east_asian_lines
from qingbo.rendering.links import link_emails, normalised
from qingbo.rendering.markdown import Rendered
from qingbo.rendering.marks import pair_marks
from qingbo.rendering.nesting import nested
from qingbo.rendering.notes import define_link, define_note
from qingbo.rendering.raw_html import END, html_block, marked
from qingbo.rendering.removals import Removals, removals_of
from qingbo.rendering.sanitizing import clean_comment, clean_line, clean_post
from qingbo.rendering.typography import educate

LONGEST_STILL = 25
"""Maximum characters of a formula that fits on a phone."""


def post(text: str, *, typographic: bool) -> Rendered:
    """See `markdown.rendered_post`."""
    env = _environment() | {"typographic": typographic}
    html, is_cut = nested(_post_parser().render(without_controls(text), env))
    is_cut |= budget_of(env).is_cut or ("colours" in env and env["colours"].is_cut)
    found = sorted(removals_of(env).found, key=lambda removal: removal.line)
    html, beginning = clean_post(html, env["anchors"], formulas_of(env))
    return Rendered(finished(html), is_cut, tuple(found), beginning)


def parsed_post(text: str) -> list[Token]:
    """Parse a text with the parser of posts."""
    return _post_parser().parse(text, _environment())


def comment(text: str) -> str:
    """See `markdown.render_comment`."""
    html, formulas = _short(text)
    return finished(clean_comment(html, formulas))


def line(text: str) -> str:
    """See `markdown.render_line`."""
    html, formulas = _short(text)
    return clean_line(html, formulas).strip()


def _short(text: str) -> tuple[str, Formulas]:
    env = _environment()
    html, _ = nested(_comment_parser().render(without_controls(text), env))
    return html, formulas_of(env)


def _environment() -> dict[str, Any]:
    budget = Budget()
    return environment(budget) | {"formulas": Formulas(budget), "removals": Removals()}


class _Renderer(RendererHTML):
    """Writes tokens as HTML, with authors' tags between marks."""

    def renderInline(self, tokens: Sequence[Token], options: OptionsDict, env: EnvType) -> str:  # noqa: N802
        """Write inline tokens, and an end mark if an author's tag in them may be open."""
        html = super().renderInline(tokens, options, env)
        return html + END if any(token.type == "html_inline" for token in tokens) else html

    def html_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write an author's tag."""
        return _marked(tokens[idx], env)

    def html_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write a block of authors' HTML, and an end mark, at which its open tags are closed."""
        return _marked(tokens[idx], env) + END

    def plain(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write text unrendered."""
        return f'<pre class="plain">{escapeHtml(tokens[idx].content)}</pre>\n'

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write a code block, highlighted if the budget allows; the language math makes a formula."""
        token, info = tokens[idx], read_info(tokens[idx].info)
        if info.language == "math":
            latex = token.content.strip()
            return _formula_block(latex, formulas_of(env).add(latex, "$$"))
        colours = env.setdefault("colours", Colours()) if options.html else None
        code = (colours.of(token.content, info.language) if colours else "") or escapeHtml(token.content)
        if info.ranges:
            code = with_highlighted_lines(code, info, budget_of(env))
        attribute = f' class="language-{escapeHtml(info.language)}"' if info.language else ""
        html = f"<pre><code{attribute}>{code}</code></pre>\n"
        if not info.title or not options.html:
            return html
        return f'<figure class="code">\n<figcaption>{escapeHtml(info.title)}</figcaption>\n{html}</figure>\n'

    def formula(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write a formula. One on separate lines can be scrolled if it is wider than the page."""
        token = tokens[idx]
        html = formulas_of(env).add(token.content, token.markup)
        if token.block:
            return _formula_block(token.content, html)
        return f'<span class="formula">{html}</span>' if token.markup == "$$" else html

    def alert_title(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write the headline of an alert."""
        language = f' lang="{tokens[idx].attrs["lang"]}"' if tokens[idx].attrs else ""
        return f'<p class="alert-title"{language}>{tokens[idx].content}</p>\n'

    def contents(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write a table of contents."""
        entries = tokens[idx].meta["entries"]
        return contents_of([(level, name, self.renderInline(words, options, env)) for level, name, words in entries])

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write the beginning of a heading, in a container if it has an id, for the link to it."""
        return ('<div class="heading">\n' if tokens[idx].meta else "") + self.renderToken(tokens, idx, options, env)

    def heading_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write the end of a heading, and the link to it."""
        opening = tokens[idx - 2]
        link = f"{link_to(opening)}\n</div>\n" if opening.meta else ""
        return self.renderToken(tokens, idx, options, env) + link

    def td_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write the alignment of a cell as an attribute: sanitizer and Content-Security-Policy block inline styles."""
        token = tokens[idx]
        if style := str(token.attrs.pop("style", "")):
            token.attrs["align"] = style.partition(":")[2]
        return self.renderToken(tokens, idx, options, env)

    th_open = td_open


def _formula_block(latex: str, html: str) -> str:
    """Return a formula on separate lines; one that may need scrolling on a phone can be focused with the keyboard."""
    focus = ' tabindex="0"' if len(latex) > LONGEST_STILL else ""
    return f'<p class="formula"{focus}>{html}</p>\n'


def _marked(token: Token, env: EnvType) -> str:
    return marked(token.content, token.map[0] if token.map else 0, env)


class _Parser(MarkdownIt):
    """markdown-it-py's parser, with own parts where the originals are too slow or lose text."""

    def __init__(self, *, whole: bool, **options: Any) -> None:
        super().__init__("gfm-like", renderer_cls=_Renderer)
        self.block = BoundedBlocks()
        self.inline = BoundedInlines(whole=whole)
        self.configure("gfm-like", {"html": whole, "linkify": False, "tasklists": whole, **options})
        self.core.ruler.at("linkify", link_emails)
        self.core.ruler.at("inline", read_lines)
        self.inline.ruler2.after("emphasis", "mark", pair_marks)
        self.block.ruler.after("fence", "formula", formula_block, {"alt": ["paragraph", "reference", "blockquote"]})

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        """Return an address for HTML."""
        return normalised(url)


@cache
def _post_parser() -> MarkdownIt:
    parser = _Parser(whole=True).use(footnote_plugin)
    parser.block.ruler.at("html_block", html_block, {"alt": ["paragraph", "reference", "blockquote"]})
    parser.block.ruler.at("footnote_def", define_note, {"alt": ["paragraph", "reference"]})
    definition_lists(parser)
    parser.core.ruler.after("block", "alerts", make_alerts)
    parser.core.ruler.after("inline", "name_headings", name_headings)
    parser.core.ruler.after("name_headings", "contents", place_contents)
    parser.core.ruler.after("contents", "cards", mark_cards)
    parser.core.ruler.before("text_join", "typography", educate)
    parser.core.ruler.after("text_join", "line_breaks", join_east_asian_lines)
    return parser


@cache
def _comment_parser() -> MarkdownIt:
    # Without highlighting: a guest could choose a lexer that is slow.
    parser = _Parser(whole=False, breaks=True).disable(["heading", "lheading", "table"])
    parser.block.ruler.at("reference", define_link)
    return parser
