"""Verified copies of a SQLite file, made before each move: the undo of last resort."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from flask_rewind.errors import CopyFailed

SUFFIX = ".db"
SWITCH_OFF = "REWIND_SQLITE_COPIES = 0 in the app's config makes moves without a copy."


def copy_database(file: Path, revisions: Sequence[str], directory: Path, keep: int) -> Path:
    """Copy the SQLite database `file` into `directory`, check the copy, and return its path.

    Only the `keep` newest copies stay. The copy is made by SQLite's backup API, so one that is being written to is
    copied whole, and appears under its name only after ``PRAGMA integrity_check`` has found nothing.

    Raises:
        CopyFailed: where it could not be written, or is not sound; older copies are left alone then.
    """
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    copy = directory / f"{now}-{'+'.join(revisions) or 'base'}{SUFFIX}"
    unchecked = copy.with_suffix(".part")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _back_up(file, unchecked)
        unchecked.replace(copy)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            unchecked.unlink()
        raise CopyFailed(
            f"{file} could not be copied to {directory} before the move: {error}. Nothing was changed.",
            f"Make room or give the rights, and run it again. {SWITCH_OFF}",
        ) from error
    for old in sorted(directory.glob(f"*{SUFFIX}"))[:-keep]:
        old.unlink()
    return copy


def _back_up(file: Path, target: Path) -> None:
    address = f"{file.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        problems = [row[0] for row in copy.execute("PRAGMA integrity_check")]
    if problems != ["ok"]:
        raise sqlite3.DatabaseError(f"the copy is not sound ({problems[0]})")
