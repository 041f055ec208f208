"""Revision scripts that reach the names of Rewind's tables, or of hidden things."""

from collections.abc import Callable
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import Refused
from flask_rewind.report import purpose_of
from flask_rewind.steps import OF_SCRIPT, StepKind
from histories import History, everything, executed, in_batch, steps

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow

CREATE = """
op.create_table(
    "post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(60)),
    sa.Column("seen", sa.DateTime, index=True),
    mysql_charset="utf8mb4",
)
op.create_table("note", sa.Column("id", sa.Integer, primary_key=True), sa.Column("born", sa.DateTime))
"""
DROP = 'op.drop_table("note")\nop.drop_table("post")'


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    """A database with a hidden column, `_attic_1`, and a hidden table, `_attic_2`."""
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    made.revision(CREATE, DROP)
    flask_rewind.upgrade()
    made.run("INSERT INTO post (id, title, seen) VALUES (1, 'a', '2026-01-02 03:04:05')")
    made.run("INSERT INTO note (id, born) VALUES (7, '2026-01-02 03:04:05')")
    made.revision(
        'op.drop_column("post", "seen")\nop.drop_table("note")',
        'op.create_table("note", sa.Column("id", sa.Integer, primary_key=True), sa.Column("born", sa.DateTime))\n'
        'op.add_column("post", sa.Column("seen", sa.DateTime))\nop.create_index("ix_post_seen", "post", ["seen"])',
    )
    return made


def catalog(blog: History) -> Any:
    """Return Rewind's tables and the hidden things of the database."""
    inspector = sa.inspect(blog.engine)
    names = [name for name in inspector.get_table_names() if name.startswith(("rewind_", "_attic_"))]
    found = {name: repr((inspector.get_columns(name), inspector.get_indexes(name))) for name in sorted(names)}
    hidden = [repr(each) for each in inspector.get_columns("post") if each["name"].startswith("_attic_")]
    return found, hidden, blog.rows("SELECT * FROM _attic_2"), blog.rows("SELECT id, _attic_1 FROM post")


def left_out(crossings: Any) -> list[str]:
    return [
        step.statement for crossing in crossings for step in crossing.steps if step.purpose.kind is StepKind.LEFT_OUT
    ]


def walked_with(blog: History, up: str, *, down: str = "pass") -> list[str]:
    """Go up through a revision and down to the first one, as planned; return the statements that were left out."""
    before = everything(blog.engine)
    flask_rewind.upgrade()
    kept = catalog(blog)
    blog.revision(up, down)
    plan = flask_rewind.plan()
    flask_rewind.upgrade()
    log = flask_rewind.log()[0]
    assert steps(plan.crossings) == steps(log.crossings)
    assert catalog(blog) == kept
    flask_rewind.downgrade(revision="1")
    assert everything(blog.engine) == before
    found = left_out(log.crossings)
    assert {step.state for crossing in log.crossings for step in crossing.steps if step.statement in found} <= {
        "left out"
    }
    return found


MENTIONING = [
    "UPDATE post SET title = 'see rewind_steps'",
    "UPDATE post SET title = 'y' /* as in rewind_attic */",
    "INSERT INTO post (id, title) SELECT 2, 'rewind_moves' WHERE (SELECT count(*) FROM rewind_crossings) > 0",
    "CREATE TABLE rewind_probe (id INTEGER)",
]


def test_a_statement_that_mentions_rewinds_names_is_planned_and_logged(blog: History) -> None:
    blog.revision(executed(*MENTIONING), "pass")
    planned = steps(flask_rewind.plan().crossings)
    flask_rewind.upgrade()
    logged = steps(flask_rewind.log()[0].crossings)
    assert planned == logged
    said = [statement for statement, purpose in logged[1] if purpose == OF_SCRIPT]
    assert said == [each.split(" /*")[0] for each in MENTIONING]


@pytest.mark.on("sqlite")
def test_what_sqlite_numbers_rows_by_is_the_scripts_too(blog: History) -> None:
    blog.revision(
        executed(
            "CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT)",
            "INSERT INTO numbered (id) VALUES (1)",
            "UPDATE sqlite_sequence SET seq = 41 WHERE name = 'numbered'",
        ),
        'op.drop_table("numbered")',
    )
    flask_rewind.upgrade()
    logged = steps(flask_rewind.log()[0].crossings)
    assert ("UPDATE sqlite_sequence SET seq = 41 WHERE name = 'numbered'", OF_SCRIPT) in logged[1]


REFLECTING = """
bind = op.get_bind()
seen = []
for inspector in (sa.inspect(bind), sa.inspect(bind.engine)):
    for table in inspector.get_table_names():
        seen.append(table)
        seen += [column["name"] for column in inspector.get_columns(table)]
        for read in (inspector.get_indexes, inspector.get_unique_constraints, inspector.get_foreign_keys):
            seen += [repr(each) for each in read(table)]
        seen.append(repr(inspector.get_pk_constraint(table)))
    seen.append(repr(inspector.get_multi_columns()))
    assert not inspector.has_table("rewind_moves") and not inspector.has_table("_attic_2")
for reflected in (sa.MetaData(), sa.MetaData()):
    reflected.reflect(bind if not seen[0].startswith("x") else bind.engine)
    seen += [str(column) for table in reflected.tables.values() for column in table.columns]
with op.batch_alter_table("post") as block:
    seen += bind.dialect.get_table_names(bind)
    seen += [column["name"] for column in sa.inspect(bind).get_columns("post")]
own = sa.create_engine(bind.engine.url)
seen += sa.inspect(own).get_table_names()
own.dispose()
assert "post" in seen
assert not [name for name in seen if "_attic_" in name or "rewind_" in name], seen
try:
    sa.inspect(bind).get_columns("rewind_moves")
except sa.exc.NoSuchTableError:
    pass
else:
    raise AssertionError
"""


def test_a_script_that_reflects_sees_nothing_of_rewinds(blog: History) -> None:
    flask_rewind.upgrade()
    before = catalog(blog)
    blog.revision(REFLECTING, REFLECTING)
    flask_rewind.upgrade()
    assert catalog(blog) == before
    flask_rewind.downgrade(revision="2")
    assert catalog(blog) == before


def test_a_script_that_reflects_may_drop_all_that_it_sees(blog: History) -> None:
    before = everything(blog.engine)
    blog.revision(
        "found = sa.MetaData()\nfound.reflect(op.get_bind())\nfound.remove(found.tables['alembic_version'])\n"
        "found.drop_all(op.get_bind())",
        'op.create_table("post", sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.String(60)),'
        ' mysql_charset="utf8mb4")',
    )
    flask_rewind.upgrade()
    assert left_out(flask_rewind.log()[0].crossings) == []
    flask_rewind.downgrade(revision="1")
    assert everything(blog.engine) == before


EVERY = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('alembic_version', 'post')"
    " AND name NOT LIKE 'sqlite%' ORDER BY 1",
    "mariadb": "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
    " AND table_name NOT IN ('alembic_version', 'post') ORDER BY 1",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    " AND tablename NOT IN ('alembic_version', 'post') ORDER BY 1",
}


WALKED = {
    "sqlite": ["DROP TABLE {}", "DELETE FROM {}", "UPDATE {} SET id = id + 1"],
    "mariadb": ["DROP TABLE IF EXISTS spare, {}", "DELETE FROM {}", "UPDATE {} SET id = id + 1", "TRUNCATE {}"],
    "postgresql": ["DROP TABLE IF EXISTS spare, {}", "DELETE FROM {}", "UPDATE {} SET id = id + 1", "TRUNCATE {}"],
}


def test_a_walk_over_every_table_leaves_rewinds_alone(blog: History, engine_name: str) -> None:
    found = walked_with(
        blog,
        f"for (name,) in op.get_bind().execute(sa.text({EVERY[engine_name]!r})).all():\n"
        f"    for statement in {WALKED[engine_name]!r}:\n"
        "        op.execute(statement.format(name))",
    )
    names = ("_attic_2", "rewind_attic", "rewind_crossings", "rewind_moves", "rewind_steps")
    plain = [each.replace("spare, ", "") for each in WALKED[engine_name]]
    assert sorted(found) == sorted(each.format(name) for name in names for each in plain)


@pytest.mark.on("mariadb", "postgresql")
def test_every_datetime_of_the_catalog_gets_another_precision(blog: History, engine_name: str) -> None:
    kind, change = {
        "mariadb": ("datetime", "MODIFY {1} DATETIME(6) NULL"),
        "postgresql": ("timestamp without time zone", "ALTER COLUMN {1} TYPE timestamptz"),
    }[engine_name]
    schema = {"mariadb": "DATABASE()", "postgresql": "current_schema()"}[engine_name]
    query = (
        f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = {schema}"
        f" AND data_type = '{kind}' ORDER BY 1, 2"
    )
    found = walked_with(
        blog,
        f"for names in op.get_bind().execute(sa.text({query!r})).all():\n"
        f"    op.execute('ALTER TABLE {{0}} {change}'.format(*names))",
    )
    assert f"ALTER TABLE rewind_moves {change.format('', 'started_at')}" in found
    assert f"ALTER TABLE _attic_2 {change.format('', 'born')}" in found
    assert f"ALTER TABLE post {change.format('', '_attic_1')}" in found


LEFT_OUT = [
    ("any", "ALTER TABLE rewind_moves ADD COLUMN more INTEGER"),
    ("any", "ALTER TABLE _attic_2 RENAME TO mine"),
    ("any", "INSERT INTO rewind_steps (id) VALUES (900)"),
    ("any", "CREATE INDEX mine ON rewind_moves (id)"),
    ("any", "CREATE INDEX mine ON post (title, _attic_1)"),
    ("any", "ALTER TABLE post RENAME COLUMN _attic_1 TO mine"),
    ("any", 'DROP TABLE "rewind_moves"'),
    ("any", "DROP TABLE REWIND_MOVES"),
    ("any", "UPDATE post SET _attic_1 = NULL"),
    ("any", "/* all of it */ DELETE FROM rewind_moves -- rewind_moves"),
    ("sqlite", "CREATE TRIGGER mine AFTER INSERT ON rewind_moves BEGIN DELETE FROM post; END"),
    ("sqlite", "DROP INDEX rewind_steps_crossing"),
    ("mariadb", "DROP INDEX rewind_steps_crossing ON rewind_steps"),
    ("mariadb", "RENAME TABLE rewind_moves TO `mine`"),
    ("mariadb", "CREATE OR REPLACE TABLE rewind_moves (id INTEGER)"),
    ("mariadb", "ALTER TABLE `rewind_moves` CONVERT TO CHARACTER SET latin1"),
    ("mariadb", "REPLACE INTO rewind_moves (id) VALUES (1)"),
    ("mariadb", "CREATE TRIGGER mine AFTER INSERT ON rewind_moves FOR EACH ROW DELETE FROM post"),
    ("mariadb", "DELETE m FROM rewind_moves m JOIN post p ON p.id = m.id"),
    ("postgresql", "TRUNCATE rewind_moves, ONLY _attic_2 RESTART IDENTITY CASCADE"),
    ("postgresql", "DROP TABLE public.rewind_moves CASCADE"),
    ("postgresql", "ALTER SEQUENCE rewind_moves_id_seq RESTART"),
    ("postgresql", "ALTER INDEX rewind_steps_crossing RENAME TO mine"),
    ("postgresql", "COMMENT ON COLUMN post._attic_1 IS 'mine'"),
    ("postgresql", "CREATE INDEX ON post (_attic_1)"),
    ("postgresql", "WITH gone AS (DELETE FROM rewind_moves RETURNING id) SELECT * FROM gone"),
    ("postgresql", "ALTER TABLE IF EXISTS ONLY rewind_moves SET SCHEMA pg_temp"),
]


def test_statements_that_concern_rewinds_are_left_out(blog: History, engine_name: str) -> None:
    statements = [sql for only, sql in LEFT_OUT if only in {"any", engine_name}]
    if engine_name == "mariadb":
        statements = [sql.replace('"', "`") for sql in statements]
    plain = [sql.removeprefix("/* all of it */ ").removesuffix(" -- rewind_moves") for sql in statements]
    assert walked_with(blog, executed(*statements)) == plain
    up = flask_rewind.log(limit=2)[1].crossings[0]
    for step in up.steps:
        whose = {"_attic_1": "hidden: post.seen", "_attic_2": "hidden: note"}
        expected = next((said for name, said in whose.items() if name in step.statement), "belongs to Flask-Rewind")
        assert expected in purpose_of(step)


PARTLY = [
    (
        "mariadb",
        "ALTER TABLE post MODIFY _attic_1 DATETIME(6), MODIFY title VARCHAR(70), ADD COLUMN a INT AFTER _attic_1",
        "ALTER TABLE post MODIFY _attic_1 DATETIME(6)",
    ),
    (
        "postgresql",
        "ALTER TABLE post ALTER title TYPE VARCHAR(70), ALTER _attic_1 TYPE timestamptz, ADD COLUMN a INTEGER",
        "ALTER TABLE post ALTER _attic_1 TYPE timestamptz",
    ),
    ("postgresql", "TRUNCATE TABLE spare, rewind_moves CASCADE", "TRUNCATE TABLE rewind_moves CASCADE"),
    ("postgresql", "DROP TABLE spare, rewind_moves", "DROP TABLE rewind_moves"),
    ("mariadb", "RENAME TABLE rewind_moves TO mine, spare TO spares", "RENAME TABLE rewind_moves TO `mine`"),
    ("any", "UPDATE post SET title = '_attic_1 =, 2', _attic_1 = NULL", "UPDATE post SET _attic_1 = NULL"),
]


def test_the_rest_of_a_statement_is_executed(blog: History, engine_name: str) -> None:
    flask_rewind.upgrade()
    blog.run("CREATE TABLE spare (id INTEGER)")
    kept = catalog(blog)
    mine = [(sql, part) for only, sql, part in PARTLY if only in {"any", engine_name}]
    blog.revision(executed(*(sql for sql, _ in mine)), "pass")
    flask_rewind.upgrade()
    log = flask_rewind.log()[0].crossings
    assert left_out(log) == [part for _, part in mine]
    now = catalog(blog)
    now[0].pop("_attic_3", None)  # the spare table, where it was dropped
    assert now == kept
    assert blog.rows("SELECT title FROM post") == [("_attic_1 =, 2",)]
    inspector = sa.inspect(blog.engine)
    assert not inspector.has_table("spare") or engine_name == "sqlite"
    if engine_name != "sqlite":
        there = {column["name"]: column["type"] for column in inspector.get_columns("post")}
        assert "a" in there
        assert there["title"].length == 70


DIRECTIVES = [
    'op.alter_column("rewind_moves", "started_at", new_column_name="began", existing_type=sa.DateTime)',
    'op.alter_column("post", "_attic_1", new_column_name="mine", existing_type=sa.DateTime)',
    'op.drop_table("rewind_moves")',
    'op.drop_table("_attic_2")',
    'op.drop_column("post", "_attic_1")',
    'op.drop_column("rewind_moves", "who")',
    'op.add_column("rewind_moves", sa.Column("more", sa.Integer))',
    'op.rename_table("_attic_2", "mine")',
    'op.create_index("mine", "post", ["_attic_1"])',
    'op.drop_index("rewind_steps_crossing", table_name="rewind_steps")',
    in_batch('alter_column("_attic_1", type_=sa.String(40), existing_type=sa.DateTime)'),
    in_batch('drop_column("_attic_1")'),
    in_batch('create_unique_constraint("mine", ["_attic_1"])'),
    in_batch('alter_column("who", type_=sa.Text, existing_type=sa.String(255))').replace('"post"', '"rewind_moves"'),
]


def test_directives_that_concern_rewinds_are_left_out(blog: History) -> None:
    assert len(walked_with(blog, "\n".join(DIRECTIVES))) == len(DIRECTIVES)


def test_a_batch_block_takes_along_what_is_hidden(blog: History) -> None:
    up = in_batch('create_unique_constraint("uq_title", ["title"])')
    assert walked_with(blog, up, down=in_batch('drop_constraint("uq_title", type_="unique")')) == []


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("INSERT INTO post (id, _attic_1) VALUES (2, NULL)", "inserts rows with the hidden column _attic_1"),
        pytest.param(
            "UPDATE rewind_moves m JOIN post p SET m.id = 1, p.id = 2",
            "together with other tables",
            marks=pytest.mark.on("mariadb"),
        ),
        pytest.param(
            "DO $$ BEGIN ALTER TABLE rewind_moves ADD x INTEGER; END $$",
            "a block of statements changes",
            marks=pytest.mark.on("postgresql"),
        ),
        pytest.param(
            "BEGIN NOT ATOMIC TRUNCATE rewind_moves; END",
            "a block of statements changes",
            marks=pytest.mark.on("mariadb"),
        ),
    ],
)
def test_what_cannot_be_left_out_is_refused(blog: History, sql: str, why: str) -> None:
    flask_rewind.upgrade()
    kept = catalog(blog)
    blog.revision(executed(sql), "pass")
    with pytest.raises(Refused, match=why):
        flask_rewind.upgrade()
    assert catalog(blog) == kept


def test_an_app_may_have_names_that_look_alike(blog: History) -> None:
    up = (
        'op.create_table("rewind_moves_shown", sa.Column("id", sa.Integer), sa.Column("rewind_moves", sa.Integer))\n'
        'op.add_column("post", sa.Column("rewind_moves", sa.Integer))\n'
        'assert sa.inspect(op.get_bind()).has_table("rewind_moves_shown")'
    )
    blog.revision(up, 'op.drop_column("post", "rewind_moves")\nop.drop_table("rewind_moves_shown")')
    flask_rewind.upgrade()
    assert left_out(flask_rewind.log()[0].crossings) == []
    assert "rewind_moves" in [column["name"] for column in sa.inspect(blog.engine).get_columns("post")]
