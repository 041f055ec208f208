"""PostgreSQL: a script that drops a schema or an extension in which, or of whose type, something is hidden."""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind import Refused
from histories import History, executed

pytestmark = [pytest.mark.slow, pytest.mark.on("postgresql")]

MakeApp = Callable[..., Flask]
MADE = [
    "CREATE SCHEMA shop",
    "CREATE TYPE shop.mood AS ENUM ('glad', 'sad')",
    "CREATE TABLE shop.author (id serial PRIMARY KEY, name varchar(9) UNIQUE)",
    "CREATE TABLE shop.post (id serial PRIMARY KEY, n int, author_id int REFERENCES shop.author, mood shop.mood)",
    "CREATE INDEX by_n ON shop.post (n)",
    "CREATE TABLE shop.part (id int, d int) PARTITION BY RANGE (d)",
    "CREATE TABLE shop.part_one PARTITION OF shop.part FOR VALUES FROM (0) TO (10)",
]
ROWS = [
    "INSERT INTO shop.author (name) VALUES ('Ann')",
    "INSERT INTO shop.post (n, author_id, mood) VALUES (5, 1, 'sad')",
    "INSERT INTO shop.part VALUES (1, 1)",
]
DROPPED = ["DROP TABLE shop.part", "DROP TABLE shop.post", "DROP TABLE shop.author", "DROP TYPE shop.mood"]


@pytest.fixture
def blog(make_app: MakeApp, database_url: str, request: pytest.FixtureRequest) -> History:
    drop = getattr(request, "param", "DROP SCHEMA shop")
    made = History(make_app(database_url))
    made.revision(executed(*MADE), executed(*DROPPED, drop))
    made.revision('op.drop_column("post", "n", schema="shop")', executed("ALTER TABLE shop.post ADD n int"))
    flask_rewind.upgrade(revision="1")
    for row in ROWS:
        made.run(row)
    flask_rewind.upgrade()
    return made


def all_of(blog: History) -> list[object]:
    """Return the rows of the tables in the schema, and what else is in it."""
    found: list[object] = [blog.rows(f"SELECT * FROM shop.{table} ORDER BY id") for table in ("author", "post", "part")]
    named = "SELECT relname, relkind FROM pg_class WHERE relnamespace = CAST('shop' AS regnamespace) ORDER BY 1"
    keys = (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = CAST('shop' AS regnamespace) ORDER BY 1"
    )
    types = "SELECT typname, typtype FROM pg_type WHERE typnamespace = CAST('shop' AS regnamespace) ORDER BY 1"
    return [*found, blog.rows(named), blog.rows(keys), blog.rows(types)]


def schemas(blog: History) -> list[str]:
    return sa.inspect(blog.engine).get_schema_names()


@pytest.mark.parametrize(
    "blog", ["DROP SCHEMA shop", "DROP SCHEMA IF EXISTS shop RESTRICT", "DROP SCHEMA shop CASCADE"], indirect=True
)
def test_what_is_hidden_makes_way_for_the_end_of_its_schema_and_returns_with_it(blog: History) -> None:
    before = all_of(blog)
    for _ in range(2):
        planned = [step.statement for each in flask_rewind.plan(revision="base").crossings for step in each.steps]
        assert 'ALTER TABLE "shop"."_attic_2" SET SCHEMA "public"' in " ".join(planned).replace("_attic_3", "_attic_2")
        flask_rewind.downgrade(revision="base")
        assert "shop" not in schemas(blog)
        kept = {each.place: each.rows for each in flask_rewind.attic()}
        assert kept == {"shop.part": 1, "shop.post": 1, "shop.author": 1, "shop.mood": 0}
        flask_rewind.upgrade()
        assert all_of(blog) == before
    flask_rewind.downgrade(revision="1")
    assert blog.rows("SELECT n FROM shop.post") == [(5,)]


def test_purging_what_is_out_of_its_schema(blog: History) -> None:
    flask_rewind.downgrade(revision="base")
    flask_rewind.purge(place="shop.post")
    flask_rewind.purge(everything=True)
    assert not flask_rewind.attic()
    assert not blog.rows("SELECT relname FROM pg_class WHERE relname LIKE '\\_attic%'")
    assert not blog.rows("SELECT typname FROM pg_type WHERE typname LIKE '\\_attic%'")
    flask_rewind.upgrade()
    assert blog.rows("SELECT * FROM shop.post") == []


def test_leaving_while_something_is_out_of_its_schema(blog: History) -> None:
    flask_rewind.downgrade(revision="base")
    flask_rewind.eject(restore=True)
    assert blog.rows("SELECT n, mood FROM public.post") == [(5, "sad")]


def test_columns_that_are_hidden_in_a_table_that_is_out_of_its_schema(make_app: MakeApp, database_url: str) -> None:
    blog = History(make_app(database_url))
    blog.revision(
        executed("CREATE SCHEMA shop", "CREATE TABLE shop.post (id int, n int)"), executed(*MADE[:0] or ["SELECT 1"])
    )
    blog.revision('op.drop_column("post", "n", schema="shop")', executed("ALTER TABLE shop.post ADD n int"))
    blog.revision(
        executed("DROP TABLE shop.post", "DROP SCHEMA shop"),
        executed("CREATE SCHEMA shop", "CREATE TABLE shop.post (id int)"),
    )
    flask_rewind.upgrade(revision="1")
    blog.run("INSERT INTO shop.post VALUES (1, 7)")
    flask_rewind.upgrade()
    assert {each.place: each.rows for each in flask_rewind.attic()} == {"shop.post.n": 1, "shop.post": 1}
    flask_rewind.downgrade(revision="1")
    assert blog.rows("SELECT id, n FROM shop.post") == [(1, 7)]
    flask_rewind.upgrade()
    flask_rewind.purge(place="shop.post.n")
    assert not blog.rows("SELECT attname FROM pg_attribute WHERE attname LIKE '\\_attic%' AND NOT attisdropped")


def test_the_way_back_by_the_journal_makes_the_schema_again(make_app: MakeApp, database_url: str) -> None:
    blog = History(make_app(database_url))
    blog.revision(executed("CREATE SCHEMA shop", "CREATE TABLE shop.post (id int, n int)"), "pass")
    blog.revision(executed("DROP TABLE shop.post", "DROP SCHEMA shop"), "pass")
    flask_rewind.upgrade(revision="1")
    blog.run("INSERT INTO shop.post VALUES (1, 7)")
    flask_rewind.upgrade()
    assert "shop" not in schemas(blog)
    flask_rewind.downgrade(from_journal=True)
    assert blog.rows("SELECT id, n FROM shop.post") == [(1, 7)]


def test_an_extension_whose_type_a_hidden_column_has(make_app: MakeApp, database_url: str) -> None:
    blog = History(make_app(database_url))
    blog.revision(
        executed("CREATE EXTENSION citext", "CREATE TABLE person (id int PRIMARY KEY, email citext)"),
        executed("DROP TABLE person", "DROP EXTENSION citext"),
    )
    path = blog.revision('op.drop_column("person", "email")\n' + executed("DROP EXTENSION citext"), "pass")
    with pytest.raises(Refused, match=r"because of the hidden column person\.email") as error:
        flask_rewind.upgrade()
    assert "Move that statement from revision 2 to a later one." in error.value.hint
    assert error.value.hint.endswith("delete the hidden data permanently: flask db purge person.email")
    # The advice works.
    path.write_text(path.read_text().replace("DROP EXTENSION citext", "SELECT 1"))
    blog.revision(executed("DROP EXTENSION citext"), executed("CREATE EXTENSION citext"))
    flask_rewind.upgrade(revision="2")
    with pytest.raises(Refused, match=r"because of the hidden column person\.email") as error:
        flask_rewind.upgrade()
    assert error.value.hint.endswith("or delete the hidden data permanently: flask db purge person.email")
    flask_rewind.purge(place="person.email")
    flask_rewind.upgrade()
    assert not blog.rows("SELECT 1 FROM pg_extension WHERE extname = 'citext'")
