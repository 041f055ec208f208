"""Addresses: encoding them for HTML, and finding bare links in texts."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from qingbo.rendering.budget import Budget, budget_of

if TYPE_CHECKING:
    from qingbo.rendering.inlines import InlineState

_UNSAFE = re.compile(r"%(?![0-9A-Fa-f]{2})|[^\w!#$%&'()*+,./:;=?@~-]+", re.ASCII)
_HOST = re.compile(r"(https?://)([^/?#\x00-\x20\"<>\\\\^`{|}]{1,253})(?=[/?#]|$)", re.IGNORECASE)

# Full-width punctuation, and quotes, dashes and dots that Chinese shares with Western languages. They end an address.
_ENDS = "\u2014\u2018-\u201f\u2026\u3000-\u3003\u3008-\u3020\u3030\u303d\u30fb\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff0f"
_ENDS += "\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffe6"
_REST = rf"(?:(?!\*\*|~~)[^\s<>\"`\\\[\]|{_ENDS}]|\[[\w.-]{{0,100}}\])*+"
_AFTER_SCHEME = re.compile(rf"://(?=[\w\[]){_REST}")
_AFTER_WWW = re.compile(rf"www\.(?=\w){_REST}", re.IGNORECASE)
_SCHEME = re.compile(r"(?<![A-Za-z0-9+.-])https?$", re.IGNORECASE)
_ENTITY = re.compile(r"&[A-Za-z0-9]{1,31};$")
_TRAILING = "?!.,:;*_~'"

_MAIL = re.compile(
    r"(?<![\w.+/@-])(?:mailto:)?[A-Za-z0-9][\w.+-]{0,63}+@"
    r"[A-Za-z0-9][A-Za-z0-9-]{0,62}+(?:\.[A-Za-z0-9][A-Za-z0-9-]{0,62}+){1,8}+(?![\w@-])",
    re.ASCII,
)

LONGEST = 2000
"""Maximum length of a bare link; browsers and people make shorter ones."""


def normalised(url: str) -> str:
    """Return an address for HTML, with everything outside ASCII encoded, and nothing encoded twice."""
    found = _HOST.match(url)
    host = found[1] + _ascii_host(found[2]) if found else ""
    return host + _UNSAFE.sub(_encoded, url[found.end() if found else 0 :])


def _ascii_host(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return _UNSAFE.sub(_encoded, host)


def _encoded(character: re.Match[str]) -> str:
    return quote(character[0], safe="", errors="replace")


def link_after_scheme(state: "InlineState", silent: bool) -> bool:
    """Read ``://``, which makes a bare link together with a scheme before it."""
    found = _AFTER_SCHEME.match(state.src, state.pos, state.posMax)
    scheme = _SCHEME.search(state.src[max(0, state.pos - 6) : state.pos]) if found else None
    if found is None or scheme is None or not state.pending.endswith(scheme[0]):
        return False
    before = state.pending
    state.pending = before[: -len(scheme[0])]
    if _push_link(state, state.pos - len(scheme[0]), found.end(), ""):
        return True
    state.pending = before
    return False


def link_of_www(state: "InlineState", silent: bool) -> bool:
    """Read ``www.`` and what follows as a bare link (GFM 6.9)."""
    found = _AFTER_WWW.match(state.src, state.pos, state.posMax)
    return found is not None and "." in found[0][4:].strip(".") and _push_link(state, state.pos, found.end(), "http://")


def _push_link(state: "InlineState", start: int, end: int, before: str) -> bool:
    if end - start > LONGEST:  # skip it, so that it is not read again from each position inside
        state.append_pending(state.src[start:end])
        state.pos = end
        return True
    if not state.budget.may_spend(4 if state.src.isascii() else 6):  # encoding hosts outside ASCII takes longer
        return False
    shown = _trimmed(state.src[start:end])
    _append_link(state, shown, state.md.normalizeLink(before + shown))
    state.pos = start + len(shown)
    return True


def _append_link(state: StateInline, shown: str, href: str) -> None:
    if state.pending:
        state.pushPending()
    state.tokens.extend(_link_tokens(shown, href))


def _link_tokens(shown: str, href: str) -> list[Token]:
    opening = Token("link_open", "a", 1, attrs={"href": href}, markup="linkify", info="auto")
    return [opening, Token("text", "", 0, content=shown), Token("link_close", "a", -1)]


def _trimmed(url: str) -> str:
    """Return an address without the punctuation of the sentence around it."""
    end = len(url)
    unopened = url.count(")") - url.count("(")
    while end:
        if url[end - 1] == ";" and (entity := _ENTITY.search(url, max(0, end - 33), end)):
            end = entity.start()
        elif url[end - 1] == ")" and unopened > 0:
            end, unopened = end - 1, unopened - 1
        elif url[end - 1] in _TRAILING:
            end -= 1
        else:
            break
    return url[:end]


def link_emails(state: StateCore) -> None:
    """Turn e-mail addresses in texts into links."""
    budget = budget_of(state.env)
    for block in state.tokens:
        if block.type == "inline" and block.children and "@" in block.content:
            block.children = list(_with_emails(block.children, budget))


def _with_emails(tokens: list[Token], budget: Budget) -> Iterator[Token]:
    links = 0
    for token in tokens:
        links += token.nesting if token.tag == "a" else 0
        if token.type == "text" and not links and "@" in token.content:
            yield from _split_at_emails(token.content, budget)
        else:
            yield token


def _split_at_emails(text: str, budget: Budget) -> Iterator[Token]:
    done = 0
    for found in _MAIL.finditer(text):
        if not budget.may_spend(4):
            break
        yield Token("text", "", 0, content=text[done : found.start()])
        shown = found[0]
        yield from _link_tokens(shown, shown if shown.startswith("mailto:") else f"mailto:{shown}")
        done = found.end()
    yield Token("text", "", 0, content=text[done:])


_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\x00-\x20]*+)>")
_AUTOMAIL = re.compile(r"<([\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8})>", re.ASCII)


def autolink(state: "InlineState", silent: bool) -> bool:
    """Read an address in angle brackets."""
    address = _AUTOLINK.match(state.src, state.pos, state.posMax)
    found = address or _AUTOMAIL.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    shown = found[1]
    href = state.md.normalizeLink(shown if address else f"mailto:{shown}")
    if not state.md.validateLink(href) or not state.budget.may_spend(4):
        return False
    _append_link(state, shown, href)
    state.pos = found.end()
    return True
