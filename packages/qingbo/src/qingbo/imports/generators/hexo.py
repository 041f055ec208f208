"""Hexo: posts in source/_posts, pages elsewhere in source. Pure.

Rules: https://hexo.io/docs/permalinks and https://hexo.io/docs/writing, Hexo 7.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import tzinfo
from hashlib import sha1
from pathlib import PurePath

from qingbo.imports.fields import name_of, undated
from qingbo.imports.generators.config_files import is_on, text_of
from qingbo.imports.generators.permalinks import escaped, filled
from qingbo.imports.generators.plain import Generator
from qingbo.imports.markdown_file import MarkdownFile

DEFAULT = ":year/:month/:day/:title/"
SOURCE = "source"
POSTS = {"_posts", "_drafts"}
_SPECIAL = re.compile(r"[\s~`!@#$%^&*()\-_+=\[\]{}|\\;:\"'<>,.?/\x00-\x1f]+")
"""What Hexo replaces in addresses (hexo-util, slugize)."""


class Hexo(Generator):
    """The rules of a Hexo site."""

    name = "hexo"
    shortcodes = "nunjucks"

    def zone_name(self) -> str:
        """The time zone of dates without one."""
        return text_of(self.config, "timezone")

    def breaks_lines(self) -> bool:
        """Whether a renderer shows line breaks; that of Hexo does unless it is switched off."""
        for keys in (("marked", "breaks"), ("markdown", "render", "breaks"), ("markdown_it", "breaks")):
            if (switch := is_on(self.config, *keys)) is not None:
                return switch
        return "hexo-renderer-marked" in self.packages

    def outside(self, path: PurePath) -> str:
        """Return why a file is not part of the site."""
        if path.parts[0] != (text_of(self.config, "source_dir") or SOURCE):
            return f"it is not in {SOURCE}, so Hexo does not publish it"
        return super().outside(path)

    def is_page(self, path: PurePath, file: MarkdownFile) -> bool:
        """Return whether a file is outside of _posts and _drafts."""
        return super().is_page(path, file) or not POSTS & set(path.parts)

    def unpublished(self, path: PurePath, file: MarkdownFile) -> str:
        """Return that a theme writes the page, if so."""
        return "the theme fills this page" if not file.text.strip() and self.is_page(path, file) else ""

    def slug(self, path: PurePath, file: MarkdownFile) -> str:
        """Return the slug: the name of the file."""
        name = name_of(path) if self.is_page(path, file) else path.stem
        return file.slug or self.named_slug(file) or undated(name) or name

    def address(self, path: PurePath, file: MarkdownFile, zone: tzinfo) -> str | None:
        """Return the address that a post had."""
        if file.permalink:
            return self.at_root(filled(file.permalink, self.values(path, file, zone)))
        if self.is_page(path, file):
            return self.at_root(escaped(PurePath(*path.parts[1:]).with_suffix(".html").as_posix()))
        pattern = self.pattern or (text_of(self.config, "permalink") or (DEFAULT if self.config else ""))
        return self.at_root(filled(pattern, self.values(path, file, zone))) if pattern else None

    def values(self, path: PurePath, file: MarkdownFile, zone: tzinfo) -> dict[str, str]:
        """Return the values of tokens: ``:title`` contains the folders below _posts."""
        values = super().values(path, file, zone)
        below = PurePath(*path.parts[_after_posts(path) :]).with_suffix("")
        has_date = ":year" in text_of(self.config, "new_post_name")
        name = (undated(below.name) or below.name) if has_date else below.name
        values["title"] = file.slug or below.with_name(name).as_posix()
        values["name"] = name
        categories = file.category_paths[-1] if file.category_paths else ()
        values["category"] = "/".join(map(self._category, categories)) or (
            text_of(self.config, "default_category") or "uncategorized"
        )
        if date := file.date or file.publish_at:
            values["hash"] = sha1(f"{values['title']}{int(date.timestamp())}".encode()).hexdigest()[:12]  # noqa: S324
        # Every key of front matter is a token, such as abbrlink.
        return {**self._defaults(), **{key: text for key, text in file.values.items() if text}, **values}

    def term_pages(self, path: PurePath, file: MarkdownFile) -> Iterable[tuple[str, str]]:
        """Yield the tags and categories of a post with the addresses of their pages."""
        tag_dir = text_of(self.config, "tag_dir") or "tags"
        for tag in file.own_tags:
            name = text_of(self.config, "tag_map", tag.lower()) or tag
            yield tag, self.at_root(f"{tag_dir}/{slugized(name)}") or ""
        category_dir = text_of(self.config, "category_dir") or "categories"
        for names in file.category_paths:
            slugs = [self._category(name) for name in names]
            for number, name in enumerate(names, 1):
                yield name, self.at_root("/".join((category_dir, *slugs[:number]))) or ""

    def _category(self, name: str) -> str:
        return slugized(text_of(self.config, "category_map", name.lower()) or name)

    def root_path(self) -> str:
        """Return the path of the home page."""
        return text_of(self.config, "root") or "/"

    def _defaults(self) -> dict[str, str]:
        found = self.config.get("permalink_defaults")
        return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def slugized(text: str) -> str:
    """Return a name as Hexo writes it in addresses: hyphens for spaces and signs, and letters in their case."""
    letters = unicodedata.normalize("NFD", text)
    plain = "".join(each for each in letters if not "\u0300" <= each <= "\u036f")
    return _SPECIAL.sub("-", unicodedata.normalize("NFC", plain)).strip("-")


def _after_posts(path: PurePath) -> int:
    """Return how many of the parts of a path lead to the folder of posts."""
    found = [number for number, part in enumerate(path.parts[:-1]) if part in POSTS]
    return found[0] + 1 if found else min(1, len(path.parts) - 1)
