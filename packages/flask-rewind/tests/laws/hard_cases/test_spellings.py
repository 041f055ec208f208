"""Names and texts that are hard to parse."""

import itertools

import flask_rewind
import pytest
from hard_cases import made
from histories import History, everything, executed

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


@pytest.mark.parametrize("name", ["t", "a", "layers", "c", "k"])
def test_a_table_of_a_name_that_the_catalogs_queries_use(blog: History, name: str) -> None:
    made(blog, f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, v INTEGER, w INTEGER)")
    made(blog, f"INSERT INTO {name} VALUES (1, 2, 3)")
    before = everything(blog.engine)
    blog.revision(f'op.drop_column("{name}", "w")', f'op.add_column("{name}", sa.Column("w", sa.Integer))')
    blog.revision(f'op.drop_column("{name}", "v")', f'op.add_column("{name}", sa.Column("v", sa.Integer))')
    flask_rewind.upgrade()
    flask_rewind.downgrade(revision="1")
    assert everything(blog.engine) == before


LISTED = "c IN ('draft', 'live')"


@pytest.mark.parametrize(
    ("what", "by_journal"),
    [
        *itertools.product(["the column", "a longer type", "another number"], [False, True]),
        ("the index", True),  # a script would create it from its text
    ],
)
def test_what_the_server_writes_otherwise_the_second_time(blog: History, what: str, by_journal: bool) -> None:
    """PostgreSQL adds casts to an expression when it reads it again, and when a type changes."""
    made(
        blog,
        f"CREATE TABLE thing (id INTEGER PRIMARY KEY, c VARCHAR(20) DEFAULT 'draft', n INTEGER DEFAULT 3,"
        f" CONSTRAINT ck CHECK ({LISTED}), CONSTRAINT ck_n CHECK (n >= 0))",
        "INSERT INTO thing VALUES (1, 'live', 4)",
    )
    if blog.engine.dialect.name != "mysql":  # it has no partial indexes
        made(blog, f"CREATE INDEX ix ON thing (n) WHERE {LISTED}")
    else:
        made(blog, "CREATE INDEX ix ON thing (n)")
    block = 'with op.batch_alter_table("thing") as block:\n    block.alter_column'
    numbers = block + '("n", type_=sa.{}, existing_type=sa.{}, existing_server_default="3")'
    texts = block + '("c", type_=sa.String({}), existing_type=sa.String({}), existing_server_default="draft")'
    up, down = {
        "the column": (
            'op.drop_column("thing", "c")',
            'op.add_column("thing", sa.Column("c", sa.String(20), server_default="draft"))',
        ),
        "the index": ('op.drop_index("ix", table_name="thing")', "pass"),
        "a longer type": (texts.format(40, 20), texts.format(20, 40)),
        "another number": (
            numbers.format("Numeric(12, 2)", "Integer"),
            numbers.format("Integer", "Numeric(12, 2)"),
        ),
    }[what]
    blog.revision(up, down)
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade(from_journal=by_journal)
        assert everything(blog.engine) == before


ON_SERVERS = pytest.mark.on("mariadb", "postgresql")  # test_sqlite_tables tries these on SQLite
NAMES = ["a%b", *(pytest.param(name, marks=ON_SERVERS) for name in ("a`b", 'a"b', "a b", "日"))]


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_column_is_read_as_it_is(blog: History, name: str) -> None:
    quote = blog.engine.dialect.identifier_preparer.quote_identifier
    made(blog, f"CREATE TABLE span (id INTEGER PRIMARY KEY, {quote(name)} INTEGER)", "INSERT INTO span VALUES (1, 5)")
    before = everything(blog.engine)
    blog.revision(f'op.drop_column("span", {name!r})', f'op.add_column("span", sa.Column({name!r}, sa.Integer))')
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


BESIDE = {
    "a default": pytest.param("INTEGER DEFAULT (b + 1) NOT NULL", marks=pytest.mark.on("mariadb")),
    "a CHECK": "INTEGER CHECK (c > b)",
    "a text that names a sequence's function": "VARCHAR(20) DEFAULT 'nextval(x)' NOT NULL",
}


@pytest.mark.parametrize("definition", BESIDE.values(), ids=BESIDE)
def test_a_raw_definition_that_speaks_of_another_column(blog: History, definition: str) -> None:
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, b INTEGER DEFAULT 3)")
    made(blog, f"ALTER TABLE span ADD c {definition}", "INSERT INTO span (id, b, c) VALUES (1, 4, 9)")
    blog.revision(executed("ALTER TABLE span DROP COLUMN c"), executed(f"ALTER TABLE span ADD COLUMN c {definition}"))
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        blog.run("INSERT INTO span (id) VALUES (2)")
        blog.run("DELETE FROM span WHERE id = 2")
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


def test_names_with_a_percent_sign(blog: History) -> None:
    table = blog.engine.dialect.identifier_preparer.quote_identifier("50%")
    made(blog, f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, title VARCHAR(9))")
    made(blog, f"INSERT INTO {table} VALUES (1, 'a')")
    blog.revision('op.drop_column("50%", "title")', 'op.add_column("50%", sa.Column("title", sa.String(9)))')
    blog.revision('op.drop_table("50%")', 'op.create_table("50%", sa.Column("id", sa.Integer, primary_key=True))')
    before = everything(blog.engine)
    for _ in range(2):
        plan = flask_rewind.plan()
        assert (plan.refused, [each.opaque for each in plan.crossings]) == ("", ["", ""])
        flask_rewind.upgrade()
        flask_rewind.downgrade(revision="1")
        assert everything(blog.engine) == before


def test_a_read_behind_with_is_no_step(blog: History) -> None:
    blog.revision(executed("WITH t AS (SELECT 1 AS a) SELECT a FROM t") + '\nop.drop_column("post", "slug")', "pass")
    plan = flask_rewind.plan()
    assert not [step for step in plan.crossings[0].steps if step.statement.startswith("WITH")]
    flask_rewind.upgrade()
    assert not [step for step in flask_rewind.log()[0].crossings[0].steps if step.statement.startswith("WITH")]
