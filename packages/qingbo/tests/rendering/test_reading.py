"""The reading time of a text."""

import pytest
from qingbo.rendering.reading import minutes_to_read


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("", 1),
        ("字" * 400, 1),
        ("字" * 1200, 3),
        ("word " * 660, 3),
        ("字" * 800 + "word " * 440, 4),
        ("don't-do " * 220, 1),
    ],
)  # fmt: skip
def test_minutes_to_read(text: str, minutes: int) -> None:
    assert minutes_to_read(text) == minutes
