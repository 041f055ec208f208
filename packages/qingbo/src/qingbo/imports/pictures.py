"""Imports the pictures and linked files of Markdown files: finds them in the site, and stores them like uploads."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import IO

from qingbo.errors import InputRefused
from qingbo.imports.bad_file import BadFile
from qingbo.imports.doubts import Doubt
from qingbo.imports.embedded import content_of, put_back
from qingbo.imports.generators.plain import Generator
from qingbo.imports.generators.recognition import LEVELS, SITE_FOLDERS
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.imports.picture_references import Reference, local_path, with_addresses
from qingbo.imports.report import Item
from qingbo.imports.target import Target
from qingbo.media.addresses import address_of
from qingbo.media.intake import MOST_PICTURE_BYTES, take_in
from qingbo.media.models import Kind

SITE_FILES = (
    "_config.yml", "_config.yaml", "_config.toml", "hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config.toml",
    "config.yaml", "config.yml", "config.json", ".obsidian",
)  # fmt: skip


class Pictures:
    """The pictures of an imported folder."""

    def __init__(self, target: Target, folder: Path, uploader_id: int, generator: Generator | None = None) -> None:
        self._target = target
        self._hosts = generator.hosts() if generator else set()
        self._is_found_by_name = generator is not None and generator.finds_by_name
        self._root = f"{generator.root_path().strip('/')}/" if generator else "/"
        self._folder = folder.resolve()
        self._uploader_id = uploader_id
        self._addresses: dict[Path | str, str] = {}
        self._embedded: Mapping[str, str] = {}
        self.problems: list[Doubt] = []
        """Pictures of the current file that were not found or were refused."""

    def bring(self, path: Path, file: MarkdownFile) -> tuple[str, str]:
        """Store the pictures of a file, keep each, and return its text and its cover with their new addresses."""
        self.problems, self._embedded = [], file.embedded

        def address(found: Reference) -> str | None:
            return self._address(path, found, file.line_at(found.line))

        text = with_addresses(file.text, address, self._is_own, reads_sizes=file.own is None)
        return put_back(text, file.embedded), self._cover(path, file.cover)

    def _cover(self, path: Path, cover: str) -> str:
        local = local_path(cover, self._is_own)
        if local is None:
            return cover
        return self._address(path, Reference(local, 0), None) or (cover if "://" in cover else "")

    def _is_own(self, host: str) -> bool:
        return host in self._hosts

    def _address(self, path: Path, reference: Reference, line: int | None) -> str | None:
        embedded = self._embedded.get(reference.path)
        file = next(self._candidates(path, reference), None) if embedded is None else None
        what = "file" if not reference.is_picture else "picture" if line else "cover picture"
        if file is None and embedded is None:
            self.problems.append(Doubt(f"there is no {what} {reference.path}", line))
            return None
        key = file or reference.path
        if key not in self._addresses:
            try:
                self._addresses[key] = self._brought(file) if file else self._decoded(reference.path, embedded or "")
            except (BadFile, InputRefused, OSError) as error:
                self._target.session.rollback()
                self.problems.append(Doubt(str(error), line))
                return None
        return self._addresses[key]

    def _brought(self, file: Path) -> str:
        with file.open("rb") as content:
            return self._taken_in(content, file.name)

    def _decoded(self, name: str, address: str) -> str:
        try:
            content = content_of(address)
        except ValueError:
            raise BadFile("a picture inside the text is not valid Base64") from None
        return self._taken_in(BytesIO(content), f"picture{Path(name).suffix}")

    def _taken_in(self, content: IO[bytes], name: str) -> str:
        media = take_in(
            self._target.session, self._target.storage, content, name, self._uploader_id,
            most_bytes=MOST_PICTURE_BYTES, names_may_lie=True,
        )  # fmt: skip
        self._target.count_media(media, Item.PICTURE if media.kind == Kind.PICTURE.value else Item.ATTACHMENT)
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
        names = dict.fromkeys((asked.lstrip("/"), asked.lstrip("/").removeprefix(self._root)))
        for place in places:
            for file in ((place / name).resolve() for name in names):
                if file.is_relative_to(self._site) and file.is_file():
                    yield file
        if reference.is_by_name or self._is_found_by_name:
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
