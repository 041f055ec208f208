"""Adding posts to series, ordering them, and changing series. Flushes; the caller commits."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qingbo.accounts.names import key_of
from qingbo.database import begins_with
from qingbo.errors import InputRefused
from qingbo.posts.addresses import free_slug, path_of_series, take_slug
from qingbo.posts.menu_targets import record_targets
from qingbo.posts.models import SERIES_LENGTH, SLUG_LENGTH, Post, Redirect, Series
from qingbo.posts.series_queries import MOST_POSTS, MOST_SERIES, editable_series
from qingbo.posts.tagging import checked_description
from qingbo.rendering.characters import on_one_line
from qingbo.rendering.slugs import is_slug, slug_of


def put_into_series(session: Session, post: Post, title: str, writer: Any) -> None:
    """Add a post at the end of a series, creating it if needed; without a title, remove it from its series.

    Args:
        session: that the post was read with.
        post: which may be in a series already.
        title: as it was typed.
        writer: the account that does it, with its roles; None for a program, which may use any series.

    Raises:
        InputRefused: if the title is too long, the series contains posts of others, or it is full.
    """
    title = _checked_title(title) if title.strip() else ""
    before = session.get(Series, post.series_id) if post.series_id else None
    if key_of(title) == (key_of(before.title) if before else ""):
        return
    if not title:
        post.series_id = post.series_position = None
    else:
        series, _is_new = stored_series(session, title)
        lock_series(session, series)
        _refuse_others(session, series, writer)
        columns = (func.count(), func.max(Post.series_position))
        count, last = session.execute(select(*columns).where(Post.series_id == series.id)).one()
        if count >= MOST_POSTS:
            raise InputRefused(_("A series can have up to %(most)s posts. Create another series.", most=MOST_POSTS))
        post.series_id, post.series_position = series.id, (last or 0) + 1
    session.flush()
    session.expire(post, ["series"])


def stored_series(session: Session, title: str, slug: str = "", description: str = "") -> tuple[Series, bool]:
    """Return the series with a title, and whether it was made; then it has the slug if that is free.

    Raises:
        InputRefused: if the title or the description is too long, or there are too many series.
    """
    title, description = _checked_title(title), checked_description(description)
    known = _series_called(session, title)
    return (known, False) if known else (_new_series(session, title, slug, description), True)


def put_at(session: Session, post: Post, part: int) -> None:
    """Give a post its place in its series, unless another post has it."""
    same = select(Post.id).where(Post.series_id == post.series_id, Post.series_position == part, Post.id != post.id)
    if post.series_id is not None and session.scalar(same.limit(1)) is None:
        post.series_position = part
        session.flush()


def lock_series(session: Session, series: Series) -> None:
    """Lock the row of a series until the transaction ends; other changes of its order wait."""
    session.execute(select(Series.id).where(Series.id == series.id).with_for_update(key_share=True))


def change_series(session: Session, series: Series, title: str, slug: str, description: str) -> None:
    """Change title, slug and description; the old address redirects permanently.

    Raises:
        InputRefused: if a value is invalid.
    """
    title = _checked_title(title)
    namesake = _series_called(session, title)
    if namesake is not None and namesake.id != series.id:
        raise InputRefused(_("A series named “%(title)s” already exists. Choose another name.", title=title))
    series.title, series.description = title, checked_description(description)
    if slug.strip() and slug != series.slug:
        _move_series(session, series, slug)
    session.flush()
    record_targets(session)


def order_series(session: Session, series: Series, wanted: Mapping[int, int], up: int = 0, down: int = 0) -> None:
    """Number the posts of a series by the wanted positions, then move one of them up or down."""
    lock_series(session, series)
    rows = select(Post.id, Post.series_position).where(Post.series_id == series.id)
    found = session.execute(rows.order_by(Post.series_position, Post.id)).all()
    places = {row.id: place for place, row in enumerate(found, start=1)}

    def place_wanted(number: int) -> tuple[int, int]:
        # A moved post takes the place of the post with its new number, which shifts towards the gap.
        place = wanted.get(number, places[number])
        return place, (place > places[number]) - (place < places[number])

    order = sorted(places, key=place_wanted)
    _move(order, up, -1)
    _move(order, down, 1)
    positions = {row.id: row.series_position for row in found}
    changed = [
        {"id": number, "series_position": place}
        for place, number in enumerate(order, start=1)
        if positions[number] != place
    ]
    if changed:
        session.execute(update(Post), changed)
        session.flush()


def delete_series(session: Session, series: Series) -> None:
    """Delete a series and its old addresses; its posts stay."""
    of_series = update(Post).where(Post.series_id == series.id).values(series_id=None, series_position=None)
    session.execute(of_series)
    session.execute(delete(Redirect).where(Redirect.target == path_of_series(series.slug)))
    session.execute(delete(Series).where(Series.id == series.id))
    record_targets(session)


def _move(order: list[int], number: int, step: int) -> None:
    if number in order:
        place = order.index(number)
        other = place + step
        if 0 <= other < len(order):
            order[place], order[other] = order[other], order[place]


def _refuse_others(session: Session, series: Series, writer: Any) -> None:
    used = session.scalar(select(Post.id).where(Post.series_id == series.id).limit(1))
    if writer is None or used is None:
        return
    if session.scalar(select(Series.id).where(Series.id == series.id, editable_series(writer))) is None:
        raise InputRefused(
            _("The series “%(title)s” contains posts by other authors. Ask an editor to add yours.", title=series.title)
        )


def _checked_title(given: str) -> str:
    title = on_one_line(given[: 4 * SERIES_LENGTH])
    if not key_of(title):
        raise InputRefused(_("Enter a name for the series."))
    if len(title) > SERIES_LENGTH:
        raise InputRefused(_("Series names can have up to %(most)s characters.", most=SERIES_LENGTH))
    return title


def _series_called(session: Session, title: str) -> Series | None:
    # Titles have no key column: there are so few series that all are compared.
    found: Sequence[Any] = session.execute(select(Series.id, Series.title).order_by(Series.id).limit(MOST_SERIES)).all()
    number = next((row.id for row in found if key_of(row.title) == key_of(title)), None)
    return session.get(Series, number) if number else None


def _new_series(session: Session, title: str, slug: str = "", description: str = "") -> Series:
    if (session.scalar(select(func.count(Series.id))) or 0) >= MOST_SERIES:
        raise InputRefused(_("A blog can have up to %(most)s series. Delete one first.", most=MOST_SERIES))
    wish = slug if is_slug(slug) else slug_of(title) or "series"
    old = session.scalars(select(Redirect.path).where(begins_with(Redirect.path, path_of_series(wish))))
    taken = [path.removeprefix(path_of_series("")) for path in old]
    try:
        with session.begin_nested():
            free = free_slug(session, Series.slug, wish, without=taken)
            session.add(series := Series(title=title, slug=free, description=description))
        return series
    except IntegrityError:  # another transaction has inserted the same series
        return _series_called(session, title) or _new_series(session, title, slug, description)


def _move_series(session: Session, series: Series, wish: str) -> None:
    slug = slug_of(wish)[:SLUG_LENGTH]
    if not slug:
        raise InputRefused(_("“%(slug)s” can’t be used as a URL. Use letters or digits.", slug=wish[:SLUG_LENGTH]))
    taken = _("The URL “%(slug)s” is or was used by another series. Choose another one.", slug=slug)
    take_slug(session, series, slug, path_of_series, taken)
