"""Malicious files: each is refused with a reason and nothing is stored, or only its picture remains."""

import gzip
import io
import random
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sample_media as samples
from media_uploads import take
from PIL import Image
from qingbo.errors import InputRefused
from qingbo.extensions import session
from qingbo.media.addresses import file_name
from qingbo.media.formats import FORMATS, recognised
from qingbo.media.models import Media
from qingbo.media.pictures import write_cleaned
from qingbo.media.place import current_storage
from sqlalchemy import select

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])
"""The database has no say in what a file is."""
SCRIPT = b"<script>alert(1)</script>"


def png_of(*chunks: tuple[bytes, bytes], width: int = 8, height: int = 8) -> bytes:
    """Return a PNG file of one colour, one bit a pixel, with more chunks in it."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    lines = zlib.compress(bytes((width + 7) // 8 + 1) * height, 9)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", lines), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


def gif_of_screen(side: int, frames: int = 1) -> bytes:
    """Return a GIF file of small frames that says its screen is large."""
    file = bytearray(samples.moving("GIF", frames=frames, size=8))
    file[6:10] = struct.pack("<HH", side, side)
    return bytes(file)


def endless(size: int = 3_000_000) -> bytes:
    return zlib.compress(bytes(size), 9)


def refused() -> Iterator[tuple[str, str, bytes, str]]:
    """Yield what is tried, the name of the file, its content, and words of the reason."""
    yield "PNG of 51 megapixels, all there", "a.png", png_of(width=30_000, height=1_700), "megapixels"
    yield "PNG that is all width", "a.png", samples.bomb(2**31 - 1, 1), "megapixels"
    yield "GIF of a huge screen", "a.gif", gif_of_screen(65_535), "megapixels"
    yield "GIF that moves on a large screen", "a.gif", gif_of_screen(7_000, 40), "The animation"
    huge = samples.encoded(Image.new("L", (16_000, 3_200)), "WEBP", lossless=True, method=0, quality=0)
    yield "WebP of 51 megapixels in a few bytes", "a.webp", huge, "megapixels"
    for name in (b"iCCP", b"zTXt"):
        yield f"PNG with endless {name.decode()}", "a.png", png_of((name, b"x\0\0" + endless())), "damaged"
    yield "PNG with endless iTXt", "a.png", png_of((b"iTXt", b"x\0\1\0\0\0" + endless())), "damaged"
    many = [(b"zTXt", b"x\0\0" + endless(1_000_000))] * 80
    yield "PNG with endless texts, each small", "a.png", png_of(*many), "damaged"

    yield (
        "PDF in a JPEG comment",
        "a.jpg",
        samples.jpeg(90, 60, comment=samples.PDF),
        "contains two formats: JPEG and PDF",
    )
    yield "ZIP in a PNG", "a.png", png_of((b"zzZz", samples.archive())), "contains two formats: PNG and ZIP"
    yield "ZIP behind a film", "a.mp4", samples.MP4 + samples.archive(), "contains two formats: MP4 and ZIP"
    yield "PHP in a PNG", "a.png", png_of((b"tEXt", b"c\0<?php system($_GET[1]); ?>")), "contains two formats"
    page = samples.encoded(samples.picture(90, 60, mode="P"), "GIF", comment=b"<html><body onload=alert(1)>")
    yield "HTML in a GIF", "a.gif", page, "contains two formats"
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    yield (
        "SVG behind a WebP",
        "a.webp",
        samples.encoded(samples.picture(90, 60), "WEBP") + drawing,
        "contains two formats",
    )
    between = bytes(2**20 - 5) + SCRIPT  # across the pieces that a file is read in
    yield "script far behind a JPEG", "a.jpg", samples.jpeg(90, 60) + between[len(samples.jpeg(90, 60)) :], "HTML"

    yield "SVG with a mark of its bytes", "a.svg", b"\xef\xbb\xbf" + samples.SVG, "SVG"
    yield "SVG in UTF-16", "a.svg", samples.SVG.decode().encode("utf-16"), "SVG"
    yield "SVG behind a declaration", "a.png", b'<?xml version="1.0"?><!-- -->' + samples.SVG, "SVG"
    yield "SVG that is packed", "a.svgz", gzip.compress(samples.SVG), "a supported file type"
    yield "SVG called JPEG", "a.jpg", samples.SVG, "SVG"
    yield "MP4 called MP3", "a.mp3", samples.MP4, "match its content (MP4)"
    yield "PDF called PNG", "a.png", samples.PDF, "match its content (PDF)"
    yield "program called ZIP", "a.zip", b"MZ" + bytes(500), "a supported file type"
    yield "document that is a ZIP", "a.docx", samples.archive("word/document.xml"), "match its content (ZIP)"

    for name, format_name in (("a.webp", "WEBP"), ("a.gif", "GIF"), ("a.avif", "AVIF"), ("a.png", "PNG")):
        whole = samples.encoded(samples.picture(300, 200), format_name)
        yield f"half a {format_name}", name, whole[: len(whole) // 2], "damaged"
        yield f"the first bytes of a {format_name}", name, whole[:20], "damaged"
    yield "half a film", "a.mp4", samples.MP4[:3000], "damaged"
    yield "film without its index", "a.mp4", samples.MP4[:16] + samples.MP4[124:], "damaged"
    yield "half a ZIP", "a.zip", samples.archive()[:60], "damaged"
    for name in ("a.png", "a.mp4", "a.zip", "a.txt", "noname"):
        yield f"nothing, called {name}", name, b"", "empty"


def left_behind() -> set[Path]:
    """Return the temporary files of the blog; those of other tests that run meanwhile do not count."""
    return {path for path in Path(tempfile.gettempdir()).glob("qingbo-*") if not path.name.startswith("qingbo-tests-")}


def test_what_is_made_to_harm_is_refused_with_a_reason_and_leaves_nothing(blog: Any) -> None:
    folder = blog.home / "media"
    temporary = left_behind()
    for what, name, content, words in refused():
        with pytest.raises(InputRefused) as refusal:
            take(blog, content, name)
        assert words in str(refusal.value), what
        assert f"“{name}”" in str(refusal.value), what
        session().rollback()
        assert [path for path in folder.rglob("*") if path.is_file()] == [], what
        assert session().scalars(select(Media)).all() == [], what
    assert left_behind() <= temporary


def test_what_is_hidden_in_a_picture_is_not_in_what_is_kept(blog: Any) -> None:
    program = b"*/=1;alert(document.domain)//"
    hidden = {
        "behind.png": png_of() + program,
        "behind.gif": samples.moving("GIF", size=20) + program,
        "behind.jpg": samples.jpeg(90, 60) + program,
        "behind.webp": samples.encoded(samples.picture(90, 60), "WEBP") + program,
        "comment.jpg": samples.jpeg(91, 60, comment=program),
        "text.png": png_of((b"tEXt", b"c\0" + program), (b"prVt", program), width=9),
        "profile.png": samples.png(90, 60, icc_profile=samples.wide_profile() + program),
        "middle.jpg": samples.jpeg(92, 60) + samples.archive("a.txt", "x") + bytes(70_000) + program,
    }
    for name, content in hidden.items():
        assert program in content or name == "profile.png"
        media = take(blog, content, name)
        kept = b"".join(current_storage().read(media_file(media)))
        assert program not in kept, name
        assert b"PK\x03\x04" not in kept, name
        with Image.open(io.BytesIO(kept)) as picture:
            picture.load()
            assert not {"icc_profile", "exif", "comment", "xmp", "c"} & picture.info.keys(), name


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("..\\..\\windows\\tea.jpg", "tea.jpg"),
        ("/etc/tea.jpg", "tea.jpg"),
        ("tea.jpg/..", "picture.jpg"),
        ("tea\x00.exe.jpg", "tea.exe.jpg"),
        ("gpj.\u202eaet.jpg", "gpj.aet.jpg"),
        ("t\u200be\u2066a.jpg", "tea.jpg"),
        ("茶" * 300 + ".jpg", "茶" * 116 + ".jpg"),
        ("~480.jpg", "480.jpg"),
        (".jpg", "jpg.jpg"),
        ("....jpg", "picture.jpg"),
        ("a?b#c%2Fd&e.jpg", "a-b-c-2Fd-e.jpg"),
        ('"><script>.jpg', "script.jpg"),
        ("line\r\nSet-Cookie: a=b.jpg", "line-Set-Cookie-a=b.jpg"),
        (" ", "file.jpg"),
    ],
    ids=range(14),
)
def test_a_name_is_made_harmless(blog: Any, name: str, kept: str) -> None:
    media = take(blog, samples.jpeg(60, 40), name)
    assert media.name == kept
    assert blog.visitor("ann").get(f"/media/{media.handle}/{kept}").status_code == 200


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_that_lies_on_its_side_is_kept_upright(blog: Any, format_name: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Image.new("RGB", (90, 60), "navy")
    picture.paste("yellow", (0, 0, 45, 60))  # on the left: after the turn, above
    media = take(blog, samples.encoded(picture, format_name, exif=exif), f"a.{format_name.lower()}")
    with Image.open(io.BytesIO(b"".join(current_storage().read(media_file(media))))) as kept:
        assert kept.size == (60, 90) == (media.width, media.height)
        above, below = (kept.convert("RGB").getpixel((30, y)) for y in (10, 80))
        assert above[0] > 200 > 60 > below[0]  # type: ignore[index,operator]
        assert not dict(kept.getexif())


def media_file(media: Media) -> str:
    return file_name(media.digest, media.extension)


def test_a_photo_of_much_noise_is_no_page(blog: Any) -> None:
    noise = random.Random(16).randbytes(2000)
    content = samples.jpeg(90, 60, comment=noise + b"<SVG\t" + noise + b"<sVg>" + noise)
    assert take(blog, content).kind == "picture"


def damaged(whole: bytes, rounds: int) -> Iterator[bytes]:
    """Yield a file with some of its bytes changed, taken away or brought in, the same in each run."""
    dice = random.Random(zlib.crc32(whole[:64]))
    for _ in range(rounds):
        file = bytearray(whole)
        for _ in range(dice.choice([1, 2, 8])):
            file[dice.randrange(min(len(file), dice.choice([64, 500, len(file)])))] = dice.randrange(256)
        if dice.random() < 0.3:
            del file[dice.randrange(len(file)) :]
        elif dice.random() < 0.2:
            place = dice.randrange(len(file))
            file[place:place] = bytes(dice.randrange(40))
        yield bytes(file)


@pytest.mark.slow
def test_a_damaged_picture_breaks_nothing(blog: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    wholes = [
        samples.photo_of_a_place(),
        samples.jpeg(60, 40, progressive=True),
        samples.png(60, 40, exif=exif),
        samples.encoded(Image.new("I;16", (60, 40)), "PNG"),
        samples.encoded(samples.picture(60, 40, mode="P"), "GIF"),
        samples.encoded(samples.picture(60, 40, mode="RGBA"), "WEBP", lossless=True, exif=exif),
        samples.encoded(samples.picture(60, 40), "AVIF", speed=10, exif=exif),
        *(samples.moving(format_name, size=20) for format_name in ("GIF", "PNG", "WEBP")),
    ]
    outcomes = {"taken": 0, "refused": 0}
    for whole in wholes:
        for file in damaged(whole, 60):
            try:
                found = recognised(io.BytesIO(file), "a", names_may_lie=True)
                if found in FORMATS[:5]:
                    write_cleaned(io.BytesIO(file), found, io.BytesIO(), "a")
                outcomes["taken"] += 1
            except InputRefused:
                outcomes["refused"] += 1
    assert min(outcomes.values()) > 50, outcomes
