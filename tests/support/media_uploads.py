"""Files taken into a blog as an upload does it."""

import io
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
