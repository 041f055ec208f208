"""Which characters a text keeps, and how wide East Asian ones are: for emphasis, line breaks and bare links."""

import re
import unicodedata

from qingbo.patterns import pattern

_JOINERS = {"\u200c", "\u200d"}
"""They hold emoji and Persian words together."""

_INVALID_IN_XML = pattern("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Controls, halves of surrogates, what turns the direction of a text, and code points that are no characters.
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
"""Together with the width W: what is shown as a picture by default."""

_BREAK = pattern(r"(?<![ \t])[ \t]*+\n[ \t]*+")


def without_controls(text: str) -> str:
    """Return text with one kind of line end, without what XML cannot hold, and without turning its direction."""
    return _HARMFUL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def valid_in_xml(text: str) -> str:
    """Return text without the characters that an XML document cannot hold, not even escaped (XML 1.0, 2.2)."""
    return _INVALID_IN_XML.sub("", text)


def on_one_line(text: str) -> str:
    """Return a title or a name: on one line, without invisible characters, empty where nothing can be seen."""
    kept = (each for each in without_controls(text) if each in _JOINERS or unicodedata.category(each) != "Cf")
    line = " ".join("".join(kept).split())
    return line if any(unicodedata.category(each)[0] not in "ZC" and each != "\u3164" for each in line) else ""


def is_punctuation(character: str) -> bool:
    """Return whether CommonMark calls the character punctuation: Unicode's P and S."""
    return unicodedata.category(character)[0] in "PS"


def is_cjk(character: str) -> bool:
    """Return whether the character is Chinese, Japanese or Korean, as markdown-cjk-friendly defines it."""
    wide = unicodedata.east_asian_width(character) in {"W", "F", "H"} and not _WIDE_EMOJI.match(character)
    return wide or _HANGUL.match(character) is not None


def is_seam(before: str, after: str) -> bool:
    """Return whether a line break between two characters makes no space (CSS Text 3, segment break transformation)."""
    pair = [before, after]
    if not all(pair) or any(_HANGUL.match(each) for each in pair):
        return False
    wide = [unicodedata.east_asian_width(each) in {"W", "F", "H"} for each in pair]
    # The quotes, dashes and dots that Chinese shares with Western languages go with their neighbour.
    return all(wide) or (any(wide) and is_ambiguous_punctuation(pair[wide.index(False)]))


def is_ambiguous_punctuation(character: str) -> bool:
    """Return whether the character is punctuation of both East Asian and Western texts, like “ and …."""
    return unicodedata.east_asian_width(character) == "A" and is_punctuation(character)


def join_lines(text: str) -> str:
    """Return text without the line breaks that would show as a space between two East Asian characters."""

    def joined(found: re.Match[str]) -> str:
        before, after = text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1]
        return "" if is_seam(before, after) else found[0]

    return _BREAK.sub(joined, text)
