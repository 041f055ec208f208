"""Which characters texts may contain, and properties of East Asian ones: for emphasis, line breaks, bare links."""

import re
import unicodedata

from qingbo.patterns import pattern

_JOINERS = {"\u200c", "\u200d"}
"""Joiners that emoji and Persian words need."""

_INVALID_IN_XML = pattern("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Controls, surrogates, bidirectional overrides, and code points that are not characters.
_HARMFUL = pattern(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
    + "]"
)

_HANGUL = pattern(
    "[\u1100-\u11ff\u302e\u302f\u3131-\u318e\u3200-\u321e\u3260-\u327e\ua960-\ua97c\uac00-\ud7fb\uffa0-\uffdc]"
)
_WIDE_EMOJI = pattern(
    "[\u231a-\u2328\u232b-\u262f\u2638-\u2689\u2690-\u2b55\U0001f000-\U0001f1ff\U0001f201\U0001f21a\U0001f22f"
    "\U0001f232-\U0001f236\U0001f238-\U0001f23a\U0001f250\U0001f251\U0001f300-\U0001faff]"
)
"""Characters of East Asian width W that are shown as emoji by default."""

_BREAK = pattern(r"(?<![ \t])[ \t]*+\n[ \t]*+")


def without_controls(text: str) -> str:
    """Return text with LF line ends, without control characters, bidirectional overrides and non-characters."""
    return _HARMFUL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def valid_in_xml(text: str) -> str:
    """Return text without characters that XML does not allow, not even escaped (XML 1.0, 2.2)."""
    return _INVALID_IN_XML.sub("", text)


def on_one_line(text: str) -> str:
    """Return a title or name on one line, without invisible characters; empty if nothing would be visible."""
    kept = (each for each in without_controls(text) if each in _JOINERS or unicodedata.category(each) != "Cf")
    line = " ".join("".join(kept).split())
    return line if any(unicodedata.category(each)[0] not in "ZC" and each != "\u3164" for each in line) else ""


def is_punctuation(character: str) -> bool:
    """Return whether the character is punctuation for CommonMark: in Unicode's categories P and S."""
    return unicodedata.category(character)[0] in "PS"


def is_cjk(character: str) -> bool:
    """Return whether the character is Chinese, Japanese or Korean by the definition of markdown-cjk-friendly."""
    wide = unicodedata.east_asian_width(character) in {"W", "F", "H"} and not _WIDE_EMOJI.match(character)
    return wide or _HANGUL.match(character) is not None


def is_seam(before: str, after: str) -> bool:
    """Return whether a line break between two characters gives no space (CSS Text 3, segment break transformation)."""
    pair = [before, after]
    if not all(pair) or any(_HANGUL.match(each) for each in pair):
        return False
    wide = [unicodedata.east_asian_width(each) in {"W", "F", "H"} for each in pair]
    # Quotes, dashes and dots that Chinese shares with Western languages are treated like their neighbour.
    return all(wide) or (any(wide) and is_ambiguous_punctuation(pair[wide.index(False)]))


def is_ambiguous_punctuation(character: str) -> bool:
    """Return whether the character is punctuation in both East Asian and Western texts, like “ and …."""
    return unicodedata.east_asian_width(character) == "A" and is_punctuation(character)


def join_lines(text: str) -> str:
    """Return text without line breaks that would show as a space between two East Asian characters."""

    def joined(found: re.Match[str]) -> str:
        before, after = text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1]
        return "" if is_seam(before, after) else found[0]

    return _BREAK.sub(joined, text)
