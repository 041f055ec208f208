"""Verified copies of a SQLite file, made before each move, as a last resort.

A copy has a temporary name until its move has crossed a revision. A move that crosses none deletes its copy, so that
failed moves push no older copy out. The next move renames or deletes what a killed process left.
"""

import logging
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from flask_rewind.errors import CopyFailed

log = logging.getLogger("alembic.runtime.migration")

SUFFIX = ".db"
TRIED = ".tried"
"""End of the name of a copy until its move has crossed a revision."""
SWITCH_OFF = "To move without a copy, set REWIND_SQLITE_COPIES = 0 in the app's config."
_DAMAGED = "The database itself may be damaged: PRAGMA integrity_check tells. If so, restore it from a backup."
_NOT_WRITTEN = f"Free some space or fix the folder's permissions, then run the same command again. {SWITCH_OFF}"


class _NotSound(sqlite3.DatabaseError):
    """The copy was written, and ``PRAGMA integrity_check`` found errors in it."""


class FileCopy:
    """The copy of one SQLite file that one move makes.

    Args:
        file: the database.
        revisions: the revisions that it is at.
        directory: the folder of its copies.
        keep: how many copies are kept.
    """

    def __init__(self, file: Path, revisions: Sequence[str], directory: Path, keep: int) -> None:
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        self._file = file
        self._directory = directory
        self._keep = keep
        self._at = "+".join(revisions) or "base"
        self.path = directory / f"{file.name}-{now}-{self._at}{SUFFIX}"
        self.is_kept = False

    def make(self) -> None:
        """Make the copy by SQLite's backup API, which is consistent even while others write, and check it.

        Raises:
            CopyFailed: if it cannot be written or is damaged; other copies then stay.
        """
        unchecked = self.path.with_suffix(".part")
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            unchecked.touch(mode=0o600)  # only users who may read the file may read the copy
            _back_up(self._file, unchecked)
            unchecked.chmod(self._file.stat().st_mode & 0o777)
            self._settle_tried()
            unchecked.replace(_tried(self.path))
        except (OSError, sqlite3.Error) as error:
            with suppress(OSError):
                unchecked.unlink()
            raise CopyFailed(
                f"{self._file} could not be copied to {self._directory} before the move: {error}. Nothing was changed.",
                _DAMAGED if isinstance(error, _NotSound) else _NOT_WRITTEN,
            ) from error

    def keep(self) -> None:
        """Keep the copy, because its move has crossed a revision, and delete the oldest copies."""
        if self.is_kept:
            return
        self.is_kept = True
        try:
            _tried(self.path).replace(self.path)
            for old in _copies_of(self._file, self._directory)[: -self._keep]:
                old.unlink()
        except OSError as error:  # the revision is crossed already
            log.warning("The copies in %s could not be renamed or deleted: %s", self._directory, error)

    def discard(self) -> None:
        """Delete the copy, because its move has crossed no revision."""
        with suppress(OSError):
            _tried(self.path).unlink(missing_ok=True)

    def _settle_tried(self) -> None:
        """Delete the copies of moves that were killed before they crossed a revision, and keep those of others."""
        for old in _copies_of(self._file, self._directory, TRIED):
            if old.name.endswith(f"Z-{self._at}{SUFFIX}{TRIED}"):
                old.unlink()
            else:
                old.replace(old.with_name(old.name.removesuffix(TRIED)))


@contextmanager
def copied(file: Path, revisions: Sequence[str], directory: Path, keep: int) -> Iterator[FileCopy]:
    """Copy a SQLite database before the block, which calls `FileCopy.keep` after it has crossed a revision.

    Raises:
        CopyFailed: if no sound copy can be made.
    """
    copy = FileCopy(file, revisions, directory, keep)
    copy.make()
    try:
        yield copy
    finally:
        if not copy.is_kept:
            copy.discard()


def _tried(path: Path) -> Path:
    return path.with_name(f"{path.name}{TRIED}")


def _copies_of(file: Path, directory: Path, state: str = "") -> list[Path]:
    """Return the copies of this file in a directory, oldest first, and no other files."""
    own = re.compile(rf"{re.escape(file.name)}-\d{{8}}T\d{{6}}\.\d{{6}}Z-.+{re.escape(SUFFIX + state)}")
    return sorted(path for path in directory.iterdir() if own.fullmatch(path.name))


def _back_up(file: Path, target: Path) -> None:
    address = f"{file.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        problems = [row[0] for row in copy.execute("PRAGMA integrity_check")]
    if problems != ["ok"]:
        raise _NotSound(f"PRAGMA integrity_check found errors in the copy ({problems[0]})")
