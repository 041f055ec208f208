"""Gives an imported post what only our own export says of it. Flushes; the caller commits."""

from sqlalchemy.orm import Session

from qingbo.imports.exported.fields import Fields
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.posts.menu_targets import record_change
from qingbo.posts.models import Post
from qingbo.posts.search_index import index_post
from qingbo.posts.series import put_at
from qingbo.posts.tagging import set_dates_of_tags


def restore(session: Session, post: Post, fields: Fields, file: MarkdownFile) -> None:
    """Set dates, pin, bin and place in the series.

    Args:
        session: that the post was read with.
        post: with its content and state, as the import has written them.
        fields: of the export.
        file: with the date of the post.
    """
    said = fields.mapping
    post.created_at = said.created or post.created_at
    post.first_published_at = said.first_published or file.date or post.first_published_at
    post.pinned_at = said.pinned
    if said.part is not None:
        put_at(session, post, said.part)
    if fields.is_binned:
        post.binned_at = said.binned
        post.published_at, post.dated_at = None, None if said.undated else file.date
        set_dates_of_tags(session, post)
        record_change(session, post)
    if post.published_at is None:  # its place in the search index follows from other dates
        index_post(session, post)
    session.flush()
