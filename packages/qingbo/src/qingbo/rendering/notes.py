"""Definitions of footnotes and of links."""

from markdown_it.rules_block import StateBlock, reference
from mdit_py_plugins.footnote.index import footnote_def


def define_note(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read ``[^label]:`` and what is indented below it. Definitions are not nested.

    A definition on the next line ends the one before, as on GitHub.
    """
    if state.env.get("in_note"):
        return silent and state.sCount[start] < state.blkIndent and footnote_def(state, start, end, True)
    if silent:
        return footnote_def(state, start, end, True)
    state.env["in_note"] = True
    try:
        return footnote_def(state, start, end, False)
    finally:
        state.env["in_note"] = False


def define_link(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read ``[label]: address``. A footnote label is text here, for parsers without footnotes."""
    begin = state.bMarks[start] + state.tShift[start]
    return not state.src.startswith("[^", begin) and reference(state, start, end, silent)
