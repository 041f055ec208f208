"""Fills blogs with a thousand to a million posts in minutes, by the fastest way to load rows into each engine.

All derived data is as the blog would have written it, and made by the blog's own code if that is quick enough:
`qingbo doctor` finds nothing wrong. Renderings are missing: pages make them when they are first shown.

The newest posts are the same in a blog of any size, so that pages of blogs of different size can be compared.
"""

import argparse
import json
import os
import random
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_rewind
from engines import ENGINES, KEPT, database_url, servers
from flask import Flask
from loading import AT_ONCE, Row, load
from qingbo.accounts.models import User
from qingbo.accounts.registration import create_user
from qingbo.app import create_app
from qingbo.comments.models import Comment
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.home import DataFolder
from qingbo.page_cache.changes import EVERYTHING, record_changes
from qingbo.posts.archive_counts import recount_years
from qingbo.posts.first_use import record_first_use
from qingbo.posts.kinds import ARTICLE, LINK, NOTE, PHOTOS, QUOTE, Parts
from qingbo.posts.models import Post, Series, Tag
from qingbo.posts.publishing import Draft, outline_of
from qingbo.posts.tag_counts import count_all_tags
from qingbo.reindexing import reindex
from qingbo.rendering.slugs import slug_of
from qingbo.search.places import place_of
from sqlalchemy import func, literal, select
from words import Writer, rare_first

FORMAT = 1
"""Raise it when the generated rows change: kept blogs are then filled again."""
AUTHORS, TAGS, SERIES, COMMENTS_ON_ONE = 50, 300, 20, 50
PASSWORD = "correct horse battery staple"
YEARS = 18
"""The years over which the posts are spread."""
NEWEST, APART = 60, timedelta(hours=8)
"""The number of newest posts that are the same in each blog, and the time between two of them."""
WITH_COMMENTS, PINNED = 12, (40, 41)
"""The post with many comments, and the pinned ones, counted from the newest post."""

_POST = (
    "id", "author_id", "title", "slug", "text", "excerpt", "created_at", "updated_at", "published_at",
    "first_published_at", "kind", "parts", "visibility", "dated_at", "pinned_at", "binned_at", "series_id",
    "series_position",
)  # fmt: skip
_COMMENT = (
    "id", "post_id", "parent_id", "author_id", "guest_name", "guest_email", "text", "created_at", "state",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled blog and its contents."""

    engine: str
    posts: int
    home: str
    post: str
    """Path of the post with comments."""
    tag: str
    """Path of the most frequent tag."""
    word: str
    """A word that is neither frequent nor rare."""
    seconds: dict[str, float]
    """How long each part of the filling took."""
    format: int = FORMAT
    with_search: bool = True

    @property
    def file(self) -> Path:
        """The file that records the filled blog."""
        return Path(self.home).with_suffix(".json")


@dataclass(frozen=True, slots=True)
class _Text:
    kind: str
    text: str
    excerpt: str
    parts: str


def filled_blog(
    engine: str, posts: int, *, name: str = "", with_search: bool = True, is_new: bool = False
) -> Filled:  # fmt: skip
    """Return a blog with so many posts on an engine, reused from an earlier run if possible.

    Args:
        engine: the engine of its database.
        posts: the number of posts.
        name: the name of the blog and its database; by default the number of posts.
        with_search: whether its posts are in the search index.
        is_new: whether to fill it again.
    """
    name = name or str(posts)
    home = KEPT / f"{engine}-{name}"
    if not is_new and home.with_suffix(".json").exists():
        kept = Filled(**json.loads(home.with_suffix(".json").read_text()))
        if kept.format == FORMAT and (kept.with_search or not with_search):
            with app_of(kept), writing():
                flask_rewind.upgrade()
            return kept
    home.with_suffix(".json").unlink(missing_ok=True)
    shutil.rmtree(home, ignore_errors=True)
    filled = _fill(engine, home, f"qingbo_{name}", posts, with_search=with_search)
    filled.file.write_text(json.dumps(asdict(filled)))
    return filled


def url_of(filled: Filled) -> str:
    """Return the URL of its database, and start the server."""
    home = Path(filled.home)
    name = home.name.removeprefix(f"{filled.engine}-")
    return database_url(filled.engine, f"qingbo_{name}", home, is_new=False)


@contextmanager
def app_of(filled: Filled, **settings: str) -> Iterator[Flask]:
    """Yield the app of a filled blog in this process, in its context; settings are named as in the environment."""
    told = {f"QINGBO_{name.upper()}": value for name, value in {"database_url": url_of(filled), **settings}.items()}
    os.environ |= told
    try:
        app = create_app(Path(filled.home))
        with app.app_context():
            yield app
            session().close()
            db.engine.dispose()
    finally:
        for name in told:
            del os.environ[name]


@contextmanager
def blog_on(engine: str, home: Path, name: str) -> Iterator[str]:
    """Yield a new blog without posts on an engine, as the app of this process, and the URL of its database."""
    DataFolder(home).create()
    os.environ["QINGBO_DATABASE_URL"] = url = database_url(engine, name, home, is_new=True)
    app = create_app(home)
    try:
        with app.app_context():
            with writing():
                flask_rewind.upgrade()
            yield url
            session().close()
            db.engine.dispose()
    finally:
        del os.environ["QINGBO_DATABASE_URL"]


def _fill(engine: str, home: Path, name: str, posts: int, *, with_search: bool) -> Filled:
    watch = _Watch()
    with blog_on(engine, home, name) as url:
        maker = _Maker(posts)
        maker.write_people_and_tags()
        maker.prepare_texts()
        load(url, "posts", _POST, maker.posts())
        watch.say("posts")
        load(url, "posts_tags", ("post_id", "tag_id", "published_at"), maker.tags_of_posts())
        watch.say("tags")
        load(url, "comments", _COMMENT, maker.comments())
        watch.say("comments")
        _derive()
        watch.say("counts")
        if with_search:
            reindex(session(), lambda _name, count=1: None)
        else:
            load(url, "post_search", ("post_id", "place", "words"), _rows_without_words(_PLACES_OF_POSTS))
            load(url, "comment_search", ("comment_id", "place", "words"), _rows_without_words(_PLACES_OF_COMMENTS))
        watch.say("search index" if with_search else "rows without words")
        _analyze()
        watch.say("statistics of the engine")
    return Filled(
        engine, posts, str(home), f"/posts/{maker.slug(WITH_COMMENTS)}", f"/tags/{maker.tag_slugs[0]}",
        maker.writer.words[200], watch.seconds, with_search=with_search,
    )  # fmt: skip


class _Watch:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def say(self, part: str) -> None:
        now = time.monotonic()
        self.seconds[part], self._last = round(now - self._last, 1), now
        print(f"  {part}: {self.seconds[part]} s", file=sys.stderr, flush=True)


def _derive() -> None:
    """Make the blog's derived data with the blog's own code."""
    with writing():
        record_first_use(session())
        count_all_tags(session())
        recount_years(session())
        record_changes(session().connection(), [EVERYTHING])
        session().commit()


_PLACES_OF_POSTS = select(
    Post.id, func.coalesce(Post.published_at, Post.dated_at, Post.created_at).label("date"),
    Post.published_at.is_(None).label("is_hidden"),
)  # fmt: skip
_PLACES_OF_COMMENTS = select(Comment.id, Comment.created_at.label("date"), literal(False).label("is_hidden"))


def _rows_without_words(wanted: Any) -> Iterator[Row]:
    """Yield rows of a search index with the right places but without words, so that no search finds them."""
    for row in session().execute(wanted, execution_options={"yield_per": AT_ONCE}):
        yield row.id, place_of(row.date, row.id, is_hidden=row.is_hidden), ""


def _analyze() -> None:
    """Have the engine update its statistics, as it does by itself in a blog that grows."""
    match db.engine.dialect.name:
        case "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
        case "mysql" | "mariadb":
            with db.engine.connect() as connection:
                for table in ("posts", "posts_tags", "tags", "comments"):
                    connection.exec_driver_sql(f"ANALYZE TABLE {table}").fetchall()


class _Maker:
    """Makes the rows. Post number 0 is the newest one; ids count from the oldest."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.newest = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
        self.writer = Writer(random.Random(1))
        self.tag_slugs: list[str] = []
        self._authors: list[int] = []
        self._tags: list[int] = []
        self._series: list[int] = []

    def write_people_and_tags(self) -> None:
        """Write the few rows whose number is the same in each blog."""
        with writing():
            first = create_user(session(), "administrator", PASSWORD, role="administrator")
            author = create_user(session(), "author-1", PASSWORD, role="author")
            people = [author]
            for number in range(2, AUTHORS + 1):
                # One hash for all, because making one takes a good part of a second.
                user = User(name=f"author-{number}", name_key=f"author-{number}", password=author.password)
                user.roles.append(author.roles[0])
                people.append(user)
            for number, person in enumerate(people):
                person.display_name = self.writer.run(2) if number % 3 else None
                person.bio = self.writer.plain(30) if number % 2 else None
            tags = [self._new_tag(number) for number in range(TAGS)]
            series = [
                Series(title=self.writer.run(3), slug=f"series-{number}", description=self.writer.sentence())
                for number in range(SERIES)
            ]
            session().add_all([*people, *tags, *series])
            session().commit()
            self._authors = [first.id, *(person.id for person in people)]
            self._tags, self.tag_slugs = [tag.id for tag in tags], [tag.slug for tag in tags]
            self._series = [each.id for each in series]
            session().rollback()

    def _new_tag(self, number: int) -> Tag:
        name = self.writer.words[150 + number]
        return Tag(name=name, name_key=name, slug=f"{slug_of(name)}-{number}", description="")

    def prepare_texts(self) -> None:
        """Write the paragraphs, and have the blog make the excerpts of texts that begin with them."""
        writer = self.writer
        self._openings = [(text, _excerpt(ARTICLE, text)) for text in (writer.plain(230) for _each in range(300))]
        self._bodies = [writer.marked_up() for _each in range(2_000)]
        self._titles = [writer.title() for _each in range(20_000)]
        self._slugs = [slug_of(title) or "post" for title in self._titles]
        self._remarks = [writer.remark() for _each in range(300)]
        shorts = [
            *(self._short(NOTE, Parts(), 60) for _each in range(200)),
            *(self._short(QUOTE, Parts(source=writer.run(2)), 40) for _each in range(100)),
            *(self._short(LINK, Parts(link=f"https://example.org/{each}"), 60) for each in range(100)),
            *(self._short(PHOTOS, Parts(pictures=_pictures(each)), 30) for each in range(50)),
        ]
        writer.chance.shuffle(shorts)
        self._shorts = shorts

    def _short(self, kind: str, parts: Parts, least: int) -> _Text:
        text = self.writer.plain(least)
        return _Text(kind, text, _excerpt(kind, text, parts), str(parts))

    def slug(self, number: int) -> str:
        """Return the slug of a post."""
        return f"{self._slugs[number * 7919 % len(self._slugs)]}-{number}"

    def posts(self) -> Iterator[Row]:
        """Yield the rows of posts: first the oldest, last the scheduled ones."""
        for number in reversed(range(self.count)):
            yield self._post(number, self.date(number))
        for number in range(3):
            yield self._post(self.count + number, self.newest + timedelta(days=30 + number))

    def _post(self, number: int, date: datetime) -> Row:
        chance = random.Random(number)
        kept = self._text(number, chance)
        said = _said(date)
        published: str | None = said
        dated: str | None = None
        visibility = "public"
        if self.is_draft(number):
            published = None
        elif number > NEWEST and number % 499 == 77:
            published, dated, visibility = None, said, "private"
        part = number // 7 % SERIES if number > NEWEST and number % 7 == 3 and number < 3_000 else None
        return (
            self._id(number), chance.choice(self._authors),
            self._titles[number * 7919 % len(self._titles)] if kept.kind in {ARTICLE, PHOTOS} else "",
            self.slug(number), kept.text, kept.excerpt, said, said, published, published, kept.kind, kept.parts,
            visibility, dated, said if number in PINNED else None,
            said if self.is_draft(number) and number % 2 else None,
            None if part is None else self._series[part], None if part is None else number,
        )  # fmt: skip

    def _text(self, number: int, chance: random.Random) -> _Text:
        if number not in {0, WITH_COMMENTS, *PINNED} and chance.random() < 0.2:
            return chance.choice(self._shorts)
        opening, excerpt = chance.choice(self._openings)
        paragraphs = 16 if number == WITH_COMMENTS else min(40, 1 + int(chance.expovariate(0.25)))
        text = "\n\n".join([opening, *chance.choices(self._bodies, k=paragraphs)])
        return _Text(ARTICLE, text, excerpt, str(Parts()))

    def is_draft(self, number: int) -> bool:
        """Return whether a post has no date; every second of these is in the trash."""
        return NEWEST < number < self.count and number % 97 in {50, 51}

    def date(self, number: int) -> datetime:
        """Return when a post was written."""
        if number < NEWEST:
            return self.newest - APART * number
        before = self.newest - APART * NEWEST
        return before - timedelta(days=365.25 * YEARS) * ((number - NEWEST) / max(1, self.count - NEWEST))

    def tags_of_posts(self) -> Iterator[Row]:
        """Yield the rows of the tags of posts: the first tags are on many posts, the last on few."""
        for number in (*reversed(range(self.count)), *range(self.count, self.count + 3)):
            chance = random.Random(f"tags {number}")
            post = self._post_date(number)
            for tag in rare_first(chance, self._tags, chance.choice((1, 2, 2, 3, 3, 4))):
                yield self._id(number), tag, post

    def _post_date(self, number: int) -> str | None:
        if number >= self.count:
            return _said(self.newest + timedelta(days=30 + number - self.count))
        hidden = self.is_draft(number) or (number > NEWEST and number % 499 == 77)
        return None if hidden else _said(self.date(number))

    def _id(self, number: int) -> int:
        return self.count - number if number < self.count else number + 1

    def comments(self) -> Iterator[Row]:
        """Yield the rows of comments: many on one post, a few on every eighth."""
        comment = 0
        for number in reversed(range(self.count)):
            if number != WITH_COMMENTS and (number % 8 or self.is_draft(number)):
                continue
            chance = random.Random(f"comments {number}")
            first: list[int] = []
            for _each in range(COMMENTS_ON_ONE if number == WITH_COMMENTS else chance.randint(1, 4)):
                comment += 1
                parent = chance.choice(first) if first and chance.random() < 0.3 else None
                if parent is None:
                    first.append(comment)
                yield self._comment(number, comment, parent, chance)

    def _comment(self, number: int, comment: int, parent: int | None, chance: random.Random) -> Row:
        is_guest = chance.random() < 0.7
        guest = chance.randrange(5_000)
        at = self.date(number) + timedelta(minutes=chance.randrange(1, 2_000))
        return (
            comment, self._id(number), parent, None if is_guest else chance.choice(self._authors),
            f"{self.writer.words[guest % 3_000]}{guest}" if is_guest else None,
            f"guest{guest}@example.org" if is_guest and guest % 2 else None,
            chance.choice(self._remarks), _said(at), "shown",
        )  # fmt: skip


def _excerpt(kind: str, text: str, parts: Parts | None = None) -> str:
    return outline_of(Draft("", text, kind=kind, parts=parts)).excerpt


def _pictures(number: int) -> str:
    return "\n".join(f"https://pictures.example.org/{number}-{each}.jpg 图" for each in range(1 + number % 8))


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}.000000"


def main() -> None:
    """Fill a blog for later runs."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--posts", type=int, default=1_000)
    parser.add_argument("--without-search", action="store_true", help="leave the words out of the search index")
    parser.add_argument("--new", action="store_true", help="also where one is kept")
    asked = parser.parse_args()
    with servers():
        filled = filled_blog(asked.engine, asked.posts, with_search=not asked.without_search, is_new=asked.new)
    print(json.dumps(asdict(filled), ensure_ascii=False))


if __name__ == "__main__":
    main()
