"""The studio's statistics: of the blog or of a person's own posts, and of one post."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import abort, request
from flask_login import current_user

from qingbo.accounts.access import author_required
from qingbo.extensions import session
from qingbo.pageviews import queries
from qingbo.pageviews.days import today
from qingbo.pageviews.periods import HEIGHT, WIDTH, Period, bars_of, last_days, last_months
from qingbo.posts.queries import editable_posts, find_post
from qingbo.studio import views
from qingbo.studio.views import bp

PERIODS = {"days": last_days, "months": last_months}


@bp.get("/statistics")
@author_required
def show_statistics() -> views.Page:
    """Show the views of the person's own posts; editors see those of all posts."""
    period, owner = _asked_period(), queries.owner_of(current_user)
    by_day = queries.views_of_owner(session(), owner, period)
    hosts = queries.hosts_of_owner(session(), owner, period)
    top = queries.top_posts(session(), current_user, period)
    return _page(period, by_day, hosts, post=None, top=top)


@bp.get("/statistics/posts/<int:number>")
@author_required
def show_post_statistics(number: int) -> views.Page:
    """Show the views of a post that the person may change."""
    post = find_post(session(), number, editable_posts(current_user)) or abort(404)
    period = _asked_period()
    by_day = queries.views_of_post(session(), post, period)
    hosts = queries.hosts_of_post(session(), post, period)
    return _page(period, by_day, hosts, post=post, total=queries.total_of_post(session(), post))


def _asked_period() -> Period:
    make = PERIODS.get(request.args.get("period", "days")) or abort(404)
    return make(today())


def _page(period: Period, by_day: Mapping[date, int], hosts: queries.Hosts, **values: Any) -> str:
    sums = period.sums(by_day)
    return views.studio_page(
        "statistics", period=period, bars=bars_of(period, sums), shown=sum(sums), hosts=hosts,
        direct=sum(sums) - hosts.total, width=WIDTH * len(sums), height=HEIGHT, **values,
    )  # fmt: skip
