"""Facts that are recorded once per database: which posts it had before this release, and a unique id of the blog.

The record is made before the first post is written, or before the first page with tags or the first feed is shown. From
then on a tag's count includes scheduled posts. Before, it did not, so all counts are made again.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from uuid import uuid4

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qingbo.database import is_writing, writing
from qingbo.extensions import new_session
from qingbo.posts.models import Post
from qingbo.posts.tag_counts import count_all_tags
from qingbo.site_settings import SiteSetting, given_settings, stored_value

NAME = "first_use"
"""The key in `site_settings`; no setting has this name."""


@dataclass(frozen=True, slots=True)
class FirstUse:
    """The record."""

    site_id: str
    """A random UUID."""
    last_post: int
    """The highest number of a post at that time, 0 in a new blog."""
    address: str | None
    """The setting `address` at that time: feeds used it in the ids of these posts."""


def record_first_use(session: Session) -> FirstUse:
    """Return the record, and make it if it is missing. Flushes; the caller commits."""
    if (value := session.scalar(select(SiteSetting.value).where(SiteSetting.name == NAME))) is not None:
        return FirstUse(**json.loads(value))
    last_post = session.scalar(select(func.max(Post.id))) or 0
    made = FirstUse(str(uuid4()), last_post, given_settings().origin or None if last_post else None)
    try:
        with session.begin_nested():
            session.execute(insert(SiteSetting).values(name=NAME, value=json.dumps(asdict(made))))
    except IntegrityError:  # another process has inserted it
        return record_first_use(session)
    count_all_tags(session)
    return made


def recorded_first_use() -> FirstUse:
    """Return the record for a page. It is usually among the rows that were read with the settings."""
    if (value := stored_value(NAME)) is not None:
        return FirstUse(**json.loads(value))
    with writing(), new_session() as session:
        made = record_first_use(session)
        session.commit()
    return made


@contextmanager
def after_first_use(session: Session) -> Iterator[Session]:
    """Provide a session that sees the counts as of the record. Nearly always it is the page's own session."""
    if stored_value(NAME) is not None:
        yield session
    elif is_writing():  # this transaction may have SQLite's turn to write, so do not begin another
        record_first_use(session)
        yield session
    else:
        recorded_first_use()
        with new_session() as later:  # the page's own transaction may not see the record yet
            yield later
