"""The sitemap (sitemaps.org): all public pages, in one file or, above `MOST_IN_ONE`, in an index by year.

It reads only columns with addresses and dates, about `MOST_IN_FILE` rows per request.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort
from sqlalchemy import Select, func, or_, select

from qingbo.accounts.models import User
from qingbo.addresses import absolute_url, with_whole_addresses
from qingbo.clock import now
from qingbo.extensions import session
from qingbo.posts.kinds import PAGE
from qingbo.posts.models import Post, PostTag, Series, Tag
from qingbo.posts.queries import archive, counts_between
from qingbo.posts.states import State, in_state
from qingbo.site.archive import FIRST_YEAR, MOST_YEARS
from qingbo.site_settings import current_zone

MOST_IN_ONE = 10_000
"""Maximum addresses in a sitemap without an index."""
MOST_IN_FILE = 40_000
"""Maximum rows for a file of the index; sitemaps.org allows 50,000 addresses."""

PAGES = "pages"
"""The file with the home page and the standalone pages."""

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

_FILE = re.compile(r"([a-z]+|[0-9]{4})(?:-([2-9]|[1-9][0-9]{1,4}))?")

LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)

bp = Blueprint("sitemap", __name__)


@dataclass(frozen=True, slots=True)
class Section:
    """Pages of one kind."""

    statement: Select[Any]
    """Selects the slug or name of each page, and when it changed, in a fixed order."""
    endpoint: str
    argument: str
    """The argument of the endpoint for the name."""

    def entries(self, part: int, most: int) -> Iterator[str]:
        """Yield an element for each page in one part of the section."""
        before = absolute_url(self.endpoint, **{self.argument: "x"}).removesuffix("x")
        rows = session().execute(self.statement.limit(most).offset((part - 1) * MOST_IN_FILE))
        return (_entry("url", before + quote(name), *dates) for name, *dates in rows)


@bp.get("/sitemap.xml")
def show_sitemap() -> Response:
    """Answer with all public pages, or with the index of files."""
    sections = [*_others().values(), _posts()]
    found: list[str] = [_home()]
    for section in sections:
        found.extend(section.entries(1, MOST_IN_ONE + 1 - len(found)))
        if len(found) > MOST_IN_ONE:
            return _sent("sitemapindex", _index())
    return _sent("urlset", found)


@bp.get("/sitemap-<name>.xml")
def show_part(name: str) -> Response:
    """Answer with a file of the index: a year, pages, tags, people or series, with a number if there are several."""
    asked = _FILE.fullmatch(name) or abort(404)
    name, part = asked[1], int(asked[2] or 1)
    section = (_year(int(name)) if name.isdecimal() else _others().get(name)) or abort(404)
    found = [_home()] if name == PAGES and part == 1 else []
    found.extend(section.entries(part, MOST_IN_FILE))
    return _sent("urlset", found) if found else abort(404)


def _others() -> dict[str, Section]:
    """Return the sections other than posts, by the names of their files."""
    moment = now()
    tagged = _newest(PostTag.published_at, PostTag.tag_id == Tag.id, moment)
    written = _newest(Post.published_at, Post.author_id == User.id, moment)
    gathered = _newest(Post.published_at, Post.series_id == Series.id, moment)
    known = (User.waiting_since.is_(None), or_(User.email.is_(None), User.confirmed_at.is_not(None)))
    pages: Any = select(Post.slug, Post.updated_at).where(Post.kind == PAGE, in_state(State.UNLISTED)).order_by(Post.id)
    return {
        PAGES: Section(pages, "site.show_page", "slug"),
        "tags": Section(_with_posts(Tag.slug, Tag.id, tagged), "site.show_tag", "slug"),
        "people": Section(_with_posts(User.name_key, User.id, written).where(*known), "site.show_user", "name"),
        "series": Section(_with_posts(Series.slug, Series.id, gathered), "site.show_series", "slug"),
    }


def _newest(column: Any, condition: Any, moment: datetime) -> Any:
    """Return the date of the newest public post of a row."""
    # Not `max`, for which MariaDB reads all posts of a tag, for example 100,000.
    return select(column).where(condition, column <= moment).order_by(column.desc()).limit(1).scalar_subquery()


def _with_posts(name: Any, number: Any, newest: Any) -> Select[Any]:
    return select(name, newest).where(newest.is_not(None)).order_by(number)


def _posts(start: datetime | None = None, end: datetime | None = None) -> Section:
    statement: Any = select(Post.slug, Post.published_at, Post.updated_at).where(in_state(State.PUBLISHED))
    if start:
        statement = statement.where(Post.published_at >= start)
    if end:
        statement = statement.where(Post.published_at < end)
    return Section(statement.order_by(Post.published_at, Post.id), "site.show_post", "slug")


def _year(year: int) -> Section | None:
    years = _years()
    if year not in years:
        return None
    return _posts(None if year == years[0] else _start(year), _start(year + 1))


def _years() -> list[int]:
    """Return the years that have files; the file of the first year also has all earlier posts."""
    span, zone = archive(session()), current_zone()
    if span is None:
        return []
    first, last = (moment.astimezone(zone).year for moment in (span.oldest, span.newest))
    return list(range(max(first, last - MOST_YEARS + 1, FIRST_YEAR), last + 1))


def _start(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=current_zone())


def _index() -> Iterator[str]:
    """Yield an element for each file."""
    counts = {name: _count(section.statement) for name, section in _others().items()}
    counts[PAGES] = max(counts[PAGES], 1)  # the home page always exists
    years = _years()
    borders = [LONG_AGO, *(_start(year) for year in years[1:]), _start(years[-1] + 1)] if years else []
    counts |= dict(zip(map(str, years), counts_between(session(), borders), strict=True))
    for name, count in counts.items():
        for part in range(1, ceil(count / MOST_IN_FILE) + 1):
            ending = f"-{part}" if part > 1 else ""
            yield _entry("sitemap", absolute_url("sitemap.show_part", name=name + ending))


def _count(statement: Select[Any]) -> int:
    return session().scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0


def _home() -> str:
    newest = session().scalar(select(func.max(Post.published_at)).where(in_state(State.PUBLISHED)))
    return _entry("url", absolute_url("site.show_home"), newest)


def _entry(element: str, address: str, *dates: datetime | None) -> str:
    date = max((each for each in dates if each), default=None)
    changed = f"<lastmod>{date.isoformat(timespec='seconds')}</lastmod>" if date else ""
    return f"<{element}><loc>{escape(address)}</loc>{changed}</{element}>\n"


def _sent(root: str, entries: Iterable[str]) -> Response:
    body = f'<?xml version="1.0" encoding="utf-8"?>\n<{root} xmlns="{NAMESPACE}">\n{"".join(entries)}</{root}>\n'
    return with_whole_addresses(Response(body, mimetype="application/xml"))
