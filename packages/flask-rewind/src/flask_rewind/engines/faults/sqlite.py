"""Faults of SQLite: by the code of the error, or by its text if the driver gives no code.

The text never names the file, so the app's files are checked. Codes: sqlite.org/rescode.html.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import Engine

from flask_rewind.engines.faults.general import ADDRESS, AGAIN, Failure, FaultReader
from flask_rewind.faults import Fault

_BY_CODE = {
    3: Fault.READ_ONLY,
    5: Fault.FILE_LOCKED,
    6: Fault.FILE_LOCKED,
    8: Fault.READ_ONLY,
    9: Fault.CANCELLED,
    13: Fault.DISK_FULL,
    14: Fault.CANNOT_OPEN,
    26: Fault.NOT_A_DATABASE,
}
_BY_TEXT = {
    "is locked": Fault.FILE_LOCKED,
    "readonly database": Fault.READ_ONLY,
    "disk is full": Fault.DISK_FULL,
    "unable to open database file": Fault.CANNOT_OPEN,
    "file is not a database": Fault.NOT_A_DATABASE,
}


class SQLiteFaults(FaultReader):
    """Reads the errors of the drivers for SQLite."""

    dialects = frozenset({"sqlite"})
    drivers = frozenset({"sqlite3", "pysqlite2", "aiosqlite", "pysqlcipher3", "sqlcipher3", "pysqlite"})

    def fault_of(self, error: BaseException) -> Fault | None:
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None:
            return _BY_CODE.get(code & 0xFF)  # the other bits give details
        return next((fault for text, fault in _BY_TEXT.items() if text in str(error)), None)

    def says_it_exists(self, error: BaseException) -> bool:
        return "already exists" in str(error) or "duplicate column name" in str(error)

    def sentences(self, fault: Fault, failure: Failure) -> tuple[str, str] | None:
        files = list(_files(failure.engines))
        named = f"the SQLite file {files[0]}" if len(files) == 1 else "the SQLite file"
        match fault:
            case Fault.DISK_FULL:
                return f"there is no space left for {named}", f"Free some space on its disk, {AGAIN}."
            case Fault.FILE_LOCKED:
                return (
                    f"another program has locked {named}",
                    "Run the same command again when that program has ended.",
                )
            case Fault.NOT_A_DATABASE:
                return f"{named} is no SQLite database", f"Correct {ADDRESS}, or put the file back from a copy."
            case Fault.CANNOT_OPEN:
                return _first(files, _why_not_opened) or (f"{named} cannot be opened", f"Correct {ADDRESS}.")
            case Fault.READ_ONLY:
                return _first(files, _why_not_written) or (
                    f"{named} is read-only",
                    f"Remove mode=ro or immutable=1 from {ADDRESS}, {AGAIN}.",
                )
        return None


def _files(engines: Sequence[Engine]) -> Iterator[Path]:
    """Yield the files of databases; a database in memory has none."""
    for engine in engines:
        if (name := engine.url.database) and name != ":memory:":
            yield Path(unquote(urlsplit(name).path) if name.startswith("file:") else name)


def _first(files: Iterable[Path], why: Callable[[Path], tuple[str, str] | None]) -> tuple[str, str] | None:
    return next((found for file in files if (found := why(file))), None)


def _why_not_opened(file: Path) -> tuple[str, str] | None:
    """Return why a file cannot be opened, and what to do; None if the file system does not show it."""
    folder = file.absolute().parent
    reached = next(each for each in (folder, *folder.parents) if _may(each, os.F_OK))
    what = f"the SQLite file {file} cannot be opened"
    if not _may(reached, os.X_OK):
        return f"{what}: this user may not enter the folder {reached}", f"Give this user access to it, {AGAIN}."
    if reached != folder:
        return f"{what}: the folder {folder} does not exist", f"Make the folder, or correct {ADDRESS}."
    if not _may(file, os.F_OK) and not _may(folder, os.W_OK):
        return f"{what}: it does not exist, and this user may make no file in {folder}", _let_write(folder)
    if file.is_dir():
        return f"{what}: it is a folder", f"Name a file in {ADDRESS}."
    if _may(file, os.F_OK) and not _may(file, os.R_OK):
        return f"{what}: this user may not read it", f"Give this user read and write permission on it, {AGAIN}."
    return None


def _why_not_written(file: Path) -> tuple[str, str] | None:
    """Return why a file cannot be written, and what to do; None if the file system does not show it."""
    folder = file.absolute().parent
    if _is_mounted_read_only(folder):
        what = f"the SQLite file {file} is on a file system that is mounted read-only"
        return what, f"Mount it for writing, or move the database, {AGAIN}."
    if _may(file, os.F_OK) and not _may(file, os.W_OK):
        return f"this user may not write to the SQLite file {file}", _let_write(file)
    if not _may(folder, os.W_OK):
        return f"this user may not write in {folder}, where SQLite keeps the journal of {file.name}", _let_write(folder)
    return None


def _let_write(path: Path) -> str:
    return f"Give this user write permission on {path}, {AGAIN}."


def _is_mounted_read_only(folder: Path) -> bool:
    return hasattr(os, "statvfs") and bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def _may(path: Path, what: int) -> bool:
    return os.access(path, what, effective_ids=os.access in os.supports_effective_ids)
