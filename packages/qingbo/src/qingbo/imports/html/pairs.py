"""Finds an opening mark with its closing mark, in time linear in the text, whatever is left open. Pure functions."""

import re
from collections.abc import Callable, Iterator

_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}

Closing = Callable[[re.Match[str]], str]
"""Returns the closing mark, in lower case, for an opening one."""


def pairs(text: str, opening: re.Pattern[str], closing: Closing) -> Iterator[tuple[re.Match[str], str, int]]:
    """Yield each opening mark, the text up to its closing mark, and where that ends. Marks inside are skipped."""
    lowered = text.translate(_LOWER)
    lasts: dict[str, int] = {}
    start = 0
    while (found := opening.search(text, start)) is not None:
        mark = closing(found)
        if mark not in lasts:
            lasts[mark] = lowered.rfind(mark)
        start = found.end()
        if lasts[mark] >= start:
            end = lowered.index(mark, start)
            yield found, text[start:end], end + len(mark)
            start = end + len(mark)


def replace_pairs(
    text: str, opening: re.Pattern[str], closing: Closing, make: Callable[[re.Match[str], str], str]
) -> str:
    """Return a text in which `make` has replaced each pair, with what is between its marks."""
    pieces, done = [], 0
    for found, content, end in pairs(text, opening, closing):
        pieces += [text[done : found.start()], make(found, content)]
        done = end
    return "".join([*pieces, text[done:]])
