"""Uploads: what is accepted, what is refused, and that a refused file leaves nothing."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sample_media as samples
from media_uploads import multipart
from PIL import Image
from qingbo.background import background_of
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.media.intake import take_in
from qingbo.media.models import Media
from qingbo.media.place import current_storage
from qingbo.tasks import JOBS
from sqlalchemy import select

JSON = {"Accept": "application/json"}
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])
"""For what never reaches the database."""


@pytest.fixture
def ann(blog: Any) -> Any:
    return blog.visitor("ann")


def upload(visitor: Any, *files: tuple[bytes, str]) -> Any:
    body, kind = multipart({"csrf_token": token_of(visitor)}, [("files", name, content) for content, name in files])
    return visitor.post("/studio/media", data=body, headers=visitor.headers | JSON, content_type=kind)


def token_of(visitor: Any) -> str:
    return str(visitor.get("/studio/media").text.partition('name="csrf_token" value="')[2].partition('"')[0])


def stored(blog: Any) -> list[Path]:
    return [path for path in (blog.home / "media").rglob("*") if path.is_file()]


def only_media() -> Media:
    session().rollback()
    return session().scalars(select(Media)).one()


def test_a_photo_comes_out_without_where_and_with_what_it_was_taken(blog: Any, ann: Any) -> None:
    photo = samples.photo_of_a_place()
    assert b"SecretCam" in photo
    answer = upload(ann, (photo, "IMG 0001.jpg"))
    assert answer.status_code == 200, answer.text
    (said,) = answer.json["files"]
    served = ann.get(said["address"])
    assert served.status_code == 200
    for secret in (b"Secret", b"GPS", b"xmp", b"Exif", b"ICC_PROFILE"):
        assert secret not in served.data
    image = Image.open(io.BytesIO(served.data))
    assert not dict(image.getexif())
    assert image.size == (480, 640), "upright"
    (file,) = stored(blog)
    assert file.read_bytes() == served.data
    assert file.stat().st_mode & 0o077 == 0


@ON_SQLITE
@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (samples.bomb(), "bomb.png", "megapixels"),
        (samples.SVG, "drawing.svg", "SVG"),
        (samples.SVG, "drawing.png", "SVG"),
        (samples.jpeg() + samples.archive(), "photo.jpg", "contains two formats: JPEG and ZIP"),
        (samples.jpeg(comment=b"<script>alert(1)</script>"), "photo.jpg", "contains two formats: JPEG and HTML"),
        (b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", "code.gif", "damaged"),
        (samples.PDF[:8] + samples.archive(), "paper.pdf", "contains two formats: PDF and ZIP"),
        (samples.png(), "photo.jpg", "match its content (PNG)"),
        (samples.jpeg(), "photo.exe", "match its content (JPEG)"),
        (b"<html><script>alert(1)</script>", "photo.jpg", "a supported file type"),
        (b"MZ" + bytes(300), "tool.exe", "a supported file type"),
        (samples.jpeg()[:9000], "half.jpg", "damaged or incomplete"),
        (samples.png()[:2000], "half.png", "damaged or incomplete"),
        (b"", "nothing.jpg", "empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_taken_is_refused_by_name_and_leaves_nothing(
    blog: Any, ann: Any, content: bytes, name: str, words: str
) -> None:
    answer = upload(ann, (content, name))
    assert answer.status_code == 422
    assert f"“{name}”" in answer.json["problems"][0]
    assert words in answer.json["problems"][0]
    assert not answer.json["files"]
    assert stored(blog) == []
    assert session().scalars(select(Media)).all() == []


@ON_SQLITE
def test_one_that_is_refused_keeps_no_other_out(blog: Any, ann: Any) -> None:
    answer = upload(ann, (samples.SVG, "a.svg"), (samples.png(), "b.png"), (samples.jpeg()[:50], "c.jpg"))
    assert [each["name"] for each in answer.json["files"]] == ["b.png"]
    assert len(answer.json["problems"]) == 2


@ON_SQLITE
def test_a_file_that_is_too_large_is_refused_with_its_size(blog: Any, ann: Any) -> None:
    answer = upload(ann, (samples.MP4 + bytes(100 * 1024 * 1024), "film.mp4"))
    assert answer.status_code == 422
    assert answer.json["problems"] == ["“film.mp4” is 100 MB. The limit is 50 MB."]
    assert stored(blog) == []


def test_the_same_picture_is_stored_once(blog: Any, ann: Any) -> None:
    first, second = (upload(ann, (samples.jpeg(), f"{n}.jpg")).json["files"][0]["address"] for n in "ab")
    assert first == second
    assert len(stored(blog)) == 1


@ON_SQLITE
@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG"])
def test_what_moves_goes_on_moving_without_what_was_written_into_it(blog: Any, ann: Any, format_name: str) -> None:
    secret: dict[str, Any] = {"comment": b"Secret"} if format_name == "GIF" else {"exif": secret_exif()}
    content = samples.moving(format_name, frames=5, **secret)
    assert b"Secret" in content
    address = upload(ann, (content, f"moves.{format_name.lower()}")).json["files"][0]["address"]
    served = ann.get(address).data
    assert b"Secret" not in served
    assert getattr(Image.open(io.BytesIO(served)), "n_frames") == 5  # noqa: B009 - Pillow's types do not know it
    work_off(blog)
    assert only_media().renditions == "{}"


def secret_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0110] = "Secret"
    return exif.tobytes()


@ON_SQLITE
def test_an_animation_that_is_too_long_is_refused(blog: Any, ann: Any) -> None:
    answer = upload(ann, (samples.moving("GIF", frames=601, size=2), "long.gif"))
    assert "The animation" in answer.json["problems"][0]


@ON_SQLITE
@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_colours_of_any_kind_become_srgb(blog: Any, ann: Any, mode: str) -> None:
    content = samples.encoded(samples.picture(90, 60, mode=mode), "JPEG", icc_profile=samples.wide_profile())
    served = ann.get(upload(ann, (content, "print.jpg")).json["files"][0]["address"]).data
    image = Image.open(io.BytesIO(served))
    assert image.mode in {"RGB", "L"}
    assert "icc_profile" not in image.info


def test_smaller_pictures_are_made_in_the_background(blog: Any, ann: Any) -> None:
    address = upload(ann, (samples.jpeg(1200, 800), "tea.jpg")).json["files"][0]["address"]
    assert only_media().finished_at is None
    assert ann.get(address).status_code == 200
    work_off(blog)
    media = only_media()
    assert media.finished_at is not None
    folder = address.rpartition("/")[0]
    for width in (480, 960):
        for extension in ("webp", "avif"):
            served = ann.get(f"{folder}/~{width}.{extension}")
            assert served.mimetype == f"image/{extension}"
            assert Image.open(io.BytesIO(served.data)).size == (width, round(width * 800 / 1200))
    assert media.placeholder


@ON_SQLITE
def test_a_large_picture_gets_webp_alone(blog: Any, ann: Any) -> None:
    upload(ann, (samples.jpeg(1900, 1200), "large.jpg"))
    work_off(blog)
    assert only_media().renditions == '{"image/webp": [480, 960, 1600]}'


def work_off(blog: Any) -> None:
    session().rollback()
    background_of(blog.app).work_off(JOBS)


@ON_SQLITE
@pytest.mark.parametrize(
    ("content", "name", "mimetype"),
    [
        (samples.MP3, "talk.mp3", "audio/mpeg"),
        (samples.OGG, "talk.ogg", "audio/ogg"),
        (samples.M4A, "talk.m4a", "audio/mp4"),
        (samples.MP4, "film.mp4", "video/mp4"),
        (samples.WEBM, "film.webm", "video/webm"),
        (samples.PDF, "paper.pdf", "application/pdf"),
        (samples.archive(), "all.zip", "application/zip"),
    ],
)
def test_other_files_are_kept_as_they_are_and_served_as_what_they_are(
    blog: Any, ann: Any, content: bytes, name: str, mimetype: str
) -> None:
    address = upload(ann, (content, name)).json["files"][0]["address"]
    served = ann.get(address)
    assert served.data == content
    assert served.mimetype == mimetype
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]
    assert ("attachment" in served.headers.get("Content-Disposition", "")) == name.endswith(("pdf", "zip"))


@ON_SQLITE
def test_a_part_of_a_film_is_served_alone(blog: Any, ann: Any) -> None:
    address = upload(ann, (samples.MP4, "film.mp4")).json["files"][0]["address"]
    part = ann.get(address, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(samples.MP4)}"
    assert part.data == samples.MP4[100:200]
    assert ann.get(address, headers={"Range": "bytes=-10"}).data == samples.MP4[-10:]
    assert ann.get(address, headers={"Range": f"bytes={len(samples.MP4)}-"}).status_code == 416
    again = ann.get(address, headers={"If-None-Match": ann.get(address).headers["ETag"]})
    assert again.status_code == 304


@ON_SQLITE
def test_a_name_becomes_one_word_of_an_address(blog: Any, ann: Any) -> None:
    for name, kept in (("茶 (一)~.jpg", "茶-一.jpg"), ("../../etc/passwd", "passwd.jpg"), ("a'b:c.JPEG", "a-b-c.jpg")):
        said = upload(ann, (samples.jpeg(90, 60), name)).json["files"][0]
        assert said["name"] == kept
        assert ann.get(said["address"]).status_code == 200
        session().rollback()
        session().delete(only_media())
        session().commit()


def test_the_same_file_twice_at_the_same_moment_is_one(blog: Any) -> None:
    ann = blog.user("ann").id
    session().rollback()
    ready = Barrier(4)

    def bring(number: int) -> int:
        with blog.app.app_context(), writing():
            ready.wait()
            file = io.BytesIO(samples.jpeg(90, 60))
            media = take_in(session(), current_storage(), file, f"{number}.jpg", ann, most_bytes=10**6)
            session().commit()
            return media.id

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(bring, range(4)))) == 1
    assert len(stored(blog)) == 1
