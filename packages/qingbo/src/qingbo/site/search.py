"""The search page, which works without JavaScript, and its results alone for searching while typing."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import abort, render_template, request
from flask_login import current_user

from qingbo.accounts.queries import public_user
from qingbo.extensions import limiter, session
from qingbo.posts import queries
from qingbo.posts.finding import Narrowing, Spot, find_posts, shown_results
from qingbo.posts.kinds import KINDS, PAGE
from qingbo.posts.tag_counts import top_tags
from qingbo.search.terms import Query
from qingbo.site.archive import FIRST_YEAR, LAST_YEAR, MOST_YEARS
from qingbo.site.views import bp
from qingbo.site_settings import current_zone

RESULTS_PER_PAGE = 20
TAGS_OFFERED = 50
KINDS_OFFERED = tuple(kind for kind in KINDS if kind != PAGE)


@bp.get("/search")
@limiter.limit("120 per minute", exempt_when=lambda: current_user.is_authenticated)
def search() -> str:
    """Show the public posts that match the query; with ``part``, only the results."""
    query = Query.read(request.args.get("q", ""))
    asked = {name: request.args.get(name, "")[:120].strip() for name in ("kind", "tag", "author", "year")}
    newest_first = request.args.get("order") == "newest"
    narrowing, chosen = _narrowing(asked)
    found = find_posts(session(), query, narrowing, _spot(), RESULTS_PER_PAGE, newest_first=newest_first)
    order = {"order": "newest"} if newest_first else {}
    results: dict[str, Any] = {
        "query": query,
        "results": shown_results(session(), query, [number for number, _spot in found.spots]),
        "more": found.more,
        "chosen": chosen,
        "asked": {"q": query.text, **chosen, **order},
    }
    if "part" in request.args:
        return render_template("site/results.html", **results)
    return render_template(
        "site/search.html",
        kinds=KINDS_OFFERED,
        years=_years(),
        tags=top_tags(session(), TAGS_OFFERED),
        newest_first=newest_first,
        **results,
    )  # fmt: skip


def _narrowing(asked: dict[str, str]) -> tuple[Narrowing, dict[str, str]]:
    """Return the filters of a search, and the valid parameters; unknown values filter nothing."""
    narrowing, chosen = Narrowing(), {}
    if asked["kind"] in KINDS_OFFERED:
        narrowing, chosen["kind"] = replace(narrowing, kind=asked["kind"]), asked["kind"]
    if asked["tag"] and (tag := queries.tag_at(session(), asked["tag"])):
        narrowing, chosen["tag"] = replace(narrowing, tag=tag.id), tag.slug
    if asked["author"] and (author := public_user(session(), asked["author"])):
        narrowing, chosen["author"] = replace(narrowing, author=author.id), author.name_key
    if asked["year"].isdecimal() and FIRST_YEAR <= int(asked["year"][:5]) <= LAST_YEAR:
        year, zone = int(asked["year"][:5]), current_zone()
        since, until = (datetime(each, 1, 1, tzinfo=zone) for each in (year, year + 1))
        narrowing, chosen["year"] = replace(narrowing, since=since, until=until), str(year)
    return narrowing, chosen


def _spot() -> Spot:
    try:
        return Spot.parse(request.args.get("after", "")[:40])
    except ValueError:
        abort(404)


def _years() -> list[int]:
    """Return the years of public posts, the newest first."""
    span = queries.archive(session())
    if span is None:
        return []
    first, last = (moment.astimezone(current_zone()).year for moment in (span.oldest, span.newest))
    return list(range(last, max(first, last - MOST_YEARS + 1) - 1, -1))
