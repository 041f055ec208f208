"""The page on which people delete their account. Adds its views to those of accounts."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required, logout_user
from flask_security import auth_required
from sqlalchemy import select

from qingbo.accounts.names import key_of
from qingbo.accounts.queries import user_named
from qingbo.accounts.throttling import MAIL, count_form
from qingbo.accounts.views import Page, bp
from qingbo.audit.trail import note
from qingbo.errors import InputRefused
from qingbo.extensions import session
from qingbo.leaving.deletion import delete_account, heir_of
from qingbo.posts.models import Post

KEEP, DELETE = "keep", "delete"


@bp.get("/account/deletion")
@login_required
def show_deletion() -> Page:
    """Show what is deleted, and ask what becomes of the posts."""
    return _page()


@bp.post("/account/deletion")
@auth_required("session", within=60, grace=10)
def delete_own_account() -> Page:
    """Delete the account of the person who is signed in."""
    count_form(MAIL)
    choice = request.form.get("posts", "")
    user = user_named(session(), current_user.name)
    if user is None or key_of(request.form.get("name", "")[:200]) != user.name_key:
        return _page(_("Enter your name to confirm.")), 422
    if choice not in {KEEP, DELETE} and _has_posts():
        return _page(_("Choose what happens to your posts.")), 422
    name = user.name
    try:
        delete_account(session(), user, keep_posts=choice == KEEP)
    except InputRefused as error:
        return _page(str(error)), 422  # it is raised before anything is written
    logout_user()
    note(session(), "account-deleted", name)
    session().commit()
    flash(_("Your account was deleted."), "done")
    return redirect(url_for("site.show_home"), 303)


def _page(problem: str = "") -> str:
    heir = heir_of(session(), current_user)
    return render_template("accounts/deletion.html", problem=problem, has_posts=_has_posts(), heir=heir)


def _has_posts() -> bool:
    return session().scalar(select(Post.id).where(Post.author_id == current_user.id).limit(1)) is not None
