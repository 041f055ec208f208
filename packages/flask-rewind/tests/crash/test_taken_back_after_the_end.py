"""If a process ends at any step of a crossing on MariaDB, the journal and the catalog suffice to take it back."""

import os
import re
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.journal import Journal
from histories import History, everything, executed, in_batch

MakeApp = Callable[..., Flask]
ENDED = 9

POST = """
op.create_table("post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("author_id", sa.Integer, sa.ForeignKey("author.id", name="post_author")),
    sa.Column("title", sa.String(40), nullable=False),
    sa.Column("slug", sa.String(40), unique=True),
    sa.Column("score", sa.Integer, nullable=False, server_default="7"),
    sa.Column("note", sa.String(20)),
    sa.CheckConstraint("score > 0", name="scored"),
    mysql_charset="utf8mb4")"""
AUTHOR = """
op.create_table("author", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)),
    mysql_charset="utf8mb4")"""
ROWS = [
    "INSERT INTO author VALUES (1, '林夏'), (2, 'Ann')",
    "INSERT INTO post VALUES (1, 1, '一', 'one', 3, 'n'), (2, 2, 'Two', NULL, 5, NULL)",
    "INSERT INTO mark VALUES (1, 1), (2, 2)",
    "INSERT INTO wide VALUES (1, 'a', 'b', 'c', 'd')",
    "INSERT INTO pair VALUES (1, 2)",
]
NEW_ROWS = ["INSERT INTO author (id) VALUES (3)"]
"""Rows that the app inserts while something is hidden; they have a value in every column that returns NOT NULL."""

COLUMN = 'op.add_column("post", sa.Column("{}", {}))'
INDEX = 'op.create_index("by_title", "post", ["title", "score"])'
TRIGGER = executed("CREATE TRIGGER stamped BEFORE INSERT ON mark FOR EACH ROW SET @marked = 1")
MARK = (
    'op.create_table("mark", sa.Column("id", sa.Integer, primary_key=True),'
    ' sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id", name="mark_post")), mysql_charset="utf8mb4")'
)
TAG = (
    'op.create_table("tag", sa.Column("id", sa.Integer, primary_key=True), sa.Column("word", sa.String(9)),'
    ' mysql_charset="utf8mb4")'
)
WIDE = """
op.create_table("wide", sa.Column("id", sa.Integer, primary_key=True),
    *(sa.Column(f"c{n}", sa.String(4000)) for n in range(4)), mysql_charset="utf8mb4")"""
PAIR = """
op.create_table("pair", sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("other", sa.Integer, primary_key=True, autoincrement=False), mysql_charset="utf8mb4")"""
WAYS: dict[str, tuple[list[str], list[str]]] = {
    "a column": (['op.drop_column("post", "note")'], [COLUMN.format("note", "sa.String(20)")]),
    "a column that is never null": (
        ['op.drop_column("post", "title")'],
        [COLUMN.format("title", "sa.String(40), nullable=False"), INDEX],
    ),
    "a column with a default and a check": (
        ['op.drop_constraint("scored", "post", type_="check")', 'op.drop_column("post", "score")'],
        [
            COLUMN.format("score", "sa.Integer, nullable=False, server_default='7'"),
            'op.create_check_constraint("scored", "post", "score > 0")',
        ],
    ),
    "a unique column": (
        ['op.drop_column("post", "slug")'],
        [COLUMN.format("slug", "sa.String(40)"), 'op.create_unique_constraint("slug", "post", ["slug"])'],
    ),
    "a column that is a key to another table": (
        ['op.drop_constraint("post_author", "post", type_="foreignkey")', 'op.drop_column("post", "author_id")'],
        [
            COLUMN.format("author_id", "sa.Integer"),
            'op.create_foreign_key("post_author", "post", "author", ["author_id"], ["id"])',
        ],
    ),
    "several columns": (
        [in_batch('drop_column("note")', 'drop_column("slug")', 'add_column(sa.Column("made", sa.Integer))')],
        [
            in_batch(
                'drop_column("made")',
                'add_column(sa.Column("slug", sa.String(40), unique=True))',
                'add_column(sa.Column("note", sa.String(20)))',
            )
        ],
    ),
    "a table": (['op.drop_table("mark")'], [MARK, TRIGGER]),
    "a table that others refer to": (
        ['op.drop_constraint("mark_post", "mark", type_="foreignkey")', 'op.drop_table("post")'],
        [POST, INDEX, 'op.create_foreign_key("mark_post", "mark", "post", ["post_id"], ["id"])'],
    ),
    "new names": (
        [
            'op.rename_table("mark", "star")',
            'op.alter_column("post", "note", new_column_name="hint", existing_type=sa.String(20))',
            'op.drop_column("post", "slug")',
            'op.rename_table("author", "writer")',
        ],
        [
            'op.rename_table("writer", "author")',
            COLUMN.format("slug", "sa.String(40), unique=True"),
            'op.alter_column("post", "hint", new_column_name="note", existing_type=sa.String(20))',
            'op.rename_table("star", "mark")',
        ],
    ),
    "another type, and a default": (
        [
            'op.alter_column("post", "title", type_=sa.String(60), existing_nullable=False)',
            'op.alter_column("post", "note", server_default="8", existing_type=sa.String(20))',
        ],
        [
            'op.alter_column("post", "note", server_default=None, existing_type=sa.String(20))',
            'op.alter_column("post", "title", type_=sa.String(40), existing_nullable=False)',
        ],
    ),
    "new things": (
        [
            TAG,
            "op.execute(\"INSERT INTO tag VALUES (1, '茶')\")",
            COLUMN.format("tag_id", "sa.Integer"),
            'op.create_foreign_key("post_tag", "post", "tag", ["tag_id"], ["id"])',
            'op.create_index("by_word", "tag", ["word"])',
        ],
        [
            'op.drop_constraint("post_tag", "post", type_="foreignkey")',
            'op.drop_column("post", "tag_id")',
            'op.drop_table("tag")',
        ],
    ),
    "a column in a full table": (
        ['op.drop_column("wide", "c3")', 'op.add_column("wide", sa.Column("new", sa.String(3900)))'],
        ['op.drop_column("wide", "new")', 'op.add_column("wide", sa.Column("c3", sa.String(4000)))'],
    ),
    "a column of the primary key": (
        [executed("ALTER TABLE pair DROP PRIMARY KEY, DROP COLUMN other, ADD PRIMARY KEY (one)")],
        [
            executed(
                "ALTER TABLE pair ADD COLUMN other INTEGER NOT NULL, DROP PRIMARY KEY, ADD PRIMARY KEY (one, other)"
            )
        ],
    ),
    "a table that another one replaces": (
        [
            executed(
                "CREATE TABLE new_mark (id INTEGER PRIMARY KEY, stars INTEGER) CHARSET utf8mb4",
                "INSERT INTO new_mark (id) SELECT id FROM mark",
                "DROP TABLE mark",
                "ALTER TABLE new_mark RENAME TO mark",
            )
        ],
        ['op.drop_table("mark")', MARK, TRIGGER],
    ),
    "raw statements": (
        [
            executed(
                "ALTER TABLE post DROP COLUMN note, ADD COLUMN made INTEGER, DROP INDEX by_title",
                "DROP TABLE mark",
                "CREATE TABLE mark (id INTEGER PRIMARY KEY, other INTEGER) CHARSET utf8mb4",
            )
        ],
        [
            executed(
                "DROP TABLE mark",
                "CREATE TABLE mark (id INTEGER PRIMARY KEY, post_id INTEGER,"
                " CONSTRAINT mark_post FOREIGN KEY (post_id) REFERENCES post (id)) CHARSET utf8mb4",
                "CREATE TRIGGER stamped BEFORE INSERT ON mark FOR EACH ROW SET @marked = 1",
                "ALTER TABLE post DROP COLUMN made, ADD COLUMN note VARCHAR(20), ADD INDEX by_title (title, score)",
            )
        ],
    ),
}


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url))
    made.revision(f"{AUTHOR}\n{POST}\n{INDEX}\n{MARK}\n{TRIGGER}\n{WIDE}\n{PAIR}", "pass")
    return made


def ends_at(blog: History, move: Callable[[], Any], number: int, *, is_executed: bool) -> bool:
    """Run a move in a process that ends at one of its steps; return False if the move has fewer steps.

    Args:
        blog: the history whose database is moved.
        move: makes the move.
        number: the number of the step, from 0.
        is_executed: whether the process ends after the statement was executed; if not, it ends after its announcement
            was committed, before the server executes it.
    """
    blog.engine.dispose()
    with warnings.catch_warnings(action="ignore"):  # about fork() with threads: pytest's own do nothing here
        child = os.fork()
    if child == 0:
        try:
            blog.engine.dispose(close=False)
            _end_at(number, is_executed=is_executed)
            move()
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {0, ENDED}
    return status == ENDED


def _end_at(number: int, *, is_executed: bool) -> None:
    announce, note_done = Journal.announce, Journal.note_done
    seen = iter(range(number + 1))

    def announced(self: Journal, crossing: int, step: Any) -> int:
        row = announce(self, crossing, step)
        if not is_executed and next(seen) == number:
            self._connection.connection.cursor().execute("COMMIT")
            os._exit(ENDED)
        return row

    def done(self: Journal, row: int, step: Any) -> None:
        if is_executed and next(seen) == number:
            os._exit(ENDED)
        note_done(self, row, step)

    Journal.announce, Journal.note_done = announced, done  # type: ignore[method-assign]


def is_done(blog: History) -> bool:
    """Return whether the last crossing is done, with its version row."""
    return blog.rows("SELECT state FROM rewind_crossings ORDER BY id DESC LIMIT 1") == [("done",)]


def seen(blog: History) -> Any:
    """Return everything that is visible, and every hidden thing that a move can bring back."""
    kept = [each for each in flask_rewind.attic() if each.revision]
    hidden = [(each.place, each.revision, each.direction, each.rows, each.bytes) for each in kept]
    return everything(blog.engine), sorted(hidden)


def passing_names(blog: History) -> set[tuple[str, str]]:
    """Return the suffixes of names such as ``_attic_1_new``, and names that exist only between two statements."""
    rows = blog.rows(
        "SELECT concat(table_name, ' ', column_name) FROM information_schema.columns WHERE table_schema = DATABASE()"
    )
    return {name for (row,) in rows for name in re.findall(r"_attic_\d+(_\w+)|(rewind_probe|rewind_twin)", row)}


@pytest.mark.slow
@pytest.mark.combinations
@pytest.mark.on("mariadb")
@pytest.mark.parametrize("is_executed", [False, True], ids=["announced", "executed"])
@pytest.mark.parametrize("way", WAYS)
def test_a_crossing_that_breaks_off_is_taken_back(blog: History, way: str, is_executed: bool) -> None:
    up, down = WAYS[way]
    blog.revision("\n".join(up), "\n".join(down))
    flask_rewind.upgrade(revision="1")
    for row in ROWS:
        blog.run(row)

    def goes(move: Callable[[], Any]) -> None:
        before, names = seen(blog), passing_names(blog)
        number = 0
        while ends_at(blog, move, number, is_executed=is_executed) and not is_done(blog):
            assert flask_rewind.abort()[0].staying == ()
            assert seen(blog) == before, number
            assert passing_names(blog) <= names, number
            assert flask_rewind.status()[0].unfinished is None
            number += 1
        assert number

    goes(lambda: flask_rewind.upgrade())
    for row in NEW_ROWS:
        blog.run(row) if way != "new names" else None
    goes(lambda: flask_rewind.downgrade(revision="1"))
    goes(lambda: flask_rewind.upgrade())
    flask_rewind.downgrade(revision="1")
    assert blog.rows("SELECT id, author_id, title, slug, score, note FROM post") == [
        (1, 1, "一", "one", 3, "n"),
        (2, 2, "Two", None, 5, None),
    ]
    assert blog.rows("SELECT * FROM mark") == [(1, 1), (2, 2)]
    assert blog.rows("SELECT * FROM wide") == [(1, "a", "b", "c", "d")]
    assert blog.rows("SELECT one, other FROM pair") == [(1, 2)]


@pytest.mark.on("mariadb")
def test_leaving_cleans_up_what_ended_after_the_version_row(blog: History) -> None:
    up, down = WAYS["a column that is never null"]
    blog.revision("\n".join(up), "\n".join(down))
    flask_rewind.upgrade()
    number = 0
    while ends_at(blog, lambda: flask_rewind.downgrade(revision="1"), number, is_executed=False) and not is_done(blog):
        flask_rewind.abort()
        number += 1
    assert passing_names(blog)
    flask_rewind.eject()
    assert not passing_names(blog)
    assert not [name for name in sa.inspect(blog.engine).get_table_names() if name.startswith("rewind_")]


FILLED: dict[str, tuple[list[str], list[str]]] = {
    "a new column is filled": (
        [
            COLUMN.format("words", "sa.Integer"),
            'op.execute("UPDATE post SET words = score * 2")',
            COLUMN.format("made", "sa.Integer"),
            'op.execute("UPDATE post SET words = words + 1, made = words")',
            'op.alter_column("post", "words", nullable=False, existing_type=sa.Integer)',
            'op.drop_column("post", "note")',
        ],
        [COLUMN.format("note", "sa.String(20)"), 'op.drop_column("post", "made")', 'op.drop_column("post", "words")'],
    ),
    "rows move": (
        [
            TAG,
            'op.execute("INSERT INTO tag (word) SELECT title FROM post ORDER BY id")',
            COLUMN.format("tag_id", "sa.Integer"),
            'op.execute("UPDATE post SET tag_id = id, score = score + 1")',
            'op.drop_column("post", "title")',
            "op.execute(\"INSERT INTO author (name) VALUES ('new')\")",
            'op.create_index("by_word", "tag", ["word"])',
        ],
        [
            COLUMN.format("title", "sa.String(40), nullable=False"),
            INDEX,
            'op.drop_column("post", "tag_id")',
            'op.drop_table("tag")',
        ],
    ),
    "one by one, with parameters": (
        [
            COLUMN.format("place", "sa.Integer"),
            "bind = op.get_bind()",
            "keys = sa.Column('id', sa.Integer, primary_key=True)",
            "author = sa.Table('author', sa.MetaData(), keys, sa.Column('name', sa.String(20)))",
            "made = bind.execute(author.insert().values(name='made')).inserted_primary_key[0]",
            "for number, (key,) in enumerate(bind.execute(sa.text('SELECT id FROM post ORDER BY id')).all()):",
            "    values = {'place': number, 'author': made, 'id': key}",
            "    bind.execute(sa.text('UPDATE post SET place = :place, author_id = :author WHERE id = :id'), values)",
            "op.bulk_insert(author, [{'name': 'x'}, {'name': 'y'}])",
            COLUMN.format("other", "sa.Integer"),
        ],
        ['op.drop_column("post", "other")', 'op.drop_column("post", "place")'],
    ),
}


def emptied(blog: History) -> None:
    """Drop every table."""
    with blog.engine.begin() as connection:
        connection.exec_driver_sql("SET foreign_key_checks = 0")
        for table in sa.inspect(connection).get_table_names():
            connection.exec_driver_sql(f"DROP TABLE `{table}`")
        connection.exec_driver_sql("SET foreign_key_checks = 1")


@pytest.mark.slow
@pytest.mark.combinations
@pytest.mark.on("mariadb")
@pytest.mark.parametrize("is_executed", [False, True], ids=["announced", "executed"])
@pytest.mark.parametrize("way", FILLED)
def test_a_crossing_that_changed_rows_is_finished_without_doing_that_twice(
    blog: History, way: str, is_executed: bool
) -> None:
    up, down = FILLED[way]
    blog.revision("\n".join(up), "\n".join(down))
    flask_rewind.upgrade(revision="1")
    for row in ROWS:
        blog.run(row)
    flask_rewind.upgrade()
    whole, rows = everything(blog.engine), {table: blog.rows(f"SELECT * FROM {table}") for table in ("post", "author")}
    number = 0
    while True:
        emptied(blog)
        flask_rewind.upgrade(revision="1")
        for row in ROWS:
            blog.run(row)
        if not ends_at(blog, lambda: flask_rewind.upgrade(), number, is_executed=is_executed):
            break
        # The next run ends, too, at each of its steps; the third is let through.
        ends_at(blog, lambda: flask_rewind.upgrade(), number % 4, is_executed=is_executed)
        flask_rewind.upgrade()
        assert everything(blog.engine) == whole, number
        assert {table: blog.rows(f"SELECT * FROM {table}") for table in ("post", "author")} == rows
        assert flask_rewind.status()[0].is_at_head
        assert not flask_rewind.attic() or {each.revision for each in flask_rewind.attic()} == {"2"}
        number += 1
    assert number
