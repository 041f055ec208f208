"""The archive: years with their titles by month, and the list of tags."""

from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, render_template, request

from qingbo.arguments import asked_cursor
from qingbo.extensions import session
from qingbo.posts import listing, queries
from qingbo.posts.archive_counts import count_by_year
from qingbo.posts.first_use import after_first_use
from qingbo.posts.models import TAG_LENGTH
from qingbo.posts.tag_counts import listed_tags
from qingbo.site.views import bp
from qingbo.site_settings import current_zone

FIRST_YEAR, LAST_YEAR = 1000, 9998
MOST_YEARS = 200
"""Maximum in the archive, in case a post has a date in the Middle Ages."""
TITLES_PER_PAGE = 500
TAGS_PER_PAGE = 300


@bp.get("/tags")
def list_tags() -> str:
    """Show the tags of public posts by name, with their numbers of posts."""
    with after_first_use(session()) as counted:
        found = listed_tags(counted, request.args.get("after", "")[:TAG_LENGTH], TAGS_PER_PAGE)
    tags = found[:TAGS_PER_PAGE]
    return render_template("site/tags.html", tags=tags, more=tags[-1].name_key if len(found) > TAGS_PER_PAGE else None)


@bp.get("/archive")
def show_archive() -> str:
    """Show the years with public posts, with their numbers of posts."""
    span = queries.archive(session())
    zone = current_zone()
    first, last = (span.oldest.astimezone(zone).year, span.newest.astimezone(zone).year) if span else (1, 0)
    shown = range(max(first, last - MOST_YEARS + 1), last + 1)
    counted = count_by_year(session(), zone, shown)
    return render_template("site/archive.html", years=[(year, count) for year, count in counted.items() if count][::-1])


@bp.get("/archive/<int:year>")
def show_year(year: int) -> str:
    """Show the titles of a year by month."""
    return _titles_page(year, None, _month(year, 1), _month(year + 1, 1))


@bp.get("/archive/<int:year>/<int:month>")
def show_month(year: int, month: int) -> str:
    """Show the titles of a month."""
    return _titles_page(year, month, _month(year, month), _month(year + month // 12, month % 12 + 1))


def _titles_page(year: int, month: int | None, start: datetime, end: datetime) -> str:
    page = listing.titles_between(session(), start, end, asked_cursor(), TITLES_PER_PAGE)
    zone = current_zone()
    by_month = [(at, list(posts)) for at, posts in groupby(page.items, lambda post: _first_day(post, zone))]
    return render_template("site/period.html", page=page, months=by_month, year=year, month=month, start=start)


def _first_day(post: Any, zone: ZoneInfo) -> datetime:
    local: datetime = post.published_at.astimezone(zone)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _month(year: int, month: int) -> datetime:
    # Years whose dates are valid in every time zone.
    if not (FIRST_YEAR <= year <= LAST_YEAR + 1 and 1 <= month <= 12):
        abort(404)
    return datetime(year, month, 1, tzinfo=current_zone())
