"""Tables with as many columns as their engine allows: hidden columns move into side tables to make room."""

from collections.abc import Callable
from sqlite3 import SQLITE_LIMIT_COLUMN

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import CrossingFailed, Refused
from flask_rewind.report import purpose_of
from histories import History, everything, executed, walked

MakeApp = Callable[..., Flask]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.combinations,
    pytest.mark.on("sqlite", "mariadb"),  # PostgreSQL counts dropped columns too: hiding one changes nothing there
]

MOST = {"mariadb": 1017, "sqlite": 2000}
VALUES = ["", " ", "a", "A", "é 😀  ", "x" * 40]
C3, C4 = 'sa.Column("c3", sa.String(40), nullable=False)', 'sa.Column("c4", sa.Integer, server_default="4")'
NEW = 'sa.Column("new", sa.Integer)'
UP = f'op.drop_column("wide", "c3")\nop.add_column("wide", {NEW})'
DOWN = f'op.drop_column("wide", "new")\nop.add_column("wide", {C3})'


FEW = 30
"""The limit of columns on the app's SQLite connections; a plan's connections have SQLite's own limit."""


def with_few(blog: History) -> None:
    """Set a low limit of columns on SQLite, so that the tests are quick."""
    sa.event.listen(blog.engine, "connect", lambda driver, _: driver.setlimit(SQLITE_LIMIT_COLUMN, FEW))
    blog.engine.dispose()


def fill(blog: History, most: int) -> History:
    others = ", ".join(f"c{at} INTEGER" for at in range(5, most + 1))
    blog.run(
        "CREATE TABLE wide (c1 INTEGER NOT NULL, c2 VARCHAR(20) NOT NULL, c3 VARCHAR(40) NOT NULL,"
        f" c4 INTEGER DEFAULT 4, {others}, PRIMARY KEY (c1, c2))"
        + " DEFAULT CHARSET utf8mb4"
        * (most == MOST["mariadb"])
    )
    for number, value in enumerate(VALUES, 1):
        blog.run(
            "INSERT INTO wide (c1, c2, c3, c4, c5) VALUES (:n, :key, :value, :even, 5)",
            n=number,
            key=f"k{number}",
            value=value,
            even=number if number % 2 else None,
        )
    return blog


@pytest.fixture
def empty(make_app: MakeApp, database_url: str) -> History:
    return History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))


@pytest.fixture
def blog(empty: History, engine_name: str) -> History:
    if engine_name == "sqlite":
        with_few(empty)
    return fill(empty, FEW if engine_name == "sqlite" else MOST[engine_name])


def has_all(blog: History) -> bool:
    """Return whether the app's connections allow as many columns as a plan's connections."""
    with blog.engine.connect() as connection:
        driver = connection.connection.driver_connection
        return not hasattr(driver, "getlimit") or driver.getlimit(SQLITE_LIMIT_COLUMN) > FEW


def test_one_goes_and_another_comes_in_one_revision(empty: History, engine_name: str) -> None:
    blog = fill(empty, MOST[engine_name])
    blog.revision(UP, DOWN)
    walked(blog, "1", "base", "1")
    blog.run("UPDATE wide SET new = c1 * 10 WHERE c1 > 2")
    walked(blog, "1", "base", "1", "base")
    (kept,) = flask_rewind.attic()
    assert (kept.table, kept.rows) == ("wide", 4)
    plan = flask_rewind.plan()
    purposes = [purpose_of(step) for step in plan.crossings[0].steps]
    assert any(each.startswith("moves wide.c3 into the side table _attic_") for each in purposes)
    assert any(each.startswith("moves wide.new back from the side table _attic_") for each in purposes)
    assert {step.verdict for step in plan.crossings[0].steps} == {"lossless"}


def test_by_one_statement_and_over_several_revisions(blog: History, engine_name: str) -> None:
    two = f'op.drop_column("wide", "c4")\n{UP}\nop.add_column("wide", sa.Column("more", sa.Text))'
    back = f'op.drop_column("wide", "more")\n{DOWN}\nop.add_column("wide", {C4})'
    if engine_name == "mariadb":
        two = 'op.execute("ALTER TABLE wide DROP c4, DROP c3, ADD new INTEGER, ADD COLUMN more TEXT AFTER c1")'
    blog.revision(two, back)
    blog.revision('op.drop_column("wide", "new")', f'op.add_column("wide", {NEW})')
    blog.revision('op.add_column("wide", sa.Column("last", sa.Date))', 'op.drop_column("wide", "last")')
    flask_rewind.upgrade(revision="1")
    blog.run("UPDATE wide SET new = c1 * 10, more = c2")
    walked(blog, "3", "base", "1", "3", "2", "base", is_planned=has_all(blog))


def test_values_go_with_their_rows(blog: History) -> None:
    blog.revision(UP, DOWN)
    flask_rewind.upgrade()
    blog.run("UPDATE wide SET c2 = 'other' WHERE c1 = 3")
    blog.run("UPDATE wide SET c1 = c1 + 100 WHERE c1 > 4")
    blog.run("UPDATE wide SET c1 = 5 WHERE c1 = 106")
    blog.run("DELETE FROM wide WHERE c1 = 2")
    blog.run("REPLACE INTO wide (c1, c2, new) VALUES (1, 'k1', 1)")
    blog.run("INSERT INTO wide (c1, c2, new) VALUES (2, 'k2', 2)")
    flask_rewind.downgrade(fill={"wide.c3": "'-'"})
    assert blog.rows("SELECT c1, c2, c3 FROM wide ORDER BY c1") == [
        (1, "k1", "-"),
        (2, "k2", "-"),
        (3, "other", "a"),
        (4, "k4", "A"),
        (5, "k6", "x" * 40),
        (105, "k5", VALUES[4]),
    ]
    flask_rewind.upgrade()
    assert blog.rows("SELECT new FROM wide ORDER BY c1") == [(1,), (2,), (None,), (None,), (None,), (None,)]


def test_new_rows_have_no_value_of_their_own(blog: History) -> None:
    blog.revision(UP.replace("c3", "c4"), f'op.drop_column("wide", "new")\nop.add_column("wide", {C4})')
    blog.revision(f'op.drop_column("wide", "new")\nop.add_column("wide", {C4})', UP.replace("c3", "c4"))
    flask_rewind.upgrade(revision="1")
    blog.run("INSERT INTO wide (c1, c2, c3) VALUES (9, 'k9', '')")
    flask_rewind.upgrade()
    assert blog.rows("SELECT DISTINCT c4 FROM wide") == [(4,)]
    flask_rewind.downgrade(revision="base")
    assert blog.rows("SELECT c4 FROM wide ORDER BY c1") == [(1,), (None,), (3,), (None,), (5,), (None,), (4,)]


def test_under_other_names_and_hidden_as_a_whole(blog: History) -> None:
    blog.revision(UP, DOWN)
    blog.revision(
        'op.rename_table("wide", "very_wide")\nop.alter_column("very_wide", "c2", new_column_name="k", '
        "existing_type=sa.String(20), existing_nullable=False)",
        'op.alter_column("very_wide", "k", new_column_name="c2", existing_type=sa.String(20),'
        ' existing_nullable=False)\nop.rename_table("very_wide", "wide")',
    )
    flask_rewind.upgrade(revision="1")
    blog.run("UPDATE wide SET new = c1")
    flask_rewind.upgrade()
    blog.run("UPDATE very_wide SET c1 = 77, k = 'z' WHERE c1 = 3")
    walked(blog, "2", "1", "2", is_planned=has_all(blog))
    flask_rewind.downgrade(revision="base")
    assert blog.rows("SELECT c3 FROM wide WHERE c1 = 77") == [("a",)]
    path = blog.revision('op.drop_table("very_wide")', "pass")
    flask_rewind.upgrade()
    flask_rewind.downgrade(from_journal=True)
    assert blog.rows("SELECT c1, new FROM very_wide WHERE c1 = 77") == [(77, 3)]
    path.unlink()
    flask_rewind.downgrade(revision="base", from_journal=True)
    assert blog.rows("SELECT c3 FROM wide WHERE c1 = 77") == [("a",)]


def test_what_is_beside_can_be_forgotten(blog: History) -> None:
    blog.revision(UP, DOWN)
    flask_rewind.upgrade()
    (kept,) = flask_rewind.attic()
    assert (kept.table, kept.column, kept.rows) == ("wide", "c3", len(VALUES))
    assert kept.bytes == sum(len(value.encode()) for value in VALUES)
    (row,) = flask_rewind.purge(row=("wide", "3,k3"))
    assert (row.rows, flask_rewind.attic()[0].rows) == (1, len(VALUES) - 1)
    flask_rewind.downgrade(fill={"wide.c3": "'?'"})
    assert blog.rows("SELECT c3 FROM wide WHERE c1 IN (2, 3) ORDER BY c1") == [(" ",), ("?",)]
    flask_rewind.upgrade()
    with pytest.raises(Refused, match=r"wide\.c3 cannot be made visible again: its table has no room"):
        flask_rewind.eject(restore=True)
    flask_rewind.purge(place="wide.c3")
    assert not flask_rewind.attic()
    blog.run("UPDATE wide SET c1 = 50 WHERE c1 = 5")
    assert not [name for name in sa.inspect(blog.engine).get_table_names() if name.startswith("_attic_")]


def test_all_goes_with_its_table(empty: History, engine_name: str) -> None:
    blog = fill(empty, MOST[engine_name])
    blog.revision(UP, DOWN)
    blog.revision('op.drop_table("wide")', "pass")
    flask_rewind.upgrade()
    assert len(flask_rewind.attic()) == 2
    flask_rewind.purge(place="wide")
    assert not flask_rewind.attic()
    assert not [name for name in sa.inspect(blog.engine).get_table_names() if name.startswith("_attic_")]


def test_a_crossing_that_fails_behind_it_is_taken_back(blog: History) -> None:
    path = blog.revision(f"{UP}\nop.execute('nonsense')", DOWN)
    before = everything(blog.engine)
    with pytest.raises(CrossingFailed):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    path.write_text(path.read_text().replace("op.execute('nonsense')", ""))
    flask_rewind.upgrade()
    blog.run("UPDATE wide SET new = c1")
    after = everything(blog.engine)
    path.write_text(path.read_text() + "\n    op.execute('nonsense')\n")
    with pytest.raises(CrossingFailed):
        flask_rewind.downgrade()
    assert everything(blog.engine) == after


@pytest.mark.on("mariadb")
def test_values_that_would_set_off_a_trigger_are_refused(blog: History) -> None:
    trigger = "CREATE TRIGGER counts BEFORE UPDATE ON wide FOR EACH ROW BEGIN SET NEW.c5 = 99; END"
    blog.revision(UP, DOWN)
    flask_rewind.upgrade()
    blog.run(trigger)
    before = everything(blog.engine)
    for move in (flask_rewind.downgrade, flask_rewind.upgrade):
        with pytest.raises(Refused, match=r"a value for wide\..*, and that UPDATE would fire the trigger counts"):
            move()
        assert everything(blog.engine) == before
        blog.run("DROP TRIGGER counts")
        flask_rewind.checkout(revision="base")
        blog.run(trigger)
        before = everything(blog.engine)


@pytest.mark.on("sqlite")
def test_a_trigger_of_the_table_sees_no_row_change(blog: History) -> None:
    blog.revision(UP, DOWN)
    flask_rewind.upgrade()
    blog.run("CREATE TRIGGER counts AFTER UPDATE ON wide FOR EACH ROW BEGIN UPDATE wide SET c5 = 99; END")
    flask_rewind.downgrade()
    assert blog.rows("SELECT DISTINCT c5 FROM wide") == [(5,)]


@pytest.mark.on("mariadb")  # SQLite plans on a copy of the whole database
def test_a_plan_looks_at_all_rows_that_a_side_table_is_of(blog: History, monkeypatch: pytest.MonkeyPatch) -> None:
    blog.revision(UP, DOWN)
    flask_rewind.upgrade()
    monkeypatch.setattr("flask_rewind.engines.mysql.stand_in.COPIED_WHOLE", 1)
    monkeypatch.setattr("flask_rewind.engines.mysql.stand_in.SAMPLE", 1)
    assert not flask_rewind.plan(revision="base").refused
    blog.run("INSERT INTO wide (c1, c2) VALUES (9, 'k9')")
    refused = "wide.c3 returns NOT NULL without a default, and 1 rows were inserted while it was hidden"
    assert refused in flask_rewind.plan(revision="base").refused


def test_another_type_for_the_key_is_refused(table: Callable[..., History], engine_name: str) -> None:
    blog = table()
    change = 'with op.batch_alter_table("wide") as b:\n    b.alter_column("c1", type_=sa.{}, existing_nullable=False)'
    blog.revision(change.format("BigInteger" if engine_name == "mariadb" else "String(9)"), "pass")
    flask_rewind.upgrade(revision="1")
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"wide\.c3 \(stored as _attic_1|wide\.c3 is in a side"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before


@pytest.mark.on("sqlite")  # the only engine whose primary keys may be NULL
def test_a_key_that_may_be_null_has_no_side_table(table: Callable[..., History]) -> None:
    table(first="c1 TEXT PRIMARY KEY")
    with pytest.raises(Refused, match="wide has no room for this beside its hidden columns"):
        flask_rewind.upgrade()


def test_a_column_that_is_called_primary_is_no_key(table: Callable[..., History]) -> None:
    blog = table()
    blog.revision("op.execute('ALTER TABLE wide ADD COLUMN primary_author INTEGER')", "pass")
    blog.revision('op.drop_column("wide", "new")', f'op.add_column("wide", {NEW})')
    path = blog.revision("pass", "pass").with_name("2_step.py")
    path.write_text(
        path.read_text().replace("op.execute('ALTER", "op.drop_column('wide', 'c4')\n    op.execute('ALTER")
    )
    flask_rewind.upgrade()
    assert "primary_author" in {each["name"] for each in sa.inspect(blog.engine).get_columns("wide")}


TEXTS = "c1 TEXT NOT NULL COLLATE NOCASE PRIMARY KEY"
NUMBER = "c1 INTEGER PRIMARY KEY"


@pytest.fixture
def table(empty: History, engine_name: str) -> Callable[..., History]:
    """Create a table with the maximum number of columns, c3 last, and a revision that replaces c3 by another column."""

    def make(first: str = NUMBER, c3: str = "c3 VARCHAR(20)") -> History:
        if engine_name == "sqlite":
            with_few(empty)
        count = FEW if engine_name == "sqlite" else MOST[engine_name]
        others = ", ".join(f"c{at} INTEGER" for at in range(4, count + 1))
        empty.run(f"CREATE TABLE wide ({first}, c2 INTEGER, {others}, {c3})")
        empty.revision(RAW, BACK)
        return empty

    return make


ADD_C3 = "ALTER TABLE wide ADD COLUMN c3 VARCHAR(20)"
RAW = "op.execute('ALTER TABLE wide DROP COLUMN c3')\nop.execute('ALTER TABLE wide ADD COLUMN new INTEGER')"
BACK = f"op.execute('ALTER TABLE wide DROP COLUMN new')\nop.execute({ADD_C3!r})"


def test_a_return_that_fails_again_and_again_keeps_every_value(table: Callable[..., History]) -> None:
    blog = table()
    blog.run("INSERT INTO wide (c1, c3) VALUES (1, 'v1'), (2, 'v2')")
    flask_rewind.upgrade()
    blog.run("UPDATE wide SET new = 5")
    before = everything(blog.engine)
    path = blog.revision("pass", "pass").with_name("1_step.py")
    path.write_text(path.read_text() + "\n    op.execute('nonsense')\n")
    for _ in range(2):
        with pytest.raises(CrossingFailed):
            flask_rewind.downgrade(revision="base")
        assert everything(blog.engine) == before
        assert [(each.place, each.rows) for each in flask_rewind.attic()] == [("wide.c3", 2)]
    path.write_text(path.read_text().replace("op.execute('nonsense')", ""))
    flask_rewind.downgrade(revision="base")
    assert blog.rows("SELECT c3 FROM wide ORDER BY c1") == [("v1",), ("v2",)]


@pytest.mark.on("mariadb")  # strict mode can be off
def test_values_that_the_server_would_not_take_today_return(table: Callable[..., History]) -> None:
    enum = "c3 ENUM('a', 'b')"
    blog = table(c3=enum)
    with blog.engine.begin() as connection:
        connection.exec_driver_sql("SET SESSION sql_mode = ''")
        connection.exec_driver_sql("INSERT INTO wide (c1, c3) VALUES (1, 'a'), (2, 'neither')")
        connection.exec_driver_sql("SET SESSION sql_mode = DEFAULT")
    before = blog.rows("SELECT c1, c3, c3 + 0 FROM wide ORDER BY c1")
    path = blog.revision("pass", "pass").with_name("1_step.py")
    path.write_text(path.read_text().replace(repr(f"{ADD_C3}"), repr(ADD_C3.replace("c3 VARCHAR(20)", enum))))
    flask_rewind.upgrade()
    flask_rewind.downgrade(revision="base")
    assert blog.rows("SELECT c1, c3, c3 + 0 FROM wide ORDER BY c1") == before


def text_of(blog: History, table: str) -> str:
    """Return the statement that creates a table."""
    query = {
        "mysql": f"SHOW CREATE TABLE {table}",
        "sqlite": f"SELECT name, sql FROM sqlite_master WHERE name = '{table}'",
    }
    return str(blog.rows(query[blog.engine.dialect.name])[0][1])


def test_a_table_that_is_made_and_changed_in_one_revision(table: Callable[..., History]) -> None:
    blog = table()
    made = text_of(blog, "wide").replace("wide", "other", 1)
    blog.revision(f"{executed(made)}\n{RAW.replace('wide', 'other')}", 'op.drop_table("other")')
    flask_rewind.upgrade()
    blog.run("INSERT INTO other (c1, new) VALUES (1, 6), (2, 7)")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade()
        flask_rewind.upgrade()
        assert everything(blog.engine) == before


def test_a_table_put_in_the_place_of_one_with_a_side_table(table: Callable[..., History]) -> None:
    blog = table()
    blog.run("INSERT INTO wide (c1, c3) VALUES (1, 'v1'), (2, 'v2')")
    flask_rewind.upgrade()
    made = text_of(blog, "wide")
    put = [
        "\n".join(
            [
                executed(made.replace("wide", name, 1), f"INSERT INTO {name} SELECT * FROM wide"),
                f"op.drop_table('wide')\nop.rename_table('{name}', 'wide')",
            ]
        )
        for name in ("w2", "w3")
    ]
    blog.revision(*put)
    flask_rewind.upgrade()
    flask_rewind.downgrade(revision="base")
    assert blog.rows("SELECT c1, c3 FROM wide ORDER BY c1") == [(1, "v1"), (2, "v2")]


KEYS = {
    "another case": (TEXTS, ["'abc'"], ["UPDATE wide SET c1 = 'ABC'"], "'ABC'"),
    "row id": (NUMBER, ["1"], ["UPDATE wide SET rowid = 100"], "100"),
    "text as a number": (
        "c1 INTEGER NOT NULL PRIMARY KEY DESC",
        ["'x'", "7"],
        ["UPDATE wide SET c1 = 'y' WHERE c1 = 'x'"],
        "'y'",
    ),
    "a comment": (f"{NUMBER} -- the key\n", ["1"], ["UPDATE wide SET c1 = 2"], "2"),
}


@pytest.mark.parametrize("how", KEYS)
@pytest.mark.on("sqlite")
def test_keys_as_sqlite_takes_them(table: Callable[..., History], how: str) -> None:
    first, keys, changes, key = KEYS[how]
    blog = table(first=first, c3="c3 VARCHAR(20) -- the last\n")
    for each in keys:
        blog.run(f"INSERT INTO wide (c1, c3) VALUES ({each}, 'v' || {each})")
    flask_rewind.upgrade()
    for change in changes:
        blog.run(change)
    flask_rewind.downgrade()
    assert blog.rows(f"SELECT c3 FROM wide WHERE c1 = {key}") == [(f"v{keys[0].strip(chr(39))}",)]
    assert blog.rows("SELECT count(*) FROM wide WHERE c3 IS NULL") == [(0,)]


OTHER_KEY = {
    "mariadb": "op.execute('ALTER TABLE wide DROP PRIMARY KEY, ADD PRIMARY KEY (c2)')",
    "sqlite": 'with op.batch_alter_table("wide") as b:\n    b.create_primary_key("pk", ["c2"])',
}


def test_another_primary_key_is_refused(table: Callable[..., History], engine_name: str) -> None:
    blog = table()
    blog.run("INSERT INTO wide (c1, c2, c3) VALUES (1, 11, 'v1'), (2, 12, 'v2')")
    blog.run("UPDATE wide SET c2 = c1") if engine_name == "sqlite" else blog.run(
        "ALTER TABLE wide MODIFY c2 INTEGER NOT NULL"
    )
    blog.revision(OTHER_KEY[engine_name], "pass")
    flask_rewind.upgrade(revision="1")
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"the primary key of wide cannot change while the hidden wide\.c3 is in a side"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before


@pytest.mark.parametrize("change", ["ENGINE=Aria", "DROP COLUMN c1", "PARTITION BY HASH (c1)"])
@pytest.mark.on("mariadb")  # only there does a side table have a foreign key
def test_what_a_side_table_forbids_names_it(table: Callable[..., History], change: str) -> None:
    blog = table()
    blog.run("INSERT INTO wide (c1, c3) VALUES (1, 'v1')")
    blog.revision(f"op.execute('ALTER TABLE wide {change}')", "pass")
    flask_rewind.upgrade(revision="1")
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"wide\.c3 \(stored as _attic_1") as refused:
        flask_rewind.upgrade()
    assert "flask db purge wide.c3" in refused.value.hint
    assert everything(blog.engine) == before


@pytest.mark.on("sqlite")  # a trigger keeps a column in its table
def test_no_way_back_where_nothing_can_make_way(table: Callable[..., History]) -> None:
    blog = table()
    blog.run("INSERT INTO wide (c1, c3) VALUES (1, 'v1')")
    flask_rewind.upgrade()
    blog.run("CREATE TRIGGER t AFTER INSERT ON wide BEGIN UPDATE wide SET new = 1 WHERE c1 = NEW.c1; END")
    before = everything(blog.engine)
    with pytest.raises(Refused, match="wide has no room for this beside its hidden columns"):
        flask_rewind.downgrade()
    assert everything(blog.engine) == before


@pytest.mark.on("sqlite")  # on MariaDB table names are case-sensitive
def test_a_table_in_other_letters(table: Callable[..., History]) -> None:
    blog = table()
    blog.run("INSERT INTO wide (c1, c3) VALUES (1, 'v1')")
    path = blog.revision("pass", "pass").with_name("1_step.py")
    path.write_text(path.read_text().replace("TABLE wide", "TABLE Wide"))
    flask_rewind.upgrade()
    flask_rewind.downgrade(revision="base")
    assert blog.rows("SELECT c3 FROM wide") == [("v1",)]


def test_names_with_a_backtick(table: Callable[..., History], engine_name: str) -> None:
    quoted = "`k``1`" if engine_name == "mariadb" else '"k`1"'
    blog = table(first=f"{quoted} INTEGER PRIMARY KEY")
    blog.run(f"INSERT INTO wide ({quoted}, c3) VALUES (1, 'v1')")
    flask_rewind.upgrade()
    blog.run(f"UPDATE wide SET {quoted} = 2")
    flask_rewind.downgrade()
    assert blog.rows(f"SELECT {quoted}, c3 FROM wide") == [(2, "v1")]


def test_a_side_table_without_its_table_is_forgotten_too(table: Callable[..., History]) -> None:
    blog = table()
    blog.run("INSERT INTO wide (c1, c3) VALUES (1, 'v1')")
    flask_rewind.upgrade()
    (row,) = flask_rewind.purge(row=("wide", "1"))
    assert row.rows == 1
    if blog.engine.dialect.name == "sqlite":
        blog.run("DROP TABLE wide")
    flask_rewind.purge(everything=True)
    assert not [name for name in sa.inspect(blog.engine).get_table_names() if name.startswith("_attic_")]
