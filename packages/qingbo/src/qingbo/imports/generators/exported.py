"""The rules of our own export: every file is as it was, and says by itself what it is. Pure."""

from collections.abc import Sequence
from datetime import tzinfo
from pathlib import PurePath

from qingbo.imports.exported.layout import PAGES, POSTS
from qingbo.imports.generators.plain import Generator
from qingbo.imports.markdown_file import MarkdownFile


class Exported(Generator):
    """The rules of `qingbo export`."""

    name = "qingbo"

    def outside(self, path: PurePath) -> str:
        """Return why a file is not a post of the export."""
        return "" if path.parts[0] in {POSTS, PAGES} else f"{path.parts[0]} has no posts"

    def slug(self, path: PurePath, file: MarkdownFile) -> str:
        """Return the slug in front matter."""
        return file.slug

    def addresses(self, path: PurePath, file: MarkdownFile, zone: tzinfo) -> Sequence[str]:
        """Return the old addresses in front matter; `qingbo.json` may have more."""
        return file.old_addresses
