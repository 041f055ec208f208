"""Cuts texts into sentences, clauses and words. The joined pieces are the text again, byte for byte."""

import re

_CLOSERS = "\"'”’」』》〉）】)\\]*_"  # quotes, brackets and Markdown emphasis that may follow a full stop
_END = re.compile(
    r"\n+"
    rf"|[。！？；]++[{_CLOSERS}]*+[ \t]*+"
    rf"|(?<![.!?])[.!?]++[{_CLOSERS}]*+[ \t]++"
)

_CLAUSE = re.compile(r"\n+|[^，、：,:\n]*+[，、：,:]++|[^，、：,:\n]++")

_MARKS = "\u0300-\u036f\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef"
"""Accents, joiners, variants and skin tones belong to the character before them."""

_CJK = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = rf"(?:[^\W_{_CJK}][{_MARKS}]*)"

_WORD = re.compile(
    rf"{_LETTER}++(?:['’.,]{_LETTER}++)*+"  # don't, 3.14, example.org
    r"|[^\S\n]++"
    rf"|([^\w\s{_MARKS}]|_)\1+(?![{_MARKS}])"  # ** ``` —— ……
    r"|[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    rf"|.(?:(?<=\u200d).|[{_MARKS}])*",
    re.DOTALL,
)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text. Runs of line ends are separate pieces.

    A Chinese sentence ends at 。！？ or ；, a Latin one at . ! or ? before a space, and both at the end of a line.
    """
    pieces = []
    start = 0
    for found in _END.finditer(text):
        is_line_end = found[0][0] == "\n"
        pieces.append(text[start : found.start() if is_line_end else found.end()])
        pieces.append(found[0] if is_line_end else "")
        start = found.end()
    pieces.append(text[start:])
    return [piece for piece in pieces if piece]


def clauses_of(text: str) -> list[str]:
    """Return the parts of a text that end at a comma or a colon. Runs of line ends are separate pieces."""
    return _CLAUSE.findall(text)


def words_of(text: str) -> list[str]:
    """Return the units of a text: words, numbers, Chinese characters, emoji, runs of one punctuation mark."""
    return [found[0] for found in _WORD.finditer(text)]
