"""Full rows on MariaDB, where a hidden column still takes its room."""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import Refused
from histories import History, everything, walked

MakeApp = Callable[..., Flask]

# Only MariaDB and MySQL count the maximum length of a row.
pytestmark = [pytest.mark.slow, pytest.mark.on("mariadb")]

VALUES = ["", " ", "a", "A", "é 😀  ", "\u3000", "x" * 5000]


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url))
    made.run(
        "CREATE TABLE wide (id INTEGER PRIMARY KEY, a VARCHAR(9000) NOT NULL, b VARCHAR(7000), KEY ix_a (a(9)))"
        " DEFAULT CHARSET utf8mb4"
    )
    for number, value in enumerate(VALUES):
        made.run("INSERT INTO wide (id, a, b) VALUES (:id, :a, :b)", id=number, a=value, b=value or None)
    return made


def test_a_hidden_text_makes_room_for_another(blog: History) -> None:
    a, d = 'sa.Column("a", sa.String(9000), nullable=False)', 'sa.Column("d", sa.String(9000))'
    blog.revision('op.drop_column("wide", "a")', f'op.add_column("wide", {a})')
    blog.revision(f'op.add_column("wide", {d})', 'op.drop_column("wide", "d")')
    walked(blog, "1", "base", "1", "2")
    blog.run("UPDATE wide SET d = CONCAT('d', id) WHERE id > 2")
    walked(blog, "2", "1", "base", "1", "2", "base", "2")
    assert blog.rows("SELECT d FROM wide ORDER BY id") == [(None,)] * 3 + [(f"d{at}",) for at in range(3, len(VALUES))]


def test_in_one_revision_one_text_goes_and_another_comes(blog: History) -> None:
    blog.revision(
        """
op.execute("ALTER TABLE wide DROP COLUMN a, ADD COLUMN d VARBINARY(30000), ADD COLUMN e CHAR(250) NOT NULL DEFAULT 'e'")
""",
        """
op.drop_column("wide", "d")
op.drop_column("wide", "e")
op.add_column("wide", sa.Column("a", sa.String(9000), nullable=False))
""",
    )
    blog.revision('op.drop_column("wide", "d")', 'op.add_column("wide", sa.Column("d", sa.VARBINARY(30000)))')
    blog.revision('op.add_column("wide", sa.Column("f", sa.String(8000)))', 'op.drop_column("wide", "f")')
    walked(blog, "1", "base", "1")
    blog.run("UPDATE wide SET d = UNHEX('FF00') WHERE id < 3")
    blog.run("DELETE FROM wide WHERE id = 2")
    walked(blog, "1", "2", "3")
    blog.run("UPDATE wide SET f = b")
    walked(blog, "3", "base", "1", "base", "3", "1", "2", "3", "base")


def test_a_column_is_hidden_whose_new_rows_cannot_be_marked(blog: History) -> None:
    columns = ", ".join(f"c{at} INTEGER NOT NULL" for at in range(1016))
    blog.run(f"CREATE TABLE full (id INTEGER PRIMARY KEY, {columns})")
    blog.run(f"INSERT INTO full VALUES (1{', 7' * 1016})")
    blog.revision('op.drop_column("full", "c3")', 'op.add_column("full", sa.Column("c3", sa.Integer, nullable=False))')
    walked(blog, "1", "base", "1", "base", "1")
    others = ", ".join(f"c{at}" for at in range(1016) if at != 3)
    blog.run(f"INSERT INTO full (id, {others}) VALUES (2{', 8' * 1015})")
    with pytest.raises(Refused, match=r"full\.c3 returns NOT NULL without a default, and 1 rows"):
        flask_rewind.downgrade()
    walked(blog, "1")
    flask_rewind.downgrade(fill={"full.c3": "id * 5"})
    assert blog.rows("SELECT c3 FROM full ORDER BY id") == [(7,), (10,)]


def test_a_number_makes_way_in_a_row_that_is_full_to_the_byte(blog: History) -> None:
    made = "CREATE TABLE tight (id INTEGER PRIMARY KEY, n INTEGER, a VARBINARY({}) NOT NULL)"
    for length in range(65_535, 65_500, -1):
        try:
            blog.run(made.format(length))
        except sa.exc.OperationalError:
            continue
        break
    blog.run("INSERT INTO tight (id, n, a) VALUES (1, 7, 'a'), (2, NULL, 'b')")
    blog.revision(
        'op.drop_column("tight", "n")\nop.add_column("tight", sa.Column("m", sa.Integer))',
        'op.drop_column("tight", "m")\nop.add_column("tight", sa.Column("n", sa.Integer))',
    )
    walked(blog, "1", "base", "1")
    blog.run("UPDATE tight SET m = id")
    walked(blog, "1", "base", "1", "base")
    assert blog.rows("SELECT n FROM tight ORDER BY id") == [(7,), (None,)]


def test_what_a_full_row_cannot_hold_even_so_is_refused(blog: History) -> None:
    blog.revision('op.drop_column("wide", "a")', 'op.add_column("wide", sa.Column("a", sa.String(9000)))')
    blog.revision('op.add_column("wide", sa.Column("d", sa.String(16000)))', 'op.drop_column("wide", "d")')
    flask_rewind.upgrade(revision="1")
    before = everything(blog.engine)
    with pytest.raises(Refused, match="wide has no room for this"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
