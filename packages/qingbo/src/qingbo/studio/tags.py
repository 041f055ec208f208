"""The studio's pages of tags: name and description."""

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from qingbo.accounts.access import editor_required
from qingbo.arguments import asked_row
from qingbo.audit.trail import note
from qingbo.errors import InputRefused
from qingbo.extensions import session
from qingbo.posts.first_use import after_first_use
from qingbo.posts.models import TAG_LENGTH, Tag
from qingbo.posts.queries import tag_numbered, tags_page
from qingbo.posts.tagging import change_tag
from qingbo.studio import views
from qingbo.studio.views import bp

TAGS_PER_PAGE = 50


@bp.get("/tags")
@editor_required
def list_tags() -> views.Page:
    """Show tags by name, optionally only those that begin with a text; with ``after``, those after a tag's number."""
    begin = request.args.get("begin", "")[:TAG_LENGTH]
    behind = tag_numbered(session(), asked_row("after"))
    with after_first_use(session()) as counted:
        found = tags_page(counted, begin, behind, TAGS_PER_PAGE + 1)
    more = found[TAGS_PER_PAGE - 1].id if len(found) > TAGS_PER_PAGE else None
    return views.studio_page("tags", tags=found[:TAGS_PER_PAGE], begin=begin, more=more)


@bp.get("/tags/<int:number>")
@editor_required
def edit_tag(number: int) -> views.Page:
    """Show the form for a tag."""
    return views.studio_page("tag", tag=_require(number), typed={}, problem="")


@bp.post("/tags/<int:number>")
@editor_required
def update_tag(number: int) -> views.Page:
    """Change name and description of a tag."""
    tag, form = _require(number), request.form
    try:
        change_tag(session(), tag, form.get("name", ""), form.get("description", ""))
    except InputRefused as error:
        session().rollback()
        return views.studio_page("tag", tag=_require(number), typed=form, problem=str(error)), 422
    note(session(), "tag-changed", tag.name)
    session().commit()
    flash(_("Tag saved."), "done")
    return redirect(url_for("studio.list_tags"), 303)


def _require(number: int) -> Tag:
    return tag_numbered(session(), number) or abort(404)
