"""The menu's entries in the settings."""

import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

HOME, ARCHIVE, TAGS, SERIES = BUILT_IN = ("/", "/archive", "/tags", "/series")
"""Addresses of pages with translated names: their entries need no label."""

MOST_ENTRIES = 12
LABEL_LENGTH = 40
ADDRESS_LENGTH = 500

_ADDRESS = re.compile(r"/(?![/\\])[^\s<>\"\\]*|https://[^\s<>\"\\/?#]+[^\s<>\"\\]*")


def _menu_address(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise ValueError("must begin with / or https://, without spaces")
    return address.rstrip("/") or "/" if address.startswith("/") else address


class MenuEntry(BaseModel):
    """A link of the menu."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Annotated[str, Field(max_length=LABEL_LENGTH, pattern=r"^[^\r\n]*$")] = ""
    address: Annotated[str, Field(max_length=ADDRESS_LENGTH), AfterValidator(_menu_address)]

    @model_validator(mode="after")
    def _needs_label(self) -> "MenuEntry":
        if not self.label and self.address not in BUILT_IN:
            raise ValueError("needs a label, as this page has no translated name")
        return self


def _from_json(value: Any) -> Any:
    """Parse the JSON of an environment variable."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError('must be a list: [{"label": "About", "address": "/about"}]') from None


def _each_once(entries: tuple[MenuEntry, ...]) -> tuple[MenuEntry, ...]:
    if len({entry.address for entry in entries}) < len(entries):
        raise ValueError("has an address twice")
    return entries


Menu = Annotated[
    tuple[MenuEntry, ...], Field(max_length=MOST_ENTRIES), BeforeValidator(_from_json), AfterValidator(_each_once)
]

DEFAULT = tuple(MenuEntry(address=address) for address in (HOME, ARCHIVE, TAGS))
