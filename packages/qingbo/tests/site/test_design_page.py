"""The colours and sizes in docs/design.md are those of the stylesheets."""

import re
from pathlib import Path

import pytest
import qingbo
from qingbo.styling.colours import contrast

PAGE = (Path(__file__).parents[4] / "docs/design.md").read_text(encoding="utf-8")
THEME = (Path(qingbo.__file__).parent / "static/css/theme.css").read_text(encoding="utf-8")
COLOURS = re.findall(r"^\| `(--\w+)` \| `(#\w{6})` \| ([\d.]*) ?\| `(#\w{6})` \| ([\d.]*) ?\|", PAGE, re.MULTILINE)


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
