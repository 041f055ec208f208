"""The backups of a blog on this machine: their names, and a list of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qingbo.backups.archive import Archive
from qingbo.clock import now
from qingbo.errors import ArchiveRefused
from qingbo.home import DataFolder
from qingbo.media.storage import folder as private_folder

NIGHTLY, BY_HAND, BEFORE_RESTORE, BEFORE_MOVE = "nightly", "qingbo", "before-restore", "before-move"
"""Beginnings of the names of backups: why they were made."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A backup in the folder of backups."""

    path: Path
    reason: str
    """`NIGHTLY`, `BY_HAND`, `BEFORE_RESTORE`, `BEFORE_MOVE`, or empty for a name of somebody else's."""
    made_at: datetime
    bytes: int


def new_name(reason: str) -> str:
    """Return the name of a backup that is made now."""
    return f"{reason}-{now():%Y%m%d-%H%M%S}.zip"


def place_for(folder: DataFolder, reason: str) -> Path:
    """Return the path of a backup that is made now, and create the folder of backups if it is missing."""
    private_folder(folder.backups)
    return folder.backups / new_name(reason)


def listed(folder: DataFolder) -> list[Listed]:
    """Return the backups in the folder of backups, the newest first. They are not opened."""
    return sorted(_listed(folder), key=lambda each: (each.made_at, each.path.name), reverse=True)


def _listed(folder: DataFolder) -> Iterator[Listed]:
    reasons = (NIGHTLY, BY_HAND, BEFORE_RESTORE, BEFORE_MOVE)
    for path in folder.backups.glob("*.zip"):
        if path.name.startswith("."):  # one that is being written
            continue
        reason = next((each for each in reasons if path.name.startswith(f"{each}-")), "")
        status = path.stat()
        yield Listed(path, reason, datetime.fromtimestamp(status.st_mtime, UTC), status.st_size)


def is_backup(path: Path) -> bool:
    """Return whether a file begins and ends like a backup; its content is not verified."""
    try:
        with Archive(path):
            return True
    except ArchiveRefused:
        return False
