"""Raw SQL statements, parsed as far as the attic needs them."""

import pytest
from flask_rewind.sql.changes import AlterTable, CreateIndex, CreateTable, DropTables, RenameTables
from flask_rewind.sql.parser import drops, read
from flask_rewind.sql.rows_written import tables_written
from flask_rewind.sql.statements import split, verb
from flask_rewind.sql.tokenizer import one_line
from flask_rewind.sql.types import AddLabel, CreateType, DropTypes, type_change


def actions(sql: str) -> list[tuple[str, str, str]]:
    change = read(sql, "postgresql")
    assert isinstance(change, AlterTable)
    return [(each.kind, each.name, each.definition) for each in change.actions]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("ALTER TABLE post DROP COLUMN mood", [("drop", "mood", "")]),
        ("alter table only Post drop Mood cascade;", [("drop", "mood", "")]),
        ('ALTER TABLE a.b DROP IF EXISTS "Mood", DROP c', [("drop", "Mood", ""), ("drop", "c", "")]),
        ('ALTER TABLE t /* x /* y */ z */ DROP "odd name" -- y', [("drop", "odd name", "")]),
        ("ALTER TABLE t * DROP c", [("drop", "c", "")]),
        ("ALTER TABLE t DROP CONSTRAINT c, DROP INDEX d", [("other", "", ""), ("other", "", "")]),
        ("ALTER TABLE t ALTER c DROP DEFAULT", [("other", "", "")]),
        ("ALTER TABLE t ADD c DECIMAL(3, 1) NOT NULL AFTER b", [("add", "c", "DECIMAL(3, 1) NOT NULL")]),
        ("ALTER TABLE t ADD COLUMN IF NOT EXISTS c INT FIRST", [("add", "c", "INT")]),
        ("ALTER TABLE t ADD (c INT, d INT)", [("add", "c", "INT"), ("add", "d", "INT")]),
        ("ALTER TABLE t ADD (c INT, INDEX i (c))", [("add", "c", "INT"), ("name", "i", "")]),
        ("ALTER TABLE t WAIT 5 DROP c", [("drop", "c", "")]),
        ("ALTER TABLE t NOWAIT DROP c", [("drop", "c", "")]),
        ("ALTER TABLE t DROP PARTITION p", [("destroy", "", "")]),
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
    change = read("DROP TABLE IF EXISTS a, b.c CASCADE;", "mysql")
    assert isinstance(change, DropTables)
    assert [(each.schema, each.table) for each in change.tables] == [(None, "a"), ("b", "c")]
    assert (change.if_exists, change.cascade) == (True, True)
    change = read("CREATE TABLE IF NOT EXISTS A (b INT DEFAULT 1)", "postgresql")
    assert isinstance(change, CreateTable)
    assert change.table.table == "a"
    assert not change.replaces
    for sql in ("CREATE OR REPLACE TABLE a AS SELECT 1", "CREATE OR REPLACE TABLE a (b INT) SELECT 1"):
        change = read(sql, "mysql")
        assert isinstance(change, CreateTable)
        assert change.replaces
    change = read("RENAME TABLE a TO b, c TO d", "mysql")
    assert isinstance(change, RenameTables)
    assert [(old.table, new) for old, new in change.pairs] == [("a", "b"), ("c", "d")]
    change = read("CREATE UNIQUE INDEX IF NOT EXISTS x ON ONLY t (a)", "mysql")
    assert isinstance(change, CreateIndex)
    assert (change.name, change.table.table) == ("x", "t")


@pytest.mark.parametrize("sql", ["DROP VIEW v", "SELECT 1", "UPDATE t SET a = 'DROP TABLE t'", "", "DROP"])
def test_what_says_nothing_of_tables(sql: str) -> None:
    assert read(sql, "mysql") is None


@pytest.mark.parametrize(
    ("dialect", "sql", "parts"),
    [
        ("sqlite", "ALTER TABLE a DROP b; DROP TABLE c;\n", ["ALTER TABLE a DROP b", "DROP TABLE c"]),
        ("sqlite", "SELECT ';' -- ;", ["SELECT ';'"]),
        ("sqlite", "CREATE TRIGGER t BEGIN a; b; END", ["CREATE TRIGGER t BEGIN a; b; END"]),
        ("mysql", r"SELECT 'it\'s; x'; DROP TABLE a", [r"SELECT 'it\'s; x'", "DROP TABLE a"]),
        ("mysql", "# it's\nSELECT 1; DROP TABLE a", ["SELECT 1", "DROP TABLE a"]),
        (
            "mysql",
            "CREATE PROCEDURE p() BEGIN a; IF b THEN c; END IF; END; DROP TABLE a",
            ["CREATE PROCEDURE p() BEGIN a; IF b THEN c; END IF; END", "DROP TABLE a"],
        ),
        ("mysql", "BEGIN NOT ATOMIC a; b; END", ["BEGIN NOT ATOMIC a; b; END"]),
        (
            "postgresql",
            "CREATE FUNCTION f() AS $a$ x; 'y $a$; DROP TABLE a",
            ["CREATE FUNCTION f() AS $a$ x; 'y $a$", "DROP TABLE a"],
        ),
        ("postgresql", r"SELECT E'it\'s; x'; DROP TABLE a", [r"SELECT E'it\'s; x'", "DROP TABLE a"]),
        ("postgresql", r"SELECT '\'; DROP TABLE a", [r"SELECT '\'", "DROP TABLE a"]),
        ("postgresql", "BEGIN; DROP TABLE a; END;", ["BEGIN", "DROP TABLE a", "END"]),
    ],
)
def test_several_statements_in_one_text(dialect: str, sql: str, parts: list[str]) -> None:
    assert split(sql, dialect) == parts


@pytest.mark.parametrize(
    ("sql", "first"),
    [
        ("  drop table a", "DROP"),
        ("-- x\n/* y */ # z\n;DROP TABLE a", "DROP"),
        ("/*!50100 DROP TABLE a */", "DROP"),
        ("COMMIT;", "COMMIT"),
        ("", ""),
        ("-- nothing", ""),
    ],
)
def test_the_first_word_of_a_statement(sql: str, first: str) -> None:
    assert verb(sql, "sqlite") == first


def test_a_statement_in_one_line_is_the_same_statement() -> None:
    assert one_line("-- why\nALTER  TABLE a -- x\n DROP b", "sqlite") == "ALTER TABLE a DROP b"
    assert one_line("SELECT 'a  b', c\n", "sqlite") == "SELECT 'a  b', c"
    assert one_line("SELECT  $$ a  b $$", "postgresql") == "SELECT $$ a  b $$"


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("BEGIN;\n\n-- Run\n\nALTER TABLE t DROP COLUMN a;\n\nDROP TABLE tag;\n\nCOMMIT;\n\n", ["t.a", "tag"]),
        ("CREATE TABLE _alembic_tmp_t (a INTEGER);\n\nDROP TABLE t;\n\nALTER TABLE _alembic_tmp_t RENAME TO t;\n", []),
        ("DROP INDEX ix;\n\nDROP TABLE alembic_version;\n\n", []),
    ],
)
def test_what_a_printed_script_drops(script: str, found: list[str]) -> None:
    assert drops(script, "sqlite") == found


@pytest.mark.parametrize(
    ("dialect", "sql", "tables"),
    [
        ("sqlite", "INSERT OR REPLACE INTO a (x) SELECT y FROM b", ["a"]),
        ("sqlite", "UPDATE OR IGNORE a SET x = (SELECT y FROM b)", ["a"]),
        ("postgresql", "UPDATE ONLY s.A AS p SET x = 1 FROM b WHERE b.id = p.id", ["s.a"]),
        ("postgresql", "DELETE FROM a USING b WHERE a.x = b.x", ["a"]),
        ("postgresql", "MERGE INTO a USING b ON a.x = b.x WHEN MATCHED THEN UPDATE SET y = 1", ["a"]),
        ("postgresql", "WITH m AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM m", ["a", "b"]),
        ("postgresql", "WITH m AS (SELECT replace(x, 'a', 'b') AS y FROM a) UPDATE b SET y = m.y FROM m", ["b"]),
        ("postgresql", "WITH m AS (UPDATE a SET x = 1 RETURNING x) SELECT * FROM m", ["a"]),
        ("mysql", "UPDATE a SET x = 1", ["a"]),
        ("mysql", "UPDATE LOW_PRIORITY IGNORE `a` AS p SET p.x = 1 ORDER BY y, z LIMIT 3", ["a"]),
        ("mysql", "UPDATE a p JOIN s.b q ON p.x = q.x SET q.y = p.y, q.z = 1 WHERE p.y > 1", ["s.b"]),
        ("mysql", "UPDATE a, b AS q SET a.y = 1, q.y = 2", ["a", "b"]),
        ("mysql", "UPDATE a USE INDEX (i) LEFT JOIN b USING (x) SET y = 1", ["a", "b"]),
        ("mysql", "UPDATE a JOIN (SELECT x FROM c) AS d ON d.x = a.x SET a.y = d.x", ["a"]),
        ("postgresql", "WITH m AS (SELECT (replace(x, 'a', 'b')) AS y FROM a) UPDATE b SET y = m.y FROM m", ["b"]),
        ("mysql", "UPDATE (a JOIN b ON a.x = b.x) SET b.y = 1", ["b"]),
        ("mysql", "UPDATE (a, (b JOIN c ON b.x = c.x)) SET y = 1", ["a", "b", "c"]),
        ("mysql", "DELETE FROM a ORDER BY x, y LIMIT 9", ["a"]),
        ("mysql", "DELETE FROM a RETURNING x, y", ["a"]),
        ("mysql", "DELETE QUICK FROM s.a AS p WHERE p.x = 1", ["s.a"]),
        ("mysql", "DELETE p FROM a AS p INNER JOIN b ON p.x = b.x WHERE b.y = 1", ["a"]),
        ("mysql", "DELETE a.*, q FROM a JOIN b q ON a.x = q.x", ["a", "b"]),
        ("mysql", "DELETE FROM p USING a AS p JOIN b WHERE p.x = b.x", ["a"]),
        ("mysql", "INSERT IGNORE a VALUES (1)", ["a"]),
        ("mysql", "REPLACE INTO a VALUES (1)", ["a"]),
        ("mysql", "SELECT REPLACE(x, 'a', 'b') FROM a FOR UPDATE", []),
        ("mysql", "UPDATE", []),
    ],
)
def test_whose_rows_a_statement_changes(dialect: str, sql: str, tables: list[str]) -> None:
    found = [".".join(part for part in (each.schema, each.table) if part) for each in tables_written(sql, dialect)]
    assert found == tables


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("DROP TYPE mood", ("TYPE", ["mood"], ["DROP TYPE mood"])),
        (
            'drop sequence if exists a, "B c".d cascade',
            ("SEQUENCE", ["a", "d"], ["drop sequence if exists a CASCADE", 'drop sequence if exists "B c".d CASCADE']),
        ),
        ("CREATE UNLOGGED SEQUENCE IF NOT EXISTS Counted START 5", ("SEQUENCE", "counted", [])),
        ("CREATE TYPE \"Mood\" AS ENUM ('calm', 'it''s')", ("TYPE", "Mood", ["calm", "it's"])),
        ("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'wild' BEFORE 'calm'", ("mood", "wild")),
        ("CREATE TYPE pair AS (a int, b int)", None),
        ("ALTER TYPE mood RENAME TO other", None),
        ("DROP TYPE", None),
        ("DROP TABLE mood", None),
    ],
)
def test_what_a_statement_does_to_types(sql: str, expected: object) -> None:
    match type_change(sql):
        case DropTypes() as change:
            found: object = (change.kind, [name.table for name in change.names], change.one_each())
        case CreateType(kind, name, labels):
            found = (kind, name.table, labels)
        case AddLabel(name, label):
            found = (name.table, label)
        case nothing:
            found = nothing
    assert found == expected
