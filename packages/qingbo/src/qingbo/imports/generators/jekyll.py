"""Jekyll: posts in _posts at any depth, pages elsewhere if they have front matter. Pure.

Rules: https://jekyllrb.com/docs/permalinks/ and https://jekyllrb.com/docs/structure/, Jekyll 4.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Any

from qingbo.imports.fields import is_dated, name_of, undated
from qingbo.imports.generators.config_files import is_on, text_of, value_of
from qingbo.imports.generators.permalinks import escaped, filled
from qingbo.imports.generators.plain import Generator
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.imports.metadata import Value

STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
POSTS = {"_posts", "_drafts"}
INTERNAL = {"_site", "_includes", "_layouts", "_sass", "_data", "_plugins", ".jekyll-cache"}


class Jekyll(Generator):
    """The rules of a Jekyll site."""

    name = "jekyll"
    shortcodes = "liquid"
    spaces_part_categories = True

    def zone_name(self) -> str:
        """The time zone of dates without one."""
        return text_of(self.config, "timezone")

    def outside(self, path: PurePath) -> str:
        """Return why a file is not part of the site."""
        excluded = value_of(self.config, "exclude")
        names = {str(each).strip("/") for each in excluded} if isinstance(excluded, list) else set()
        for number, part in enumerate(path.parts):
            if part in INTERNAL or "/".join(path.parts[: number + 1]) in names:
                return f"Jekyll does not publish {part}"
        return super().outside(path)

    def is_page(self, path: PurePath, file: MarkdownFile) -> bool:
        """Return whether a file is neither a post nor in a collection."""
        in_collection = bool(self._collections() & set(path.parts[:-1]))
        return not (POSTS & set(path.parts) or in_collection) or (file.layout == "page" and in_collection)

    def public_folders(self) -> set[str]:
        """Return the folders of collections with pages."""
        found = value_of(self.config, "collections")
        return {name for name in self._collections() if is_on(found, name.removeprefix("_"), "output")}

    def unpublished(self, path: PurePath, file: MarkdownFile) -> str:
        """Return why Jekyll makes no page of a file."""
        if self.is_page(path, file) and not file.has_front_matter:
            return "it has no front matter, so Jekyll does not publish it"
        return "its layout fills this page" if self.is_page(path, file) and not file.text.strip() else ""

    def inherited(self, path: PurePath) -> Mapping[str, Value]:
        """Return the defaults of the configuration, of which the one with the longest path wins."""
        found = value_of(self.config, "defaults")
        fitting = [each for each in found if self._concerns(each, path)] if isinstance(found, list) else []
        fitting.sort(key=lambda each: (len(text_of(each, "scope", "path")), bool(text_of(each, "scope", "type"))))
        values: dict[str, Value] = {}
        for each in fitting:
            values |= each["values"] if isinstance(each.get("values"), dict) else {}
        return values

    def _concerns(self, default: Any, path: PurePath) -> bool:
        if not isinstance(default, dict):
            return False
        place, kind = text_of(default, "scope", "path").strip("/"), text_of(default, "scope", "type")
        fits = any(fnmatchcase(str(each), place) for each in (path, *path.parents))
        return (fits or not place or path.is_relative_to(place)) and kind in {"", self._type(path)}

    def _type(self, path: PurePath) -> str:
        """Return what Jekyll calls the kind of a file."""
        if POSTS & set(path.parts):
            return "drafts" if "_drafts" in path.parts else "posts"
        return self._collection(path) or "pages"

    def withheld(self, path: PurePath, file: MarkdownFile) -> Iterable[str]:
        """Return that a file in _posts has no date in its name, if so."""
        if "_posts" in path.parts and "_drafts" not in path.parts and not is_dated(path.stem):
            yield "its name does not begin with a date, so Jekyll does not publish it"

    def slug(self, path: PurePath, file: MarkdownFile) -> str:
        """Return the slug: the name of the file."""
        name = name_of(path) if self.is_page(path, file) else path.stem
        return file.slug or self.named_slug(file) or undated(name) or name

    def address(self, path: PurePath, file: MarkdownFile, zone: tzinfo) -> str | None:
        """Return the address that a post had."""
        pattern = file.permalink or ("" if self.is_page(path, file) else self._pattern(path))
        if not pattern and self.is_page(path, file):
            return self.at_root(escaped(path.with_suffix(".html").as_posix()))
        return self.at_root(filled(STYLES.get(pattern, pattern), self.values(path, file, zone))) if pattern else None

    def values(self, path: PurePath, file: MarkdownFile, zone: tzinfo) -> dict[str, str]:
        """Return the values of tokens: the folders above _posts are categories."""
        values = super().values(path, file, zone)
        above = path.parts[: next((n for n, part in enumerate(path.parts) if part in POSTS), 0)]
        categories = [each.lower() for each in (*above, *file.categories)]
        values["categories"] = "/".join(dict.fromkeys(filter(None, categories)))
        collection = self._collection(path)
        below = path.parts[path.parts.index(f"_{collection}") + 1 :] if collection else path.parts[-1:]
        place = PurePath(*below).with_suffix("").as_posix()
        return {**values, "collection": collection, "path": place, "basename": path.stem}

    def term_pages(self, path: PurePath, file: MarkdownFile) -> Iterable[tuple[str, str]]:
        """Yield the tags and categories of a post with the addresses of their pages, which jekyll-archives makes."""
        archives = value_of(self.config, "jekyll-archives")
        if archives is None:
            return
        for kind, names in (("tag", file.own_tags), ("category", file.categories)):
            pattern = text_of(archives, "permalinks", kind) or f"/{kind}/:name/"
            for name in names:
                slug = re.sub(r"[\W_]+", "-", name.lower()).strip("-")
                yield name, self.at_root(pattern.replace(":name", slug)) or ""

    def root_path(self) -> str:
        """Return the path of the home page."""
        return text_of(self.config, "baseurl") or "/"

    def _pattern(self, path: PurePath) -> str:
        collection, usual = self._collection(path), text_of(self.config, "permalink")
        if collection and not self.pattern:
            end = "/" if usual == "pretty" or usual.endswith("/") else ":output_ext"
            own = text_of(self.config, "collections", collection.lower(), "permalink")
            return own or (f"/:collection/:path{end}" if self.config else "")
        return self.pattern or usual or ("date" if self.config else "")

    def _collection(self, path: PurePath) -> str:
        """Return the name of the collection of a file, or an empty string."""
        return next((part.removeprefix("_") for part in path.parts[:-1] if part in self._collections()), "")

    def _collections(self) -> set[str]:
        found = value_of(self.config, "collections")
        names = found if isinstance(found, dict | list) else ()
        return {f"_{name}" for name in names if name not in {"posts", "drafts"}}
