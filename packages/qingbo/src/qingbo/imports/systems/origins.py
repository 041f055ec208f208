"""Remembers what an import brought from another system, in the rows of `ImportedFile`.

A row of a post is like that of a file. Rows of other things repeat their number here and, if it can change, their state
after the import, at the end of the path: ``wordpress:blog.example#comment/34 =57 shown``.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from qingbo.clock import now
from qingbo.database import ROWS_AT_ONCE
from qingbo.imports.models import ImportedFile
from qingbo.posts.models import Post

_NUMBER = " ="


@dataclass(frozen=True, slots=True)
class Known:
    """Something that an earlier import brought."""

    row: ImportedFile
    number: int
    """Its number here."""
    state: str
    """Its state after that import."""


class Origins:
    """The rows of one other blog."""

    def __init__(self, session: Session, blog: str) -> None:
        """Look after the rows of a blog.

        Args:
            session: to read and write with.
            blog: identifies it, such as ``wordpress:blog.example``.
        """
        self._session = session
        self._blog = blog

    def post(self, key: str) -> ImportedFile | None:
        """Return the row of a post or page, with the post."""
        wanted = select(ImportedFile).where(ImportedFile.path_digest == _digest(self._path("post", key)))
        return self._session.scalar(wanted.options(joinedload(ImportedFile.post)))

    def add_post(self, key: str, digest: str, post: Post) -> None:
        """Remember a new post."""
        path = self._path("post", key)
        row = ImportedFile(path_digest=_digest(path), path=path, post=post, digest=digest)
        row.imported_at = post.updated_at
        self._session.add(row)

    def known(self, kind: str, keys: Iterable[str]) -> dict[str, Known]:
        """Return what is known of things of a kind, by their keys."""
        by_digest = {_digest(self._path(kind, key)): key for key in keys}
        digests, found = list(by_digest), {}
        for start in range(0, len(digests), ROWS_AT_ONCE):
            wanted = select(ImportedFile).where(ImportedFile.path_digest.in_(digests[start : start + ROWS_AT_ONCE]))
            for row in self._session.scalars(wanted):
                number, _, state = row.path.rpartition(_NUMBER)[2].partition(" ")
                found[by_digest[row.path_digest]] = Known(row, int(number), state)
        return found

    def add(
        self, kind: str, key: str, number: int, *, state: str = "", digest: str = "", post_id: int | None = None
    ) -> Known:
        """Remember a new thing that is no post, and return what is now known of it.

        Args:
            kind: such as ``comment``.
            key: identifies it in its blog.
            number: its number here.
            state: its state here.
            digest: of its content there.
            post_id: the post that it belongs to.
        """
        path = self._path(kind, key)
        row = ImportedFile(path_digest=_digest(path), path=_with_number(path, number, state), post_id=post_id)
        row.digest, row.imported_at = digest, now()
        self._session.add(row)
        return Known(row, number, state)

    def change(self, known: Known, *, state: str, digest: str) -> None:
        """Remember a change of a thing that is no post."""
        path = known.row.path.rpartition(_NUMBER)[0]
        known.row.path, known.row.digest = _with_number(path, known.number, state), digest

    def _path(self, kind: str, key: str) -> str:
        return f"{self._blog}#{kind}/{key}"


def digest_of(*values: object) -> str:
    """Return a digest of values by their representation."""
    return _digest(repr(values))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _with_number(path: str, number: int, state: str) -> str:
    return f"{path}{_NUMBER}{number} {state}".rstrip()
