"""The blog that an import writes to. A dry run writes too, so that every rule is checked, but keeps nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qingbo.imports.report import Item, Outcome, Report
from qingbo.media.models import Media
from qingbo.media.place import current_storage
from qingbo.media.storage import Storage
from qingbo.posts.models import Post, PostTag, Tag


@dataclass(slots=True)
class Target:
    """The blog, and the report of what is written to it."""

    session: Session
    storage: Storage
    report: Report
    _newest_tag: int = 0
    _newest_media: int = 0
    _counted: set[tuple[Item, str]] = field(default_factory=set)
    _claimed: dict[str, object] = field(default_factory=dict)
    """In a dry run, the files that have claimed old addresses, because the blog has forgotten their redirects."""

    @classmethod
    def current(cls, session: Session, *, is_dry: bool = False) -> "Target":
        """Return the blog of the current app; with `is_dry`, nothing is kept."""
        storage = NoStorage() if is_dry else current_storage()
        newest_tag, newest_media = (session.scalar(select(func.max(table.id))) or 0 for table in (Tag, Media))
        return cls(session, storage, Report(is_dry), newest_tag, newest_media)

    def keep(self) -> None:
        """Commit what was written; in a dry run, roll it back. Either way, the next transaction begins."""
        if self.report.is_dry:
            self.session.rollback()
        else:
            self.session.commit()

    def count_tags(self, post: Post) -> None:
        """Count the tags of a post as new or unchanged, each once per import. Call it before `keep`."""
        wanted = select(Tag.id, Tag.name_key).join(PostTag, PostTag.tag_id == Tag.id).where(PostTag.post_id == post.id)
        for number, key in self.session.execute(wanted).all():
            self._count_once(Item.TAG, key, is_new=number > self._newest_tag)

    def is_new(self, tag: Tag) -> bool:
        """Return whether this import made a tag."""
        return tag.id > self._newest_tag

    def is_claimed(self, address: str, source: object) -> bool:
        """Return whether another source has claimed an old address in this dry run, and claim it for this one."""
        return self.report.is_dry and self._claimed.setdefault(address, source) != source

    def count_media(self, media: Media, item: Item = Item.PICTURE) -> None:
        """Count a file as new, or unchanged if the blog had it before, once per import. Call it before `keep`."""
        self._count_once(item, media.digest, is_new=media.id > self._newest_media)

    def _count_once(self, item: Item, key: str, *, is_new: bool) -> None:
        if (item, key) not in self._counted:
            self._counted.add((item, key))
            self.report.count(item, Outcome.NEW if is_new else Outcome.UNCHANGED)


class NoStorage:
    """A storage that stores nothing, for dry runs."""

    def put(self, name: str, content: IO[bytes]) -> None:
        """Do nothing."""

    def read(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Raise, because there are no files."""
        raise FileNotFoundError(name)

    def size(self, name: str) -> int | None:
        """Return None, because there are no files."""

    def delete(self, name: str, older_than: float = 0) -> None:
        """Do nothing."""

    def names(self, older_than: float) -> Iterator[str]:
        """Yield no name."""
        yield from ()
