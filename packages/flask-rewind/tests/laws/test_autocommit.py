"""PostgreSQL without transactions: env.py, or the app's engine, sets AUTOCOMMIT."""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from histories import History, everything, executed
from lock_holders import another_session

pytestmark = [pytest.mark.slow, pytest.mark.on("postgresql")]

MakeApp = Callable[..., Flask]

CAUGHT = """
try:
    op.execute("UPDATE post SET n = 1 / 0")
except sa.exc.DBAPIError:
    op.execute("UPDATE post SET n = 'caught'")"""
CREATE = 'op.create_table("post", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.String(9)))'
BY_DIRECTIVE = 'op.alter_column("post", "n", type_=sa.{}, existing_type=sa.{}, postgresql_using="n::{}")'
TYPES = {
    "a directive": (
        BY_DIRECTIVE.format("Integer()", "String(9)", "integer"),
        BY_DIRECTIVE.format("String(9)", "Integer()", "varchar"),
    ),
    "raw": (
        executed("ALTER TABLE post ALTER COLUMN n TYPE integer USING n::integer"),
        executed("ALTER TABLE post ALTER COLUMN n TYPE varchar(9) USING n::varchar"),
    ),
}
BY_ENV_PY = "by env.py"
BY_ENGINE = "by the engine"


@pytest.fixture(params=[BY_ENV_PY, BY_ENGINE])
def blog(request: pytest.FixtureRequest, make_app: MakeApp, database_url: str) -> History:
    options = {"isolation_level": "AUTOCOMMIT"} if request.param == BY_ENGINE else {}
    made = History(make_app(database_url, config={"SQLALCHEMY_ENGINE_OPTIONS": options}))
    if request.param == BY_ENV_PY:
        path = made.revision(CREATE, 'op.drop_table("post")').parents[1] / "env.py"
        begun = "with get_engine().connect() as connection:\n"
        lasting = f'{begun}        connection = connection.execution_options(isolation_level="AUTOCOMMIT")\n'
        assert begun in path.read_text()
        path.write_text(path.read_text().replace(begun, lasting))
    else:
        made.revision(CREATE, 'op.drop_table("post")')
    flask_rewind.upgrade()
    made.run("INSERT INTO post (id, n) VALUES (1, '1'), (2, NULL)")
    return made


@pytest.mark.parametrize("how", TYPES)
def test_another_type(blog: History, how: str) -> None:
    blog.revision(*TYPES[how])
    before = everything(blog.engine)
    flask_rewind.upgrade()
    assert blog.rows("SELECT n FROM post ORDER BY id") == [(1,), (None,)]
    flask_rewind.downgrade()
    assert everything(blog.engine) == before


def test_another_type_that_would_lose_something_is_refused(blog: History) -> None:
    blog.run("UPDATE post SET n = '01' WHERE id = 1")
    blog.revision(*TYPES["raw"])
    before = everything(blog.engine)
    with pytest.raises(flask_rewind.Refused, match="1 values would change permanently"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    assert flask_rewind.status()[0].current == ("1",)


def test_what_is_dropped_returns(blog: History) -> None:
    blog.revision('op.drop_column("post", "n")', 'op.add_column("post", sa.Column("n", sa.String(9)))')
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


def test_a_schema_goes_by_cascade_where_it_is_empty(blog: History) -> None:
    blog.run("DROP SCHEMA IF EXISTS empty_one CASCADE")
    blog.run("CREATE SCHEMA empty_one")
    blog.revision(executed("DROP SCHEMA empty_one CASCADE"), executed("CREATE SCHEMA empty_one"))
    flask_rewind.upgrade()
    assert not sa.inspect(blog.engine).has_schema("empty_one")


def test_a_plan_changes_nothing_and_says_what_is_not_promised(blog: History) -> None:
    blog.revision(f"{TYPES['raw'][0]}\nop.create_table('more', sa.Column('id', sa.Integer))", "pass")
    before = everything(blog.engine)
    (planned,) = flask_rewind.plan().crossings
    assert everything(blog.engine) == before
    assert len(planned.steps) == 2
    said = blog.app.test_cli_runner().invoke(args=["db", "plan"]).stdout
    assert "(AUTOCOMMIT): if a step fails, the schema is taken back, and rows" in said


def test_a_script_that_fails_is_taken_back(blog: History) -> None:
    before = everything(blog.engine)
    made = "op.create_table('more', sa.Column('id', sa.Integer))\nop.drop_column('post', 'n')\n"
    blog.revision(made + executed("SELECT nothing"), "pass")
    with pytest.raises(flask_rewind.CrossingFailed) as failed:
        flask_rewind.upgrade()
    assert "Nothing of this revision was kept" in failed.value.hint
    assert everything(blog.engine) == before
    (status,) = flask_rewind.status()
    assert (status.current, status.unfinished) == (("1",), None)


def test_rows_that_a_script_changed_before_it_failed_are_not_changed_twice(blog: History) -> None:
    blog.run("ALTER TABLE post ADD COLUMN seen integer DEFAULT 0")
    path = blog.revision(executed("UPDATE post SET seen = seen + 1") + "\n" + executed("SELECT nothing"), "pass")
    with pytest.raises(flask_rewind.CrossingFailed) as failed:
        flask_rewind.upgrade()
    assert "the rows stay as they left them:\n  UPDATE post SET seen = seen + 1" in failed.value.hint
    path.write_text(path.read_text().replace("SELECT nothing", "SELECT 1"))
    flask_rewind.upgrade()
    assert blog.rows("SELECT seen FROM post") == [(1,), (1,)]


def test_a_data_statement_that_fails_leaves_the_next_one_free(blog: History) -> None:
    blog.revision(CAUGHT, "pass")
    flask_rewind.upgrade()
    assert blog.rows("SELECT n FROM post") == [("caught",), ("caught",)]


def test_a_data_statement_that_fails_in_a_block_says_so(blog: History) -> None:
    blog.revision('with op.get_context().autocommit_block():\n    op.execute("UPDATE post SET n = 1 / 0")', "pass")
    with pytest.raises(flask_rewind.CrossingFailed, match="division by zero"):
        flask_rewind.upgrade()


def test_a_transaction_of_the_scripts_own_is_its_own(blog: History) -> None:
    def changed(end: str) -> str:
        return executed("BEGIN", "UPDATE post SET n = 'x'", "UPDATE post SET n = n || 'y'", end)

    blog.revision(f"{changed('ROLLBACK')}\n{changed('COMMIT')}", "pass")
    flask_rewind.upgrade()
    assert blog.rows("SELECT n FROM post") == [("xy",), ("xy",)]


def test_an_index_that_concurrently_has_left_invalid_is_made_again(blog: History) -> None:
    blog.run("CREATE INDEX by_n ON post (n)")
    blog.revision(executed("SET statement_timeout = '300ms'", "DROP INDEX CONCURRENTLY by_n"), "pass")
    with another_session(blog.engine.url, "SELECT n FROM post"), pytest.raises(flask_rewind.RewindError):
        flask_rewind.upgrade()
    flask_rewind.abort()
    assert blog.rows("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_n'::regclass") == [(True,)]
