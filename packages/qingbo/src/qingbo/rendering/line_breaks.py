"""Line breaks in the source: between two East Asian characters they give no space."""

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from qingbo.rendering.characters import is_seam

_SHOWN = {"text", "code_inline", "image", "hardbreak", "footnote_ref"}


def join_east_asian_lines(state: StateCore) -> None:
    """Remove soft breaks that would show as a space between East Asian characters."""
    for block in state.tokens:
        if block.type == "inline" and block.children and "\n" in block.content:
            _join(block.children)


def _join(tokens: list[Token]) -> None:
    waiting: Token | None = None
    last = ""
    for token in tokens:
        if token.type == "softbreak":
            waiting = token
        elif token.type in _SHOWN and not (token.type == "text" and not token.content):
            text = token.content if token.type in {"text", "code_inline"} else ""
            if waiting is not None and is_seam(last, text[:1]):
                waiting.type, waiting.tag, waiting.content = "text", "", ""
            waiting = None
            last = text[-1:]
