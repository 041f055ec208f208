"""Parsing a search query into words and phrases; a text has to contain all of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from qingbo.search.folding import fold
from qingbo.search.tokens import pieces, runs, token

LONGEST = 200
"""Maximum characters of a query; the rest is cut off."""
MOST_TERMS = 12
_QUOTED = re.compile('"([^"]*)"?|([^"]+)')
_QUOTES = str.maketrans(dict.fromkeys("“”„«»「」『』", '"'))


@dataclass(frozen=True, slots=True)
class Term:
    """A word that has to be in the text."""

    word: str
    """As typed, folded; it may be the name of a tag."""
    tokens: tuple[str, ...]
    """All of them are required; see `tokens`."""
    is_prefix: bool
    """Whether words that begin with it match, too."""

    def tokens_at(self, where: str) -> list[str]:
        """Return its tokens for the index, with a position; see `tokens.ANYWHERE`."""
        return [f"{where}{token}{'*' if self.is_prefix else ''}" for token in self.tokens]


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed search query."""

    text: str = ""
    terms: tuple[Term, ...] = ()
    phrases: tuple[str, ...] = ()
    """Folded. Texts that have the tokens are also checked for these; see `has_phrases`."""

    @classmethod
    def read(cls, typed: str) -> "Query":
        """Parse what was typed; the query has no terms if it contains no words."""
        text = " ".join(typed.replace("\0", "")[: LONGEST * 4].split())[:LONGEST]
        terms: list[Term] = []
        phrases: list[str] = []
        for found in _QUOTED.finditer(fold(text.translate(_QUOTES))):
            is_quoted = found[1] is not None
            words = list(runs(found[1] if is_quoted else found[2]))
            terms += [_term(run, is_unspaced=is_unspaced, is_exact=is_quoted) for run, is_unspaced in words]
            if is_quoted and words and not (len(words) == 1 and len(words[0][0]) <= 2):
                phrases.append(_with_borders(words))
        return cls(text, tuple(dict.fromkeys(terms))[:MOST_TERMS], tuple(phrases))

    def has_phrases(self, text: str) -> bool:
        """Return whether a text contains all phrases; characters between words are ignored."""
        if not self.phrases:
            return True
        words = _joined(runs(fold(text)))
        return all(phrase in f" {words} " for phrase in self.phrases)


def _term(run: str, *, is_unspaced: bool, is_exact: bool) -> Term:
    tokens = tuple(token(piece, is_unspaced=is_unspaced) for piece in pieces(run, is_unspaced=is_unspaced))
    begins = len(run) == 1 if is_unspaced else len(run) > 1 and not is_exact
    return Term(run, tuple(dict.fromkeys(tokens)), is_prefix=begins)


def _with_borders(words: list[tuple[str, bool]]) -> str:
    """Return a phrase with spaces where it ends with a whole word; unspaced characters may continue."""
    before, after = ("" if words[at][1] else " " for at in (0, -1))
    return before + _joined(words) + after


def _joined(words: Iterable[tuple[str, bool]]) -> str:
    return " ".join(run for run, _is_unspaced in words)
