"""Sequences, and the next number of a table."""

import flask_rewind
import pytest
from flask_rewind.errors import Refused
from hard_cases import made
from histories import History, everything, executed

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


NUMBERED = {
    "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "mariadb": "INTEGER PRIMARY KEY AUTO_INCREMENT",
    "postgresql": "SERIAL PRIMARY KEY",
}


def test_the_next_number_of_a_table_that_returns(blog: History, engine_name: str) -> None:
    blog.run(f"CREATE TABLE numbered (id {NUMBERED[engine_name]}, c INTEGER)")
    blog.run("INSERT INTO numbered (c) VALUES (1), (2), (3)")
    blog.run("DELETE FROM numbered WHERE c = 3")
    blog.revision(
        'op.drop_table("numbered")',
        'op.create_table("numbered", sa.Column("id", sa.Integer, primary_key=True), sa.Column("c", sa.Integer))',
    )
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    blog.run("INSERT INTO numbered (c) VALUES (4)")
    assert blog.rows("SELECT id FROM numbered WHERE c = 4") == [(4,)]


CHANGED = {
    "a dropped column": ('op.drop_column("numbered", "w")', 'op.add_column("numbered", sa.Column("w", sa.Integer))'),
    "another type": tuple(
        f'with op.batch_alter_table("numbered") as b:\n    b.alter_column("c", type_=sa.{new}, existing_type=sa.{old})'
        for new, old in (("BigInteger", "Integer"), ("Integer", "BigInteger"))
    ),
    "another name": ('op.rename_table("numbered", "other")', 'op.rename_table("other", "numbered")'),
}


@pytest.mark.parametrize("what", CHANGED)
def test_the_next_number_of_a_table_that_changed(blog: History, engine_name: str, what: str) -> None:
    made(
        blog,
        f"CREATE TABLE numbered (id {NUMBERED[engine_name]}, c INTEGER, w INTEGER)",
        "INSERT INTO numbered (c) VALUES (1), (2), (3)",
        "DELETE FROM numbered WHERE c > 1",
    )
    blog.revision(*CHANGED[what])
    before = everything(blog.engine)
    flask_rewind.upgrade()
    table = "other" if what == "another name" else "numbered"
    blog.run(f"INSERT INTO {table} (c) VALUES (4)")
    assert blog.rows(f"SELECT id FROM {table} WHERE c = 4") == [(4,)]
    blog.run(f"DELETE FROM {table} WHERE c = 4")
    flask_rewind.downgrade()
    assert everything(blog.engine) == before
    blog.run("INSERT INTO numbered (c) VALUES (5)")
    assert blog.rows("SELECT id FROM numbered WHERE c = 5") == [(5,)]


@pytest.mark.parametrize("what", ["column", "table"])
@pytest.mark.on("postgresql")
def test_a_sequence_that_only_what_is_hidden_uses(blog: History, what: str) -> None:
    columns = "id INTEGER PRIMARY KEY, n INTEGER DEFAULT nextval('numbers') NOT NULL"
    made(blog, "CREATE SEQUENCE numbers START 7", f"CREATE TABLE span ({columns})", "INSERT INTO span VALUES (1)")
    before = everything(blog.engine)
    drop, add = {
        "column": (
            "ALTER TABLE span DROP COLUMN n",
            "ALTER TABLE span ADD n INTEGER DEFAULT nextval('numbers') NOT NULL",
        ),
        "table": ("DROP TABLE span", f"CREATE TABLE span ({columns})"),
    }[what]
    blog.revision(
        f"{executed(drop)}\n{executed('DROP SEQUENCE numbers')}",
        f"{executed('CREATE SEQUENCE numbers START 7')}\n{executed(add)}",
    )
    for row in (2, 3):
        flask_rewind.upgrade()
        if what == "column":
            blog.run(f"INSERT INTO span VALUES ({row})")
        flask_rewind.downgrade()
        if what == "table":
            blog.run(f"INSERT INTO span VALUES ({row})")
    assert blog.rows("SELECT id, n FROM span ORDER BY id") == [(1, 7), (2, 8), (3, 9)]
    blog.run("DELETE FROM span WHERE id > 1")
    blog.run("SELECT setval('numbers', 7)")
    assert everything(blog.engine) == before
    flask_rewind.upgrade()
    with pytest.raises(Refused, match=r"numbers cannot be purged: .* uses it"):
        flask_rewind.purge(place="numbers")
    assert {each.kind for each in flask_rewind.purge(everything=True)} == {what, "sequence"}
    assert not flask_rewind.attic()


@pytest.mark.on("postgresql")
def test_the_sequence_of_a_hidden_column_is_forgotten_with_it(blog: History) -> None:
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, n SERIAL)", "INSERT INTO span (id) VALUES (1)")
    blog.revision(
        executed("ALTER TABLE span DROP COLUMN n") + "\n" + executed("DROP SEQUENCE IF EXISTS span_n_seq"), "pass"
    )
    flask_rewind.upgrade()
    flask_rewind.purge(place="span.n")
    assert [each.kind for each in flask_rewind.attic()] == ["sequence"]
    flask_rewind.purge(everything=True)
    assert not flask_rewind.attic()


@pytest.mark.on("postgresql")
def test_types_and_sequences_of_hidden_columns_dropped_together(blog: History) -> None:
    types = ["CREATE TYPE mood AS ENUM ('glad', 'sad')", "CREATE TYPE \"a,b\" AS ENUM ('x')"]
    numbers = ["CREATE UNLOGGED SEQUENCE n1", "CREATE SEQUENCE n2"]
    columns = ["n INTEGER DEFAULT nextval('n1')", "k INTEGER DEFAULT nextval('n2')", "m mood", 'x "a,b"']
    made(blog, *types, *numbers, f"CREATE TABLE span (id INTEGER PRIMARY KEY, {', '.join(columns)})")
    made(blog, "INSERT INTO span (id, m, x) VALUES (1, 'glad', 'x'), (2, 'sad', NULL)")
    before = everything(blog.engine)
    dropped = [f"ALTER TABLE span DROP COLUMN {name}" for name in "nkmx"]
    added = [f"ALTER TABLE span ADD COLUMN {column}" for column in columns]
    blog.revision(
        executed(*dropped, 'DROP TYPE IF EXISTS mood, "a,b" CASCADE', "DROP SEQUENCE n1, n2"),
        executed(*types, *numbers, *added),
    )
    for _ in range(2):
        flask_rewind.upgrade()
        made(blog, *types, *numbers, *["DROP TYPE mood", 'DROP TYPE "a,b"', "DROP SEQUENCE n1", "DROP SEQUENCE n2"])
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
    made(blog, "INSERT INTO span (id) VALUES (3)")
    assert blog.rows("SELECT n, k FROM span ORDER BY id") == [(1, 1), (2, 2), (3, 3)]
