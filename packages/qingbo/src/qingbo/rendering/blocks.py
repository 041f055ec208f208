"""The block parser with a budget: it tries only rules that match a line's first character, and counts its steps."""

import re
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock, RuleFuncBlockType
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from qingbo.rendering.budget import Exhausted, budget_of

PLAIN = "plain"
"""Type of the token for text that is shown unrendered."""

_FIRST = {
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*-+0123456789",
    "reference": "[",
    "footnote_def": "[",
    "html_block": "<",
    "heading": "#",
    "formula": "$",
}
"""The first characters of a rule's first line. Rules that are not listed may begin with any character."""


class BlockState(StateBlock):
    """The state of the block parser, which counts each token."""

    def __init__(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> None:
        super().__init__(src, md, env, tokens)
        self.budget = budget_of(env)
        self.last_whole = (0, 0)
        """The number of tokens before the last top-level block, and the line where that block begins."""

        self._closings: dict[str, int] = {}

    def find_closing(self, closing: str, begin: int) -> int:
        """Return the position of the first `closing` mark after `begin`, or -1."""
        pattern = re.compile(re.escape(closing), re.IGNORECASE)
        if closing not in self._closings:
            self._closings[closing] = max((found.start() for found in pattern.finditer(self.src)), default=-1)
        found = pattern.search(self.src, begin) if self._closings[closing] >= begin else None
        return found.start() if found else -1

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        """Add a token and count it."""
        if nesting >= 0:
            self.budget.spend(2 if ttype == "inline" else 1)  # an inline token needs an inline parser of its own
        return super().push(ttype, tag, nesting)

    def push_plain(self, text: str) -> None:
        """Show text unrendered."""
        self.budget.is_cut = True
        token = Token(PLAIN, "pre", 0, content=text, block=True)
        token.level = self.level
        self.tokens.append(token)


_CHAINS = ("", "paragraph", "reference", "blockquote", "list")
"""All rules, and those that may end a paragraph, a definition, a quote and a list item."""


class _ByFirstCharacter:
    """Replaces several rules: tries only those that match the line's first character."""

    def __init__(self, rules: list[tuple[str, RuleFuncBlockType]]) -> None:
        firsts = {character for name, _ in rules for character in _FIRST.get(name, "")}
        self._others = _allowed(rules, "")
        self._rules = {character: _allowed(rules, character) for character in firsts}

    def __call__(self, state: Any, start: int, end: int, silent: bool) -> bool:
        state.budget.spend(1)
        begin = state.bMarks[start] + state.tShift[start]
        first = state.src[begin : begin + 1]
        return any(rule(state, start, end, silent) for rule in self._rules.get(first, self._others))


def _allowed(rules: list[tuple[str, RuleFuncBlockType]], first: str) -> list[RuleFuncBlockType]:
    kept = [(name, rule) for name, rule in rules if name not in _FIRST or (first and first in _FIRST[name])]
    return [_only_before_a_rule(rule) if name == "table" else rule for name, rule in kept]


def _only_before_a_rule(table: RuleFuncBlockType) -> RuleFuncBlockType:
    """Try the table rule only if the next line can be the delimiter row."""

    def rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if start + 2 > end:
            return False
        below = state.bMarks[start + 1] + state.tShift[start + 1]
        return state.src[below : below + 1] in {"|", "-", ":"} and table(state, start, end, silent)

    return rule


class _FastRuler(Ruler[RuleFuncBlockType]):
    """Returns each chain of rules as a single rule."""

    def __init__(self) -> None:
        super().__init__()
        self._chains: dict[str, list[RuleFuncBlockType]] = {}

    def getRules(self, chainName: str = "") -> list[RuleFuncBlockType]:  # noqa: N802, N803 - the name that markdown-it-py calls
        if self.__cache__ is None or chainName not in self._chains:
            self._chains = {chain: [self._one_rule(chain)] for chain in _CHAINS}
        return self._chains[chainName]

    def _one_rule(self, chain: str) -> RuleFuncBlockType:
        names = dict(zip(map(id, super().getRules()), self.get_active_rules(), strict=True))
        return _ByFirstCharacter([(names[id(rule)], rule) for rule in super().getRules(chain)])


class BoundedBlocks(ParserBlock):
    """Parses blocks until the budget is spent; the rest is shown unrendered."""

    def __init__(self) -> None:
        super().__init__()
        known, self.ruler = self.ruler, _FastRuler()
        self.ruler.__rules__ = known.__rules__

    def parse(self, src: str, md: MarkdownIt, env: Any, outTokens: list[Token]) -> list[Token] | None:  # noqa: N803
        """Parse a text into tokens."""
        state = BlockState(src, md, env, outTokens)
        begins = list(state.bMarks)  # a copy, because containers change them
        try:
            self.tokenize(state, 0, state.lineMax)
        except Exhausted:
            count, line = state.last_whole
            del state.tokens[count:]
            state.level = 0
            state.push_plain(src[begins[line] :])
        return state.tokens

    def tokenize(self, state: Any, startLine: int, endLine: int) -> None:  # noqa: N803
        """Parse the lines of the text or of a container."""
        if state.parentType == "blockquote":  # count the lines that were read to find the end of the quote
            state.budget.spend(endLine - startLine)
        (next_block,) = self.ruler.getRules("")
        line, has_empty_lines = startLine, False
        while (line := state.skipEmptyLines(line)) < endLine and state.sCount[line] >= state.blkIndent:
            state.line = line
            if state.level == 0:
                state.last_whole = len(state.tokens), line
            if state.level >= state.md.options.maxNesting:
                state.line = _show_plain(state, line, endLine)
            else:
                next_block(state, line, endLine, False)
            state.tight = not has_empty_lines
            line = state.line
            if state.isEmpty(line - 1):  # a paragraph in a nested list may include the empty line after it
                has_empty_lines = True
            if line < endLine and state.isEmpty(line):
                has_empty_lines = True
                line += 1
                state.line = line
        state.line = max(state.line, min(line, endLine))


def _show_plain(state: BlockState, start: int, end: int) -> int:
    """Show the lines of a container that is nested too deeply unrendered, and return the line after them."""
    line = start
    while line < end and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
        line += 1
    state.push_plain(state.getLines(start, line, state.blkIndent, False))
    return line
