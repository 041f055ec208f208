"""Texts cut into sentences and line ends. Joined, the pieces are the text again, byte for byte."""

import re

_CLOSERS = "\"'”’」』》〉）】)\\]*_"  # quotes, brackets and Markdown's emphasis close after the full stop
_END = re.compile(
    r"\n+"
    rf"|[。！？；]++[{_CLOSERS}]*+[ \t]*+"
    rf"|(?<![.!?])[.!?]++[{_CLOSERS}]*+[ \t]++"
)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text and, as pieces of their own, its runs of line ends.

    A Chinese sentence ends at 。！？ or ；, a Latin one at . ! or ? before a space; both at the end of their line.
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
