"""MariaDB: the index that the server makes under a foreign key is kept, dropped and recreated as without Rewind."""

from collections.abc import Callable, Iterable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import CrossingFailed
from histories import History, executed

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("engine_name", ["mariadb"], indirect=True)]

PARENTS = executed(
    "CREATE TABLE p (id INT PRIMARY KEY)",
    "CREATE TABLE q (a INT, b INT, PRIMARY KEY (a, b))",
)
UNNAMED = "FOREIGN KEY (p_id) REFERENCES p (id)"
TWO_COLUMNS = "FOREIGN KEY (x, y) REFERENCES q (a, b)"
KEYS = {
    "unnamed": UNNAMED,
    "named": f"CONSTRAINT fk_named {UNNAMED}",
    "composite": TWO_COLUMNS,
    "named_composite": f"CONSTRAINT fk_composite {TWO_COLUMNS}",
    "to_itself": "FOREIGN KEY (x) REFERENCES to_itself (id) ON DELETE CASCADE",
    "own_index": f"KEY mine (p_id), {UNNAMED}",
    "own_index_like_the_column": f"KEY p_id (p_id), {UNNAMED}",
    "own_index_like_the_key": f"KEY fk_like (p_id), CONSTRAINT fk_like {UNNAMED}",
    "longer_index": f"UNIQUE KEY mine (p_id, x), {UNNAMED}",
    "several": f"{UNNAMED}, CONSTRAINT fk_second FOREIGN KEY (x) REFERENCES p (id), FOREIGN KEY (y) REFERENCES p (id)",
    "two_on_one_column": f"{UNNAMED}, FOREIGN KEY (p_id) REFERENCES unnamed (id)",
    "begins_like_another": f"{TWO_COLUMNS}, FOREIGN KEY (x) REFERENCES p (id)",
}
"""Keys and indexes by the name of their table."""


def drop_key(table: str, name: str) -> str:
    return f'op.drop_constraint("{name}", "{table}", type_="foreignkey")'


def child(name: str, *parts: str) -> str:
    return executed(f"CREATE TABLE {name} ({', '.join(['id INT PRIMARY KEY, p_id INT, x INT, y INT', *parts])})")


def lines(parts: Iterable[str]) -> str:
    return "\n".join(parts)


@pytest.fixture
def blog(make_app: MakeApp, database_url: str, engine_name: str) -> History:
    made = History(make_app(database_url))
    made.revision(PARENTS, 'op.drop_table("q")\nop.drop_table("p")')
    return made


@pytest.fixture
def family(blog: History) -> History:
    """Return a history whose second revision creates a table for each of `KEYS`."""
    made = lines(child(name, key) for name, key in KEYS.items())
    blog.revision(made, lines(f'op.drop_table("{name}")' for name in reversed(KEYS)))
    return blog


def shown(blog: History) -> dict[str, list[str]]:
    """Return all keys, including foreign keys, of the app's tables."""
    names = [name for name in sa.inspect(blog.engine).get_table_names() if not name.startswith(("_attic", "rewind"))]
    texts = {name: blog.rows(f"SHOW CREATE TABLE `{name}`")[0][1].splitlines() for name in names}
    return {
        name: sorted(line.strip(" ,") for line in text if "KEY" in line and "`_attic_" not in line)
        for name, text in texts.items()
    }


def trips(blog: History, *targets: str) -> None:
    """Go up, then down to each target and up again; check that the keys and their names are the same each time."""
    flask_rewind.upgrade()
    head, below = shown(blog), dict[str, object]()
    for target in targets or ("-1", "base", "-1"):
        flask_rewind.downgrade(revision=target)
        found = shown(blog)
        assert found == below.setdefault(target, found)
        flask_rewind.upgrade()
        assert shown(blog) == head


BATCH = """
with op.batch_alter_table("batch") as block:
    block.drop_constraint("fk2", type_="foreignkey")
    block.drop_index("fk2")
"""
DROPS = {
    "directives": (f"CONSTRAINT fk1 {UNNAMED}", drop_key("directives", "fk1") + '\nop.drop_index("fk1", "directives")'),
    "batch": (f"CONSTRAINT fk2 {UNNAMED}", BATCH),
    "raw_index": (
        f"CONSTRAINT fk3 {UNNAMED}",
        drop_key("raw_index", "fk3") + "\n" + executed("DROP INDEX fk3 ON raw_index"),
    ),
    "raw_key": (
        f"CONSTRAINT fk4 {UNNAMED}",
        executed("ALTER TABLE raw_key DROP FOREIGN KEY fk4", "ALTER TABLE raw_key DROP KEY fk4"),
    ),
    "raw_first": (
        f"CONSTRAINT fk5 {UNNAMED}",
        executed("ALTER TABLE raw_first DROP FOREIGN KEY fk5") + '\nop.drop_index("fk5", "raw_first")',
    ),
    "in_one": (
        f"CONSTRAINT fk6 {UNNAMED}",
        executed("ALTER TABLE `in_one` DROP FOREIGN KEY `fk6`, DROP INDEX `fk6`"),
    ),
    "capitals": (f"CONSTRAINT fk7 {UNNAMED}", executed("alter table capitals drop constraint FK7, drop key FK7")),
    "several": (f"CONSTRAINT fk8 {TWO_COLUMNS}", drop_key("several", "fk8") + '\nop.drop_index("fk8", "several")'),
    "two": (TWO_COLUMNS, drop_key("two", "two_ibfk_1") + '\nop.drop_index("x", "two")'),
    "like_column": (UNNAMED, drop_key("like_column", "like_column_ibfk_1") + '\nop.drop_index("p_id", "like_column")'),
    "own": (
        f"CONSTRAINT fk9 {UNNAMED}",
        drop_key("own", "fk9") + '\nop.drop_index("mine", "own")',
    ),
    "own_first": (
        f"CONSTRAINT fk10 {UNNAMED}",
        'op.drop_index("mine", "own_first")\n' + drop_key("own_first", "fk10"),
    ),
}
"""By the name of the table: its foreign key, and the script that drops the key and its index."""


def test_a_foreign_key_goes_and_then_its_index(blog: History) -> None:
    indexes = {name: ["KEY mine (p_id)"] for name in ("own", "own_first")}
    blog.revision(lines(child(name, *indexes.get(name, []), key) for name, (key, _) in DROPS.items()), "pass")
    back = [
        f"ALTER TABLE {name} ADD {part}" for name, (key, _) in DROPS.items() for part in [*indexes.get(name, []), key]
    ]
    blog.revision(lines(drop for _, drop in DROPS.values()), executed(*back))
    trips(blog, "-1", "-1")
    assert {name: shown(blog)[name] for name in DROPS} == {name: ["PRIMARY KEY (`id`)"] for name in DROPS}


def test_a_key_that_goes_alone_leaves_its_index(blog: History) -> None:
    blog.revision(
        child("c", f"CONSTRAINT fk1 {UNNAMED}") + "\n" + child("d", f"KEY fk2 (p_id), CONSTRAINT fk2 {UNNAMED}"),
        'op.drop_table("d")\nop.drop_table("c")',
    )
    blog.revision(
        drop_key("c", "fk1") + "\n" + drop_key("d", "fk2"),
        'op.create_foreign_key("fk1", "c", "p", ["p_id"], ["id"])\n'
        'op.create_foreign_key("fk2", "d", "p", ["p_id"], ["id"])',
    )
    trips(blog, "-1", "base")
    assert shown(blog)["c"] == ["KEY `fk1` (`p_id`)", "PRIMARY KEY (`id`)"]
    assert shown(blog)["d"] == ["KEY `fk2` (`p_id`)", "PRIMARY KEY (`id`)"]


def test_the_index_of_a_dropped_key_stays_for_a_later_revision(blog: History) -> None:
    blog.revision(child("c", f"CONSTRAINT fk1 {UNNAMED}"), 'op.drop_table("c")')
    blog.revision(drop_key("c", "fk1"), 'op.create_foreign_key("fk1", "c", "p", ["p_id"], ["id"])')
    blog.revision('op.drop_index("fk1", "c")', 'op.create_index("fk1", "c", ["p_id"])')
    trips(blog, "-1", "-2", "base")


def test_a_way_down_that_drops_a_key_alone_leaves_no_index(blog: History) -> None:
    blog.revision(child("c"), 'op.drop_table("c")')
    blog.revision(executed(f"ALTER TABLE c ADD {UNNAMED}"), drop_key("c", "c_ibfk_1"))
    trips(blog, "-1", "-1")


def test_what_drops_the_index_by_its_name_runs_after_a_trip(blog: History) -> None:
    blog.revision(child("c", UNNAMED), 'op.drop_table("c")')
    blog.revision(
        drop_key("c", "c_ibfk_1") + '\nop.drop_index("p_id", "c")',
        'op.create_foreign_key("c_ibfk_1", "c", "p", ["p_id"], ["id"])',
    )
    trips(blog, "base", "-1", "base")


def test_tables_return_with_the_names_of_their_indexes(family: History) -> None:
    trips(family)


def test_the_server_drops_its_own_index_after_a_trip_as_before(family: History) -> None:
    made = [f"CREATE INDEX {index} ON {name} ({on})" for name in KEYS for index, on in (("a", "p_id"), ("b", "x, y"))]
    down = [f'op.drop_index("{index}", "{name}")' for name in reversed(KEYS) for index in "ba"]
    family.revision(executed(*made), lines(down))
    trips(family)


def test_keys_to_hidden_tables_return_with_the_names_of_their_indexes(family: History) -> None:
    family.revision('op.drop_table("q")\nop.drop_table("p")', PARENTS)
    trips(family)


def test_columns_return_with_the_names_of_their_indexes(family: History) -> None:
    columns = [(name, column) for name in KEYS for column in ("x", "p_id")]
    family.revision(
        lines(f'op.drop_column("{name}", "{column}")' for name, column in columns),
        lines(f'op.add_column("{name}", sa.Column("{column}", sa.Integer))' for name, column in reversed(columns)),
    )
    trips(family)
    flask_rewind.downgrade()
    family.run("CREATE INDEX later ON unnamed (p_id)")
    assert [line for line in shown(family)["unnamed"] if line.startswith("KEY")] == ["KEY `later` (`p_id`)"]


def test_a_script_that_makes_the_key_itself_brings_the_name_back(blog: History) -> None:
    blog.revision(child("c", UNNAMED) + "\n" + child("d", UNNAMED), 'op.drop_table("d")\nop.drop_table("c")')
    blog.revision(
        drop_key("c", "c_ibfk_1") + "\n" + drop_key("d", "d_ibfk_1"),
        'op.create_foreign_key("c_ibfk_1", "c", "p", ["p_id"], ["id"])\n'
        + executed(f"ALTER TABLE d ADD CONSTRAINT d_ibfk_1 {UNNAMED}"),
    )
    trips(blog)


def test_what_the_journal_takes_back_has_the_names_too(blog: History) -> None:
    blog.revision(child("c", UNNAMED), 'op.drop_table("c")')
    blog.revision('op.create_index("mine", "c", ["p_id"])', "pass")
    flask_rewind.upgrade(revision="2")
    before = shown(blog)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade(from_journal=True)
        assert shown(blog)["c"] == before["c"]


def test_a_crossing_that_fails_leaves_the_names(blog: History) -> None:
    blog.revision(child("c", UNNAMED), 'op.drop_table("c")')
    flask_rewind.upgrade()
    before = shown(blog)
    blog.revision(
        'op.create_index("mine", "c", ["p_id"])\nop.drop_table("p")\n'
        'op.drop_column("c", "p_id")\nop.execute("nonsense")',
        "pass",
    )
    for _ in range(2):
        with pytest.raises(CrossingFailed):
            flask_rewind.upgrade()
        assert shown(blog) == before


RETURNING = {
    "in a batch": 'with op.batch_alter_table("named") as block:\n'
    '    block.create_foreign_key("fk_named", "p", ["p_id"], ["id"])',
    "after another change of the table": 'op.alter_column("named", "x", server_default="1", existing_type=sa.Integer)\n'
    'op.alter_column("named", "x", server_default=None, existing_type=sa.Integer)\n'
    'op.create_foreign_key("fk_named", "named", "p", ["p_id"], ["id"])',
}


@pytest.mark.parametrize("how", RETURNING)
def test_a_key_called_like_its_index_is_made_again(blog: History, how: str) -> None:
    blog.revision(child("named", KEYS["named"]), 'op.drop_table("named")')
    dropped = lines([drop_key("named", "fk_named"), 'op.drop_column("named", "p_id")'])
    blog.revision(dropped, lines(['op.add_column("named", sa.Column("p_id", sa.Integer))', RETURNING[how]]))
    flask_rewind.upgrade(revision="2")
    before = blog.rows("SHOW CREATE TABLE named")
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert blog.rows("SHOW CREATE TABLE named") == before
