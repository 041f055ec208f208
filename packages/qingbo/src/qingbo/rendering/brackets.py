"""Links, pictures and footnotes: each bracket is resolved when it is closed, in a single pass."""

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from markdown_it.common.utils import normalizeReference, unescapeAll
from markdown_it.rules_inline import StateInline, emphasis, strikethrough
from markdown_it.rules_inline.balance_pairs import link_pairs
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from qingbo.rendering.formulas import FORMULA
from qingbo.rendering.marks import pair_marks
from qingbo.rendering.removals import Fate, is_allowed_address, removals_of

if TYPE_CHECKING:
    from qingbo.rendering.inlines import InlineState

DEEPEST = 100
"""Maximum number of open brackets; beyond it, the outermost becomes text."""

_SPACE = re.compile(r"[ \t\n]*+")
_IN_ANGLES = re.compile(r"<((?:[^<>\\\n]|\\.)*+)>")
_BARE = re.compile(r"(?:[^()\\\x00-\x20\x7f]|\\[^\x00-\x20\x7f]|\\(?=[\x00-\x20]))*+")
_TITLE = re.compile(
    r""""(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|\((?:[^()\\]|\\.)*+\)""",
    re.DOTALL,
)
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.){0,999}+)\]", re.DOTALL)
_LONGEST_LABEL = 999
_NOTE = re.compile(r"\[\^([^\s\[\]]{1,100})\]")
_DEEPEST_PARENTHESES = 32


_Attributes = dict[str, str | int | float]


@dataclass(slots=True)
class Bracket:
    """An opening bracket that is not closed yet."""

    kind: str
    """link, image or note"""
    number: int
    token: int
    """The index of its token."""
    start: int
    """Where its content begins."""
    delimiters: int
    """How many emphasis delimiters there were before it."""


class Brackets:
    """The open brackets of one paragraph."""

    def __init__(self) -> None:
        self.open: deque[Bracket] = deque(maxlen=DEEPEST)
        self.count = 0
        self.barred = 0
        """Brackets with lower numbers contain a link, so they cannot become links."""


class _Target(NamedTuple):
    href: str
    title: str
    end: int


def open_bracket(state: "InlineState", silent: bool) -> bool:
    """Read ``[``: a footnote reference, or the possible beginning of a link."""
    return _note_reference(state) or _open(state, "link", "[")


def open_image(state: "InlineState", silent: bool) -> bool:
    """Read ``![``."""
    return state.src.startswith("![", state.pos) and _open(state, "image", "![")


def open_note(state: "InlineState", silent: bool) -> bool:
    """Read ``^[``, the beginning of an inline footnote."""
    return state.src.startswith("^[", state.pos) and _open(state, "note", "^[")


def close_bracket(state: "InlineState", silent: bool) -> bool:
    """Read ``]``, and make a link, picture or footnote of the last open bracket if possible."""
    if not state.brackets.open:
        return False
    bracket = state.brackets.open.pop()
    if bracket.kind == "note":
        return _close_note(state, bracket)
    if bracket.kind == "link" and bracket.number < state.brackets.barred:
        return False
    target = _inline_target(state) or _referenced_target(state, bracket)
    if target is None or not state.budget.may_spend(3):
        return False
    _resolve_inside(state, bracket)
    attributes: _Attributes = {"title": target.title} if target.title else {}
    if bracket.kind == "image":
        _make_image(state, bracket, {"src": target.href, "alt": "", **attributes})
    else:
        _make_link(state, bracket, {"href": target.href, **attributes})
    state.pos = target.end
    return True


def _open(state: "InlineState", kind: str, text: str) -> bool:
    state.push("text", "", 0).content = text
    brackets = state.brackets
    state.pos += len(text)
    brackets.open.append(
        Bracket(kind, brackets.count, len(state.tokens) - 1, state.pos, len(state.delimiters)),
    )
    brackets.count += 1
    return True


def _make_link(state: "InlineState", bracket: Bracket, attributes: _Attributes) -> None:
    inside = state.tokens[bracket.token + 1 :]
    if any(token.type == "link_open" for token in inside):  # bare links inside become part of this one
        state.tokens[bracket.token + 1 :] = [token for token in inside if token.tag != "a"]
    opening = state.tokens[bracket.token]
    opening.type, opening.tag, opening.nesting, opening.content = "link_open", "a", 1, ""
    opening.attrs = attributes
    state.tokens.append(Token("link_close", "a", -1))
    state.brackets.barred = bracket.number


def _make_image(state: "InlineState", bracket: Bracket, attributes: _Attributes) -> None:
    text = "".join(_as_text(token) for token in state.tokens[bracket.token + 1 :])
    del state.tokens[bracket.token :]
    image = Token("image", "img", 0, attrs=attributes, content=text)
    image.children = [Token("text", "", 0, content=text)]
    state.tokens.append(image)


def _as_text(token: Token) -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return "\n"
    if token.type == FORMULA:
        return f"{token.markup}{token.content}{token.markup}"
    return token.content if token.type in {"text", "text_special", "code_inline", "image"} else ""


def _close_note(state: "InlineState", bracket: Bracket) -> bool:
    if not state.budget.note():
        return False
    _resolve_inside(state, bracket)
    inside = state.tokens[bracket.token + 1 :]
    del state.tokens[bracket.token :]
    notes = _notes(state)["list"]
    reference = Token("footnote_ref", "", 0, meta={"id": len(notes)})
    notes[len(notes)] = {"content": state.src[bracket.start : state.pos], "tokens": inside}
    state.tokens.append(reference)
    state.pos += 1
    return True


def _note_reference(state: "InlineState") -> bool:
    defined = state.env.get("footnotes", {}).get("refs")
    found = _NOTE.match(state.src, state.pos, state.posMax) if defined else None
    if found is None or f":{found[1]}" not in defined or not state.budget.note():
        return False
    notes, label = _notes(state), found[1]
    if defined[f":{label}"] < 0:
        defined[f":{label}"] = len(notes["list"])
        notes["list"][len(notes["list"])] = {"label": label, "count": 0}
    number = defined[f":{label}"]
    note = notes["list"][number]
    state.push("footnote_ref", "", 0).meta = {"id": number, "subId": note["count"], "label": label}
    note["count"] += 1
    state.pos = found.end()
    return True


def _notes(state: StateInline) -> dict[str, Any]:
    notes: dict[str, Any] = state.env.setdefault("footnotes", {})
    notes.setdefault("refs", {})
    notes.setdefault("list", {})
    return notes


def _resolve_inside(state: "InlineState", bracket: Bracket) -> None:
    """Pair the emphasis delimiters inside a bracket, only with each other."""
    if state.pending:
        state.pushPending()
    inside = state.delimiters[bracket.delimiters :]
    del state.delimiters[bracket.delimiters :]
    if inside:
        _pair(state, inside)


def _pair(state: StateInline, delimiters: list[Delimiter]) -> None:
    around, metas = state.delimiters, state.tokens_meta
    state.delimiters, state.tokens_meta = delimiters, []
    for rule in (link_pairs, strikethrough.postProcess, emphasis.postProcess, pair_marks):
        rule(state)
    state.delimiters, state.tokens_meta = around, metas


def _inline_target(state: "InlineState") -> _Target | None:
    """Read ``(address "title")`` after a closing bracket."""
    text, end = state.src, state.posMax
    if not text.startswith("(", state.pos + 1):
        return None
    start = _skip_space(text, state.pos + 2)
    address = _address(text, start, end)
    if address is None:
        return None
    href, after = address
    position, title = _skip_space(text, after), ""
    if position > after and (found := _TITLE.match(text, position, end)):
        title, position = unescapeAll(found[0][1:-1]), _skip_space(text, found.end())
    if not text.startswith(")", position):
        return None
    href = state.md.normalizeLink(unescapeAll(href))
    if not is_allowed_address(href):
        removals_of(state.env).add(state.line, Fate.WITHOUT_ADDRESS, unescapeAll(address[0]))
    return _Target(href, title, position + 1) if state.md.validateLink(href) else None


def _skip_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _address(text: str, start: int, end: int) -> tuple[str, int] | None:
    if text.startswith("<", start):
        found = _IN_ANGLES.match(text, start, end)
        return (found[1], found.end()) if found else None
    position, depth = start, 0
    while found := _BARE.match(text, position, end):
        position = found.end()
        mark = text[position : position + 1] if position < end else ""
        if mark == "(" and depth < _DEEPEST_PARENTHESES:
            depth += 1
        elif mark == ")" and depth:
            depth -= 1
        else:
            break
        position += 1
    return (text[start:position], position) if not depth else None


def _referenced_target(state: "InlineState", bracket: Bracket) -> _Target | None:
    """Look up ``[label]`` after a closing bracket, or the text inside the brackets."""
    known = state.env.get("references")
    if not known:
        return None
    found = _LABEL.match(state.src, state.pos + 1, state.posMax)
    label = found[1] if found else ""
    if not label:
        if state.pos - bracket.start > _LONGEST_LABEL:
            return None
        label = state.src[bracket.start : state.pos]
    definition = known.get(normalizeReference(label))
    if definition is None:
        return None
    href, title = definition["href"], definition["title"]
    if not state.budget.expand(len(href) + len(title)):
        return None
    return _Target(href, title, found.end() if found else state.pos + 1)
