"""The tokens of a text, which the full-text indexes contain in place of its words.

Scripts without spaces between words give overlapping pairs of characters: 博客系统 gives 博客, 客系 and 系统, and
also 统, with which no pair begins. A single character is found as the beginning of a pair. Other words are tokens as
they are. A token has only a-z and 0-9, and at least three characters, so that no engine splits it, skips it as too
short, or changes its case.
"""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from qingbo.patterns import pattern
from qingbo.search.folding import fold

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Myanmar, Khmer
    "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"  # Han, Hangul
)
RUN = pattern(rf"[{UNSPACED}]+|(?:(?![{UNSPACED}])[^\W_])+")
"""A run of characters without spaces, or a word."""
_IS_UNSPACED = pattern(f"[{UNSPACED}]")

ANYWHERE, OFTEN, IN_TITLE = "a", "o", "t"
"""Prefixes of tokens for their position. OFTEN: in the title, or several times in the text."""
TIMES = 3
"""How many occurrences in a text count as often."""

LONGEST = 80
"""Maximum characters of a token. InnoDB skips tokens longer than 84 (innodb_ft_max_token_size)."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_FIRST_WIDE = "\ua200"
"""From this character on, a character has four digits. Others have three, of which the first is never w or x."""


def runs(folded: str) -> Iterator[tuple[str, bool]]:
    """Yield the runs of a folded text, each with whether it is written without spaces."""
    for found in RUN.finditer(folded):
        yield found[0], bool(_IS_UNSPACED.match(found[0]))


def pieces(run: str, *, is_unspaced: bool) -> list[str]:
    """Return the searchable pieces of a run: a word, a single character, or the pairs of a longer run."""
    if not is_unspaced or len(run) == 1:
        return [run]
    return [run[at : at + 2] for at in range(len(run) - 1)]


def token(piece: str, *, is_unspaced: bool) -> str:
    """Return the token of a piece, without the prefix for its position."""
    if is_unspaced:
        return "".join(map(_digits, piece)) if max(piece) < _FIRST_WIDE else f"x{''.join(map(_wide, piece))}"
    return f"w{piece if piece.isascii() else ''.join(map(_spelled, piece))}"[: LONGEST - 1]


def tokens_of(title: str, text: str) -> set[str]:
    """Return the tokens of a title and a text, with the prefixes for their positions."""
    in_title = set(_counted(title))
    counted = _counted(text)
    often = in_title.union(each for each, times in counted.items() if times >= TIMES)
    kept = {ANYWHERE + each for each in in_title.union(counted)}
    return kept | {OFTEN + each for each in often} | {IN_TITLE + each for each in in_title}


def _counted(text: str) -> Counter[str]:
    """Return the tokens of a text and how often each occurs. Most pieces are repeated, so they are counted first."""
    found: dict[bool, list[str]] = {True: [], False: []}
    for run, is_unspaced in runs(fold(text)):
        found[is_unspaced] += pieces(run, is_unspaced=is_unspaced)
        if is_unspaced and len(run) > 1:
            found[True] += (run[at] for at in _begins_no_pair(run))
    counted: Counter[str] = Counter()
    for is_unspaced, all_pieces in found.items():
        for piece, times in Counter(all_pieces).items():
            counted[token(piece, is_unspaced=is_unspaced)] += times
    return counted


def _begins_no_pair(run: str) -> Iterator[int]:
    """Yield the positions of characters with which no pair's token begins: the last, and those before a wide one."""
    yield len(run) - 1
    if max(run) >= _FIRST_WIDE:
        yield from (at for at in range(len(run) - 1) if run[at] < _FIRST_WIDE <= run[at + 1])


@lru_cache(maxsize=30_000)
def _digits(character: str) -> str:
    return _in_digits(ord(character), 3)


@lru_cache(maxsize=30_000)
def _wide(character: str) -> str:
    return _in_digits(ord(character), 4)


def _spelled(character: str) -> str:
    return character if character.isascii() else f"x{_wide(character)}"


def _in_digits(number: int, width: int) -> str:
    digits = ""
    for _place in range(width):
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
