"""Stores files in a blog like an upload."""

import io
from collections.abc import Iterable, Mapping
from typing import Any

from qingbo.database import writing
from qingbo.extensions import session
from qingbo.media.intake import take_in
from qingbo.media.models import Media
from qingbo.media.place import current_storage


def take(blog: Any, content: bytes, name: str = "tea.jpg", uploader: str = "ann") -> Media:
    """Take a file in, commit, and return its row, read whole."""
    uploader_id = blog.user(uploader).id
    with writing():
        session().rollback()
        file = io.BytesIO(content)
        media = take_in(session(), current_storage(), file, name, uploader_id, most_bytes=10**8)
        session().commit()
    session().refresh(media)
    session().expunge(media)
    session().rollback()  # what works in the background waits for nobody
    return media


def multipart(fields: Mapping[str, str], files: Iterable[tuple[str, str, bytes]]) -> tuple[bytes, str]:
    """Return the body of a form with files (field, name, content), and its content type."""
    parts = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
    parts += [(f'name="{field}"; filename="{name}"', content) for field, name, content in files]
    body = b"".join(
        b"--limit\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (head.encode(), content)
        for head, content in parts
    )
    return body + b"--limit--\r\n", "multipart/form-data; boundary=limit"
