"""Tables of unusual kinds: full, system-versioned, virtual, inheriting."""

import flask_rewind
import pytest
from flask_rewind.errors import CrossingFailed, Refused
from hard_cases import made
from histories import History, everything, executed

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


def full_table(blog: History, engine_name: str) -> None:
    """Create a table that has no room for another column, and no primary key for a side table."""
    count = {"sqlite": 1999, "mariadb": 1016}[engine_name]
    blog.run(f"CREATE TABLE wide (id INTEGER, {', '.join(f'c{n} INTEGER' for n in range(count))})")
    blog.run(f"INSERT INTO wide (id, {', '.join(f'c{n}' for n in range(count))}) VALUES (1{', 7' * count})")


@pytest.mark.on("sqlite", "mariadb")  # PostgreSQL counts dropped columns too
def test_a_table_without_room_for_one_more_column(blog: History, engine_name: str) -> None:
    full_table(blog, engine_name)
    add, drop = 'op.add_column("wide", sa.Column("{}", sa.Integer))\n', 'op.drop_column("wide", "{}")\n'
    both = blog.revision(drop.format("c3") + add.format("d"), drop.format("d") + add.format("c3"))
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"no room for this beside its hidden columns \(wide\.c3\)") as refused:
        flask_rewind.upgrade()
    assert "in an earlier revision" in refused.value.hint
    assert everything(blog.engine) == before
    both.unlink()
    blog.count -= 1
    blog.revision(drop.format("c3"), add.format("c3"))
    flask_rewind.upgrade()
    blog.revision(add.format("d"), drop.format("d"))
    assert "no room" in flask_rewind.plan().refused
    with pytest.raises(Refused, match="no room") as refused:
        flask_rewind.upgrade()
    assert refused.value.hint.endswith("flask db purge wide.c3")
    flask_rewind.purge(place="wide.c3")
    flask_rewind.upgrade()
    assert blog.rows("SELECT c2, c4, d FROM wide") == [(7, 7, None)]


@pytest.mark.parametrize("is_allowed", [True, False])
@pytest.mark.on("mariadb")
def test_a_table_that_keeps_its_history(blog: History, is_allowed: bool) -> None:
    blog.run("CREATE TABLE old (id INTEGER PRIMARY KEY, word VARCHAR(9) NOT NULL) WITH SYSTEM VERSIONING")
    blog.run("INSERT INTO old (id, word) VALUES (1, 'a'), (2, 'b')")
    blog.run("UPDATE old SET word = 'c' WHERE id = 2")
    allow = 'op.execute("SET system_versioning_alter_history = KEEP")\n' * is_allowed
    added = 'op.add_column("old", sa.Column("word", sa.String(9), nullable=False))'
    blog.revision(f'{allow}op.drop_column("old", "word")', allow + added)
    query = "SELECT id, word FROM old FOR SYSTEM_TIME ALL ORDER BY id, word"
    before, schema = blog.rows(query), everything(blog.engine)
    if not is_allowed:
        with pytest.raises(CrossingFailed, match="system_versioning_alter_history"):
            flask_rewind.upgrade()
    else:
        flask_rewind.upgrade()
        blog.run("INSERT INTO old (id) VALUES (3)")
        blog.run("DELETE FROM old WHERE id = 3")
        flask_rewind.downgrade()
    assert [row for row in blog.rows(query) if row[0] < 3] == before
    assert everything(blog.engine) == schema


@pytest.mark.on("sqlite")
def test_a_virtual_table_returns_with_its_rows(blog: History) -> None:
    create = "CREATE VIRTUAL TABLE words USING fts5(title, body)"
    made(blog, create, "INSERT INTO words VALUES ('a', 'light blog'), ('b', 'heavy')")
    blog.revision(executed("DROP TABLE words"), executed(create))
    query = "SELECT title FROM words WHERE words MATCH 'light'"
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert blog.rows(query) == [("a",)]


@pytest.mark.on("postgresql")
def test_a_table_that_inherits_goes_and_returns_without_its_parents(blog: History) -> None:
    made(
        blog,
        "CREATE TABLE one (id INTEGER, a INTEGER CHECK (a > 0))",
        "CREATE TABLE two (id INTEGER, b INTEGER)",
        "CREATE TABLE both_ (c INTEGER) INHERITS (one, two)",
        "INSERT INTO both_ (id, a, b, c) VALUES (1, 2, 3, 4)",
    )
    before = everything(blog.engine)
    blog.revision('op.drop_table("both_")', executed("CREATE TABLE both_ (c INTEGER) INHERITS (one, two)"))
    for _ in range(2):
        flask_rewind.upgrade()
        assert blog.rows("SELECT count(*) FROM one") == [(0,)]
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
        assert blog.rows("SELECT count(*) FROM one, two") == [(1,)]
    blog.revision('op.drop_table("one")', "pass")
    flask_rewind.upgrade(revision="1")
    made(blog, "CREATE TABLE late () INHERITS (one)")
    flask_rewind.upgrade(revision="2")
    with pytest.raises(Refused, match="one cannot be hidden: late inherits from it"):
        flask_rewind.upgrade()
