"""The zip file of a backup: written file by file, read and verified before anything is restored from it."""

import hashlib
import json
import os
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from pydantic import ValidationError

from qingbo.backups import manifest as names
from qingbo.backups.manifest import Manifest, Member, TableContent, is_member_name, member_of
from qingbo.backups.values import read
from qingbo.errors import ArchiveRefused

CHUNK = 256 * 1024
SEAL_BYTES = 64
"""The comment of the zip file: the SHA-256 of all before it, in hexadecimal digits."""
MOST_LINE_BYTES = 64_000_000
"""Of one row; the longest column holds 16 MB."""
_UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError, KeyError)
"""What `zipfile` raises for a damaged file; RuntimeError if a file of the archive has a password."""
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class ArchiveWriter:
    """Writes an archive to an open file."""

    def __init__(self, file: IO[bytes]) -> None:
        """Begin to write to a file that can also be read."""
        self._file = file
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        self.members: dict[str, Member] = {}

    @contextmanager
    def member(self, name: str, *, compressed: bool = True) -> Iterator[Callable[[bytes], None]]:
        """Write one file: the block calls the yielded function with its content, piece by piece."""
        info = zipfile.ZipInfo(name, date_time=time.localtime()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        digest = hashlib.sha256()
        size = 0
        with self._zip.open(info, "w", force_zip64=True) as file:

            def write(content: bytes) -> None:
                nonlocal size
                digest.update(content)
                size += len(content)
                file.write(content)

            yield write
        self.members[name] = Member(bytes=size, sha256=digest.hexdigest())

    def __enter__(self) -> "ArchiveWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the zip file; after a failure it is worthless, and the disk may be full."""
        with suppress(OSError, ValueError):
            self._zip.close()

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, and as the comment of the zip file the SHA-256 of everything before it."""
        self._zip.writestr(names.NAME, manifest.model_dump_json(indent=1).encode())
        self._zip.comment = b"0" * SEAL_BYTES
        self._zip.close()
        seal = _seal_of(self._file)
        self._file.seek(-SEAL_BYTES, os.SEEK_END)
        self._file.write(seal)


class Archive:
    """An archive to read from. Errors name the file and what is wrong with it."""

    def __init__(self, path: Path) -> None:
        """Open the archive and read its manifest.

        Raises:
            ArchiveRefused: if it is damaged, no backup of Qingbo, or of a newer one.
        """
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise ArchiveRefused(f"There is no file {path}.", "Check the name.") from None
        except _UNREADABLE as error:
            raise self._refusal(f"it is no zip file, or its end is missing ({error})") from error
        try:
            self.manifest = self._manifest()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()

    def verify(self, done: Callable[[str], None] = lambda _name: None) -> None:
        """Read the whole archive: each file against its checksum, each row against its columns.

        Args:
            done: called with the name of each file that was read.

        Raises:
            ArchiveRefused: if anything differs.
        """
        with self.path.open("rb") as file:
            if _seal_of(file) != self._zip.comment:
                raise self._refusal("it was altered or is damaged: its SHA-256 is not the one at its end")
        for name, member in self.manifest.members.items():
            digest = hashlib.sha256()
            for chunk in self.chunks(name):
                digest.update(chunk)
            if digest.hexdigest() != member.sha256:
                raise self._refusal(f"{name} was altered or is damaged: its SHA-256 is not that of the manifest")
            done(name)
        for folder, tables in ((names.TABLES, self.manifest.tables), (names.HIDDEN, self.manifest.hidden)):
            for table, content in tables.items():
                count = sum(1 for _row in self.rows(folder, table, content, with_zone=True))
                if count != content.rows:
                    raise self._refusal(f"{folder}{table} has {count} rows, and the manifest says {content.rows}")
        self._verify_hidden()

    def _verify_hidden(self) -> None:
        """Refuse hidden columns of other rows than the archive has, and a definition that cannot be read."""
        for table in self.manifest.hidden.keys() & self.manifest.tables.keys():
            if self.manifest.hidden[table].rows != self.manifest.tables[table].rows:
                raise self._refusal(f"{names.HIDDEN}{table} has not as many rows as {names.TABLES}{table}")
        if names.ATTIC in self.manifest.members:
            try:
                json.loads(self.text(names.ATTIC))
            except (ValueError, RecursionError) as error:
                raise self._refusal(f"{names.ATTIC} is damaged: {error}") from error

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content of a file."""
        try:
            with self._zip.open(name) as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except _UNREADABLE as error:
            raise self._refusal(f"{name} cannot be read: {error}") from error

    def text(self, name: str) -> str:
        """Return a small text file of the archive."""
        try:
            return b"".join(self.chunks(name)).decode()
        except UnicodeDecodeError as error:
            raise self._refusal(f"{name} is not UTF-8") from error

    def rows(self, folder: str, table: str, content: TableContent, *, with_zone: bool) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table, as the database driver takes them; see `values.read`."""
        name = member_of(folder, table)
        kinds = content.columns
        try:
            with self._zip.open(name) as file:
                for number, line in enumerate(iter(lambda: file.readline(MOST_LINE_BYTES), b""), 1):
                    try:
                        yield _row(line, kinds, with_zone=with_zone)
                    except (ValueError, RecursionError) as error:
                        raise self._refusal(f"{name}, line {number}: {error}") from error
        except _UNREADABLE as error:
            raise self._refusal(f"{name} cannot be read: {error}") from error

    def _manifest(self) -> Manifest:
        content = self._manifest_bytes()
        try:
            said = json.loads(content)
            is_newer = said["application"] == "qingbo" and said["format"] > names.FORMAT
        except (ValueError, KeyError, TypeError, RecursionError):
            raise self._refusal("its manifest is damaged") from None
        if is_newer:
            maker = str(said.get("version", ""))[:40]
            raise self._refusal(f"Qingbo {maker}, which is newer, made it", "Install that version, or a newer one.")
        try:
            manifest = Manifest.model_validate_json(content)
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            raise self._refusal(f"its manifest is not that of a backup ({where}: {error.errors()[0]['msg']})") from None
        self._check_members(manifest)
        return manifest

    def _manifest_bytes(self) -> bytes:
        try:
            info = self._zip.getinfo(names.NAME)
        except KeyError:
            raise self._refusal(f"it has no {names.NAME}") from None
        try:
            if info.file_size > names.MOST_BYTES:
                raise ValueError("it is too large")
            return self._zip.read(info)
        except _UNREADABLE as error:
            raise self._refusal(f"its manifest cannot be read: {error}") from error

    def _check_members(self, manifest: Manifest) -> None:
        """Refuse files beside the manifest, missing ones, ones of other sizes, and names outside our folders."""
        there = {info.filename: info for info in self._zip.infolist()}
        if len(there) != len(self._zip.infolist()):
            raise self._refusal("it has two files of one name")
        del there[names.NAME]
        needed = {member_of(names.TABLES, name) for name in manifest.tables}
        needed |= {member_of(names.HIDDEN, name) for name in manifest.hidden}
        for name in sorted({*there, *manifest.members, *needed}):
            if name not in there or name not in manifest.members:
                raise self._refusal(f"{name} is {'missing' if name not in there else 'not in its manifest'}")
            if not is_member_name(name):
                raise self._refusal(f"no backup has a file {name}")
            if there[name].file_size != manifest.members[name].bytes or there[name].compress_type not in _METHODS:
                raise self._refusal(f"{name} was altered: its size or compression is not that of the manifest")

    def _refusal(self, reason: str, hint: str = "") -> ArchiveRefused:
        return ArchiveRefused(
            f"{self.path} cannot be used as a backup: {reason}.", hint or "Nothing was changed. Try an older backup."
        )


def _seal_of(file: IO[bytes]) -> bytes:
    """Return the SHA-256 of an archive without its last bytes, which hold it."""
    left = file.seek(0, os.SEEK_END) - SEAL_BYTES
    file.seek(0)
    digest = hashlib.sha256()
    while left > 0 and (chunk := file.read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest().encode()


def _row(line: bytes, kinds: Mapping[str, str], *, with_zone: bool) -> dict[str, Any]:
    if len(line) == MOST_LINE_BYTES:
        raise ValueError("the row is too long")
    if not line.endswith(b"\n"):
        raise ValueError("the row has no end")
    values = json.loads(line)
    if not isinstance(values, dict) or values.keys() != kinds.keys():
        raise ValueError("the row has other columns than the manifest")
    return {name: read(kind, values[name], with_zone=with_zone) for name, kind in kinds.items()}
