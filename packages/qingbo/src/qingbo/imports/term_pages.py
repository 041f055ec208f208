"""Redirects the pages of tags and categories on the old site to the pages of tags here. Flushes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from qingbo.accounts.names import clean
from qingbo.imports.doubts import Doubt
from qingbo.imports.report import Item, Outcome
from qingbo.imports.target import Target
from qingbo.posts.models import Post
from qingbo.posts.old_addresses import Stored, add_redirect
from qingbo.posts.queries import tag_named
from qingbo.rendering.characters import on_one_line


class TermPage(NamedTuple):
    """The page of a tag or a category on the old site."""

    name: str
    """Of the tag that it is here."""
    address: str


@dataclass(slots=True)
class TermPages:
    """The pages that this import has redirected, each once."""

    target: Target
    _seen: set[str] = field(default_factory=set)

    def redirect(self, post: Post, pages: Iterable[TermPage]) -> list[Doubt]:
        """Redirect the pages of a post's tags, count them, and return doubts about those that cannot redirect.

        Those of a draft would tell its tags.
        """
        doubts: list[Doubt] = []
        if post.date is None:
            return doubts
        for name, address in pages:
            if address in self._seen or (tag := tag_named(self.target.session, clean(on_one_line(name)))) is None:
                continue
            self._seen.add(address)
            stored = add_redirect(self.target.session, address, f"/tags/{tag.slug}")
            if stored in {Stored.NEW, Stored.UNCHANGED}:
                self.target.report.count(Item.REDIRECT, Outcome(stored))
            elif stored is Stored.TAKEN:
                text = f"{address}, of “{tag.name}”, does not redirect: the blog has another page there"
                doubts.append(Doubt(text))
        return doubts
