"""Related posts: those with common tags, then those with common words in the title."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session, defer

from qingbo.clock import now
from qingbo.posts.listing import in_order
from qingbo.posts.models import Post, PostTag, Tag
from qingbo.posts.search_index import POSTS
from qingbo.posts.states import State, in_state
from qingbo.search.expressions import Either
from qingbo.search.folding import fold
from qingbo.search.full_text import newest_with
from qingbo.search.places import OPEN, Stretch, behind
from qingbo.search.tokens import IN_TITLE, pieces, runs, token

MOST = 4
"""How many posts are shown."""
MOST_TAGS = 4
"""How many tags are considered, those with the fewest posts first."""
MOST_PER_TAG = 40
"""How many posts of a tag are considered, the newest first."""
MOST_WITH_WORDS = 30
MOST_WORDS = 8
SHORTEST_WORD = 4
"""Minimum letters of a significant word in a title."""
_COMMON = frozenset("的了是在和与及或不我你他她它们这那有也就都而且被把给对从到为以之其个一二三")


def related_posts(session: Session, post: Post) -> list[Post]:
    """Return a few public posts related to one, whose tags were read, the closest first.

    It reads at most a few hundred rows, however many posts there are.
    """
    numbers = [number for number in _with_same_tags(session, post.tags) if number != post.id][:MOST]
    if len(numbers) < MOST:
        others = _with_same_words(session, post)
        numbers += [number for number in others if number not in {post.id, *numbers}][: MOST - len(numbers)]
    if not numbers:
        return []
    return in_order(session, select(Post).where(in_state(State.PUBLISHED)).options(defer(Post.text)), numbers)


def _with_same_tags(session: Session, tags: Sequence[Tag]) -> list[int]:
    """Return the numbers of posts with common tags; those with more and rarer common tags first."""
    rarest = sorted(tags, key=lambda tag: (tag.post_count, tag.id))[:MOST_TAGS]
    if not rarest:
        return []
    newest = [
        select(PostTag.post_id, PostTag.tag_id, PostTag.published_at)
        .where(PostTag.tag_id == tag.id, PostTag.published_at <= now())
        .order_by(PostTag.published_at.desc(), PostTag.post_id.desc())
        .limit(MOST_PER_TAG)
        .subquery()
        for tag in rarest
    ]
    rows = session.execute(union_all(*(select(each) for each in newest))).all()
    worth = {tag.id: 1 / (1 + tag.post_count) for tag in rarest}
    scores: dict[int, float] = defaultdict(float)
    dates = {}
    for row in rows:
        scores[row.post_id] += 1 + worth[row.tag_id]
        dates[row.post_id] = row.published_at
    return sorted(scores, key=lambda number: (scores[number], dates[number], number), reverse=True)


def _with_same_words(session: Session, post: Post) -> list[int]:
    """Return the numbers of the newest posts with common words in the title; those with more of them first."""
    words = _words_of(post.title)
    if not words:
        return []

    wanted = Either([IN_TITLE + each for each in words])
    found = newest_with(session, POSTS, wanted, Stretch(OPEN.lowest, behind(now())), MOST_WITH_WORDS)
    numbers = [each.number for each in found]
    titles = session.execute(select(Post.id, Post.title).where(Post.id.in_(numbers)))
    shared = {row.id: len(words & _words_of(row.title, most=100)) for row in titles}
    return sorted(numbers, key=lambda number: -shared.get(number, 0))


def _words_of(title: str, most: int = MOST_WORDS) -> set[str]:
    """Return the tokens of the significant words in a title."""
    found: list[str] = []
    for run, is_unspaced in runs(fold(title)):
        for piece in pieces(run, is_unspaced=is_unspaced):
            says = len(piece) == 2 and not _COMMON & set(piece) if is_unspaced else len(piece) >= SHORTEST_WORD
            if says:
                found.append(token(piece, is_unspaced=is_unspaced))
    return set(found[:most])
