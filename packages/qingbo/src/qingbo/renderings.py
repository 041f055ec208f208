"""Sanitized HTML, made once per text and stored by a hash of the text and the renderer's version."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Set

from sqlalchemy import Integer, delete, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from qingbo.database import UNNUMBERED_TABLE_OPTIONS, Base, is_writing, key_type, long_text, somebody_writes, writing
from qingbo.extensions import db
from qingbo.rendering import VERSION
from qingbo.rendering.markdown import render_comment, render_post

log = logging.getLogger(__name__)


class Rendering(Base):
    """The HTML of one text."""

    __tablename__ = "renderings"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    digest: Mapped[str] = mapped_column(key_type(64), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    html: Mapped[str] = mapped_column(long_text())


def html_of_posts(session: Session, texts: Iterable[str], typographic: Set[str] = frozenset()) -> dict[str, str]:
    """Return the HTML of posts' texts with one query; missing HTML is made and stored.

    Args:
        session: to read with.
        texts: Markdown.
        typographic: those of the texts that get typographic quotes and dashes if they are English.
    """
    kinds = {text: "post typographic" if text in typographic else "post" for text in texts}
    return _html_of(session, kinds, lambda text: render_post(text, typographic=text in typographic))


def html_of_comments(session: Session, texts: Iterable[str]) -> dict[str, str]:
    """Return the HTML of comments' texts; see `html_of_posts`."""
    return _html_of(session, dict.fromkeys(texts, "comment"), render_comment)


def _html_of(session: Session, kinds: Mapping[str, str], render: Callable[[str], str]) -> dict[str, str]:
    by_digest = {_digest(kind, text): text for text, kind in kinds.items()}
    if not by_digest:
        return {}
    wanted = select(Rendering.digest, Rendering.html)
    rows = session.execute(wanted.where(Rendering.digest.in_(by_digest), Rendering.version == VERSION))
    found: dict[str, str] = {row.digest: row.html for row in rows}
    missing = {digest: render(text) for digest, text in by_digest.items() if digest not in found}
    if missing:
        _keep(missing)
    return {by_digest[digest]: html for digest, html in (found | missing).items()}


def _keep(made: Mapping[str, str]) -> None:
    # In a separate transaction: the page's own only reads, and must not fail or wait for this. If somebody is writing,
    # perhaps this request, a later reader stores it.
    if is_writing() or somebody_writes():
        return
    try:
        with writing(), db.engine.begin() as connection:
            connection.execute(delete(Rendering).where(Rendering.digest.in_(made)))
            rows = [{"digest": digest, "version": VERSION, "html": html} for digest, html in made.items()]
            connection.execute(insert(Rendering), rows)
    except DBAPIError:
        log.warning("The HTML of %s texts was not kept; it will be made again.", len(made), exc_info=True)


def _digest(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()
