"""Triggers with the same name as a trigger of a hidden table."""

import flask_rewind
import pytest
from hard_cases import made
from histories import History, everything, executed

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


TRIGGER = "CREATE {}TRIGGER watch AFTER INSERT ON {} FOR EACH ROW {}"


BODIES = {
    "sqlite": "BEGIN INSERT INTO seen (what) VALUES ('{}'); END",
    "mariadb": "INSERT INTO seen (what) VALUES ('{}')",
    "postgresql": "EXECUTE FUNCTION note('{}')",
}


FUNCTION = """CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN INSERT INTO seen (what) VALUES (TG_ARGV[0]); RETURN NEW; END'"""


ON_MARIADB = pytest.mark.on("mariadb")
OPTIONS = ["", *(pytest.param(option, marks=ON_MARIADB) for option in ("OR REPLACE ", "DEFINER = root@localhost "))]


@pytest.mark.parametrize("says_drop", [False, True])
@pytest.mark.parametrize("other", OPTIONS)
def test_a_name_that_a_trigger_of_a_hidden_table_has(
    blog: History, engine_name: str, other: str, says_drop: bool
) -> None:
    old = TRIGGER.format(other, "log", BODIES[engine_name].format("old"))
    new = TRIGGER.format(other, "book", BODIES[engine_name].format("new"))
    made(blog, "CREATE TABLE log (id INTEGER PRIMARY KEY)", "CREATE TABLE seen (what VARCHAR(9))")
    made(blog, *([FUNCTION] if engine_name == "postgresql" else []), old, "INSERT INTO log VALUES (1)")
    column = 'sa.Column("id", sa.Integer, primary_key=True)'
    blog.revision(
        f'op.drop_table("log")\nop.create_table("book", {column})\n{executed(new)}',
        f'op.drop_table("book")\nop.create_table("log", {column})\n{executed(old)}',
    )
    if says_drop and engine_name != "postgresql":
        drop = f'op.drop_table("book")\n{executed("DROP TRIGGER IF EXISTS watch")}'
        blog.revision(drop, f'op.create_table("book", {column})\n{executed(new)}')
    before = everything(blog.engine)
    for row in (2, 3):
        flask_rewind.upgrade(revision="2")
        blog.run(f"INSERT INTO book VALUES ({row})")
        flask_rewind.upgrade()
        flask_rewind.downgrade(revision="2")
        blog.run(f"INSERT INTO book VALUES ({row + 10})")
        flask_rewind.downgrade(revision="1")
        blog.run(f"INSERT INTO log VALUES ({row})")
    assert blog.rows("SELECT what FROM seen") == [("old",), *[("new",), ("new",), ("old",)] * 2]
    blog.run("DELETE FROM log WHERE id > 1")
    blog.run("DELETE FROM seen")
    blog.run("INSERT INTO seen VALUES ('old')")
    assert everything(blog.engine) == before
