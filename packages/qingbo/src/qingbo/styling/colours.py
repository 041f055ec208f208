"""The colours of a site, made from one accent: readable variants for light and dark backgrounds.

Lightness is changed in OKLCH, where the perceived hue stays the same. The matrices are from Björn Ottosson, "A
perceptual color space for image processing" (2020, https://bottosson.github.io/posts/oklab/), as in CSS Color 4.
Contrast is as in WCAG 2.2.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

Rgb = tuple[float, float, float]
"""Red, green and blue from 0 to 1, as in ``#rrggbb``."""
Lch = tuple[float, float, float]
"""OKLCH: lightness from 0 to 1, chroma, and hue in radians."""

LEAST_CONTRAST = 4.5
"""Between text and background: WCAG 2.2, 1.4.3 at level AA."""

LIGHT_PAPERS = ("#faf8f3", "#fffefb")
DARK_PAPERS = ("#14181b", "#1c2125")
"""The backgrounds --paper and --raised of css/theme.css."""

LIGHT_INK, DARK_INK = "#ffffff", "#14181b"
"""Colours of text on the accent, which is dark in the light variant and light in the dark one."""

LIGHT_WASH, DARK_WASH = (0.955, 0.012), (0.287, 0.026)
"""Lightness and maximum chroma of tinted backgrounds."""

STEPS = 200

_HEX = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Accents:
    """The colours made from an accent, each as (light variant, dark variant)."""

    accent: tuple[str, str]
    ink: tuple[str, str]
    wash: tuple[str, str]


def is_colour(text: str) -> bool:
    """Return whether a text is a colour in the format of ``<input type=color>``."""
    return _HEX.fullmatch(text) is not None


@lru_cache(maxsize=32)
def accents_of(colour: str) -> Accents:
    """Return the colours for an accent.

    Args:
        colour: ``#rrggbb``, in lower case.
    """
    chosen = _lch(_rgb(colour))
    light_wash, dark_wash = _tinted(chosen, LIGHT_WASH), _tinted(chosen, DARK_WASH)
    return Accents(
        (
            _readable(colour, chosen, (*LIGHT_PAPERS, light_wash), towards=0),
            _readable(colour, chosen, (*DARK_PAPERS, dark_wash), towards=1),
        ),
        (LIGHT_INK, DARK_INK),
        (light_wash, dark_wash),
    )


def accent_css(colour: str) -> str:
    """Return the CSS rule for an accent."""
    found = accents_of(colour)
    values = {"accent": found.accent, "accent-ink": found.ink, "wash": found.wash}
    said = "; ".join(f"--{name}: light-dark({light}, {dark})" for name, (light, dark) in values.items())
    return f":root {{ {said} }}"


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _readable(colour: str, chosen: Lch, grounds: Iterable[str], *, towards: float) -> str:
    """Return the colour if it is readable on all backgrounds, else the one with the nearest lightness that is."""
    grounds = tuple(grounds)
    lightness, chroma, hue = chosen
    found = colour
    for step in range(STEPS + 1):
        if all(contrast(found, ground) >= LEAST_CONTRAST for ground in grounds):
            return found
        found = _hex(_within((lightness + (towards - lightness) * (step + 1) / STEPS, chroma, hue)))
    return found  # black or white by now


def _tinted(chosen: Lch, wash: tuple[float, float]) -> str:
    lightness, most_chroma = wash
    return _hex(_within((lightness, min(chosen[1], most_chroma), chosen[2])))


def _within(colour: Lch) -> Rgb:
    """Return a colour in sRGB with the same lightness and hue; chroma is reduced if it is outside the gamut."""
    lightness, chroma, hue = min(max(colour[0], 0.0), 1.0), colour[1], colour[2]
    least, most = 0.0, chroma
    if not _is_shown(_from_lch((lightness, chroma, hue))):
        for _ in range(12):
            middle = (least + most) / 2
            least, most = (middle, most) if _is_shown(_from_lch((lightness, middle, hue))) else (least, middle)
        chroma = least
    red, green, blue = (min(max(part, 0.0), 1.0) for part in _from_lch((lightness, chroma, hue)))
    return red, green, blue


def _is_shown(colour: Rgb) -> bool:
    return all(-0.0001 <= part <= 1.0001 for part in colour)


def _rgb(text: str) -> Rgb:
    red, green, blue = (int(text[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def _luminance(colour: str) -> float:
    red, green, blue = map(_linear, _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _curved(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else float(1.055 * part ** (1 / 2.4) - 0.055)


def _lch(colour: Rgb) -> Lch:
    red, green, blue = map(_linear, colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _from_lch(colour: Lch) -> Rgb:
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _curved(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _curved(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _curved(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )
