"""Pictures and files of another blog: fetched or copied, stored like uploads, and their new addresses in texts."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import unquote, urlsplit

from qingbo.errors import InputRefused
from qingbo.fetching.errors import NotFetched
from qingbo.fetching.fetcher import Fetcher
from qingbo.imports.embedded import content_of, put_back
from qingbo.imports.report import Item, Outcome, Topic
from qingbo.imports.systems.items import File
from qingbo.imports.systems.old_paths import OldPaths
from qingbo.imports.systems.origins import Origins
from qingbo.imports.target import Target
from qingbo.media.addresses import address_of
from qingbo.media.intake import take_in
from qingbo.media.models import Media

KINDS = ("image/", "audio/", "video/", "application/pdf", "application/zip", "application/octet-stream")
FETCH_SECONDS = 120.0
"""For one file; a video of 50 MB takes a minute on a slow line."""

_ADDRESS = re.compile(r"""https?://[^\s<>"'`\\]+""", re.IGNORECASE)
_SIZE = re.compile(r"-(?:\d{1,5}x\d{1,5}|scaled|rotated|e\d{10,13})(?=\.\w{2,5}$)")
"""What WordPress adds to the name of a smaller picture."""
_EXTENSION = re.compile(
    r"\.(?:jpe?g|jfif|png|gif|webp|avif|bmp|svg|mp3|ogg|oga|m4a|wav|mp4|m4v|webm|mov|pdf|zip)$", re.IGNORECASE
)
_CLOSING = ".,;:!?，。；：！？）】」』”’"


@dataclass(slots=True)
class Files:
    """The files of one blog, each brought once."""

    target: Target
    origins: Origins
    old_paths: OldPaths
    uploader_id: int | None
    most_bytes: int
    hosts: set[str] = field(default_factory=set)
    """Host names of the blog. A file with another host is left there, unless it is in its media library."""
    fetcher: Fetcher | None = None
    """None fetches nothing."""
    local: Callable[[str], Path | None] = lambda address: None
    """Returns the file on this computer for an address, if there is one."""
    hint: str = "--fetch brings them"
    """How to get the files that stay at the old blog."""
    unknown_site: str = ""
    """Stands for the address of the blog, if nobody said it; removed from texts, so that paths remain."""
    library: dict[str, File] = field(default_factory=dict)
    """The files in its media library, by address."""
    _addresses: dict[str, str | None] = field(default_factory=dict)
    _embedded: Mapping[str, str] = field(default_factory=dict)
    """Of the current texts."""

    def add(self, files: Iterable[File]) -> None:
        """Add files to the media library."""
        for file in files:
            self.library[_plain(file.address)] = file

    def moved(
        self, texts: Mapping[str, str], source: str, line: int | None, embedded: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Bring the files that some texts name, and return the texts with their new addresses. Commits.

        Args:
            texts: Markdown, or one address, by any name.
            source: the post, for remarks.
            line: of the post.
            embedded: the pictures inside the texts, by the addresses that stand for them.
        """
        self._embedded = embedded or {}
        left: dict[str, None] = {}
        moved: dict[str, str] = {}
        for name, text in texts.items():
            new = _ADDRESS.sub(lambda found: self._replaced(found[0], source, line, left), text)
            new = put_back(new, self._embedded)
            moved[name] = new.replace(self.unknown_site, "") if self.unknown_site else new
        if left and (self.fetcher is None or self.unknown_site):
            first = next(iter(left)).removeprefix(self.unknown_site)
            self.target.report.note(
                Topic.MISSING, source, _stay(len(left), first), line, self.hint,
            )  # fmt: skip
        return moved

    def bring_rest(self, source: str) -> None:
        """Bring the files of the media library that no text named. Commits."""
        for address, file in self.library.items():
            self._brought(address, f"{source}, file {file.name or address}", file.line)

    def _replaced(self, written: str, source: str, line: int | None, left: dict[str, None]) -> str:
        address, rest = _without_end(written)
        found = self._known_address(address)
        if found is None:
            return written
        new = self._brought(found, source, line)
        if new is None:
            if found not in self._embedded:
                left[found] = None
            return written
        return new + rest

    def _known_address(self, address: str) -> str | None:
        """Return the address of the whole file that a text names, or None if it is not one of this blog."""
        plain = _plain(address)
        if plain in self._embedded:
            return plain
        parts = urlsplit(plain)
        for each in (plain, parts._replace(path=_SIZE.sub("", parts.path)).geturl()):
            if each in self.library:
                return each
        is_here = parts.hostname in self.hosts and _EXTENSION.search(parts.path)
        return plain if is_here or self.local(plain) else None

    def _brought(self, address: str, source: str, line: int | None) -> str | None:
        if address not in self._addresses:
            self._addresses[address] = self._bring(address, source, line)
        return self._addresses[address]

    def _bring(self, address: str, source: str, line: int | None) -> str | None:
        report, path = self.target.report, self.local(address)
        known = self.origins.known("file", [address]).get(address)
        if known is not None:
            media = self.target.session.get(Media, known.number)
            report.count(Item.ATTACHMENT, Outcome.UNCHANGED if media else Outcome.DELETED_HERE)
            return address_of(media) if media else None
        self.target.keep()  # others can write while the file arrives
        is_unknown = bool(self.unknown_site) and address.startswith(self.unknown_site)
        fetcher = None if is_unknown else self.fetcher
        try:
            if address in self._embedded:
                return self._stored(address, BytesIO(_content_of(self._embedded[address])))
            if path is not None:
                with path.open("rb") as content:
                    return self._stored(address, content)
            if fetcher is not None:
                return self._stored(address, BytesIO(fetcher.fetch(address, KINDS).body))
            report.count(Item.ATTACHMENT, Outcome.SKIPPED)
        except (NotFetched, InputRefused, OSError) as error:
            self.target.session.rollback()
            report.count(Item.ATTACHMENT, Outcome.LEFT_OUT)
            what = "a picture inside the text" if address in self._embedded else address
            report.note(Topic.MISSING, source, f"{what}: {error}", line)
        return None

    def _stored(self, address: str, content: IO[bytes]) -> str:
        session, parts = self.target.session, urlsplit(address)
        name = PurePosixPath(unquote(parts.path)).name or "file"
        media = take_in(
            session, self.target.storage, content, name, self.uploader_id,
            most_bytes=self.most_bytes, names_may_lie=True,
        )  # fmt: skip
        session.flush()
        file = self.library.get(address)
        if file is not None and file.description and not media.alt:
            media.alt = file.description[:500]
        self.origins.add("file", address, media.id)
        new = address_of(media)
        pages = [file.page] if file and file.page else []
        paths = [unquote(parts.path)] if parts.hostname in self.hosts else []
        self.old_paths.add([*paths, *pages], new)
        self.target.report.count(Item.ATTACHMENT, Outcome.NEW)
        self.target.keep()
        return new


def _content_of(embedded: str) -> bytes:
    try:
        return content_of(embedded)
    except ValueError:
        raise InputRefused("it is not valid Base64") from None


def _plain(address: str) -> str:
    """Return an address without query and fragment, which only choose a size."""
    try:
        return urlsplit(address.replace("&amp;", "&"))._replace(query="", fragment="").geturl()
    except ValueError:
        return address


def _without_end(address: str) -> tuple[str, str]:
    """Split what follows an address in Markdown: a closing bracket, or the end of a sentence."""
    end = len(address)
    depth = 0
    for place, character in enumerate(address):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            end = place
            break
    kept = address[:end].rstrip(_CLOSING + "*_")
    return kept, address[len(kept) :]


def _stay(count: int, first: str) -> str:
    return (
        f"1 file stays at the old blog: {first}"
        if count == 1
        else f"{count} files stay at the old blog, such as {first}"
    )
