"""The files of our own export: stored byte by byte, with their descriptions, uploaders and dates."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from qingbo.accounts.queries import user_named
from qingbo.errors import InputRefused
from qingbo.imports.bad_file import BadFile
from qingbo.imports.exported.contents import MediaItem, items
from qingbo.imports.exported.layout import MEDIA
from qingbo.imports.report import Item
from qingbo.imports.target import Target
from qingbo.media.addresses import LEAST_DIGITS, file_name, handles_in
from qingbo.media.intake import take_in
from qingbo.media.models import Kind, Media
from qingbo.rendering.characters import on_one_line

MOST_BYTES = 2_000 * 1024 * 1024
"""Of one file: the most that a blog can allow for uploads."""
_BEGINNING = re.compile(r"/media/[^/\s]+(?=/)")
"""Of the address of a file."""


@dataclass(slots=True)
class ExportedMedia:
    """The files of one export."""

    target: Target
    root: Path
    """The folder of the export, resolved."""
    uploader_id: int
    """The account of files whose uploader has none here."""
    progress: Callable[[Path], None]
    """Is called after each file."""
    moved: dict[str, str] = field(default_factory=dict)
    """New beginnings of addresses by old ones, without the slash at their ends, where they differ."""
    _uploaders: dict[str, int] = field(default_factory=dict)

    def take(self, path: Path) -> None:
        """Bring the files that `qingbo.json` lists; a dry run brings none. Commits each."""
        for number, item in items(path, "media", MediaItem):
            source = f"{path}, media, item {number}"
            if isinstance(item, str):
                self.target.report.leave_out(Item.PICTURE, source, item)
                continue
            try:
                self._take(item)
                self.target.keep()
            except (BadFile, InputRefused, OSError) as error:
                self.target.session.rollback()
                self.target.report.leave_out(Item.PICTURE, f"{self.root / MEDIA}, {item.path[:200]}", str(error))
            self.progress(Path(item.path))

    def missing_in(self, *texts: str) -> list[str]:
        """Return the addresses of files in some texts that the blog does not have, up to the handle."""
        handles = handles_in(texts)
        if not handles or self.target.report.is_dry:
            return []
        found = set(self.target.session.scalars(select(Media.handle).where(Media.handle.in_(handles))))
        return [f"/media/{handle}/…" for handle in sorted(handles - found)]

    def readdressed(self, text: str) -> str:
        """Return a text with the addresses that its files have here."""
        return _BEGINNING.sub(lambda found: self.moved.get(found[0], found[0]), text) if self.moved else text

    def _take(self, item: MediaItem) -> None:
        file = self._file(item.path)
        old = f"/media/{file.parent.name}"
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            known = self.target.session.scalar(select(Media).where(Media.digest == digest))
            if known is None or self.target.storage.size(file_name(digest, known.extension)) is None:
                is_ours = len(file.parent.name) >= LEAST_DIGITS and digest.startswith(file.parent.name)
                media = take_in(
                    self.target.session, self.target.storage, content, file.name, self.uploader_id,
                    most_bytes=MOST_BYTES, names_may_lie=True, keeps_clean=is_ours,
                )  # fmt: skip
                if self.target.is_new_media(media) and known is None:
                    self._describe(media, item)
                known = media
        self.target.count_media(known, Item.PICTURE if known.kind == Kind.PICTURE.value else Item.ATTACHMENT)
        if (new := f"/media/{known.handle}") != old:
            self.moved[old] = new

    def _describe(self, media: Media, item: MediaItem) -> None:
        media.alt = item.alt
        media.uploaded_at = item.uploaded_at or media.uploaded_at
        media.uploader_id = self._uploader(item.uploader) if item.uploader else None
        self.target.session.flush()

    def _uploader(self, name: str) -> int:
        if name not in self._uploaders:
            user = user_named(self.target.session, on_one_line(name))
            self._uploaders[name] = user.id if user else self.uploader_id
        return self._uploaders[name]

    def _file(self, path: str) -> Path:
        """Return the file of an item: below the folder of media, and no link that leads out of it."""
        place = (self.root / MEDIA).resolve()
        file = (self.root / path).resolve() if "\0" not in path else place
        if not file.is_relative_to(place) or len(file.relative_to(place).parts) != 2 or not file.is_file():
            raise BadFile("there is no such file in the export")
        return file
