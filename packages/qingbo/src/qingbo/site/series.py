"""The public pages of series."""

from flask import abort, redirect, render_template, url_for

from qingbo.arguments import asked_row
from qingbo.extensions import session
from qingbo.posts.series_queries import SERIES_PER_PAGE, public_parts, public_series, series_at
from qingbo.site.views import Page, bp


@bp.get("/series")
def list_series() -> Page:
    """Show the series that have public posts."""
    found = public_series(session(), asked_row("before"))
    older = found[SERIES_PER_PAGE - 1][0].id if len(found) > SERIES_PER_PAGE else None
    return render_template("site/series_list.html", found=found[:SERIES_PER_PAGE], older=older)


@bp.get("/series/<slug>")
def show_series(slug: str) -> Page:
    """Show the posts of a series in their order. Old addresses redirect."""
    series = series_at(session(), slug) or abort(404)
    parts = public_parts(session(), series.id) or abort(404)
    if series.slug != slug:
        return redirect(url_for("site.show_series", slug=series.slug), 301)
    return render_template("site/series.html", series=series, parts=parts)
