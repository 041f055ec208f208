"""Decodes pictures within limits, and encodes them again without metadata."""

import base64
import io
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from flask_babel import gettext as _

from qingbo.errors import InputRefused
from qingbo.media.formats import JPEG, WEBP, Format

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_one_large_picture = threading.Lock()

log = logging.getLogger(__name__)

MOST_PIXELS = 50_000_000
"""Of one picture: takes 300 MB of memory as JPEG or PNG, and up to 1.3 GB as WebP or AVIF."""
LARGE_PIXELS = 16_000_000
"""Larger pictures are decoded one at a time."""
MOST_FRAMES = 600
MOST_PIXELS_OF_ALL_FRAMES = 150_000_000

PLACEHOLDER_PIXELS = 16

_HARMLESS = {
    "adobe", "adobe_transform", "background", "bbox", "blend", "default_image", "dpi", "disposal", "duration",
    "extension", "gamma", "interlace", "jfif", "jfif_density", "jfif_unit", "jfif_version", "loop", "progression",
    "progressive", "srgb", "timestamp", "transparency", "version",
}  # fmt: skip
"""What Pillow tells of a picture's encoding. Everything else, such as exif, xmp, comment, is metadata."""
_DEEP = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
_OTHER_COLOURS = {"CMYK", "YCbCr", "LAB", "HSV"}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Facts about the written picture."""

    width: int
    height: int
    is_animated: bool


def write_cleaned(file: IO[bytes], found: Format, target: IO[bytes], name: str) -> Cleaned:
    """Write a picture to `target`: upright, in sRGB, without metadata. Animations stay animated.

    Raises:
        InputRefused: if it is damaged, too large or has too many frames.
    """
    with _opened(file, found, name) as picture:
        if getattr(picture, "is_animated", False) and found.name in {"GIF", "WebP", "PNG"}:
            _check_frames(picture, name)
            picture.info.pop("exif", None)
            options = {"comment": b""} if found.name == "GIF" else {"exif": b"", "icc_profile": b"", "xmp": b""}
            picture.save(target, found.name.upper(), save_all=True, **options)
            return Cleaned(picture.width, picture.height, is_animated=True)
        picture.load()
        options = _like_the_original(picture, found, file)
        plain = _without_metadata(_in_srgb(_upright(picture)))
        plain.save(target, found.name.upper(), **options)
        return Cleaned(plain.width, plain.height, is_animated=False)


def is_clean(file: IO[bytes], found: Format) -> bool:
    """Return whether a readable picture has no metadata, as `write_cleaned` leaves it."""
    from PIL import Image

    file.seek(0)
    with Image.open(file, formats=(found.name.upper(),)) as picture:
        picture.load()  # PNG has texts behind the picture, too
        extra = {str(key) for key, value in picture.info.items() if value} - _HARMLESS
        is_upright = not picture.getexif()
    file.seek(0)
    return not extra and is_upright


def rendition_of(source: IO[bytes], width: int, mimetype: str) -> IO[bytes]:
    """Return a smaller version of a cleaned picture, `width` pixels wide, as WebP or AVIF."""
    from PIL import Image

    made = io.BytesIO()
    source.seek(0)
    with Image.open(source) as picture:
        picture.draft("RGB", (width, width))
        coloured = picture.convert("RGBA" if _has_alpha(picture) else "RGB")
        small = coloured.resize((width, max(1, round(width * picture.height / picture.width))), reducing_gap=3.0)
        if mimetype == "image/avif":
            small.save(made, "AVIF", quality=60, speed=8)
        else:
            small.save(made, "WEBP", quality=80, method=4)
    return made


def placeholder_of(source: IO[bytes]) -> str | None:
    """Return a tiny version of a cleaned picture, as base64 of a WebP file; None if the picture is transparent."""
    from PIL import Image

    source.seek(0)
    with Image.open(source) as picture:
        if _has_alpha(picture):
            return None
        picture.draft("RGB", (PLACEHOLDER_PIXELS, PLACEHOLDER_PIXELS))
        small = picture.convert("RGB")
        small.thumbnail((PLACEHOLDER_PIXELS, PLACEHOLDER_PIXELS))
        written = io.BytesIO()
        small.save(written, "WEBP", quality=40, method=4)
    return base64.b64encode(written.getvalue()).decode()


@contextmanager
def _opened(file: IO[bytes], found: Format, name: str) -> Iterator["Picture"]:
    from PIL import Image, MpoImagePlugin  # 10 MB; loaded only for an upload

    try:
        # An MPO photo is a JPEG file that contains a second picture.
        formats = ("JPEG", MpoImagePlugin.MpoImageFile.format) if found is JPEG else (found.name.upper(),)
        with Image.open(file, formats=formats) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _too_large(name)
            is_large = picture.width * picture.height > LARGE_PIXELS
            with _one_large_picture if is_large else nullcontext():
                yield picture
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(name) from None
    except InputRefused:
        raise
    except Exception as error:  # Pillow's decoders raise all kinds of errors for damaged files
        log.info("A picture could not be read as %s.", found.name, exc_info=error)
        raise InputRefused(
            _("“%(name)s” is damaged or incomplete and can’t be read as %(format)s.", name=name, format=found.name)
        ) from None


def _too_large(name: str) -> InputRefused:
    most = MOST_PIXELS // 10**6
    return InputRefused(
        _("“%(name)s” has more than %(most)s megapixels. Reduce its size and try again.", name=name, most=most)
    )


def _check_frames(picture: "Picture", name: str) -> None:
    """Decode each frame, to find damage and to enforce the limits."""
    frames, pixels = 0, picture.width * picture.height
    while True:
        try:
            picture.seek(frames)
        except EOFError:
            break
        picture.load()
        frames += 1
        if frames > MOST_FRAMES or frames * pixels > MOST_PIXELS_OF_ALL_FRAMES:
            raise InputRefused(
                _(
                    "The animation “%(name)s” is too large: the limit is %(frames)s frames and %(most)s megapixels "
                    "in total. Upload it as a video.",
                    name=name,
                    frames=MOST_FRAMES,
                    most=MOST_PIXELS_OF_ALL_FRAMES // 10**6,
                )
            )
    picture.seek(0)


def _like_the_original(picture: "Picture", found: Format, file: IO[bytes]) -> dict[str, Any]:
    """Return options that write a picture with as little loss as possible."""
    if found is JPEG:
        from PIL.JpegImagePlugin import get_sampling

        tables = getattr(picture, "quantization", None)
        if not tables or picture.mode not in {"RGB", "L"}:
            return {"quality": 92}
        sampling: Any = get_sampling(picture)
        return {"qtables": list(tables.values()), "subsampling": sampling if sampling >= 0 else "4:2:0"}
    if found is WEBP:
        return {"lossless": True} if _is_lossless(file) else {"quality": 90}
    return {"quality": 80} if found.name == "AVIF" else {}


def _is_lossless(file: IO[bytes]) -> bool:
    """Return whether a WebP file is lossless, by its first image chunk."""
    file.seek(12)
    while len(chunk := file.read(8)) == 8:
        if chunk[:4] in {b"VP8L", b"VP8 "}:
            return chunk[:4] == b"VP8L"
        length = int.from_bytes(chunk[4:], "little")
        file.seek(length + length % 2, io.SEEK_CUR)
    return False


def _upright(picture: "Picture") -> "Picture":
    from PIL import ImageOps

    ImageOps.exif_transpose(picture, in_place=True)
    return picture


def _in_srgb(picture: "Picture") -> "Picture":
    from PIL import ImageCms

    if picture.mode in _DEEP:
        if picture.mode != "F":
            picture = picture.convert("I").point(lambda value: value / 256)
        picture = picture.convert("L")
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in {"RGB", "RGBA", "CMYK", "L", "LA"}:
        alpha = picture.getchannel("A") if picture.mode in {"RGBA", "LA"} else None
        colours = picture.convert({"RGBA": "RGB", "LA": "L"}[picture.mode]) if alpha else picture
        try:
            given, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(colours, given, srgb, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            converted = None  # the profile does not fit the picture: keep its colours
        if converted is not None:
            if alpha is not None:
                converted.putalpha(alpha)
            return converted
    if picture.mode in _OTHER_COLOURS:
        return picture.convert("RGB")
    return picture if picture.mode != "RGBa" else picture.convert("RGBA")


def _without_metadata(picture: "Picture") -> "Picture":
    # Not on a copy: each copy of a large picture takes 200 MB.
    picture.info = {"transparency": picture.info["transparency"]} if "transparency" in picture.info else {}
    return picture


def _has_alpha(picture: "Picture") -> bool:
    return picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
