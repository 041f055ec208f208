"""Jekyll: posts in _posts at any depth, pages elsewhere if they have front matter. Pure.

Rules: https://jekyllrb.com/docs/permalinks/ and https://jekyllrb.com/docs/structure/, Jekyll 4.
"""

from datetime import tzinfo
from pathlib import PurePath

from qingbo.imports.fields import name_of, undated
from qingbo.imports.generators.config_files import is_on, text_of, value_of
from qingbo.imports.generators.permalinks import filled, urlized
from qingbo.imports.generators.plain import Generator
from qingbo.imports.markdown_file import MarkdownFile

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

    def slug(self, path: PurePath, file: MarkdownFile) -> str:
        """Return the slug: the name of the file."""
        name = name_of(path) if self.is_page(path, file) else path.stem
        return file.slug or self.named_slug(file) or undated(name) or name

    def address(self, path: PurePath, file: MarkdownFile, zone: tzinfo) -> str | None:
        """Return the address that a post had."""
        pattern = file.permalink or ("" if self.is_page(path, file) else self._pattern())
        if not pattern and self.is_page(path, file):
            return self.at_root(path.with_suffix(".html").as_posix())
        return self.at_root(filled(STYLES.get(pattern, pattern), self.values(path, file, zone))) if pattern else None

    def values(self, path: PurePath, file: MarkdownFile, zone: tzinfo) -> dict[str, str]:
        """Return the values of tokens: the folders above _posts are categories."""
        values = super().values(path, file, zone)
        above = path.parts[: next((n for n, part in enumerate(path.parts) if part in POSTS), 0)]
        categories = [urlized(each) for each in (*above, *file.categories)]
        values["categories"] = "/".join(dict.fromkeys(filter(None, categories)))
        collection = next((part.removeprefix("_") for part in path.parts if part in self._collections()), "")
        return {**values, "collection": collection, "path": path.with_suffix("").name, "basename": path.stem}

    def root_path(self) -> str:
        """Return the path of the home page."""
        return text_of(self.config, "baseurl") or "/"

    def _pattern(self) -> str:
        return self.pattern or text_of(self.config, "permalink") or ("date" if self.config else "")

    def _collections(self) -> set[str]:
        found = value_of(self.config, "collections")
        names = found if isinstance(found, dict | list) else ()
        return {f"_{name}" for name in names if name not in {"posts", "drafts"}}
