"""The studio's pages of series: title and description, and the order of posts."""

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from qingbo.accounts.access import author_required
from qingbo.arguments import asked_row, row_number
from qingbo.audit.trail import note
from qingbo.errors import InputRefused
from qingbo.extensions import session
from qingbo.posts.models import Series
from qingbo.posts.series import change_series, order_series
from qingbo.posts.series import delete_series as delete
from qingbo.posts.series_queries import MOST_POSTS, SERIES_PER_PAGE, find_series, listed_series, parts_of
from qingbo.studio import views
from qingbo.studio.views import bp

POSITION = "position-"
"""Prefix of the fields with the posts' positions."""


@bp.get("/series")
@author_required
def list_series() -> views.Page:
    """Show the series that the person may change."""
    found = listed_series(session(), current_user, asked_row("before"))
    older = found[SERIES_PER_PAGE - 1][0].id if len(found) > SERIES_PER_PAGE else None
    return views.studio_page("series_list", found=found[:SERIES_PER_PAGE], older=older)


@bp.get("/series/<int:number>")
@author_required
def edit_series(number: int) -> views.Page:
    """Show a series and its posts."""
    return _series_page(_require(number))


@bp.post("/series/<int:number>")
@author_required
def update_series(number: int) -> views.Page:
    """Change title, address and description."""
    series, form = _require(number), request.form
    try:
        change_series(session(), series, form.get("title", ""), form.get("slug", ""), form.get("description", ""))
    except InputRefused as error:
        session().rollback()
        return _series_page(_require(number), str(error), typed=form), 422
    note(session(), "series-changed", series.title)
    return _saved(number, _("Series saved."))


@bp.post("/series/<int:number>/order")
@author_required
def update_order(number: int) -> views.Page:
    """Order the posts by the typed numbers, and move one of them up or down."""
    series = _require(number)
    fields = [(name.removeprefix(POSITION), value) for name, value in request.form.items() if name.startswith(POSITION)]
    wanted = {_number(name): _number(value) for name, value in fields[:MOST_POSTS]}
    up, down = _number(request.form.get("up", "")), _number(request.form.get("down", ""))
    order_series(session(), series, {number: place for number, place in wanted.items() if place}, up=up, down=down)
    note(session(), "series-ordered", series.title)
    return _saved(number, _("Order saved."))


@bp.post("/series/<int:number>/delete")
@author_required
def delete_series(number: int) -> views.Page:
    """Delete a series; its posts stay."""
    series = _require(number)
    note(session(), "series-deleted", series.title)
    flash(_("Series “%(title)s” deleted. Its posts were kept.", title=series.title), "done")
    delete(session(), series)
    session().commit()
    return redirect(url_for("studio.list_series"), 303)


def _saved(number: int, said: str) -> views.Page:
    """Commit a change of a series, and show a message on its page."""
    session().commit()
    flash(said, "done")
    return redirect(url_for("studio.edit_series", number=number), 303)


def _number(text: str) -> int:
    return row_number(text) or 0


def _require(number: int) -> Series:
    return find_series(session(), number, current_user) or abort(404)


def _series_page(series: Series, problem: str = "", **values: object) -> str:
    parts = parts_of(session(), series)
    return views.studio_page("series", **{"series": series, "parts": parts, "problem": problem, "typed": {}} | values)
