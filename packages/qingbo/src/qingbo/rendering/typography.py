"""Typographic quotes and dashes in English text, in place of straight quotes and hyphens."""

import re
from collections.abc import Iterable

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from qingbo.rendering.languages import language_of

_STRAIGHT = re.compile(r"""["']|(?<![-\w])-{2,3}(?=\s)|(?<=[^\W_])-{2,3}(?=[^\W_])|(?<=\w)-{2,3}(?=\s)""")
_OPENS_AFTER = set("([{<“‘—–/=")
_SHOWN = {"text", "text_special", "code_inline", "formula", "image"}
_BREAKS = {"softbreak", "hardbreak"}
_ENOUGH = 5_000
"""How many characters are read to detect the language."""


def educate(state: StateCore) -> None:
    """Replace quotes, apostrophes and dashes, if the text and its paragraph are English."""
    if not state.env.get("typographic") or language_of(state.src[:_ENOUGH]) != "en":
        return
    for block in state.tokens:
        if block.type == "inline" and block.children and language_of(block.content[:_ENOUGH]) == "en":
            _educate(block.children)


def _educate(tokens: Iterable[Token]) -> None:
    writer = _Writer()
    links = 0
    for token in tokens:
        links += token.nesting if token.info == "auto" else 0
        if token.type == "text" and not links:
            token.content = writer.write(token.content)
        elif token.type in _SHOWN:
            writer.before = token.content[-1:] or writer.before
        elif token.type in _BREAKS:
            writer.before = " "


class _Writer:
    """Keeps track of the character before a quote, and of open quotes."""

    def __init__(self) -> None:
        self.before = " "
        self._is_open = {'"': False, "'": False}

    def write(self, text: str) -> str:
        out: list[str] = []
        done = 0
        for found in _STRAIGHT.finditer(text):
            if found.start() > done:
                out.append(text[done : found.start()])
                self.before = text[found.start() - 1]
            done = found.end()
            out.append(self._written(found[0], text[done : done + 3]))
            self.before = out[-1][-1]
        if done < len(text):
            out.append(text[done:])
            self.before = text[-1]
        return "".join(out)

    def _written(self, mark: str, after: str) -> str:
        if mark[0] == "-":
            return "–" if len(mark) == 2 else "—"
        return self._quote(mark, after)

    def _quote(self, mark: str, after: str) -> str:
        opens = self.before.isspace() or self.before in _OPENS_AFTER
        is_apostrophe = mark == "'" and (
            (self.before.isalnum() and after[:1].isalpha()) or (opens and re.match(r"\d\ds?\b", after) is not None)
        )
        if is_apostrophe:
            return "’"
        if opens and not after[:1].isspace():  # at the end of the text, an emphasised word follows
            self._is_open[mark] = True
            return "“" if mark == '"' else "‘"
        if self.before.isdigit() and not self._is_open[mark]:  # a sign for feet, inches or minutes
            return mark
        self._is_open[mark] = False
        return "”" if mark == '"' else "’"
