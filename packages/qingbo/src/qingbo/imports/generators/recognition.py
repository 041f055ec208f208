"""Recognises the generator of a folder by its configuration and its folders."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from qingbo.imports.exported.layout import CONTENTS
from qingbo.imports.generators.config_files import read_config
from qingbo.imports.generators.exported import Exported
from qingbo.imports.generators.hexo import Hexo
from qingbo.imports.generators.hugo import Hugo
from qingbo.imports.generators.hugo_config import MAIN_FILES, read_hugo_config
from qingbo.imports.generators.jekyll import Jekyll
from qingbo.imports.generators.plain import Generator
from qingbo.imports.generators.zola import Zola
from qingbo.imports.markdown_file import MarkdownFile

POSTS = {"hexo": "source/_posts", "jekyll": "_posts", "hugo": "content", "zola": "content"}
"""The folders of posts."""
LEVELS = 4
"""How many levels above the imported folder the root of the site may be."""
YAML_CONFIG = ("_config.yml", "_config.yaml", "_config.toml")
ZOLA_CONFIG = ("zola.toml", "config.toml")
SITE_FOLDERS = ("static", "source", "public", "assets", "content")
"""Folders that Hugo, Zola, Hexo and others publish as the root of the site."""


class Obsidian(Generator):
    """The rules of an Obsidian vault: every note is a post."""

    name = "obsidian"
    shortcodes = "wiki"
    finds_by_name = True

    def tag(self, written: str) -> str:
        """Return a tag without the ``#`` before it."""
        return written.lstrip("#") or written

    def withheld(self, path: PurePath, file: MarkdownFile) -> Iterable[str]:
        """Return that the plugin Digital Garden does not publish a note, if so."""
        if file.values.get("dg-publish", "").lower() == "false":
            yield "dg-publish: false"


GENERATORS: dict[str, type[Generator]] = {
    each.name: each for each in (Exported, Hexo, Hugo, Jekyll, Zola, Obsidian, Generator)
}


@dataclass(slots=True)
class Site:
    """A folder with a site."""

    root: Path
    generator: Generator
    problem: str = ""
    """Why the configuration could not be read."""
    prefix: str = ""
    """Where the root is within a site, if there is only a folder of posts."""

    def inside(self, path: Path) -> PurePath | None:
        """Return the path of a file within the site; None if it is elsewhere, by a symbolic link."""
        resolved = path.resolve()
        return PurePath(self.prefix) / resolved.relative_to(self.root) if resolved.is_relative_to(self.root) else None


def recognised(folder: Path, name: str = "") -> Site:
    """Return the site that contains a folder.

    Args:
        folder: to import, absolute.
        name: of the generator; empty to recognise it.
    """
    for root in (folder, *folder.parents)[: LEVELS + 1]:
        found = name if name and _has_shape(root, name) else _name_of(root) if not name else ""
        if found and not _excludes(root, folder, found):
            return _site(root, found)
    if name:
        return Site(folder, GENERATORS[name](), prefix=POSTS.get(name, ""))
    return Site(_likely_root(folder), Generator())


def _site(root: Path, name: str) -> Site:
    config, problem = _config(root, name)
    return Site(root, GENERATORS[name](config, packages=_packages(root)), problem)


def _config(root: Path, name: str) -> tuple[dict[str, Any], str]:
    if name == "hugo":
        return read_hugo_config(root)
    names = {"hexo": YAML_CONFIG, "jekyll": YAML_CONFIG, "zola": ZOLA_CONFIG}
    return read_config(root / each for each in names.get(name, ()))


def _name_of(root: Path) -> str:
    return next(
        (name for name in ("qingbo", "obsidian", "hexo", "jekyll", "zola", "hugo") if _has_shape(root, name)), ""
    )


def _has_shape(root: Path, name: str) -> bool:
    """Return whether a folder looks like the root of a site."""

    def has(*names: str) -> bool:
        return any((root / each).exists() for each in names)

    match name:
        case "qingbo":
            return (root / CONTENTS).is_file()
        case "obsidian":
            return (root / ".obsidian").is_dir()
        case "hexo":
            return has("source/_posts", "source/_drafts") or (has(*YAML_CONFIG) and has("source", "scaffolds"))
        case "jekyll":
            is_hexo = has("source/_posts", "scaffolds") or root.name == "source"
            return not is_hexo and (has("_posts") or (has(*YAML_CONFIG) and has("Gemfile", "_layouts", "_drafts")))
        case "zola":
            return has("content") and "base_url" in _config(root, "zola")[0]
        case "hugo":
            return has("content") and has(*MAIN_FILES)
    return False


def _excludes(root: Path, folder: Path, name: str) -> bool:
    """Return whether the imported folder is outside of what the generator publishes."""
    if root == folder:
        return False
    return bool(GENERATORS[name](_config(root, name)[0]).outside(folder.relative_to(root) / "a.md"))


def _likely_root(folder: Path) -> Path:
    """Return the folder for addresses that begin with /, without a known generator."""
    for each in (folder, *folder.parents)[: LEVELS + 1]:
        if each.name in SITE_FOLDERS:
            return each.parent
        if any((each / name).is_dir() for name in ("static", "source")):
            return each
    return folder


def _packages(root: Path) -> frozenset[str]:
    try:
        found: Any = json.loads((root / "package.json").read_text("utf-8-sig")[:1_000_000])
        return frozenset(found["dependencies"])
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()
