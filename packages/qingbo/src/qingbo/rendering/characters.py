"""Which characters a text keeps: those that a page and a feed can show, and that do not deceive."""

import re
import unicodedata

_JOINERS = {"\u200c", "\u200d"}
"""They hold emoji and Persian words together."""

_INVALID_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def without_controls(text: str) -> str:
    """Return text with one kind of line end, without what XML cannot hold, and without turning its direction."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in text if each in "\n\t" or not _is_harmful(each))


def valid_in_xml(text: str) -> str:
    """Return text without the characters that an XML document cannot hold, not even escaped (XML 1.0, 2.2)."""
    return _INVALID_IN_XML.sub("", text)


def on_one_line(text: str) -> str:
    """Return a title or a name: on one line, without invisible characters, empty where nothing can be seen."""
    kept = (each for each in without_controls(text) if each in _JOINERS or unicodedata.category(each) != "Cf")
    line = " ".join("".join(kept).split())
    return line if any(unicodedata.category(each)[0] not in "ZC" and each != "\u3164" for each in line) else ""


def _is_harmful(character: str) -> bool:
    if unicodedata.bidirectional(character) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}:
        return True
    return unicodedata.category(character) in {"Cc", "Cs"} or ord(character) & 0xFFFE == 0xFFFE
