"""Everything that one person wrote, as a zip file."""

import json
import zipfile
from itertools import chain
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from qingbo.accounts.models import User
from qingbo.accounts.queries import picture
from qingbo.comments.models import Comment
from qingbo.exports.contents import AT_ONCE, comment_values, media_path
from qingbo.exports.folder import posts_with_all
from qingbo.exports.front_matter import file_name, file_of
from qingbo.imports.exported.layout import COMMENTS, POSTS
from qingbo.media.addresses import file_name as stored_name
from qingbo.media.models import Media
from qingbo.media.storage import Storage
from qingbo.posts.models import Post, PostDraft

PROFILE, DRAFTS, AVATAR = "profile.json", "drafts.json", "avatar.webp"


def write_personal_data(session: Session, storage: Storage, user: User, file: IO[bytes]) -> None:
    """Write a person's profile, posts in every state, unsaved drafts, comments and uploaded files.

    Args:
        session: to read with.
        storage: of the files.
        user: the person; the roles are loaded.
        file: open for writing.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        archive.writestr(PROFILE, _json(_profile(user)))
        if user.avatar and (data := picture(session, user.avatar)):
            archive.writestr(AVATAR, data)
        for post in chain.from_iterable(posts_with_all(session, Post.author_id == user.id)):
            archive.writestr(f"{POSTS}/{file_name(post.slug)}", file_of(post))
        _write_list(
            archive, DRAFTS, map(_draft, _rows(session, select(PostDraft).where(PostDraft.writer_id == user.id)))
        )
        comments = session.execute(
            select(Comment, Post.slug)
            .join(Post, Post.id == Comment.post_id)
            .where(Comment.author_id == user.id)
            .order_by(Comment.id)
            .options(selectinload(Comment.author))
            .execution_options(yield_per=AT_ONCE)
        )
        _write_list(archive, COMMENTS, (comment_values(comment, slug) for comment, slug in comments))
        for media in _rows(session, select(Media).where(Media.uploader_id == user.id).order_by(Media.id)):
            _write_media(archive, storage, media)


def _profile(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "display_name": user.display_name,
        "email": user.email,
        "bio": user.bio,
        "links": (user.links or "").splitlines(),
        "language": user.language,
        "role": user.role,
        "created_at": user.created_at.isoformat(),
    }


def _draft(draft: PostDraft) -> dict[str, Any]:
    return {"name": draft.name, "saved_at": draft.saved_at.isoformat(), "content": json.loads(draft.content)}


def _rows(session: Session, statement: Any) -> Any:
    return session.scalars(statement.execution_options(yield_per=AT_ONCE))


def _write_list(archive: zipfile.ZipFile, name: str, values: Any) -> None:
    with archive.open(name, "w", force_zip64=True) as file:
        begin = b"[\n"
        for value in values:
            file.write(begin + json.dumps(value, ensure_ascii=False).encode())
            begin = b",\n"
        file.write(b"\n]\n" if begin == b",\n" else b"[]\n")


def _write_media(archive: zipfile.ZipFile, storage: Storage, media: Media) -> None:
    try:
        chunks = storage.read(stored_name(media.digest, media.extension))
    except FileNotFoundError:
        return
    info = zipfile.ZipInfo(media_path(media).as_posix())
    with archive.open(info, "w", force_zip64=True) as file:
        for chunk in chunks:
            file.write(chunk)


def _json(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"
