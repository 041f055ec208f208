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
from qingbo.errors import ChangedMeanwhile, InputRefused
from qingbo.extensions import pause_writing, session, stop_writing
from qingbo.posts import publishing
from qingbo.posts.forms import PostForm
from qingbo.posts.models import Post
from qingbo.posts.publishing import Draft
from qingbo.posts.queries import editable_posts, find_post, lock_post
from qingbo.posts.versions import version_of
from qingbo.rendering.markdown import rendered_post

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
    excerpt = _excerpt(form)
    try:
        post = publishing.create_post(session(), current_user, _draft(form, None, excerpt))
    except InputRefused as error:
        return _refused(form, None, error)
    session().commit()
    return redirect(url_for("site.show_post", slug=post.slug), 303)


@bp.get("/posts/<slug>/edit")
@login_required
def edit_post(slug: str) -> Page:
    """Show the post in the form."""
    post = _require(slug)
    return render_template("posts/edit.html", form=_filled(post), post=post)


@bp.post("/posts/<slug>/edit")
@login_required
def update_post(slug: str) -> Page:
    """Change a post, or show how it would look."""
    form = PostForm(request.form)
    if _wants("preview"):
        return _preview(form, _require(slug))
    excerpt = _excerpt(form) if find_post(session(), slug, editable_posts(current_user)) else None
    post = _locked(slug)
    if post is None:
        return _gone(form)
    try:
        draft = _draft(form, post.published_at or post.first_published_at, excerpt)
        publishing.update_post(session(), post, draft, based_on=form.version.data)
    except ChangedMeanwhile:
        return _changed_meanwhile(form, post)
    except InputRefused as error:
        session().rollback()
        return _refused(form, _require(slug), error)
    session().commit()
    return redirect(url_for("site.show_post", slug=slug), 303)


@bp.get("/posts/<slug>/delete")
@login_required
def confirm_deletion(slug: str) -> Page:
    """Ask before a post is deleted."""
    post = _require(slug)
    return render_template("posts/delete.html", post=post, version=version_of(post))


@bp.post("/posts/<slug>/delete")
@login_required
def delete_post(slug: str) -> Page:
    """Delete a post."""
    post = _locked(slug) or abort(404)
    try:
        publishing.delete_post(session(), post, based_on=request.form.get("version"))
    except ChangedMeanwhile:
        return render_template("posts/delete.html", post=post, version=version_of(post), changed=True), 409
    note(session(), "post-deleted", post.title)
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


def _locked(slug: str) -> Post | None:
    lock_post(session(), slug)
    return find_post(session(), slug, editable_posts(current_user))


def _filled(post: Post) -> PostForm:
    tags = ", ".join(tag.name for tag in post.tags)
    parts = {"title": post.title, "text": post.text, "tags": tags, "language": post.language or ""}
    return PostForm(MultiDict(parts | {"version": version_of(post)}))


def _changed_meanwhile(form: PostForm, post: Post) -> Page:
    # Saved once more, the form replaces what is shown beside it, and nothing that is newer still.
    form.version.data = version_of(post)
    return render_template("posts/edit.html", form=form, post=post, current=_filled(post)), 409


def _gone(form: PostForm) -> Page:
    if not current_user.is_author:
        abort(404)
    return render_template("posts/edit.html", form=form, post=None, gone=True), 404


def _wants(action: str) -> bool:
    return request.form.get("action") == action


def _excerpt(form: PostForm) -> str | None:
    """Return the excerpt of the text, made while others can write; None for a text that will be refused."""
    pause_writing()
    try:
        return publishing.excerpt_for(form.text.data or "")
    except InputRefused:
        return None


def _draft(form: PostForm, published: datetime | None, excerpt: str | None) -> Draft:
    if _wants("draft"):
        published = None
    elif published is None:
        published = now()
    tags = publishing.split_tags(form.tags.data or "")
    language = form.language.data or ""
    return Draft(form.title.data or "", form.text.data or "", tags, published, language=language, excerpt=excerpt)


def _preview(form: PostForm, post: Post | None) -> Page:
    stop_writing()
    try:
        preview = rendered_post(publishing.kept_text(form.text.data or ""))
    except InputRefused as error:
        return _refused(form, post, error)
    return render_template("posts/edit.html", form=form, post=post, preview=preview)


def _refused(form: PostForm, post: Post | None, error: InputRefused) -> Page:
    return render_template("posts/edit.html", form=form, post=post, problem=str(error)), 422
