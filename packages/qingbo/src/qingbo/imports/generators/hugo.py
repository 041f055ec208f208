"""Hugo: everything in content; folders are sections, and the files at the top of it are pages. Pure.

Rules: https://gohugo.io/content-management/urls/ and https://gohugo.io/content-management/page-bundles/, Hugo 0.140.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import tzinfo
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from qingbo.imports.dates import zone_in
from qingbo.imports.fields import bare_name, name_of, undated
from qingbo.imports.generators.cascades import inherited_values, reasons_of_sections
from qingbo.imports.generators.config_files import Config, is_on, text_of, value_of
from qingbo.imports.generators.permalinks import escaped, filled, urlized
from qingbo.imports.generators.plain import Generator
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.imports.metadata import Value

CONTENT = "content"


class Hugo(Generator):
    """The rules of a Hugo site."""

    name = "hugo"
    shortcodes = "hugo"

    def zone_name(self) -> str:
        """The time zone of dates without one."""
        return text_of(self.config, "timezone")

    def outside(self, path: PurePath) -> str:
        """Return why a file is not part of the site."""
        folders = {text_of(self.config, "contentdir") or CONTENT, *self._content_folders().values()}
        if not any(path.is_relative_to(folder) for folder in folders):
            return f"it is not in {CONTENT}, so {self.name.capitalize()} does not publish it"
        return super().outside(path)

    def is_page(self, path: PurePath, file: MarkdownFile) -> bool:
        """Return whether a file is the page of a section, at the top, or has the type ``page``."""
        if bare_name(path) == "_index" or file.layout == "page":
            return True
        is_at_top = len(self._sections(path)) == 0
        return is_at_top and (self.has_sections or (file.date or file.publish_at) is None)

    def is_in_section(self, path: PurePath) -> bool:
        """Return whether a file is in a section, and not its page."""
        return bool(self._sections(path)) and bare_name(path) != "_index"

    def unpublished(self, path: PurePath, file: MarkdownFile) -> str:
        """Return that a theme writes the page, if so."""
        if file.text.strip() or not self.is_page(path, file):
            return ""
        is_section = bare_name(path) == "_index"
        return "it is a section without a text" if is_section else "the theme fills this page"

    def learn(self, path: PurePath, front: Callable[[], Mapping[str, Value]]) -> None:
        """Remember the pages of sections, and which folders are bundles."""
        name = bare_name(path)
        if name == "_index":
            self.sections[path.parent] = {**front(), **self.sections.get(path.parent, {})}
        elif name == "index" and len(path.parts) > 2:
            self.bundles.add(path.parent)

    def inherited(self, path: PurePath) -> Mapping[str, Value]:
        """Return what cascades down from the sections above."""
        return inherited_values(path, self.sections, value_of(self.config, "cascade"))

    def withheld(self, path: PurePath, file: MarkdownFile) -> Iterable[str]:
        """Return whether a file is in a draft section, or belongs to a bundle."""
        yield from reasons_of_sections(path, self.sections)
        above = path.parents if bare_name(path) != "index" else list(path.parents)[1:]
        if bundle := next((folder for folder in above if folder in self.bundles), None):
            yield f"it belongs to the page {bundle.name}, and {self.name.capitalize()} makes no page of it"

    def slug(self, path: PurePath, file: MarkdownFile) -> str:
        """Return the slug: the name of the file or of the bundle; that of the home page comes from its title."""
        if bare_name(path) == "_index" and not self._sections(path):
            return file.slug
        name = self._name(path)
        return file.slug or self.named_slug(file) or undated(name) or name

    def address(self, path: PurePath, file: MarkdownFile, zone: tzinfo) -> str | None:
        """Return the address that a post had. Its day is that of the zone in its date."""
        zone = zone_in(file.values.get("date")) or zone
        if file.permalink:
            return self.at_root(filled(file.permalink, self.values(path, file, zone)))
        sections = self._sections(path)
        pattern = self.pattern if sections else ""
        if bare_name(path) == "_index":
            if sections[:1] and sections[0] in self._taxonomies().values():
                return None  # it describes a tag, whose page is here
            place = escaped("/".join((*self._language(path), *map(urlized, sections))))
            return self.at_root(place) if self.config and place else None
        pattern = pattern or (self._pattern(sections[0]) if sections else "")
        if pattern:
            found = filled(pattern, self.values(path, file, zone))
            return self.at_root("/".join((*self._language(path), found.lstrip("/")))) if found else None
        if not self.config:
            return None
        end = urlized(file.slug or self._name(path))
        return self.at_root(escaped("/".join((*self._language(path), *map(urlized, sections), end))))

    def values(self, path: PurePath, file: MarkdownFile, zone: tzinfo) -> dict[str, str]:
        """Return the values of tokens."""
        name, sections = urlized(self._name(path)), [urlized(each) for each in self._sections(path)]
        slug, title = urlized(file.slug), urlized(file.title)
        return {
            **super().values(path, file, zone),
            "section": sections[0] if sections else "", "sections": "/".join(sections), "title": title,
            "slug": slug or title, "filename": name, "slugorfilename": slug or name, "contentbasename": name,
            "slugorcontentbasename": slug or name,
        }  # fmt: skip

    def term_pages(self, path: PurePath, file: MarkdownFile) -> Iterable[tuple[str, str]]:
        """Yield the tags and categories of a post with the addresses of their pages."""
        plurals = self._taxonomies()
        for singular, names in (("tag", file.own_tags), ("category", file.categories)):
            if plural := plurals.get(singular):
                for name in names:
                    place = (*self._language(path), plural, urlized(name))
                    yield name, self.at_root(escaped("/".join(place))) or ""

    def _taxonomies(self) -> dict[str, str]:
        """Return the folder of each kind of term."""
        found = value_of(self.config, "taxonomies")
        if not isinstance(found, dict):
            return {"tag": "tags", "category": "categories"}
        return {singular: str(plural) for singular, plural in found.items()}

    def alias(self, address: str, computed: str | None) -> str | None:
        """Return an old address; one without a slash at its beginning is below the folder of the post."""
        if address.startswith("/") or "://" in address or computed is None:
            return self.at_root(address)
        return f"{computed.rstrip('/').rpartition('/')[0]}/{address}"

    def root_path(self) -> str:
        """Return the path of the home page."""
        return urlsplit(text_of(self.config, "baseurl") or text_of(self.config, "base_url")).path or "/"

    def _name(self, path: PurePath) -> str:
        """Return the name of the file or of the bundle, without its language."""
        stem = bare_name(path) if self._language_of_name(path) else path.stem
        return name_of(path.with_name(f"{stem}.md"))

    def _sections(self, path: PurePath) -> tuple[str, ...]:
        """Return the folders of a file in content, without that of its bundle and that of a language."""
        folders = self._language_and_folders(path)[1]
        return folders[:-1] if bare_name(path) == "index" else folders

    def _language(self, path: PurePath) -> tuple[str, ...]:
        """Return the part of an address that names the language."""
        language = self._language_of_name(path) or self._language_and_folders(path)[0]
        is_shown = language != self._default_language() or is_on(self.config, "defaultcontentlanguageinsubdir")
        return (language,) if language and is_shown else ()

    def _default_language(self) -> str:
        return (text_of(self.config, "defaultcontentlanguage") or "en").lower()

    def _language_and_folders(self, path: PurePath) -> tuple[str, tuple[str, ...]]:
        """Return the language that the folders of a file say, or an empty string, and the folders within content."""
        for language, folder in self._content_folders().items():
            if path.is_relative_to(folder):
                return language, path.relative_to(folder).parts[:-1]
        main = text_of(self.config, "contentdir") or CONTENT
        folders = path.relative_to(main).parts[:-1] if path.is_relative_to(main) else path.parts[1:-1]
        if folders and folders[0].lower() in self._languages():
            return folders[0].lower(), folders[1:]
        return "", folders

    def _language_of_name(self, path: PurePath) -> str:
        end = path.stem.rpartition(".")[2].lower() if "." in path.stem else ""
        return end if end in self._languages() else ""

    def _languages(self) -> dict[str, Any]:
        found = value_of(self.config, "languages")
        return found if isinstance(found, dict) else {}

    def _content_folders(self) -> dict[str, str]:
        """Return the folder of each language that has one, the deepest first."""
        found = {name: text_of(each, "contentdir") for name, each in self._languages().items()}
        return {name: folder for name, folder in sorted(found.items(), key=lambda each: -len(each[1])) if folder}

    def _pattern(self, section: str) -> str:
        permalinks: Config = value_of(self.config, "permalinks") or {}
        pages = value_of(permalinks, "page") if isinstance(permalinks, dict) else None
        for table in (pages, permalinks):
            if isinstance(table, dict) and isinstance(found := table.get(section.lower()) or table.get("/"), str):
                return found
        return ""
