"""Finds the post that an earlier import made from a file, by the file's path, or by its relative path and content.

The stored path of a file marks the imported folder like rsync: ``/home/ann/posts/./2024/a.md``. Older rows do not.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from qingbo.database import ROWS_AT_ONCE
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.imports.models import ImportedFile
from qingbo.imports.row_index import RowIndex
from qingbo.imports.term_pages import TermPage
from qingbo.posts.models import SLUG_LENGTH, Post
from qingbo.rendering.slugs import slug_of

MARK = "/./"
MOST_CANDIDATES = 500


@dataclass(frozen=True, slots=True)
class Place:
    """The location of a file."""

    absolute: str
    marked: str
    """The same with the mark after the imported folder."""
    relative: str

    @classmethod
    def of(cls, path: Path, folder: Path) -> "Place":
        """Return the place of a file in an imported folder."""
        relative = path.relative_to(folder).as_posix()
        return cls(str(path.resolve()), _stored(f"{folder.resolve().as_posix()}{MARK}{relative}"), _stored(relative))

    @property
    def digest(self) -> str:
        """The key of the file's row."""
        return hashlib.sha256(self.absolute.encode(errors="surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import, with the facts that identify it."""

    path: Path
    place: Place
    file: MarkdownFile
    digest: str
    """SHA-256 of its content."""
    author_id: int
    is_page: bool = False
    addresses: tuple[str, ...] = ()
    """That it had on its old site."""
    terms: tuple[TermPage, ...] = ()
    """The pages of its tags and categories there."""


@dataclass(frozen=True, slots=True)
class Match:
    """The row found for a file, or None, and why it may be the wrong one."""

    known: ImportedFile | None
    doubt: str = ""
    takes_over: ImportedFile | None = None
    """The row of a different file that was at the same place."""


class KnownFiles:
    """The files of earlier imports."""

    def __init__(self, session: Session, places: Sequence[Place]) -> None:
        self._session = session
        self._here = {place.digest for place in places}
        self._relatives = {place.relative for place in places}
        self._roots = {place.marked.partition(MARK)[0] for place in places[:1]}
        self._places, self._digests = RowIndex(), RowIndex()
        self._is_indexed = False
        self._claimed: set[int] = set()

    def at(self, place: Place) -> ImportedFile | None:
        """Return the row of the file that was imported from a place."""
        wanted = select(ImportedFile).where(ImportedFile.path_digest == place.digest)
        return self._session.scalar(wanted.options(joinedload(ImportedFile.post)))

    def find(self, source: Source) -> Match:
        """Find the row of a file. If the file was moved or copied here, the row of its new place."""
        known = self.at(source.place)
        if known is None:
            match = self._elsewhere(source)
            return match if match.known else self._renamed(source) or match
        if _is_another(known, source):
            return Match(
                None,
                f"it is imported as new: from its place another file was imported, “{_title(known)}”",
                takes_over=known,
            )
        if MARK not in known.path:
            known.path = source.place.marked
        return Match(known)

    def _elsewhere(self, source: Source) -> Match:
        candidates = self._candidates(source)
        fitting = [each for each in candidates if _agrees(each, source)]
        if fitting:
            known = min(fitting, key=lambda each: (each.digest != source.digest, len(each.path), each.id))
            self._claimed.add(known.id)
            return Match(self._brought_here(known, source.place))
        other = next((each for each in candidates if each.post is not None), None)
        if other is None:
            return Match(None)
        shared = "path in its folder" if _is_at(other.path, source.place.relative) else "name and content"
        return Match(None, f"it is imported as new, but {_where(other)} has the same {shared}; is it the same file?")

    def _renamed(self, source: Source) -> Match | None:
        """Return the row of a file that was renamed: it has the same content, or the same slug and date.

        The old file has gone, or it is in another folder, of which this one is a copy without it.
        """
        wanted = select(ImportedFile).join(Post).where(Post.author_id == source.author_id).order_by(ImportedFile.id)
        wanted = wanted.options(joinedload(ImportedFile.post))
        # One condition at a time, because no engine has an index for "this or that" in two tables.
        found: list[ImportedFile] = []
        if numbers := self._digests.numbers([source.digest], MOST_CANDIDATES):
            found += self._session.scalars(wanted.where(ImportedFile.id.in_(numbers)))
        if dates := _dates(source.file):
            has_date = or_(Post.published_at.in_(dates), Post.dated_at.in_(dates), Post.first_published_at.in_(dates))
            found += self._session.scalars(wanted.where(Post.slug.in_(_wishes(source.file)), has_date))
        for known in found:
            is_free = known.path_digest not in self._here and known.id not in self._claimed
            if is_free and self._has_gone(known):
                self._claimed.add(known.id)
                return Match(self._brought_here(known, source.place))
        return None

    def _has_gone(self, known: ImportedFile) -> bool:
        root, mark, relative = known.path.partition(MARK)
        if mark and root not in self._roots and relative not in self._relatives:
            return True
        return not os.path.exists(known.path)  # noqa: PTH110 - it returns False if the path may not be read

    def _candidates(self, source: Source) -> list[ImportedFile]:
        """Return the rows of files with the same path in their folder, or the same name and content."""
        self._index()
        relative = source.place.relative
        ids = self._places.numbers([relative, f"{MARK}{relative}"], MOST_CANDIDATES)
        ids += self._digests.numbers([source.digest], MOST_CANDIDATES)
        ids = [each for each in dict.fromkeys(ids) if each not in self._claimed]
        if not ids:
            return []
        wanted = select(ImportedFile).where(ImportedFile.id.in_(ids)).order_by(ImportedFile.id)
        found = self._session.scalars(wanted.options(joinedload(ImportedFile.post)))
        return [each for each in found if each.path_digest not in self._here and _is_like(each, source)]

    def _index(self) -> None:
        """Index the rows of files by their place and content, once. Rows of other systems have no path of a file."""
        if self._is_indexed:
            return
        columns = select(ImportedFile.id, ImportedFile.path, ImportedFile.digest).order_by(ImportedFile.id)
        is_file = or_(ImportedFile.path.like("/%"), ImportedFile.path.like("_:/%"))
        for row in self._session.execute(columns.where(is_file).execution_options(yield_per=ROWS_AT_ONCE)):
            _, mark, below = row.path.partition(MARK)
            for text in [below] if mark else _ends(row.path):
                self._places.add(text, row.id)
            self._digests.add(row.digest, row.id)
        self._places.sort()
        self._digests.sort()
        self._is_indexed = True

    def _brought_here(self, known: ImportedFile, place: Place) -> ImportedFile:
        """Return the row for the new place: the old row after a move, a second row after a copy."""
        if os.path.exists(known.path):  # noqa: PTH110 - it returns False if the path may not be read
            known = ImportedFile(post=known.post, digest=known.digest, imported_at=known.imported_at)
            self._session.add(known)
        known.path_digest, known.path = place.digest, place.marked
        return known


def _agrees(known: ImportedFile, source: Source) -> bool:
    """Return whether a file in another folder is the same one, by its relative path and its content."""
    if not _is_at(known.path, source.place.relative):
        return False
    if known.post is None:
        return known.digest == source.digest
    if known.post.author_id != source.author_id:
        return False
    if known.digest == source.digest:
        return True
    return _has_slug(known.post, source.file) and bool(_dates(source.file) & _dates_of(known.post))


def _is_another(known: ImportedFile, source: Source) -> bool:
    """Return whether a different file is now at the same place: content, dates and slug all differ."""
    if known.post is None or known.digest == source.digest:
        return False
    dates, dates_then = _dates(source.file), _dates_of(known.post)
    return bool(dates and dates_then) and not dates & dates_then and not _has_slug(known.post, source.file)


def _dates(file: MarkdownFile) -> set[datetime]:
    return {each for each in (file.date, file.publish_at) if each is not None}


def _dates_of(post: Post) -> set[datetime]:
    return {each for each in (post.published_at, post.first_published_at) if each is not None}


def _has_slug(post: Post, file: MarkdownFile) -> bool:
    wishes = _wishes(file)
    if slug_of(post.title) in wishes:
        return True
    return any(re.fullmatch(rf"{re.escape(wish)}(-\d+|-[0-9a-f]{{6}})?", post.slug) for wish in wishes)


def _wishes(file: MarkdownFile) -> list[str]:
    """Return the slugs that a file may have got: from its name or front matter, or, by older releases, its title."""
    wishes = [slug[: SLUG_LENGTH - 12] for slug in (slug_of(file.slug), slug_of(file.title)) if slug]
    return wishes or ["post"]


def _is_like(known: ImportedFile, source: Source) -> bool:
    relative = source.place.relative
    has_name = _name(known.path) == _name(relative)
    return _is_at(known.path, relative) or (has_name and known.digest == source.digest)


def _is_at(path: str, relative: str) -> bool:
    _, mark, below = path.partition(MARK)
    return below == relative if mark else path.endswith(f"/{relative}")


def _ends(path: str) -> Iterator[str]:
    """Yield the paths within a folder that a path may have, of which an older release stored no folder."""
    parts = path.split("/")
    return (f"{MARK}{'/'.join(parts[start:])}" for start in range(1, len(parts)))


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _where(known: ImportedFile) -> str:
    return known.path.replace(MARK, "/")


def _title(known: ImportedFile) -> str:
    return known.post.title if known.post else ""


def _stored(path: str) -> str:
    return path.encode(errors="replace").decode()
