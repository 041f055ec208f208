"""Raw statements in any form: nothing that they drop is lost, on any engine."""

from collections import Counter
from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import CrossingFailed, Refused
from flask_rewind.sql import tokenizer
from histories import History, everything

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.combinations]

ADD_MOOD = 'op.add_column("post", sa.Column("mood", sa.String(20)))'
DROP_MOOD = "ALTER TABLE post DROP COLUMN mood"
ALL = "SELECT id, title, mood FROM post ORDER BY id"


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    made.revision(
        """
op.create_table(
    "post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(60)),
    sa.Column("mood", sa.String(20)),
    mysql_charset="utf8mb4",
)
""",
        'op.drop_table("post")',
    )
    flask_rewind.upgrade()
    made.run("INSERT INTO post VALUES (1, 'é 😀', 'calm'), (2, '', NULL), (3, '100% \\:x', '')")
    return made


def back_and_forth(blog: History) -> None:
    """Go up to the newest revision and down again, twice, and check that every row is as before."""
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


ON_MARIADB, ON_POSTGRESQL = pytest.mark.on("mariadb"), pytest.mark.on("postgresql")
SPELLINGS = [
    f"-- the mood is gone; so be it\n{DROP_MOOD}",
    f"/* DROP */ {DROP_MOOD} /* ; */;",
    pytest.param(f"# it's gone\n{DROP_MOOD}", marks=ON_MARIADB),
    pytest.param(f"/*!50100 {DROP_MOOD} */", marks=ON_MARIADB),
    pytest.param("ALTER TABLE post WAIT 5 DROP COLUMN mood", marks=ON_MARIADB),
    pytest.param(r"ALTER TABLE post COMMENT 'it\'s; x', DROP COLUMN mood, COMMENT ''", marks=ON_MARIADB),
    pytest.param(f"/* a /* b */ c */ {DROP_MOOD}", marks=ON_POSTGRESQL),
    pytest.param("ALTER TABLE post * DROP COLUMN mood", marks=ON_POSTGRESQL),
    pytest.param(f"SET lock_timeout = '5s'; {DROP_MOOD}", marks=ON_POSTGRESQL),
    pytest.param(f"UPDATE post SET title = 'x;y' WHERE id = 99; {DROP_MOOD}", marks=ON_POSTGRESQL),
    pytest.param(f"SELECT E'it\\'s'; {DROP_MOOD}", marks=ON_POSTGRESQL),
    pytest.param(
        f"CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$; {DROP_MOOD}",
        marks=ON_POSTGRESQL,
    ),
]


@pytest.mark.parametrize("sql", SPELLINGS, ids=range(len(SPELLINGS)))
def test_a_drop_is_seen_however_it_is_spelled(blog: History, sql: str) -> None:
    blog.revision(f"op.execute({sql!r})", ADD_MOOD)
    back_and_forth(blog)


@pytest.mark.on("postgresql")
def test_what_stands_in_one_text_is_executed_to_its_end(blog: History) -> None:
    text = (
        f"{DROP_MOOD}; CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;"
        " UPDATE post SET title = '5 %' WHERE title LIKE '100%'; CREATE TABLE half (word VARCHAR(9) DEFAULT '50%')"
    )
    blog.revision(f"op.execute({text!r})", "op.execute('DROP TABLE half')\n" + ADD_MOOD)
    blog.revision("op.execute('CREATE TABLE half (word VARCHAR(9))')", "pass")
    flask_rewind.upgrade(revision="2")
    blog.run("INSERT INTO half DEFAULT VALUES")
    assert blog.rows("SELECT word, one() FROM half") == [("50%", 1)]
    assert blog.rows("SELECT title FROM post ORDER BY id")[2] == ("5 %",)


@pytest.mark.on("mariadb", "postgresql")
def test_each_of_several_statements_gets_its_parameters(blog: History) -> None:
    last = "UPDATE post SET title = concat('5 % ', title, CAST(:u AS CHAR(1)))"
    sql = f"UPDATE post SET title = :t WHERE id = :n; {DROP_MOOD}; {last}"
    one, many = {"t": "x", "n": 1, "u": "!"}, [{"t": "y", "n": 2, "u": "?"}, {"t": "z", "n": 3, "u": "."}]
    blog.revision(f"op.get_bind().execute(sa.text({sql!r}), {one!r})", ADD_MOOD)
    sql = sql.replace(f"{DROP_MOOD}; ", "")
    blog.revision(f"op.get_bind().execute(sa.text({sql!r}), {many!r})", "pass")
    moods = blog.rows("SELECT mood FROM post ORDER BY id")
    flask_rewind.upgrade()
    titles = [("5 % 5 % 5 % x!?.",), ("5 % 5 % y?.",), ("5 % z.",)]
    assert blog.rows("SELECT title FROM post ORDER BY id") == titles
    flask_rewind.downgrade(revision="1")
    assert blog.rows("SELECT title FROM post ORDER BY id") == titles
    assert blog.rows("SELECT mood FROM post ORDER BY id") == moods


def test_a_statement_is_cut_into_tokens_once(blog: History, monkeypatch: pytest.MonkeyPatch) -> None:
    cut: Counter[str] = Counter()
    into_tokens = tokenizer._cut

    def counted(sql: str, dialect: str) -> tuple[tokenizer.Token, ...]:
        cut[sql] += 1
        return into_tokens(sql, dialect)

    update = "UPDATE post SET title = 'a' WHERE mood IS NULL"
    blog.revision(f'op.execute("{update}")\nop.execute("{DROP_MOOD}")', ADD_MOOD)
    tokenizer._remembered.cache_clear()
    monkeypatch.setattr(tokenizer, "_cut", counted)
    flask_rewind.upgrade()
    assert cut[DROP_MOOD] == 1
    assert set(cut.values()) == {1}


@pytest.mark.on("sqlite")
def test_sqlite_refuses_several_statements_before_any_is_executed(blog: History) -> None:
    blog.revision(f'op.execute("{DROP_MOOD}; ALTER TABLE post DROP COLUMN title")', ADD_MOOD)
    before = everything(blog.engine)
    with pytest.raises(CrossingFailed, match="one statement at a time"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before


DESTROYING = [
    pytest.param("DO $$ BEGIN ALTER TABLE post DROP COLUMN mood; END $$", "a block of statements", marks=ON_POSTGRESQL),
    pytest.param("BEGIN NOT ATOMIC DROP TABLE post; END", "a block of statements", marks=ON_MARIADB),
    pytest.param("EXECUTE IMMEDIATE 'DROP TABLE post'", "a block of statements", marks=ON_MARIADB),
    pytest.param("ALTER TABLE post DROP PARTITION p", "this deletes from post cannot be hidden", marks=ON_MARIADB),
    pytest.param("DROP DATABASE rewind_none", "this would delete all tables of a database", marks=ON_MARIADB),
    pytest.param(
        "DROP TYPE feeling CASCADE", "column feeling of table fan depends on type feeling", marks=ON_POSTGRESQL
    ),
    pytest.param("DROP SCHEMA other CASCADE", "table other.thing depends on schema other", marks=ON_POSTGRESQL),
]


@pytest.mark.parametrize(("sql", "why"), DESTROYING, ids=range(len(DESTROYING)))
def test_what_cannot_be_hidden_is_refused(blog: History, engine_name: str, sql: str, why: str) -> None:
    if engine_name == "postgresql":
        blog.run("CREATE TYPE feeling AS ENUM ('a')")
        blog.run("CREATE TABLE fan (feeling feeling)")
        blog.run("CREATE SCHEMA other")
        blog.run("CREATE TABLE other.thing (id INTEGER)")
    blog.revision(f"op.execute({sql!r})", "pass")
    before = everything(blog.engine)
    with pytest.raises(Refused, match=why):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    if engine_name == "postgresql":
        assert blog.rows("SELECT count(*) FROM other.thing") == [(0,)]
        blog.run("DROP SCHEMA other CASCADE")


@pytest.mark.on("postgresql")
def test_cascade_without_anything_to_take_along(blog: History) -> None:
    blog.run("CREATE TYPE feeling AS ENUM ('a')")
    blog.revision(
        'op.execute("DROP TYPE IF EXISTS feeling CASCADE")', "op.execute(\"CREATE TYPE feeling AS ENUM ('a')\")"
    )
    back_and_forth(blog)


def test_a_table_made_only_where_it_is_missing_stays_when_it_is_there(blog: History) -> None:
    blog.revision(
        'op.execute("DROP TABLE post")',
        'op.execute("CREATE TABLE IF NOT EXISTS post (id INTEGER PRIMARY KEY, title VARCHAR(60), mood VARCHAR(20))")',
    )
    flask_rewind.upgrade()
    blog.run("CREATE TABLE post (id INTEGER PRIMARY KEY, title VARCHAR(60), mood VARCHAR(20))")
    blog.run("INSERT INTO post VALUES (9, 'new', 'x')")
    flask_rewind.downgrade()
    assert blog.rows(ALL) == [(9, "new", "x")]
    assert [kept.place for kept in flask_rewind.attic()] == ["post"]


@pytest.mark.on("mariadb")
def test_a_replaced_table_returns(blog: History) -> None:
    blog.revision(
        'op.execute("CREATE OR REPLACE TABLE post (id INTEGER PRIMARY KEY)")',
        'op.execute("DROP TABLE post")\n'
        'op.execute("CREATE TABLE post (id INTEGER PRIMARY KEY, title VARCHAR(60), mood VARCHAR(20))'
        ' DEFAULT CHARSET utf8mb4")',
    )
    back_and_forth(blog)


@pytest.mark.on("mariadb")
def test_columns_added_in_parentheses_return(blog: History) -> None:
    blog.revision(
        'op.execute("ALTER TABLE post DROP COLUMN mood, DROP COLUMN title")',
        'op.execute("ALTER TABLE post ADD COLUMN (mood VARCHAR(20), title VARCHAR(60) CHARACTER SET utf8mb4)")',
    )
    rows = blog.rows(ALL)
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert blog.rows(ALL) == rows


def test_percent_signs_in_what_returns(blog: History) -> None:
    blog.run("CREATE TABLE rate (id INTEGER PRIMARY KEY, word VARCHAR(9) DEFAULT '5%', more VARCHAR(9))")
    blog.run("INSERT INTO rate VALUES (1, '7%', 'x')")
    blog.revision(
        'op.execute("ALTER TABLE rate DROP COLUMN word")',
        "op.execute(\"ALTER TABLE rate ADD COLUMN word VARCHAR(9) DEFAULT '5%'\")",
    )
    blog.revision(
        'op.execute("DROP TABLE rate")',
        "op.execute(\"CREATE TABLE rate (id INTEGER PRIMARY KEY, more VARCHAR(9) CHECK (more <> '%'))\")",
    )
    flask_rewind.upgrade()
    flask_rewind.downgrade(revision="1")
    blog.run("INSERT INTO rate (id) VALUES (2)")
    assert blog.rows("SELECT id, word, more FROM rate ORDER BY id") == [(1, "7%", "x"), (2, "5%", None)]


@pytest.mark.parametrize("made", ["op.create_table('note', sa.Column('id', sa.Integer))", "CREATE TABLE note (id INT)"])
def test_tables_of_the_session_are_none_of_the_attics(blog: History, made: str) -> None:
    create = made if made.startswith("op") else f'op.execute("{made}")'
    create = create.replace("CREATE TABLE", "CREATE TEMPORARY TABLE").replace("))", "), prefixes=['TEMPORARY'])")
    blog.revision(f"{create}\nop.execute('INSERT INTO note VALUES (1)')\nop.drop_table('note')", "pass")
    back_and_forth(blog)
    flask_rewind.upgrade()
    assert flask_rewind.attic() == ()


def rename(old: str, new: str, raw: str) -> str:
    return f'op.execute("{raw.format(old, new)}")' if raw else f'op.rename_table("{old}", "{new}")'


RENAMES = ["", "ALTER TABLE {} RENAME TO {}"]
CREATE_NEW = "op.create_table('post_new', sa.Column('id', sa.Integer, primary_key=True), sa.Column('word', sa.Text))\n"


@pytest.mark.parametrize("by_journal", [False, True])
@pytest.mark.parametrize("raw", [*RENAMES, pytest.param("RENAME TABLE {} TO {}", marks=ON_MARIADB)])
def test_a_table_that_takes_the_name_of_a_dropped_one(blog: History, raw: str, by_journal: bool) -> None:
    recreate = (
        "op.create_table('post', sa.Column('id', sa.Integer, primary_key=True), sa.Column('title', sa.String(60)))"
    )
    blog.revision('op.drop_column("post", "mood")', ADD_MOOD)
    blog.revision(
        CREATE_NEW + "op.drop_table('post')\n" + rename("post_new", "post", raw),
        rename("post", "post_new", raw) + f"\n{recreate}\nop.drop_table('post_new')",
    )
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        blog.run("DELETE FROM post")
        blog.run("INSERT INTO post VALUES (7, 'other')")
        flask_rewind.downgrade(from_journal=by_journal)
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, word FROM post") == [(7, "other")]


@pytest.mark.parametrize("raw", RENAMES)
def test_a_reused_name_is_undone_by_the_journal(blog: History, raw: str) -> None:
    blog.revision(
        rename("post", "article", raw)
        + '\nop.create_table("post", sa.Column("id", sa.Integer, primary_key=True))'
        + '\nop.alter_column("article", "mood", new_column_name="tone", existing_type=sa.String(20))'
        + '\nop.add_column("article", sa.Column("mood", sa.Integer))',
        "pass",
    )
    before = everything(blog.engine)
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id) VALUES (5)")
    flask_rewind.downgrade(from_journal=True)
    assert everything(blog.engine) == before
    flask_rewind.upgrade()
    assert blog.rows("SELECT id FROM post") == [(5,)]


def test_a_failure_behind_a_reused_name_is_taken_back(blog: History) -> None:
    blog.revision(
        CREATE_NEW
        + "op.drop_table('post')\nop.rename_table('post_new', 'post')\n"
        + 'op.create_table("post_new", sa.Column("id", sa.Integer, primary_key=True))\nop.execute("nonsense")',
        "pass",
    )
    before = everything(blog.engine)
    with pytest.raises(CrossingFailed):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    assert flask_rewind.attic() == ()


def test_tables_that_change_names_keep_what_is_hidden_in_them(blog: History, engine_name: str) -> None:
    blog.run("CREATE TABLE note (id INTEGER PRIMARY KEY, mood VARCHAR(20))")
    blog.run("INSERT INTO note VALUES (4, 'of a note')")
    add = ADD_MOOD + "\n" + ADD_MOOD.replace("post", "note")
    blog.revision('op.drop_column("post", "mood")\nop.drop_column("note", "mood")', add)
    swap = [("post", "aside"), ("note", "post"), ("aside", "note")]
    lines = [rename(old, new, "") for old, new in swap]
    if engine_name == "mariadb":
        lines = [f"op.execute('RENAME TABLE {', '.join(f'{old} TO {new}' for old, new in swap)}')"]
    blog.revision("\n".join(lines), "\n".join(lines))
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        assert {kept.place for kept in flask_rewind.attic()} == {"post.mood", "note.mood"}
        flask_rewind.downgrade(revision="1")
        assert everything(blog.engine) == before


def test_capitals_of_a_name_changed(blog: History) -> None:
    blog.revision(
        'op.alter_column("post", "mood", new_column_name="Mood", existing_type=sa.String(20))',
        "pass",
    )
    before = everything(blog.engine)
    flask_rewind.upgrade()
    flask_rewind.downgrade(from_journal=True)
    assert everything(blog.engine) == before
    assert "Mood" not in [each["name"] for each in sa.inspect(blog.engine).get_columns("post")]
