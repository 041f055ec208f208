"""The patterns of Ghost's addresses: from `routes.yaml`, or from the setting that old releases had. Pure functions.

Rules: https://docs.ghost.org/themes/routing, Ghost 5.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from qingbo.imports.bad_file import BadFile
from qingbo.imports.generators.config_files import Config, read_config, text_of, value_of

_TOKEN = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Routes:
    """The patterns, with tokens such as ``{slug}``."""

    posts: tuple[str, ...] = ("/{slug}/",)
    """Of all collections. Their filters are not evaluated: a post redirects from each of them."""
    tag: str = "/tag/{slug}/"
    author: str = "/author/{slug}/"

    def of_post(self, values: Mapping[str, str]) -> Iterator[str]:
        """Yield the addresses that a post may have had."""
        for pattern in self.posts:
            if all(values.get(name) for name in _TOKEN.findall(pattern)):
                yield _TOKEN.sub(lambda found: values[found[1]], pattern)

    def of_tag(self, slug: str) -> list[str]:
        """Return the addresses of a tag: none if tags have no pages."""
        return [self.tag.replace("{slug}", slug)] if slug and self.tag else []

    def of_author(self, slug: str) -> str:
        """Return the address of an author, or an empty string."""
        return self.author.replace("{slug}", slug) if slug and self.author else ""


def routes_of_setting(permalinks: object) -> Routes:
    """Return the routes for a setting such as ``/:year/:slug/``."""
    is_pattern = isinstance(permalinks, str) and ":slug" in permalinks
    return Routes((re.sub(r":(\w+)", r"{\1}", str(permalinks)),)) if is_pattern else Routes()


def read_routes(path: Path) -> Routes:
    """Read `routes.yaml`.

    Raises:
        BadFile: if it cannot be read.
    """
    config, problem = read_config([path])
    if problem:
        raise BadFile(problem.removeprefix(f"{path} "))
    collections = value_of(config, "collections")
    found = collections.values() if isinstance(collections, dict) else ()
    patterns = [text_of(each, "permalink") for each in found if isinstance(each, dict)]
    usual = Routes()
    return Routes(
        tuple(dict.fromkeys(filter(None, patterns))) or usual.posts,
        _taxonomy(config, "tag", usual.tag),
        _taxonomy(config, "author", usual.author),
    )


def _taxonomy(config: Config, name: str, usual: str) -> str:
    taxonomies = value_of(config, "taxonomies")
    return text_of(config, "taxonomies", name) if isinstance(taxonomies, dict) else usual
