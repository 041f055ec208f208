"""Unnamed constraints of SQLite tables: a batch block names them like Alembic does; a script may name returned ones."""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_rewind.engines.sqlite.text import TableText
from histories import History

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("engine_name", ["sqlite"])]

CONVENTION = {
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
TABLES = [
    "CREATE TABLE usr (id INTEGER PRIMARY KEY)",
    """CREATE TABLE d (id INTEGER PRIMARY KEY, code VARCHAR(9), user_id INTEGER REFERENCES usr (id), n INTEGER,
    CHECK (n > 0), UNIQUE (code), UNIQUE (user_id, n))""",
    "CREATE TABLE e (id INTEGER, d_id INTEGER, n INTEGER, PRIMARY KEY (id), FOREIGN KEY(d_id) REFERENCES d (id))",
]
NAMING = [
    'with op.batch_alter_table("{table}", naming_convention={convention}) as block:\n'
    '    block.alter_column("n", existing_type=sa.Integer(), nullable={nullable})'.format(
        table=table, convention=CONVENTION, nullable="{nullable}"
    )
    for table in "de"
]


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    for statement in TABLES:
        made.run(statement)
    return made


def names(connection: sa.Connection) -> dict[str, set[str | None]]:
    """Read the names from the text: reflection does not see the name of a key in a column definition."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name IN ('d', 'e')"
    texts = {name: TableText(sql) for name, sql in connection.exec_driver_sql(query)}
    return {table: {each.name for each in text.constraints() if each.kind != "CHECK"} for table, text in texts.items()}


@pytest.mark.filterwarnings("ignore:Unnamed CHECK constraint")
def test_a_block_with_a_naming_convention_names_what_alembic_names(blog: History) -> None:
    stock = sa.create_engine("sqlite://")
    with stock.begin() as connection:
        for statement in TABLES:
            connection.exec_driver_sql(statement)
        operations = Operations(MigrationContext.configure(connection))
        for script in NAMING:
            exec(script.replace("{nullable}", "False"), {"op": operations, "sa": sa})
        wanted = names(connection)
    blog.revision("\n".join(NAMING).replace("{nullable}", "False"), "\n".join(NAMING).replace("{nullable}", "True"))
    flask_rewind.upgrade()
    with blog.engine.connect() as connection:
        assert names(connection) == wanted
    stock.dispose()


@pytest.mark.parametrize(
    ("table", "constraint", "kind"),
    [("d", "fk_d_user_id", "foreignkey"), ("d", "uq_d_code", "unique"), ("e", "fk_e_d_id", "foreignkey")],
)
def test_a_later_block_drops_it_by_that_name(blog: History, table: str, constraint: str, kind: str) -> None:
    blog.run("INSERT INTO usr VALUES (1)")
    blog.run("INSERT INTO d VALUES (1, 'a', 1, 7)")
    blog.run("INSERT INTO e VALUES (1, 1, 7)")
    blog.revision("\n".join(NAMING).replace("{nullable}", "False"), "\n".join(NAMING).replace("{nullable}", "True"))
    made = {
        "fk_d_user_id": 'create_foreign_key("fk_d_user_id", "usr", ["user_id"], ["id"])',
        "uq_d_code": 'create_unique_constraint("uq_d_code", ["code"])',
        "fk_e_d_id": 'create_foreign_key("fk_e_d_id", "d", ["d_id"], ["id"])',
    }[constraint]
    block = f'with op.batch_alter_table("{table}") as block:\n    block.'
    blog.revision(f'{block}drop_constraint("{constraint}", type_="{kind}")', f"{block}{made}")
    for _ in range(2):
        flask_rewind.upgrade()
        with blog.engine.connect() as connection:
            assert constraint not in str(names(connection))
        flask_rewind.downgrade(revision="base")
        assert blog.rows("SELECT * FROM d") == [(1, "a", 1, 7)]
        assert blog.rows("SELECT * FROM e") == [(1, 1, 7)]


def test_a_block_without_a_naming_convention_names_nothing(blog: History) -> None:
    with blog.engine.connect() as connection:
        before = names(connection)
    block = (
        'with op.batch_alter_table("d") as block:\n    block.alter_column("n", existing_type=sa.Integer(), nullable='
    )
    blog.revision(f"{block}False)", f"{block}True)")
    flask_rewind.upgrade()
    with blog.engine.connect() as connection:
        assert names(connection) == before


BACK = {
    "a unique column": ("code VARCHAR(9) UNIQUE", "", 'create_unique_constraint("it", ["code"])'),
    "a unique constraint": ("code VARCHAR(9)", "UNIQUE (code)", 'create_unique_constraint("it", ["code"])'),
    "over two columns": ("code VARCHAR(9)", "UNIQUE (code, n)", 'create_unique_constraint("it", ["code", "n"])'),
    "a check": ("code VARCHAR(9)", "CHECK (code <> '')", 'create_check_constraint("it", "code <> \'\'")'),
    "a check of the column": (
        "code VARCHAR(9) CHECK (code <> '')",
        "",
        'create_check_constraint("it", "code <> \'\'")',
    ),
    "a foreign key": (
        "code VARCHAR(9) REFERENCES word (w)",
        "",
        'create_foreign_key("it", "word", ["code"], ["w"])',
    ),
    "a foreign key of the table": (
        "code VARCHAR(9)",
        "FOREIGN KEY(code) REFERENCES word (w)",
        'create_foreign_key("it", "word", ["code"], ["w"])',
    ),
}


@pytest.mark.parametrize("blocks", [1, 2])
@pytest.mark.parametrize("case", BACK)
def test_a_script_names_what_came_back_without_a_name(blog: History, case: str, blocks: int) -> None:
    column, constraint, made = BACK[case]
    blog.run("CREATE TABLE word (w VARCHAR(9) PRIMARY KEY)")
    blog.run(
        f"CREATE TABLE post (id INTEGER PRIMARY KEY, {', '.join(filter(None, [column, 'n INTEGER', constraint]))})"
    )
    blog.run("INSERT INTO word VALUES ('a')")
    blog.run("INSERT INTO post (id, code, n) VALUES (1, 'a', 2)")
    block = 'with op.batch_alter_table("post") as block:'
    between = f"\n{block}\n    block." if blocks == 2 else "\n    block."
    blog.revision(
        f'{block}\n    block.drop_column("code")',
        f'{block}\n    block.add_column(sa.Column("code", sa.String(9))){between}{made}',
    )
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade(revision="base")
        assert blog.rows("SELECT id, code, n FROM post") == [(1, "a", 2)]
        [(text,)] = blog.rows("SELECT sql FROM sqlite_master WHERE name = 'post'")
        assert sum(text.upper().count(word) for word in ("UNIQUE", "CHECK", "REFERENCES")) == 1, text
