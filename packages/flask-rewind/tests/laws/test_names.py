"""A place is the same for all spellings in scripts: letter case, quotes, the default schema."""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import RewindError
from histories import History, everything, steps

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.combinations]

ROWS = [(1, "eins", 10), (2, None, 20)]
ALL = "SELECT id, title, n FROM post ORDER BY id"
COLUMNS = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.String(20)), sa.Column("n", sa.Integer)'
BATCH = 'with op.batch_alter_table("{}") as block:\n    block.{}'


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0, "REWIND_DERIVED": ["POST.DERIVED"]}))
    made.revision(f'op.create_table("post", {COLUMNS})', 'op.drop_table("post")')
    flask_rewind.upgrade()
    for number, title, n in ROWS:
        made.run("INSERT INTO post (id, title, n) VALUES (:i, :t, :n)", i=number, t=title, n=n)
    return made


def there_and_back(blog: History, *, times: int = 2) -> None:
    """Go up and down as planned, and check that everything is as before."""
    before = everything(blog.engine)
    last = str(blog.count)
    for _ in range(times):
        for target in (last, "1"):
            plan = flask_rewind.plan(revision=target)
            assert not plan.refused
            flask_rewind.checkout(revision=target)
            if not any(crossing.opaque for crossing in plan.crossings):  # MariaDB: the stand-in has another name
                assert steps(plan.crossings) == steps(flask_rewind.log()[0].crossings)
        assert blog.rows(ALL) == ROWS
    assert everything(blog.engine) == before
    assert not flask_rewind.attic()


def drops(name: str, table: str = "post") -> list[str]:
    return [
        f'op.drop_column("{table}", "{name}")',
        BATCH.format(table, f'drop_column("{name}")'),
        f"op.execute('ALTER TABLE {table} DROP COLUMN {name}')",
    ]


def adds(name: str, table: str = "post") -> list[str]:
    column = f'sa.Column("{name}", sa.String(20))'
    return [
        f'op.add_column("{table}", {column})',
        BATCH.format(table, f"add_column({column})"),
        f"op.execute('ALTER TABLE {table} ADD COLUMN {name} VARCHAR(20)')",
    ]


@pytest.mark.parametrize("up", range(3))
@pytest.mark.parametrize("down", range(3))
@pytest.mark.parametrize(("dropped", "added"), [("title", "Title"), ("TITLE", "title"), ("TITLE", "tItLe")])
@pytest.mark.on("sqlite", "mariadb")  # PostgreSQL tells them apart
def test_a_column_in_other_letters(blog: History, up: int, down: int, dropped: str, added: str) -> None:
    blog.revision(drops(dropped)[up], adds(added)[down])
    there_and_back(blog)


@pytest.mark.parametrize("way", range(3))
@pytest.mark.on("sqlite")  # elsewhere table names are case-sensitive
def test_a_table_in_other_letters_before_its_column(blog: History, way: int) -> None:
    blog.revision(drops("title", "POST")[way], adds("title", "Post")[way])
    there_and_back(blog)


CREATE_AGAIN = {
    "directive": f'op.create_table("Post", {COLUMNS})',
    "raw": "op.execute('CREATE TABLE Post (ID INTEGER PRIMARY KEY, TITLE VARCHAR(20), N INTEGER)')",
}


@pytest.mark.parametrize("how", CREATE_AGAIN)
@pytest.mark.parametrize("drop", ['op.drop_table("POST")', "op.execute('DROP TABLE pOST')"])
@pytest.mark.on("sqlite")  # elsewhere table names are case-sensitive
def test_a_table_in_other_letters(blog: History, how: str, drop: str) -> None:
    blog.revision(drop, CREATE_AGAIN[how])
    there_and_back(blog)


def quoted(blog: History, name: str) -> str:
    return blog.engine.dialect.identifier_preparer.quote_identifier(name)


AGAIN_WITH_CHILD = f"""
op.create_table("Post", {COLUMNS}, sa.UniqueConstraint("id", name="u"))
op.create_table("child", sa.Column("id", sa.Integer), sa.ForeignKeyConstraint(["id"], ["Post.id"], name="fk"))
"""


@pytest.mark.parametrize("is_raw", [False, True])
@pytest.mark.on("mariadb", "postgresql")  # SQLite cannot have both
def test_two_tables_that_differ_in_letters(blog: History, is_raw: bool) -> None:
    other = quoted(blog, "Post")
    blog.run(f"CREATE TABLE {other} (id INTEGER PRIMARY KEY, title VARCHAR(20), n INTEGER, CONSTRAINT u UNIQUE (id))")
    blog.run(f"CREATE TABLE child (id INTEGER, CONSTRAINT fk FOREIGN KEY (id) REFERENCES {other} (id))")
    blog.run(f"INSERT INTO {other} (id, title, n) VALUES (7, 'other', 70)")
    drop = f"op.execute('DROP TABLE {other}')" if is_raw else 'op.drop_table("Post")'
    blog.revision('op.drop_table("post")', f'op.create_table("post", {COLUMNS})')
    blog.revision(f'op.execute("DROP TABLE child")\n{drop}', AGAIN_WITH_CHILD)
    there_and_back(blog)
    assert blog.rows(f"SELECT id, title, n FROM {other}") == [(7, "other", 70)]


@pytest.mark.on("postgresql")  # the only engine that can have both
def test_two_columns_that_differ_in_letters(blog: History) -> None:
    blog.run('ALTER TABLE post ADD COLUMN "Title" VARCHAR(20)')
    blog.run("UPDATE post SET \"Title\" = 'big'")
    blog.revision(drops("title")[0], adds("title")[2].replace(" title ", " TITLE "))
    blog.revision(drops("Title")[0], adds("Title")[0])
    there_and_back(blog)
    assert blog.rows('SELECT "Title" FROM post') == [("big",), ("big",)]


def test_names_as_people_type_them(blog: History, engine_name: str) -> None:
    """`--fill` and `purge` take such names."""
    typed = {"sqlite": "MAIN.POST.Title", "mariadb": "post.TITLE", "postgresql": "public.post.title"}[engine_name]
    column = 'sa.Column("title", sa.String(20), nullable=False)'
    blog.run("DROP TABLE post")
    blog.run("CREATE TABLE post (id INTEGER PRIMARY KEY, title VARCHAR(20) NOT NULL)")
    blog.run("INSERT INTO post (id, title) VALUES (1, 'eins'), (2, '')")
    blog.revision('op.drop_column("post", "title")', f'op.add_column("post", {column})')
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id) VALUES (3)")
    with pytest.raises(RewindError, match="NOT NULL"):
        flask_rewind.downgrade()
    flask_rewind.downgrade(fill={typed: "'filled'"})
    assert blog.rows("SELECT title FROM post ORDER BY id") == [("eins",), ("",), ("filled",)]
    flask_rewind.upgrade()
    table = typed.rpartition(".")[0]
    assert [each.rows for each in flask_rewind.purge(row=(table, "1"))] == [1]
    assert [each.place for each in flask_rewind.purge(place=typed)] == ["post.title"]


def test_what_is_derived_in_other_letters(blog: History, engine_name: str) -> None:
    """The setting has the name POST.DERIVED."""
    blog.run("ALTER TABLE post ADD COLUMN derived INTEGER")
    blog.revision('op.drop_column("post", "derived")', 'op.add_column("post", sa.Column("derived", sa.Integer))')
    flask_rewind.upgrade()
    assert len(flask_rewind.attic()) == (0 if engine_name == "sqlite" else 1)


NAMED = [
    ('op.drop_index("IX_N", "post")', 'op.create_index("Ix_n", "post", ["N"])'),
    ('op.execute("DROP INDEX ix_N{on}")', 'op.execute("CREATE INDEX Ix_N ON Post (n)")'),
    (
        BATCH.format("post", 'drop_constraint("UQ_title", type_="unique")'),
        BATCH.format("post", 'create_unique_constraint("Uq_title", ["Title"])'),
    ),
    (
        BATCH.format("post", 'drop_column("title")'),
        BATCH.format("post", 'add_column(sa.Column("Title", sa.String(20)))')
        + '\n    block.create_unique_constraint("UQ_TITLE", ["TITLE"])',
    ),
    (
        BATCH.format("post", 'alter_column("title", new_column_name="headline")'),
        BATCH.format("post", 'alter_column("Headline", new_column_name="TITLE", existing_type=sa.String(20))'),
    ),
]


@pytest.mark.parametrize("number", range(len(NAMED)))
@pytest.mark.on("sqlite", "mariadb")  # PostgreSQL tells them apart
def test_indexes_and_constraints_in_other_letters(blog: History, engine_name: str, number: int) -> None:
    blog.run("CREATE INDEX ix_n ON post (n)")
    with blog.engine.begin() as connection:
        if engine_name == "sqlite":
            connection.exec_driver_sql("DROP TABLE post")
            connection.exec_driver_sql(
                "CREATE TABLE post (id INTEGER PRIMARY KEY, title VARCHAR(20), n INTEGER,"
                " CONSTRAINT uq_title UNIQUE (title))"
            )
            connection.exec_driver_sql("INSERT INTO post VALUES (1, 'eins', 10), (2, NULL, 20)")
            connection.exec_driver_sql("CREATE INDEX ix_n ON post (n)")
        else:
            connection.exec_driver_sql("ALTER TABLE post ADD CONSTRAINT uq_title UNIQUE (title)")
    if engine_name == "mariadb":
        up, down = (each.format(on=" ON post").replace("ON Post", "ON post") for each in NAMED[number])
        up = up.replace('new_column_name="headline"', 'new_column_name="headline", existing_type=sa.String(20)')
    else:
        up, down = (each.format(on="") for each in NAMED[number])
    blog.revision(up, down)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert blog.rows(ALL) == ROWS
    with pytest.raises(sa.exc.IntegrityError):
        blog.run("INSERT INTO post (id, title) VALUES (3, 'eins')")
    assert [each["name"].lower() for each in sa.inspect(blog.engine).get_indexes("post") if not each["unique"]] == [
        "ix_n"
    ]


@pytest.fixture
def schema(blog: History, engine_name: str) -> str:
    return str(sa.inspect(blog.engine).default_schema_name)


def ways_to_drop(name: str, schema: str | None) -> list[str]:
    option = f', schema="{schema}"' if schema else ""
    table = f"{schema}.post" if schema else "post"
    return [
        f'op.drop_column("post", "{name}"{option})',
        f'with op.batch_alter_table("post"{option}) as block:\n    block.drop_column("{name}")',
        f"op.execute('ALTER TABLE {table} DROP COLUMN {name}')",
    ]


def ways_to_add(name: str, schema: str | None) -> list[str]:
    option = f', schema="{schema}"' if schema else ""
    table = f"{schema}.post" if schema else "post"
    column = f'sa.Column("{name}", sa.String(20))'
    return [
        f'op.add_column("post", {column}{option})',
        f'with op.batch_alter_table("post"{option}) as block:\n    block.add_column({column})',
        f"op.execute('ALTER TABLE {table} ADD COLUMN {name} VARCHAR(20)')",
    ]


@pytest.mark.parametrize("is_said_up", [True, False])
@pytest.mark.parametrize("way", [(0, 0), (0, 1), (1, 2), (2, 0)])
def test_a_column_with_and_without_the_default_schema(
    blog: History, schema: str, is_said_up: bool, way: tuple[int, int]
) -> None:
    up = ways_to_drop("title", schema if is_said_up else None)[way[0]]
    down = ways_to_add("title", None if is_said_up else schema)[way[1]]
    blog.revision(up, down)
    there_and_back(blog)


@pytest.mark.parametrize("is_said_up", [True, False])
@pytest.mark.parametrize("is_raw", [False, True])
def test_a_table_with_and_without_the_default_schema(
    blog: History, schema: str, is_said_up: bool, is_raw: bool
) -> None:
    option, name = f', schema="{schema}"', f"{schema}.post"
    if is_raw:
        up = f"op.execute('DROP TABLE {name if is_said_up else 'post'}')"
        columns = "(id INTEGER PRIMARY KEY, title VARCHAR(20), n INTEGER)"
        down = f"op.execute('CREATE TABLE {'post' if is_said_up else name} {columns}')"
    else:
        up = f'op.drop_table("post"{option if is_said_up else ""})'
        down = f'op.create_table("post", {COLUMNS}{"" if is_said_up else option})'
    blog.revision(up, down)
    there_and_back(blog)


def test_a_table_renamed_with_the_default_schema_while_its_column_is_hidden(blog: History, schema: str) -> None:
    blog.revision(ways_to_drop("title", None)[0], ways_to_add("title", schema)[0])
    blog.revision(f'op.rename_table("post", "note", schema="{schema}")', 'op.rename_table("note", "post")')
    there_and_back(blog)


def test_an_entry_of_before_that_names_the_default_schema(blog: History, schema: str) -> None:
    blog.revision(ways_to_drop("title", None)[0], ways_to_add("title", None)[0])
    flask_rewind.upgrade()
    blog.run("UPDATE rewind_attic SET table_schema = :s", s=schema)
    assert [each.place for each in flask_rewind.attic()] == ["post.title"]
    flask_rewind.downgrade()
    assert blog.rows(ALL) == ROWS


@pytest.mark.on("mariadb", "postgresql")  # a foreign key of SQLite names no schema
def test_foreign_keys_that_name_the_default_schema(blog: History, schema: str) -> None:
    key = 'op.create_foreign_key("fk", "child", "post", ["post_id"], ["id"], {})'
    blog.run("CREATE TABLE child (id INTEGER PRIMARY KEY, post_id INTEGER)")
    blog.run("INSERT INTO child (id, post_id) VALUES (1, 1)")
    blog.run("ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (post_id) REFERENCES post (id)")
    said = f'source_schema="{schema}", referent_schema="{schema}"'
    drop = f'op.drop_constraint("fk", "child", type_="foreignkey", schema="{schema}")'
    blog.revision(
        f'{drop}\nop.drop_table("post", schema="{schema}")',
        f'op.create_table("post", {COLUMNS})\n' + key.format(said),
    )
    there_and_back(blog)
