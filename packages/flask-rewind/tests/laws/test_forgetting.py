"""L6: `purge` deletes hidden data by age, name, row, or all; and `eject` removes Rewind."""

import re
from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from database_servers import ENGINES
from flask import Flask
from flask_rewind import report
from flask_rewind.errors import BadRequest, NotKept, Refused, RewindError
from flask_rewind.results import Ejected, Kept
from histories import History, everything

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.combinations]

CREATE = """
op.create_table(
    "post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(60)),
    sa.Column("lead", sa.String(60), nullable=False),
    sa.Column("mood", sa.String(60), nullable=False, server_default="calm"),
    mysql_charset="utf8mb4",
)
"""
PAIR = """
op.create_table(
    "pair",
    sa.Column("a", sa.Integer, primary_key=True),
    sa.Column("b", sa.String(9), primary_key=True),
    sa.Column("word", sa.String(9)),
    mysql_charset="utf8mb4",
)
"""
DROPS = 'op.drop_column("post", "title")\nop.drop_column("post", "lead")\nop.drop_column("post", "mood")'
ADDS = (
    'op.add_column("post", sa.Column("title", sa.String(60)))\n'
    'op.add_column("post", sa.Column("lead", sa.String(60), nullable=False))\n'
    'op.add_column("post", sa.Column("mood", sa.String(60), nullable=False, server_default="calm"))'
)


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    made.revision(CREATE + PAIR, 'op.drop_table("pair")\nop.drop_table("post")')
    made.revision(DROPS + '\nop.drop_table("pair")', PAIR + ADDS)
    flask_rewind.upgrade(revision="1")
    made.run("INSERT INTO post (id, title, lead, mood) VALUES (1, '轻博', 'one', 'glad'), (2, 'b', 'two', 'sad')")
    made.run("INSERT INTO pair (a, b, word) VALUES (1, 'x', 'w'), (1, 'y', 'w'), (2, 'it''s', 'w')")
    flask_rewind.upgrade()
    return made


def test_the_attic_says_how_much_it_keeps(blog: History, engine_name: str) -> None:
    kept = {each.place: (each.rows, each.bytes) for each in flask_rewind.attic()}
    assert kept["pair"][0] == 3
    assert kept["post.title"][0] == 2
    exact = 7 if engine_name != "postgresql" else 9  # including one byte for the length of each
    assert kept["post.title"][1] == exact
    assert "2 rows, " in blog.app.test_cli_runner().invoke(args=["db", "attic"]).stdout


def test_one_row_is_forgotten_and_the_others_return(blog: History) -> None:
    done = blog.app.test_cli_runner().invoke(args=["db", "purge", "--row", "post", "1", "--yes"])
    assert done.stdout.count("Purged") == 3
    flask_rewind.purge(row=("pair", "1,y"))
    flask_rewind.purge(row=("pair", "2,it's"))
    assert flask_rewind.log(limit=1)[0].target == "row 2,it's of pair"
    flask_rewind.downgrade(fill={"post.lead": "'?'"})
    query = "SELECT id, title, lead, mood FROM post ORDER BY id"
    assert blog.rows(query) == [(1, None, "?", "calm"), (2, "b", "two", "sad")]
    assert blog.rows("SELECT a, b FROM pair") == [(1, "x")]


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (("post", "9"), NotKept("The attic has nothing of row 9 of post.")),
        (("nowhere", "1"), NotKept("The attic has nothing of row 1 of nowhere.")),
        (("post", "x"), BadRequest("'x' cannot be a key: the key column has the type int.")),
        (("pair", "1"), BadRequest("'1' is not a key of pair: its primary key has 2 columns.")),
    ],
)
def test_a_row_that_is_none_is_refused(blog: History, row: tuple[str, str], error: RewindError) -> None:
    before = flask_rewind.attic()
    with pytest.raises(type(error), match=re.escape(error.message)):
        flask_rewind.purge(row=row)
    assert flask_rewind.attic() == before


def test_leaving_asks_what_becomes_of_the_attic(blog: History) -> None:
    with pytest.raises(Refused, match="the attic still has 4 entries"):
        flask_rewind.eject()
    with pytest.raises(BadRequest):
        flask_rewind.eject(purge=True, restore=True)
    assert len(flask_rewind.attic()) == 4


def own_names(blog: History) -> list[str]:
    inspector = sa.inspect(blog.engine)
    names = inspector.get_table_names()
    names += [f"{table}.{each['name']}" for table in names for each in inspector.get_columns(table)]
    return [name for name in names if "rewind" in name or "_attic_" in name]


def test_leaving_with_purge_leaves_nothing(blog: History) -> None:
    runner = blog.app.test_cli_runner()
    assert runner.invoke(args=["db", "eject", "--purge"], input="n\n").exit_code == 1
    done = runner.invoke(args=["db", "eject", "--purge", "--yes"])
    assert "Purged post.title (column)" in done.stdout
    assert own_names(blog) == []
    assert not sa.inspect(blog.engine).has_table("pair")
    assert flask_rewind.status()[0].current == ("2",)


def test_leaving_with_restore_shows_everything_again(blog: History) -> None:
    blog.run("INSERT INTO post (id) VALUES (3)")
    blog.run("CREATE TABLE pair (id INTEGER)")
    blog.run("ALTER TABLE post ADD COLUMN title INTEGER")
    ejected = {each.kept.place: each.now for each in flask_rewind.eject(restore=True)}
    assert ejected["post.lead"] == "post.lead"
    title, pair = ejected["post.title"].split(".")[1], ejected["pair"]
    assert title.startswith("title_attic_")
    rows = blog.rows(f"SELECT id, {title}, lead, mood FROM post ORDER BY id")
    assert rows == [(1, "轻博", "one", "glad"), (2, "b", "two", "sad"), (3, None, None, "calm")]
    assert blog.rows(f"SELECT count(*) FROM {pair}") == [(3,)]
    assert [name for name in own_names(blog) if name.startswith(("_attic_", "rewind_")) or "._attic_" in name] == []


def test_leaving_an_empty_attic_needs_no_answer(blog: History) -> None:
    flask_rewind.downgrade()
    assert flask_rewind.eject() == ()
    assert own_names(blog) == []
    flask_rewind.upgrade()
    assert len(flask_rewind.log()) == 1


@pytest.mark.parametrize("purged", ["post.title", "_attic_1"])
def test_a_column_inside_a_hidden_table_is_forgotten(blog: History, purged: str) -> None:
    blog.revision('op.drop_table("post")', 'op.create_table("post", sa.Column("id", sa.Integer, primary_key=True))')
    flask_rewind.upgrade()
    blog.run("CREATE TABLE post (id INTEGER PRIMARY KEY, title VARCHAR(9))")
    assert {each.place: each.rows for each in flask_rewind.attic()}["post.title"] == 2
    flask_rewind.purge(row=("post", "2"))
    assert {each.place: each.rows for each in flask_rewind.attic()}["post.title"] == 1
    assert [each.place for each in flask_rewind.purge(place=purged)] == ["post.title"]
    assert "_attic_1" not in {name.split(".")[-1] for name in own_names(blog)}
    blog.run("DROP TABLE post")
    flask_rewind.downgrade(fill={"post.lead": "'?'"})
    flask_rewind.downgrade(fill={"post.lead": "'?'"})
    assert blog.rows("SELECT id, title, lead, mood FROM post ORDER BY id") == [(1, None, "one", "glad")]
    assert "post.title" not in {each.place for each in flask_rewind.attic()}


def test_a_hidden_table_goes_with_what_is_hidden_in_it(blog: History) -> None:
    blog.revision('op.drop_table("post")', "pass")
    flask_rewind.upgrade()
    gone = {each.place for each in flask_rewind.purge(place="_attic_5")}
    assert gone == {"post", "post.title", "post.lead", "post.mood"}
    assert [each.place for each in flask_rewind.attic()] == ["pair"]


def test_leaving_shows_what_is_hidden_in_a_table_that_has_another_name_now(blog: History) -> None:
    blog.revision('op.drop_table("post")', "pass")
    flask_rewind.upgrade()
    blog.run("CREATE TABLE post (id INTEGER PRIMARY KEY, title VARCHAR(9))")
    ejected = {each.kept.place: each.now for each in flask_rewind.eject(restore=True)}
    assert ejected["post"] == "post_attic_5"
    assert ejected["post.title"] == "post_attic_5.title"
    assert blog.rows("SELECT id, title FROM post_attic_5 ORDER BY id") == [(1, "轻博"), (2, "b")]


CONSTRAINED = """
op.create_table("author", sa.Column("id", sa.Integer, primary_key=True))
op.create_table(
    "page",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("slug", sa.String(60)),
    sa.Column("views", sa.Integer),
    sa.Column("word", sa.String(60)),
    sa.Column("tone", sa.String(60), unique=True),
    sa.Column("author_id", sa.Integer, sa.ForeignKey("author.id", name="fk_page")),
    sa.UniqueConstraint("slug", "word", name="uq_page"),
    sa.CheckConstraint("views >= 0 AND tone <> 'q'", name="ck_page"),
)
op.create_index("ix_page", "page", ["word"])
"""


@pytest.mark.parametrize("column", ["slug", "views", "word", "tone", "author_id"])
def test_a_column_that_constraints_stand_on_is_forgotten(blog: History, column: str) -> None:
    blog.revision(CONSTRAINED, "pass")
    blog.revision(f'op.drop_column("page", "{column}")', "pass")
    flask_rewind.upgrade()
    blog.run("INSERT INTO author VALUES (1)")
    blog.run("INSERT INTO page (id) VALUES (1), (7)")
    before = everything(blog.engine)
    flask_rewind.purge(place=f"page.{column}")
    assert [name for name in own_names(blog) if name.startswith("page._attic_")] == []
    after = everything(blog.engine)
    assert after[1] == before[1]
    lost = {key for key in before[0] if key not in after[0]}
    assert all(kind in {"unique", "check", "index"} for kind, *_ in lost), lost


@pytest.mark.on("sqlite")  # elsewhere a trigger does not follow a renamed column
def test_a_column_that_a_trigger_uses_is_kept(blog: History) -> None:
    blog.revision(CONSTRAINED, "pass")
    blog.revision('op.drop_column("page", "word")', "pass")
    flask_rewind.upgrade(revision="3")
    blog.run("CREATE TRIGGER follow AFTER INSERT ON page BEGIN UPDATE page SET word = NEW.tone; END")
    flask_rewind.upgrade()
    before = flask_rewind.attic()
    with pytest.raises(Refused, match=r"page\.word cannot be purged: the trigger or view follow uses it \(as _attic_"):
        flask_rewind.purge(place="page.word")
    assert flask_rewind.attic() == before


KEYS = {
    "a number with a fraction": ("NUMERIC(10, 2)", ["0", "1.5", "2"], "1.5", "typo"),
    "a date": ("DATE", ["'2026-01-01'", "'2026-01-02'"], "2026-01-02", "1.5oops"),
    "a time": ("TIMESTAMP", ["'2026-01-01 10:00:00'", "'2026-01-02 11:30:00'"], "2026-01-02 11:30:00", "soon"),
    "a truth": ("BOOLEAN", ["true", "false"], "false", "perhaps"),
    "a uuid": ("UUID", [f"'3f2504e0-4f89-11d3-9a0c-0305e82c330{n}'" for n in (1, 2)], None, "3f25"),
    "a long number": ("BIGINT", ["1", "2"], "2", "99999999999999999999999"),
}


TYPED = {
    "a uuid": ("mariadb", "postgresql"),  # SQLite stores times as text
    "a time": ("mariadb", "postgresql"),
    "a truth": ("sqlite", "postgresql"),  # a number on MariaDB
}


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=pytest.mark.on(*TYPED.get(kind, ENGINES))) for kind in KEYS])
def test_a_row_is_found_by_a_key_of_any_type_and_no_other(blog: History, kind: str) -> None:
    definition, values, wanted, wrong = KEYS[kind]
    wanted = wanted or values[1].strip("'")
    blog.run(f"CREATE TABLE keyed (id {definition} PRIMARY KEY, word VARCHAR(9))")
    for value in values:
        blog.run(f"INSERT INTO keyed (id, word) VALUES ({value.replace(':', chr(92) + ':')}, 'w')")
    blog.revision('op.drop_column("keyed", "word")', 'op.add_column("keyed", sa.Column("word", sa.String(9)))')
    flask_rewind.upgrade()
    for nothing in (wrong, ""):
        with pytest.raises((BadRequest, NotKept)):
            flask_rewind.purge(row=("keyed", nothing))
    (gone,) = flask_rewind.purge(row=("keyed", wanted))
    assert (gone.place, gone.rows) == ("keyed.word", 1)
    with pytest.raises(NotKept):
        flask_rewind.purge(row=("keyed", wanted))
    flask_rewind.downgrade()
    assert blog.rows("SELECT count(*) FROM keyed WHERE word = 'w'") == [(len(values) - 1,)]


@pytest.mark.on("postgresql")
def test_a_row_of_another_schema_is_another(blog: History) -> None:
    blog.run("CREATE SCHEMA other")
    try:
        blog.run("CREATE TABLE other.post (id INTEGER PRIMARY KEY, title VARCHAR(9))")
        blog.run("INSERT INTO other.post (id, title) VALUES (1, 'theirs')")
        blog.revision('op.drop_column("post", "title", schema="other")', "pass")
        flask_rewind.upgrade()
        gone = flask_rewind.purge(row=("post", "1"))
        assert {each.table for each in gone} == {"post"}
        assert {each.place: each.rows for each in flask_rewind.attic()}["other.post.title"] == 1
        (gone,) = flask_rewind.purge(row=("other.post", "1"))
        assert gone.rows == 1
    finally:
        blog.run("DROP SCHEMA other CASCADE")


def test_the_attic_counts_the_rows_that_have_a_value(blog: History) -> None:
    blog.run("INSERT INTO post (id) VALUES (3)")
    assert {each.place: each.rows for each in flask_rewind.attic()}["post.lead"] == 2
    gone = {each.place: each.rows for each in flask_rewind.purge(row=("post", "1"))}
    assert gone["post.lead"] == gone["post.title"] == 1
    assert {each.place: each.rows for each in flask_rewind.attic()}["post.lead"] == 1


@pytest.mark.on("mariadb")  # elsewhere the purge is rolled back
def test_a_purge_that_stops_half_way_says_what_is_gone(blog: History) -> None:
    name = next(each.name for each in flask_rewind.attic() if each.place == "post.title")
    blog.run(f"ALTER TABLE post ADD COLUMN other VARCHAR(9), ADD CHECK ({name} <> other)")
    with pytest.raises(RewindError, match=name):
        flask_rewind.purge(everything=True)
    left = {each.place for each in flask_rewind.attic()}
    purged = {each["place"] for each in flask_rewind.log(limit=1)[0].options["purged"]}
    assert "post.title" in left
    assert purged | left == {"pair", "post.title", "post.lead", "post.mood"}
    assert not purged & left


@pytest.mark.on("postgresql")
def test_leaving_shows_columns_that_are_never_null(blog: History) -> None:
    blog.run("CREATE DOMAIN pos AS INTEGER NOT NULL")
    blog.run("CREATE TABLE thing (id INTEGER PRIMARY KEY, n INTEGER GENERATED ALWAYS AS IDENTITY, p pos)")
    blog.run("INSERT INTO thing (id, p) VALUES (1, 5)")
    blog.revision('op.drop_column("thing", "n")\nop.drop_column("thing", "p")', "pass")
    flask_rewind.upgrade()
    blog.run("INSERT INTO thing (id) VALUES (2)")
    flask_rewind.eject(restore=True)
    assert blog.rows("SELECT id, n, p FROM thing ORDER BY id") == [(1, 1, 5), (2, 2, None)]
    assert own_names(blog) == []


@pytest.mark.parametrize("target", ["", "@"])
def test_a_revision_without_a_name_is_no_traceback(blog: History, target: str) -> None:
    for command in ("plan", "checkout", "upgrade"):
        done = blog.app.test_cli_runner().invoke(args=["db", command, target])
        assert done.exit_code == 1
        assert isinstance(done.exception, SystemExit)
        assert "flask db history" in done.stderr


def test_a_hidden_table_with_a_backtick_in_a_columns_name(blog: History) -> None:
    quote = blog.engine.dialect.identifier_preparer.quote_identifier
    blog.run(f"CREATE TABLE odd (id INTEGER PRIMARY KEY, {quote('a`b')} INTEGER)")
    blog.run("INSERT INTO odd VALUES (1, 2), (2, 3)")
    blog.revision('op.drop_table("odd")', "pass")
    flask_rewind.upgrade()
    assert {each.place: each.rows for each in flask_rewind.attic()}["odd"] == 2
    (gone,) = flask_rewind.purge(row=("odd", "1"))
    assert gone.rows == 1


def test_nothing_is_named_by_an_empty_name(blog: History) -> None:
    with pytest.raises(NotKept, match="nothing named ''"):
        flask_rewind.purge(place="")
    assert len(flask_rewind.attic()) == 4


def test_what_goes_says_of_which_bind_it_was() -> None:
    kept = Kept("users", "_attic_1", "column", "person", "name", "2", "up", "2026-01-01T00:00:00Z", 3, 9)
    assert report.purged([kept]) == "users: Purged person.name (column, 3 rows)"
    shown = report.ejected([Ejected(kept, "person.name")])
    assert shown.startswith("users: Visible again: person.name as person.name\n")
