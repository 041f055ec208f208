"""Choices of select fields, from values and their labels."""

from collections.abc import Mapping
from typing import Any

from wtforms.fields.choices import SelectChoice


def choices(names: Mapping[str, Any]) -> list[SelectChoice]:
    """Return the choices of a field, in the order of `names`."""
    return [SelectChoice(value, name) for value, name in names.items()]
