"""What a person chooses for an import of Markdown files."""

from dataclasses import dataclass
from enum import StrEnum


class DateFrom(StrEnum):
    """Where posts without a date get one."""

    MTIME = "mtime"
    """The time of the file's last change."""
    NOW = "now"
    """Shortly before the import, in the order of the files."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of an import."""

    overwrite: bool = False
    """Take the file even if the post was changed here since, or this release reads the file differently."""
    is_dry: bool = False
    """Change nothing; the report is the same."""
    encoding: str | None = None
    """Of files that are not UTF-8; None means to recognise it."""
    date_from: DateFrom | None = None
    """None makes posts without a date drafts."""
