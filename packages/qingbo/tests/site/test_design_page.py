"""What docs/design.md says of colours and sizes is what the style says."""

import re
from pathlib import Path

import pytest
import qingbo

PAGE = (Path(__file__).parents[4] / "docs/design.md").read_text(encoding="utf-8")
THEME = (Path(qingbo.__file__).parent / "static/css/theme.css").read_text(encoding="utf-8")
COLOURS = re.findall(r"^\| `(--\w+)` \| `(#\w{6})` \| ([\d.]*) ?\| `(#\w{6})` \| ([\d.]*) ?\|", PAGE, re.MULTILINE)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_page_has_its_colours() -> None:
    assert len(COLOURS) >= 8


@pytest.mark.parametrize(("name", "light", "on_light", "dark", "on_dark"), COLOURS)
def test_colours_are_those_of_the_style_and_contrast_as_written(
    name: str, light: str, on_light: str, dark: str, on_dark: str
) -> None:
    assert f"{name}: light-dark({light}, {dark});" in THEME
    paper = {each[0]: (each[1], each[3]) for each in COLOURS}["--paper"]
    for colour, ground, written in ((light, paper[0], on_light), (dark, paper[1], on_dark)):
        if written:
            assert f"{contrast(colour, ground):.1f}" == written
            assert contrast(colour, ground) >= (3 if name == "--edge" else 4.5)


@pytest.mark.parametrize(("name", "pixels"), re.findall(r"^\| `(--size-[\w-]+)` \| ([\d to]+) px", PAGE, re.MULTILINE))
def test_sizes_are_those_of_the_style(name: str, pixels: str) -> None:
    found = re.search(rf"{name}: ([^;]+);", THEME)
    assert found
    ends = [float(size) * 16 for size in re.findall(r"(?<![\d.+ ])[\d.]+(?=rem)|(?<=, )[\d.]+(?=rem\))", found[1])]
    assert [str(round(end)) for end in ends] == pixels.split(" to ")
