"""Imports the pictures of Markdown files: finds them in the site's folders, and stores them like uploads."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from qingbo.errors import InputRefused
from qingbo.imports.doubts import Doubt
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.imports.picture_references import Reference, local_path, with_addresses
from qingbo.imports.target import Target
from qingbo.media.addresses import address_of
from qingbo.media.intake import MOST_PICTURE_BYTES, take_in

SITE_FILES = (
    "_config.yml", "_config.yaml", "_config.toml", "hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config.toml",
    "config.yaml", "config.yml", "config.json", ".obsidian",
)  # fmt: skip
SITE_FOLDERS = ("static", "source", "public", "assets", "content")
"""Folders that Hugo, Zola, Hexo and others publish as the root of the site, for addresses that begin with /."""
LEVELS = 4
"""How many levels above the imported folder the root of the site may be."""


class Pictures:
    """The pictures of an imported folder."""

    def __init__(self, target: Target, folder: Path, uploader_id: int) -> None:
        self._target = target
        self._folder = folder.resolve()
        self._uploader_id = uploader_id
        self._addresses: dict[Path, str] = {}
        self.problems: list[Doubt] = []
        """Pictures of the current file that were not found or were refused."""

    def bring(self, path: Path, file: MarkdownFile) -> tuple[str, str]:
        """Store the pictures of a file, keep each, and return its text and its cover with their new addresses."""
        self.problems = []
        text = with_addresses(file.text, lambda found: self._address(path, found, file.line_at(found.line)))
        local = local_path(file.cover)
        return text, (self._address(path, Reference(local, 0), None) or "") if local else file.cover

    def _address(self, path: Path, reference: Reference, line: int | None) -> str | None:
        file = next(self._candidates(path, reference), None)
        what = "picture" if line else "cover picture"
        if file is None:
            self.problems.append(Doubt(f"there is no {what} {reference.path}", line))
            return None
        if file not in self._addresses:
            try:
                self._addresses[file] = self._taken_in(file)
            except (InputRefused, OSError) as error:
                self._target.session.rollback()
                self.problems.append(Doubt(str(error), line))
                return None
        return self._addresses[file]

    def _taken_in(self, file: Path) -> str:
        with file.open("rb") as content:
            media = take_in(
                self._target.session, self._target.storage, content, file.name, self._uploader_id,
                most_bytes=MOST_PICTURE_BYTES, names_may_lie=True,
            )  # fmt: skip
        self._target.count_media(media)
        address = address_of(media)
        self._target.keep()
        return address

    def _candidates(self, path: Path, reference: Reference) -> Iterator[Path]:
        """Yield the files that a reference may mean, the likeliest first, and none outside the site."""
        asked = reference.path
        places = [self._site, *(self._site / name for name in SITE_FOLDERS), self._folder]
        if not asked.startswith("/"):
            # Beside the file (Hugo bundles), or in the folder with the file's name (Hexo assets).
            places = [path.parent, path.with_suffix(""), *places]
        for place in places:
            file = (place / asked.lstrip("/")).resolve()
            if file.is_relative_to(self._site) and file.is_file():
                yield file
        if reference.is_by_name:
            yield from self._by_name.get(Path(asked).name, [])

    @cached_property
    def _site(self) -> Path:
        """The folder of the whole site; the imported folder may be a part of it."""
        for folder in (self._folder, *self._folder.parents)[: LEVELS + 1]:
            if any((folder / name).exists() for name in SITE_FILES):
                return folder
        # Without a settings file, known folder names show where the site begins.
        for folder in (self._folder, *self._folder.parents)[: LEVELS + 1]:
            if folder.name in SITE_FOLDERS:
                return folder.parent
            if any((folder / name).is_dir() for name in ("static", "source")):
                return folder
        return self._folder

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path in sorted(self._folder.rglob("*")):
            if path.is_file() and local_path(path.name):
                found.setdefault(path.name, []).append(path)
        return found
