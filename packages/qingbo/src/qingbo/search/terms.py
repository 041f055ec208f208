"""What somebody looks for, taken apart: words and phrases, of which a text has to have all."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from qingbo.search.folding import fold
from qingbo.search.tokens import pieces, runs, token

LONGEST = 200
"""Characters of a query; more is cut."""
MOST_TERMS = 12
_QUOTED = re.compile('"([^"]*)"?|([^"]+)')
_QUOTES = str.maketrans(dict.fromkeys("“”„«»「」『』", '"'))


@dataclass(frozen=True, slots=True)
class Term:
    """Something that has to be in the text."""

    word: str
    """As it was typed, folded: the name of a tag may be it."""
    tokens: tuple[str, ...]
    """All of them; see `tokens`."""
    is_prefix: bool
    """Whether what begins with it will do."""

    def tokens_at(self, where: str) -> list[str]:
        """Return its tokens as an index is asked for them, standing somewhere; see `tokens.ANYWHERE`."""
        return [f"{where}{token}{'*' if self.is_prefix else ''}" for token in self.tokens]


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for."""

    text: str = ""
    terms: tuple[Term, ...] = ()
    phrases: tuple[str, ...] = ()
    """Folded: texts that have the tokens are held against them; see `has_phrases`."""

    @classmethod
    def read(cls, typed: str) -> "Query":
        """Return what was typed, taken apart; it has no terms where nothing in it can be looked for."""
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
        """Return whether a text has all phrases; what stands between words does not count."""
        if not self.phrases:
            return True
        words = _joined(runs(fold(text)))
        return all(phrase in f" {words} " for phrase in self.phrases)


def _term(run: str, *, is_unspaced: bool, is_exact: bool) -> Term:
    tokens = tuple(token(piece, is_unspaced=is_unspaced) for piece in pieces(run, is_unspaced=is_unspaced))
    begins = len(run) == 1 if is_unspaced else len(run) > 1 and not is_exact
    return Term(run, tuple(dict.fromkeys(tokens)), is_prefix=begins)


def _with_borders(words: list[tuple[str, bool]]) -> str:
    """Return a phrase as it stands among others: a word ends where it does, characters of a run may go on."""
    before, after = ("" if words[at][1] else " " for at in (0, -1))
    return before + _joined(words) + after


def _joined(words: Iterable[tuple[str, bool]]) -> str:
    return " ".join(run for run, _is_unspaced in words)
