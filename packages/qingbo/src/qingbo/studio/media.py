"""The studio's media page: upload, find, describe, delete. Scripts also upload here, and get JSON."""

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from qingbo.accounts.access import author_required
from qingbo.appearance.pictures import kept_handles
from qingbo.arguments import asked_row, row_numbers
from qingbo.audit.trail import note
from qingbo.extensions import session
from qingbo.media.addresses import address_of, file_name
from qingbo.media.models import ALT_LENGTH, Kind, Media
from qingbo.media.place import current_storage
from qingbo.media.queries import PAGE, listed_media, manageable, uses_of
from qingbo.media.renditions import renditions_of, small_address
from qingbo.posts.attachments import files_sent, take_files
from qingbo.posts.media_mentions import mentioned_media
from qingbo.posts.models import Post
from qingbo.posts.queries import visible_posts
from qingbo.rendering.characters import on_one_line
from qingbo.studio import views
from qingbo.studio.views import bp

SEARCH_LENGTH = 100
JUST_UPLOADED_SECONDS = 60
"""Younger files may belong to another upload of the same file that is not committed yet; the sweep checks again."""


@bp.get("/media")
@author_required
def list_media() -> views.Page:
    """Show uploaded files: authors see their own, editors all."""
    words = on_one_line(request.args.get("search", "")[:SEARCH_LENGTH])
    kind = request.args.get("kind", "")
    found = listed_media(session(), current_user, words=words, kind=kind, before=asked_row("before"))
    shown = found[:PAGE]
    uses = uses_of(session(), shown)
    posts = {number for numbers in uses.values() for number in numbers}
    statement = select(Post).where(Post.id.in_(posts), visible_posts(current_user))
    by_number = {post.id: post for post in session().scalars(statement)} if posts else {}
    return views.studio_page(
        "media",
        media=shown,
        used_in={media.id: [by_number.get(number) for number in uses[media.id]] for media in shown},
        before=shown[-1].id if len(found) > PAGE else None,
        search=words,
        kind=kind,
        kinds=_kind_names(),
        of_site=kept_handles(session()),
        media_address=address_of,
        small_address=small_address,
    )


@bp.post("/media")
@author_required
def upload_media() -> views.Page | tuple[Response, int]:
    """Store files one after the other; a refused file does not affect the others."""
    files = files_sent("files")
    taken, refused = take_files(files)
    if request.accept_mimetypes.best == "application/json":
        return _answer(taken, refused)
    for problem in refused:
        flash(problem, "error")
    if taken:
        flash(_("Files uploaded: %(count)s.", count=len(taken)), "done")
    if not files:
        flash(_("Choose a file to upload."), "error")
    return redirect(url_for("studio.list_media"), 303)


@bp.post("/media/<int:number>")
@author_required
def describe_media(number: int) -> views.Page:
    """Change the description of a picture."""
    media = _require(number)
    media.alt = on_one_line(request.form.get("alt", "")[: 2 * ALT_LENGTH])[:ALT_LENGTH]
    session().commit()
    flash(_("Image description saved."), "done")
    return redirect(url_for("studio.list_media", _anchor=f"media-{number}"), 303)


@bp.post("/media/delete")
@author_required
def delete_media() -> views.Page:
    """Delete the selected files, except those that are in use."""
    numbers = row_numbers(request.form.getlist("media")[:PAGE])
    statement = select(Media).where(Media.id.in_(numbers), manageable(current_user))
    ticked = list(session().scalars(statement)) if numbers else []
    if not ticked:
        flash(_("Select at least one file."), "error")
        return redirect(url_for("studio.list_media"), 303)
    used = mentioned_media(session(), ticked)
    deleted = [media for media in ticked if media.id not in used]
    names = [name for media in deleted for name in _names_of(media)]
    for media in deleted:
        note(session(), "media-deleted", media.name)
        session().delete(media)
    session().commit()
    for name in names:
        current_storage().delete(name, JUST_UPLOADED_SECONDS)
    if deleted:
        flash(_("Files deleted: %(count)s.", count=len(deleted)), "done")
    if kept := [media.name for media in ticked if media.id in used]:
        flash(_("Not deleted, because they are still in use: %(names)s", names=", ".join(kept)), "error")
    return redirect(url_for("studio.list_media"), 303)


def _kind_names() -> dict[str, str]:
    """Return the labels of the kinds."""
    return {
        Kind.PICTURE: _("Images"),
        Kind.AUDIO: _("Audio"),
        Kind.VIDEO: _("Video"),
        Kind.DOWNLOAD: _("Other files"),
    }


def _names_of(media: Media) -> list[str]:
    made = (each.stored_name(media) for each in renditions_of(media))
    return [file_name(media.digest, media.extension), *made]


def _require(number: int) -> Media:
    found = session().scalar(select(Media).where(Media.id == number, manageable(current_user)))
    return found or abort(404)


def _answer(taken: list[Media], refused: list[str]) -> tuple[Response, int]:
    files = [
        {
            "address": address_of(media),
            "name": media.name,
            "kind": media.kind,
            "alt": media.alt,
        }
        for media in taken
    ]
    return jsonify(files=files, problems=refused), 200 if taken else 422
