"""HTML in posts: decides which tags are tags; everything else in angle brackets is text.

A tag is kept between two control characters, with its allowed attributes. `nesting` then decides where it may be, and
closes open tags.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING, cast

from markdown_it.common.html_blocks import block_names
from markdown_it.rules_block import StateBlock
from markdown_it.utils import EnvType

from qingbo.rendering.budget import Budget, budget_of
from qingbo.rendering.characters import join_lines
from qingbo.rendering.elements import ANCHOR, ATTRIBUTES, EMBEDS, REFUSED, TRANSPARENT, VERBATIM, WRITTEN
from qingbo.rendering.removals import Fate, Removals, is_allowed_address, removals_of

if TYPE_CHECKING:
    from qingbo.rendering.blocks import BlockState
    from qingbo.rendering.inlines import InlineState

OPEN, CLOSE, END = "\x01", "\x02", "\x03"
"""Marks around an author's tag, and at the end of the block or line that contains it."""

MORE = "\x10"
"""Replaces ``<!--more-->``, the end of the excerpt."""

_KNOWN = WRITTEN | TRANSPARENT | set(EMBEDS)
_TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*+)
    (?P<attributes>(?:(?:[\s/]++|(?<=["']))[A-Za-z_:@][\w:.@-]*+(?:\s*+=\s*+(?:[^\s"'<>`]++|"[^"]*+"|'[^']*+'))?+)*+)
    \s*+/?>""",
    re.VERBOSE | re.ASCII,
)
_ATTRIBUTE = re.compile(r"""([A-Za-z_:@][\w:.@-]*+)(?:\s*+=\s*+([^\s"'<>`]++|"[^"]*+"|'[^']*+'))?+""", re.ASCII)
_BLOCK_NAMES = "|".join(sorted({*block_names, "pre"} & _KNOWN, key=len, reverse=True))
_BLOCK = re.compile(rf"</?({_BLOCK_NAMES})(?=\s|/?>|$)", re.IGNORECASE)
_VERBATIM = re.compile(rf"<((?:{'|'.join(VERBATIM)})(?=\s|>|$)|\?|!\[CDATA\[)", re.IGNORECASE)
_VERBATIM_ENDS = {"?": "?>", "![cdata[": "]]>"}
_AMPERSAND = re.compile(r"&(?!#?[A-Za-z0-9]{1,31};)")
_MORE = re.compile(r"<!--\s*(?:more|truncate)\b", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_LONGEST_ID = 200
_ADDRESSES = {"href", "poster", "src"}


def raw_tag(state: "InlineState", silent: bool) -> bool:
    """Read a tag, or a comment, which is removed."""
    end = _end_of_comment(state.src, state.pos, state.html_terminator_last("-->"))
    if end:
        state.pending += _more_in(state.src[state.pos : end])
    else:
        found = _TAG.match(state.src, state.pos, state.posMax)
        if found is None or (name := found["name"].lower()) not in _KNOWN:
            if found and name in REFUSED and not found["end"]:
                removals_of(state.env).add(state.line, Fate.SHOWN, f"<{name}>")
            return False
        end = found.end()
        token = state.push("html_inline", "", 0)
        token.content, token.map = found[0], [state.line, state.line]
    state.pos = end
    return True


def html_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a block that begins with a tag or a comment. Without an end it does not extend to the end of the text."""
    begin = state.bMarks[start] + state.tShift[start]
    if state.is_code_block(start) or not state.src.startswith("<", begin):
        return False
    line = state.src[begin : state.eMarks[start]]
    if closing := _own_end(line):
        after = _line_after(cast("BlockState", state), closing, start, end)
        kind = "html_block" if line.startswith("<!--") else "code_block"
        if after and not silent and closing.startswith("</"):
            removals_of(state.env).add(start, Fate.SHOWN, f"<{closing[2:]}>")
        return bool(after) and (silent or _push(state, kind, start, after))
    tag = _BLOCK.match(line)
    if tag is None and (silent or not _is_tag_alone(line.rstrip())):
        return False
    after = _line_after(cast("BlockState", state), "</pre", start, end) if tag and tag[0].lower() == "<pre" else 0
    return silent or _push(state, "html_block", start, after or _next_empty(state, start, end))


def _own_end(line: str) -> str:
    """Return what ends a block that may contain empty lines; empty for other blocks."""
    if line.startswith("<!--"):
        return "-->"
    found = _VERBATIM.match(line)
    return (_VERBATIM_ENDS.get(found[1].lower()) or f"</{found[1].lower()}") if found else ""


def _is_tag_alone(line: str) -> bool:
    found = _TAG.fullmatch(line)
    return found is not None and found["name"].lower() in _KNOWN


def _push(state: StateBlock, kind: str, start: int, after: int) -> bool:
    token = state.push(kind, "", 0)
    token.map = [start, after]
    token.content = state.getLines(start, after, state.blkIndent, True)
    state.line = after
    return True


def _next_empty(state: StateBlock, start: int, end: int) -> int:
    line = start + 1
    while line < end and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        line += 1
    return line


def _line_after(state: "BlockState", closing: str, start: int, end: int) -> int:
    """Return the line after the one with the closing mark, or 0 if there is none in this container."""
    begin = state.bMarks[start] + state.tShift[start] + len("<!--")
    place = state.find_closing(closing, begin)
    line = start
    while place >= 0 and line < end:
        if line > start and not state.isEmpty(line) and state.sCount[line] < state.blkIndent:
            return 0
        if state.eMarks[line] > place:
            return line + 1
        line += 1
    return 0


def marked(html: str, line: int, env: EnvType) -> str:
    """Return authors' HTML with its known tags between marks, and everything else as text.

    Args:
        html: as it was written.
        line: where it begins in the text, counted from 0.
        env: of the text.
    """
    return "".join(_pieces(html, budget_of(env), env["anchors"], _Lines(html, line, removals_of(env))))


class _Lines:
    """Records what is not allowed in a piece of HTML, with its line."""

    def __init__(self, html: str, line: int, removals: Removals) -> None:
        self._html, self._line, self._removals = html, line, removals

    def note(self, start: int, fate: Fate, name: str, element: str = "") -> None:
        if not self._removals.is_full:  # otherwise counting lines would take quadratic time
            self._removals.add(self._line + self._html.count("\n", 0, start), fate, name, element)


def _pieces(html: str, budget: Budget, anchors: set[str], lines: _Lines) -> Iterator[str]:
    last_comment = html.rfind("-->")
    done, start, is_code = 0, html.find("<"), False
    while start >= 0:
        yield _text(html[done:start], is_code)
        done = _end_of_comment(html, start, last_comment)
        if done:
            yield _more_in(html[start:done])
        else:
            if not budget.may_spend(2):
                yield _text(html[start:].replace("<", "&lt;"), is_code=True)
                return
            found = _TAG.match(html, start)
            if found and (tag := _marked_tag(found, anchors, lines)) is not None:
                yield tag
                done = found.end()
                is_code = not found["end"] if found["name"].lower() == "pre" else is_code
            else:
                yield "&lt;"
                done = start + 1
        start = html.find("<", done)
    yield _text(html[done:], is_code)


def _text(text: str, is_code: bool) -> str:
    text = _AMPERSAND.sub("&amp;", text)
    return text if is_code else join_lines(text)


def _end_of_comment(text: str, start: int, last: int) -> int:
    """Return where a comment that begins at `start` ends; 0 if there is none, or it has no end."""
    if not text.startswith("<!--", start):
        return 0
    for whole in ("<!-->", "<!--->"):
        if text.startswith(whole, start):
            return start + len(whole)
    return text.find("-->", start + 4) + 3 if last >= start + 4 else 0


def _more_in(comment: str) -> str:
    return MORE if _MORE.match(comment) else ""


def _marked_tag(found: re.Match[str], anchors: set[str], lines: _Lines) -> str | None:
    """Return a tag between marks, an empty string if it is removed, or None if it is shown as text."""
    name = found["name"].lower()
    tag: str | None
    if name in EMBEDS:
        tag = "" if found["end"] else _link_to_embedded(found, EMBEDS[name])
        fate = Fate.SHOWN if tag is None else Fate.LINKED
    elif name in WRITTEN:
        return f"{OPEN}/{name}{CLOSE}" if found["end"] else _allowed_tag(found, name, anchors, lines)
    else:
        tag = "" if name in TRANSPARENT else None
        fate = Fate.SHOWN if tag is None else Fate.UNWRAPPED
    if not found["end"] and (tag is not None or name in REFUSED):
        lines.note(found.start(), fate, f"<{name}>")
    return tag


def _allowed_tag(found: re.Match[str], name: str, anchors: set[str], lines: _Lines) -> str:
    allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(name, set())
    kept: dict[str, str] = {}
    for key, value in _attributes(found["attributes"]):
        if key not in allowed:
            lines.note(found.start(), Fate.WITHOUT_ATTRIBUTE, key, f"<{name}>")
        elif key in _ADDRESSES and not is_allowed_address(unescape(value)):
            lines.note(found.start(), Fate.WITHOUT_ADDRESS, unescape(value))
        else:
            kept[key] = value
    for key in {"id", "name"} & kept.keys():
        anchor = "-".join(kept[key].split())[:_LONGEST_ID]
        anchors.add(anchor)
        kept[key] = ANCHOR + anchor
    written = "".join(f' {key}="{value}"' for key, value in kept.items())
    return f"{OPEN}{name}{written}{CLOSE}"


def _link_to_embedded(found: re.Match[str], attribute: str) -> str | None:
    address = dict(_attributes(found["attributes"])).get(attribute, "").strip()
    if address.startswith("//"):
        address = f"https:{address}"
    if not _WEB.fullmatch(address):
        return None
    return f'{OPEN}a href="{address}"{CLOSE}{address}{OPEN}/a{CLOSE}'


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for found in _ATTRIBUTE.finditer(text):
        value = found[2] or ""
        if value[:1] in {'"', "'"}:
            value = value[1:-1]
        yield found[1].lower(), value.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
