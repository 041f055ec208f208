"""What happens to each kind of object on each engine: every cell of the table in docs/reference/objects.md."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import Refused
from histories import History, everything, executed
from schema_texts import schema_texts

MakeApp = Callable[..., Flask]

TABLE = Path(__file__).parents[4] / "docs/reference/objects.md"
REFUSALS = 3
"""How many cells of the table are refusals. The number may only shrink."""

ENGINES = ("sqlite", "mariadb", "postgresql")
OTHER = "CREATE TABLE other (id INTEGER PRIMARY KEY)"
START = "CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER"
RETURNS, REFUSED, NONE = "returns", "refused", "—"


@dataclass(frozen=True)
class Thing:
    """An object: how it is created, and a revision that drops and recreates it as scripts do."""

    create: str | dict[str, str]
    """SQL of revision 1, statements separated by semicolons."""
    rows: str
    """SQL that fills it."""
    drop: str
    back: str
    outcome: dict[str, str] = field(default_factory=dict)
    """The outcome by engine, if it is not `RETURNS`."""
    newborn: str = "INSERT INTO thing (id) VALUES (9)"
    """SQL that the app executes while it is hidden; empty for none."""


def column(kind: str, value: str, definition: str | dict[str, str], **options: Any) -> Thing:
    """A column `c` of some type, which revision 2 drops."""
    definitions = {name: definition if isinstance(definition, str) else definition[name] for name in ENGINES}
    create = {name: f"CREATE TABLE thing (id INTEGER PRIMARY KEY, c {text})" for name, text in definitions.items()}
    rows = f"INSERT INTO thing (id, c) VALUES (1, {value}), (2, {value})"
    back = f'op.add_column("thing", sa.Column("c", {kind}))'
    return Thing(create, rows, 'op.drop_column("thing", "c")', back, **options)


def types(sqlite: str, mariadb: str, postgresql: str) -> dict[str, str]:
    return {"sqlite": sqlite, "mariadb": mariadb, "postgresql": postgresql}


def on_column(extra: str | dict[str, str], back: str, **options: Any) -> Thing:
    """Something on the column `c`, which revision 2 drops with the column."""
    extras = {name: extra if isinstance(extra, str) else extra[name] for name in ENGINES}
    create = {
        name: f"{OTHER}; {START}{text})" if text.startswith(",") else f"{START}); {text}"
        for name, text in extras.items()
    }
    rows = "INSERT INTO thing (id, c) VALUES (1, 5), (2, 6)"
    if "other" in str(extra):
        rows = f"INSERT INTO other (id) VALUES (5), (6); {rows}"
    back = f'op.add_column("thing", sa.Column("c", sa.Integer))\n{back}'
    return Thing(create, rows, 'op.drop_column("thing", "c")', back, **options)


def by_itself(extra: str, drop: str, back: str, **options: Any) -> Thing:
    """A constraint or an index that revision 2 drops without its columns."""
    create = (
        f"CREATE TABLE other (id INTEGER PRIMARY KEY); CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER{extra})"
    )
    rows = "INSERT INTO other (id) VALUES (5), (6); INSERT INTO thing (id, c) VALUES (1, 5), (2, 6)"
    block = 'with op.batch_alter_table("thing") as block:\n    block.'
    return Thing(create, rows, block + drop, block + back, **options)


def table(definition: str | dict[str, str], back: str, more: str = "", **options: Any) -> Thing:
    """A whole table that revision 2 drops."""
    definitions = {name: definition if isinstance(definition, str) else definition[name] for name in ENGINES}
    create = {name: f"CREATE TABLE thing ({text}){more}" for name, text in definitions.items()}
    back = f'op.create_table("thing", {back})'
    rows = "INSERT INTO thing (id, c) VALUES (1, 5), (2, 6)"
    return Thing(create, rows, 'op.drop_table("thing")', back, newborn="", **options)


ID, C = 'sa.Column("id", sa.Integer, primary_key=True)', 'sa.Column("c", sa.Integer)'
UUID_ON_MARIADB = "UUID" if sa.__version__ >= "2.1" else "CHAR(32)"
"""The type of sa.Uuid on MariaDB in this version of SQLAlchemy."""
RETURNS_OTHERWISE = {"table that inherits another"}
"""Objects whose text differs after their return: such a table then has its parent's columns as its own columns."""
WITHOUT_MARIADB = {"mariadb": NONE}
ONLY_POSTGRESQL = {"sqlite": NONE, "mariadb": NONE}
DEFAULTED = {"id": 9, "c": 7}

THINGS = {
    "column, integer": column("sa.Integer", "-2147483648", "INTEGER"),
    "column, big integer": column("sa.BigInteger", "9223372036854775807", "BIGINT"),
    "column, decimal": column("sa.Numeric(20, 4)", "1234567890.1234", "NUMERIC(20, 4)"),
    "column, floating point": column("sa.Double", "0.1", types("DOUBLE", "DOUBLE", "DOUBLE PRECISION")),
    "column, boolean": column("sa.Boolean", "true", "BOOLEAN"),
    "column, string": column("sa.String(60)", "'a '", "VARCHAR(60)"),
    "column, fixed string": column("sa.CHAR(4)", "'a'", "CHAR(4)"),
    "column, text": column("sa.Text", "''", "TEXT"),
    "column, binary": column("sa.LargeBinary", "'x'", types("BLOB", "BLOB", "BYTEA")),
    "column, date": column("sa.Date", "'2024-02-29'", "DATE"),
    "column, time": column("sa.Time", "'23:59:59'", "TIME"),
    "column, date and time": column("sa.DateTime", "'2024-02-29 23:59:59'", types("DATETIME", "DATETIME", "TIMESTAMP")),
    "column, with time zone": column(
        "sa.DateTime(timezone=True)",
        "'2024-02-29 23:59:59+08:00'",
        types("DATETIME", "DATETIME", "TIMESTAMPTZ"),
        outcome={"mariadb": NONE},
    ),
    "column, JSON": column("sa.JSON", """'{"a": [1, null]}'""", "JSON"),
    "column, UUID": column("sa.Uuid", "'00112233445566778899aabbccddeeff'", types("CHAR(32)", UUID_ON_MARIADB, "UUID")),
    "column, interval": column("sa.Interval", "'1 day'", "INTERVAL", outcome=ONLY_POSTGRESQL),
    "column, array": column("sa.ARRAY(sa.Integer)", "'{1,2}'", "INTEGER[]", outcome=ONLY_POSTGRESQL),
    "column, NOT NULL": column("sa.Integer, nullable=False", "5", "INTEGER NOT NULL", newborn=""),
    "column, with default": column('sa.Integer, server_default="7"', "5", "INTEGER DEFAULT 7"),
    "column, NOT NULL with default": column(
        'sa.Integer, server_default="7", nullable=False', "5", "INTEGER DEFAULT 7 NOT NULL"
    ),
    "column, with comment": Thing(
        {
            "sqlite": "SELECT 1",
            "mariadb": "CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER COMMENT 'of it')",
            "postgresql": f"{START}); COMMENT ON COLUMN thing.c IS 'of it'",
        },
        "INSERT INTO thing (id, c) VALUES (1, 5)",
        'op.drop_column("thing", "c")',
        'op.add_column("thing", sa.Column("c", sa.Integer, comment="of it"))',
        outcome={"sqlite": NONE},
    ),
    "column, with collation": column(
        'sa.String(9, {"sqlite": "NOCASE", "mysql": "utf8mb4_bin", "postgresql": "C"}[op.get_bind().dialect.name])',
        "'a'",
        types(
            "VARCHAR(9) COLLATE NOCASE",
            "VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            'VARCHAR(9) COLLATE "C"',
        ),
    ),
    "column, identity": Thing(
        {
            "sqlite": "SELECT 1",
            "mariadb": "CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER AUTO_INCREMENT UNIQUE)",
            "postgresql": "CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER GENERATED ALWAYS AS IDENTITY)",
        },
        "INSERT INTO thing (id) VALUES (1)",
        'op.drop_column("thing", "c")',
        'op.add_column("thing", sa.Column("c", sa.Integer))',
        outcome={"sqlite": NONE},
    ),
    "column, generated": Thing(
        "CREATE TABLE thing (id INTEGER PRIMARY KEY, b INTEGER, c INTEGER GENERATED ALWAYS AS (b + 1) STORED)",
        "INSERT INTO thing (id, b) VALUES (1, 5)",
        'op.drop_column("thing", "c")',
        'with op.batch_alter_table("thing") as block:\n'
        '    block.add_column(sa.Column("c", sa.Integer, sa.Computed("b + 1", persisted=True)))',
    ),
    "column of the primary key": Thing(
        "CREATE TABLE thing (id INTEGER, c INTEGER, PRIMARY KEY (id, c))",
        "INSERT INTO thing (id, c) VALUES (1, 5)",
        'op.drop_column("thing", "c")',
        'op.add_column("thing", sa.Column("c", sa.Integer))',
        newborn="",
    ),
    "column that is the primary key": Thing(
        "CREATE TABLE thing (id INTEGER, c INTEGER PRIMARY KEY)",
        "INSERT INTO thing (id, c) VALUES (1, 5); INSERT INTO thing (id, c) VALUES (2, 4)",
        'op.drop_column("thing", "c")',
        'op.add_column("thing", sa.Column("c", sa.Integer))',
        newborn="",
    ),
    "column that is the primary key and numbers the rows": Thing(
        types(
            "CREATE TABLE thing (id INTEGER, c INTEGER PRIMARY KEY AUTOINCREMENT)",
            "CREATE TABLE thing (id INTEGER, c INTEGER PRIMARY KEY AUTO_INCREMENT)",
            "CREATE TABLE thing (id INTEGER, c SERIAL PRIMARY KEY)",
        ),
        "INSERT INTO thing (id, c) VALUES (1, 5); INSERT INTO thing (id, c) VALUES (2, 4)",
        'op.drop_column("thing", "c")',
        'op.add_column("thing", sa.Column("c", sa.Integer))',
        newborn="INSERT INTO thing (id) VALUES (9)",
    ),
    "column that is the primary key and others refer to": Thing(
        "CREATE TABLE thing (id INTEGER, c INTEGER PRIMARY KEY);"
        " CREATE TABLE child (id INTEGER PRIMARY KEY, t INTEGER,"
        " CONSTRAINT fk_t FOREIGN KEY (t) REFERENCES thing (c))",
        "INSERT INTO thing (id, c) VALUES (1, 5); INSERT INTO child (id, t) VALUES (1, 5)",
        'op.drop_column("thing", "c")',
        'op.add_column("thing", sa.Column("c", sa.Integer))',
        newborn="",
    ),
    "column, enum": Thing(
        {
            "sqlite": "CREATE TABLE thing (id INTEGER PRIMARY KEY, c VARCHAR(4))",
            "mariadb": "CREATE TABLE thing (id INTEGER PRIMARY KEY, c ENUM('glad', 'sad'))",
            "postgresql": "CREATE TYPE mood AS ENUM ('glad', 'sad');"
            " CREATE TABLE thing (id INTEGER PRIMARY KEY, c mood)",
        },
        "INSERT INTO thing (id, c) VALUES (1, 'glad')",
        'op.drop_column("thing", "c")\nsa.Enum("glad", "sad", name="mood").drop(op.get_bind())',
        'op.add_column("thing", sa.Column("c", sa.Enum("glad", "sad", name="mood")))',
    ),
    "table": table("id INTEGER PRIMARY KEY, c INTEGER", f"{ID}, {C}"),
    "table, numbering its rows": table(
        types(
            "id INTEGER PRIMARY KEY AUTOINCREMENT, c INTEGER",
            "id INTEGER PRIMARY KEY AUTO_INCREMENT, c INTEGER",
            "id SERIAL PRIMARY KEY, c INTEGER",
        ),
        f"{ID}, {C}",
    ),
    "table, referring to itself": table(
        "id INTEGER PRIMARY KEY, c INTEGER, CONSTRAINT fk_self FOREIGN KEY (p) REFERENCES thing (id)".replace(
            "c INTEGER,", "c INTEGER, p INTEGER,"
        ),
        f'{ID}, {C}, sa.Column("p", sa.Integer, sa.ForeignKey("thing.id", name="fk_self"))',
    ),
    "table that others refer to": table(
        "id INTEGER PRIMARY KEY, c INTEGER",
        f"{ID}, {C}",
        "; CREATE TABLE child (id INTEGER PRIMARY KEY, t INTEGER,"
        " CONSTRAINT fk_t FOREIGN KEY (t) REFERENCES thing (id))",
    ),
    "table with a trigger": table(
        "id INTEGER PRIMARY KEY, c INTEGER",
        f"{ID}, {C}",
        "; CREATE TABLE seen (id INTEGER); CREATE TRIGGER watch AFTER DELETE ON thing FOR EACH ROW"
        " {begin} INSERT INTO seen VALUES (1){end}",
    ),
    "table that a view shows": table(
        "id INTEGER PRIMARY KEY, c INTEGER",
        f"{ID}, {C}",
        "; CREATE VIEW shown AS SELECT id, c FROM thing",
        outcome={"postgresql": REFUSED},
    ),
    "unique constraint, with its column": on_column(
        ", CONSTRAINT uq UNIQUE (c)",
        'with op.batch_alter_table("thing") as block:\n    block.create_unique_constraint("uq", ["c"])',
    ),
    "unique constraint of a column with default": Thing(
        "CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER DEFAULT 7, CONSTRAINT uq UNIQUE (c))",
        "INSERT INTO thing (id, c) VALUES (1, 5)",
        'op.drop_column("thing", "c")',
        'op.add_column("thing", sa.Column("c", sa.Integer, server_default="7"))\n'
        'with op.batch_alter_table("thing") as block:\n    block.create_unique_constraint("uq", ["c"])',
    ),
    "foreign key, with its column": on_column(
        ", CONSTRAINT fk FOREIGN KEY (c) REFERENCES other (id)",
        'with op.batch_alter_table("thing") as block:\n    block.create_foreign_key("fk", "other", ["c"], ["id"])',
    ),
    "CHECK, with its column": on_column(
        ", CONSTRAINT ck CHECK (c > 0)",
        'with op.batch_alter_table("thing") as block:\n    block.create_check_constraint("ck", "c > 0")',
    ),
    "index, with its column": on_column("CREATE INDEX ix ON thing (c)", 'op.create_index("ix", "thing", ["c"])'),
    "unique index, with its column": on_column(
        "CREATE UNIQUE INDEX ix ON thing (c)", 'op.create_index("ix", "thing", ["c"], unique=True)'
    ),
    "partial index, with its column": on_column(
        "CREATE INDEX ix ON thing (c) WHERE c > 5",
        'op.execute("CREATE INDEX ix ON thing (c) WHERE c > 5")',
        outcome=WITHOUT_MARIADB,
    ),
    "expression index, with its column": on_column(
        "CREATE INDEX ix ON thing (abs(c))",
        'op.execute("CREATE INDEX ix ON thing (abs(c))")',
        outcome=WITHOUT_MARIADB,
    ),
    "trigger that names the column": on_column(
        types(
            "CREATE TABLE seen (id INTEGER);"
            " CREATE TRIGGER watch AFTER UPDATE ON thing {begin} INSERT INTO seen VALUES (OLD.c){end}",
            "CREATE TABLE seen (id INTEGER);"
            " CREATE TRIGGER watch AFTER UPDATE ON thing FOR EACH ROW INSERT INTO seen VALUES (OLD.c)",
            "CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM OLD.c@ RETURN NEW@ END';"
            " CREATE TRIGGER watch AFTER UPDATE ON thing FOR EACH ROW EXECUTE FUNCTION seen()",
        ),
        "",
    ),
    "CHECK over the column and another": on_column(", d INTEGER DEFAULT 0, CONSTRAINT ck CHECK (c > d)", ""),
    "column of a domain that is NOT NULL": Thing(
        {"postgresql": "CREATE DOMAIN pos AS INTEGER NOT NULL; CREATE TABLE thing (id INTEGER PRIMARY KEY, c pos)"},
        "INSERT INTO thing (id, c) VALUES (1, 5)",
        'op.drop_column("thing", "c")',
        'op.execute("ALTER TABLE thing ADD c pos")',
        outcome=ONLY_POSTGRESQL,
        newborn="",
    ),
    "table that is a partition of another": Thing(
        {
            "postgresql": "CREATE TABLE whole (id INTEGER, c INTEGER) PARTITION BY LIST (c);"
            " CREATE TABLE other (id INTEGER);"
            " CREATE TABLE thing PARTITION OF whole FOR VALUES IN (5)"
        },
        "INSERT INTO thing (id, c) VALUES (1, 5)",
        'op.drop_table("thing")',
        'op.execute("CREATE TABLE thing PARTITION OF whole FOR VALUES IN (5)")',
        outcome=ONLY_POSTGRESQL,
        newborn="INSERT INTO other (id) VALUES (9)",
    ),
    "table that inherits another": Thing(
        {"postgresql": "CREATE TABLE whole (id INTEGER, c INTEGER); CREATE TABLE thing () INHERITS (whole)"},
        "INSERT INTO thing (id, c) VALUES (1, 5)",
        'op.drop_table("thing")',
        'op.execute("CREATE TABLE thing () INHERITS (whole)")',
        outcome=ONLY_POSTGRESQL,
        newborn="INSERT INTO whole (id, c) VALUES (9, 5)",
    ),
    "view that shows the column": on_column(
        "CREATE VIEW shown AS SELECT id, c FROM thing", "", outcome={"sqlite": REFUSED, "postgresql": REFUSED}
    ),
    "unique constraint by itself": by_itself(
        ", CONSTRAINT uq UNIQUE (c)", 'drop_constraint("uq", type_="unique")', 'create_unique_constraint("uq", ["c"])'
    ),
    "foreign key by itself": by_itself(
        ", CONSTRAINT fk FOREIGN KEY (c) REFERENCES other (id)",
        'drop_constraint("fk", type_="foreignkey")',
        'create_foreign_key("fk", "other", ["c"], ["id"])',
    ),
    "CHECK by itself": by_itself(
        ", CONSTRAINT ck CHECK (c > 0)",
        'drop_constraint("ck", type_="check")',
        'create_check_constraint("ck", "c > 0")',
    ),
    "primary key by itself": Thing(
        "CREATE TABLE thing (id INTEGER NOT NULL, c INTEGER NOT NULL, CONSTRAINT pk PRIMARY KEY (id))",
        "INSERT INTO thing (id, c) VALUES (1, 5), (2, 6)",
        'with op.batch_alter_table("thing") as block:\n    block.drop_constraint("pk", type_="primary")',
        'with op.batch_alter_table("thing") as block:\n    block.create_primary_key("pk", ["id"])',
        newborn="INSERT INTO thing (id, c) VALUES (9, 9)",
    ),
    "index by itself": Thing(
        "CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER); CREATE INDEX ix ON thing (c)",
        "INSERT INTO thing (id, c) VALUES (1, 5), (2, 6)",
        'op.drop_index("ix", "thing")',
        'op.create_index("ix", "thing", ["c"])',
    ),
    "trigger by itself": Thing(
        {
            "sqlite": "CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER);"
            " CREATE TRIGGER watch AFTER DELETE ON thing {begin} SELECT 1{end}",
            "mariadb": "CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER);"
            " CREATE TRIGGER watch AFTER DELETE ON thing FOR EACH ROW SET @x = 1",
            "postgresql": "CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER);"
            " CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD@ END';"
            " CREATE TRIGGER watch AFTER DELETE ON thing FOR EACH ROW EXECUTE FUNCTION seen()",
        },
        "INSERT INTO thing (id, c) VALUES (1, 5)",
        'op.execute("DROP TRIGGER watch" + (" ON thing" if op.get_bind().dialect.name == "postgresql" else ""))',
        "op.execute({trigger!r})",
    ),
    "view by itself": Thing(
        "CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER); CREATE VIEW shown AS SELECT id, c FROM thing",
        "INSERT INTO thing (id, c) VALUES (1, 5)",
        'op.execute("DROP VIEW shown")',
        'op.execute("CREATE VIEW shown AS SELECT id, c FROM thing")',
    ),
    "sequence by itself": Thing(
        "CREATE SEQUENCE numbers; CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER)",
        "INSERT INTO thing (id, c) VALUES (1, 5)",
        'op.execute("DROP SEQUENCE numbers")',
        'op.execute("CREATE SEQUENCE numbers")',
        outcome={"sqlite": NONE},
    ),
    "enum type by itself": Thing(
        "CREATE TYPE mood AS ENUM ('glad'); CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER)",
        "INSERT INTO thing (id, c) VALUES (1, 5)",
        'op.execute("DROP TYPE mood")',
        "op.execute(\"CREATE TYPE mood AS ENUM ('glad')\")",
        outcome=ONLY_POSTGRESQL,
    ),
}


def outcome_of(name: str, engine_name: str) -> str:
    return THINGS[name].outcome.get(engine_name, RETURNS)


def statements(sql: str, engine_name: str) -> list[str]:
    begin, end = ("BEGIN", "@ END") if engine_name == "sqlite" else ("", "")
    sql = sql.replace("{begin}", begin).replace("{end}", end)
    if engine_name == "postgresql" and "TRIGGER watch AFTER DELETE ON thing FOR EACH ROW  INSERT" in sql:
        body = "'BEGIN INSERT INTO seen VALUES (1)@ RETURN OLD@ END'"
        sql = sql.partition("; CREATE TRIGGER")[0] + (
            f"; CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS {body};"
            " CREATE TRIGGER watch AFTER DELETE ON thing FOR EACH ROW EXECUTE FUNCTION seen()"
        )
    return [each.strip().replace("@ ", "; ") for each in sql.split(";")]


def without_newborn(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    return {table: [row for row in found if not row.startswith("(9,")] for table, found in rows.items()}


def objects_that(outcome: str) -> list[Any]:
    """Return the names of the objects, each with the engines on which it has this outcome."""
    found = {name: [engine for engine in ENGINES if outcome_of(name, engine) == outcome] for name in THINGS}
    return [pytest.param(name, marks=pytest.mark.on(*engines)) for name, engines in found.items() if engines]


@pytest.fixture
def blog(make_app: MakeApp, database_url: str, engine_name: str, name: str) -> History:
    """Return a database at revision 1 with the object and rows, and a script of revision 2 that drops it."""
    thing, made = THINGS[name], History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    create = statements(thing.create if isinstance(thing.create, str) else thing.create[engine_name], engine_name)
    made.revision(executed(*create), "pass")
    trigger = next((each for each in create if each.startswith("CREATE TRIGGER")), "")
    flask_rewind.upgrade()
    for each in thing.rows.split("; "):
        with made.engine.begin() as connection:
            connection.exec_driver_sql(each)
    made.revision(thing.drop, thing.back.format(trigger=trigger) if "{trigger" in thing.back else thing.back)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("name", objects_that(RETURNS))
def test_object(blog: History, name: str) -> None:
    (schema, rows), texts = everything(blog.engine), schema_texts(blog.engine)
    flask_rewind.upgrade()
    hidden, _ = everything(blog.engine)
    assert hidden != schema
    if THINGS[name].newborn:
        blog.run(THINGS[name].newborn)
    flask_rewind.downgrade()
    schema_now, rows_now = everything(blog.engine)
    assert schema_now == schema
    assert without_newborn(rows_now) == rows
    flask_rewind.upgrade()
    assert everything(blog.engine)[0] == hidden
    flask_rewind.downgrade()
    assert without_newborn(everything(blog.engine)[1]) == rows
    assert (schema_texts(blog.engine) == texts) is (name not in RETURNS_OTHERWISE)


@pytest.mark.slow
@pytest.mark.parametrize("name", objects_that(REFUSED))
def test_an_object_that_cannot_be_hidden_is_refused(blog: History, name: str) -> None:
    before = everything(blog.engine)
    with pytest.raises(Refused, match="cannot be hidden"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    assert flask_rewind.status()[0].current == ("1",)
    assert flask_rewind.status()[0].unfinished is None


def test_the_table_of_the_docs_says_just_this() -> None:
    found = {}
    for line in TABLE.read_text().splitlines():
        if match := re.fullmatch(r"\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|", line):
            found[match[1].strip()] = tuple(cell.strip() for cell in match.groups()[1:])
    found.pop("object")
    assert found == {name: tuple(outcome_of(name, engine) for engine in ENGINES) for name in THINGS}


def test_refusals_become_fewer() -> None:
    assert sum(outcome_of(name, engine) == REFUSED for name in THINGS for engine in ENGINES) == REFUSALS
    assert f" {REFUSALS} cells are" in TABLE.read_text()
