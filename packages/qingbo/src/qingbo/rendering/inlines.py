"""The inline parser with a budget: one step per mark, without backtracking and without recursion."""

import re
from collections.abc import Callable
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, backtick, emphasis, entity, escape, newline, strikethrough
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token

from qingbo.rendering.brackets import Brackets, close_bracket, open_bracket, open_image, open_note
from qingbo.rendering.budget import budget_of
from qingbo.rendering.flanking import scan_run
from qingbo.rendering.formulas import inline_formula
from qingbo.rendering.links import autolink, link_after_scheme, link_of_www
from qingbo.rendering.marks import read_mark
from qingbo.rendering.raw_html import raw_tag
from qingbo.rendering.removals import removals_of

Rule = Callable[[Any, bool], bool]

DEEPEST = 30
"""Maximum nesting of emphasis and links."""

LONGEST_RUN = 100
"""Maximum length of a run of emphasis marks; a longer one is text."""


class InlineState(StateInline):
    """The state of the inline parser of one paragraph, heading or cell."""

    def __init__(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> None:
        super().__init__(src, md, env, tokens)
        self.budget = budget_of(env)
        self.brackets = Brackets()
        self._counted = (0, removals_of(env).line)

    @property
    def line(self) -> int:
        """The current line in the whole text, counted from 0."""
        start, line = self._counted
        if self.pos > start:
            self._counted = (self.pos, line + self.src.count("\n", start, self.pos))
        return self._counted[1]

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 - the name that markdown-it-py calls
        """Return whether a run of marks can open and close emphasis."""
        return scan_run(self.src, start, self.posMax, inside_words=canSplitWord)


def _marks(rule: Rule) -> Rule:
    """Wrap the rule of an emphasis mark to count each mark of a run, because each becomes a token."""

    def counted(state: InlineState, silent: bool) -> bool:
        mark, start = state.src[state.pos], state.pos
        end = start
        while end < state.posMax and state.src[end] == mark:
            end += 1
        if end - start > LONGEST_RUN:
            state.append_pending(state.src[start:end])
            state.pos = end
            return True
        state.budget.steps -= end - start
        return rule(state, silent)

    return counted


_RULES: dict[str, list[Rule]] = {
    "\n": [newline],
    "\\": [escape],
    "`": [backtick],
    "*": [_marks(emphasis.tokenize)],
    "_": [_marks(emphasis.tokenize)],
    "~": [_marks(strikethrough.tokenize)],
    "=": [_marks(read_mark)],
    "$": [inline_formula],
    "[": [open_bracket],
    "]": [close_bracket],
    "<": [autolink],
    "&": [entity],
    ":": [link_after_scheme],
    "w": [link_of_www],
    "W": [link_of_www],
}
"""The rules by the first character of their syntax."""

_POST_RULES = _RULES | {"!": [open_image], "^": [open_note], "<": [autolink, raw_tag]}


class BoundedInlines(ParserInline):
    """Parses the text of a paragraph until the budget is spent; the rest stays unrendered."""

    def __init__(self, *, whole: bool) -> None:
        super().__init__()
        self._rules = _POST_RULES if whole else _RULES
        marks = re.escape("".join(mark for mark in self._rules if mark not in ":=wW"))
        self._next = re.compile(rf"[{marks}]|==|:(?=//)|(?<![\w.@/-])[wW](?=[wW]{{2}}\.)", re.ASCII)

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        """Parse a text into tokens."""
        state = InlineState(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        _flatten(state)
        return state.tokens

    def tokenize(self, state: Any) -> None:
        """Read marks and the text between them."""
        end = state.posMax
        while state.pos < end:
            found = self._next.search(state.src, state.pos, end)
            start = found.start() if found else end
            if start > state.pos:
                state.append_pending(state.src[state.pos : start])
                state.pos = start
            if found and not self._read_mark(state, found[0][0]):
                break
        if state.pending:
            state.pushPending()

    def _read_mark(self, state: InlineState, mark: str) -> bool:
        """Read one mark, and return whether to go on."""
        if not state.budget.may_spend(2 if mark == "`" else 1):
            state.append_pending(state.src[state.pos :])
            return False
        if not any(rule(state, False) for rule in self._rules[mark]):
            state.append_pending(mark)
            state.pos += 1
        return True


def read_lines(state: StateCore) -> None:
    """Parse the text of each block, keeping track of the line in the whole text."""
    removals = removals_of(state.env)
    for token in state.tokens:
        if token.map:
            removals.line = token.map[0]
        if token.type == "inline":
            token.children = state.md.inline.parse(token.content, state.md, state.env, [])


def _flatten(state: InlineState) -> None:
    """Turn emphasis that is nested too deeply into plain text."""
    for token in state.tokens:
        if token.nesting and token.level >= DEEPEST:
            token.type, token.tag, token.nesting, token.content = "text", "", 0, ""
            state.budget.is_cut = True
