"""Definition lists: a term, and below it lines that begin with a colon and a space."""

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.rules_block import StateBlock
from mdit_py_plugins.deflist import deflist_plugin


def definition_lists(parser: MarkdownIt) -> None:
    """Add definition lists to a parser. The rule is only tried if the next line can be a definition."""
    deflist_plugin(parser)
    (rule,) = (each.fn for each in parser.block.ruler.__rules__ if each.name == "deflist")
    parser.block.ruler.at("deflist", _only_above_a_definition(rule), {"alt": ["paragraph", "reference", "blockquote"]})


def _only_above_a_definition(deflist: RuleFuncBlockType) -> RuleFuncBlockType:
    def rule(state: Any, start: int, end: int, silent: bool) -> bool:
        line = start + 1
        if not silent and line < end and state.isEmpty(line):
            line += 1
        asked = start if silent else line
        return asked < end and _defines(state, asked) and deflist(state, start, end, silent)

    return rule


def _defines(state: StateBlock, line: int) -> bool:
    begin = state.bMarks[line] + state.tShift[line]
    return state.src[begin : begin + 2] in {": ", ":\t"}
