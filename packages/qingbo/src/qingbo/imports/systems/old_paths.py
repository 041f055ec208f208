"""Redirects from the addresses of another blog."""

from collections.abc import Iterable
from dataclasses import dataclass

from qingbo.imports.old_addresses import add_redirect
from qingbo.imports.report import Item, Outcome
from qingbo.imports.target import Target


@dataclass(slots=True)
class OldPaths:
    """Adds redirects, and counts them. Flushes; the caller commits."""

    target: Target

    def add(self, paths: Iterable[str], new: str) -> None:
        """Redirect paths, with a query where they have one, to a path of this site."""
        for path in dict.fromkeys(paths):
            outcome = add_redirect(self.target.session, path, new)
            self.target.report.count(Item.REDIRECT, outcome or Outcome.SKIPPED)
