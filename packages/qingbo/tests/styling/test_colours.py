"""The colours made from any accent are readable."""

import re
from pathlib import Path

import pytest
import qingbo
from hypothesis import example, given
from hypothesis import strategies as st
from qingbo.styling.colours import (
    DARK_PAPERS,
    LEAST_CONTRAST,
    LIGHT_PAPERS,
    accent_css,
    accents_of,
    contrast,
    is_colour,
)

SHEET = (Path(qingbo.__file__).parent / "static/css/theme.css").read_text()
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def of_the_sheet(name: str) -> tuple[str, str]:
    """Return a colour of theme.css, in light and in dark."""
    found = re.search(rf"--{name}: light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)", SHEET)
    assert found, name
    return found[1], found[2]


@given(COLOURS)
@example("#000000")
@example("#ffffff")
@example("#808080")
@example("#0000ff")
@example("#ffff00")
@example("#00ff00")
@example("#faf8f3")
@example("#14181b")
def test_text_in_every_accent_on_it_and_on_its_wash_can_be_read(colour: str) -> None:
    found = accents_of(colour)
    for place, papers in enumerate((LIGHT_PAPERS, DARK_PAPERS)):
        accent, wash = found.accent[place], found.wash[place]
        for ground in (*papers, wash, found.ink[place]):
            assert contrast(accent, ground) >= LEAST_CONTRAST, (colour, accent, ground)
        for ink in ("ink", "soft"):
            assert contrast(of_the_sheet(ink)[place], wash) >= LEAST_CONTRAST, (colour, ink, wash)


@given(COLOURS)
def test_an_accent_that_can_be_read_stays_what_was_chosen(colour: str) -> None:
    found = accents_of(colour)
    for place, papers in enumerate((LIGHT_PAPERS, DARK_PAPERS)):
        if all(contrast(colour, ground) >= LEAST_CONTRAST for ground in (*papers, found.wash[place])):
            assert found.accent[place] == colour


def test_the_papers_are_those_of_the_sheet() -> None:
    assert (of_the_sheet("paper")[0], of_the_sheet("raised")[0]) == LIGHT_PAPERS
    assert (of_the_sheet("paper")[1], of_the_sheet("raised")[1]) == DARK_PAPERS


def test_black_and_white_have_the_contrast_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_hue_stays_when_lightness_moves() -> None:
    light, dark = accents_of("#c0392b").accent
    assert (light, int(dark[1:3], 16) > int(dark[5:7], 16)) == ("#c0392b", True)


def test_the_rule_says_light_and_dark() -> None:
    assert re.fullmatch(
        r":root \{ --accent: light-dark\(#0f605b, #\w{6}\); --accent-ink: light-dark\(#ffffff, #14181b\); "
        r"--wash: light-dark\(#\w{6}, #\w{6}\) \}",
        accent_css("#0f605b"),
    )


@pytest.mark.parametrize("text", ["", "#fff", "red", "#12345g", "#1234567", "#123456;x", "#123456\n", "rgb(0,0,0)"])
def test_other_spellings_are_no_colour(text: str) -> None:
    assert not is_colour(text)
