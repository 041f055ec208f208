"""Tags and series of our own export. What the blog has already stays as it is."""

from pathlib import Path

from qingbo.errors import InputRefused
from qingbo.imports.exported.contents import SeriesItem, TagItem, items
from qingbo.imports.report import Item, Outcome, Topic
from qingbo.imports.target import Target
from qingbo.posts.series import stored_series
from qingbo.posts.tagging import checked_tags, stored_tag


def take_tags(target: Target, path: Path) -> None:
    """Make the tags that are missing, with their addresses and descriptions. Commits each."""
    for number, item in items(path, "tags", TagItem):
        if isinstance(item, str):
            target.report.note(Topic.CHECK, f"{path}, tags, item {number}", f"{item}, so it was ignored")
            continue
        try:
            for name in checked_tags([item.name]):
                tag = stored_tag(target.session, name, item.slug, item.description)
                target.count_tag(tag)
        except InputRefused as error:
            target.session.rollback()
            target.report.note(Topic.CHECK, f"{path}, tags, item {number}", str(error))
        target.keep()


def take_series(target: Target, path: Path) -> dict[str, str]:
    """Make the series that are missing. Commits each. Return their slugs here by those in the export."""
    slugs = {}
    for number, item in items(path, "series", SeriesItem):
        if isinstance(item, str):
            target.report.note(Topic.CHECK, f"{path}, series, item {number}", f"{item}, so it was ignored")
            continue
        try:
            series, is_new = stored_series(target.session, item.title, item.slug, item.description)
        except InputRefused as error:
            target.session.rollback()
            target.report.note(Topic.CHECK, f"{path}, series, item {number}", str(error))
            continue
        if is_new and item.created_at:
            series.created_at = item.created_at
        slugs[item.slug] = series.slug
        target.report.count(Item.SERIES, Outcome.NEW if is_new else Outcome.UNCHANGED)
        target.keep()
    return slugs
