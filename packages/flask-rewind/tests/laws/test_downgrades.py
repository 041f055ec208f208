"""A downgrade() that does not restore its parent's schema is taken back; `--from-journal` goes back without it."""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import CrossingFailed, Refused
from histories import History, everything, in_batch

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.combinations]

FIRST = """
op.create_table(
    "author", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)), mysql_charset="utf8mb4"
)
op.create_table(
    "post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(60), nullable=False, server_default="none"),
    sa.Column("mood", sa.String(20)),
    sa.Column("author_id", sa.Integer),
    sa.UniqueConstraint("mood", name="uq_mood"),
    mysql_charset="utf8mb4",
)
op.create_index("ix_title", "post", ["title"])
"""


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    made.revision(FIRST, 'op.drop_table("post")\nop.drop_table("author")')
    flask_rewind.upgrade()
    made.run("INSERT INTO author (id, name) VALUES (1, '轻博')")
    made.run("INSERT INTO post (id, title, mood, author_id) VALUES (1, 'a ', 'calm', 1), (2, '', NULL, NULL)")
    return made


ADD_BODY = 'op.add_column("post", sa.Column("body", sa.String(9)))'
KEY = 'create_foreign_key("fk_author", "author", ["author_id"], ["id"])'
UNIQUE = 'create_unique_constraint("uq_title", ["title", "author_id"])'
TYPE = "alter_column('title', type_=sa.String({}), existing_nullable=False, existing_server_default='none')"
NULLABLE = "alter_column('title', nullable=True, existing_type=sa.String(60), existing_server_default='none')"
RENAMED = "alter_column('title', new_column_name='name', existing_type=sa.String(60), existing_nullable=False, {})"
RENAMED = RENAMED.format("existing_server_default='none'")
CHANGES = {
    "a new column": ADD_BODY,
    "a dropped column": in_batch('drop_column("mood")'),
    "a new table": 'op.create_table("note", sa.Column("id", sa.Integer, primary_key=True))',
    "a dropped table": 'op.drop_table("author")',
    "a new index": 'op.create_index("ix_mood", "post", ["mood"])',
    "a dropped index": 'op.drop_index("ix_title", "post")',
    "a new unique constraint": in_batch(UNIQUE),
    "a dropped unique constraint": in_batch('drop_constraint("uq_mood", type_="unique")'),
    "a new foreign key": in_batch(KEY),
    "a new CHECK": in_batch('create_check_constraint("ck_title", "title <> \'x\'")'),
    "a longer type": in_batch(TYPE.format(90)),
    "NULL allowed": in_batch(NULLABLE),
    "another name for a column": in_batch(RENAMED),
    "another name for a table": 'op.rename_table("post", "article")',
    "a view": 'op.execute("CREATE VIEW v AS SELECT id, title FROM post")',
    "several at once": ADD_BODY + "\n" + in_batch('drop_column("mood")', UNIQUE, KEY),
    "a new name and a new column": 'op.rename_table("post", "article")\n' + ADD_BODY.replace("post", "article"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_missing_downgrade_is_refused_and_the_journal_goes_back(blog: History, change: str) -> None:
    before = everything(blog.engine)
    blog.revision(CHANGES[change], "pass")
    flask_rewind.upgrade()
    changed = everything(blog.engine)
    assert changed[0] != before[0]
    with pytest.raises(Refused, match="does not bring back the schema that its upgrade"):
        flask_rewind.downgrade()
    assert everything(blog.engine) == changed
    assert flask_rewind.status()[0].current == ("2",)
    flask_rewind.downgrade(from_journal=True)
    assert everything(blog.engine) == before
    flask_rewind.upgrade()
    assert everything(blog.engine) == changed


@pytest.mark.on("mariadb", "postgresql")  # another schema of SQLite is another file
def test_the_journal_brings_back_what_was_hidden_in_another_schema(blog: History, engine_name: str) -> None:
    blog.run("CREATE SCHEMA elsewhere")
    try:
        blog.run("CREATE TABLE elsewhere.note (id INTEGER PRIMARY KEY, word VARCHAR(9) UNIQUE)")
        blog.run("CREATE TABLE elsewhere.tag (id INTEGER PRIMARY KEY)")
        blog.run("INSERT INTO elsewhere.note (id, word) VALUES (1, 'a'), (2, NULL)")
        blog.run("INSERT INTO elsewhere.tag (id) VALUES (7)")
        both = 'op.drop_column("note", "word", schema="elsewhere")\nop.drop_table("tag", schema="elsewhere")'
        blog.revision(both + '\nop.drop_column("post", "mood")', "pass")
        before = everything(blog.engine)
        for _ in range(2):
            flask_rewind.upgrade()
            flask_rewind.downgrade(from_journal=True)
            assert everything(blog.engine) == before
            assert blog.rows("SELECT id, word FROM elsewhere.note ORDER BY id") == [(1, "a"), (2, None)]
            assert blog.rows("SELECT id FROM elsewhere.tag") == [(7,)]
        with pytest.raises(sa.exc.IntegrityError):
            blog.run("INSERT INTO elsewhere.note (id, word) VALUES (3, 'a')")
        blog.revision('op.drop_table("tag", schema="elsewhere")\nop.drop_table("nothing")', "pass")
        flask_rewind.upgrade(revision="2")
        with pytest.raises(CrossingFailed):
            flask_rewind.upgrade()
        assert [str(each.place) for each in flask_rewind.attic() if each.revision == "3"] == []
    finally:
        blog.run("DROP SCHEMA elsewhere" + " CASCADE" * (engine_name == "postgresql"))


@pytest.mark.parametrize(
    ("downgrade", "named"),
    [
        ("op.drop_table('author')", r"table author is missing; column post\.body is left over"),
        (in_batch('drop_column("body")', 'drop_column("mood")'), r"column post\.mood is missing"),
        (in_batch('drop_column("body")') + '\nop.create_index("ix_2", "post", ["mood"])', "index ix_2 of post is left"),
        (in_batch('drop_column("body")', TYPE.format(70)), r"column post\.title is .*70.* instead of .*60"),
        (in_batch('drop_column("body")') + '\nop.rename_table("author", "writer")', "table author is missing"),
    ],
)
def test_a_wrong_downgrade_is_taken_back_with_the_difference_named(blog: History, downgrade: str, named: str) -> None:
    blog.revision(ADD_BODY, downgrade)
    flask_rewind.upgrade()
    blog.run("UPDATE post SET body = '正文' WHERE id = 1")
    before = everything(blog.engine)
    with pytest.raises(Refused, match=named):
        flask_rewind.downgrade()
    assert everything(blog.engine) == before
    assert flask_rewind.status()[0].unfinished is None
    assert [each.place for each in flask_rewind.attic()] == []
    assert blog.app.test_cli_runner().invoke(args=["db", "downgrade"]).exit_code == 3
    flask_rewind.downgrade(from_journal=True)
    flask_rewind.upgrade()
    assert everything(blog.engine) == before


def test_a_revision_that_fails_half_way_leaves_nothing(blog: History) -> None:
    before = everything(blog.engine)
    path = blog.revision("\n".join([CHANGES["several at once"], 'op.execute("nonsense")']), "pass")
    with pytest.raises(CrossingFailed) as error:
        flask_rewind.upgrade()
    assert error.value.hint.startswith("Nothing of this revision was kept.")
    assert everything(blog.engine) == before
    assert flask_rewind.status()[0].unfinished is None
    path.write_text(path.read_text().replace('op.execute("nonsense")', ""))
    flask_rewind.upgrade()
    assert ("column", "post", "body") in everything(blog.engine)[0]


def test_a_failed_revision_can_be_tried_again(blog: History, engine_name: str) -> None:
    path = blog.revision(
        'op.create_table("seed", sa.Column("id", sa.Integer, primary_key=True))\n'
        'op.execute("INSERT INTO seed (id) VALUES (1)")\n'
        "op.execute(\"UPDATE post SET title = 'x' WHERE id = 2\")\n" + ADD_BODY + '\nop.execute("nonsense")',
        "pass",
    )
    for _ in range(2):
        with pytest.raises(CrossingFailed) as error:
            flask_rewind.upgrade()
        stays = engine_name == "mariadb"  # the DDL after it has committed it
        assert ("UPDATE post SET title = 'x'" in error.value.hint) == stays
        assert ("INSERT INTO seed" in error.value.hint) == stays  # its table waits in the attic for the next run
        assert (flask_rewind.status()[0].unfinished is not None) == stays
        assert not sa.inspect(blog.engine).has_table("seed")
    path.write_text(path.read_text().replace('op.execute("nonsense")', ""))
    flask_rewind.upgrade()
    assert flask_rewind.status()[0].unfinished is None
    assert blog.rows("SELECT id FROM seed") == [(1,)]
    assert blog.rows("SELECT body FROM post ORDER BY id") == [(None,), (None,)]


def test_the_script_may_be_gone(blog: History) -> None:
    before = everything(blog.engine)
    paths = [blog.revision(ADD_BODY, "pass"), blog.revision(CHANGES["a new table"], "pass")]
    flask_rewind.upgrade()
    blog.run("UPDATE post SET body = '正文' WHERE id = 1")
    changed = everything(blog.engine)
    texts = [path.read_text() for path in paths]
    for path in paths:
        path.unlink()
    assert flask_rewind.status()[0].unknown == ("3",)
    runner = blog.app.test_cli_runner()
    assert "flask db downgrade --from-journal" in runner.invoke(args=["db", "status"]).stdout
    done = runner.invoke(args=["db", "downgrade", "--from-journal", "1"])
    assert done.exit_code == 0, done.output
    assert everything(blog.engine) == before
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    flask_rewind.upgrade()
    assert everything(blog.engine) == changed


def test_what_the_journal_does_not_know_is_refused(blog: History) -> None:
    blog.revision(ADD_BODY, in_batch('drop_column("body")'))
    flask_rewind.stamp(revision="2")
    with pytest.raises(Refused, match="the journal does not know"):
        flask_rewind.downgrade(from_journal=True)
    with pytest.raises(flask_rewind.BadRequest):
        flask_rewind.downgrade(from_journal=True, sql=True)


def test_changes_by_other_hands_are_not_asked_for(blog: History) -> None:
    blog.revision(ADD_BODY, in_batch('drop_column("body")'))
    flask_rewind.upgrade()
    blog.run("CREATE TABLE mine (id INTEGER)")
    blog.run("CREATE INDEX ix_mine ON post (author_id)")
    flask_rewind.downgrade()
    assert sa.inspect(blog.engine).has_table("mine")


def test_statements_that_changed_rows_are_named(blog: History, capsys: pytest.CaptureFixture[str]) -> None:
    blog.revision(ADD_BODY + "\nop.execute(\"UPDATE post SET title = 'x' WHERE id = 2\")", "pass")
    flask_rewind.upgrade()
    flask_rewind.downgrade(from_journal=True)
    assert "does not take back what this did to rows: UPDATE post SET title" in capsys.readouterr().err


@pytest.mark.parametrize("count", [0, 2])
def test_a_constraint_without_a_name_that_could_be_none_or_several_is_refused(blog: History, count: int) -> None:
    columns = 'sa.Column("a", sa.Integer), sa.Column("b", sa.Integer)'
    uniques = ', sa.UniqueConstraint("a"), sa.UniqueConstraint("b")' if count else ""
    blog.revision(f'op.create_table("pair", {columns}{uniques})', 'op.drop_table("pair")')
    nameless = 'with op.batch_alter_table("pair") as block:\n    block.drop_constraint(None, type_="unique")'
    blog.revision(nameless, "pass")
    with pytest.raises(Refused, match=r"drop_constraint\(None\) on pair does not say which") as error:
        flask_rewind.upgrade()
    assert error.value.message.count("(a)") == error.value.message.count("(b)") == count // 2
    assert flask_rewind.status()[0].current == ("2",)
