"""Formulas between dollar signs. A placeholder, made of control characters, replaces each of them while sanitizing."""

import re
from collections.abc import MutableMapping
from html import escape
from typing import TYPE_CHECKING, Any

from markdown_it.rules_block import StateBlock

from qingbo.rendering.budget import Budget
from qingbo.rendering.mathml import BadFormula, mathml_of

if TYPE_CHECKING:
    from qingbo.rendering.inlines import InlineState

FORMULA = "formula"
"""Type of a formula's token. `block` means that it is on separate lines; `markup` contains its dollar signs."""

_INLINE = re.compile(
    r"(?<![A-Za-z0-9\\])\$(?![\s$])((?:[^$\\]|\\.)++)(?<![\s])\$(?!\d|(?!(?:th|st|nd|rd|s)\b)[A-Za-z])", re.DOTALL
)
_DISPLAY = re.compile(r"\$\$((?:[^$\\]|\\.|\$(?!\$))++)\$\$", re.DOTALL)
_PLACE = re.compile(r"<[^>\"]*+(?:\"[^\"]*+\"[^>\"]*+)*+>|\x0e(\d{1,6})\x0f")
"""Matches tags, which stay unchanged, and placeholders."""


class Formulas:
    """The formulas of one text as HTML."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._html: list[str] = []

    def add(self, latex: str, dollars: str) -> str:
        """Typeset a formula and return its placeholder, or its escaped source if the budget is spent."""
        html = _typeset(latex, is_display=dollars == "$$") if self._budget.mathml else ""
        if not self._budget.formula(len(html) or 1):
            self._budget.mathml = 0
            return escape(f"{dollars}{latex}{dollars}")
        self._html.append(html)
        return f"\x0e{len(self._html) - 1}\x0f"

    def put_into(self, html: str) -> str:
        """Return sanitized HTML with the placeholders replaced, each formula once."""
        if not self._html:
            return html
        left = dict(enumerate(self._html))

        def formula(found: re.Match[str]) -> str:
            return found[0] if found[1] is None else left.pop(int(found[1]), "")

        return _PLACE.sub(formula, html)


def formulas_of(env: MutableMapping[str, Any]) -> Formulas:
    """Return the formulas of the text that is being rendered."""
    formulas: Formulas = env["formulas"]
    return formulas


def _typeset(latex: str, *, is_display: bool) -> str:
    try:
        return mathml_of(latex, is_display=is_display)
    except BadFormula as error:
        reasons = " ".join(f'<span lang="{language}">{escape(text)}</span>' for language, text in error.reasons)
        return f'<span class="formula-error"><code>{escape(latex)}</code> {reasons}</span>'


def inline_formula(state: "InlineState", silent: bool) -> bool:
    """Read ``$…$`` or ``$$…$$``. ``$…$`` has no space inside its ends and no digit after it: $5 and $10 are money."""
    is_display = state.src.startswith("$$", state.pos)
    found = (_DISPLAY if is_display else _INLINE).match(state.src, state.pos, state.posMax)
    if found is None or not found[1].strip() or not state.budget.may_spend(3):
        return False
    token = state.push(FORMULA, "", 0)
    token.content, token.markup = _without_backticks(found[1].strip()), "$$" if is_display else "$"
    state.pos = found.end()
    return True


def _without_backticks(latex: str) -> str:
    """Return the content of ``$`…`$``, a notation that GitHub and GitLab have, too."""
    return latex[1:-1] if len(latex) > 2 and latex[0] == latex[-1] == "`" else latex


def formula_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read lines between ``$$`` and ``$$``, without empty lines inside."""
    begin = state.bMarks[start] + state.tShift[start]
    if state.is_code_block(start) or not state.src.startswith("$$", begin):
        return False
    line, search = start, begin + 2
    while (place := state.src.find("$$", search, state.eMarks[line])) < 0:
        line += 1
        if line >= end or state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            return False
        search = state.bMarks[line] + state.tShift[line]
    if state.src[place + 2 : state.eMarks[line]].strip():
        return False
    text = state.getLines(start, line + 1, state.blkIndent, False).strip()
    latex = text[2:-2].strip()
    if not latex:
        return False
    if not silent:
        token = state.push(FORMULA, "div", 0)
        token.block, token.content, token.markup, token.map = True, latex, "$$", [start, line + 1]
        state.line = line + 1
    return True
