"""After a crossing only the parts that it touched are described again: the result must equal a full description."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask_rewind.describing import Description
from flask_rewind.engines.registry import describe
from flask_rewind.journal import crossings

START = {
    "postgresql": """
        CREATE TYPE mood AS ENUM ('calm', 'wild');
        CREATE DOMAIN amount AS integer;
        CREATE SEQUENCE ticket;
        CREATE FUNCTION one() RETURNS integer VOLATILE LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION grow() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN ALTER TABLE other ADD COLUMN grown integer; RETURN NEW; END';
        CREATE TABLE users (id serial PRIMARY KEY, name text UNIQUE, mood mood DEFAULT 'calm');
        CREATE TABLE post (id serial PRIMARY KEY, author integer REFERENCES users (id), title text,
            price amount, ticket integer DEFAULT nextval('ticket'), n integer DEFAULT one(),
            CHECK (n > 0), CHECK (n > 0));
        CREATE TABLE other (id integer PRIMARY KEY, pair users, c integer);
        CREATE TABLE logged (id integer);
        CREATE TABLE parts (id integer, day date) PARTITION BY RANGE (day);
        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        CREATE TABLE child (extra integer) INHERITS (other);
        CREATE INDEX ix_title ON post (title);
        CREATE VIEW titles AS SELECT id, title FROM post;
        CREATE TRIGGER grows AFTER INSERT ON logged FOR EACH ROW EXECUTE FUNCTION grow()""",
    "mariadb": """
        CREATE TABLE users (id integer PRIMARY KEY AUTO_INCREMENT, name varchar(20) UNIQUE);
        CREATE TABLE post (id integer PRIMARY KEY, author integer REFERENCES users (id), title varchar(20),
            n integer DEFAULT 1, CHECK (n > 0), INDEX ix_title (title));
        CREATE TABLE other (id integer PRIMARY KEY, c integer);
        CREATE VIEW titles AS SELECT id, title FROM post;
        CREATE TRIGGER adds AFTER INSERT ON other FOR EACH ROW INSERT INTO users (name) VALUES ('x')""",
}
BOTH = [
    "SELECT 1",
    "INSERT INTO users (name) VALUES ('x')",
    "UPDATE post SET n = 2",
    "ALTER TABLE post ADD COLUMN note integer",
    "ALTER TABLE other DROP COLUMN c",
    "ALTER TABLE users RENAME COLUMN id TO number",
    "ALTER TABLE users RENAME TO people",
    "ALTER TABLE users RENAME TO spare; ALTER TABLE other RENAME TO users; ALTER TABLE spare RENAME TO other",
    "ALTER TABLE post ALTER COLUMN n SET DEFAULT 5",
    "ALTER TABLE post ALTER COLUMN n DROP DEFAULT",
    "CREATE TABLE fresh (id integer PRIMARY KEY, author integer REFERENCES users (id))",
    "CREATE TABLE fresh (id integer PRIMARY KEY); DROP TABLE fresh",
    "CREATE INDEX ix_n ON post (n)",
    "CREATE UNIQUE INDEX ix_n ON post (n)",
    "DROP VIEW titles",
    "CREATE OR REPLACE VIEW titles AS SELECT id, title FROM post WHERE id > 1",
]
OF_POSTGRESQL = [
    "DROP TABLE logged",
    "DROP TABLE post CASCADE",
    "DROP INDEX ix_title",
    "ALTER INDEX ix_title RENAME TO ix_other",
    "DROP TABLE users CASCADE",
    "DROP TYPE mood CASCADE",
    "DROP DOMAIN amount CASCADE",
    "DROP SEQUENCE ticket CASCADE",
    "DROP FUNCTION one() CASCADE",
    "DROP FUNCTION grow() CASCADE",
    "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
    "ALTER TYPE mood RENAME TO temper",
    "ALTER TYPE mood ADD VALUE 'mad'",
    "ALTER TYPE mood RENAME VALUE 'calm' TO 'still'",
    "ALTER DOMAIN amount RENAME TO sum_of_money",
    "ALTER SEQUENCE ticket RENAME TO number",
    "ALTER SEQUENCE ticket INCREMENT 5",
    "ALTER SEQUENCE ticket OWNED BY post.ticket",
    "ALTER SEQUENCE post_id_seq RENAME TO another",
    "ALTER FUNCTION one() RENAME TO uno",
    "ALTER FUNCTION grow() RENAME TO swell",
    "CREATE SCHEMA apart; ALTER TABLE post SET SCHEMA apart",
    "CREATE SCHEMA apart; ALTER TYPE mood SET SCHEMA apart",
    "CREATE SCHEMA apart; SET LOCAL search_path TO apart, public",
    "CREATE TEMP TABLE passing (id integer)",
    "CREATE TABLE copy AS SELECT * FROM post",
    "SELECT * INTO copy FROM post",
    "CREATE TYPE mode AS ENUM ('a'); ALTER TABLE post ADD COLUMN mode mode",
    "ALTER TABLE parts ADD COLUMN more integer",
    "ALTER TABLE parts DETACH PARTITION parts_1",
    "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
    "CREATE INDEX ON parts (day)",
    "ALTER TABLE other ADD COLUMN more integer",
    "ALTER TABLE other ALTER COLUMN id TYPE bigint",
    "ALTER TABLE post ADD CONSTRAINT positive CHECK (n > 1) NOT VALID",
    "ALTER TABLE post ADD CHECK (n > 0)",
    "ALTER TABLE post DROP CONSTRAINT post_author_fkey",
    "ALTER TABLE post DROP CONSTRAINT post_n_check",
    "ALTER TABLE post RENAME CONSTRAINT post_n_check TO positive",
    "ALTER TABLE post ALTER COLUMN id DROP DEFAULT",
    "ALTER TABLE logged DISABLE TRIGGER grows",
    "DROP TRIGGER grows ON logged",
    "ALTER TRIGGER grows ON logged RENAME TO gains",
    "CREATE TRIGGER also AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION grow()",
    "INSERT INTO logged VALUES (1)",
    "COMMENT ON TABLE post IS 'texts'",
    "COMMENT ON COLUMN post.title IS 'head'",
    "COMMENT ON COLUMN post.title IS 'head'; COMMENT ON COLUMN post.title IS NULL",
    "DO $$ BEGIN ALTER TABLE post ADD COLUMN note integer; END $$",
    "DO $$ BEGIN EXECUTE 'ALTER TABLE po' || 'st ADD COLUMN note integer'; END $$",
    "UPDATE pg_attribute SET atttypmod = 44 WHERE attname = 'title' AND attrelid = CAST('post' AS regclass)",
    "SAVEPOINT a; ALTER TABLE post ADD COLUMN note integer; ROLLBACK TO a; ALTER TABLE other ADD COLUMN note integer",
    "ALTER TABLE post ADD COLUMN note integer; COMMIT; BEGIN",
    "CREATE TABLE nothing (); CREATE TABLE post_2 (LIKE post INCLUDING ALL)",
    "ALTER TABLE users DROP COLUMN name, DROP COLUMN mood",
    "TRUNCATE post",
    "LOCK TABLE other",
    "ALTER VIEW titles RENAME COLUMN title TO head",
    "ALTER VIEW titles RENAME TO heads",
    "ALTER TABLE post RENAME COLUMN title TO head",
]
OF_MARIADB = [
    "DROP TABLE post",
    "RENAME TABLE users TO spare, other TO users, spare TO other",
    "CREATE TABLE copy LIKE post",
    "DROP TRIGGER adds",
    "CREATE TRIGGER also AFTER UPDATE ON post FOR EACH ROW SET @a = 1",
    "ALTER TABLE post MODIFY title varchar(30)",
    "BEGIN NOT ATOMIC ALTER TABLE post ADD COLUMN note integer;END",
    "CREATE SEQUENCE ticket",
    "SET foreign_key_checks = 0; DROP TABLE users; SET foreign_key_checks = 1",
]
CASES = [("postgresql", each) for each in BOTH + OF_POSTGRESQL] + [("mariadb", each) for each in BOTH + OF_MARIADB]


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        crossings.metadata.create_all(connection)
        for statement in split(START["postgresql" if connection.dialect.name == "postgresql" else "mariadb"]):
            connection.exec_driver_sql(statement)
        connection.commit()
        yield connection
    engine.dispose()


def split(text: str) -> list[str]:
    """Return the statements of a text; bodies of functions stay whole."""
    return [text] if "$$" in text else [each for each in text.split(";\n" if "\n" in text else "; ") if each.strip()]


@pytest.mark.parametrize(("engine_name", "statements"), CASES)
def test_what_a_crossing_touched_is_all_that_it_changed(connection: sa.Connection, statements: str) -> None:
    known = describe(connection)
    connection.commit()
    connection.execute(sa.insert(crossings).values(BEGUN))
    executed = split(statements)
    for statement in executed:
        connection.exec_driver_sql(statement)
    found = describe(connection, known, executed)
    assert found == everything(connection, known)


def everything(connection: sa.Connection, known: Description | None) -> Description | None:
    """Describe everything, with the same names for constraints with the same definition."""
    connection.info.clear()
    return describe(connection, known, ["CALL something()"])


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_one_query_asks_for_what_a_crossing_touched(connection: sa.Connection) -> None:
    known = describe(connection)
    connection.commit()
    connection.execute(sa.insert(crossings).values(BEGUN))
    connection.exec_driver_sql("ALTER TABLE post ADD COLUMN note integer")
    asked: list[str] = []
    sa.event.listen(connection, "before_cursor_execute", lambda *seen: asked.append(seen[2].split()[0]))
    describe(connection, known, ["ALTER TABLE post ADD COLUMN note integer"])
    describe(connection, known, ["ALTER TABLE post ADD COLUMN note integer"])
    assert asked == ["SELECT", "PREPARE", "EXECUTE", "SELECT", "EXECUTE"]


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_session_that_forgets_its_queries_is_described_all_the_same(connection: sa.Connection) -> None:
    known = describe(connection)
    connection.exec_driver_sql("DEALLOCATE ALL")
    assert describe(connection) == known


BEGUN = {
    "move_id": 1,
    "revision": "1",
    "direction": "up",
    "message": "",
    "parents": "[]",
    "source": "",
    "started_at": sa.func.now(),
    "state": "begun",
    "fingerprint_before": "",
    "fingerprint_after": "",
    "changes": "",
}
