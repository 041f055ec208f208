"""Full-text search of posts. It finds only posts that the person may read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from qingbo.accounts.names import key_of
from qingbo.clock import now
from qingbo.posts.listing import in_order
from qingbo.posts.models import Post, Tag
from qingbo.posts.search_index import POSTS, PostSearch, text_of, token_of_author, token_of_kind, token_of_tag
from qingbo.posts.states import State, in_state
from qingbo.search.expressions import Either, Every, Expression
from qingbo.search.full_text import Found, newest_with
from qingbo.search.highlighting import Piece, highlighted, snippet
from qingbo.search.places import HIDDEN, OPEN, Stretch, behind, place_of
from qingbo.search.terms import Query
from qingbo.search.tokens import ANYWHERE, IN_TITLE, OFTEN

MOST_HELD_AGAINST = 400
"""How many posts are read to check a phrase; the index contains only words."""
AT_ONCE = 50
LONGEST_READ = 100_000
"""How many characters of a text are searched for a phrase or a snippet."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The filters of a search; they are combined with AND."""

    kind: str = ""
    tag: int | None = None
    author: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def tokens(self) -> list[str]:
        """The tokens that posts must have."""
        given = (
            (self.kind, token_of_kind(self.kind)),
            (self.tag, token_of_tag(self.tag or 0)),
            (self.author, token_of_author(self.author or 0)),
        )
        return [token for wanted, token in given if wanted]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a page of results begins: after a place within a tier."""

    tier: int = 0
    before: int = OPEN.before

    @classmethod
    def parse(cls, text: str) -> "Spot":
        """Return the spot of a request.

        Raises:
            ValueError: if the text does not come from `str`.
        """
        if not text:
            return cls()
        tier, _, before = text.partition(".")
        spot = cls(int(tier), int(before))
        if not (0 <= spot.tier <= 2 and OPEN.lowest <= spot.before <= OPEN.before):
            raise ValueError(text)
        return spot

    def __str__(self) -> str:
        return f"{self.tier}.{self.before}"


@dataclass(frozen=True, slots=True)
class Results:
    """A page of results, the best or the newest first."""

    spots: list[tuple[int, Spot]] = field(default_factory=list)
    """The number of each post, and where a page that follows it begins."""
    more: Spot | None = None
    """Where the next page begins."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A result as a page shows it."""

    post: Post
    title: list[Piece]
    text: list[Piece]


def find_posts(
    session: Session, query: Query, narrowing: Narrowing, spot: Spot, size: int, *, newest_first: bool = False
) -> Results:
    """Return a page of public posts that have all terms and phrases of a query.

    Posts with all terms in title or tags come first, then those with all terms there or several times in the text, then
    the others; within each tier, the newest first. So all engines give the same order, and read only what is shown.
    """
    if not query.terms:
        return Results()
    tags = _tags_called(session, [term.word for term in query.terms])
    found: list[tuple[int, Spot]] = []
    tiers = _tiers(query, tags, newest_first=newest_first)
    for tier, wanted in list(enumerate(tiers))[spot.tier :]:
        before = spot.before if tier == spot.tier else OPEN.before
        some = _on_tier(session, query, narrowing, wanted, before, size + 1 - len(found))
        found += [(each.number, Spot(tier, each.place)) for each in some]
        if len(found) > size:
            return Results(found[:size], found[size - 1][1])
    return Results(found)


def newest_numbers(session: Session, query: Query, user: Any, condition: ColumnElement[bool], most: int) -> list[int]:
    """Return the numbers of the newest posts with all terms that meet a condition, which depends on `user`.

    Posts that are not public come first, because there are few of them.
    """
    if not query.terms:
        return []
    tags = _tags_called(session, [term.word for term in query.terms])
    own = [] if user.is_editor else [token_of_author(user.id)]
    wanted = Every([_all_terms(query, tags, ANYWHERE), *own])

    def narrowed(statement: Select[Any]) -> Select[Any]:
        return statement.join(Post, Post.id == PostSearch.post_id).where(condition)

    found: list[Found] = []
    for stretch in (HIDDEN, OPEN):
        found += newest_with(session, POSTS, wanted, stretch, most - len(found), narrowed)
    numbers = [each.number for each in found]
    if query.phrases:
        texts = _texts(session, numbers[:MOST_HELD_AGAINST], with_titles=True)
        numbers = [number for number in numbers if query.has_phrases(texts.get(number, ""))]
    return numbers


def shown_results(session: Session, query: Query, numbers: Sequence[int]) -> list[Shown]:
    """Return the results for those of the numbered posts that are public, in the given order."""
    statement = select(Post).where(in_state(State.PUBLISHED))
    statement = statement.options(joinedload(Post.author), selectinload(Post.tags), defer(Post.text))
    posts = in_order(session, statement, numbers)
    texts = _texts(session, numbers)
    return [Shown(post, highlighted(post.title, query), snippet(texts[post.id], query)) for post in posts]


def _on_tier(
    session: Session, query: Query, narrowing: Narrowing, wanted: Expression, before: int, most: int
) -> list[Found]:
    """Return the newest matching posts before a place; phrases are checked in their texts."""
    lowest = place_of(narrowing.since, 0) if narrowing.since else OPEN.lowest
    newest = behind(now()) if narrowing.until is None else min(behind(now()), place_of(narrowing.until, 0))
    stretch = Stretch(lowest, min(before, newest))
    wanted = Every([wanted, *narrowing.tokens]) if narrowing.tokens else wanted
    if not query.phrases:
        return newest_with(session, POSTS, wanted, stretch, most)
    found: list[Found] = []
    for _batch in range(MOST_HELD_AGAINST // AT_ONCE):
        some = newest_with(session, POSTS, wanted, stretch, AT_ONCE)
        texts = _texts(session, [each.number for each in some], with_titles=True)
        found += [each for each in some if query.has_phrases(texts.get(each.number, ""))]
        if len(some) < AT_ONCE or len(found) >= most:
            break
        stretch = Stretch(lowest, some[-1].place)
    return found[:most]


def _tiers(query: Query, tags: dict[str, int], *, newest_first: bool) -> list[Expression]:
    anywhere = _all_terms(query, tags, ANYWHERE)
    if newest_first:
        return [anywhere]
    in_title, often = (_all_terms(query, tags, where) for where in (IN_TITLE, OFTEN))
    return [in_title, Every([often], without=in_title), Every([anywhere], without=often)]


def _all_terms(query: Query, tags: dict[str, int], where: str) -> Expression:
    parts: list[Expression] = []
    for term in query.terms:
        tokens = term.tokens_at(where)
        called = tags.get(key_of(term.word))
        if called is not None:
            parts.append(Either([Every(tokens) if len(tokens) > 1 else tokens[0], token_of_tag(called)]))
        else:
            parts += tokens
    return Every(parts)


def _tags_called(session: Session, words: Iterable[str]) -> dict[str, int]:
    """Return the numbers of the tags whose name is one of the words, by the key of the name."""
    keys = {key_of(word) for word in words}
    rows = session.execute(select(Tag.name_key, Tag.id).where(Tag.name_key.in_(keys)))
    return {row.name_key: row.id for row in rows}


def _texts(session: Session, numbers: Sequence[int], *, with_titles: bool = False) -> dict[int, str]:
    """Return the visible text of these posts."""
    columns = (Post.id, Post.kind, Post.title, Post.parts, Post.summary, Post.text)
    rows = session.execute(select(*columns).where(Post.id.in_(numbers)))
    return {
        row.id: " ".join(filter(None, [
            row.title if with_titles else "", text_of(row.kind, row.text[:LONGEST_READ], row.parts, row.summary),
        ]))
        for row in rows
    }  # fmt: skip
