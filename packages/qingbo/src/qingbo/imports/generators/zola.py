"""Zola: like Hugo, but with its own addresses and shortcodes. Pure.

Rules: https://www.getzola.org/documentation/content/page/, Zola 0.19.
"""

from collections.abc import Iterable
from datetime import tzinfo
from pathlib import PurePath

from qingbo.imports.fields import bare_name, undated
from qingbo.imports.generators.config_files import text_of
from qingbo.imports.generators.hugo import Hugo
from qingbo.imports.generators.permalinks import escaped, filled
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.rendering.slugs import slug_of


class Zola(Hugo):
    """The rules of a Zola site."""

    name = "zola"
    shortcodes = "zola"

    def withheld(self, path: PurePath, file: MarkdownFile) -> Iterable[str]:
        """Return that Zola writes no page of a file, if so."""
        yield from super().withheld(path, file)
        if file.values.get("render") == "false":
            yield "render: false"

    def address(self, path: PurePath, file: MarkdownFile, zone: tzinfo) -> str | None:
        """Return the address that a post had: folders and slug, without the date in the name."""
        if file.permalink:
            return self.at_root(file.permalink)
        if self.pattern and not self.is_page(path, file):
            return self.at_root(filled(self.pattern, self.values(path, file, zone)))
        if not self.config:
            return None
        name = self._name(path)
        end = () if bare_name(path) == "_index" else (file.slug or self._slugified(undated(name) or name),)
        found = "/".join((*self._language(path), *map(self._slugified, self._sections(path)), *end))
        return self.at_root(escaped(found)) if found else None

    def term_pages(self, path: PurePath, file: MarkdownFile) -> Iterable[tuple[str, str]]:
        """Yield the tags and categories of a post with the addresses of their pages."""
        for plural, names in (("tags", file.own_tags), ("categories", file.categories)):
            for name in names:
                is_slug = (text_of(self.config, "slugify", "taxonomies") or "on") == "on"
                place = (*self._language(path), plural, slug_of(name) if is_slug else name)
                yield name, self.at_root("/".join(place)) or ""

    def alias(self, address: str, computed: str | None) -> str | None:
        """Return an old address, which is always below the root."""
        return self.at_root(address)

    def _default_language(self) -> str:
        return (text_of(self.config, "default_language") or "en").lower()

    def _slugified(self, name: str) -> str:
        return slug_of(name) if (text_of(self.config, "slugify", "paths") or "on") == "on" else name
