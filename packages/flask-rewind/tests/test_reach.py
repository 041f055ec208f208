"""Statements that must not be executed on a stand-in."""

import pytest
from flask_rewind.engines.registry import parts_named

TABLES = {("blog", "post"), ("blog", "blog"), ("other", "thing"), ("rewind_shadow_1", "post")}


def reached(sql: str, dialect: str = "mariadb") -> str:
    parts = parts_named(dialect)
    assert parts is not None
    return parts.reaches_past(sql, {"blog", "other"}, lambda: TABLES)


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE post ADD COLUMN a INT",
        "CREATE TABLE user (id INT, event INT)",
        "ALTER TABLE event DROP a",
        "UPDATE blog SET blog.title = 'other.thing'",
        "SELECT blog.title FROM blog -- other.thing",
        "DELETE blog FROM blog JOIN post ON blog.id = post.id",
        "CREATE DEFINER = a@b TRIGGER t BEFORE INSERT ON post FOR EACH ROW SET NEW.a = 1",
        "SELECT * FROM information_schema.tables",
        "SET foreign_key_checks = 0",
    ],
)
def test_what_stays_in_one_database(sql: str) -> None:
    assert reached(sql) == ""


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE blog.post ADD COLUMN a INT",
        "ALTER TABLE BLOG . `post` ADD COLUMN a INT",
        "CREATE TABLE IF NOT EXISTS blog.new (a INT)",
        "RENAME TABLE post TO other.post",
        "CREATE INDEX i ON blog.post (a)",
        "DROP INDEX i ON blog.renamed",
        "UPDATE post, other.thing SET a = 1",
        "INSERT INTO post SELECT blog.post.a FROM blog.post",
        "/*!50000 DROP TABLE blog.post */",
        "SELECT 1; DELETE FROM other.thing",
        "USE blog",
        "SET GLOBAL max_connections = 1",
        "SET SESSION a = 1, GLOBAL b = 2",
        "DROP DATABASE other",
        "CREATE OR REPLACE USER a@b",
        "CREATE DEFINER = a@b EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
        "GRANT ALL ON post TO a",
        "CALL p()",
        "EXECUTE IMMEDIATE 'DROP TABLE x'",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
    ],
)
def test_what_may_concern_the_rest_of_a_server(sql: str) -> None:
    assert reached(sql) != ""


@pytest.mark.parametrize("sql", ["ROLLBACK TO SAVEPOINT a", "BEGIN", "SELECT 'COMMIT'", "SELECT setval"])
def test_what_a_transaction_takes_back(sql: str) -> None:
    assert reached(sql, "postgresql") == ""


@pytest.mark.parametrize(
    "sql",
    ["/* x /* y */ */ COMMIT", "SELECT 1; END;", "ROLLBACK", "ABORT", "SELECT setval ('a', 1)", "commit prepared 'x'"],
)
def test_what_outlives_a_transaction(sql: str) -> None:
    assert reached(sql, "postgresql") != ""


def test_other_files() -> None:
    assert reached("ATTACH 'x' AS y", "sqlite")
    assert reached("VACUUM INTO 'x'", "sqlite")
    assert not reached("INSERT INTO attach VALUES (1)", "sqlite")
