"""If something fails after a script and before its version row is committed, the whole crossing is taken back."""

from collections.abc import Callable
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import CrossingFailed
from histories import History, everything, executed

MakeApp = Callable[..., Flask]

CREATE = """op.create_table(
    "post",
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("mood", sa.String(40), nullable=False),
    mysql_charset="utf8mb4",
)"""
ADD_MOOD = 'op.add_column("post", sa.Column("mood", sa.String(40), nullable=False))'
DROP_MOOD = 'op.drop_column("post", "mood")'
ADD_NOTE = 'op.add_column("post", sa.Column("note", sa.String(40)))'
DROP_NOTE = 'op.drop_column("post", "note")'


class Hook:
    """The `on_version_apply` hook of env.py, called after each version row: it fails for given revisions."""

    def __init__(self) -> None:
        self.failing: dict[str, Callable[[Any], None]] = {}

    def __call__(self, *, ctx: Any, step: Any, **rest: Any) -> None:
        fail = self.failing.get(f"{step.up_revision_id} {'up' if step.is_upgrade else 'down'}")
        if fail:
            fail(ctx)


def stops(ctx: Any) -> None:
    raise ValueError("the hook does not like it")


def is_interrupted(ctx: Any) -> None:
    raise KeyboardInterrupt


def exits(ctx: Any) -> None:
    raise SystemExit(3)


def makes_a_table_and_stops(ctx: Any) -> None:
    ctx.connection.execute(sa.text("CREATE TABLE made_by_hook (id INTEGER)"))
    stops(ctx)


FAILURES = [
    pytest.param(stops, CrossingFailed, id="stops"),
    pytest.param(is_interrupted, KeyboardInterrupt, id="is interrupted", marks=pytest.mark.slow),
    pytest.param(exits, SystemExit, id="exits", marks=pytest.mark.slow),
    pytest.param(makes_a_table_and_stops, CrossingFailed, id="makes a table", marks=pytest.mark.slow),
]


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
def blog(make_app: MakeApp, database_url: str, hook: Hook) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}, on_version_apply=hook))
    made.revision(CREATE, 'op.drop_table("post")')
    flask_rewind.upgrade()
    made.run("INSERT INTO post (id, mood) VALUES (1, 'merry'), (2, '')")
    return made


def is_at(*heads: str) -> bool:
    (status,) = flask_rewind.status()
    return status.current == heads and status.unfinished is None


def last_crossings() -> list[tuple[str, str]]:
    return [(each.revision, each.state) for each in flask_rewind.log(limit=1)[0].crossings]


@pytest.mark.parametrize(("fail", "error"), FAILURES)
def test_a_hook_that_fails_going_up(
    blog: History, hook: Hook, fail: Callable[[Any], None], error: type[BaseException]
) -> None:
    blog.revision(f"{ADD_NOTE}\n{DROP_MOOD}", f"{ADD_MOOD}\n{DROP_NOTE}")
    before = everything(blog.engine)
    hook.failing["2 up"] = fail
    with pytest.raises(error) as raised:
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    assert is_at("1")
    assert flask_rewind.attic() == ()
    if isinstance(raised.value, CrossingFailed):
        assert "Revision 2 (step) failed going up, after its script: ValueError: the hook" in raised.value.message
        assert raised.value.hint.startswith("Nothing of this revision was kept.")
    assert flask_rewind.log(limit=1)[0].outcome == "failed"
    assert {state for _, state in last_crossings()} <= {"taken back"}
    hook.failing.clear()
    flask_rewind.upgrade()
    assert is_at("2")
    flask_rewind.downgrade()
    assert everything(blog.engine) == before


@pytest.mark.parametrize(("fail", "error"), FAILURES)
def test_a_hook_that_fails_going_down(
    blog: History, hook: Hook, fail: Callable[[Any], None], error: type[BaseException]
) -> None:
    blog.revision(f"{ADD_NOTE}\n{DROP_MOOD}", f"{ADD_MOOD}\n{DROP_NOTE}")
    old = everything(blog.engine)
    flask_rewind.upgrade()
    blog.run("UPDATE post SET note = 'kept'")
    blog.run("INSERT INTO post (id) VALUES (3)")
    before = everything(blog.engine)
    hook.failing["2 down"] = fail
    for _ in range(2):
        with pytest.raises(error):
            flask_rewind.downgrade(fill={"post.mood": "'new'"})
        assert everything(blog.engine) == before
        assert is_at("2")
        assert [each.place for each in flask_rewind.attic()] == ["post.mood"]
    hook.failing.clear()
    with pytest.raises(flask_rewind.errors.Refused, match="1 rows were inserted while it was hidden"):
        flask_rewind.downgrade()
    flask_rewind.downgrade(fill={"post.mood": "'new'"})
    assert blog.rows("SELECT id, mood FROM post ORDER BY id") == [(1, "merry"), (2, ""), (3, "new")]
    blog.run("DELETE FROM post WHERE id = 3")
    assert everything(blog.engine) == old
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, note FROM post ORDER BY id") == [(1, "kept"), (2, "kept")]
    left = [each for each in sa.inspect(blog.engine).get_columns("post") if each["name"].endswith("_new")]
    assert len(left) == len([each for each in left if each["name"] == f"{flask_rewind.attic()[0].name}_new"])


@pytest.mark.slow
def test_the_crossings_before_it_stay(blog: History, hook: Hook) -> None:
    blog.revision(ADD_NOTE, DROP_NOTE)
    second = everything(blog.engine)
    blog.revision(DROP_MOOD, ADD_MOOD)
    blog.revision('op.create_table("last", sa.Column("id", sa.Integer))', 'op.drop_table("last")')
    hook.failing["3 up"] = stops
    with pytest.raises(CrossingFailed, match="Revision 3"):
        flask_rewind.upgrade()
    assert is_at("2")
    assert last_crossings()[0] == ("2", "done")
    hook.failing.clear()
    flask_rewind.upgrade()
    third = everything(blog.engine)
    hook.failing["3 down"] = stops
    with pytest.raises(CrossingFailed, match="Revision 3"):
        flask_rewind.downgrade(revision="1")
    assert is_at("3")
    hook.failing.clear()
    flask_rewind.downgrade(revision="1")
    assert everything(blog.engine) == second
    flask_rewind.upgrade()
    assert everything(blog.engine) == third


@pytest.mark.slow
def test_a_script_that_only_changes_rows(blog: History, hook: Hook) -> None:
    blog.revision(executed("UPDATE post SET mood = 'changed'"), "pass")
    hook.failing["2 up"] = stops
    with pytest.raises(CrossingFailed, match="after its script") as failed:
        flask_rewind.upgrade()
    assert blog.rows("SELECT mood FROM post ORDER BY id") == [("merry",), ("",)]
    assert failed.value.hint.startswith("Nothing of this revision was kept.")
    assert is_at("1")


@pytest.mark.slow
def test_rows_that_the_hook_made_lasting_are_named(blog: History, hook: Hook, engine_name: str) -> None:
    blog.revision(executed("UPDATE post SET mood = 'changed'"), "pass")
    hook.failing["2 up"] = makes_a_table_and_stops
    with pytest.raises(CrossingFailed) as failed:
        flask_rewind.upgrade()
    (status,) = flask_rewind.status()
    assert status.current == ("1",)
    if engine_name == "mariadb":
        assert "rows stay as they left them:\n  UPDATE post SET mood = 'changed'" in failed.value.hint
        assert status.unfinished is not None
    else:
        assert failed.value.hint.startswith("Nothing of this revision was kept.")


@pytest.mark.slow
def test_both_parents_of_a_merge_are_the_heads_again(blog: History, hook: Hook) -> None:
    blog.revision(ADD_NOTE, DROP_NOTE)
    branch = flask_rewind.revision(rev_id="b", message="branch", head="1", splice=True)
    assert branch
    flask_rewind.upgrade(revision="heads")
    flask_rewind.merge(revisions=("2", "b"), rev_id="m")
    merge = next(path for path in branch.path.parent.iterdir() if path.name.startswith("m_"))
    merge.write_text(merge.read_text().replace("upgrade():\n    pass", f"upgrade():\n    {DROP_MOOD}"))
    before = everything(blog.engine)
    hook.failing["m up"] = makes_a_table_and_stops
    with pytest.raises(CrossingFailed, match="after its script"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    assert {*flask_rewind.status()[0].current} == {"2", "b"}
    hook.failing.clear()
    flask_rewind.upgrade()
    assert is_at("m")


@pytest.mark.slow
def test_where_env_py_has_begun_the_transaction(make_app: MakeApp, database_url: str, hook: Hook) -> None:
    app = make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}, on_version_apply=hook)
    flask_rewind.init(multidb=True)
    engine = app.extensions["db"].engine
    written = flask_rewind.revision(rev_id="1")
    assert written
    made = "def upgrade_():\n    op.create_table('post', sa.Column('id', sa.Integer))"
    written.path.write_text(written.path.read_text().replace("def upgrade_():\n    pass", made))
    for fail in (stops, makes_a_table_and_stops):
        hook.failing["1 up"] = fail
        with pytest.raises(CrossingFailed, match="after its script"):
            flask_rewind.upgrade()
        assert everything(engine)[1] == {} or {*everything(engine)[1]} == {"alembic_version"}
        assert is_at()
    hook.failing.clear()
    flask_rewind.upgrade()
    assert sa.inspect(engine).has_table("post")


LONG = "2026_05_01_1200_remove_the_state_of_the_post"


@pytest.fixture
def long(blog: History) -> str:
    """Write a revision whose id is too long for the version table."""
    path = blog.revision(f"{ADD_NOTE}\nop.create_table('more', sa.Column('id', sa.Integer))", DROP_NOTE)
    path.write_text(path.read_text().replace("revision = '2'", f"revision = '{LONG}'"))
    return LONG


@pytest.mark.on("mariadb", "postgresql")  # SQLite allows every length
def test_an_id_that_the_version_table_does_not_take(blog: History, long: str) -> None:
    before = everything(blog.engine)
    for _ in range(2):
        with pytest.raises(CrossingFailed, match=f"Revision {long} .* failed going up, after its script") as failed:
            flask_rewind.upgrade()
        assert f"{len(long)} characters" in failed.value.hint
        assert everything(blog.engine) == before
        assert is_at("1")
        assert [state for _, state in last_crossings()] in ([], ["taken back"])
    flask_rewind.downgrade()
    assert not sa.inspect(blog.engine).has_table("post")


@pytest.mark.slow
@pytest.mark.on("mariadb", "postgresql")
def test_a_longer_version_table_takes_it(blog: History, long: str, engine_name: str) -> None:
    change = "MODIFY version_num VARCHAR(64)" if engine_name == "mariadb" else "ALTER version_num TYPE VARCHAR(64)"
    before = everything(blog.engine)
    blog.run(f"ALTER TABLE alembic_version {change}")
    flask_rewind.upgrade()
    assert is_at(long)
    assert everything(blog.engine) != before
