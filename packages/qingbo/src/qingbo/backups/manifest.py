"""The manifest of an archive: what it holds, who made it, and the SHA-256 of each of its files."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from qingbo.backups.values import KINDS

FORMAT = 1
"""Raised when an older Qingbo could no longer read the archives."""
NAME = "manifest.json"
SETTINGS, SECRET_KEY = "settings/qingbo.toml", "settings/secret_key"
TABLES, HIDDEN, MEDIA, THEMES = "tables/", "hidden/", "media/", "themes/"
ATTIC = f"{HIDDEN}attic.json"
"""How to create what is hidden; its rows are beside it."""
MOST_BYTES = 500_000_000
"""Of a manifest; 100,000 files need about 20 MB."""

_MEMBER = re.compile(
    r"(?:settings/(?:qingbo\.toml|secret_key)|hidden/attic\.json|(?:tables|hidden)/[a-z0-9_]{1,64}\.jsonl"
    r"|media/[0-9a-f]{2}/[0-9a-f]{64}(?:\.[A-Za-z0-9]{1,16}){0,3}|themes/[a-z0-9][a-z0-9_-]{0,40}\.css)"
)

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")]
Kind = Annotated[str, Field(pattern=f"^(?:{'|'.join(KINDS)})$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Member(_Strict):
    """One file of the archive."""

    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class TableContent(_Strict):
    """The rows of a table."""

    rows: Annotated[int, Field(ge=0)]
    columns: dict[Name, Kind]
    next_number: Annotated[int, Field(ge=1)] | None = None
    """The number that the next new row gets; None if the database does not number the rows."""


class Manifest(_Strict):
    """What an archive says about itself."""

    application: Literal["qingbo"] = "qingbo"
    format: int = FORMAT
    version: str
    """Of the Qingbo that made it."""
    made_at: str
    """UTC, ISO 8601."""
    engine: str
    """`sqlite`, `mariadb`, `mysql` or `postgresql`."""
    revision: str
    """Of the schema."""
    has_secrets: bool
    tables: dict[Name, TableContent]
    hidden: dict[Name, TableContent] = {}
    """Hidden tables and columns, and the journal of Flask-Rewind."""
    places: tuple[str, ...] = ()
    """What is hidden: `table` or `table.column`."""
    missing: tuple[str, ...] = ()
    """Files that a row of `media` names and the storage did not have."""
    members: dict[str, Member]

    @property
    def rows(self) -> int:
        """The number of rows of all tables."""
        return sum(table.rows for table in self.tables.values())

    @property
    def media(self) -> list[str]:
        """The names of the media files in the archive."""
        return [name for name in self.members if name.startswith(MEDIA)]

    @property
    def bytes(self) -> int:
        """The size of all files, unpacked."""
        return sum(member.bytes for member in self.members.values())


def is_member_name(name: str) -> bool:
    """Return whether a file of an archive may have this name: nothing outside its folders."""
    return _MEMBER.fullmatch(name) is not None


def member_of(folder: str, table: str) -> str:
    """Return the name of the file with the rows of a table."""
    return f"{folder}{table}.jsonl"
