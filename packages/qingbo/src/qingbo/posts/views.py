"""Pages for writing."""

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from qingbo.accounts.access import author_required
from qingbo.audit.trail import note
from qingbo.clock import now
from qingbo.errors import InputRefused
from qingbo.extensions import session
from qingbo.posts import publishing
from qingbo.posts.forms import PostForm
from qingbo.posts.models import Post
from qingbo.posts.publishing import Draft
from qingbo.posts.queries import editable_posts, find_post
from qingbo.rendering.markdown import render_post

bp = Blueprint("posts", __name__)

Page = str | Response | tuple[str, int]


@bp.get("/posts/new")
@author_required
def new_post() -> Page:
    """Show an empty form."""
    return render_template("posts/edit.html", form=PostForm(), post=None)


@bp.post("/posts/new")
@author_required
def create_post() -> Page:
    """Write a post, or show how it would look."""
    form = PostForm(request.form)
    if _wants("preview"):
        return _preview(form, None)
    try:
        post = publishing.create_post(session(), current_user, _draft(form, published=None))
    except InputRefused as error:
        return _refused(form, None, error)
    session().commit()
    return redirect(url_for("site.show_post", slug=post.slug), 303)


@bp.get("/posts/<slug>/edit")
@login_required
def edit_post(slug: str) -> Page:
    """Show the post in the form."""
    post = _require(slug)
    tags = ", ".join(tag.name for tag in post.tags)
    filled = {"title": post.title, "text": post.text, "tags": tags, "language": post.language or ""}
    return render_template("posts/edit.html", form=PostForm(MultiDict(filled)), post=post)


@bp.post("/posts/<slug>/edit")
@login_required
def update_post(slug: str) -> Page:
    """Change a post, or show how it would look."""
    post = _require(slug)
    form = PostForm(request.form)
    if _wants("preview"):
        return _preview(form, post)
    try:
        publishing.update_post(session(), post, _draft(form, published=post.published_at or post.first_published_at))
    except InputRefused as error:
        session().rollback()
        return _refused(form, _require(slug), error)
    session().commit()
    return redirect(url_for("site.show_post", slug=slug), 303)


@bp.get("/posts/<slug>/delete")
@login_required
def confirm_deletion(slug: str) -> Page:
    """Ask before a post is deleted."""
    return render_template("posts/delete.html", post=_require(slug))


@bp.post("/posts/<slug>/delete")
@login_required
def delete_post(slug: str) -> Page:
    """Delete a post."""
    post = _require(slug)
    note(session(), "post-deleted", post.title)
    publishing.delete_post(session(), post)
    session().commit()
    flash(_("“%(title)s” was deleted.", title=post.title), "done")
    return redirect(url_for("site.show_home"), 303)


@bp.get("/drafts")
@author_required
def list_drafts() -> Page:
    """Send to where the drafts are."""
    return redirect(url_for("studio.list_posts"), 301)


def _require(slug: str) -> Post:
    return find_post(session(), slug, editable_posts(current_user)) or abort(404)


def _wants(action: str) -> bool:
    return request.form.get("action") == action


def _draft(form: PostForm, published: datetime | None) -> Draft:
    if _wants("draft"):
        published = None
    elif published is None:
        published = now()
    tags = publishing.split_tags(form.tags.data or "")
    return Draft(form.title.data or "", form.text.data or "", tags, published, language=form.language.data or "")


def _preview(form: PostForm, post: Post | None) -> Page:
    return render_template("posts/edit.html", form=form, post=post, preview=render_post(form.text.data or ""))


def _refused(form: PostForm, post: Post | None, error: InputRefused) -> Page:
    return render_template("posts/edit.html", form=form, post=post, problem=str(error)), 422
