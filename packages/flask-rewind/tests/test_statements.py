"""Raw SQL statements, read as far as the attic has a part in them."""

import pytest
from flask_rewind.statements import (
    AlterTable,
    CreateIndex,
    CreateTable,
    DropTables,
    RenameTables,
    drops,
    read,
    split,
)


def actions(sql: str) -> list[tuple[str, str, str]]:
    change = read(sql, folds=True)
    assert isinstance(change, AlterTable)
    return [(each.kind, each.name, each.definition) for each in change.actions]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("ALTER TABLE post DROP COLUMN mood", [("drop", "mood", "")]),
        ("alter table only Post drop Mood cascade;", [("drop", "mood", "")]),
        ('ALTER TABLE a.b DROP IF EXISTS "Mood", DROP c', [("drop", "Mood", ""), ("drop", "c", "")]),
        ("ALTER TABLE t /* x */ DROP `odd name` -- y", [("drop", "odd name", "")]),
        ("ALTER TABLE t DROP CONSTRAINT c, DROP INDEX d", [("other", "", ""), ("other", "", "")]),
        ("ALTER TABLE t ALTER c DROP DEFAULT", [("other", "", "")]),
        ("ALTER TABLE t ADD c DECIMAL(3, 1) NOT NULL AFTER b", [("add", "c", "DECIMAL(3, 1) NOT NULL")]),
        ("ALTER TABLE t ADD COLUMN IF NOT EXISTS c INT FIRST", [("add", "c", "INT")]),
        ("ALTER TABLE t ADD (c INT, d INT)", [("other", "", "")]),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1)", [("name", "c", "")]),
        ("ALTER TABLE t ADD UNIQUE INDEX c (a)", [("name", "c", "")]),
        ("ALTER TABLE t RENAME TO u", [("rename", "u", "")]),
        ("ALTER TABLE t RENAME COLUMN a TO b", [("rename column", "a", "b")]),
        ("ALTER TABLE t COMMENT 'x, DROP COLUMN y'", [("other", "", "")]),
    ],
)
def test_the_actions_of_an_alter_table(sql: str, found: list[tuple[str, str, str]]) -> None:
    assert actions(sql) == found


def test_tables_dropped_made_and_renamed() -> None:
    change = read("DROP TABLE IF EXISTS a, b.c CASCADE;", folds=False)
    assert isinstance(change, DropTables)
    assert [(each.schema, each.table) for each in change.tables] == [(None, "a"), ("b", "c")]
    assert (change.if_exists, change.cascade) == (True, True)
    change = read("CREATE TABLE IF NOT EXISTS A (b INT DEFAULT 1)", folds=True)
    assert isinstance(change, CreateTable)
    assert change.table.table == "a"
    assert read("CREATE TABLE a AS SELECT 1", folds=False) is None
    assert read("CREATE TABLE a (b INT) SELECT 1", folds=False) is None
    change = read("RENAME TABLE a TO b, c TO d", folds=False)
    assert isinstance(change, RenameTables)
    assert [(old.table, new) for old, new in change.pairs] == [("a", "b"), ("c", "d")]
    change = read("CREATE UNIQUE INDEX IF NOT EXISTS x ON ONLY t (a)", folds=False)
    assert isinstance(change, CreateIndex)
    assert (change.name, change.table.table) == ("x", "t")


@pytest.mark.parametrize("sql", ["DROP VIEW v", "SELECT 1", "UPDATE t SET a = 'DROP TABLE t'", "", "DROP"])
def test_what_says_nothing_of_tables(sql: str) -> None:
    assert read(sql, folds=False) is None


def test_several_statements_in_one_text() -> None:
    assert split("ALTER TABLE a DROP b; DROP TABLE c;\n") == ["ALTER TABLE a DROP b", " DROP TABLE c"]
    assert split("SELECT ';'") == ["SELECT ';'"]
    for body in ("CREATE FUNCTION f() AS $$ a; b $$", "CREATE TRIGGER t BEGIN a; b; END"):
        assert split(body) == [body]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("BEGIN;\n\n-- Run\n\nALTER TABLE t DROP COLUMN a;\n\nDROP TABLE tag;\n\nCOMMIT;\n\n", ["t.a", "tag"]),
        ("CREATE TABLE _alembic_tmp_t (a INTEGER);\n\nDROP TABLE t;\n\nALTER TABLE _alembic_tmp_t RENAME TO t;\n", []),
        ("DROP INDEX ix;\n\nDROP TABLE alembic_version;\n\n", []),
    ],
)
def test_what_a_printed_script_drops(script: str, found: list[str]) -> None:
    assert drops(script.split(";\n")) == found
