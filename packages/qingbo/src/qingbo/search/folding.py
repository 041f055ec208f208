"""One spelling for texts that readers consider equal: letter case, width, accents, traditional and simplified."""

import sys
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from opencc import OpenCC

_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))
_LATIN = ((0xC0, 0x24F), (0x1E00, 0x1EFF))


def fold(text: str) -> str:
    """Return a text in the form for comparisons: 「ＣＡＦÉ 臺灣」 is "cafe 台湾"."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_table())


@lru_cache(maxsize=20_000)
def fold_character(character: str) -> str:
    """Return `fold` of one character, which may become several or none."""
    return fold(character)


@cache
def _table() -> Mapping[int, str]:
    # Character by character: conversion by phrases, as in 乾坤, would fold the same character in two ways.
    converter = OpenCC("t2s")
    han = [chr(code) for first, last in _HAN for code in range(first, min(last, sys.maxunicode) + 1)]
    simplified = converter.convert("\n".join(han)).split("\n")
    table = {ord(old): new for old, new in zip(han, simplified, strict=True) if old != new}
    for first, last in _LATIN:
        for code in range(first, last + 1):
            base = "".join(each for each in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(each))
            if base != chr(code):
                table[code] = base
    table |= dict.fromkeys(range(0x300, 0x370), "")  # combining accents
    return table
