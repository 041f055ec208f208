"""Scripts that have their own idea of locks and errors, and what a move makes of it."""

from pathlib import Path

import flask_rewind
import pytest
import sqlalchemy as sa
from histories import History, everything, executed
from lock_holders import Heard, another_session

pytestmark = pytest.mark.slow

DROP, ADD = 'op.drop_column("post", "note")', 'op.add_column("post", sa.Column("note", sa.String(20)))'
READ = "SELECT id FROM post"
IF_IT_CAN_BE = """
try:
    with op.get_bind().begin_nested():
        {}
except sa.exc.OperationalError:
    print("let it be")"""
INDEX = 'op.create_index("by_title", "post", ["title"])'


def indexes(blog: History) -> list[str]:
    return [str(each["name"]) for each in sa.inspect(blog.engine).get_indexes("post")]


@pytest.mark.on("mariadb", "postgresql")
def test_a_script_that_catches_the_error_does_not_go_on_without_the_step(blog: History) -> None:
    blog.revision(IF_IT_CAN_BE.format(INDEX), "pass")
    before = everything(blog.engine)
    with another_session(blog.engine.url, "INSERT INTO post (id) VALUES (3)") as writer:
        with pytest.raises(flask_rewind.Blocked, match=r"a lock on post, .*held by session"):
            flask_rewind.upgrade(budget=0)
        assert everything(blog.engine) == before
        with Heard(writer.end) as heard:
            flask_rewind.upgrade()
    assert len(heard.said) == 1
    assert indexes(blog) == ["by_title"]


@pytest.mark.on("mariadb", "postgresql")
def test_a_script_that_waits_in_its_own_way_is_let(blog: History, engine_name: str) -> None:
    own = {"mariadb": "SET SESSION lock_wait_timeout = 0", "postgresql": "SET LOCAL lock_timeout = '10ms'"}
    blog.revision(f"{executed(own[engine_name])}{IF_IT_CAN_BE.format(INDEX)}", "pass")
    with another_session(blog.engine.url, "INSERT INTO post (id) VALUES (3)"), Heard() as heard:
        flask_rewind.upgrade()
    assert heard.said == []
    assert indexes(blog) == []


@pytest.mark.on("postgresql")
def test_a_script_that_asks_for_a_lock_at_once_is_let(blog: History) -> None:
    lock = executed("LOCK TABLE post IN ACCESS EXCLUSIVE MODE NOWAIT")
    blog.revision(IF_IT_CAN_BE.format(lock), "pass")
    with another_session(blog.engine.url, READ), Heard() as heard:
        flask_rewind.upgrade()
    assert heard.said == []


@pytest.mark.on("mariadb", "postgresql")
@pytest.mark.parametrize("is_shorter", [True, False])
def test_a_session_that_waits_for_less_time_stays_so(blog: History, engine_name: str, is_shorter: bool) -> None:
    asking = {
        "mariadb": "SELECT @@innodb_lock_wait_timeout AS waits",
        "postgresql": "SELECT current_setting('lock_timeout') AS waits",
    }[engine_name]
    if not is_shorter:
        blog.engine.dispose()
        setting = "SET SESSION lock_wait_timeout = 90, innodb_lock_wait_timeout = 90"
        setting = setting if engine_name == "mariadb" else "SET lock_timeout = '90s'; COMMIT"
        sa.event.listen(blog.engine, "connect", lambda connection, _: connection.cursor().execute(setting))
    blog.revision(executed(f"CREATE TABLE seen AS {asking}"), "pass")
    flask_rewind.upgrade()
    shorter, longer = {"mariadb": ((1, 90), (2, 90)), "postgresql": (("100ms",) * 2, ("2s", "1min30s"))}[engine_name]
    during, usual = shorter if is_shorter else longer
    assert blog.rows("SELECT waits FROM seen") == [(during,)]
    if engine_name == "mariadb" and is_shorter:
        usual = 1
    after = blog.rows(asking)[0][0]
    assert after == usual or (engine_name == "postgresql" and not is_shorter and after == "90s")


@pytest.mark.on("mariadb")
def test_only_what_changes_something_waits_briefly(blog: History) -> None:
    blog.engine.dispose()
    setting = "SET SESSION lock_wait_timeout = 90"
    sa.event.listen(blog.engine, "connect", lambda connection, _: connection.cursor().execute(setting))
    # A catalog query leaves out a table that it does not get in time.
    raw = "bind.connection.cursor()"
    script = f"""
bind = op.get_bind()
def asked():
    cursor = {raw}
    cursor.execute("SELECT @@SESSION.lock_wait_timeout")
    return cursor.fetchone()[0]
def seen(statement):
    bind.exec_driver_sql(statement)
    return asked()
found = [
    seen("ALTER TABLE post ADD COLUMN made INTEGER"),
    seen("SELECT table_name FROM information_schema.tables"),
    seen("UPDATE post SET made = 1"),
    seen("SHOW CREATE TABLE post"),
]
op.execute("CREATE TABLE seen_in_catalog AS SELECT @@SESSION.lock_wait_timeout AS waits FROM information_schema.tables")
op.execute(f"CREATE TABLE seen AS SELECT '{{found}}' AS waits")"""
    blog.revision(script, "pass")
    flask_rewind.upgrade()
    assert blog.rows("SELECT waits FROM seen") == [("[2, 90, 2, 90]",)]
    assert blog.rows("SELECT DISTINCT waits FROM seen_in_catalog") == [(90,)]
    assert blog.rows("SELECT @@SESSION.lock_wait_timeout") == [(90,)]


@pytest.mark.on("postgresql")
def test_a_crossing_whose_script_has_committed_fails_as_it_did(blog: History) -> None:
    block = 'with op.get_context().autocommit_block():\n    op.execute("ALTER TABLE author ADD made INTEGER")'
    blog.revision(f"{block}\n{DROP}", "pass")
    failing = pytest.raises(flask_rewind.CrossingFailed, match="canceling statement due to lock timeout")
    with another_session(blog.engine.url, READ), Heard() as heard, failing:
        flask_rewind.upgrade()
    assert heard.said == []


@pytest.mark.on("postgresql")
def test_a_type_of_the_module_is_created_again(blog: History) -> None:
    path = blog.revision(
        f"""
op.add_column("author", sa.Column("mood", MOOD))
op.create_table("diary", sa.Column("id", sa.Integer, primary_key=True), sa.Column("mood", MOOD))
{DROP}""",
        "pass",
    )
    text = path.read_text()
    Path(path).write_text(
        text.replace("\ndef upgrade", '\nMOOD = sa.Enum("glad", "sad", name="mood")\n\n\ndef upgrade')
    )
    with another_session(blog.engine.url, READ) as reader, Heard(reader.end) as heard:
        flask_rewind.upgrade()
    assert len(heard.said) == 1
    blog.run("INSERT INTO diary (id, mood) VALUES (1, 'glad')")


@pytest.mark.on("postgresql")
def test_earlier_crossings_of_one_transaction_are_not_held_while_a_later_one_waits(blog: History) -> None:
    environment = Path(blog.app.extensions["migrate"].directory) / "env.py"
    text = environment.read_text()
    assert text.count("connection=connection,") == 1
    environment.write_text(
        text.replace("connection=connection,", "connection=connection, transaction_per_migration=False,")
    )
    blog.revision('op.drop_column("author", "name")', "pass")
    blog.revision(DROP, "pass")
    before = everything(blog.engine)
    with another_session(blog.engine.url, READ) as reader, Heard() as heard:
        with pytest.raises(flask_rewind.Blocked, match="Revision 3 "):
            flask_rewind.upgrade()
        assert everything(blog.engine) == before
        reader.end()
        flask_rewind.upgrade(revision="2")
        reader.run(READ)
    assert heard.said == []
    with another_session(blog.engine.url, READ) as reader, Heard(reader.end) as heard:
        flask_rewind.upgrade()
    assert len(heard.said) == 1


@pytest.mark.on("postgresql")
def test_a_connection_without_transactions_waits_as_ever(blog: History) -> None:
    environment = Path(blog.app.extensions["migrate"].directory) / "env.py"
    text = environment.read_text()
    autocommit = 'connection.execution_options(isolation_level="AUTOCOMMIT")'
    configuring = "        context.configure(connection"
    assert text.count(configuring) == 1
    environment.write_text(text.replace(configuring, f"        {autocommit}\n{configuring}"))
    blog.revision(f'op.drop_column("author", "name")\n{DROP}', "pass")
    with another_session(blog.engine.url, READ), pytest.raises(flask_rewind.CrossingFailed, match="lock timeout"):
        flask_rewind.upgrade()
