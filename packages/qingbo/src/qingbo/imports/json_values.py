"""Values of JSON files that anybody may have written. Pure functions."""

from typing import Any

from qingbo.rendering.characters import without_controls


def storable(value: Any) -> Any:
    """Return a value without characters that no database stores: JSON may contain NUL and halves of characters."""
    if isinstance(value, str):
        return without_controls(value)
    if isinstance(value, dict):
        return {key: storable(each) for key, each in value.items()}
    return [storable(each) for each in value] if isinstance(value, list) else value
