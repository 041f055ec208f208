"""The encoding of a file: UTF-8, what `--encoding` says, or recognised. Pure functions."""

import codecs

from qingbo.imports.bad_file import BadFile
from qingbo.imports.doubts import Doubt

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32 before UTF-16, whose mark is the beginning of the other's."""
CHINESE = {"gb2312", "gbk", "gb18030", "hz", "cp936"}
"""All are read as GB18030, which contains them."""
MOST_EXAMINED = 200_000
"""How many bytes are looked at to recognise an encoding."""
LEAST_BYTES = 3
"""How many bytes outside ASCII a file must have to recognise its encoding."""
HINT = "name it with --encoding, such as --encoding gb18030, or save the file as UTF-8"


def decoded(content: bytes, encoding: str | None = None) -> tuple[str, Doubt | None]:
    """Return the text of a file, and a doubt if its encoding was guessed.

    Args:
        content: of the file.
        encoding: of files that are not UTF-8; None means to recognise it.

    Raises:
        BadFile: if it cannot be decoded, with the line of the first bad byte.
    """
    for mark, name in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _read(content, name), None
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        return _guessed(content, encoding, error)
    if _is_utf16(content):
        return _read(content, "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be"), None
    return text, None


def _guessed(content: bytes, encoding: str | None, error: UnicodeDecodeError) -> tuple[str, Doubt | None]:
    if encoding:
        return _read(content, encoding), None
    if _is_utf16(content):
        return _read(content, "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be"), None
    if _is_damaged_utf8(content):
        line = content.count(b"\n", 0, error.start) + 1
        hint = "mend or remove the character there, and save the file as UTF-8"
        raise BadFile(f"is UTF-8 with a bad byte (byte {error.start})", line, hint)
    name = _recognised(content)
    if name is None:
        raise BadFile(f"is not UTF-8 (byte {error.start}), and its encoding was not recognised", hint=HINT)
    return _read(content, name), Doubt(f"was read as {name.upper()}", hint="if characters are wrong, name the encoding "
                                       "with --encoding")  # fmt: skip


def _is_utf16(content: bytes) -> bool:
    """Return whether there are NUL bytes as in UTF-16 of Latin letters; other texts have none."""
    head = content[:200]
    return len(head) > 1 and head.count(0) * 5 > len(head)


def _read(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadFile(f"is not {encoding.upper()} (byte {error.start})", line, HINT) from None


def _is_damaged_utf8(content: bytes) -> bool:
    """Return whether most characters outside ASCII are valid UTF-8, so that another encoding would garble them."""
    text = content.decode(errors="replace")
    bad = text.count("\ufffd")
    good = sum(not each.isascii() for each in text) - bad
    return good > 4 * bad


def _recognised(content: bytes) -> str | None:
    from charset_normalizer import from_bytes  # loaded late: only some old files need it

    # Cut at a line end: half a character at the end would exclude the right encoding.
    head = content if len(content) <= MOST_EXAMINED else content[: content.rfind(b"\n", 0, MOST_EXAMINED)]
    if sum(byte > 127 for byte in head) < LEAST_BYTES:
        return None
    found = from_bytes(head, cp_isolation=_ENCODINGS, enable_fallback=False).best()
    name = found.encoding if found else ""
    if name in CHINESE or (name not in {"euc_kr", "euc_jp"} and _is_common_chinese(content)):
        return "gb18030"
    return name or None


def _is_common_chinese(content: bytes) -> bool:
    """Return whether a text is GB18030 with common characters (GB 2312, rows 1 to 55); short texts are misjudged."""
    try:
        characters = [each for each in content.decode("gb18030") if not each.isascii()]
    except UnicodeDecodeError:
        return False
    common = sum(each.encode("gb2312", "replace")[0] in range(0xA1, 0xD8) for each in characters)
    return common >= 0.9 * len(characters)


_ENCODINGS = ["gb18030", "gbk", "gb2312", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1251", "cp1252"]
"""Encodings of blogs from before UTF-8. The more there are to choose from, the more guesses are wrong."""
