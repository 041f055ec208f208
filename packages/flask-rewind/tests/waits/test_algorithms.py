"""On MariaDB, Rewind alters tables by the best algorithm and under the least lock, and says so where that is a copy."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.engines.registry import engine_of
from flask_rewind.steps import Purpose, StepKind, serving
from flask_rewind.waiting import Patience
from histories import History, executed
from lock_holders import Heard

pytestmark = [pytest.mark.slow, pytest.mark.on("mariadb")]

MakeApp = Callable[..., Flask]
TABLES = """
op.create_table("author", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
op.create_table("post", sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.String(20)),
    sa.Column("title", sa.String(40), nullable=False), sa.Column("slug", sa.String(40), unique=True),
    sa.Column("score", sa.Integer, nullable=False, server_default="7"), sa.Column("text", sa.Text),
    sa.Column("kind", sa.Enum("note", "article", name="kind")),
    sa.Column("author_id", sa.Integer, sa.ForeignKey("author.id", name="post_author")))
op.create_index("by_title", "post", ["title", "score"])"""


class Sent:
    """The statements that reach the server, and the errors that it answers with."""

    def __init__(self) -> None:
        self.all: list[tuple[str, int]] = []

    @contextmanager
    def on(self, engine: sa.Engine) -> Iterator[None]:
        dialect: Any = engine.dialect
        execute = dialect.do_execute

        def see(cursor: Any, statement: str, *rest: Any) -> None:
            self.all.append((statement, 0))
            try:
                execute(cursor, statement, *rest)
            except dialect.loaded_dbapi.Error as error:
                self.all[-1] = (statement, error.args[0])
                raise

        dialect.do_execute = see
        try:
            yield
        finally:
            del dialect.do_execute

    def done(self, table: str) -> list[str]:
        """Return the statements that have altered a table."""
        start = f"ALTER TABLE `{table}`"
        return [statement for statement, error in self.all if statement.startswith(start) and not error]


@pytest.fixture
def post(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url))
    made.revision(TABLES, "pass")
    flask_rewind.upgrade()
    made.run("INSERT INTO author VALUES (1, 'Ann')")
    made.run(
        "INSERT INTO post VALUES (1, 'a', 'one', 'one', 1, 't', 'note', 1), (2, 'b', 'two', NULL, 2, 'u', NULL, 1)"
    )
    return made


COLUMNS = {
    "note": "sa.String(20)",
    "text": "sa.Text",
    "kind": 'sa.Enum("note", "article", name="kind")',
    "score": 'sa.Integer, nullable=False, server_default="7"',
    "title": "sa.String(40), nullable=False",
    "slug": "sa.String(40), unique=True",
    "author_id": 'sa.Integer, sa.ForeignKey("author.id", name="post_author")',
}
WITH_INDEX = {"title", "score", "slug", "author_id"}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_hides_and_returns_without_a_copy(post: History, column: str) -> None:
    before = post.rows(f"SELECT id, {column} FROM post ORDER BY id")
    drop = f'op.drop_column("post", "{column}")'
    key = 'op.drop_constraint("post_author", "post", type_="foreignkey")\n' if column == "author_id" else ""
    post.revision(f"{key}{drop}", f'op.add_column("post", sa.Column("{column}", {COLUMNS[column]}))')
    for move in (flask_rewind.upgrade, lambda: flask_rewind.downgrade(revision="1")):
        sent = Sent()
        with sent.on(post.engine), Heard() as heard:
            move()
        altered = [each for each in sent.done("post") if "_attic_" in each]
        assert altered
        for statement in altered:
            # What has no index and no key is as quick on a table of any size.
            algorithm = ("INSTANT", "NOCOPY") if column in WITH_INDEX else ("INSTANT",)
            assert statement.endswith(tuple(f", ALGORITHM={each}, LOCK=NONE" for each in algorithm)), statement
        assert not [each for each in sent.done("post") if "ALGORITHM=COPY" in each]
        assert not [each for each in heard.warned if "copies" in each]
    assert post.rows(f"SELECT id, {column} FROM post ORDER BY id") == before


def test_statements_of_the_script_are_left_as_they_are(post: History) -> None:
    statement = "ALTER TABLE `post` ADD COLUMN made INTEGER"
    post.revision(executed(statement), "pass")
    sent = Sent()
    with sent.on(post.engine):
        flask_rewind.upgrade()
    assert sent.done("post") == [statement]


def test_a_copy_is_announced_with_its_table(post: History) -> None:
    post.revision('op.create_check_constraint("scored", "post", "score > 0")', "pass")
    post.revision('op.drop_column("post", "score")', 'op.add_column("post", sa.Column("score", sa.Integer))')
    flask_rewind.upgrade()
    sent = Sent()
    with sent.on(post.engine), Heard() as heard:
        flask_rewind.downgrade(from_journal=True)
    assert [each for each in sent.done("post") if each.endswith(", ALGORITHM=COPY, LOCK=SHARED")]
    found = [each for each in heard.warned if each.startswith("The server copies the table post, and nobody can write")]
    assert len(found) == 1
    assert "CHECK" in found[0]
    assert "ALGORITHM" not in found[0]


@contextmanager
def hiding(post: History, sent: Sent) -> Iterator[sa.Connection]:
    """Execute statements as a move executes its own."""
    own = serving(Purpose(StepKind.HIDE))
    with post.engine.connect() as connection, sent.on(post.engine), own, briefly(connection):
        yield connection


def briefly(connection: sa.Connection) -> AbstractContextManager[None]:
    return engine_of(connection).waiting_briefly(Patience(0), lambda: False)


@pytest.mark.parametrize(
    ("statement", "number", "tries"),
    [
        ("ALTER TABLE post DROP INDEX no_such_index", 1091, 1),
        ("ALTER TABLE post ADD COLUMN note INTEGER", 1060, 1),
        ("ALTER TABLE post DROP COLUMN no_such_column", 1091, 1),
        ("ALTER TABLE no_such_table ADD COLUMN x INTEGER", 1146, 1),
        ("ALTER TABLE post ADD UNIQUE same_author (author_id)", 1062, 2),  # it cannot be INSTANT
        ("ALTER TABLE post MODIFY note INTEGER", 1292, 6),  # it has to be a copy
    ],
)
def test_what_fails_for_another_reason_fails_at_once(post: History, statement: str, number: int, tries: int) -> None:
    sent = Sent()
    with hiding(post, sent) as connection, pytest.raises(sa.exc.DBAPIError) as error:
        connection.exec_driver_sql(statement)
    assert error.value.orig
    assert error.value.orig.args[0] == number
    assert error.value.statement == statement
    assert len(sent.all) == tries
    assert [each for _, each in sent.all][-1] == number


@pytest.mark.parametrize(
    ("statement", "ends"),
    [
        ("ALTER TABLE author ORDER BY name", ""),
        ("ALTER TABLE author PARTITION BY HASH (id) PARTITIONS 2", ""),
        ("ALTER TABLE author CONVERT TO CHARACTER SET utf8mb4", ", ALGORITHM=COPY, LOCK=SHARED"),
        ("ALTER TABLE author ADD COLUMN x VARCHAR(9) DEFAULT '100%%' COMMENT '-- ;'", ", ALGORITHM=INSTANT, LOCK=NONE"),
        ("ALTER TABLE author COMMENT = 'x'", ", ALGORITHM=INSTANT, LOCK=NONE"),
        ("ALTER TABLE author ENGINE=InnoDB", ", ALGORITHM=INPLACE, LOCK=NONE"),
        ("ALTER TABLE author ADD FULLTEXT words (name)", ", ALGORITHM=INPLACE, LOCK=SHARED"),
        ("ALTER TABLE author ADD other INTEGER, ADD FOREIGN KEY (other) REFERENCES author (id)", "COPY, LOCK=SHARED"),
        ("ALTER TABLE author RENAME TO writer", "writer"),
        ("RENAME TABLE author TO writer", "writer"),
        ("DROP TABLE post, author", "author"),
        ("CREATE INDEX by_name ON author (name)", "(name)"),
    ],
)
def test_every_kind_of_statement_still_works(post: History, statement: str, ends: str) -> None:
    post.run("ALTER TABLE post DROP FOREIGN KEY post_author")
    sent = Sent()
    with hiding(post, sent) as connection:
        connection.exec_driver_sql(statement, ()) if "%%" in statement else connection.exec_driver_sql(statement)
    last, error = sent.all[-1]
    assert error == 0
    assert last == (f"{statement}{ends}" if ends.startswith(",") or not ends else last)
    assert last.endswith(ends)
