"""Pages for writing: the form of a post, and deleting it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from qingbo.accounts.access import author_required
from qingbo.audit.trail import note
from qingbo.errors import ChangedMeanwhile, InputRefused
from qingbo.extensions import commit_last, pause_writing, session, stop_writing
from qingbo.media.models import Kind
from qingbo.posts import attachments, drafts, publishing
from qingbo.posts import bin as post_bin
from qingbo.posts.addresses import address_of
from qingbo.posts.attachments import files_sent, take_files
from qingbo.posts.contents import Content
from qingbo.posts.forms import FIELDS, PostForm, draft_in, filled, filled_from
from qingbo.posts.merges import merged
from qingbo.posts.models import Post, PostDraft
from qingbo.posts.previewing import preview_of, sentences_of
from qingbo.posts.publishing import Draft, Outline
from qingbo.posts.queries import address_now, binned_posts, editable_posts, find_post, lock_post
from qingbo.posts.series_queries import titles_of_series
from qingbo.posts.titles import title_of
from qingbo.posts.versions import version_of, version_with

bp = Blueprint("posts", __name__)

Page = str | Response | tuple[str, int]

UNSAVED_SHOWN = 5
REMOVED_SHOWN = 3


@bp.get("/posts/new")
@author_required
def new_post() -> Page:
    """Show an empty form, or a draft of a new post."""
    name = request.args.get("draft", "")
    draft = drafts.draft_named(session(), current_user.id, name) if name else None
    if draft is not None and draft.post_id is not None:
        draft = None
    return _new_form(_with_draft({}, draft, draft.name if draft else drafts.new_name()), draft)


@bp.post("/posts/new")
@author_required
def create_post() -> Page:
    """Create a post, or show a preview."""
    form = PostForm(request.form)
    if _wants("preview"):
        return _preview(form, None)
    if _wants("discard"):
        return _discarded(url_for("posts.new_post"))
    if _brings_files():
        return _with_files(form, None)
    outline = _outline(form)
    try:
        draft = draft_in(form, None, is_draft=_wants("draft"), outline=outline)
        post = publishing.create_post(session(), current_user, draft)
    except InputRefused as error:
        session().rollback()
        return _refused(form, None, error)
    drafts.forget_draft(session(), current_user.id, fields_sent())
    commit_last()
    _say_what_was_removed(draft)
    return redirect(address_of(post), 303)


@bp.get("/posts/<slug>/edit")
@login_required
def edit_post(slug: str) -> Page:
    """Show the form for a post, with this writer's unsaved changes."""
    post = _require(slug)
    draft = drafts.draft_named(session(), current_user.id, drafts.name_for(post))
    return _edit_form(_form(_with_draft(filled_from(post), draft, drafts.name_for(post), post)), post, unsaved=draft)


@bp.post("/posts/<slug>/edit")
@login_required
def update_post(slug: str) -> Page:
    """Change a post, or show a preview."""
    form = PostForm(request.form)
    slug = address_now(session(), slug)  # the slug may have changed while the form was open
    if _wants("preview"):
        return _preview(form, _require(slug))
    if _wants("discard"):
        return _discarded(url_for("posts.edit_post", slug=_require(slug).slug))
    if _brings_files():
        return _with_files(form, _require(slug))
    outline = _outline(form) if find_post(session(), slug, editable_posts(current_user)) else None
    post = _locked(slug)
    if post is None:
        return _gone(form)
    try:
        draft = draft_in(form, post, is_draft=_wants("draft"), outline=outline)
        publishing.update_post(session(), post, draft, based_on=form.version.data, writer_id=current_user.id)
    except ChangedMeanwhile:
        return _changed_meanwhile(form, post, draft)
    except InputRefused as error:
        session().rollback()
        return _refused(form, _require(slug), error)
    drafts.forget_draft(session(), current_user.id, fields_sent())
    drafts.note_closing(session(), post, current_user.id)
    commit_last()
    _say_what_was_removed(draft)
    return redirect(address_of(post), 303)


@bp.get("/posts/<slug>/delete")
@login_required
def confirm_deletion(slug: str) -> Page:
    """Ask before a post goes into the bin."""
    post = _require(slug)
    return render_template("posts/delete.html", post=post, version=version_of(post), days=post_bin.DAYS)


@bp.post("/posts/<slug>/delete")
@login_required
def delete_post(slug: str) -> Page:
    """Put a post into the bin."""
    post = _locked(slug) or abort(404)
    try:
        post_bin.bin_post(session(), post, based_on=request.form.get("version"))
    except ChangedMeanwhile:
        version = version_of(post)
        page = render_template("posts/delete.html", post=post, version=version, days=post_bin.DAYS, changed=True)
        return page, 409
    note(session(), "post-deleted", title_of(post))
    flash(_("“%(title)s” moved to trash.", title=title_of(post)), f"undo {post.id}")
    session().commit()
    return redirect(url_for("studio.list_posts"), 303)


@bp.post("/posts/deleted/<int:number>")
@login_required
def restore_post(number: int) -> Page:
    """Take a post out of the bin."""
    post = find_post(session(), number, binned_posts(current_user)) or abort(404)
    post_bin.take_out(session(), post)
    note(session(), "post-restored", title_of(post))
    flash(_("“%(title)s” restored.", title=title_of(post)), "done")
    address = address_of(post)
    session().commit()
    return redirect(address, 303)


@bp.get("/drafts")
@author_required
def list_drafts() -> Page:
    """Redirect to the list of drafts."""
    return redirect(url_for("studio.list_posts"), 301)


def fields_sent() -> dict[str, str]:
    """Return the fields of the form as they were sent."""
    return {name: request.form[name] for name in FIELDS if name in request.form}


def _require(slug: str) -> Post:
    return find_post(session(), slug, editable_posts(current_user)) or abort(404)


def _locked(slug: str) -> Post | None:
    lock_post(session(), slug)
    return find_post(session(), slug, editable_posts(current_user))


def _with_draft(fields: dict[str, str], draft: PostDraft | None, name: str, post: Post | None = None) -> dict[str, str]:
    """Return the fields for the form: of the draft if there is one, else the given ones."""
    fields = drafts.fields_of(draft) if draft else fields
    if post is not None and "version" not in fields:
        fields["version"] = version_of(post)
    fields["draft"], fields["opened"] = name, drafts.new_opening(draft)
    return fields


def _form(fields: dict[str, str]) -> PostForm:
    return PostForm(MultiDict(fields))


def _new_form(fields: dict[str, str], draft: PostDraft | None) -> Page:
    others = [] if draft else drafts.drafts_of_new_posts(session(), current_user.id, UNSAVED_SHOWN)
    found = drafts.with_fields(others)
    return _composer(form=_form(fields), post=None, unsaved=draft, unsaved_posts=found)


def _composer(**values: object) -> str:
    titles = titles_of_series(session(), current_user)
    return render_template("posts/edit.html", titles_of_series=titles, **values)


def _edit_form(form: PostForm, post: Post, **values: object) -> str:
    others = drafts.others_with(session(), post, current_user.id)
    return _composer(form=form, post=post, others=others, **values)


def _changed_meanwhile(form: PostForm, post: Post, draft: Draft) -> Page:
    """Show the merged text, or both texts. Saving again replaces the post with the text in the form."""
    base = version_with(session(), post, form.version.data or "")
    mine, theirs = publishing.content_of(draft, post), Content.of(post)
    writer_id, slug = current_user.id, post.slug
    pause_writing()
    both = merged(base, mine, theirs)
    post = _require(slug)
    drafts.save_draft(session(), writer_id, drafts.name_for(post), post, fields_sent())
    session().commit()
    post = _require(slug)
    pinned, series = bool(form.pinned.data), form.series.data or ""
    fields = filled(both.content, form.slug.data or "", is_pinned=pinned, series=series)
    fields["translations"] = form.translations.data or ""
    fields.update({"version": version_of(post), "draft": form.draft.data or "", "opened": form.opened.data or ""})
    current = _form(filled_from(post)) if both.touching else None
    return _edit_form(_form(fields), post, current=current, is_merged=not both.touching), 409


def _gone(form: PostForm) -> Page:
    if not current_user.is_author:
        abort(404)
    form.draft.data = drafts.name_without_post(form.draft.data or "")
    return _composer(form=form, post=None, gone=True), 404


def _wants(action: str) -> bool:
    return request.form.get("action") == action


def _discarded(target: str) -> Page:
    drafts.forget_draft(session(), current_user.id, fields_sent())
    session().commit()
    flash(_("Changes discarded."), "done")
    return redirect(target, 303)


def _outline(form: PostForm) -> Outline | None:
    """Return the outline of the post, rendered while others can write; None if the text will be refused."""
    pause_writing()
    try:
        return publishing.outline_of(draft_in(form, None, is_draft=True))
    except InputRefused:
        return None


def _say_what_was_removed(draft: Draft) -> None:
    """Tell the writer what was removed; without JavaScript there is no preview that shows it."""
    sentences = sentences_of(draft, draft.outline.removals if draft.outline else ())
    for sentence in sentences[:REMOVED_SHOWN]:
        flash(sentence, "removed")
    if more := len(sentences[REMOVED_SHOWN:]):
        flash(_("%(count)s more. See the preview for the full list.", count=more), "removed")


def _brings_files() -> bool:
    return _wants("upload") or bool(files_sent("files") or files_sent("cover_file"))


def _with_files(form: PostForm, post: Post | None) -> Page:
    """Show the form again with references to the new files in its text, so that the writer can check their places."""
    slug = post.slug if post else ""
    files, refused = take_files(files_sent("files"))
    cover, refused_cover = take_files(files_sent("cover_file"))
    attachments.write_into(form, files, [each for each in cover if each.kind == Kind.PICTURE])
    post = _require(slug) if slug else None
    fields = fields_sent() | {name: form[name].data for name in ("text", "pictures", "cover", "cover_alt")}
    problems = [*refused, *refused_cover]
    try:
        drafts.save_draft(session(), current_user.id, form.draft.data or "", post, fields)
        session().commit()
    except InputRefused as error:
        session().rollback()
        problems.append(str(error))
    post = _require(slug) if slug else None
    problem = " ".join(problems)
    return _composer(form=form, post=post, problem=problem, uploaded=len(files) + len(cover)), 422 if problem else 200


def _preview(form: PostForm, post: Post | None) -> Page:
    draft = draft_in(form, post, is_draft=True)
    stop_writing()
    try:
        preview = preview_of(draft)
    except InputRefused as error:
        return _refused(form, post, error)
    return _composer(form=form, post=post, preview=preview)


def _refused(form: PostForm, post: Post | None, error: InputRefused) -> Page:
    return _composer(form=form, post=post, problem=str(error)), 422
