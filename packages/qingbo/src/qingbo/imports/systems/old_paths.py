"""Redirects from the addresses of another blog."""

from collections.abc import Iterable
from dataclasses import dataclass

from qingbo.imports.report import Item, Outcome, Topic
from qingbo.imports.target import Target
from qingbo.posts.addresses import path_of
from qingbo.posts.models import Post
from qingbo.posts.old_addresses import Stored, add_redirect


@dataclass(slots=True)
class OldPaths:
    """Adds redirects, and counts them. Flushes; the caller commits."""

    target: Target
    source: str
    """The file or database, for remarks."""

    def add_to_post(self, addresses: Iterable[str], post: Post) -> None:
        """Redirect old addresses to a post or page."""
        for address in dict.fromkeys(addresses):
            self._add(address, path_of(post.slug), post)

    def add(self, addresses: Iterable[str], new: str) -> None:
        """Redirect old addresses to another path of this site."""
        for address in dict.fromkeys(addresses):
            self._add(address, new)

    def _add(self, address: str, new: str, post: Post | None = None) -> None:
        stored, report = add_redirect(self.target.session, address, new, post), self.target.report
        if stored is Stored.OWN:
            return
        if stored in {Stored.NEW, Stored.UNCHANGED}:
            report.count(Item.REDIRECT, Outcome(stored))
            return
        report.count(Item.REDIRECT, Outcome.SKIPPED)
        why = "something else has it here" if stored is Stored.TAKEN else "it is empty or too long"
        report.note(Topic.CHECK, self.source, f"the old address {address} does not redirect to {new}: {why}")
