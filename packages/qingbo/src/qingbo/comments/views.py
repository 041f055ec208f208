"""Pages to change and moderate comments. They are shown, and written, on the page of their post."""

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from qingbo.audit.trail import note
from qingbo.comments import moderation, passes
from qingbo.comments.forms import EditForm
from qingbo.comments.models import Comment, State
from qingbo.comments.own import own_comments
from qingbo.comments.queries import moderated_comment, own_comment, page_with, subscription_of
from qingbo.comments.subscriptions import tell_subscribers, unsubscribe, written_place
from qingbo.errors import InputRefused
from qingbo.extensions import limiter, session
from qingbo.posts.addresses import address_of
from qingbo.posts.queries import can_edit

bp = Blueprint("comments", __name__)

Page = str | Response | tuple[str, int]

VERDICTS = {"approve": State.SHOWN, "reject": State.HIDDEN, "spam": State.SPAM}


@bp.post("/comments/pass")
@limiter.limit("30 per minute")
def create_pass() -> Response:
    """Return a pass for a form that is being filled in; called by JavaScript."""
    answer = jsonify(passes.new_pass())
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/comments/<int:number>/edit")
def edit_comment(number: int) -> Page:
    """Show the form for a comment to its writer."""
    comment = _require_new(number)
    return render_template("comments/edit.html", comment=comment, form=EditForm(MultiDict({"text": comment.text})))


@bp.post("/comments/<int:number>/edit")
@limiter.limit("20 per minute")
def update_comment(number: int) -> Page:
    """Change the text of a comment."""
    comment = _require_new(number)
    form = EditForm(request.form)
    try:
        moderation.edit_comment(session(), comment, form.text.data or "")
    except InputRefused as error:
        return render_template("comments/edit.html", comment=comment, form=form, problem=str(error)), 422
    return _back(comment)


@bp.get("/comments/<int:number>/delete")
def confirm_deletion(number: int) -> Page:
    """Ask before a comment is deleted."""
    comment = _require_deletable(number)
    return render_template("comments/delete.html", comment=comment, moderates=can_edit(comment.post, current_user))


@bp.post("/comments/<int:number>/delete")
def delete_comment(number: int) -> Page:
    """Delete a comment."""
    comment = _require_deletable(number)
    address = address_of(comment.post, _anchor="comments")
    if current_user.is_authenticated and comment.author_id != current_user.id:
        note(session(), "comment-deleted", f"{comment.name}: {comment.text[:80]}")
    moderation.delete_comment(session(), comment)
    session().commit()
    flash(_("Comment deleted."), "done")
    return redirect(address, 303)


@bp.post("/comments/<int:number>/verdict")
@login_required
def update_state(number: int) -> Page:
    """Approve a comment, reject it, or mark it as spam."""
    comment = moderated_comment(session(), _number(number), current_user) or abort(404)
    state = VERDICTS.get(request.form.get("verdict", "")) or abort(400)
    judge([comment], state)
    return _back(comment)


def judge(comments: list[Comment], state: State) -> None:
    """Set the state of comments, mail the subscribers of those that became visible, and log it."""
    appeared = moderation.move_comments(session(), comments, state)
    tell_subscribers(session(), appeared, [comment.post for comment in appeared])
    for comment in comments:
        note(session(), f"comment-{state.value}", f"{comment.name}: {comment.text[:80]}")


@bp.get("/comments/mail/<token>")
def confirm_unsubscribing(token: str) -> Page:
    """Ask whether to end the mails about replies."""
    subscription = subscription_of(session(), token)
    return render_template("comments/unsubscribe.html", subscription=subscription), 200 if subscription else 404


@bp.post("/comments/mail/<token>")
def delete_subscription(token: str) -> Page:
    """End the mails about replies, by the page's button or the mail program's (RFC 8058)."""
    subscription = subscription_of(session(), token)
    if subscription is not None:
        unsubscribe(session(), subscription, everywhere=request.form.get("everywhere") == "yes")
        session().commit()
    return render_template("comments/unsubscribed.html")


def _require_new(number: int) -> Comment:
    comment = own_comment(session(), _number(number), current_user, own_comments()) or abort(404)
    return comment if comment.is_new else abort(404)


def _require_deletable(number: int) -> Comment:
    if current_user.is_authenticated and (comment := moderated_comment(session(), _number(number), current_user)):
        return comment
    return own_comment(session(), _number(number), current_user, own_comments()) or abort(404)


def _number(number: int) -> int:
    return number if number.bit_length() <= 63 else abort(404)


def _back(comment: Comment) -> Response:
    target = request.form.get("back")
    place = written_place(page_with(session(), comment))
    address = address_of(comment.post, after=place, _anchor=f"comment-{comment.id}")
    session().commit()
    return redirect(url_for("studio.list_comments") if target == "studio" else address, 303)
