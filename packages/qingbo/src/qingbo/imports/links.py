"""Links between imported files: which post a name or a path of another file means."""

import posixpath
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from urllib.parse import unquote

from qingbo.imports.fields import name_of, undated
from qingbo.imports.identity import KnownFiles, Place
from qingbo.imports.listing import Listing
from qingbo.posts.addresses import path_of
from qingbo.posts.kinds import PAGE
from qingbo.rendering.slugs import slug_of


class Links:
    """The files of a folder by their names and paths."""

    def __init__(self, listing: Listing, known_files: KnownFiles) -> None:
        self._known_files = known_files
        self._folder = listing.folder
        self._paths: dict[str, Path] = {}
        self._names: dict[str, Path] = {}
        for path in listing.files:
            relative = path.relative_to(listing.folder)
            self._paths[_key(relative.as_posix())] = path
            for name in _names(relative):
                self._names.setdefault(_key(name), path)
        self.has_guessed = False
        """Whether a link leads to a file that is not imported yet, so that its address may differ."""

    def from_file(self, source: Path) -> Callable[[str], str | None]:
        """Return the function that resolves the links of a file."""
        return lambda target: self._address(source, target)

    def _address(self, source: Path, target: str) -> str | None:
        path = self._found(source, unquote(target))
        if path is None:
            return None
        known = self._known_files.at(Place.of(path, self._folder))
        if known is not None and known.post is not None:
            return f"/{known.post.slug}" if known.post.kind == PAGE else path_of(known.post.slug)
        self.has_guessed = True
        name = name_of(path)
        return path_of(slug_of(undated(name) or name) or "post")

    def _found(self, source: Path, target: str) -> Path | None:
        target, _hash, _fragment = target.partition("#")
        beside = posixpath.normpath((source.parent.relative_to(self._folder) / target.lstrip("/@")).as_posix())
        for key in (_key(beside), _key(target.strip("/@"))):
            if found := self._paths.get(key):
                return found
        plain = _key(target.strip("/@"))
        return self._names.get(plain) or self._names.get(_without_suffix(plain))


def _names(relative: PurePath) -> Iterator[str]:
    """Yield the names by which other files may mention one: ends of its path, with and without folders and date."""
    stem = relative.with_suffix("")
    bundle = stem.parent if stem.name in {"index", "_index"} and len(stem.parts) > 1 else stem
    for each in (relative, stem, bundle):
        for count in range(len(each.parts), 0, -1):
            yield "/".join(each.parts[-count:])
    yield undated(bundle.name) or bundle.name


def _without_suffix(key: str) -> str:
    return key.removesuffix(".md").removesuffix(".markdown").removesuffix("/index")


def _key(name: str) -> str:
    return name.casefold()
