"""Lists the files of a folder: those to import, and those that are passed over, with the reason."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePath

from qingbo.imports import html_file
from qingbo.imports.bad_file import BadFile
from qingbo.imports.encodings import decoded
from qingbo.imports.front_matter import split_front_matter
from qingbo.imports.generators.recognition import Site, recognised
from qingbo.imports.markdown_file import natural_key
from qingbo.imports.metadata import Value

SUFFIXES = {".md", ".markdown", ".mkd", ".mkdn", ".mdown", ".mdwn"}
OTHER_SUFFIXES = {".org", ".rst", ".adoc", ".asciidoc", ".textile", ".mdx", ".ipynb", ".pdc", ".rmd"}
"""Of posts in other formats."""
MOST_BYTES = 1_000_000
"""How much of a file is read for its front matter alone."""
UNLISTED = {".git", ".hg", ".svn", "node_modules"}
"""Folders of programs; their files are not counted."""


@dataclass(slots=True)
class Listing:
    """The files of a folder."""

    folder: Path
    site: Site
    files: list[Path] = field(default_factory=list)
    """To import, in natural order."""
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many files are passed over, by the file or the folder that contains them, and the reason."""

    def inside(self, path: Path) -> PurePath:
        """Return the path of a file within its site."""
        return self.site.inside(path) or path.relative_to(self.folder)


def list_files(folder: Path, generator: str = "") -> Listing:
    """Return the Markdown files in a folder and its subfolders that the site publishes.

    Args:
        folder: to import.
        generator: of the site; empty to recognise it.
    """
    listing = Listing(folder, recognised(folder.resolve(), generator))
    sections = 0
    for path in _walk(folder):
        inside = listing.site.inside(path)
        relative = path.relative_to(folder)
        if path.suffix.lower() not in SUFFIXES | OTHER_SUFFIXES | html_file.SUFFIXES:
            continue
        reason = listing.site.generator.outside(inside) if inside else ""
        if hidden := next((part for part in relative.parts if part.startswith(".")), ""):
            listing.skipped[str(folder / relative), f"{hidden} is hidden"] += path.suffix.lower() in SUFFIXES
        elif reason:
            listing.skipped[str(folder / relative.parts[0]), reason] += path.suffix.lower() in SUFFIXES
        elif path.suffix.lower() in OTHER_SUFFIXES:
            listing.skipped[str(path), "it is not Markdown"] += 1
        elif html_file.is_html(path) and not _begins_with_front_matter(path):
            listing.skipped[str(path), "it is HTML without front matter"] += 1
        else:
            listing.files.append(path)
            sections += inside is not None and listing.site.generator.is_in_section(inside)
    listing.skipped = +listing.skipped
    listing.site.generator.has_sections = sections > 0
    listing.files.sort(key=lambda path: natural_key(path.relative_to(folder)))
    for path in listing.files:
        listing.site.generator.learn(listing.inside(path), partial(_front_matter, path))
    return listing


def _begins_with_front_matter(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(100).removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"---", b"+++", b";;;"))
    except OSError:
        return False


def _front_matter(path: Path) -> Mapping[str, Value]:
    """Return the front matter of a file, or nothing if it cannot be read: its import says why."""
    try:
        with path.open("rb") as file:
            return split_front_matter(decoded(file.read(MOST_BYTES))[0]).metadata.values
    except (BadFile, OSError):
        return {}


def markdown_files(folder: Path) -> list[Path]:
    """Return the files of a folder that are imported."""
    return list_files(folder).files


def _walk(folder: Path) -> Iterator[Path]:
    for above, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in UNLISTED]
        yield from (Path(above, name) for name in names if Path(above, name).is_file())
