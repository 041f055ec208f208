"""Which post a file is the source of: the one that was imported from the same place."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from qingbo.imports.markdown_file import MarkdownFile
from qingbo.imports.models import ImportedFile


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is."""

    absolute: str
    marked: str
    relative: str

    @classmethod
    def of(cls, path: Path, folder: Path) -> "Place":
        """Return the place of a file in a folder that is imported."""
        absolute = str(path.resolve())
        return cls(absolute, absolute.encode(errors="replace").decode(), path.relative_to(folder).as_posix())

    @property
    def digest(self) -> str:
        """The key of an imported file."""
        return hashlib.sha256(self.absolute.encode(errors="surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is imported, with what tells whether it was imported before."""

    place: Place
    file: MarkdownFile
    digest: str
    """SHA-256 of its content."""
    author_id: int


@dataclass(frozen=True, slots=True)
class Match:
    """What was found of a file: its row, or None."""

    known: ImportedFile | None
    doubt: str = ""
    takes_over: ImportedFile | None = None


class KnownFiles:
    """The files of earlier imports."""

    def __init__(self, session: Session, places: Sequence[Place]) -> None:
        self._session = session

    def at(self, place: Place) -> ImportedFile | None:
        """Return the row of the file that was imported from a place."""
        wanted = select(ImportedFile).where(ImportedFile.path_digest == place.digest)
        return self._session.scalar(wanted.options(joinedload(ImportedFile.post)))

    def find(self, source: Source) -> Match:
        """Find the row of a file."""
        return Match(self.at(source.place))
