"""Old addresses of our own export."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from qingbo.imports.exported.contents import RedirectItem, items
from qingbo.imports.report import Item, Outcome, Topic
from qingbo.imports.target import Target
from qingbo.posts.addresses import path_of, path_of_series
from qingbo.posts.models import Post
from qingbo.posts.old_addresses import Stored, restore_redirect

AT_ONCE = 100
_REASONS = {Stored.TAKEN: "the blog has another page there", Stored.UNUSABLE: "it or its target is no path of a page"}


def take_redirects(target: Target, path: Path, posts: Mapping[str, int | None], series: Mapping[str, str]) -> None:
    """Redirect old addresses to the pages that have their targets here. Commits.

    Args:
        target: the blog.
        path: of `qingbo.json`.
        posts: the number here of each post by its slug in the export; None if it is deleted here.
        series: the slug here of each series by its slug in the export.
    """
    for number, item in items(path, "redirects", RedirectItem):
        source = f"{path}, redirects, item {number}"
        if isinstance(item, str):
            target.report.note(Topic.CHECK, source, f"{item}, so it was ignored")
            continue
        new, post = _target(target, item.target, posts, series)
        if new:
            _restore(target, source, item.path, new, post)
        if number % AT_ONCE == 0:
            target.keep()
    target.keep()


def _target(
    target: Target, path: str, posts: Mapping[str, int | None], series: Mapping[str, str]
) -> tuple[str, Post | None]:
    """Return the path here, and its post; an empty path if there is no such page."""
    kind, slug = path.rpartition("/")[::2]
    if path == path_of(slug):
        number = posts.get(slug)
        post = target.session.scalar(select(Post).where(Post.id == number)) if number else None
        return (path_of(post.slug), post) if post else ("", None)
    if path == path_of_series(slug):
        return (path_of_series(series[slug]), None) if slug in series else ("", None)
    return path if kind else "", None


def _restore(target: Target, source: str, path: str, new: str, post: Post | None) -> None:
    stored = restore_redirect(target.session, path, new, post)
    if stored in {Stored.NEW, Stored.UNCHANGED}:
        target.report.count(Item.REDIRECT, Outcome(stored))
    elif reason := _REASONS.get(stored):
        target.report.count(Item.REDIRECT, Outcome.SKIPPED)
        target.report.note(Topic.CHECK, source, f"the old address {path[:200]} does not redirect to {new}: {reason}")
