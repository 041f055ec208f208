"""The details of hidden things as JSON, written and read, and rows that cannot be read."""

import json
from collections.abc import Callable
from typing import Any

import flask_rewind
import pytest
from flask import Flask
from flask_rewind.details import (
    CLASSES,
    LAYOUT,
    Details,
    Domain,
    ForeignKey,
    KeyText,
    MySQLColumnDetails,
    MySQLTableDetails,
    Named,
    Parent,
    PostgreSQLColumnDetails,
    PostgreSQLTableDetails,
    PostgreSQLTypeDetails,
    Relation,
    Side,
    SQLiteColumnDetails,
    SQLiteTableDetails,
    TableKeys,
    Unreadable,
    details_from,
    with_missing_parts,
    written,
)
from flask_rewind.errors import Refused
from flask_rewind.journal import LAYOUT as JOURNAL
from histories import History

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.sqlite_first

COLUMN: dict[str, Any] = {
    "not_null": True,
    "has_default": False,
    "is_numbered": False,
    "stays_not_null": True,
    "indexes": (Named("post_x", "KEY `post_x` (`x`)"),),
    "columns": ("id", "x"),
}
INCOMING = (ForeignKey(None, "note", "note_x", "CONSTRAINT note_x FOREIGN KEY (x) REFERENCES post (x)"),)
EXTRAS = {"post_x": (("COMMENT ON INDEX post_x IS 'x'",), ("ALTER TABLE ", " CLUSTER ON post_x"))}
EXAMPLES: dict[str, Details] = {
    "column of SQLite": SQLiteColumnDetails(
        **COLUMN,
        text="CREATE TABLE post (id INTEGER, x TEXT)",
        definition="x TEXT",
        primary_key=True,
        rest_of_key=("id",),
        moves_rows=True,
        last_number=None,
        uniques=("UNIQUE (id, x)",),
        keys=(),
        checks=(" CHECK (x <> '')",),
        keys_to=(TableKeys("note", (KeyText("", "FOREIGN KEY (x) REFERENCES post (x)"),)),),
        side=Side("_attic_1 TEXT", None, ("INTEGER",)),
    ),
    "table of SQLite": SQLiteTableDetails(
        text="CREATE TABLE post (id INTEGER)",
        indexes=(Named("post_id", "CREATE INDEX post_id ON post (id)"),),
        triggers=(Named("note", "CREATE TRIGGER note AFTER INSERT ON post BEGIN SELECT 1; END"),),
        former_names=("posts",),
    ),
    "column of MariaDB": MySQLColumnDetails(
        **COLUMN,
        incoming=INCOMING,
        definition="varchar(20) NOT NULL",
        type="varchar",
        constraints=(Named("x_check", "CONSTRAINT `x_check` CHECK (`x` <> '')"),),
        primary_key="PRIMARY KEY (`x`)",
        made_by_server={"`x`": "post_x"},
        left_without_index=("`y`,`z`",),
        side=Side("varchar(20)", "id"),
    ),
    "table of MariaDB": MySQLTableDetails(constraints=(), incoming=INCOMING),
    "column of PostgreSQL": PostgreSQLColumnDetails(
        **COLUMN, domain=Domain("word", "text", True), is_loose=True, constraints=(), extras=EXTRAS
    ),
    "table of PostgreSQL": PostgreSQLTableDetails(
        constraints=(Named("post_user", "FOREIGN KEY (user_id) REFERENCES users(id)"),),
        extras=EXTRAS,
        parents=(Parent("log", "ALTER TABLE log DETACH PARTITION ", "", "ALTER TABLE log ATTACH PARTITION ", " x"),),
        names=(Relation("INDEX", "post_pkey"),),
        partitions=("post_1",),
    ),
    "type of PostgreSQL": PostgreSQLTypeDetails(kind="SEQUENCE"),
}


def kind_of(details: Details) -> str:
    return next(kind for kind in ("Column", "Table", "Type") if kind in type(details).__name__).lower()


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_was_written_is_read_back(name: str) -> None:
    details = EXAMPLES[name]
    assert details_from(written(details), LAYOUT, details.engine, kind_of(details)) == details


def test_every_class_has_an_example() -> None:
    assert {type(each) for each in EXAMPLES.values()} == {*CLASSES}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 1}, "SQLiteTableDetails has no field colour"),
        ({"text": None}, "SQLiteTableDetails.text is None, which is not of type str"),
        ({"indexes": [["a"]]}, "SQLiteTableDetails.indexes has a Named of 1 values"),
        ({"indexes": "a"}, "SQLiteTableDetails.indexes is 'a', which is not of type list"),
    ],
)
def test_a_field_that_does_not_fit_is_named(change: dict[str, Any], message: str) -> None:
    text = json.dumps({"text": "CREATE TABLE post (id INTEGER)", **change})
    with pytest.raises(Unreadable, match=f"^{message}$"):
        details_from(text, LAYOUT, "sqlite", "table")


def test_a_field_that_is_missing_is_named() -> None:
    with pytest.raises(Unreadable, match=r"^MySQLTableDetails lacks the field constraints$"):
        details_from("{}", LAYOUT, "mysql", "table")


def test_an_engine_that_hides_nothing_of_the_kind_is_named() -> None:
    with pytest.raises(Unreadable, match=r"^sqlite hides no type$"):
        details_from('{"kind": "TYPE"}', LAYOUT, "sqlite", "type")


def test_a_row_of_layout_1_is_read_by_its_fields() -> None:
    text = (
        '{"constraints": [], "indexes": [], "said": {}, "partitions": [], "parents": [], "names": [], "called": ["a"]}'
    )
    found = details_from(text, 1, "", "table")
    assert isinstance(found, PostgreSQLTableDetails)
    assert found.former_names == ("a",)


@pytest.mark.parametrize(("text", "kind"), [('{"kind": "SEQUENCE"}', "SEQUENCE"), ("{}", "TYPE")])
def test_a_type_of_layout_1_may_lack_its_kind(text: str, kind: str) -> None:
    assert details_from(text, 1, "", "type") == PostgreSQLTypeDetails(kind=kind)


def test_a_side_table_of_layout_1_is_read() -> None:
    former = {**json.loads(written(EXAMPLES["column of SQLite"])), "former": None}
    former["side"] = {"definition": "_attic_1 TEXT", "behind": None, "types": ["INTEGER"]}
    assert details_from(json.dumps(former), 1, "", "column") == EXAMPLES["column of SQLite"]


def test_parts_that_could_not_be_made_again_are_kept() -> None:
    key, renamed = Named("a", "CONSTRAINT `a` FOREIGN KEY"), Named("b", "CONSTRAINT `b` FOREIGN KEY")
    check = Named("c", "CONSTRAINT `c` CHECK (1)")
    now = MySQLTableDetails(constraints=(renamed,))
    assert with_missing_parts(now, MySQLTableDetails(constraints=(key, check))).constraints == (renamed, check)


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    blog = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    table = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("lead", sa.String(20), nullable=False)'
    blog.revision(f'op.create_table("post", {table})', 'op.drop_table("post")')
    blog.revision('op.drop_column("post", "lead")', 'op.add_column("post", sa.Column("lead", sa.String(20)))')
    flask_rewind.upgrade(revision="1")
    blog.run("INSERT INTO post (id, lead) VALUES (1, 'words')")
    flask_rewind.upgrade()
    return blog


def test_each_row_says_its_layout_and_engine(blog: History, engine_name: str) -> None:
    engine = {"mariadb": "mysql"}.get(engine_name, engine_name)
    assert blog.rows("SELECT layout, engine FROM rewind_attic") == [(LAYOUT, engine)]


def test_a_newer_layout_of_the_attic_is_refused_by_name(blog: History) -> None:
    blog.run("UPDATE rewind_attic SET layout = 3")
    for command in (flask_rewind.downgrade, flask_rewind.attic):
        with pytest.raises(Refused) as refused:
            command()
        assert refused.value.message == (
            "the table rewind_attic of this database has rows of layout 3, which a newer version of Flask-Rewind wrote."
            " This version reads layouts up to 2."
        )
        assert refused.value.hint == "Install the newer Flask-Rewind, then run the same command again."
    assert flask_rewind.status()[0].current == ("2",)


def test_a_newer_layout_of_the_journal_is_refused_by_name(blog: History) -> None:
    blog.run("UPDATE rewind_moves SET layout = :newer WHERE id = 1", newer=JOURNAL + 1)
    for command in (flask_rewind.downgrade, flask_rewind.log, flask_rewind.status):
        with pytest.raises(
            Refused, match=f"the table rewind_moves of this database has rows of layout {JOURNAL + 1}, which"
        ):
            command()
    assert blog.rows("SELECT count(*) FROM rewind_moves") == [(2,)]


def test_a_damaged_row_is_refused_with_the_field(blog: History) -> None:
    blog.run("UPDATE rewind_attic SET details = '{}'")
    with pytest.raises(
        Refused, match=r"row 1 of rewind_attic, which says how to bring post\.lead back, cannot be read"
    ):
        flask_rewind.downgrade()
