"""A plan lists what the move then does, changes nothing, and refuses what the move refuses."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.engines.registry import describe
from flask_rewind.errors import CrossingFailed, Refused
from flask_rewind.steps import Purpose, StepKind
from histories import History

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.combinations]

CREATE = """
op.create_table(
    "post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(60)),
    sa.Column("lead", sa.String(60), nullable=False),
    mysql_charset="utf8mb4",
)
op.create_index("ix_title", "post", ["title"])
"""


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    made.revision(CREATE, 'op.drop_table("post")')
    flask_rewind.upgrade()
    made.run("INSERT INTO post (id, title, lead) VALUES (1, '100% 轻博', 'a'), (2, NULL, 'b')")
    made.revision(
        'op.drop_column("post", "lead")\nop.create_table("note", sa.Column("id", sa.Integer, primary_key=True))\n'
        "op.execute(\"UPDATE post SET title = 'x' WHERE id = 2\")",
        'op.drop_table("note")\nop.add_column("post", sa.Column("lead", sa.String(60), nullable=False))',
    )
    made.revision(
        'with op.batch_alter_table("post") as block:\n    block.create_unique_constraint("uq_title", ["title"])\n'
        '    block.alter_column("title", type_=sa.String(600), existing_type=sa.String(60))\n'
        'op.rename_table("note", "remark")',
        'op.rename_table("remark", "note")\n'
        'with op.batch_alter_table("post") as block:\n    block.drop_constraint("uq_title", type_="unique")\n'
        '    block.alter_column("title", type_=sa.String(60), existing_type=sa.String(600))',
    )
    return made


def everything(blog: History) -> Any:
    with blog.engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        rows = {name: list(connection.execute(sa.text(f"SELECT * FROM {name}"))) for name in tables}
        return describe(connection), rows


def executed(move: int = 0) -> list[list[tuple[str, str]]]:
    return [
        [(step.statement, step.purpose) for step in crossing.steps] for crossing in flask_rewind.log()[move].crossings
    ]


def planned(plan: Any) -> list[list[tuple[str, str]]]:
    return [[(step.statement, step.purpose) for step in crossing.steps] for crossing in plan.crossings]


def test_what_is_planned_is_what_runs_both_ways(blog: History) -> None:
    for target, count in (("3", 2), ("1", 2), ("3", 2), ("base", 3), ("head", 3)):
        before = everything(blog)
        plan = flask_rewind.plan(revision=target)
        assert everything(blog) == before
        assert plan.refused == ""
        assert [crossing.opaque for crossing in plan.crossings] == [""] * count
        flask_rewind.checkout(revision=target)
        assert planned(plan) == executed()


def test_each_step_says_what_it_needs(blog: History, engine_name: str) -> None:
    plan = flask_rewind.plan()
    steps = [step for crossing in plan.crossings for step in crossing.steps]
    hidden = next(step for step in steps if step.purpose == Purpose(StepKind.HIDE, "post.lead", "_attic_1"))
    assert (hidden.verdict, hidden.table, hidden.undo) == ("lossless", "post", "it returns from the attic")
    written = next(step for step in steps if step.statement.startswith("UPDATE post"))
    assert (written.verdict, written.rows) == ("one-way", 2)
    needs = {(step.lock, step.algorithm) for step in steps}
    expected = {
        "sqlite": {("no other writer", "catalog only"), ("no other writer", "moves every row")},
        "mariadb": {("NONE", "INSTANT"), ("SHARED", "COPY"), ("NONE", "NOCOPY")},
        "postgresql": {("AccessExclusiveLock", "catalog only"), ("AccessExclusiveLock", "reads every row")},
    }
    assert expected[engine_name] <= needs
    verdicts = {step.verdict for step in steps if "UNIQUE" in step.statement.upper()}
    # SQLite copies the rows into a table that has the constraint: no separate statement checks it.
    assert verdicts == {"lossless" if engine_name == "sqlite" else "needs check"}


def test_a_refusal_is_planned_with_exit_code_3(blog: History) -> None:
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, title) VALUES (9, 'newborn')")
    before = everything(blog)
    plan = flask_rewind.plan(revision="1")
    assert "1 rows were inserted while it was hidden" in plan.refused
    assert [crossing.opaque == "" for crossing in plan.crossings] == [True, False]
    runner = blog.app.test_cli_runner()
    done = runner.invoke(args=["db", "plan", "1"])
    assert done.exit_code == 3
    assert "refused: post.lead returns NOT NULL" in done.stderr
    assert everything(blog) == before
    with pytest.raises(Refused, match="1 rows were inserted"):
        flask_rewind.downgrade(revision="1")
    assert flask_rewind.plan(revision="1", fill={"post.lead": "'?'"}).refused == ""
    assert runner.invoke(args=["db", "plan", "1", "--fill", "post.lead='?'"]).exit_code == 0


def test_a_wrong_downgrade_is_refused_in_the_plan(blog: History) -> None:
    path = blog.revision('op.add_column("post", sa.Column("mood", sa.String(9)))', "pass")
    flask_rewind.upgrade()
    assert "column post.mood is left over" in flask_rewind.plan(revision="3").refused
    path.unlink()


def test_a_script_that_would_fail_fails_in_the_plan(blog: History) -> None:
    blog.revision('op.execute("nonsense")', "pass")
    before = everything(blog)
    with pytest.raises(CrossingFailed, match="nonsense"):
        flask_rewind.plan()
    assert everything(blog) == before


def test_a_script_that_writes_past_alembic_is_opaque(blog: History) -> None:
    blog.revision(
        "from flask import current_app\nengine = current_app.extensions['db'].engine\n"
        "with engine.begin() as own:\n    own.execute(sa.text(\"UPDATE post SET title = 'y'\"))",
        "pass",
    )
    blog.revision('op.add_column("post", sa.Column("mood", sa.String(9)))', "pass")
    before = everything(blog)
    plan = flask_rewind.plan()
    assert everything(blog) == before
    assert [bool(crossing.opaque) for crossing in plan.crossings] == [False, False, True, True]
    assert "through its own connection" in plan.crossings[2].opaque
    assert "the plan ended before it" in plan.crossings[3].opaque


def test_an_autocommit_block_is_opaque_where_it_could_not_be_taken_back(blog: History, engine_name: str) -> None:
    blog.revision(
        "with op.get_context().autocommit_block():\n"
        '    op.create_table("late", sa.Column("id", sa.Integer, primary_key=True))',
        'op.drop_table("late")',
    )
    plan = flask_rewind.plan()
    assert bool(plan.crossings[-1].opaque) == (engine_name == "postgresql")
    assert not sa.inspect(blog.engine).has_table("late")


MOOD = "ALTER TABLE post ADD COLUMN mood VARCHAR(9)"
REACHING = {
    "postgresql": [
        (f'op.execute("BEGIN; {MOOD}; COMMIT;")', "ends the transaction itself"),
        (f'op.execute("{MOOD}")\nop.execute("-- done\\nCOMMIT")', "ends the transaction itself"),
        (f'op.execute("{MOOD}")\nop.execute("ROLLBACK")', "ends the transaction itself"),
        (f'op.execute("{MOOD}")\nop.execute("PREPARE TRANSACTION \'x\'")', "ends the transaction itself"),
        ("op.execute(\"SELECT setval('post_id_seq', 400)\")", r"setval\(\)"),
        ("op.execute(\"DO $$ BEGIN PERFORM setval('post_id_seq', 400); END $$\")", r"setval\(\)"),
    ],
    "mariadb": [
        ('op.execute("ALTER TABLE {live}.post ADD COLUMN mood VARCHAR(9)")', "names the database {live}"),
        ('op.add_column("post", sa.Column("mood", sa.Integer), schema="{live}")', "names the database {live}"),
        ('op.create_table("new", sa.Column("id", sa.Integer), schema="{live}")', "names the database {live}"),
        ("op.execute(\"UPDATE `{live}` . `post` SET title = 'x'\")", "names the database {live}"),
        (f'op.execute("USE {{live}}")\nop.execute("{MOOD}")', "USE {live} … may change more"),
        ('op.execute("SET GLOBAL max_connections = 99")', "SET GLOBAL MAX_CONNECTIONS … may change more"),
        ('op.execute("CALL {live}.p()")', "CALL"),
        ('op.execute("CREATE USER who@localhost")', "CREATE USER WHO … may change more"),
    ],
    "sqlite": [
        ("op.execute(\"ATTACH '{folder}/other.db' AS other\")", "opens another database file"),
    ],
}


@pytest.mark.parametrize(
    ("script", "why"),
    [pytest.param(*case, marks=pytest.mark.on(engine)) for engine, cases in REACHING.items() for case in cases],
    ids=range(sum(map(len, REACHING.values()))),
)
def test_a_script_that_reaches_past_the_stand_in_is_opaque(
    blog: History, engine_name: str, tmp_path: Path, script: str, why: str
) -> None:
    flask_rewind.upgrade()
    names = {"live": str(blog.engine.url.database), "folder": str(tmp_path)}
    blog.revision(script.format_map(names) if engine_name != "postgresql" else script, "pass")
    outside = {
        "mariadb": "SHOW GLOBAL VARIABLES LIKE 'max_conn%'",
        "postgresql": "SELECT last_value FROM post_id_seq",
        "sqlite": "SELECT 1",
    }[engine_name]
    before = (everything(blog), blog.rows(outside))
    plan = flask_rewind.plan()
    assert re.search(why.format_map(names), plan.crossings[-1].opaque, re.IGNORECASE)
    assert (everything(blog), blog.rows(outside)) == before
    assert not (tmp_path / "other.db").exists()


@pytest.mark.on("mariadb")  # on other engines no trigger can name one
def test_a_trigger_that_names_another_database_is_not_copied(blog: History) -> None:
    live = blog.engine.url.database
    blog.run("CREATE TABLE written (word VARCHAR(9))")
    blog.run(f"CREATE TRIGGER note AFTER INSERT ON post FOR EACH ROW INSERT INTO {live}.written VALUES ('once')")
    blog.revision("op.execute(\"INSERT INTO post (title, lead) VALUES ('x', 'y')\")", "pass")
    plan = flask_rewind.plan()
    assert "names the database" in plan.crossings[0].opaque
    assert blog.rows("SELECT count(*) FROM written") == [(0,)]


@pytest.mark.on("mariadb")  # the only engine where a database is a schema
def test_a_database_called_like_a_table_of_it(make_app: MakeApp, database_url: str) -> None:
    root = sa.create_engine(database_url)
    with root.begin() as connection:
        connection.exec_driver_sql("CREATE OR REPLACE DATABASE rewind_post")
    blog = History(make_app(sa.make_url(database_url).set(database="rewind_post").render_as_string(False)))
    blog.revision(
        'op.create_table("rewind_post", sa.Column("id", sa.Integer), sa.Column("word", sa.String(9)))', "pass"
    )
    blog.revision("op.execute(\"UPDATE rewind_post SET word = 'x' WHERE rewind_post.id = 1\")", "pass")
    assert [crossing.opaque for crossing in flask_rewind.plan().crossings] == ["", ""]
    blog.engine.dispose()
    with root.begin() as connection:
        connection.exec_driver_sql("DROP DATABASE rewind_post")
    root.dispose()


@pytest.mark.on("mariadb")
def test_sequences_and_versioned_tables_have_a_stand_in(blog: History) -> None:
    blog.run("CREATE SEQUENCE numbers")
    blog.run("CREATE TABLE old (id INTEGER PRIMARY KEY DEFAULT NEXTVAL(numbers), w INTEGER) WITH SYSTEM VERSIONING")
    blog.run("INSERT INTO old (w) VALUES (1), (2)")
    blog.revision('op.execute("INSERT INTO old (w) VALUES (3)")', "pass")
    plan = flask_rewind.plan()
    assert [crossing.opaque for crossing in plan.crossings] == ["", "", ""]
    assert blog.rows("SELECT NEXTVAL(numbers)") == [(3,)]


@pytest.mark.on("postgresql")  # elsewhere a plan locks nothing
def test_a_plan_that_would_stop_the_site_gives_up(blog: History) -> None:
    with blog.engine.connect() as other:
        other.execute(sa.text("SELECT * FROM post"))  # a transaction that stays open
        plan = flask_rewind.plan()
    assert "hold its locks for too long" in plan.crossings[0].opaque


@pytest.mark.on("mariadb")  # elsewhere a plan needs no separate database
def test_without_the_right_to_make_a_database_all_is_opaque(make_app: MakeApp, database_url: str) -> None:
    root = sa.create_engine(database_url)
    database = sa.make_url(database_url).database
    with root.begin() as connection:
        connection.exec_driver_sql("CREATE OR REPLACE USER plain@127.0.0.1")
        connection.exec_driver_sql(f"GRANT ALL ON {database}.* TO plain@127.0.0.1")
    root.dispose()
    blog = History(make_app(sa.make_url(database_url).set(username="plain").render_as_string()))
    blog.revision(CREATE, 'op.drop_table("post")')
    plan = flask_rewind.plan()
    assert [crossing.revision for crossing in plan.crossings] == ["1"]
    assert "the plan needs a database to try it on, and cannot create one" in plan.crossings[0].opaque
    flask_rewind.upgrade()


def test_the_plan_is_text_and_json(blog: History) -> None:
    runner = blog.app.test_cli_runner()
    text = runner.invoke(args=["db", "plan"]).stdout
    assert "2 up (step)\n  1. " in text
    assert "hides post.lead as _attic_1" in text
    data = json.loads(runner.invoke(args=["db", "plan", "--json"]).stdout)
    assert data["before"] == {"": ["1"]}
    assert data["crossings"][0]["steps"][0]["undo"]
    assert runner.invoke(args=["db", "plan", "1"]).stdout == "Nothing to do: at 1.\n"


def test_no_stand_in_is_left_behind(blog: History, engine_name: str) -> None:
    flask_rewind.plan()
    if engine_name == "mariadb":
        assert blog.rows(f"SHOW DATABASES LIKE 'rewind_shadow_{os.getpid()}_%'") == []


@pytest.mark.on("mariadb")  # elsewhere the stand-in has everything already
def test_a_hidden_table_with_a_trigger_has_a_stand_in(blog: History) -> None:
    table = "CREATE TABLE thing (id INTEGER PRIMARY KEY)"
    trigger = "CREATE TRIGGER watch AFTER DELETE ON thing FOR EACH ROW SET @seen = OLD.id"
    blog.run(table)
    blog.run(trigger)
    back = f'op.execute("{table}")\nop.execute("{trigger}")'
    blog.revision('op.drop_table("thing")', back)
    flask_rewind.upgrade()
    plan = flask_rewind.plan(revision="3")
    assert (plan.refused, [each.opaque for each in plan.crossings]) == ("", [""])
    flask_rewind.downgrade()
    assert planned(plan) == executed()
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    blog.run("CREATE VIEW shown AS SELECT title FROM post")
    flask_rewind.upgrade()
    assert "view shown cannot be created in the stand-in" in flask_rewind.plan(revision="3").crossings[0].opaque
