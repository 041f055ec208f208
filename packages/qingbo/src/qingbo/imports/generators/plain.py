"""A folder of Markdown files of no known generator. Its rules are the base of all others. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from qingbo.imports.fields import is_dated, name_of, undated
from qingbo.imports.generators.config_files import text_of
from qingbo.imports.generators.permalinks import date_values, filled, urlized
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.imports.metadata import Value

NEVER = {"node_modules", "vendor", "__pycache__"}
"""Folders of programs."""


@dataclass(slots=True)
class Generator:
    """The rules of one site."""

    config: dict[str, Any] = field(default_factory=dict)
    pattern: str = ""
    """The pattern of the addresses of posts, from `--permalink`; otherwise the generator's."""
    packages: frozenset[str] = frozenset()
    """Names of the packages that the site uses (package.json)."""
    has_sections: bool = False
    """Whether posts are in folders, so that files at the top are pages."""
    sections: dict[PurePath, Mapping[str, Value]] = field(default_factory=dict)
    """The front matter of the pages of sections, by their folders."""
    bundles: set[PurePath] = field(default_factory=set)
    """Folders in which all files belong to one page."""

    name = "plain"
    shortcodes = ""
    """The notation of shortcodes: liquid, nunjucks, hugo, zola, wiki, or none."""
    finds_by_name = False
    """Whether a picture may be in any folder, found by its name alone."""
    spaces_part_categories = False
    """Whether a line of categories is a list of words."""

    def zone_name(self) -> str:
        """Return the time zone of dates without one, if the configuration names it."""
        return ""

    def breaks_lines(self) -> bool:
        """Return whether line breaks in paragraphs are shown."""
        return False

    def outside(self, path: PurePath) -> str:
        """Return why a file, at a path within the site, is not part of it; empty if it is."""
        folder = next((part for part in path.parts[:-1] if part in NEVER), "")
        return f"{folder} belongs to programs" if folder else ""

    def is_page(self, path: PurePath, file: MarkdownFile) -> bool:
        """Return whether a file is a page instead of a post."""
        return file.layout == "page"

    def unpublished(self, path: PurePath, file: MarkdownFile) -> str:
        """Return why the generator publishes no page of a file; empty if it does."""
        return ""

    def learn(self, path: PurePath, front: Callable[[], Mapping[str, Value]]) -> None:
        """Remember what a file says about the others. Every file is passed before the first one is read.

        Args:
            path: of the file.
            front: returns its front matter.
        """

    def inherited(self, path: PurePath) -> Mapping[str, Value]:
        """Return the values of front matter that a file gets from elsewhere, if it does not set them."""
        return {}

    def withheld(self, path: PurePath, file: MarkdownFile) -> Iterable[str]:
        """Return why the generator keeps a file from the public, apart from what every generator's files say."""
        return ()

    def tag(self, written: str) -> str:
        """Return a tag without marks that do not belong to it."""
        return written

    def public_folders(self) -> set[str]:
        """Return the folders whose names begin with _, and that are published nevertheless."""
        return set()

    def is_in_section(self, path: PurePath) -> bool:
        """Return whether a file is in a folder of posts, in generators that have such folders."""
        return False

    def slug(self, path: PurePath, file: MarkdownFile) -> str:
        """Return the slug that the post should have; empty for one of its title."""
        return file.slug or self.named_slug(file) or (undated(path.stem) if is_dated(path.stem) else "")

    def named_slug(self, file: MarkdownFile) -> str:
        """Return the end of the address that front matter gives, unless it is a pattern or a number."""
        end = urlsplit(file.permalink).path.rstrip("/").rpartition("/")[2].removesuffix(".html")
        return "" if ":" in end or end.isdecimal() or end in {"index", ""} else end

    def addresses(self, path: PurePath, file: MarkdownFile, zone: tzinfo) -> Sequence[str]:
        """Return the addresses that the post had: computed, and from front matter. The home page is here, too."""
        computed = self.address(path, file, zone)
        if computed is not None and computed.removeprefix(self.root_path()).strip("/") in {"", "index.html"}:
            computed = None
        listed = [self.alias(each, computed) for each in file.old_addresses]
        return list(dict.fromkeys(filter(None, [computed, *listed])))

    def address(self, path: PurePath, file: MarkdownFile, zone: tzinfo) -> str | None:
        """Return the address that the post had, or None if it is not known."""
        if file.permalink and ":" not in file.permalink:
            return self.at_root(file.permalink)
        pattern = self.pattern if not self.is_page(path, file) else ""
        return self.at_root(filled(pattern, self.values(path, file, zone))) if pattern else None

    def values(self, path: PurePath, file: MarkdownFile, zone: tzinfo) -> dict[str, str]:
        """Return the values of tokens in patterns."""
        name = name_of(path)
        bare = undated(name) or name
        categories = "/".join(urlized(each) for each in file.categories)
        return {
            "title": file.slug or bare, "slug": urlized(file.slug or bare), "name": bare, "filename": name,
            "post_title": urlized(file.title), "category": categories, "categories": categories, "output_ext": ".html",
            **date_values(file.date or file.publish_at, zone),
        }  # fmt: skip

    def term_pages(self, path: PurePath, file: MarkdownFile) -> Iterable[tuple[str, str]]:
        """Yield the tags and categories of a file with the addresses of their pages on the site, if it has any."""
        return ()

    def alias(self, address: str, computed: str | None) -> str | None:
        """Return an old address of front matter, as a path of the site."""
        return self.at_root(address)

    def at_root(self, address: str | None) -> str | None:
        """Return an address below the root of the site, which may be a folder."""
        if address is None or "://" in address:
            return address
        return f"{self.root_path().rstrip('/')}/{address.lstrip('/')}"

    def hosts(self) -> set[str]:
        """Return the hosts of the site, as its configuration names them."""
        found = (urlsplit(text_of(self.config, key)).netloc.lower() for key in ("url", "baseurl", "base_url"))
        return set(filter(None, found))

    def root_path(self) -> str:
        """Return the path of the home page."""
        return "/"
