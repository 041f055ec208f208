"""Which runs of ``*``, ``_`` and ``~`` open and close emphasis, by CommonMark's rules with markdown-cjk-friendly's.

CommonMark requires a space beside punctuation. Chinese, Japanese and Korean are written without spaces, so beside their
characters none is required: https://github.com/tats-u/markdown-cjk-friendly/blob/main/specification.md
"""

from typing import NamedTuple

from markdown_it.common.utils import isWhiteSpace
from markdown_it.rules_inline.state_inline import Scanned

from qingbo.rendering.characters import is_cjk, is_punctuation

_FULL_WIDTH_FORM = "\ufe01"
_QUOTES = "\u2018\u2019\u201c\u201d"


class _Side(NamedTuple):
    """The character on one side of a run."""

    is_space: bool
    is_punctuation: bool
    is_cjk: bool

    @property
    def is_western_punctuation(self) -> bool:
        return self.is_punctuation and not self.is_cjk


def scan_run(text: str, start: int, maximum: int, *, inside_words: bool) -> Scanned:
    """Return the length of the run of one mark at `start`, and whether it can open and close emphasis.

    Args:
        text: of the whole paragraph.
        start: where the run begins.
        maximum: where the parser's text ends.
        inside_words: whether the mark works inside words, like ``*`` and unlike ``_``.
    """
    end = start
    while end < maximum and text[end] == text[start]:
        end += 1
    before, after = _before(text, start), _side(text[end] if end < maximum else " ")
    opens = not after.is_space and (
        not after.is_western_punctuation or before.is_space or before.is_western_punctuation or before.is_cjk
    )
    closes = not before.is_space and (
        not before.is_western_punctuation or after.is_space or after.is_western_punctuation or after.is_cjk
    )
    if inside_words:
        return Scanned(opens, closes, end - start)
    return Scanned(
        opens and (not closes or before.is_punctuation), closes and (not opens or after.is_punctuation), end - start
    )


def _before(text: str, start: int) -> _Side:
    """Return the side before a run; a variation selector belongs to the character before it."""
    if start == 0:
        return _side(" ")
    last = text[start - 1]
    if "\U000e0100" <= last <= "\U000e01ef":  # these follow only ideographs
        return _Side(is_space=False, is_punctuation=False, is_cjk=True)
    if not ("\ufe00" <= last <= "\ufe0e") or start == 1:
        return _side(last)
    side = _side(text[start - 2])
    return side._replace(is_cjk=True) if last == _FULL_WIDTH_FORM and text[start - 2] in _QUOTES else side


def _side(character: str) -> _Side:
    return _Side(isWhiteSpace(ord(character)), is_punctuation(character), is_cjk(character))
