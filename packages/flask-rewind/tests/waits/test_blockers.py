"""Which sessions a server names as those who hold a lock, and how a message says it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from awaiting import awaited
from flask_rewind.engines.blockers import Blocker, ending, held_by
from flask_rewind.engines.registry import engine_of
from histories import History
from lock_holders import another_session

pytestmark = pytest.mark.slow

ALTER = "ALTER TABLE post ADD made INTEGER"
READ = "SELECT id FROM post"
SEEN_ANEW = 0.3
"""Seconds between two looks: InnoDB shows the same transactions again to whoever asks within 0.1 s after another."""


def found(blog: History, statement: str, url: sa.URL | None = None) -> list[Blocker]:
    engine = sa.create_engine(url or blog.engine.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return engine_of(connection).blockers(statement)


@pytest.mark.on("mariadb", "postgresql")
def test_nobody_is_named_where_nobody_is(blog: History) -> None:
    # Transactions of other tests on this server come and go, and are named where nobody in this database is in the way.
    awaited(lambda: found(blog, ALTER) == [], pause=SEEN_ANEW)


@pytest.fixture
def plugin(blog: History) -> Iterator[None]:
    blog.run("INSTALL SONAME 'metadata_lock_info'")
    yield
    blog.run("UNINSTALL SONAME 'metadata_lock_info'")


@pytest.mark.on("mariadb")
def test_the_plugin_of_mariadb_knows_who_has_which_table(blog: History, plugin: None) -> None:
    url = blog.engine.url
    with another_session(url, READ) as reader, another_session(url, "SELECT id FROM author"):
        (blocker,) = found(blog, ALTER)
        assert (blocker.session, blocker.user) == (str(reader.number), "root")
        assert blocker.is_certain
        reader.end()
        assert not [each for each in found(blog, ALTER) if each.is_certain]


@pytest.mark.on("mariadb")
@pytest.mark.parametrize("lock", ["FLUSH TABLES WITH READ LOCK", "LOCK TABLES post READ"])
def test_the_plugin_of_mariadb_knows_locks_without_a_transaction(blog: History, plugin: None, lock: str) -> None:
    with another_session(blog.engine.url, lock) as other:
        assert [each.session for each in found(blog, ALTER) if each.is_certain] == [str(other.number)]


@pytest.mark.on("mariadb")
def test_without_the_plugin_open_transactions_are_named_as_likely(blog: History) -> None:
    with another_session(blog.engine.url, "SELECT id FROM author") as reader:
        awaited(lambda: str(reader.number) in {each.session for each in found(blog, ALTER)}, pause=SEEN_ANEW)
        (blocker,) = found(blog, ALTER)
    assert (blocker.session, blocker.is_certain) == (str(reader.number), False)
    assert held_by([blocker]).startswith(f"probably held by session {reader.number} of root from 127.0.0.1:")


@contextmanager
def user_without_process(blog: History) -> Iterator[sa.URL]:
    url = blog.engine.url.set(username="rewind_few", password="few")
    blog.run("CREATE OR REPLACE USER 'rewind_few'@'%' IDENTIFIED BY 'few'")
    try:
        blog.run(f"GRANT ALL ON {url.database}.* TO 'rewind_few'@'%'")
        yield url
    finally:
        blog.run("DROP USER 'rewind_few'@'%'")


@pytest.mark.on("mariadb")
def test_a_user_who_may_not_see_others_is_told_so(blog: History) -> None:
    with user_without_process(blog) as url, another_session(blog.engine.url, READ):
        assert found(blog, ALTER, url) == []
    assert held_by([]) == "held by a session that has just ended, or that this user may not see"


@pytest.mark.on("postgresql")
def test_postgresql_names_who_has_the_table_or_one_that_goes_with_it(blog: History) -> None:
    url = blog.engine.url
    blog.run("ALTER TABLE post ADD author_id INTEGER REFERENCES author (id)")
    with another_session(url, READ) as of_post, another_session(url, "SELECT id FROM author") as of_author:
        (blocker,) = found(blog, ALTER)
        assert (blocker.session, blocker.user, blocker.host) == (str(of_post.number), "root", "127.0.0.1")
        assert (blocker.query, blocker.is_certain) == (READ, True)
        of_post.end()
        (blocker,) = found(blog, "ALTER TABLE post DROP CONSTRAINT post_author_id_fkey")
        assert (blocker.session, blocker.is_certain) == (str(of_author.number), False)


@pytest.mark.on("postgresql")
@pytest.mark.parametrize(
    ("held", "statement", "is_blocking"),
    [
        (READ, "CREATE INDEX i ON post (note)", False),
        ("UPDATE post SET note = ''", "CREATE INDEX i ON post (note)", True),
        (READ, "DROP INDEX by_title", True),
        (READ, "UPDATE post SET note = ''", False),
        ("SELECT id FROM post WHERE id = 1 FOR UPDATE", "UPDATE post SET note = ''", True),
        (READ, 'ALTER TABLE "post" RENAME TO other', True),
        (READ, "DROP TABLE Post", True),
        ("SELECT 1", ALTER, False),
    ],
)
def test_postgresql_names_those_only_whose_lock_is_in_the_way(
    blog: History, held: str, statement: str, is_blocking: bool
) -> None:
    blog.run("CREATE INDEX by_title ON post (title)")
    with another_session(blog.engine.url, held) as other:
        assert [each.session for each in found(blog, statement)] == [str(other.number)] * is_blocking


def test_a_message_names_some_and_counts_the_others() -> None:
    sessions = [
        Blocker(str(number), "app", "10.0.0.3", seconds, query, f"KILL {number}")
        for number, seconds, query in [(7, 61.7, "SELECT *\n FROM  post"), (8, None, ""), (9, 2, ""), (10, 1, "")]
    ]
    assert held_by(sessions) == (
        "held by session 7 of app from 10.0.0.3 for 62 s: SELECT * FROM post; session 8 of app from 10.0.0.3; "
        "session 9 of app from 10.0.0.3 for 2 s; and 1 more"
    )
    assert ending(sessions[:1]) == "Wait until that session has ended, or end it (KILL 7)"
    assert ending([]) == "Find the session that holds it, and end it or wait until it ends"
