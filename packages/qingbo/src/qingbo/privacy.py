"""Finds files of the blog that other users of the machine can read, and makes them private.

Files get mode 600 and folders 700, whatever the umask is. The data folder itself is changed only if it contains nothing
but the blog: a home folder, or one that a web server reads, keeps its permissions. Permissions are only removed, never
added.
"""

import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from qingbo.config import Settings
from qingbo.home import DataFolder

OTHERS = stat.S_IRWXG | stat.S_IRWXO
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Exposed:
    """A path that others can read, and why it stays so."""

    path: Path
    reason: str = ""

    @property
    def remedy(self) -> str:
        """The command that makes the path private."""
        return f"chmod {'700' if self.path.is_dir() else '600'} {shlex.quote(str(self.path))}"


def sqlite_file(folder: DataFolder, settings: Settings) -> Path | None:
    """Return the file of the database, or None if it is on a server."""
    if settings.database_url is None:
        return folder.database
    url = make_url(settings.database_url)
    is_file = url.get_backend_name() == "sqlite" and url.database and not url.database.startswith("file:")
    return folder.path / str(url.database) if is_file else None


def tighten(folder: DataFolder, database: Path | None) -> list[Exposed]:
    """Remove others' permissions on the blog's files, and return the paths that could not be changed."""
    return [stuck for path in _guarded(folder, database) if (stuck := _tightened(path))]


def exposed(folder: DataFolder, database: Path | None) -> list[Exposed]:
    """Return the blog's files that others can read, without changing anything."""
    return [Exposed(path) for path in _guarded(folder, database) if _is_open(path)]


def open_folder(folder: DataFolder, database: Path | None) -> str:
    """Return what others may do in a data folder that is not changed because it also contains other files."""
    if _is_own(folder, database) or not _is_open(folder.path):
        return ""
    return "write" if folder.path.stat().st_mode & OTHERS_WRITE else "list"


def _guarded(folder: DataFolder, database: Path | None) -> Iterator[Path]:
    if _is_own(folder, database):
        yield folder.path
    for path in _own_entries(folder, database):
        yield path
        # There may be many media files. Their folder is private, so nobody can reach them.
        if path.is_dir() and not path.is_symlink() and path != folder.media:
            yield from sorted(path.rglob("*"))
    yield from _copies(folder, database)


def _is_own(folder: DataFolder, database: Path | None) -> bool:
    """Return whether the folder contains nothing but the blog."""
    if folder.path.resolve() == Path("/"):
        return False
    ours = {folder.copies, *_own_entries(folder, database)} if _are_own_copies(folder, database) else set()
    return bool(ours) and set(_entries(folder.path)) <= ours


def _own_entries(folder: DataFolder, database: Path | None) -> list[Path]:
    found = {path for path in _entries(folder.path) if _belongs(path.name, folder.names)}
    if database is not None:
        found |= {path for path in _entries(database.parent) if _belongs(path.name, {database.name})}
    return sorted(found)


def _copies(folder: DataFolder, database: Path | None) -> list[Path]:
    """Return the copies of the database, and their folder if it contains nothing else."""
    names = _database_names(folder, database)
    found = [path for path in _entries(folder.copies) if _belongs(path.name, names)]
    return [folder.copies, *sorted(found)] if _are_own_copies(folder, database) else found


def _are_own_copies(folder: DataFolder, database: Path | None) -> bool:
    names = _database_names(folder, database)
    return all(_belongs(path.name, names) for path in _entries(folder.copies))


def _database_names(folder: DataFolder, database: Path | None) -> set[str]:
    return {folder.database.name} | ({database.name} if database else set())


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _belongs(name: str, own: set[str]) -> bool:
    """Return whether a name is one of ours, or begins with one: qingbo.db-wal, qingbo.db.copies, qingbo.toml~."""
    return any(name == each or (name.startswith(each) and name[len(each)] in ".-~") for each in own)


def _tightened(path: Path) -> Exposed | None:
    try:
        if not _is_open(path):
            return None
        path.chmod(path.stat().st_mode & (0o700 if path.is_dir() else 0o600))
        # File systems without permissions, such as FAT, accept the change and ignore it.
        return Exposed(path, "the file system keeps no rights") if _is_open(path) else None
    except FileNotFoundError:
        return None
    except OSError as error:
        return Exposed(path, str(error.strerror or error))


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & OTHERS)
    except FileNotFoundError:
        return False
