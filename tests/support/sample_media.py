"""Generated files to upload; none of them comes from a camera."""

import colorsys
import io
import math
import struct
import zipfile
from typing import Any

from PIL import Image, ImageCms, ImageDraw
from PIL.ExifTags import GPS, IFD, Base

PLACE = (31.0, 13.0, 49.2)
"""A latitude in degrees, minutes and seconds, for photos that say where they were taken."""


def picture(width: int = 1200, height: int = 800, colour: str = "teal", mode: str = "RGB") -> Image.Image:
    """Return a picture with something to see: a gradient, so that it compresses like a photo."""
    gradient = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (gradient, gradient.transpose(Image.Transpose.FLIP_TOP_BOTTOM), gradient)).convert(mode)


def scenery(width: int = 1600, height: int = 900, hue: float = 0.5) -> bytes:
    """Return a JPEG file that is pleasant to look at: hills in the mist, in a hue from 0 to 1."""

    def colour(lightness: float, saturation: float = 0.35) -> tuple[int, int, int]:
        red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
        return round(red * 255), round(green * 255), round(blue * 255)

    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for y in range(height):
        draw.line([(0, y), (width, y)], fill=colour(0.95 - 0.15 * y / height))
    sun = height // 9
    draw.ellipse(
        [width * 0.68 - sun, height * 0.24 - sun, width * 0.68 + sun, height * 0.24 + sun], fill=(253, 238, 214)
    )
    for layer in range(6):
        base, wave = height * (0.42 + 0.11 * layer), height * (0.10 - 0.008 * layer)
        ridge = [
            (
                x,
                base
                - wave * (math.sin(x / width * (5 + layer) + layer * 1.9) + 0.4 * math.sin(x / width * 17 + layer * 3)),
            )
            for x in range(0, width + 8, 8)
        ]
        draw.polygon([*ridge, (width, height), (0, height)], fill=colour(0.74 - 0.11 * layer))
    return encoded(image, quality=85)


def encoded(image: Image.Image, format_name: str = "JPEG", **options: Any) -> bytes:
    """Return a picture as a file."""
    written = io.BytesIO()
    image.save(written, format_name, **options)
    return written.getvalue()


def jpeg(width: int = 1200, height: int = 800, **options: Any) -> bytes:
    """Return a JPEG file."""
    return encoded(picture(width, height), "JPEG", **options)


def png(width: int = 1200, height: int = 800, **options: Any) -> bytes:
    """Return a PNG file."""
    return encoded(picture(width, height), "PNG", **options)


def photo_of_a_place(orientation: int = 6) -> bytes:
    """Return a JPEG file that lies on its side and says where and with what it was taken, in all ways there are."""
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    exif[Base.Model] = "SecretCam 3000"
    exif[Base.Artist] = "Ann Secret"
    exif.get_ifd(IFD.GPSInfo).update({GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: PLACE})
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>31,13.82N</exif:GPSLatitude></x:xmpmeta>'
    return jpeg(640, 480, exif=exif, xmp=xmp, comment="Secret comment", icc_profile=wide_profile())


def wide_profile() -> bytes:
    """Return an ICC profile that is not sRGB."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def moving(format_name: str = "GIF", frames: int = 4, size: int = 80, **options: Any) -> bytes:
    """Return an animation."""
    shown = [Image.new("RGB", (size, size), (60 * number % 255, 40, 90)) for number in range(frames)]
    return encoded(shown[0], format_name, save_all=True, append_images=shown[1:], duration=120, loop=0, **options)


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """Return a small PNG file that says it is huge."""
    file = bytearray(encoded(Image.new("1", (8, 8)), "PNG"))
    file[16:24] = struct.pack(">II", width, height)
    import zlib

    file[29:33] = struct.pack(">I", zlib.crc32(file[12:29]))
    return bytes(file)


def archive(name: str = "page.html", content: str = "<script>alert(1)</script>") -> bytes:
    """Return a ZIP file."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr(name, content)
    return written.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" + bytes(400)
OGG = b"OggS\x00\x02" + bytes(200)


def film(brand: bytes, size: int) -> bytes:
    """Return an MP4 file that shows nothing: its boxes alone."""
    boxes = ((b"ftyp", brand + bytes(4)), (b"moov", bytes(100)), (b"mdat", bytes(size)))
    return b"".join(struct.pack(">I", 8 + len(content)) + name + content for name, content in boxes)


M4A = film(b"M4A ", 200)
MP4 = film(b"isom", 5000)
WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + bytes(200)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
