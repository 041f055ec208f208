"""Detects the format of a file by its bytes; its name has to agree."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from flask_babel import gettext as _

from qingbo.errors import InputRefused
from qingbo.media.models import Kind

HEAD = 4096


@dataclass(frozen=True, slots=True)
class Format:
    """A file format that can be uploaded."""

    name: str
    """Its usual name; for pictures, in upper case also Pillow's name."""
    kind: Kind
    mimetype: str
    extension: str
    other_extensions: tuple[str, ...] = ()


JPEG = Format("JPEG", Kind.PICTURE, "image/jpeg", ".jpg", (".jpeg", ".jpe", ".jfif"))
PNG = Format("PNG", Kind.PICTURE, "image/png", ".png", (".apng",))
GIF = Format("GIF", Kind.PICTURE, "image/gif", ".gif")
WEBP = Format("WebP", Kind.PICTURE, "image/webp", ".webp")
AVIF = Format("AVIF", Kind.PICTURE, "image/avif", ".avif")
MP3 = Format("MP3", Kind.AUDIO, "audio/mpeg", ".mp3")
OGG = Format("Ogg", Kind.AUDIO, "audio/ogg", ".ogg", (".oga", ".opus"))
M4A = Format("M4A", Kind.AUDIO, "audio/mp4", ".m4a")
MP4 = Format("MP4", Kind.VIDEO, "video/mp4", ".mp4", (".m4v",))
WEBM = Format("WebM", Kind.VIDEO, "video/webm", ".webm")
PDF = Format("PDF", Kind.DOWNLOAD, "application/pdf", ".pdf")
ZIP = Format("ZIP", Kind.DOWNLOAD, "application/zip", ".zip")

FORMATS = (JPEG, PNG, GIF, WEBP, AVIF, MP3, OGG, M4A, MP4, WEBM, PDF, ZIP)
EXTENSIONS = tuple(extension for each in FORMATS for extension in (each.extension, *each.other_extensions))

_MP4_BRANDS = {
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"dash",
    b"MSNV",
    b"mmp4",
}
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis"}
_MPEG_AUDIO = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]")
_SVG = re.compile(rb"<(!doctype\s+)?svg[\s>]", re.IGNORECASE)
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}")
# Patterns that may make a browser or server treat a picture as a page or a program. They are long enough that the
# noise of one 10 MB photo in a million matches; `<svg` alone matched one in two thousand.
_ACTIVE = re.compile(
    rb"<script[\s>/]|<html[\s>]|<!doctype\s+html|<svg\s[^<>]{0,300}(?:xmlns|\son\w+)\s*=|<iframe[\s>]|<\?php\s",
    re.IGNORECASE,
)
_LONGEST_ACTIVE = 512


def recognised(file: IO[bytes], name: str, *, names_may_lie: bool = False) -> Format:
    """Return the format of a file.

    Args:
        file: at any position; afterwards it is at its beginning.
        name: the uploaded file's name.
        names_may_lie: accept a file whose name has the extension of another format.

    Raises:
        InputRefused: if the format is unknown, the file has two formats at once, or its name has another extension.
    """
    file.seek(0)
    head = file.read(HEAD)
    found = _by_signature(head)
    if found is None:
        raise InputRefused(_why_unknown(head, name))
    extension = PurePath(name).suffix
    is_own = extension.lower() in (found.extension, *found.other_extensions)
    if not (is_own or names_may_lie) and _EXTENSION.fullmatch(extension):
        raise InputRefused(
            _(
                "The extension of “%(name)s” doesn’t match its content (%(format)s). Change the extension to "
                "%(extension)s and upload it again.",
                name=name,
                format=found.name,
                extension=found.extension,
            )
        )
    if second := _second_kind(file, head, found):
        raise InputRefused(
            _(
                "“%(name)s” contains two formats: %(first)s and %(second)s. Save it again in the app that made "
                "it, then upload the new file.",
                name=name,
                first=found.name,
                second=second,
            )
        )
    if not _is_whole(file, found):
        raise InputRefused(
            _("“%(name)s” is damaged or incomplete and can’t be read as %(format)s.", name=name, format=found.name)
        )
    file.seek(0)
    return found


def _is_whole(file: IO[bytes], found: Format) -> bool:
    """Return whether a file that is stored unchanged is complete, as far as its format shows that."""
    if found is ZIP:
        return zipfile.is_zipfile(file)
    return _has_its_boxes(file) if found in (MP4, M4A) else True


def _has_its_boxes(file: IO[bytes]) -> bool:
    """Return whether a video has its index and all of its data (ISO/IEC 14496-12, 4.2: boxes)."""
    end = file.seek(0, 2)
    place, has_index = 0, False
    while place + 8 <= end:
        file.seek(place)
        head = file.read(16)
        size, name = int.from_bytes(head[:4], "big"), head[4:8]
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        size = size or end - place
        if name in {b"moov", b"mdat"} and place + size > end:
            return False
        has_index = has_index or name in {b"moov", b"moof"}
        if size < 8:
            break
        place += size
    return has_index


def _by_signature(head: bytes) -> Format | None:
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head[:4] == b"RIFF":
        return WEBP if head[8:12] == b"WEBP" else None
    if head[:4] == b"\x1aE\xdf\xa3":
        return WEBM if b"webm" in head[:64] else None
    for signatures, found in (
        ((b"\xff\xd8\xff",), JPEG),
        ((b"\x89PNG\r\n\x1a\n",), PNG),
        ((b"GIF87a", b"GIF89a"), GIF),
        ((b"OggS",), OGG),
        ((b"ID3",), MP3),
        ((b"%PDF-",), PDF),
        ((b"PK\x03\x04", b"PK\x05\x06"), ZIP),
    ):
        if head.startswith(signatures):
            return found
    return MP3 if _MPEG_AUDIO.match(head) else None


def _iso_media(head: bytes) -> Format | None:
    brand = head[8:12]
    if brand in {b"avif", b"avis"}:
        return AVIF
    if brand in {b"M4A ", b"M4B "}:
        return M4A
    return MP4 if brand in _MP4_BRANDS else None


def _why_unknown(head: bytes, name: str) -> str:
    if not head:
        why = _("“%(name)s” is empty.", name=name)
    elif _SVG.search(head.replace(b"\0", b"")):  # also finds UTF-16
        why = _("“%(name)s” is an SVG file, which can contain scripts. Save it as PNG or WebP.", name=name)
    elif head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        why = _("“%(name)s” is a HEIC image, which most browsers can’t show. Save it as JPEG.", name=name)
    else:
        why = _(
            "“%(name)s” isn’t a supported file type. Images: %(pictures)s. Audio: %(audio)s. Video: "
            "%(video)s. Other files: %(downloads)s.",
            name=name,
            pictures=_names(Kind.PICTURE),
            audio=_names(Kind.AUDIO),
            video=_names(Kind.VIDEO),
            downloads=_names(Kind.DOWNLOAD),
        )
    return str(why)


def _names(kind: Kind) -> str:
    return ", ".join(each.name for each in FORMATS if each.kind == kind)


def _second_kind(file: IO[bytes], head: bytes, found: Format) -> str:
    """Return a second format of a file, or an empty string. Programs look for these anywhere in a file."""
    if found is not ZIP and zipfile.is_zipfile(file):
        return ZIP.name
    if found is not PDF and b"%PDF-" in head[:1024]:
        return PDF.name
    if found.kind is Kind.PICTURE:
        file.seek(0)
        before = b""
        while chunk := file.read(1 << 20):
            if _ACTIVE.search(before + chunk):
                return "HTML"
            before = chunk[-_LONGEST_ACTIVE:]
    return ""
