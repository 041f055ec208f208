"""The folder that `qingbo export` writes, as a whole: what comes before its posts, and what comes after them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from qingbo.imports.bad_file import BadFile
from qingbo.imports.exported.comments import ExportedComments
from qingbo.imports.exported.contents import check_contents, ordered_paths
from qingbo.imports.exported.layout import COMMENTS, CONTENTS, MEDIA
from qingbo.imports.exported.media import ExportedMedia
from qingbo.imports.exported.redirects import take_redirects
from qingbo.imports.exported.terms import take_series, take_tags
from qingbo.imports.generators.exported import Exported
from qingbo.imports.listing import Listing
from qingbo.imports.report import Item
from qingbo.imports.target import Target
from qingbo.posts.models import Post
from qingbo.posts.translations import numbers_in, set_translations


@dataclass(slots=True)
class ExportedBlog:
    """One export, and what its import has brought."""

    target: Target
    root: Path
    media: ExportedMedia
    posts: dict[str, int | None] = field(default_factory=dict)
    """The number of each post here by its slug in the export; None if it was deleted here, 0 in a dry run."""
    _places: dict[str, int] = field(default_factory=dict)
    _series: dict[str, str] = field(default_factory=dict)
    _translations: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    @classmethod
    def of(
        cls, target: Target, listing: Listing, uploader_id: int, progress: Callable[[Path], None]
    ) -> "ExportedBlog | None":
        """Return the export in a folder; None if the folder is something else, a part of one, or not readable.

        Args:
            target: the blog.
            listing: of the folder.
            uploader_id: the account of files whose uploader has none here.
            progress: is called after each file of `steps_of`.
        """
        root = listing.folder.resolve()
        if not _is_whole(listing):
            return None
        try:
            check_contents(root / CONTENTS)
        except (BadFile, OSError) as error:
            _leave_out(target, root / CONTENTS, error)
            return None
        return cls(target, root, ExportedMedia(target, root, uploader_id, progress))

    def begin(self, listing: Listing) -> None:
        """Bring tags, series and files, and put the posts into the order of the export. Commits."""
        take_tags(self.target, self.root / CONTENTS)
        self._series = take_series(self.target, self.root / CONTENTS)
        self.media.take(self.root / CONTENTS)
        self._places = ordered_paths(self.root / CONTENTS)
        last = len(self._places)
        listing.files.sort(key=lambda path: self._places.get(path.relative_to(listing.folder).as_posix(), last))

    def lists(self, path: str) -> bool:
        """Return whether the export wrote a file, by its path in the folder."""
        return path in self._places

    def add(self, slug: str, number: int | None, translations: Iterable[str]) -> None:
        """Remember a post that the export has, and that is or was here."""
        self.posts[slug] = number
        if found := tuple(translations):
            self._translations.append((slug, found))

    def finish(self) -> None:
        """Bring translations, old addresses and comments. Commits."""
        if not self.target.report.is_dry:
            self._link_translations()
        take_redirects(self.target, self.root / CONTENTS, self.posts, self._series)
        path = self.root / COMMENTS
        if not path.exists():
            return
        try:
            ExportedComments(self.target, path, self.posts).take()
        except (BadFile, OSError) as error:
            self.target.session.rollback()
            _leave_out(self.target, path, error)

    def _link_translations(self) -> None:
        session = self.target.session
        for slug, others in self._translations:
            post = session.scalar(select(Post).where(Post.id == self.posts[slug]))
            numbers = {number for each in others if (number := self.posts.get(each))}
            if post is not None and numbers:
                set_translations(post, {*numbers_in(post.parts), *numbers})
                self.target.keep()


def steps_of(listing: Listing) -> int:
    """Return how many files an export has besides its posts, for the progress; 0 for another folder."""
    return sum(1 for _file in (listing.folder / MEDIA).glob("*/*")) if _is_whole(listing) else 0


def _is_whole(listing: Listing) -> bool:
    return isinstance(listing.site.generator, Exported) and listing.site.root == listing.folder.resolve()


def _leave_out(target: Target, path: Path, error: BadFile | OSError) -> None:
    line, hint = (error.line, error.hint) if isinstance(error, BadFile) else (None, "")
    target.report.leave_out(Item.FILE, path, str(error), line, hint)
