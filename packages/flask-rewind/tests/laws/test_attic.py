"""Things that a script drops are hidden, and return with their values: one named case per kind and engine."""

from collections.abc import Callable
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import CrossingFailed, Refused
from histories import History, everything

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


CREATE_AUTHOR = """
op.create_table(
    "author",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(40)),
    mysql_charset="utf8mb4",
)
"""
CREATE_POST = """
op.create_table(
    "post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(200)),
    sa.Column("subtitle", sa.String(200), nullable=False),
    sa.Column("mood", sa.String(20), server_default="calm"),
    sa.Column("views", sa.Integer, nullable=False, server_default="7"),
    sa.Column("author_id", sa.Integer, sa.ForeignKey("author.id", name="fk_author", ondelete="CASCADE")),
    sa.Column("slug", sa.String(60)),
    sa.UniqueConstraint("slug", name="uq_slug"),
    sa.CheckConstraint("views >= 0", name="ck_views"),
    mysql_charset="utf8mb4",
)
op.create_index("ix_mood", "post", ["mood"])
"""


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url))
    made.revision(CREATE_AUTHOR + CREATE_POST, 'op.drop_table("post")\nop.drop_table("author")')
    flask_rewind.upgrade()
    made.run("INSERT INTO author VALUES (1, 'Li'), (2, '王')")
    for number, title, subtitle, mood in ADVERSARIAL:
        made.run(
            "INSERT INTO post (id, title, subtitle, mood, author_id, slug) VALUES (:i, :t, :s, :m, :a, :g)",
            i=number,
            t=title,
            s=subtitle,
            m=mood,
            a=1 + number % 2,
            g=None if number == 3 else f"s{number}",
        )
    return made


ADVERSARIAL = [
    (1, "a", "", None),
    (2, None, " trailing ", ""),
    (3, "轻博 😀𝄞", 'It\'s 100% :here \\ "quoted"', "NULL"),
    (4, "A", "x" * 200, "calm"),
]
ALL = "SELECT id, title, subtitle, mood, views, author_id, slug FROM post ORDER BY id"


def plain(column: str, definition: str) -> tuple[str, str]:
    return f'op.drop_column("post", "{column}")', f'op.add_column("post", sa.Column("{column}", {definition}))'


def batch(column: str, definition: str) -> tuple[str, str]:
    block = 'with op.batch_alter_table("post") as block:\n    '
    return f'{block}block.drop_column("{column}")', f'{block}block.add_column(sa.Column("{column}", {definition}))'


COLUMNS = {
    "title": "sa.String(200)",
    "subtitle": "sa.String(200), nullable=False",
    "mood": 'sa.String(20), server_default="calm"',
    "views": 'sa.Integer, nullable=False, server_default="7"',
    "author_id": "sa.Integer",
    "slug": "sa.String(60)",
}


@pytest.mark.parametrize("written", [plain, batch])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_dropped_column_returns_with_every_value_and_what_stood_on_it(
    blog: History, column: str, written: Any
) -> None:
    rows, schema = blog.rows(ALL), blog.schema()
    blog.revision(*written(column, COLUMNS[column]))
    for _ in range(2):
        flask_rewind.upgrade()
        assert column not in [name for name, *_ in blog.schema()[0]]
        flask_rewind.downgrade()
        assert blog.rows(ALL) == rows
        assert blog.schema() == schema


@pytest.mark.parametrize("written", [plain, batch])
def test_an_added_column_keeps_on_the_way_down_what_was_written_into_it(blog: History, written: Any) -> None:
    down, up = written("language", "sa.String(12)")
    blog.revision(up, down)
    flask_rewind.upgrade()
    blog.run("UPDATE post SET language = 'zh' WHERE id < 3")
    rows = blog.rows("SELECT id, language FROM post ORDER BY id")
    flask_rewind.downgrade()
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, language FROM post ORDER BY id") == rows


def test_writes_in_between_stay(blog: History) -> None:
    blog.revision(*plain("mood", COLUMNS["mood"]))
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, title, subtitle) VALUES (9, 'new', 'n')")
    blog.run("UPDATE post SET title = 'changed' WHERE id = 1")
    blog.run("UPDATE post SET id = 40 WHERE id = 4")
    blog.run("DELETE FROM post WHERE id = 2")
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, title, mood FROM post ORDER BY id") == [
        (1, "changed", None),
        (3, "轻博 😀𝄞", "NULL"),
        (9, "new", "calm"),
        (40, "A", "calm"),
    ]


def test_a_row_that_takes_a_deleted_rows_number_does_not_get_its_value(blog: History) -> None:
    blog.revision(*plain("title", COLUMNS["title"]))
    flask_rewind.upgrade()
    blog.run("DELETE FROM post WHERE id = 4")
    blog.run("INSERT INTO post (id, subtitle) VALUES (4, 'another')")
    flask_rewind.downgrade()
    assert blog.rows("SELECT title FROM post WHERE id = 4") == [(None,)]


def test_newborn_rows_without_a_value_are_counted_and_refused_and_filled(blog: History) -> None:
    rows = blog.rows(ALL)
    blog.revision(*plain("subtitle", COLUMNS["subtitle"]))
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, title) VALUES (8, 'eight'), (9, 'nine')")
    with pytest.raises(Refused) as refused:
        flask_rewind.downgrade()
    assert "post.subtitle" in refused.value.message
    assert "2 rows" in refused.value.message
    assert refused.value.exit_code == 3
    assert flask_rewind.status()[0].current == ("2",)
    said = blog.app.test_cli_runner().invoke(args=["db", "downgrade"])
    assert said.exit_code == 3
    assert any(line.startswith("refused: post.subtitle") for line in said.output.splitlines())
    filled = blog.app.test_cli_runner().invoke(args=["db", "downgrade", "--fill", "post.subtitle='none: ' || id"])
    if blog.engine.dialect.name == "mysql":
        filled = blog.app.test_cli_runner().invoke(args=["db", "checkout", "1", "--fill", "post.subtitle='none'"])
    assert filled.exit_code == 0, filled.output
    assert [row for row in blog.rows(ALL) if row[0] < 8] == rows
    assert all(row[2] for row in blog.rows(ALL) if row[0] >= 8)


def test_the_default_of_the_script_fills_newborn_rows_of_a_not_null_column(blog: History) -> None:
    blog.revision(*plain("subtitle", COLUMNS["subtitle"] + ', server_default="fresh"'))
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id) VALUES (9)")
    flask_rewind.downgrade()
    assert blog.rows("SELECT subtitle FROM post WHERE id IN (1, 9) ORDER BY id") == [("",), ("fresh",)]


def test_a_fill_that_nothing_asked_for_is_said(blog: History, caplog: pytest.LogCaptureFixture) -> None:
    blog.revision(*plain("subtitle", COLUMNS["subtitle"]))
    flask_rewind.upgrade(fill={"post.subtitle": "'none'"})
    assert "--fill post.subtitle was not used: no column of that name came back." in caplog.text
    blog.run("INSERT INTO post (id, title) VALUES (8, 'eight')")
    caplog.clear()
    fill = {"post.subtitle": "'none'", "post.sub": "1"}
    flask_rewind.plan(revision="1", fill=fill)
    flask_rewind.downgrade(fill=fill)
    assert caplog.text.count("--fill post.sub was not used") == 2
    assert caplog.text.count("was not used") == 2
    assert blog.rows("SELECT subtitle FROM post WHERE id = 8") == [("none",)]


TRIGGER = {
    "sqlite": [
        "CREATE TRIGGER counts AFTER UPDATE ON post BEGIN UPDATE post SET views = views + 1 WHERE id = NEW.id; END"
    ],
    "mariadb": ["CREATE TRIGGER counts BEFORE UPDATE ON post FOR EACH ROW SET NEW.views = OLD.views + 1"],
    "postgresql": [
        "CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.views = 99; RETURN NEW; END$$",
        "CREATE TRIGGER counts BEFORE UPDATE ON post FOR EACH ROW EXECUTE FUNCTION counted()",
        "CREATE TRIGGER always BEFORE UPDATE ON post FOR EACH ROW EXECUTE FUNCTION counted()",
        "CREATE TRIGGER off BEFORE UPDATE ON post FOR EACH ROW EXECUTE FUNCTION counted()",
        "ALTER TABLE post ENABLE ALWAYS TRIGGER always",
        "ALTER TABLE post DISABLE TRIGGER off",
    ],
}


def test_newborn_rows_are_filled_behind_the_back_of_triggers(blog: History, engine_name: str) -> None:
    blog.revision(*plain("subtitle", COLUMNS["subtitle"]))
    for statement in TRIGGER[engine_name]:
        blog.run(statement)
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, title) VALUES (8, 'eight')")
    before = everything(blog.engine)
    fill = {"post.subtitle": "'none'"}
    plan = flask_rewind.plan(revision="1", fill=fill)
    if engine_name == "mariadb":
        assert "would fire the trigger counts" in plan.refused
        with pytest.raises(Refused, match="would fire the trigger counts"):
            flask_rewind.downgrade(fill=fill)
        assert everything(blog.engine) == before
        blog.run("DROP TRIGGER counts")
        flask_rewind.downgrade(fill=fill)
    else:
        flask_rewind.downgrade(fill=fill)
        (crossing,) = flask_rewind.log(limit=1)[0].crossings
        assert [each.statement for each in plan.crossings[0].steps] == [each.statement for each in crossing.steps]
    assert blog.rows("SELECT subtitle, views FROM post WHERE id = 8") == [("none", 7)]
    if engine_name == "postgresql":
        states = "SELECT tgname, CAST(tgenabled AS text) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
        assert blog.rows(states) == [("always", "A"), ("counts", "O"), ("off", "D")]
    if engine_name != "mariadb":
        blog.run("UPDATE post SET title = 'x' WHERE id = 8")
        assert blog.rows("SELECT views > 7 FROM post WHERE id = 8") == [(True,)]


def test_a_table_that_came_back_has_its_trigger(blog: History, engine_name: str) -> None:
    """Its script recreates it, as it would on a new table."""
    made = 'op.create_table("note", sa.Column("id", sa.Integer, primary_key=True), sa.Column("views", sa.Integer))\n'
    made += "\n".join(f"op.execute({each.replace('post', 'note')!r})" for each in TRIGGER[engine_name][:2])
    if engine_name == "postgresql":
        made = made.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
        made += "\nop.execute('CREATE POLICY seen ON note USING (views > 0)')"
    blog.revision(made, 'op.drop_table("note")')
    flask_rewind.upgrade()
    blog.run("INSERT INTO note (id, views) VALUES (1, 5)")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade()
        flask_rewind.upgrade()
        assert everything(blog.engine) == before
    blog.run("UPDATE note SET id = 2")
    assert blog.rows("SELECT views <> 5 FROM note") == [(True,)]


@pytest.mark.parametrize("fill", [{"note.word": "'none'"}, None])
@pytest.mark.on("mariadb")  # the only engine with ON UPDATE CURRENT_TIMESTAMP
def test_the_time_of_a_rows_last_change_stays_when_it_is_filled(blog: History, fill: dict[str, str] | None) -> None:
    blog.run(
        "CREATE TABLE note (id INTEGER PRIMARY KEY, word VARCHAR(9) NOT NULL,"
        " at DATETIME DEFAULT '2020-01-01' ON UPDATE CURRENT_TIMESTAMP)"
    )
    blog.run("INSERT INTO note (id, word) VALUES (1, 'old'), (2, 'old')")
    added = f'op.add_column("note", sa.Column("word", sa.String(9), nullable={not fill}))'
    blog.revision(added, 'op.drop_column("note", "word")')
    flask_rewind.stamp(revision="2")
    flask_rewind.downgrade()
    blog.run("INSERT INTO note (id) VALUES (3)")
    flask_rewind.purge(row=("note", "2"))
    flask_rewind.upgrade(fill=fill)
    word = fill and "none"
    assert blog.rows("SELECT id, word, CAST(at AS CHAR) FROM note ORDER BY id") == [
        (number, value, "2020-01-01 00:00:00") for number, value in ((1, "old"), (2, word), (3, word))
    ]


@pytest.mark.parametrize("kind", ["sa.String(9)", "sa.TIMESTAMP"])
def test_a_column_that_may_not_be_null_by_now_returns_where_no_row_is_without_it(blog: History, kind: str) -> None:
    blog.revision('op.create_table("note", sa.Column("id", sa.Integer, primary_key=True))', 'op.drop_table("note")')
    path = blog.revision(
        f'op.add_column("note", sa.Column("word", {kind}, nullable=True))', 'op.drop_column("note", "word")'
    )
    flask_rewind.upgrade()
    value, other = ("a", "b") if "String" in kind else ("2024-02-29 23:59:59", "2023-01-01 00:00:00")
    blog.run(f"INSERT INTO note (id, word) VALUES (1, '{value}'), (2, NULL)")
    flask_rewind.downgrade()
    before = everything(blog.engine)
    path.write_text(path.read_text().replace("nullable=True", "nullable=False"))
    with pytest.raises(Refused, match=r"note\.word could be NULL .* 1 rows have no value"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    flask_rewind.upgrade(fill={"note.word": f"'{other}'"})
    assert [(key, str(word)) for key, word in blog.rows("SELECT id, word FROM note")] == [(1, value), (2, other)]
    assert [each["nullable"] for each in sa.inspect(blog.engine).get_columns("note")] == [False, False]
    blog.run("DELETE FROM note WHERE id = 2")
    flask_rewind.downgrade()
    flask_rewind.upgrade()
    assert [(key, str(word)) for key, word in blog.rows("SELECT id, word FROM note")] == [(1, value)]


def test_a_column_that_may_be_null_by_now_leaves_newborn_rows_null(blog: History) -> None:
    blog.revision('op.create_table("note", sa.Column("id", sa.Integer, primary_key=True))', 'op.drop_table("note")')
    block = 'with op.batch_alter_table("note") as block:\n    block.'
    path = blog.revision(
        f'{block}add_column(sa.Column("word", sa.String(9), nullable=False))', f'{block}drop_column("word")'
    )
    flask_rewind.upgrade()
    blog.run("INSERT INTO note (id, word) VALUES (1, 'a')")
    flask_rewind.downgrade()
    blog.run("INSERT INTO note (id) VALUES (2)")
    path.write_text(path.read_text().replace(", nullable=False", ""))
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, word FROM note ORDER BY id") == [(1, "a"), (2, None)]


@pytest.mark.parametrize("column", ["author_id", "subtitle"])
def test_deleting_a_parent_spares_the_row_whose_key_is_hidden(blog: History, column: str) -> None:
    if blog.engine.dialect.name == "sqlite":
        sa.event.listen(blog.engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
        blog.engine.dispose()
    blog.revision(*plain(column, COLUMNS[column]))
    flask_rewind.upgrade()
    blog.run("DELETE FROM author WHERE id = 1")
    left = 4 if column == "author_id" else 2
    assert blog.rows("SELECT count(*) FROM post") == [(left,)]


def test_a_dropped_table_returns_with_rows_indexes_and_keys(blog: History) -> None:
    rows, schema = blog.rows(ALL), blog.schema()
    blog.revision('op.drop_table("post")', CREATE_POST)
    for _ in range(2):
        flask_rewind.upgrade()
        assert "post" not in sa.inspect(blog.engine).get_table_names()
        blog.run("UPDATE author SET name = 'Li Bai' WHERE id = 1")
        flask_rewind.downgrade()
        assert blog.rows(ALL) == rows
        assert blog.schema() == schema


def test_the_way_to_base_and_back_loses_no_row(blog: History) -> None:
    rows, schema = blog.rows(ALL), blog.schema()
    blog.revision(*batch("mood", COLUMNS["mood"]))
    blog.revision(*plain("author_id", COLUMNS["author_id"]))
    flask_rewind.upgrade()
    hidden = blog.rows("SELECT id, title, subtitle FROM post ORDER BY id")
    flask_rewind.downgrade(revision="base")
    assert sa.inspect(blog.engine).has_table("post") is False
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, title, subtitle FROM post ORDER BY id") == hidden
    flask_rewind.downgrade(revision="1")
    assert blog.rows(ALL) == rows
    assert blog.schema() == schema


def test_a_new_table_of_the_name_is_not_mixed_with_the_hidden_one(blog: History) -> None:
    rows = blog.rows(ALL)
    blog.revision('op.drop_table("post")', CREATE_POST)
    blog.revision(CREATE_POST, 'op.drop_table("post")')
    flask_rewind.upgrade()
    assert blog.rows("SELECT count(*) FROM post") == [(0,)]
    blog.run("INSERT INTO post (id, subtitle) VALUES (1, 'other')")
    flask_rewind.downgrade(revision="1")
    assert blog.rows(ALL) == rows
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, subtitle FROM post") == [(1, "other")]


def test_a_column_follows_its_renamed_table(blog: History) -> None:
    rows = blog.rows(ALL)
    blog.revision(*plain("title", COLUMNS["title"]))
    blog.revision('op.rename_table("post", "entry")', 'op.rename_table("entry", "post")')
    flask_rewind.upgrade()
    (kept,) = flask_rewind.attic()
    assert (kept.table, kept.column) == ("entry", "title")
    flask_rewind.downgrade(revision="1")
    assert blog.rows(ALL) == rows


def test_another_type_stays_in_the_attic(blog: History) -> None:
    path = blog.revision(*reversed(plain("size", "sa.String(9)")))
    flask_rewind.upgrade()
    blog.run("UPDATE post SET size = 'a' WHERE id = 1")
    flask_rewind.downgrade()
    path.write_text(path.read_text().replace("sa.String(9)", "sa.Integer"))
    flask_rewind.upgrade()
    assert blog.rows("SELECT size FROM post WHERE id = 1") == [(None,)]
    (kept,) = flask_rewind.attic()
    assert blog.rows(f"SELECT {kept.name} FROM post WHERE id = 1") == [("a",)]


def test_after_a_stamp_nothing_returns_by_itself(blog: History) -> None:
    blog.revision(*plain("title", COLUMNS["title"]))
    flask_rewind.upgrade()
    flask_rewind.stamp(revision="2")
    flask_rewind.downgrade()
    assert blog.rows("SELECT title FROM post WHERE id = 1") == [(None,)]
    assert len(flask_rewind.attic()) == 1


def test_a_key_column_returns_as_the_key(blog: History) -> None:
    rows, schema = blog.rows(ALL), blog.schema()
    if blog.engine.dialect.name == "postgresql":  # its sequence does not follow numbers that are inserted
        blog.rows("SELECT setval('post_id_seq', 4)")
    blog.revision(*plain("id", "sa.Integer"))
    for number in (7, 8):
        flask_rewind.upgrade()
        blog.run("INSERT INTO post (title, subtitle) VALUES ('newborn', :s)", s=str(number))
        flask_rewind.downgrade()
        assert blog.rows(ALL)[: len(rows)] == rows
        assert blog.schema() == schema
    assert [title for _, title, *_ in blog.rows(ALL)[len(rows) :]] == ["newborn", "newborn"]
    blog.run("INSERT INTO post (title, subtitle) VALUES ('next', '')")
    numbers = [number for number, *_ in blog.rows(ALL)]
    assert numbers[:4] == [1, 2, 3, 4]
    assert len(set(numbers)) == 7


def test_rows_born_without_a_key_that_numbers_nothing_are_counted_and_refused(blog: History) -> None:
    blog.run("CREATE TABLE pair (a VARCHAR(9) NOT NULL PRIMARY KEY, b INTEGER)")
    blog.run("INSERT INTO pair (a, b) VALUES ('x', 1)")
    blog.revision('op.drop_column("pair", "a")', 'op.add_column("pair", sa.Column("a", sa.String(9)))')
    flask_rewind.upgrade()
    blog.run("INSERT INTO pair (b) VALUES (2)")
    with pytest.raises(Refused, match=r"pair\.a returns NOT NULL without a default, and 1 rows"):
        flask_rewind.downgrade()
    flask_rewind.downgrade(fill={"pair.a": "'y'"})
    assert blog.rows("SELECT a, b FROM pair ORDER BY b") == [("x", 1), ("y", 2)]
    with pytest.raises(sa.exc.IntegrityError):
        blog.run("INSERT INTO pair (a, b) VALUES ('x', 3)")


def test_a_table_that_others_point_to_returns_with_their_keys(blog: History) -> None:
    rows, schema = blog.rows(ALL), blog.schema()
    blog.revision('op.drop_table("author")', CREATE_AUTHOR)
    for _ in range(2):
        flask_rewind.upgrade()
        blog.run("UPDATE post SET views = 8 WHERE id = 1")  # the hidden table restricts nothing
        blog.run("UPDATE post SET views = 7 WHERE id = 1")
        flask_rewind.downgrade()
        assert (blog.rows(ALL), blog.schema()) == (rows, schema)


@pytest.mark.on("mariadb", "postgresql")  # foreign keys of SQLite are off here
def test_keys_whose_row_is_missing_when_the_table_returns_are_refused(blog: History) -> None:
    blog.revision('op.drop_table("author")', CREATE_AUTHOR)
    flask_rewind.upgrade()
    blog.run("UPDATE post SET author_id = 77 WHERE id = 1")
    with pytest.raises(CrossingFailed, match="fk_author"):
        flask_rewind.downgrade()
    assert flask_rewind.status()[0].current == ("2",)
    blog.run("UPDATE post SET author_id = 1 WHERE id = 1")
    flask_rewind.downgrade()


@pytest.mark.on("mariadb")  # SQLite leaves the keys in place, PostgreSQL drops them with the table
def test_keys_take_to_the_next_table_of_the_name(blog: History) -> None:
    """What scripts of MySQL do with foreign_key_checks off."""
    schema = blog.schema()
    both = (
        'op.execute("SET SESSION foreign_key_checks = 0")\nop.drop_table("author")\n'
        + CREATE_AUTHOR
        + '\nop.execute("SET SESSION foreign_key_checks = 1")'
    )
    blog.revision(both, both)
    flask_rewind.upgrade()
    assert blog.schema() == schema
    flask_rewind.downgrade()
    assert blog.schema() == schema
    assert blog.rows("SELECT count(*) FROM author") == [(2,)]


def test_autogenerate_does_not_see_what_is_hidden(blog: History) -> None:
    blog.revision(*plain("mood", COLUMNS["mood"]))
    blog.revision('op.drop_table("post")\nop.drop_table("author")', "pass")
    flask_rewind.upgrade()
    flask_rewind.check()


def test_a_generated_drop_of_a_table_does_not_name_what_is_hidden_in_it(blog: History) -> None:
    """Seed 923 of walks over generated revisions."""
    rows = blog.rows(ALL.replace("slug", "1").replace("subtitle, ", ""))
    blog.revision('op.drop_column("post", "subtitle")\nop.drop_column("post", "slug")', "pass")
    flask_rewind.upgrade()
    written = flask_rewind.migrate(message="drop both")  # the app has no models
    assert written
    assert "_attic_" not in written.path.read_text()
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert blog.rows(ALL.replace("slug", "1").replace("subtitle, ", "")) == rows
    assert {kept.place for kept in flask_rewind.attic()} == {"post.subtitle", "post.slug"}


def test_the_attic_says_what_it_keeps_and_purge_forgets_it(blog: History) -> None:
    blog.revision(*plain("subtitle", COLUMNS["subtitle"]))
    flask_rewind.upgrade()
    runner = blog.app.test_cli_runner()
    listed = runner.invoke(args=["db", "attic"]).output
    assert "post.subtitle" in listed
    assert "4 rows" in listed
    assert "hidden by 2 going up" in listed
    assert runner.invoke(args=["db", "purge"]).exit_code == 2
    refused = runner.invoke(args=["db", "purge", "post.subtitle"], input="n\n")
    assert refused.exit_code == 1
    nobody_answers = runner.invoke(args=["db", "purge", "post.subtitle"], input="")
    assert nobody_answers.stderr == "Error: Nothing was deleted.\nTo delete it without a question, add --yes.\n"
    assert len(flask_rewind.attic()) == 1
    assert runner.invoke(args=["db", "purge", "--older-than", "30d", "--yes"]).output.endswith("Nothing to purge.\n")
    done = runner.invoke(args=["db", "purge", "post.subtitle", "--yes"])
    assert done.exit_code == 0, done.output
    assert flask_rewind.attic() == ()
    assert all(not each["name"].startswith("_attic") for each in sa.inspect(blog.engine).get_columns("post"))
    assert "rewind_attic" not in sa.inspect(blog.engine).get_table_names()


def test_a_failing_script_hides_nothing_where_ddl_is_transactional(blog: History) -> None:
    rows, schema = blog.rows(ALL), blog.schema()
    blog.revision('op.drop_column("post", "subtitle")\nop.execute("nonsense")', "pass")
    with pytest.raises(CrossingFailed):
        flask_rewind.upgrade()
    if blog.engine.dialect.name != "mysql":
        assert (blog.rows(ALL), blog.schema()) == (rows, schema)
        assert flask_rewind.attic() == ()


def test_a_drop_of_what_is_not_there_is_none(blog: History) -> None:
    blog.revision('op.drop_table("nowhere", if_exists=True)', "pass")
    flask_rewind.upgrade()
    assert flask_rewind.attic() == ()
    blog.revision('op.drop_column("post", "nowhere")', "pass")
    with pytest.raises(CrossingFailed, match=r"ALTER TABLE post DROP COLUMN"):
        flask_rewind.upgrade()


RAW_COLUMNS = {
    "title": "VARCHAR(200)",
    "subtitle": "VARCHAR(200) NOT NULL",
    "mood": "VARCHAR(20) DEFAULT 'calm'",
    "views": "INTEGER NOT NULL DEFAULT 7",
    "author_id": "INTEGER",
}


@pytest.mark.parametrize("through", ["op.execute({!r})", "op.get_bind().execute(sa.text({!r}))"])
@pytest.mark.parametrize("column", RAW_COLUMNS)
def test_a_column_that_raw_statements_drop_and_add_returns(blog: History, column: str, through: str) -> None:
    rows, schema = blog.rows(ALL), blog.schema()
    blog.revision(
        through.format(f"ALTER TABLE post DROP COLUMN {column}"),
        through.format(f"alter table post add {column} {RAW_COLUMNS[column]}"),
    )
    for _ in range(2):
        flask_rewind.upgrade()
        assert column not in [name for name, *_ in blog.schema()[0]]
        flask_rewind.downgrade()
        assert blog.rows(ALL) == rows
        assert blog.schema() == schema


def test_a_table_that_raw_statements_drop_and_create_returns(blog: History) -> None:
    rows, schema = blog.rows(ALL), blog.schema()
    names = (
        "id INTEGER PRIMARY KEY, title VARCHAR(200), subtitle VARCHAR(200) NOT NULL, mood VARCHAR(20), views INTEGER"
    )
    blog.revision(
        'op.execute("DROP TABLE IF EXISTS post")',
        f'op.execute("CREATE TABLE post ({names}, author_id INTEGER, slug VARCHAR(60))")\n'
        'op.execute("CREATE INDEX ix_mood ON post (mood)")',
    )
    for _ in range(2):
        flask_rewind.upgrade()
        assert "post" not in sa.inspect(blog.engine).get_table_names()
        flask_rewind.downgrade()
        assert blog.rows(ALL) == rows
        assert blog.schema() == schema


@pytest.mark.on("mariadb", "postgresql")  # SQLite allows one action per statement
def test_a_raw_statement_with_several_actions_hides_what_it_drops_and_does_the_rest(blog: History) -> None:
    rows = blog.rows(ALL)
    blog.revision(
        'op.execute("ALTER TABLE post DROP COLUMN mood, ADD COLUMN stars INTEGER, DROP title")',
        'op.execute("ALTER TABLE post DROP COLUMN stars, ADD mood VARCHAR(20), ADD COLUMN title VARCHAR(200)")',
    )
    flask_rewind.upgrade()
    assert [name for name, *_ in blog.schema()[0]] == ["id", "subtitle", "views", "author_id", "slug", "stars"]
    flask_rewind.downgrade()
    assert blog.rows(ALL) == rows


def test_tables_that_point_to_each_other_go_in_one_raw_statement(blog: History) -> None:
    rows = blog.rows(ALL)
    tables = "op.execute('DROP TABLE author, post')"
    if blog.engine.dialect.name == "sqlite":  # one table at a time
        tables = "op.execute('DROP TABLE post')\nop.execute('DROP TABLE author')"
    blog.revision(tables, CREATE_AUTHOR + CREATE_POST)
    flask_rewind.upgrade()
    assert {kept.place for kept in flask_rewind.attic()} == {"post", "author"}
    flask_rewind.downgrade()
    assert blog.rows(ALL) == rows
    assert blog.rows("SELECT count(*) FROM author") == [(2,)]


@pytest.mark.on("postgresql")  # the only driver that executes several statements in one text
def test_several_raw_statements_in_one_text(blog: History) -> None:
    rows = blog.rows(ALL)
    blog.revision(
        'op.execute("ALTER TABLE post DROP mood; ALTER TABLE post DROP title;")',
        plain("mood", COLUMNS["mood"])[1] + "\n" + plain("title", COLUMNS["title"])[1],
    )
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert [(row[0], row[3]) for row in blog.rows("SELECT id, 1, 1, mood FROM post ORDER BY id")] == [
        (row[0], row[3]) for row in rows
    ]


@pytest.mark.on("postgresql")  # elsewhere CASCADE has no effect
def test_a_raw_drop_that_cascades_to_a_view_is_refused(blog: History) -> None:
    blog.run("CREATE VIEW moods AS SELECT mood FROM post")
    blog.revision('op.execute("ALTER TABLE post DROP COLUMN mood CASCADE")', "pass")
    with pytest.raises(Refused, match=r"post\.mood cannot be hidden: CASCADE would drop .* \(view moods\)"):
        flask_rewind.upgrade()
    blog.revision('op.execute("DROP TABLE author CASCADE")', "pass")
    assert blog.rows("SELECT count(*) FROM moods") == [(4,)]


def test_what_is_hidden_follows_a_table_that_a_raw_statement_renames(blog: History) -> None:
    rows = blog.rows(ALL)
    blog.revision(*plain("mood", COLUMNS["mood"]))
    blog.revision(
        'op.execute("ALTER TABLE post RENAME TO article")', 'op.execute("ALTER TABLE article RENAME TO post")'
    )
    flask_rewind.upgrade()
    assert [kept.place for kept in flask_rewind.attic()] == ["article.mood"]
    flask_rewind.downgrade(revision="1")
    assert blog.rows(ALL) == rows


def test_a_constraint_that_came_back_with_its_table_is_not_made_twice(blog: History) -> None:
    rows, schema = blog.rows(ALL), blog.schema()
    table = CREATE_POST.replace('    sa.UniqueConstraint("slug", name="uq_slug"),\n', "")
    block = '\nwith op.batch_alter_table("post") as block:\n    block.create_unique_constraint("uq_slug", ["slug"])'
    blog.revision('op.drop_table("post")', table + block)
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert (blog.rows(ALL), blog.schema()) == (rows, schema)


def test_statements_of_revisions_that_name_no_columns_do_not_touch_hidden_ones(blog: History) -> None:
    blog.run("CREATE TABLE pair (id INTEGER PRIMARY KEY, a VARCHAR(9), b VARCHAR(9))")
    blog.run("INSERT INTO pair VALUES (1, 'one', 'two')")
    blog.revision('op.drop_column("pair", "a")', 'op.add_column("pair", sa.Column("a", sa.String(9)))')
    blog.revision(
        "op.execute(\"INSERT INTO pair VALUES (2, 'zwei')\")\n"
        'op.get_bind().execute(sa.text("INSERT INTO pair SELECT :id, b FROM pair WHERE id = 1"), {"id": 3})\n'
        'rows = op.get_bind().execute(sa.text("SELECT * FROM pair WHERE id < 3 ORDER BY id")).all()\n'
        'assert [tuple(row) for row in rows] == [(1, "two"), (2, "zwei")], rows',
        'op.execute("DELETE FROM pair WHERE id > 1")',
    )
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, b FROM pair ORDER BY id") == [(1, "two"), (2, "zwei"), (3, "two")]
    flask_rewind.downgrade(revision="1")
    assert blog.rows("SELECT id, a, b FROM pair") == [(1, "one", "two")]


def test_a_star_takes_in_no_hidden_columns(blog: History) -> None:
    blog.revision(*plain("title", COLUMNS["title"]))
    blog.revision('op.execute("CREATE TABLE taken AS SELECT p.* FROM post p")', 'op.drop_table("taken")')
    flask_rewind.upgrade()
    columns = [each["name"] for each in sa.inspect(blog.engine).get_columns("taken")]
    assert columns
    assert not any(name.startswith("_attic_") for name in columns)


def test_branches_and_their_merge_go_down_and_up(blog: History) -> None:
    rows = blog.rows(ALL)
    for rev_id, head, column in (("2a", "1", "title"), ("2b", "1", "mood")):
        written = flask_rewind.revision(rev_id=rev_id, head=head, splice=True)
        assert written
        up, down = plain(column, COLUMNS[column])
        text = written.path.read_text().replace("def upgrade():\n    pass", f"def upgrade():\n    {up}")
        written.path.write_text(text.replace("def downgrade():\n    pass", f"def downgrade():\n    {down}"))
    flask_rewind.merge(rev_id="3")
    for target in ("3", "1", "3", "2a", "heads"):
        (flask_rewind.downgrade if target in {"1", "2a"} else flask_rewind.upgrade)(revision=target)
    assert len(flask_rewind.attic()) == 2
    flask_rewind.downgrade(revision="1")
    assert blog.rows(ALL) == rows
    assert flask_rewind.attic() == ()


MADE = "op.create_table('note', sa.Column('id', sa.Integer, primary_key=True), sa.Column('word', sa.String(9)), {})"
MADE_RAW = "op.execute('CREATE TABLE note (id INTEGER PRIMARY KEY, word VARCHAR(9), {})')"


@pytest.mark.parametrize(
    ("create", "gone", "new"),
    [
        pytest.param(MADE, "sa.Column('gone', sa.Integer)", "sa.Column('new', sa.Integer)", id="directive"),
        pytest.param(MADE_RAW, "gone INTEGER", "new INTEGER", id="raw"),
    ],
)
def test_a_table_with_other_columns_by_now_gets_what_fits(blog: History, create: str, gone: str, new: str) -> None:
    path = blog.revision(create.format(gone), "op.drop_table('note')")
    flask_rewind.upgrade()
    blog.run("INSERT INTO note (id, word, gone) VALUES (1, 'a ', 5), (7, NULL, NULL)")
    flask_rewind.downgrade()
    path.write_text(path.read_text().replace(gone, new))
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, word, new FROM note ORDER BY id") == [(1, "a ", None), (7, None, None)]
    (kept,) = flask_rewind.attic()
    assert blog.rows(f"SELECT gone FROM {kept.name} ORDER BY id") == [(5,), (None,)]
    if create.startswith("op.create_table"):
        blog.run("INSERT INTO note (word) VALUES ('next')")
        assert blog.rows("SELECT id FROM note WHERE word = 'next'") == [(8,)]
