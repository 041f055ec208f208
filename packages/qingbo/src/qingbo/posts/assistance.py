"""Endpoints for the scripts of the post form: autosave, preview, pasted rich text, tags. Answers are JSON."""

from flask import Response, jsonify, render_template, request
from flask_babel import gettext as _
from flask_login import current_user

from qingbo.accounts.access import author_required
from qingbo.accounts.throttling import PASTE, PREVIEW, may_convert
from qingbo.arguments import row_number
from qingbo.errors import InputRefused
from qingbo.extensions import session, stop_writing
from qingbo.posts import drafts
from qingbo.posts.forms import PostForm, draft_in, typed_content
from qingbo.posts.models import Post
from qingbo.posts.previewing import preview_of
from qingbo.posts.queries import editable_posts, find_post, tags_beginning
from qingbo.posts.versions import record_typing, version_of
from qingbo.posts.views import bp, fields_sent
from qingbo.site_settings import given_settings
from qingbo.sub_path import html_below

Answer = Response | tuple[Response, int]

TAGS_OFFERED = 8


@bp.post("/posts/autosave")
@author_required
def save_draft() -> Answer:
    """Save what is in the form. If its post was deleted, save the text as a draft of a new post."""
    form = PostForm(request.form)
    number = request.form.get("post", "")
    post = _post(number) if number else None
    name = form.draft.data or ""
    if number and post is None:
        name = drafts.name_without_post(name)
    try:
        draft = drafts.save_draft(session(), current_user.id, name, post, fields_sent())
    except InputRefused as error:
        return _problem(str(error))
    answer: dict[str, object] = {"saved_at": draft.saved_at.isoformat(), "others": [], "newer": False}
    if post is not None:
        record_typing(session(), post, typed_content(form, post), current_user.id)
        drafts.note_opening(session(), post, current_user.id)
        answer["others"] = [user.shown_name for user in drafts.others_with(session(), post, current_user.id)]
        answer["newer"] = bool(form.version.data) and version_of(post) != form.version.data
    session().commit()
    return jsonify(answer), 409 if number and post is None else 200


@bp.post("/posts/preview")
@author_required
def show_preview() -> Answer:
    """Render what is in the form like the page of the post."""
    stop_writing()
    if not may_convert(PREVIEW, "preview"):
        return _problem(_("Too many previews in a short time. The preview will resume within a minute."), 429)
    try:
        preview = preview_of(draft_in(PostForm(request.form), None, is_draft=True))
    except InputRefused as error:
        return _problem(str(error))
    notes = render_template("posts/left_out.html", preview=preview).strip()
    return jsonify(
        html=html_below(given_settings().path, preview.html),
        is_cut=preview.is_cut,
        removed=preview.removed,
        notes=notes,
    )


@bp.post("/posts/pasted")
@author_required
def convert_pasted() -> Answer:
    """Convert rich text from the clipboard to Markdown."""
    stop_writing()
    if not may_convert(PASTE, "paste"):
        return _problem(
            _(
                "Pasted as plain text: too many pastes in a short time. To keep the formatting, wait a minute "
                "and paste again."
            ),
            429,
        )
    from qingbo.rendering.pasting import TooMuch, markdown_of

    try:
        return jsonify(text=markdown_of(request.form.get("html", "")))
    except TooMuch:
        return _problem(_("Pasted as plain text: too long to keep the formatting."))


@bp.get("/posts/tags")
@author_required
def list_tags() -> Answer:
    """Suggest tags that begin with the typed text."""
    return jsonify(tags_beginning(session(), request.args.get("begin", ""), TAGS_OFFERED))


def _post(number: str) -> Post | None:
    found = row_number(number)
    return None if found is None else find_post(session(), found, editable_posts(current_user))


def _problem(text: str, status: int = 422) -> Answer:
    return jsonify(problem=text), status
