"""Files in a post form: stores each of them, and writes references into the form's text."""

from collections.abc import Iterable, Sequence

from flask import request
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from qingbo.errors import InputRefused
from qingbo.extensions import pause_writing, session
from qingbo.guards import most_upload_bytes
from qingbo.media.addresses import address_of
from qingbo.media.intake import take_in
from qingbo.media.models import Kind, Media
from qingbo.media.place import current_storage
from qingbo.posts.forms import PostForm
from qingbo.posts.kinds import PHOTOS

MOST_FILES = 50
"""Maximum per form."""


def files_sent(name: str) -> list[FileStorage]:
    """Return the files of a field; an empty field sends one file without a name, which is left out."""
    return [file for file in request.files.getlist(name) if file.filename][:MOST_FILES]


def take_files(files: Iterable[FileStorage]) -> tuple[list[Media], list[str]]:
    """Store files, each in a separate transaction. Return their rows, and why others were refused."""
    taken, refused = [], []
    most, uploader_id = most_upload_bytes(), current_user.id
    for file in files:
        pause_writing()  # decoding a picture is slow
        try:
            media = take_in(
                session(), current_storage(), file.stream, file.filename or "", uploader_id, most_bytes=most
            )
            session().commit()
            taken.append(media)
        except InputRefused as error:
            session().rollback()
            refused.append(str(error))
    return taken, refused


def write_into(form: PostForm, files: Sequence[Media], cover: Sequence[Media]) -> None:
    """Add files to a form: pictures of a photo post to its list, other files at the end of the text."""
    pictures = [each for each in files if each.kind == Kind.PICTURE and form.kind.data == PHOTOS]
    others = [each for each in files if each not in pictures]
    lines = [f"{address_of(each)} {each.alt}".rstrip() for each in pictures]
    form.pictures.data = _joined(form.pictures.data, lines, "\n")
    form.text.data = _joined(form.text.data, [f"![{each.alt}]({address_of(each)})" for each in others], "\n\n")
    if cover:
        form.cover.data, form.cover_alt.data = address_of(cover[-1]), form.cover_alt.data or cover[-1].alt


def _joined(before: str | None, added: Iterable[str], between: str) -> str:
    return between.join(filter(None, [(before or "").rstrip(), *added]))
