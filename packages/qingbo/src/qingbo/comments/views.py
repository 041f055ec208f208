"""Changing comments. They are shown, and written, on the page of their post."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from qingbo.comments import moderation
from qingbo.comments.models import Comment
from qingbo.comments.queries import moderated_comment
from qingbo.extensions import session

bp = Blueprint("comments", __name__)

Page = str | Response | tuple[str, int]


@bp.get("/comments/<int:number>/delete")
@login_required
def confirm_deletion(number: int) -> Page:
    """Ask before a comment is deleted."""
    return render_template("comments/delete.html", comment=_require(number))


@bp.post("/comments/<int:number>/delete")
@login_required
def delete_comment(number: int) -> Page:
    """Delete a comment."""
    comment = _require(number)
    moderation.delete_comment(session(), comment)
    return _back(comment)


@bp.post("/comments/<int:number>/hiding")
@login_required
def update_hiding(number: int) -> Page:
    """Hide a comment, or show it again."""
    comment = _require(number)
    if request.form.get("hidden") == "yes":
        moderation.hide_comment(comment)
    else:
        moderation.show_comment(comment)
    return _back(comment)


def _require(number: int) -> Comment:
    if number.bit_length() > 63:
        abort(404)
    return moderated_comment(session(), number, current_user) or abort(404)


def _back(comment: Comment) -> Response:
    address = url_for("site.show_post", slug=comment.post.slug, _anchor="comments")
    session().commit()
    return redirect(address, 303)
