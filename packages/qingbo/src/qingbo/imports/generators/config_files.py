"""Reads the configuration of a site: YAML, TOML or JSON."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from qingbo.imports.metadata import Composer, plain_value

MOST_BYTES = 1_000_000

Config = Mapping[str, Any]


def read_config(paths: Iterable[Path]) -> tuple[dict[str, Any], str]:
    """Return the configuration in the first of these files that exists, and why it cannot be read, if so.

    Keys are in lower case, because Hugo does not distinguish them. Scalars are text.
    """
    for path in paths:
        if not path.is_file():
            continue
        try:
            if path.stat().st_size > MOST_BYTES:
                return {}, f"{path} is larger than {MOST_BYTES} bytes"
            return _lowered(_parsed(path)), ""
        except (ValueError, yaml.YAMLError, OSError, RecursionError) as error:
            return {}, f"{path} cannot be read: {' '.join(str(error).split())[:200]}"
    return {}, ""


def text_of(config: Config, *keys: str) -> str:
    """Return the text at a path of keys, or an empty string."""
    value = value_of(config, *keys)
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def value_of(config: Config, *keys: str) -> Any:
    """Return the value at a path of keys, or None."""
    value: Any = config
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def is_on(config: Config, *keys: str) -> bool | None:
    """Return a switch, or None if it is not set."""
    value = value_of(config, *keys)
    return None if value is None else str(value).strip().lower() in {"true", "yes", "on"}


def _parsed(path: Path) -> Any:
    text = path.read_text("utf-8-sig")
    if path.suffix == ".toml":
        return plain_value(tomllib.loads(text))
    if path.suffix == ".json":
        return plain_value(json.loads(text))
    return next(iter(yaml.load_all(text, Loader=Composer)), None)


def _lowered(value: Any, depth: int = 0) -> Any:
    if isinstance(value, Mapping) and depth < 10:
        return {str(key).lower(): _lowered(each, depth + 1) for key, each in value.items()}
    return value if depth or isinstance(value, Mapping) else {}
