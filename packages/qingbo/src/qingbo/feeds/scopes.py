"""Which posts a feed has: all posts, or those of a tag, an author, a series or a kind."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from qingbo.accounts.queries import public_user
from qingbo.clock import now
from qingbo.posts.forms import KIND_NAMES
from qingbo.posts.models import Post, PostTag
from qingbo.posts.queries import tag_at
from qingbo.posts.series_queries import series_at
from qingbo.site_settings import current_settings


@dataclass(frozen=True, slots=True)
class Scope:
    """The posts of a feed."""

    statement: Select[Any]
    """Selects the posts' numbers, the newest first."""
    name: str = ""
    """The name of the tag, author, series or kind; empty for all posts."""
    description: str = ""
    key: str = ""
    """The source of the feed's id: it stays the same when the tag or series is renamed."""
    place: dict[str, Any] = field(default_factory=dict)
    """The values in the feed's address; see `views.PLACES`."""
    page: tuple[str, dict[str, Any]] = ("site.show_home", {})
    """The endpoint of the page that lists the same posts, and its values."""

    @property
    def title(self) -> str:
        """The title of the feed."""
        site = current_settings().title
        return f"{self.name} · {site}" if self.name else site


def scope_at(session: Session, place: dict[str, Any]) -> Scope | None:
    """Return the scope for the values in a feed's address, or None if there is no such tag, author or series."""
    match place:
        case {"tag": slug}:
            return _of_tag(session, slug)
        case {"user": name}:
            return _of_user(session, name)
        case {"series": slug}:
            return _of_series(session, slug)
        case {"kind": kind}:
            name = str(KIND_NAMES[kind])
            return Scope(_newest(Post.kind == kind), name, key=f"kind {kind}", place=place)
    return Scope(_newest(), description=current_settings().description)


def _of_tag(session: Session, slug: str) -> Scope | None:
    tag = tag_at(session, slug)
    if tag is None:
        return None
    # Uses the index of the tag: rare and common tags cost the same.
    statement = select(Post.id).join(PostTag, PostTag.post_id == Post.id)
    statement = statement.where(PostTag.tag_id == tag.id, PostTag.published_at <= now())
    statement = statement.order_by(PostTag.published_at.desc(), PostTag.post_id.desc())
    values = {"slug": tag.slug}
    return Scope(statement, tag.name, tag.description, f"tag {tag.id}", {"tag": tag.slug}, ("site.show_tag", values))


def _of_user(session: Session, name: str) -> Scope | None:
    user = public_user(session, name)
    if user is None:
        return None
    page = ("site.show_user", {"name": user.name_key})
    newest = _newest(Post.author_id == user.id)
    return Scope(newest, user.shown_name, user.bio or "", f"user {user.id}", {"user": user.name_key}, page)


def _of_series(session: Session, slug: str) -> Scope | None:
    series = series_at(session, slug)
    if series is None:
        return None
    page = ("site.show_series", {"slug": series.slug})
    newest = _newest(Post.series_id == series.id)
    return Scope(newest, series.title, series.description, f"series {series.id}", {"series": series.slug}, page)


def _newest(*conditions: Any) -> Select[Any]:
    newest_first = (Post.published_at.desc(), Post.id.desc())
    return select(Post.id).where(*conditions, Post.published_at <= now()).order_by(*newest_first)
