"""Columns: their order, their definitions, and the app that keeps working without them."""

import flask_rewind
import pytest
import sqlalchemy as sa
from flask_rewind.errors import Refused
from hard_cases import made
from histories import History, everything, executed, in_batch

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


def test_the_order_of_columns(blog: History) -> None:
    blog.revision('op.drop_column("post", "slug")', 'op.add_column("post", sa.Column("slug", sa.String(60)))')
    before = [each["name"] for each in sa.inspect(blog.engine).get_columns("post")]
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert [each["name"] for each in sa.inspect(blog.engine).get_columns("post")] == before


@pytest.mark.parametrize("dropped", [("a",), ("b", "c"), ("c", "a")])
def test_the_order_of_several_columns(blog: History, engine_name: str, dropped: tuple[str, ...]) -> None:
    virtual = "" if engine_name == "postgresql" else ", v INTEGER AS (d + 1) VIRTUAL"
    made(
        blog,
        "CREATE TABLE wide (a INTEGER CHECK (a > 0), b INTEGER, id INTEGER PRIMARY KEY, c INTEGER,"
        f" d INTEGER{virtual})",
    )
    made(blog, "INSERT INTO wide (a, b, id, c, d) VALUES (1, 2, 3, 4, 5)")
    blog.revision(
        "\n".join(f'op.drop_column("wide", "{name}")' for name in dropped),
        "\n".join(f'op.add_column("wide", sa.Column("{name}", sa.Integer))' for name in dropped),
    )
    before = everything(blog.engine)  # including the order of the columns in each row
    order = [each["name"] for each in sa.inspect(blog.engine).get_columns("wide")]
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert everything(blog.engine) == before
    assert [each["name"] for each in sa.inspect(blog.engine).get_columns("wide")] == order


WORKS_ON = {
    "a CHECK over two columns": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER, CONSTRAINT ck CHECK (e > s))",
        "INSERT INTO span VALUES (1, 1, 5)",
        "UPDATE span SET s = 9",
        "UPDATE span SET s = 1",
    ),
    "a UNIQUE over two columns": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER, CONSTRAINT uq UNIQUE (s, e))",
        "INSERT INTO span VALUES (1, 1, 5), (2, 2, 5)",
        "UPDATE span SET s = 9",
        "UPDATE span SET s = id",
    ),
    "a UNIQUE without a name over two columns": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER, UNIQUE (e, s))",
        "INSERT INTO span VALUES (1, 1, 5), (2, 2, 5)",
        "UPDATE span SET s = 9",
        "UPDATE span SET s = id",
    ),
    "a UNIQUE and a default": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER DEFAULT 7 UNIQUE)",
        "INSERT INTO span VALUES (1, 1, 5), (2, 2, 7)",
        "INSERT INTO span (id, s) VALUES (3, 2), (4, 2)",
        "DELETE FROM span WHERE id > 2",
    ),
    "a CHECK of the column": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER CHECK (e IS NOT NULL AND e > 0))",
        "INSERT INTO span VALUES (1, 1, 5)",
        "INSERT INTO span (id, s) VALUES (2, 2)",
        "DELETE FROM span WHERE id = 2",
    ),
    "NOT NULL and a default of NULL": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER {} NOT NULL)",
        "INSERT INTO span VALUES (1, 1, 5)",
        "INSERT INTO span (id, s) VALUES (2, 2)",
        "DELETE FROM span WHERE id = 2",
    ),
    "an index that a foreign key needs": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER, FOREIGN KEY (s) REFERENCES author (id))",
        "INSERT INTO span VALUES (1, 1, 5)",
        "INSERT INTO span (id, s) VALUES (2, 2)",
        "DELETE FROM span WHERE id = 2",
    ),
    "names with %": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER, CONSTRAINT q50%q CHECK (e > 0))",
        "INSERT INTO span VALUES (1, 1, 5)",
        "INSERT INTO span (id, s) VALUES (2, 2)",
        "DELETE FROM span WHERE id = 2",
    ),
}


def names_in(blog: History) -> list[str]:
    inspector = sa.inspect(blog.engine)
    columns = [each["name"] for each in inspector.get_columns("span")]
    return columns + [str(each["name"]) for each in inspector.get_indexes("span")]


@pytest.mark.parametrize("what", WORKS_ON)
def test_the_app_goes_on_without_the_column(blog: History, engine_name: str, what: str) -> None:
    create, first, written, taken_back = WORKS_ON[what]
    quote = "`" if engine_name == "mariadb" else '"'
    escaped = "%" if engine_name == "sqlite" else "%%"
    create = create.replace("q50%q", f"{quote}50{escaped}{quote}").format(
        "" if engine_name == "mariadb" else "DEFAULT NULL"
    )
    made(blog, create, first)
    if what.startswith("an index"):
        made(blog, "CREATE INDEX ix_both ON span (s, e)")
    options = {"NOT NULL": "nullable=False", "a UNIQUE and": 'server_default="7"'}
    said = next((text for start, text in options.items() if what.startswith(start)), "")
    blog.revision('op.drop_column("span", "e")', f'op.add_column("span", sa.Column("e", sa.Integer, {said}))')
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        blog.run(written)
        blog.run(taken_back)
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
    assert not [name for name in names_in(blog) if name.startswith("_attic_")]


DEFINITIONS = {
    "a label that says NOT NULL": ("ENUM('is NOT NULL', 'x') NOT NULL", "'is NOT NULL'", ""),
    "a comment that says CHECK": ("INTEGER NOT NULL COMMENT 'CHECK (a) ON UPDATE current_timestamp()'", "5", ""),
    "a CHECK and a comment": ("INTEGER NOT NULL COMMENT 'x NOT NULL' CHECK (c > 0)", "5", ""),
    "JSON": ("JSON NOT NULL", "'[1]'", ""),
    **{
        kind: (f"{kind} NOT NULL", f"ST_GeomFromText('{text}')", "")
        for kind, text in {
            "POINT": "POINT(1 2)",
            "GEOMETRY": "POINT(1 2)",
            "LINESTRING": "LINESTRING(1 2, 3 4)",
            "POLYGON": "POLYGON((0 0, 0 2, 2 2, 0 0))",
            "MULTIPOINT": "MULTIPOINT(1 2)",
            "MULTILINESTRING": "MULTILINESTRING((1 2, 3 4))",
            "MULTIPOLYGON": "MULTIPOLYGON(((0 0, 0 2, 2 2, 0 0)))",
            "GEOMETRYCOLLECTION": "GEOMETRYCOLLECTION(POINT(1 2))",
        }.items()
    },
    "a number of a sequence": ("INTEGER DEFAULT (NEXT VALUE FOR numbers)", "5", "numbers"),
    "a number of a sequence, NOT NULL": ("INTEGER DEFAULT (NEXT VALUE FOR numbers) NOT NULL", "5", "numbers"),
}


@pytest.mark.filterwarnings("ignore:Did not recognize type")  # SQLAlchemy knows no shapes
@pytest.mark.parametrize("what", DEFINITIONS)
@pytest.mark.on("mariadb")
def test_what_is_said_of_a_column_of_mariadb(blog: History, what: str) -> None:
    definition, value, sequence = DEFINITIONS[what]
    if sequence:
        made(blog, f"CREATE SEQUENCE {sequence}")
    made(blog, f"CREATE TABLE span (id INTEGER PRIMARY KEY, c {definition})", f"INSERT INTO span VALUES (1, {value})")
    before = everything(blog.engine)
    add = executed(f"ALTER TABLE span ADD COLUMN c {definition}")
    drop = 'op.drop_column("span", "c")'
    blog.revision(
        drop + (f"\n{executed('DROP SEQUENCE numbers')}" if sequence else ""),
        (f"{executed('CREATE SEQUENCE numbers')}\n" if sequence else "") + add,
    )
    flask_rewind.upgrade()
    blog.run("INSERT INTO span (id) VALUES (2)")
    if "NOT NULL" in definition and not sequence:
        with pytest.raises(Refused, match="1 rows were inserted while it was hidden"):
            flask_rewind.downgrade()
    flask_rewind.downgrade(fill={} if sequence else {"span.c": value})
    wanted = [(1, 5), (2, 1)] if sequence else [(1, True), (2, True)]
    assert blog.rows(f"SELECT id, {'c' if sequence else f'c = {value}'} FROM span ORDER BY id") == wanted
    blog.run("DELETE FROM span WHERE id = 2")
    if sequence:
        made(blog, f"DROP TABLE {sequence}", f"CREATE SEQUENCE {sequence}")
    assert everything(blog.engine) == before


def test_one_column_returns_and_another_goes(blog: History) -> None:
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, b INTEGER NOT NULL)", "INSERT INTO span VALUES (1, 5)")
    add = 'op.add_column("span", sa.Column("{}", sa.Integer, nullable=False{}))'
    drop = 'op.drop_column("span", "{}")'
    loose = in_batch('alter_column("a", server_default=None, existing_type=sa.Integer)').replace('"post"', '"span"')
    up = "\n".join([add.format("a", ', server_default="1"'), loose, drop.format("b")])
    blog.revision(up, f"{add.format('b', '')}\n{drop.format('a')}")
    before = everything(blog.engine)
    for _ in range(3):
        flask_rewind.upgrade()
        blog.run("UPDATE span SET a = 8")
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
