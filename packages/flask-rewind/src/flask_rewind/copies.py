"""Verified copies of a SQLite file, made before each move, as a last resort."""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from flask_rewind.errors import CopyFailed

SUFFIX = ".db"
SWITCH_OFF = "To move without a copy, set REWIND_SQLITE_COPIES = 0 in the app's config."
_DAMAGED = "The database itself may be damaged: PRAGMA integrity_check tells. If so, restore it from a backup."
_NOT_WRITTEN = f"Free some space or fix the folder's permissions, then run the same command again. {SWITCH_OFF}"


class _NotSound(sqlite3.DatabaseError):
    """The copy was written, and ``PRAGMA integrity_check`` found errors in it."""


def copy_database(file: Path, revisions: Sequence[str], directory: Path, keep: int) -> Path:
    """Copy the SQLite database `file` into `directory`, check the copy, and return its path.

    Older copies than the `keep` newest are deleted. SQLite's backup API makes the copy, so it is consistent even while
    others write to the database. The copy gets its name only after ``PRAGMA integrity_check`` has found no problem.

    Raises:
        CopyFailed: if the copy cannot be written or is damaged; older copies then stay.
    """
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    copy = directory / f"{file.name}-{now}-{'+'.join(revisions) or 'base'}{SUFFIX}"
    unchecked = copy.with_suffix(".part")
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        unchecked.touch(mode=0o600)  # only users who may read the file may read the copy
        _back_up(file, unchecked)
        unchecked.chmod(file.stat().st_mode & 0o777)
        unchecked.replace(copy)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            unchecked.unlink()
        raise CopyFailed(
            f"{file} could not be copied to {directory} before the move: {error}. Nothing was changed.",
            _DAMAGED if isinstance(error, _NotSound) else _NOT_WRITTEN,
        ) from error
    for old in _copies_of(file, directory)[:-keep]:
        old.unlink()
    return copy


def _copies_of(file: Path, directory: Path) -> list[Path]:
    """Return the copies of this file in a directory, oldest first, and no other files."""
    own = re.compile(rf"{re.escape(file.name)}-\d{{8}}T\d{{6}}\.\d{{6}}Z-.+{re.escape(SUFFIX)}")
    return sorted(path for path in directory.iterdir() if own.fullmatch(path.name))


def _back_up(file: Path, target: Path) -> None:
    address = f"{file.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        problems = [row[0] for row in copy.execute("PRAGMA integrity_check")]
    if problems != ["ok"]:
        raise _NotSound(f"PRAGMA integrity_check found errors in the copy ({problems[0]})")
