"""Highlighted text: ``==words==``."""

from typing import TYPE_CHECKING

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

if TYPE_CHECKING:
    from qingbo.rendering.inlines import InlineState

_EQUALS = ord("=")


def read_mark(state: "InlineState", silent: bool) -> bool:
    """Read ``==``. Between ASCII letters or digits it is no mark: ``a==b`` is a comparison."""
    start = state.pos
    scanned = state.scanDelims(start, True)
    end = start + scanned.length
    if scanned.length != 2:
        state.append_pending(state.src[start:end])
        state.pos = end
        return True
    opens = scanned.can_open and not _is_in_word(state.src[start - 1 : start])
    closes = scanned.can_close and not _is_in_word(state.src[end : end + 1])
    state.push("text", "", 0).content = "=="
    number = len(state.tokens) - 1
    state.delimiters.append(Delimiter(marker=_EQUALS, length=0, token=number, end=-1, open=opens, close=closes))
    state.pos = end
    return True


def _is_in_word(neighbour: str) -> bool:
    return neighbour.isascii() and (neighbour.isalnum() or neighbour == "_")


def pair_marks(state: StateInline) -> None:
    """Turn paired marks into elements."""
    for delimiter in state.delimiters:
        if delimiter.marker == _EQUALS and delimiter.end >= 0:
            for number, kind, nesting in (
                (delimiter.token, "mark_open", 1),
                (state.delimiters[delimiter.end].token, "mark_close", -1),
            ):
                token = state.tokens[number]
                token.type, token.tag, token.markup, token.content = kind, "mark", "==", ""
                token.nesting = 1 if nesting > 0 else -1
