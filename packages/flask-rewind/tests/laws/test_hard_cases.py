"""The hard cases of undoing: exact data, or a refusal after which everything is as it was."""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import CrossingFailed, Refused
from histories import History, everything, executed, in_batch

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.combinations]

CREATE = """
op.create_table("author", sa.Column("id", sa.Integer, primary_key=True), mysql_charset="utf8mb4")
op.create_table(
    "post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("slug", sa.String(60)),
    sa.Column("title", sa.String(60)),
    sa.Column("author_id", sa.Integer, sa.ForeignKey("author.id", name="fk_author")),
    sa.UniqueConstraint("slug", name="uq_slug"),
    mysql_charset="utf8mb4",
)
"""


@pytest.fixture
def blog(make_app: MakeApp, database_url: str, engine_name: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    if engine_name == "sqlite":
        sa.event.listen(made.engine, "connect", lambda driver, _: driver.execute("PRAGMA foreign_keys=ON"))
        made.engine.dispose()
    made.revision(CREATE, 'op.drop_table("post")\nop.drop_table("author")')
    flask_rewind.upgrade()
    made.run("INSERT INTO author (id) VALUES (1), (2)")
    made.run("INSERT INTO post (id, slug, title, author_id) VALUES (1, 'a', 'é 😀', 1), (2, 'b', '', 2)")
    return made


def refused_with_everything_as_it_was(blog: History, match: str) -> None:
    before = everything(blog.engine)
    with pytest.raises((Refused, CrossingFailed), match=match):
        flask_rewind.downgrade()
    assert everything(blog.engine) == before
    assert flask_rewind.status()[0].unfinished is None
    assert flask_rewind.status()[0].current == ("2",)


def test_duplicates_under_a_returning_unique_constraint(blog: History) -> None:
    blog.revision(
        in_batch('drop_constraint("uq_slug", type_="unique")', 'drop_column("title")'),
        in_batch('add_column(sa.Column("title", sa.String(60)))', 'create_unique_constraint("uq_slug", ["slug"])'),
    )
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, slug) VALUES (3, 'a')")
    refused_with_everything_as_it_was(blog, "(?i)unique|duplicate")
    blog.run("DELETE FROM post WHERE id = 3")
    flask_rewind.downgrade()
    assert blog.rows("SELECT title FROM post ORDER BY id") == [("é 😀",), ("",)]


def test_orphans_under_a_foreign_key_that_returns_with_its_column(blog: History, engine_name: str) -> None:
    back = in_batch(
        'add_column(sa.Column("author_id", sa.Integer))',
        'create_foreign_key("fk_author", "author", ["author_id"], ["id"])',
    )
    blog.revision('op.drop_column("post", "author_id")', back)
    flask_rewind.upgrade()
    blog.run("DELETE FROM author WHERE id = 2")
    refused_with_everything_as_it_was(blog, "(?i)foreign key|without their row in author")
    blog.run("INSERT INTO author (id) VALUES (2)")
    flask_rewind.downgrade()
    assert blog.rows("SELECT author_id FROM post ORDER BY id") == [(1,), (2,)]


def test_values_too_long_for_the_type_that_returns(blog: History, engine_name: str) -> None:
    wide, narrow = "sa.String(600)", "sa.String(60)"
    blog.revision(
        in_batch(f'alter_column("title", type_={wide}, existing_type={narrow})'),
        in_batch(f'alter_column("title", type_={narrow}, existing_type={wide})'),
    )
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, title) VALUES (3, :long)", long="x" * 500)
    if engine_name == "sqlite":  # which holds any length under any type
        flask_rewind.downgrade()
        assert blog.rows("SELECT length(title) FROM post WHERE id = 3") == [(500,)]
    else:
        refused_with_everything_as_it_was(blog, "1 values would not come back")


def test_null_under_a_returning_not_null(blog: History) -> None:
    blog.run("UPDATE post SET title = '' WHERE title IS NULL")
    blog.revision(
        in_batch('alter_column("title", nullable=False, existing_type=sa.String(60))'),
        in_batch('alter_column("title", nullable=True, existing_type=sa.String(60))'),
    )
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    blog.run("INSERT INTO post (id, title) VALUES (3, NULL)")
    before = everything(blog.engine)
    why = "NULL value in post.title|Data truncated for column 'title' at row 3|contains null values"
    with pytest.raises((Refused, CrossingFailed), match=why):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before


def test_a_changed_primary_key_carries_the_hidden_value(blog: History) -> None:
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    flask_rewind.upgrade()
    blog.run("UPDATE post SET id = 70 WHERE id = 1")
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, title FROM post ORDER BY id") == [(2, ""), (70, "é 😀")]


def test_a_reused_key_does_not_get_a_dead_rows_value(blog: History) -> None:
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    flask_rewind.upgrade()
    blog.run("DELETE FROM post WHERE id = 2")
    blog.run("INSERT INTO post (id, slug) VALUES (2, 'new')")
    flask_rewind.downgrade()
    assert blog.rows("SELECT title FROM post WHERE id = 2") == [(None,)]


def test_a_table_without_a_key(blog: History) -> None:
    blog.run("CREATE TABLE loose (a INTEGER, b INTEGER)")
    blog.run("INSERT INTO loose VALUES (1, 10), (1, 10), (NULL, 20)")
    blog.revision('op.drop_column("loose", "b")', 'op.add_column("loose", sa.Column("b", sa.Integer))')
    flask_rewind.upgrade()
    blog.run("INSERT INTO loose (a) VALUES (3)")
    flask_rewind.downgrade()
    assert sorted(map(repr, blog.rows("SELECT a, b FROM loose"))) == ["(1, 10)", "(1, 10)", "(3, None)", "(None, 20)"]


def test_rows_emptied_in_between(blog: History) -> None:
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    flask_rewind.upgrade()
    blog.run("DELETE FROM post")
    blog.run("INSERT INTO post (id, slug) VALUES (1, 'a')")
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, title FROM post") == [(1, None)]


def test_the_next_number_of_a_table_that_returns(blog: History, engine_name: str) -> None:
    numbered = {
        "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
        "mariadb": "INTEGER PRIMARY KEY AUTO_INCREMENT",
        "postgresql": "SERIAL PRIMARY KEY",
    }
    blog.run(f"CREATE TABLE numbered (id {numbered[engine_name]}, c INTEGER)")
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


def test_the_order_of_columns(blog: History) -> None:
    blog.revision('op.drop_column("post", "slug")', 'op.add_column("post", sa.Column("slug", sa.String(60)))')
    before = [each["name"] for each in sa.inspect(blog.engine).get_columns("post")]
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert [each["name"] for each in sa.inspect(blog.engine).get_columns("post")] == before


def test_a_label_added_to_an_enum_type(blog: History, engine_name: str) -> None:
    if engine_name != "postgresql":
        pytest.skip("elsewhere the labels are part of the column")
    blog.run("CREATE TYPE mood AS ENUM ('glad')")
    blog.run("ALTER TABLE post ADD COLUMN mood mood")
    added = "with op.get_context().autocommit_block():\n    op.execute(\"ALTER TYPE mood ADD VALUE 'sad'\")"
    blog.revision(added, "pass")
    flask_rewind.upgrade()
    blog.run("UPDATE post SET mood = 'sad' WHERE id = 1")
    rows = everything(blog.engine)[1]
    for way in (False, True):  # no statement takes a label away, so it stays, and need not be added again
        flask_rewind.downgrade(from_journal=way)
        assert flask_rewind.status()[0].current == ("1",)
        flask_rewind.upgrade()
        assert everything(blog.engine)[1] == rows


@pytest.mark.parametrize("in_table", [False, True])
def test_a_type_with_an_added_label_comes_back_with_what_uses_it(
    blog: History, engine_name: str, in_table: bool
) -> None:
    if engine_name != "postgresql":
        pytest.skip("elsewhere the labels are part of the column")
    added, gone = 'op.add_column("post", sa.Column("mood", mood))', 'op.drop_column("post", "mood")'
    if in_table:
        added = 'op.create_table("feeling", sa.Column("id", sa.Integer, primary_key=True), sa.Column("mood", mood))'
        gone = 'op.drop_table("feeling")'
    kind = 'mood = sa.dialects.postgresql.ENUM("glad", "sad", name="mood", create_type=False)\n'
    blog.revision(
        f"{kind}mood.create(op.get_bind(), checkfirst=True)\n{added}", f'{gone}\nop.execute("DROP TYPE mood")'
    )
    blog.revision(executed("ALTER TYPE mood ADD VALUE 'calm' BEFORE 'sad'"), "pass")
    flask_rewind.upgrade()
    blog.run("INSERT INTO feeling VALUES (1, 'calm')" if in_table else "UPDATE post SET mood = 'calm' WHERE id = 1")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade(revision="base")
        flask_rewind.upgrade()
        assert everything(blog.engine) == before


def test_labels_of_an_enum_column_changed_under_its_values(blog: History, engine_name: str) -> None:
    if engine_name != "mariadb":
        pytest.skip("an enum that is part of its column")
    blog.run("ALTER TABLE post ADD COLUMN mood ENUM('glad', 'sad')")
    blog.run("UPDATE post SET mood = 'sad' WHERE id = 1")
    blog.revision(
        "op.execute(\"ALTER TABLE post MODIFY mood ENUM('glad', 'sad', 'calm')\")",
        "op.execute(\"ALTER TABLE post MODIFY mood ENUM('glad', 'sad')\")",
    )
    flask_rewind.upgrade()
    blog.run("UPDATE post SET mood = 'calm' WHERE id = 2")
    refused_with_everything_as_it_was(blog, "1 values would not come back")
    blog.run("UPDATE post SET mood = NULL WHERE id = 2")
    flask_rewind.downgrade()
    assert blog.rows("SELECT mood FROM post ORDER BY id") == [("sad",), (None,)]


def full_table(blog: History, engine_name: str) -> None:
    """Have a table that cannot take one column more, and has no key that a side table could be of."""
    count = {"sqlite": 1999, "mariadb": 1016}[engine_name]
    blog.run(f"CREATE TABLE wide (id INTEGER, {', '.join(f'c{n} INTEGER' for n in range(count))})")
    blog.run(f"INSERT INTO wide (id, {', '.join(f'c{n}' for n in range(count))}) VALUES (1{', 7' * count})")


def test_a_table_without_room_for_one_more_column(blog: History, engine_name: str) -> None:
    if engine_name == "postgresql":
        pytest.skip("a dropped column counts among the 1600 of PostgreSQL too")
    full_table(blog, engine_name)
    add, drop = 'op.add_column("wide", sa.Column("{}", sa.Integer))\n', 'op.drop_column("wide", "{}")\n'
    both = blog.revision(drop.format("c3") + add.format("d"), drop.format("d") + add.format("c3"))
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"no room for this beside what is hidden in it \(wide\.c3\)") as refused:
        flask_rewind.upgrade()
    assert "revision of its own" in refused.value.hint
    assert everything(blog.engine) == before
    both.unlink()
    blog.count -= 1
    blog.revision(drop.format("c3"), add.format("c3"))
    flask_rewind.upgrade()
    blog.revision(add.format("d"), drop.format("d"))
    assert "no room" in flask_rewind.plan().refused
    with pytest.raises(Refused, match="no room") as refused:
        flask_rewind.upgrade()
    assert refused.value.hint.endswith("flask db purge wide.c3")
    flask_rewind.purge(place="wide.c3")
    flask_rewind.upgrade()
    assert blog.rows("SELECT c2, c4, d FROM wide") == [(7, 7, None)]


@pytest.mark.parametrize("is_allowed", [True, False])
def test_a_table_that_keeps_its_history(blog: History, engine_name: str, is_allowed: bool) -> None:
    if engine_name != "mariadb":
        pytest.skip("only MariaDB has system-versioned tables")
    blog.run("CREATE TABLE old (id INTEGER PRIMARY KEY, word VARCHAR(9) NOT NULL) WITH SYSTEM VERSIONING")
    blog.run("INSERT INTO old (id, word) VALUES (1, 'a'), (2, 'b')")
    blog.run("UPDATE old SET word = 'c' WHERE id = 2")
    allow = 'op.execute("SET system_versioning_alter_history = KEEP")\n' * is_allowed
    added = 'op.add_column("old", sa.Column("word", sa.String(9), nullable=False))'
    blog.revision(f'{allow}op.drop_column("old", "word")', allow + added)
    query = "SELECT id, word FROM old FOR SYSTEM_TIME ALL ORDER BY id, word"
    before, schema = blog.rows(query), everything(blog.engine)
    if not is_allowed:
        with pytest.raises(CrossingFailed, match="system_versioning_alter_history"):
            flask_rewind.upgrade()
    else:
        flask_rewind.upgrade()
        blog.run("INSERT INTO old (id) VALUES (3)")
        blog.run("DELETE FROM old WHERE id = 3")
        flask_rewind.downgrade()
    assert [row for row in blog.rows(query) if row[0] < 3] == before
    assert everything(blog.engine) == schema


def only_on(engine_name: str, *names: str) -> None:
    if engine_name not in names:
        pytest.skip(f"a case of {', '.join(names)}")


def made(blog: History, *statements: str) -> None:
    """Make tables by hand, as another revision would have."""
    for statement in statements:
        with blog.engine.begin() as connection:
            connection.exec_driver_sql(statement)


KEYED_PAIR = "CREATE TABLE keyed_pair (id INTEGER NOT NULL, n INTEGER NOT NULL, CONSTRAINT pk_t PRIMARY KEY (id))"


def keyed(*columns: str) -> str:
    listed = ", ".join(f'"{column}"' for column in columns)
    return (
        'with op.batch_alter_table("keyed_pair") as block:\n    block.drop_constraint("pk_t", type_="primary")\n'
        f'    block.create_primary_key("pk_t", [{listed}])'
    )


@pytest.mark.parametrize("by_journal", [False, True])
@pytest.mark.parametrize("columns", [("id", "n"), ("n",)])
def test_another_primary_key(blog: History, columns: tuple[str, ...], by_journal: bool) -> None:
    made(blog, KEYED_PAIR, "INSERT INTO keyed_pair VALUES (1, 5), (2, 6)")
    blog.revision(keyed(*columns), "pass" if by_journal else keyed("id"))
    before = everything(blog.engine)
    flask_rewind.upgrade()
    blog.run("INSERT INTO keyed_pair VALUES (1, 7)")
    there = everything(blog.engine)
    with pytest.raises(CrossingFailed, match=r"(?i)unique|duplicate"):
        flask_rewind.downgrade(from_journal=by_journal)
    assert everything(blog.engine) == there
    blog.run("DELETE FROM keyed_pair WHERE n = 7")
    flask_rewind.downgrade(from_journal=by_journal)
    assert everything(blog.engine) == before


CHILD = "CREATE TABLE child (id INTEGER PRIMARY KEY, t INTEGER, CONSTRAINT fk_t FOREIGN KEY (t) REFERENCES {} (id){})"


def test_a_key_and_what_refers_to_it_become_longer(blog: History, engine_name: str) -> None:
    made(blog, "CREATE TABLE parent (id INTEGER PRIMARY KEY)", CHILD.format("parent", " ON DELETE CASCADE"))
    made(blog, "INSERT INTO parent VALUES (1), (2)", "INSERT INTO child VALUES (1, 1), (2, 2)")
    change = (
        'with op.batch_alter_table("child") as block:\n    block.drop_constraint("fk_t", type_="foreignkey")\n'
        'op.alter_column("parent", "id", type_=sa.{0}, existing_type=sa.{1}, existing_nullable=False)\n'
        'with op.batch_alter_table("child") as block:\n'
        '    block.alter_column("t", type_=sa.{0}, existing_type=sa.{1})\n'
        '    block.create_foreign_key("fk_t", "parent", ["t"], ["id"], ondelete="CASCADE")'
    ).replace('op.alter_column("parent", ', 'with op.batch_alter_table("parent") as block:\n    block.alter_column(')
    blog.revision(change.format("BigInteger", "Integer"), change.format("Integer", "BigInteger"))
    before = everything(blog.engine)
    flask_rewind.upgrade()
    blog.run("INSERT INTO parent (id) VALUES (5000000000)")
    if engine_name != "sqlite":  # whose integers have one length
        refused_with_everything_as_it_was(blog, "(?i)1 values would not come back|out of range")
    blog.run("DELETE FROM parent WHERE id = 5000000000")
    flask_rewind.downgrade()
    assert everything(blog.engine) == before


def test_a_choice_that_a_check_makes(blog: History) -> None:
    made(
        blog,
        "CREATE TABLE fan (id INTEGER PRIMARY KEY, mood VARCHAR(5),"
        " CONSTRAINT ck_mood CHECK (mood IN ('glad', 'sad')))",
        "INSERT INTO fan VALUES (1, 'glad'), (2, 'sad')",
    )
    block = 'with op.batch_alter_table("fan") as block:\n    block.drop_constraint("ck_mood", type_="check")\n'
    block += "    block.create_check_constraint('ck_mood', \"mood IN ({})\")"
    narrower = blog.revision(block.format("'glad', 'calm'"), "pass")
    before = everything(blog.engine)
    with pytest.raises((Refused, CrossingFailed), match=r"(?i)check|constraint `ck_mood`"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    narrower.unlink()
    blog.count -= 1
    blog.revision(block.format("'glad', 'sad', 'calm'"), block.format("'glad', 'sad'"))
    flask_rewind.upgrade()
    blog.run("INSERT INTO fan VALUES (3, 'calm')")
    refused_with_everything_as_it_was(blog, "(?i)check|constraint `ck_mood`")
    blog.run("DELETE FROM fan WHERE id = 3")
    flask_rewind.downgrade()
    assert everything(blog.engine) == before


LABELS = [
    ("'glad', 'calm'", ""),
    ("'sad', 'calm', 'glad'", ""),
    ("'glad', 'sad'", "calm"),
    ("'glad', 'sad', 'quiet'", "calm"),
]


@pytest.mark.parametrize(("labels", "lost"), LABELS, ids=["unused removed", "reordered", "used removed", "renamed"])
def test_labels_of_an_enum_removed_renamed_and_reordered(
    blog: History, engine_name: str, labels: str, lost: str
) -> None:
    only_on(engine_name, "mariadb", "postgresql")
    old = "'glad', 'sad', 'calm'"
    changed = ["ALTER TABLE fan MODIFY mood ENUM({})"]
    kind = f"ENUM({old})"
    if engine_name == "postgresql":
        made(blog, f"CREATE TYPE mood AS {kind}")
        kind = "mood"
        changed = [
            "ALTER TYPE mood RENAME TO mood_old",
            "CREATE TYPE mood AS ENUM ({})",
            "ALTER TABLE fan ALTER mood TYPE mood USING mood::text::mood",
            "DROP TYPE mood_old",
        ]
    made(blog, f"CREATE TABLE fan (id INTEGER PRIMARY KEY, mood {kind})")
    made(blog, "INSERT INTO fan VALUES (1, 'glad'), (2, 'calm')")
    blog.revision(*(executed(*(each.format(which) for each in changed)) for which in (labels, old)))
    before = everything(blog.engine)
    if lost:
        with pytest.raises((Refused, CrossingFailed), match=r"1 values would not come back|invalid input value"):
            flask_rewind.upgrade()
    else:
        flask_rewind.upgrade()
        blog.run("INSERT INTO fan VALUES (3, 'calm')")
        assert blog.rows("SELECT mood FROM fan ORDER BY id") == [("glad",), ("calm",), ("calm",)]
        blog.run("DELETE FROM fan WHERE id = 3")
        flask_rewind.downgrade()
    assert everything(blog.engine) == before


def test_a_label_of_an_enum_type_renamed(blog: History, engine_name: str) -> None:
    only_on(engine_name, "postgresql")
    made(blog, "CREATE TYPE mood AS ENUM ('glad', 'sad')", "ALTER TABLE post ADD COLUMN mood mood")
    made(blog, "UPDATE post SET mood = 'sad' WHERE id = 1")
    renamed = "ALTER TYPE mood RENAME VALUE '{}' TO '{}'"
    blog.revision(executed(renamed.format("sad", "blue")), executed(renamed.format("blue", "sad")))
    before = everything(blog.engine)
    flask_rewind.upgrade()
    assert blog.rows("SELECT mood FROM post WHERE id = 1") == [("blue",)]
    flask_rewind.downgrade()
    assert everything(blog.engine) == before


def test_a_label_used_before_it_is_committed(blog: History, engine_name: str) -> None:
    only_on(engine_name, "postgresql")
    made(blog, "CREATE TYPE mood AS ENUM ('glad')", "ALTER TABLE post ADD COLUMN mood mood")
    blog.revision(executed("ALTER TYPE mood ADD VALUE 'sad'", "UPDATE post SET mood = 'sad'"), "pass")
    before = everything(blog.engine)
    with pytest.raises(CrossingFailed, match="unsafe use of new value"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before


@pytest.mark.parametrize("name", ["t", "a", "layers", "c", "k"])
def test_a_table_of_a_name_that_the_catalogs_queries_use(blog: History, name: str) -> None:
    made(blog, f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, v INTEGER, w INTEGER)")
    made(blog, f"INSERT INTO {name} VALUES (1, 2, 3)")
    before = everything(blog.engine)
    blog.revision(f'op.drop_column("{name}", "w")', f'op.add_column("{name}", sa.Column("w", sa.Integer))')
    blog.revision(f'op.drop_column("{name}", "v")', f'op.add_column("{name}", sa.Column("v", sa.Integer))')
    flask_rewind.upgrade()
    flask_rewind.downgrade(revision="1")
    assert everything(blog.engine) == before


@pytest.mark.parametrize("kind", ["STORED", "VIRTUAL"])
@pytest.mark.parametrize("is_dropped", [True, False])
def test_a_generated_column_and_what_it_is_made_of(
    blog: History, engine_name: str, kind: str, is_dropped: bool
) -> None:
    if engine_name == "postgresql" and kind == "VIRTUAL":
        pytest.skip("PostgreSQL has them from 18 on")
    made(blog, f"CREATE TABLE sum (id INTEGER PRIMARY KEY, n INTEGER, g INTEGER GENERATED ALWAYS AS (n + 1) {kind})")
    made(blog, "INSERT INTO sum (id, n) VALUES (1, 5), (2, NULL)")
    drop, back = 'op.drop_column("sum", "n")', 'op.add_column("sum", sa.Column("n", sa.Integer))'
    if is_dropped:
        drop = 'op.drop_column("sum", "g")\n' + drop
        back += (
            '\nwith op.batch_alter_table("sum") as block:\n'
            f'    block.add_column(sa.Column("g", sa.Integer, sa.Computed("n + 1", persisted={kind == "STORED"})))'
        )
    blog.revision(drop, back)
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        blog.run("INSERT INTO sum (id) VALUES (9)")
        blog.run("DELETE FROM sum WHERE id = 9")
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


EMPTIED = {
    "sqlite": ["REPLACE INTO post (id, slug) VALUES (1, 'a')"],
    "mariadb": [
        "REPLACE INTO post (id, slug) VALUES (1, 'a')",
        "TRUNCATE TABLE post; INSERT INTO post (id, slug) VALUES (1, 'a')",
    ],
    "postgresql": ["TRUNCATE TABLE post RESTART IDENTITY; INSERT INTO post (slug) VALUES ('a')"],
}


@pytest.mark.parametrize("which", [0, 1])
def test_rows_emptied_and_loaded_in_bulk_in_between(blog: History, engine_name: str, which: int) -> None:
    if which >= len(EMPTIED[engine_name]):
        pytest.skip("no other way")
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    flask_rewind.upgrade()
    made(blog, *EMPTIED[engine_name][which].split("; "))
    made(blog, "INSERT INTO post (id, slug) SELECT id + 10, NULL FROM post WHERE id = 1")
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, title FROM post WHERE id <> 2 ORDER BY id") == [(1, None), (11, None)]


def test_rows_that_are_written_or_updated_in_one_statement(blog: History, engine_name: str) -> None:
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    flask_rewind.upgrade()
    conflict = "ON DUPLICATE KEY UPDATE" if engine_name == "mariadb" else "ON CONFLICT (id) DO UPDATE SET"
    made(blog, f"INSERT INTO post (id, slug) VALUES (1, 'x'), (3, 'y') {conflict} slug = 'z'")
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, slug, title FROM post ORDER BY id") == [
        (1, "z", "é 😀"),
        (2, "b", ""),
        (3, "y", None),
    ]


def test_rows_that_went_with_their_parent_do_not_return(blog: History) -> None:
    made(
        blog,
        "CREATE TABLE child (id INTEGER PRIMARY KEY, word VARCHAR(9), post_id INTEGER,"
        " FOREIGN KEY (post_id) REFERENCES post (id) ON DELETE CASCADE)",
    )
    made(blog, "INSERT INTO child VALUES (1, 'a', 1), (2, 'b', 2)")
    blog.revision('op.drop_column("child", "word")', 'op.add_column("child", sa.Column("word", sa.String(9)))')
    flask_rewind.upgrade()
    blog.run("DELETE FROM post WHERE id = 2")
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, word FROM child") == [(1, "a")]


VIOLATED = {
    "unique index": (
        'op.drop_index("ux", "thing")',
        'op.create_index("ux", "thing", ["c"], unique=True)',
        "INSERT INTO thing VALUES (3, 5, 5)",
        "unique|duplicate",
    ),
    "CHECK": (
        'block.drop_constraint("ck", type_="check")',
        'block.create_check_constraint("ck", "c > 0")',
        "INSERT INTO thing VALUES (3, -1, 5)",
        "check|constraint `ck`",
    ),
    "foreign key": (
        'block.drop_constraint("fk", type_="foreignkey")',
        'block.create_foreign_key("fk", "author", ["d"], ["id"])',
        "INSERT INTO thing VALUES (3, 7, 9)",
        "foreign key|without their row in author",
    ),
    "NOT NULL": (
        'block.alter_column("d", nullable=True, existing_type=sa.Integer)',
        'block.alter_column("d", nullable=False, existing_type=sa.Integer)',
        "INSERT INTO thing VALUES (3, 7, NULL)",
        "null|truncated",
    ),
}


@pytest.mark.parametrize("by_journal", [False, True])
@pytest.mark.parametrize("what", VIOLATED)
def test_what_returns_by_itself_where_the_rows_do_not_allow_it(blog: History, what: str, by_journal: bool) -> None:
    made(
        blog,
        "CREATE TABLE thing (id INTEGER PRIMARY KEY, c INTEGER, d INTEGER NOT NULL, CONSTRAINT ck CHECK (c > 0),"
        " CONSTRAINT fk FOREIGN KEY (d) REFERENCES author (id))",
        "CREATE UNIQUE INDEX ux ON thing (c)",
        "INSERT INTO thing VALUES (1, 5, 1), (2, 6, 2)",
    )
    if what == "unique index":
        made(blog, "INSERT INTO author (id) VALUES (5)")
    block = 'with op.batch_alter_table("thing") as block:\n    '
    drop, back, row, said = VIOLATED[what]
    drop, back = (each if each.startswith("op.") else block + each for each in (drop, back))
    before = everything(blog.engine)
    blog.revision(drop, "pass" if by_journal else back)
    flask_rewind.upgrade()
    if what != "foreign key":
        row = row.replace("-1, 5", "-1, 1")
    made(blog, row)
    there = everything(blog.engine)
    with pytest.raises((Refused, CrossingFailed), match=f"(?i){said}"):
        flask_rewind.downgrade(from_journal=by_journal)
    assert everything(blog.engine) == there
    blog.run("DELETE FROM thing WHERE id = 3")
    flask_rewind.downgrade(from_journal=by_journal)
    assert everything(blog.engine) == before


@pytest.mark.parametrize("action", ["", " ON DELETE CASCADE", " ON DELETE SET NULL"])
def test_the_parent_of_a_hidden_tables_rows_is_deleted(blog: History, action: str) -> None:
    made(blog, CHILD.format("author", action), "INSERT INTO child VALUES (1, 1), (2, 2)", "DELETE FROM post")
    option = f', ondelete="{action[11:]}"' if action else ""
    key = f'sa.ForeignKey("author.id", name="fk_t"{option})'
    blog.revision(
        'op.drop_table("child")',
        f'op.create_table("child", sa.Column("id", sa.Integer, primary_key=True), sa.Column("t", sa.Integer, {key}))',
    )
    before = everything(blog.engine)
    flask_rewind.upgrade()
    blog.run("DELETE FROM author WHERE id = 2")
    refused_with_everything_as_it_was(blog, "(?i)foreign key|without their row in author")
    blog.run("INSERT INTO author (id) VALUES (2)")
    flask_rewind.downgrade()
    assert everything(blog.engine) == before


MULTI = {
    "unique": ", CONSTRAINT uq UNIQUE (a, n)",
    "check": ", CONSTRAINT ck CHECK (a <> 'q' OR n > 0)",
    "foreign key": ", CONSTRAINT fk FOREIGN KEY (a, n) REFERENCES pair (a, n)",
    "index": "",
}


def made_with_both(blog: History, what: str) -> None:
    made(
        blog,
        "CREATE TABLE pair (a VARCHAR(20) NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (a, n))",
        f"CREATE TABLE thing (id INTEGER PRIMARY KEY, a VARCHAR(20), n INTEGER{MULTI[what]})",
        "INSERT INTO pair VALUES ('x', 5)",
        "INSERT INTO thing VALUES (1, 'x', 5)",
    )
    if what == "index":
        made(blog, "CREATE UNIQUE INDEX ix ON thing (a, n)")


@pytest.mark.parametrize("what", MULTI)
def test_what_stands_on_a_hidden_column_and_another(blog: History, what: str) -> None:
    made_with_both(blog, what)
    before = everything(blog.engine)
    blog.revision('op.drop_column("thing", "a")', 'op.add_column("thing", sa.Column("a", sa.String(20)))')
    flask_rewind.upgrade()
    blog.run("INSERT INTO thing (id, n) VALUES (2, 5), (3, 5)")
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, a, n FROM thing ORDER BY id") == [(1, "x", 5), (2, None, 5), (3, None, 5)]
    blog.run("DELETE FROM thing WHERE id > 1")
    assert everything(blog.engine) == before


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("what", MULTI)
def test_what_stands_on_two_columns_that_go_together(blog: History, what: str, turned: bool) -> None:
    made_with_both(blog, what)
    before = everything(blog.engine)
    adds = [
        'op.add_column("thing", sa.Column("a", sa.String(20)))',
        'op.add_column("thing", sa.Column("n", sa.Integer))',
    ]
    drops = ['op.drop_column("thing", "a")', 'op.drop_column("thing", "n")']
    blog.revision("\n".join(reversed(drops) if turned else drops), "\n".join(adds))
    for _ in range(2):
        flask_rewind.upgrade()
        blog.run("INSERT INTO thing (id) VALUES (2)")
        blog.run("DELETE FROM thing WHERE id = 2")
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


@pytest.mark.parametrize("is_taken", [False, True])
def test_who_leaves_sees_what_the_constraints_do_not_allow(blog: History, is_taken: bool) -> None:
    made(
        blog,
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER CHECK (e > s), CONSTRAINT uq UNIQUE (s, e))",
    )
    made(blog, "INSERT INTO span VALUES (1, 1, 5), (2, 2, 5)")
    again = executed("ALTER TABLE span ADD e INTEGER DEFAULT 0") if is_taken else ""
    blog.revision(f'op.drop_column("span", "e")\n{again}', "pass")
    flask_rewind.upgrade()
    blog.run("UPDATE span SET s = 9")
    flask_rewind.eject(restore=True)
    shown = "e_attic_1" if is_taken else "e"
    assert blog.rows(f"SELECT id, s, {shown} FROM span ORDER BY id") == [(1, 9, 5), (2, 9, 5)]
    blog.run("INSERT INTO span (id, s) VALUES (3, 9)")


def test_rows_filled_with_one_value_under_a_returning_unique_constraint(blog: History) -> None:
    made(blog, "CREATE TABLE tag (id INTEGER PRIMARY KEY, word VARCHAR(9) NOT NULL, CONSTRAINT uq_word UNIQUE (word))")
    made(blog, "INSERT INTO tag VALUES (1, 'x'), (2, 'y')")
    blog.revision(
        'op.drop_column("tag", "word")', 'op.add_column("tag", sa.Column("word", sa.String(9), nullable=False))'
    )
    flask_rewind.upgrade()
    blog.run("INSERT INTO tag (id) VALUES (3), (4)")
    before = everything(blog.engine)
    with pytest.raises((Refused, CrossingFailed), match=r"(?i)unique|duplicate"):
        flask_rewind.downgrade(fill={"tag.word": "'z'"})
    assert everything(blog.engine) == before
    number = "CONCAT('z', id)" if blog.engine.dialect.name == "mysql" else "'z' || id"
    flask_rewind.downgrade(fill={"tag.word": number})
    assert blog.rows("SELECT word FROM tag ORDER BY id") == [("x",), ("y",), ("z3",), ("z4",)]


COLLATIONS = {
    "mariadb": ("utf8mb4_bin", "utf8mb4_general_ci"),
    "postgresql": ('"C"', "ci"),
    "sqlite": ("BINARY", "NOCASE"),
}


@pytest.mark.parametrize("by_journal", [False, True])
def test_another_collation_under_a_unique_constraint(blog: History, engine_name: str, by_journal: bool) -> None:
    one, other = COLLATIONS[engine_name]
    charset = "CHARACTER SET utf8mb4 " if engine_name == "mariadb" else ""
    if engine_name == "postgresql":
        made(blog, "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
    made(
        blog,
        f"CREATE TABLE tag (id INTEGER PRIMARY KEY, word VARCHAR(9) {charset}COLLATE {one},"
        " CONSTRAINT uq UNIQUE (word))",
    )
    made(blog, "INSERT INTO tag VALUES (1, 'x'), (2, 'X')")
    change = {
        "mariadb": 'op.execute("ALTER TABLE tag MODIFY word VARCHAR(9) CHARACTER SET utf8mb4 COLLATE {}")',
        "postgresql": "op.execute('ALTER TABLE tag ALTER word TYPE VARCHAR(9) COLLATE {}')",
        "sqlite": 'with op.batch_alter_table("tag") as block:\n'
        '    block.alter_column("word", type_=sa.String(9, collation="{}"), existing_type=sa.String(9))',
    }[engine_name]
    blog.revision(change.format(other), "pass" if by_journal else change.format(one))
    before = everything(blog.engine)
    with pytest.raises(CrossingFailed, match=r"(?i)unique|duplicate"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    blog.run("UPDATE tag SET word = 'y' WHERE id = 2")
    before = everything(blog.engine)
    flask_rewind.upgrade()
    flask_rewind.downgrade(from_journal=by_journal)
    assert everything(blog.engine) == before


@pytest.mark.parametrize("word", ["é", "轻"])
def test_a_smaller_character_set(blog: History, engine_name: str, word: str) -> None:
    only_on(engine_name, "mariadb")
    made(blog, "CREATE TABLE tag (id INTEGER PRIMARY KEY, word VARCHAR(9)) DEFAULT CHARSET utf8mb4")
    made(blog, f"INSERT INTO tag VALUES (1, '{word}')")
    convert = 'op.execute("ALTER TABLE tag CONVERT TO CHARACTER SET {}")'
    blog.revision(convert.format("latin1"), convert.format("utf8mb4"))
    before = everything(blog.engine)
    if word == "轻":
        with pytest.raises(CrossingFailed, match="Incorrect string value"):
            flask_rewind.upgrade()
    else:
        flask_rewind.upgrade()
        flask_rewind.downgrade()
    assert everything(blog.engine) == before


def test_a_larger_character_set_that_returns_with_more(blog: History, engine_name: str) -> None:
    only_on(engine_name, "mariadb")
    made(blog, "CREATE TABLE tag (id INTEGER PRIMARY KEY, word VARCHAR(9)) DEFAULT CHARSET latin1")
    made(blog, "INSERT INTO tag VALUES (1, 'é')")
    convert = 'op.execute("ALTER TABLE tag CONVERT TO CHARACTER SET {}")'
    blog.revision(convert.format("utf8mb4"), convert.format("latin1"))
    before = everything(blog.engine)
    flask_rewind.upgrade()
    blog.run("INSERT INTO tag VALUES (2, '轻')")
    refused_with_everything_as_it_was(blog, "Incorrect string value")
    blog.run("DELETE FROM tag WHERE id = 2")
    flask_rewind.downgrade()
    assert everything(blog.engine) == before


NUMBERED = {
    "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "mariadb": "INTEGER PRIMARY KEY AUTO_INCREMENT",
    "postgresql": "SERIAL PRIMARY KEY",
}
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


@pytest.mark.parametrize("dropped", [("a",), ("b", "c"), ("c", "a")])
def test_the_order_of_several_columns(blog: History, engine_name: str, dropped: tuple[str, ...]) -> None:
    virtual = "" if engine_name == "postgresql" else ", v INTEGER AS (d + 1) VIRTUAL"
    made(
        blog,
        "CREATE TABLE wide (a INTEGER CHECK (a > 0), b INTEGER, id INTEGER PRIMARY KEY, c INTEGER,"
        f" d INTEGER{virtual})",
    )
    made(blog, "INSERT INTO wide (a, b, id, c, d) VALUES (1, 2, 3, 4, 5)")
    blog.revision(
        "\n".join(f'op.drop_column("wide", "{name}")' for name in dropped),
        "\n".join(f'op.add_column("wide", sa.Column("{name}", sa.Integer))' for name in dropped),
    )
    before = everything(blog.engine)  # its rows have the columns in their order
    order = [each["name"] for each in sa.inspect(blog.engine).get_columns("wide")]
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert everything(blog.engine) == before
    assert [each["name"] for each in sa.inspect(blog.engine).get_columns("wide")] == order


INDEXES = [
    ("sqlite", "CREATE UNIQUE INDEX ix ON thing (lower(a) COLLATE NOCASE DESC) WHERE n > 0"),
    ("mariadb", "CREATE FULLTEXT INDEX ix ON thing (a)"),
    ("mariadb", "CREATE INDEX ix ON thing (a(10), n DESC)"),
    (
        "postgresql",
        "CREATE INDEX ix ON thing (a varchar_pattern_ops DESC NULLS LAST) INCLUDE (n) WITH (fillfactor = 70)",
    ),
    ("postgresql", "CREATE UNIQUE INDEX ix ON thing (lower(a)) WHERE n > 0"),
    ("postgresql", "CREATE INDEX ix ON thing USING gin (to_tsvector('simple', a))"),
]


@pytest.mark.parametrize("with_column", [True, False])
@pytest.mark.parametrize(("only", "sql"), INDEXES, ids=range(len(INDEXES)))
def test_an_index_returns_by_its_text(blog: History, engine_name: str, only: str, sql: str, with_column: bool) -> None:
    only_on(engine_name, only)
    made(blog, "CREATE TABLE thing (id INTEGER PRIMARY KEY, a VARCHAR(60), n INTEGER)", sql)
    made(blog, "INSERT INTO thing VALUES (1, 'x', 2)")
    if with_column:
        blog.revision('op.drop_column("thing", "a")', 'op.add_column("thing", sa.Column("a", sa.String(60)))')
    else:
        blog.revision('op.drop_index("ix", table_name="thing")', "pass")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade(from_journal=not with_column)
        assert everything(blog.engine) == before


@pytest.mark.parametrize("what", ["a longer number", "a key", "the whole table"])
def test_a_table_without_a_key_changes(blog: History, what: str) -> None:
    made(
        blog, "CREATE TABLE loose (a INTEGER, b INTEGER NOT NULL)", "INSERT INTO loose VALUES (1, 1), (1, 2), (NULL, 3)"
    )
    block = 'with op.batch_alter_table("loose") as block:\n    block.'
    up, down = {
        "a longer number": (
            block + 'alter_column("a", type_=sa.BigInteger, existing_type=sa.Integer)',
            block + 'alter_column("a", type_=sa.Integer, existing_type=sa.BigInteger)',
        ),
        "a key": (
            block + 'create_primary_key("pk_loose", ["b"])',
            block + 'drop_constraint("pk_loose", type_="primary")',
        ),
        "the whole table": (
            'op.drop_table("loose")',
            'op.create_table("loose", sa.Column("a", sa.Integer), sa.Column("b", sa.Integer, nullable=False))',
        ),
    }[what]
    blog.revision(up, down)
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


LISTED = "c IN ('draft', 'live')"


@pytest.mark.parametrize("by_journal", [False, True])
@pytest.mark.parametrize("what", ["the column", "the index", "a longer type", "another number"])
def test_what_the_server_writes_otherwise_the_second_time(blog: History, what: str, by_journal: bool) -> None:
    """PostgreSQL puts casts into an expression where it reads it again, and where a type changes."""
    made(
        blog,
        f"CREATE TABLE thing (id INTEGER PRIMARY KEY, c VARCHAR(20) DEFAULT 'draft', n INTEGER DEFAULT 3,"
        f" CONSTRAINT ck CHECK ({LISTED}), CONSTRAINT ck_n CHECK (n >= 0))",
        "INSERT INTO thing VALUES (1, 'live', 4)",
    )
    if blog.engine.dialect.name != "mysql":  # which has no index on a part of the rows
        made(blog, f"CREATE INDEX ix ON thing (n) WHERE {LISTED}")
    else:
        made(blog, "CREATE INDEX ix ON thing (n)")
    block = 'with op.batch_alter_table("thing") as block:\n    block.alter_column'
    numbers = block + '("n", type_=sa.{}, existing_type=sa.{}, existing_server_default="3")'
    texts = block + '("c", type_=sa.String({}), existing_type=sa.String({}), existing_server_default="draft")'
    up, down = {
        "the column": (
            'op.drop_column("thing", "c")',
            'op.add_column("thing", sa.Column("c", sa.String(20), server_default="draft"))',
        ),
        "the index": ('op.drop_index("ix", table_name="thing")', "pass"),
        "a longer type": (texts.format(40, 20), texts.format(20, 40)),
        "another number": (
            numbers.format("Numeric(12, 2)", "Integer"),
            numbers.format("Integer", "Numeric(12, 2)"),
        ),
    }[what]
    if down == "pass" and not by_journal:
        pytest.skip("a script would have the index to make by its text")
    blog.revision(up, down)
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade(from_journal=by_journal)
        assert everything(blog.engine) == before


CUT = {
    "a shorter text": ("VARCHAR(20)", "sa.String(5)", "'abcdef'", "'abc'"),
    "fewer places": ("NUMERIC(10, 4)", "sa.Numeric(10, 2)", "1.2345", "1.23"),
    "a whole number": ("DOUBLE PRECISION", "sa.Integer", "1.5", "2"),
    "a text as a number": ("VARCHAR(20)", "sa.Integer", "'007'", "'7'"),
    "a time as a day": ("TIMESTAMP", "sa.Date", "'2026-01-02 03:04:05'", "'2026-01-02 00:00:00'"),
    "fractions of a second": ("TIMESTAMP(6)", "sa.TIMESTAMP", "'2026-01-02 03:04:05.25'", "'2026-01-02 03:04:05'"),
    "blanks at the end": ("VARCHAR(20)", "sa.CHAR(20)", "'a  '", "'a'"),
    "a less exact number": ("DOUBLE PRECISION", "sa.REAL", "1.23456789012", "1.5"),
}


@pytest.mark.parametrize("way", ["a directive", "raw", "down", "an app that lets values be cut"])
@pytest.mark.parametrize("what", CUT)
def test_a_type_that_would_change_values_is_refused(blog: History, engine_name: str, what: str, way: str) -> None:
    """On SQLite the affinities decide: test_sqlite_tables."""
    only_on(engine_name, "mariadb", "postgresql")
    old, new, lost, kept = CUT[what]
    if engine_name == "mariadb":
        old = old.replace("TIMESTAMP", "DATETIME")
        new = new.replace("sa.TIMESTAMP", "sa.DateTime").replace("sa.REAL", "sa.Float")
    new = new.replace("sa.TIMESTAMP", "sa.dialects.postgresql.TIMESTAMP(precision=0)")
    if way.startswith("an app") and engine_name == "mariadb":
        sa.event.listen(blog.engine, "connect", lambda driver, _: driver.cursor().execute("SET SESSION sql_mode = ''"))
        blog.engine.dispose()
    made(blog, f"CREATE TABLE thing (id INTEGER PRIMARY KEY, c {old})", f"INSERT INTO thing VALUES (1, {lost})")
    using = ', postgresql_using="c::integer"' if "number" in what and "sa.Integer" in new else ""
    change = f'op.alter_column("thing", "c", type_={new}, existing_type=sa.String(20){using})'
    if way == "raw":
        kind = sa.schema.CreateColumn(sa.Column("c", eval(new))).compile(dialect=blog.engine.dialect).string[2:]
        raw = "MODIFY c {}" if engine_name == "mariadb" else "ALTER COLUMN c TYPE {0} USING c::{0}"
        change = executed(f"ALTER TABLE thing {raw.format(kind)}")
    blog.revision(*(("pass", change) if way == "down" else (change, "pass")))
    before = everything(blog.engine)
    if way == "down":
        flask_rewind.upgrade()
    with pytest.raises(Refused, match="1 values would not come back"):
        (flask_rewind.downgrade if way == "down" else flask_rewind.upgrade)()
    assert everything(blog.engine) == before
    if way != "down":
        assert "1 values would not come back" in flask_rewind.plan().refused
        blog.run(f"UPDATE thing SET c = {kept}")
        flask_rewind.upgrade()
        flask_rewind.downgrade(from_journal=True)
        assert blog.rows(f"SELECT count(*) FROM thing WHERE c = {kept}") == [(1,)]


WORKS_ON = {
    "a CHECK over two columns": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER, CONSTRAINT ck CHECK (e > s))",
        "INSERT INTO span VALUES (1, 1, 5)",
        "UPDATE span SET s = 9",
        "UPDATE span SET s = 1",
    ),
    "a UNIQUE over two columns": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER, CONSTRAINT uq UNIQUE (s, e))",
        "INSERT INTO span VALUES (1, 1, 5), (2, 2, 5)",
        "UPDATE span SET s = 9",
        "UPDATE span SET s = id",
    ),
    "a UNIQUE without a name over two columns": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER, UNIQUE (e, s))",
        "INSERT INTO span VALUES (1, 1, 5), (2, 2, 5)",
        "UPDATE span SET s = 9",
        "UPDATE span SET s = id",
    ),
    "a UNIQUE and a default": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER DEFAULT 7 UNIQUE)",
        "INSERT INTO span VALUES (1, 1, 5), (2, 2, 7)",
        "INSERT INTO span (id, s) VALUES (3, 2), (4, 2)",
        "DELETE FROM span WHERE id > 2",
    ),
    "a CHECK of the column": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER CHECK (e IS NOT NULL AND e > 0))",
        "INSERT INTO span VALUES (1, 1, 5)",
        "INSERT INTO span (id, s) VALUES (2, 2)",
        "DELETE FROM span WHERE id = 2",
    ),
    "NOT NULL and a default of NULL": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER {} NOT NULL)",
        "INSERT INTO span VALUES (1, 1, 5)",
        "INSERT INTO span (id, s) VALUES (2, 2)",
        "DELETE FROM span WHERE id = 2",
    ),
    "an index that a foreign key needs": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER, FOREIGN KEY (s) REFERENCES author (id))",
        "INSERT INTO span VALUES (1, 1, 5)",
        "INSERT INTO span (id, s) VALUES (2, 2)",
        "DELETE FROM span WHERE id = 2",
    ),
    "names with %": (
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER, CONSTRAINT q50%q CHECK (e > 0))",
        "INSERT INTO span VALUES (1, 1, 5)",
        "INSERT INTO span (id, s) VALUES (2, 2)",
        "DELETE FROM span WHERE id = 2",
    ),
}


@pytest.mark.parametrize("what", WORKS_ON)
def test_the_app_goes_on_without_the_column(blog: History, engine_name: str, what: str) -> None:
    create, first, written, taken_back = WORKS_ON[what]
    quote = "`" if engine_name == "mariadb" else '"'
    escaped = "%" if engine_name == "sqlite" else "%%"
    create = create.replace("q50%q", f"{quote}50{escaped}{quote}").format(
        "" if engine_name == "mariadb" else "DEFAULT NULL"
    )
    made(blog, create, first)
    if what.startswith("an index"):
        made(blog, "CREATE INDEX ix_both ON span (s, e)")
    options = {"NOT NULL": "nullable=False", "a UNIQUE and": 'server_default="7"'}
    said = next((text for start, text in options.items() if what.startswith(start)), "")
    blog.revision('op.drop_column("span", "e")', f'op.add_column("span", sa.Column("e", sa.Integer, {said}))')
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        blog.run(written)
        blog.run(taken_back)
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
    assert not [name for name in names_in(blog) if name.startswith("_attic_")]


@pytest.mark.parametrize("default", ["", " DEFAULT 7"])
def test_rows_that_a_returning_unique_constraint_does_not_allow(blog: History, default: str) -> None:
    made(
        blog, f"CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER{default}, CONSTRAINT uq UNIQUE (s, e))"
    )
    made(blog, "INSERT INTO span VALUES (1, 1, 5), (2, 2, 5)")
    said = 'server_default="7"' if default else ""
    blog.revision('op.drop_column("span", "e")', f'op.add_column("span", sa.Column("e", sa.Integer, {said}))')
    before = everything(blog.engine)
    flask_rewind.upgrade()
    blog.run("INSERT INTO span (id, s) VALUES (3, 3), (4, 3)" if default else "UPDATE span SET s = 9")
    refused_with_everything_as_it_was(blog, r"span\.(s|e)|uq")
    blog.run("DELETE FROM span WHERE id > 2" if default else "UPDATE span SET s = id")
    flask_rewind.downgrade()
    assert everything(blog.engine) == before


def test_a_unique_column_that_others_refer_to(blog: History, engine_name: str) -> None:
    made(
        blog,
        "CREATE TABLE shop (id INTEGER PRIMARY KEY, code VARCHAR(9) UNIQUE)",
        "CREATE TABLE sale (id INTEGER PRIMARY KEY, shop VARCHAR(9), FOREIGN KEY (shop) REFERENCES shop (code))",
        "INSERT INTO shop VALUES (1, 'a')",
        "INSERT INTO sale VALUES (1, 'a')",
    )
    blog.revision('op.drop_column("shop", "code")', 'op.add_column("shop", sa.Column("code", sa.String(9)))')
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        blog.run("UPDATE sale SET shop = 'b'")
        refused_with_everything_as_it_was(blog, "(?i)foreign key|without their row in shop")
        blog.run("UPDATE sale SET shop = 'a'")
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


TRIGGER = "CREATE {}TRIGGER watch AFTER INSERT ON {} FOR EACH ROW {}"
BODIES = {
    "sqlite": "BEGIN INSERT INTO seen (what) VALUES ('{}'); END",
    "mariadb": "INSERT INTO seen (what) VALUES ('{}')",
    "postgresql": "EXECUTE FUNCTION note('{}')",
}
FUNCTION = """CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN INSERT INTO seen (what) VALUES (TG_ARGV[0]); RETURN NEW; END'"""


@pytest.mark.parametrize("says_drop", [False, True])
@pytest.mark.parametrize("other", ["", "OR REPLACE ", "DEFINER = root@localhost "])
def test_a_name_that_a_trigger_of_a_hidden_table_has(
    blog: History, engine_name: str, other: str, says_drop: bool
) -> None:
    if other:
        only_on(engine_name, "mariadb")
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


NAMELESS = {
    "foreign key": (
        'op.create_foreign_key(None, "post", "author", ["owner"], ["id"])',
        "FOREIGN KEY (owner) REFERENCES author (id)",
        sa.Inspector.get_foreign_keys,
    ),
    "unique": (
        'op.create_unique_constraint(None, "post", ["owner"])',
        "UNIQUE (owner)",
        sa.Inspector.get_unique_constraints,
    ),
    "check": (
        'op.create_check_constraint(None, "post", "owner > 0")',
        "CHECK (owner > 0)",
        sa.Inspector.get_check_constraints,
    ),
}


@pytest.mark.parametrize("named", ["", "CONSTRAINT first_one "])
@pytest.mark.parametrize("what", NAMELESS)
def test_a_script_makes_again_without_a_name_what_returns(
    blog: History, engine_name: str, what: str, named: str
) -> None:
    only_on(engine_name, "mariadb", "postgresql")  # SQLite cannot add a constraint outside a batch block
    again, sql, listed = NAMELESS[what]
    made(blog, "ALTER TABLE post ADD owner INTEGER", f"ALTER TABLE post ADD {named}{sql}")
    made(blog, "ALTER TABLE post ADD other INTEGER", f"ALTER TABLE post ADD {sql.replace('owner', 'other', 1)}")
    blog.run("UPDATE post SET owner = id")
    blog.revision('op.drop_column("post", "owner")', f'op.add_column("post", sa.Column("owner", sa.Integer))\n{again}')
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine)[1] == before[1]
        there = listed(sa.inspect(blog.engine), "post")
        assert len([each for each in there if "owner" in str(each)]) == 1


ON_MARIADB = {
    "a label that says NOT NULL": ("ENUM('is NOT NULL', 'x') NOT NULL", "'is NOT NULL'", ""),
    "a comment that says CHECK": ("INTEGER NOT NULL COMMENT 'CHECK (a) ON UPDATE current_timestamp()'", "5", ""),
    "a CHECK and a comment": ("INTEGER NOT NULL COMMENT 'x NOT NULL' CHECK (c > 0)", "5", ""),
    "JSON": ("JSON NOT NULL", "'[1]'", ""),
    **{
        kind: (f"{kind} NOT NULL", f"ST_GeomFromText('{text}')", "")
        for kind, text in {
            "POINT": "POINT(1 2)",
            "GEOMETRY": "POINT(1 2)",
            "LINESTRING": "LINESTRING(1 2, 3 4)",
            "POLYGON": "POLYGON((0 0, 0 2, 2 2, 0 0))",
            "MULTIPOINT": "MULTIPOINT(1 2)",
            "MULTILINESTRING": "MULTILINESTRING((1 2, 3 4))",
            "MULTIPOLYGON": "MULTIPOLYGON(((0 0, 0 2, 2 2, 0 0)))",
            "GEOMETRYCOLLECTION": "GEOMETRYCOLLECTION(POINT(1 2))",
        }.items()
    },
    "a number of a sequence": ("INTEGER DEFAULT (NEXT VALUE FOR numbers)", "5", "numbers"),
    "a number of a sequence, NOT NULL": ("INTEGER DEFAULT (NEXT VALUE FOR numbers) NOT NULL", "5", "numbers"),
}


@pytest.mark.filterwarnings("ignore:Did not recognize type")  # SQLAlchemy knows no shapes
@pytest.mark.parametrize("what", ON_MARIADB)
def test_what_is_said_of_a_column_of_mariadb(blog: History, engine_name: str, what: str) -> None:
    only_on(engine_name, "mariadb")
    definition, value, sequence = ON_MARIADB[what]
    if sequence:
        made(blog, f"CREATE SEQUENCE {sequence}")
    made(blog, f"CREATE TABLE span (id INTEGER PRIMARY KEY, c {definition})", f"INSERT INTO span VALUES (1, {value})")
    before = everything(blog.engine)
    add = executed(f"ALTER TABLE span ADD COLUMN c {definition}")
    drop = 'op.drop_column("span", "c")'
    blog.revision(
        drop + (f"\n{executed('DROP SEQUENCE numbers')}" if sequence else ""),
        (f"{executed('CREATE SEQUENCE numbers')}\n" if sequence else "") + add,
    )
    flask_rewind.upgrade()
    blog.run("INSERT INTO span (id) VALUES (2)")
    if "NOT NULL" in definition and not sequence:
        with pytest.raises(Refused, match="1 rows were inserted while it was hidden"):
            flask_rewind.downgrade()
    flask_rewind.downgrade(fill={} if sequence else {"span.c": value})
    wanted = [(1, 5), (2, 1)] if sequence else [(1, True), (2, True)]
    assert blog.rows(f"SELECT id, {'c' if sequence else f'c = {value}'} FROM span ORDER BY id") == wanted
    blog.run("DELETE FROM span WHERE id = 2")
    if sequence:
        made(blog, f"DROP TABLE {sequence}", f"CREATE SEQUENCE {sequence}")
    assert everything(blog.engine) == before


DEPENDANTS = {
    "a policy": ("CREATE POLICY seen ON span USING (e > 0)", "policy seen on table span"),
    "a generated column": (
        "ALTER TABLE span ADD g INTEGER GENERATED ALWAYS AS (e + 1) STORED",
        "column g of table span",
    ),
    "a trigger of the column": (
        "CREATE TRIGGER watch AFTER UPDATE OF e ON span FOR EACH ROW EXECUTE FUNCTION note('x')",
        "trigger watch on table span",
    ),
    "a function": (
        "CREATE FUNCTION top() RETURNS INTEGER BEGIN ATOMIC SELECT max(e) FROM span; END",
        r"function top\(\)",
    ),
    "a view": ("CREATE VIEW shown AS SELECT e FROM span", "view shown"),
}


@pytest.mark.parametrize("drop", ["ALTER TABLE span DROP COLUMN e CASCADE", "DROP TABLE span CASCADE"])
@pytest.mark.parametrize("what", DEPENDANTS)
def test_what_cascade_would_drop_is_named(blog: History, engine_name: str, what: str, drop: str) -> None:
    only_on(engine_name, "postgresql")
    create, named = DEPENDANTS[what]
    made(blog, "CREATE TABLE seen (what VARCHAR(9))", FUNCTION)
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, e INTEGER)", "INSERT INTO span VALUES (1, 5)", create)
    before = everything(blog.engine)
    blog.revision(executed(drop), executed("CREATE TABLE span (id INTEGER PRIMARY KEY, e INTEGER)"))
    if drop.startswith("ALTER") or what in {"a function", "a view"}:
        with pytest.raises(Refused, match=f"CASCADE would drop what depends on it .*{named}"):
            flask_rewind.upgrade()
        assert everything(blog.engine) == before
    else:  # what is the table's own goes with it
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


def test_an_exclusion_by_an_expression(blog: History, engine_name: str) -> None:
    only_on(engine_name, "postgresql")
    made(
        blog,
        "CREATE TABLE span (id INTEGER PRIMARY KEY, s INTEGER, e INTEGER,"
        " CONSTRAINT apart EXCLUDE USING gist (int4range(s, e) WITH &&))",
        "INSERT INTO span VALUES (1, 1, 5), (2, 5, 9)",
    )
    before = everything(blog.engine)
    blog.revision('op.drop_column("span", "e")', 'op.add_column("span", sa.Column("e", sa.Integer))')
    flask_rewind.upgrade()
    blog.run("UPDATE span SET s = 2")
    refused_with_everything_as_it_was(blog, "apart")
    blog.run("UPDATE span SET s = 4 * id - 3")
    flask_rewind.downgrade()
    assert everything(blog.engine) == before


@pytest.mark.parametrize("what", ["column", "table"])
def test_a_sequence_that_only_what_is_hidden_uses(blog: History, engine_name: str, what: str) -> None:
    only_on(engine_name, "postgresql")
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
    with pytest.raises(Refused, match=r"numbers cannot be purged: .* needs it"):
        flask_rewind.purge(place="numbers")
    assert {each.kind for each in flask_rewind.purge(everything=True)} == {what, "sequence"}
    assert not flask_rewind.attic()


SAID = """
SELECT c.relname, obj_description(c.oid), indisclustered, indisreplident, CAST(reloptions AS text)
FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = CAST('{0}' AS regclass)
UNION ALL SELECT conname, obj_description(oid), NULL, NULL, NULL FROM pg_constraint
WHERE conrelid = CAST('{0}' AS regclass) ORDER BY 1, 2, 3"""


@pytest.mark.parametrize("dropped", ["e", "table", "renamed"])
def test_what_is_said_of_indexes_and_constraints(blog: History, engine_name: str, dropped: str) -> None:
    only_on(engine_name, "postgresql")
    columns = "id INTEGER PRIMARY KEY, e INTEGER NOT NULL, author INTEGER REFERENCES author (id)"
    made(
        blog,
        f"CREATE TABLE span ({columns}, CONSTRAINT uq UNIQUE (e) WITH (fillfactor = 70), CONSTRAINT ck CHECK (e > 0))",
        "CREATE UNIQUE INDEX ix ON span (e) WITH (fillfactor = 60)",
        "COMMENT ON INDEX ix IS '50%% of it''s {table}'",
        "COMMENT ON CONSTRAINT uq ON span IS 'each once'",
        "COMMENT ON CONSTRAINT ck ON span IS 'more than 0'",
        "COMMENT ON CONSTRAINT span_author_fkey ON span IS 'who'",
        "ALTER TABLE span CLUSTER ON ix",
        "ALTER TABLE span REPLICA IDENTITY USING INDEX ix",
        "INSERT INTO span VALUES (1, 5, 1)",
    )
    before, said = everything(blog.engine), blog.rows(SAID.format("span"))
    add = 'op.add_column("span", sa.Column("e", sa.Integer, nullable=False))'
    up, down = {
        "e": ('op.drop_column("span", "e")', add),
        "table": ('op.drop_table("span")', executed(f"CREATE TABLE span ({columns})")),
        "renamed": (
            'op.drop_column("span", "e")\nop.rename_table("span", "distance")',
            f'op.rename_table("distance", "span")\n{add}',
        ),
    }[dropped]
    blog.revision(up, down)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
        assert blog.rows(SAID.format("span")) == said


def test_what_only_a_hidden_column_needs_is_dropped(blog: History, engine_name: str) -> None:
    only_on(engine_name, "postgresql")
    made(
        blog,
        "CREATE FUNCTION seven() RETURNS INTEGER LANGUAGE sql AS 'SELECT 7'",
        "CREATE TABLE span (id INTEGER PRIMARY KEY, n INTEGER DEFAULT seven())",
        "INSERT INTO span VALUES (1)",
    )
    blog.revision('op.drop_column("span", "n")', executed("ALTER TABLE span ADD n INTEGER DEFAULT seven()"))
    flask_rewind.upgrade()
    blog.revision(executed("DROP FUNCTION seven()"), "pass")
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"DROP FUNCTION .*\(_attic_1 is span\.n, hidden by revision 2") as found:
        flask_rewind.upgrade()
    assert "flask db purge span.n" in found.value.hint
    assert everything(blog.engine) == before
    assert "in the way of DROP FUNCTION" in flask_rewind.plan().refused
    flask_rewind.purge(place="span.n")
    flask_rewind.upgrade()


def test_the_sequence_of_a_hidden_column_is_forgotten_with_it(blog: History, engine_name: str) -> None:
    only_on(engine_name, "postgresql")
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, n SERIAL)", "INSERT INTO span (id) VALUES (1)")
    blog.revision(
        executed("ALTER TABLE span DROP COLUMN n") + "\n" + executed("DROP SEQUENCE IF EXISTS span_n_seq"), "pass"
    )
    flask_rewind.upgrade()
    flask_rewind.purge(place="span.n")
    assert [each.kind for each in flask_rewind.attic()] == ["sequence"]
    flask_rewind.purge(everything=True)
    assert not flask_rewind.attic()


def test_a_type_of_a_hidden_array(blog: History, engine_name: str) -> None:
    only_on(engine_name, "postgresql")
    made(blog, "CREATE TYPE mood AS ENUM ('glad', 'sad')", "CREATE TABLE span (id INTEGER PRIMARY KEY, m mood[])")
    made(blog, "INSERT INTO span VALUES (1, '{glad,sad}')")
    before = everything(blog.engine)
    blog.revision(
        f"{executed('ALTER TABLE span DROP COLUMN m')}\n{executed('DROP TYPE mood')}",
        executed("CREATE TYPE mood AS ENUM ('glad', 'sad')") + "\n" + executed("ALTER TABLE span ADD m mood[]"),
    )
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


def test_types_and_sequences_of_hidden_columns_dropped_together(blog: History, engine_name: str) -> None:
    only_on(engine_name, "postgresql")
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


def names_in(blog: History) -> list[str]:
    inspector = sa.inspect(blog.engine)
    columns = [each["name"] for each in inspector.get_columns("span")]
    return columns + [str(each["name"]) for each in inspector.get_indexes("span")]


EVENT = "id INTEGER, y INTEGER, author_id INTEGER CONSTRAINT fk_ev REFERENCES author (id), note VARCHAR(9)"
PARTITIONED = [
    f"CREATE TABLE ev ({EVENT} CHECK (note <> ''), PRIMARY KEY (id, y)) PARTITION BY LIST (y)",
    "CREATE INDEX ix_ev ON ev (note)",
    "CREATE TABLE a_1 PARTITION OF ev FOR VALUES IN (1)",
    "CREATE TABLE ev_2 PARTITION OF ev FOR VALUES IN (2, NULL) PARTITION BY RANGE (id)",
    "CREATE TABLE ev_2_low PARTITION OF ev_2 FOR VALUES FROM (0) TO (10)",
    "CREATE TABLE ev_rest PARTITION OF ev DEFAULT",
]
EVENTS = "INSERT INTO ev VALUES (1, 1, 1, 'a'), (2, 2, NULL, 'b'), (3, 2, 2, NULL), (4, 7, 1, 'c')"


@pytest.mark.parametrize("by_journal", [False, True])
@pytest.mark.parametrize("names", [["ev"], ["a_1", "ev_2_low", "ev_rest", "ev_2", "ev"], ["a_1", "ev_2"], ["ev_rest"]])
def test_partitions_return_with_their_rows(blog: History, engine_name: str, names: list[str], by_journal: bool) -> None:
    only_on(engine_name, "postgresql")
    made(blog, *PARTITIONED, EVENTS)
    again = [
        each for each in PARTITIONED if names[-1] == "ev" or each.split()[2] in names or each.split()[2] == "ev_2_low"
    ]
    if names == ["ev_rest"]:
        again = again[-1:]
    blog.revision(executed(*(f"DROP TABLE {name}" for name in names)), "pass" if by_journal else executed(*again))
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        assert not {"a_1", "ev_rest"} & {*sa.inspect(blog.engine).get_table_names()} & {*names}
        blog.run("INSERT INTO author (id) VALUES (9)")
        blog.run("DELETE FROM author WHERE id = 9")
        flask_rewind.downgrade(from_journal=by_journal)
        assert everything(blog.engine) == before
        assert blog.rows("SELECT count(*) FROM ev") == [(4,)]
    for broken in ("(1, 1, 1, 'x')", "(8, 1, 9, 'x')", "(8, 1, 1, '')"):
        with pytest.raises(sa.exc.IntegrityError):
            blog.run(f"INSERT INTO ev VALUES {broken}")


@pytest.mark.parametrize("by_journal", [False, True])
def test_a_partition_that_the_app_made_goes_and_returns_with_its_table(
    blog: History, engine_name: str, by_journal: bool
) -> None:
    only_on(engine_name, "postgresql")
    blog.revision(executed(*PARTITIONED[:2]), 'op.drop_table("ev")')
    flask_rewind.upgrade()
    made(blog, *PARTITIONED[2:], EVENTS)
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade(from_journal=by_journal)
        assert not {"ev", "a_1", "ev_2", "ev_rest"} & {*sa.inspect(blog.engine).get_table_names()}
        flask_rewind.upgrade()
        assert everything(blog.engine) == before
    flask_rewind.downgrade()
    flask_rewind.purge(everything=True)
    assert [name for name in sa.inspect(blog.engine).get_table_names() if name.startswith("_attic_")] == []


@pytest.mark.parametrize("names", [["ev"], ["a_1", "ev_2", "ev_rest", "ev"]])
def test_partitions_that_a_script_fills_and_indexes(blog: History, engine_name: str, names: list[str]) -> None:
    only_on(engine_name, "postgresql")
    fills = [EVENTS, "CREATE INDEX ix_own ON a_1 (note)", "INSERT INTO a_1 VALUES (9, 1, 1, 'z')"]
    blog.revision(
        executed(*PARTITIONED, *fills, "UPDATE a_1 SET note = 'y' WHERE id = 9"),
        executed(*(f"DROP TABLE {name}" for name in names)),
    )
    flask_rewind.upgrade()
    blog.run("UPDATE ev SET note = 'mine' WHERE id IN (1, 9)")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade()
        flask_rewind.upgrade()
        assert everything(blog.engine) == before


def test_a_key_to_a_partitioned_table_goes_and_returns(blog: History, engine_name: str) -> None:
    only_on(engine_name, "postgresql")
    made(blog, *PARTITIONED, EVENTS)
    key = "CONSTRAINT fk_sale FOREIGN KEY (e, y) REFERENCES ev (id, y)"
    sale = f"CREATE TABLE sale (id INTEGER PRIMARY KEY, e INTEGER, y INTEGER, {key})"
    made(blog, sale, "INSERT INTO sale VALUES (1, 1, 1), (2, NULL, NULL)")
    before = everything(blog.engine)
    blog.revision('op.drop_column("sale", "e")', executed("ALTER TABLE sale ADD e INTEGER"))
    blog.revision('op.drop_table("sale")', executed("CREATE TABLE sale (id INTEGER PRIMARY KEY, y INTEGER)"))
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade(revision="1")
        assert everything(blog.engine) == before
    with pytest.raises(sa.exc.IntegrityError):
        blog.run("INSERT INTO sale VALUES (3, 77, 1)")


def test_a_partition_with_a_key_of_its_own_is_refused(blog: History, engine_name: str) -> None:
    only_on(engine_name, "postgresql")
    made(blog, *PARTITIONED, "ALTER TABLE a_1 ADD FOREIGN KEY (y) REFERENCES author (id)")
    blog.revision('op.drop_table("ev")', "pass")
    before = everything(blog.engine)
    with pytest.raises(Refused, match="its partition a_1 is in another schema, or has a foreign key"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before


def test_a_table_that_inherits_goes_and_returns_without_its_parents(blog: History, engine_name: str) -> None:
    only_on(engine_name, "postgresql")
    made(
        blog,
        "CREATE TABLE one (id INTEGER, a INTEGER CHECK (a > 0))",
        "CREATE TABLE two (id INTEGER, b INTEGER)",
        "CREATE TABLE both_ (c INTEGER) INHERITS (one, two)",
        "INSERT INTO both_ (id, a, b, c) VALUES (1, 2, 3, 4)",
    )
    before = everything(blog.engine)
    blog.revision('op.drop_table("both_")', executed("CREATE TABLE both_ (c INTEGER) INHERITS (one, two)"))
    for _ in range(2):
        flask_rewind.upgrade()
        assert blog.rows("SELECT count(*) FROM one") == [(0,)]
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
        assert blog.rows("SELECT count(*) FROM one, two") == [(1,)]
    blog.revision('op.drop_table("one")', "pass")
    flask_rewind.upgrade(revision="1")
    made(blog, "CREATE TABLE late () INHERITS (one)")
    flask_rewind.upgrade(revision="2")
    with pytest.raises(Refused, match="one cannot be hidden: the rows of late are those of one too"):
        flask_rewind.upgrade()


@pytest.mark.parametrize("is_nested", [False, True])
def test_a_column_of_a_domain_that_is_never_null(blog: History, engine_name: str, is_nested: bool) -> None:
    only_on(engine_name, "postgresql")
    made(blog, "CREATE DOMAIN pos AS VARCHAR(9) COLLATE \"C\" NOT NULL CHECK (VALUE <> '')")
    made(blog, "CREATE DOMAIN outer_ AS pos")
    kind = "outer_" if is_nested else "pos"
    made(blog, f"CREATE TABLE thing (id INTEGER PRIMARY KEY, c {kind} UNIQUE)")
    made(blog, "INSERT INTO thing VALUES (1, 'a '), (2, 'é')")
    before = everything(blog.engine)
    blog.revision('op.drop_column("thing", "c")', executed(f"ALTER TABLE thing ADD c {kind} UNIQUE"))
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
    flask_rewind.upgrade()
    blog.run("INSERT INTO thing (id) VALUES (3)")
    with pytest.raises(Refused, match=r"thing\.c returns NOT NULL without a default, and 1 rows"):
        flask_rewind.downgrade()
    flask_rewind.downgrade(fill={"thing.c": "'n' || id"})
    assert blog.rows("SELECT c FROM thing ORDER BY id") == [("a ",), ("é",), ("n3",)]
    assert everything(blog.engine)[0] == before[0]


def test_a_virtual_table_returns_with_its_rows(blog: History, engine_name: str) -> None:
    only_on(engine_name, "sqlite")
    create = "CREATE VIRTUAL TABLE words USING fts5(title, body)"
    made(blog, create, "INSERT INTO words VALUES ('a', 'light blog'), ('b', 'heavy')")
    blog.revision(executed("DROP TABLE words"), executed(create))
    query = "SELECT title FROM words WHERE words MATCH 'light'"
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert blog.rows(query) == [("a",)]


@pytest.mark.parametrize("by_journal", [False, True])
@pytest.mark.parametrize("is_hidden", [False, True])
def test_a_text_whose_table_gets_another_character_set(
    blog: History, engine_name: str, is_hidden: bool, by_journal: bool
) -> None:
    only_on(engine_name, "mariadb")
    made(blog, "CREATE TABLE tag (id INTEGER PRIMARY KEY, word VARCHAR(9), body TEXT) DEFAULT CHARSET latin1")
    made(blog, "INSERT INTO tag VALUES (1, 'é', 'ü')")
    convert = 'op.execute("ALTER TABLE tag CONVERT TO CHARACTER SET {}")\n'
    drop, add = 'op.drop_column("tag", "body")\n', 'op.add_column("tag", sa.Column("body", sa.Text))\n'
    if is_hidden:
        blog.revision(drop + convert.format("utf8mb4"), convert.format("latin1") + add)
    else:
        blog.revision(
            convert.format("utf8mb4"), convert.format("latin1") + executed("ALTER TABLE tag MODIFY body TEXT")
        )
    before = everything(blog.engine)
    flask_rewind.upgrade()
    flask_rewind.downgrade(from_journal=by_journal)
    assert everything(blog.engine) == before


FAILING = "\n" + executed("SELECT * FROM nowhere")
BOTH = [
    'op.add_column("span", sa.Column("a", sa.Integer, nullable=False))',
    'op.add_column("span", sa.Column("b", sa.Integer, nullable=False))',
]


def fails_and_leaves(
    blog: History, move: Callable[..., object], wanted: object, markers: int = 0, **options: object
) -> None:
    kept = sorted(each.place for each in flask_rewind.attic())
    with pytest.raises(CrossingFailed, match="nowhere") as failed:
        move(**options)
    assert "Nothing of this revision was kept" in failed.value.hint
    assert everything(blog.engine) == wanted
    assert sorted(each.place for each in flask_rewind.attic()) == kept
    assert flask_rewind.status()[0].unfinished is None
    columns = [each["name"] for each in sa.inspect(blog.engine).get_columns("span")]
    marking = [name for name in columns if name.startswith("_attic_") and name.endswith("_new")]
    assert len(marking) == (markers if blog.engine.dialect.name == "mysql" else 0)


def test_crossings_that_fail_again_and_again(blog: History) -> None:
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER NOT NULL)")
    made(blog, "INSERT INTO span VALUES (1, 5, 6)")
    before = everything(blog.engine)
    up, down = 'op.drop_column("span", "a")\nop.drop_column("span", "b")', "\n".join(BOTH)
    path = blog.revision(up + FAILING, down + FAILING)
    for _ in range(3):
        fails_and_leaves(blog, flask_rewind.upgrade, before)
    path.write_text(path.read_text().replace(FAILING.replace("\n", "\n    "), "", 1))
    flask_rewind.upgrade()
    hidden = everything(blog.engine)
    for _ in range(3):
        fails_and_leaves(blog, flask_rewind.downgrade, hidden, markers=2)
    blog.run("INSERT INTO span (id) VALUES (2)")
    hidden = everything(blog.engine)
    for _ in range(2):
        fails_and_leaves(blog, flask_rewind.downgrade, hidden, markers=2, fill={"span.a": "7", "span.b": "id"})
    path.write_text(path.read_text().replace(FAILING.replace("\n", "\n    "), "", 1))
    with pytest.raises(Refused, match="1 rows were inserted while it was hidden"):
        flask_rewind.downgrade()
    flask_rewind.downgrade(fill={"span.a": "7", "span.b": "id"})
    assert blog.rows("SELECT id, a, b FROM span ORDER BY id") == [(1, 5, 6), (2, 7, 2)]
    blog.run("DELETE FROM span WHERE id = 2")
    assert everything(blog.engine) == before
    assert not flask_rewind.attic()


def test_a_fill_that_is_taken_back_leaves_null_what_was_null(blog: History) -> None:
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, c INTEGER)", "INSERT INTO span VALUES (1, 5), (2, NULL)")
    add = 'op.add_column("span", sa.Column("c", sa.Integer, nullable=False))'
    path = blog.revision('op.drop_column("span", "c")', add)
    before = everything(blog.engine)
    flask_rewind.upgrade()
    blog.run("INSERT INTO span (id) VALUES (3)")
    hidden = everything(blog.engine)
    for _ in range(2):
        with pytest.raises(Refused, match="does not bring back"):
            flask_rewind.downgrade(fill={"span.c": "7"})
        assert everything(blog.engine) == hidden
    blog.run("INSERT INTO span (id) VALUES (4)")
    path.write_text(path.read_text().replace(", nullable=False", ""))
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, c FROM span ORDER BY id") == [(1, 5), (2, None), (3, None), (4, None)]
    blog.run("DELETE FROM span WHERE id > 2")
    assert everything(blog.engine) == before


def test_a_generated_column_goes_with_what_it_is_made_of(blog: History) -> None:
    computed = 'sa.Column("g", sa.Integer, sa.Computed("c + 1", persisted=True))'
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY)", "INSERT INTO span VALUES (1)")
    block = 'with op.batch_alter_table("span") as block:\n    block.'
    up = f'op.add_column("span", sa.Column("c", sa.Integer, server_default="3"))\n{block}add_column({computed})'
    down = f'{block}drop_column("g")\nop.drop_column("span", "c")'
    before = everything(blog.engine)
    path = blog.revision(up, down)
    for by_journal in (False, True, True, False):
        flask_rewind.upgrade()
        blog.run("UPDATE span SET c = 8")
        flask_rewind.downgrade(from_journal=by_journal)
        assert everything(blog.engine) == before
    path.write_text(
        path.read_text().replace(up.splitlines()[-1], up.splitlines()[-1] + FAILING.replace("\n", "\n    "))
    )
    for _ in range(2):
        fails_and_leaves(blog, flask_rewind.upgrade, before)


@pytest.mark.parametrize("what", NAMELESS)
def test_a_constraint_without_its_name_and_a_crossing_that_fails(blog: History, engine_name: str, what: str) -> None:
    only_on(engine_name, "mariadb", "postgresql")
    again, sql, listed = NAMELESS[what]
    made(blog, "ALTER TABLE post ADD owner INTEGER", f"ALTER TABLE post ADD CONSTRAINT first_one {sql}")
    add = f'op.add_column("post", sa.Column("owner", sa.Integer))\n{again}'
    path = blog.revision('op.drop_column("post", "owner")', add + FAILING)
    flask_rewind.upgrade()
    for _ in range(2):
        with pytest.raises(CrossingFailed):
            flask_rewind.downgrade()
    path.write_text(path.read_text().replace(FAILING.replace("\n", "\n    "), "", 1))
    flask_rewind.downgrade()
    assert len([each for each in listed(sa.inspect(blog.engine), "post") if "owner" in str(each)]) == 1


@pytest.mark.parametrize("what", ["unique", "foreign key"])
def test_a_constraint_without_its_name_on_a_table_that_returns(blog: History, engine_name: str, what: str) -> None:
    only_on(engine_name, "mariadb", "postgresql")
    again, sql, _ = NAMELESS[what]
    made(blog, f"CREATE TABLE span (id INTEGER PRIMARY KEY, owner INTEGER, CONSTRAINT first_one {sql})")
    create = 'op.create_table("span", sa.Column("id", sa.Integer, primary_key=True), sa.Column("owner", sa.Integer))'
    blog.revision('op.drop_table("span")', f"{create}\n{again.replace('post', 'span')}")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


@pytest.mark.parametrize("name", ["a`b", 'a"b', "a b", "a%b", "日"])
def test_the_name_of_a_column_is_read_as_it_is(blog: History, engine_name: str, name: str) -> None:
    if engine_name == "sqlite" and "%" not in name:
        pytest.skip("tried with the tables of SQLite")
    quote = blog.engine.dialect.identifier_preparer.quote_identifier
    made(blog, f"CREATE TABLE span (id INTEGER PRIMARY KEY, {quote(name)} INTEGER)", "INSERT INTO span VALUES (1, 5)")
    before = everything(blog.engine)
    blog.revision(f'op.drop_column("span", {name!r})', f'op.add_column("span", sa.Column({name!r}, sa.Integer))')
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


BESIDE = {
    "a default": ("INTEGER DEFAULT (b + 1) NOT NULL", "mariadb"),
    "a CHECK": ("INTEGER CHECK (c > b)", ""),
    "a text that names a sequence's function": ("VARCHAR(20) DEFAULT 'nextval(x)' NOT NULL", ""),
}


@pytest.mark.parametrize("what", BESIDE)
def test_a_raw_definition_that_speaks_of_another_column(blog: History, engine_name: str, what: str) -> None:
    definition, only = BESIDE[what]
    only_on(engine_name, only or engine_name)
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, b INTEGER DEFAULT 3)")
    made(blog, f"ALTER TABLE span ADD c {definition}", "INSERT INTO span (id, b, c) VALUES (1, 4, 9)")
    blog.revision(executed("ALTER TABLE span DROP COLUMN c"), executed(f"ALTER TABLE span ADD COLUMN c {definition}"))
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        blog.run("INSERT INTO span (id) VALUES (2)")
        blog.run("DELETE FROM span WHERE id = 2")
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


def test_one_column_returns_and_another_goes(blog: History) -> None:
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, b INTEGER NOT NULL)", "INSERT INTO span VALUES (1, 5)")
    add = 'op.add_column("span", sa.Column("{}", sa.Integer, nullable=False{}))'
    drop = 'op.drop_column("span", "{}")'
    loose = in_batch('alter_column("a", server_default=None, existing_type=sa.Integer)').replace('"post"', '"span"')
    up = "\n".join([add.format("a", ', server_default="1"'), loose, drop.format("b")])
    blog.revision(up, f"{add.format('b', '')}\n{drop.format('a')}")
    before = everything(blog.engine)
    for _ in range(3):
        flask_rewind.upgrade()
        blog.run("UPDATE span SET a = 8")
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


LEAD = 'sa.Column("lead", sa.String(9), nullable=False)'


def with_a_newborn_row(blog: History) -> None:
    """Have a hidden NOT NULL column and a row that was born without it."""
    made(
        blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, lead VARCHAR(9) NOT NULL)", "INSERT INTO span VALUES (1, 'a')"
    )
    blog.revision('op.drop_column("span", "lead")', f'op.add_column("span", {LEAD})')
    flask_rewind.upgrade()
    blog.run("INSERT INTO span (id) VALUES (2)")


@pytest.mark.parametrize("fill", ["(", "NULL", "NULLIF('x', 'x')", "'much too long a word'"])
def test_a_fill_that_gives_no_value_is_named(blog: History, engine_name: str, fill: str) -> None:
    if engine_name == "sqlite" and "long" in fill:
        pytest.skip("SQLite lets values be longer than their type")
    with_a_newborn_row(blog)
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"span\.lead|rows of span") as refused:
        flask_rewind.downgrade(fill={"span.lead": fill})
    assert "--fill" in refused.value.hint
    assert "purge" not in refused.value.hint
    assert everything(blog.engine) == before
    flask_rewind.downgrade(fill={"span.lead": "'x'"})
    assert blog.rows("SELECT lead FROM span ORDER BY id") == [("a",), ("x",)]


@pytest.mark.parametrize("way_out", ["KeyboardInterrupt", "SystemExit(4)"])
def test_a_script_that_is_broken_off_leaves_nothing_half_way(blog: History, way_out: str) -> None:
    before = everything(blog.engine)
    path = blog.revision(
        f'op.drop_column("post", "slug")\nraise {way_out}',
        "pass",
    )
    for _ in range(2):
        with pytest.raises((KeyboardInterrupt, SystemExit)):
            flask_rewind.upgrade()
        assert everything(blog.engine) == before
        assert flask_rewind.attic() == ()
        assert flask_rewind.status()[0].unfinished is None
        assert flask_rewind.log(limit=1)[0].outcome == "failed"
    path.write_text(path.read_text().replace(f"raise {way_out}", ""))
    flask_rewind.upgrade()
    flask_rewind.downgrade(from_journal=True)
    assert everything(blog.engine) == before


def test_what_one_try_left_is_not_forgotten_with_the_next(blog: History, engine_name: str) -> None:
    only_on(engine_name, "mariadb")
    update = "op.execute(\"UPDATE post SET title = 'x'\")"
    table = "op.create_table('t', sa.Column('id', sa.Integer))"
    path = blog.revision(f"{update}\n{table}\nraise ValueError", "pass")
    with pytest.raises(CrossingFailed):
        flask_rewind.upgrade()
    assert flask_rewind.status()[0].unfinished is not None
    written = path.read_text()
    path.write_text(written.replace(update, "raise ValueError"))
    with pytest.raises(CrossingFailed):
        flask_rewind.upgrade()
    assert flask_rewind.status()[0].unfinished is not None
    path.write_text(written.replace("raise ValueError", "pass"))
    flask_rewind.upgrade()
    assert flask_rewind.status()[0].unfinished is None


def test_names_with_a_percent_sign(blog: History) -> None:
    table = blog.engine.dialect.identifier_preparer.quote_identifier("50%")
    made(blog, f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, title VARCHAR(9))")
    made(blog, f"INSERT INTO {table} VALUES (1, 'a')")
    blog.revision('op.drop_column("50%", "title")', 'op.add_column("50%", sa.Column("title", sa.String(9)))')
    blog.revision('op.drop_table("50%")', 'op.create_table("50%", sa.Column("id", sa.Integer, primary_key=True))')
    before = everything(blog.engine)
    for _ in range(2):
        plan = flask_rewind.plan()
        assert (plan.refused, [each.opaque for each in plan.crossings]) == ("", ["", ""])
        flask_rewind.upgrade()
        flask_rewind.downgrade(revision="1")
        assert everything(blog.engine) == before


def test_a_view_goes_and_comes_in_a_database_of_another_name(blog: History, engine_name: str) -> None:
    only_on(engine_name, "mariadb")
    made(blog, "CREATE VIEW shown AS SELECT id, title FROM post")
    blog.revision(executed("DROP VIEW shown"), executed("CREATE VIEW shown AS SELECT id, title FROM post"))
    before = everything(blog.engine)
    flask_rewind.upgrade()
    assert flask_rewind.plan(revision="1").refused == ""
    flask_rewind.downgrade()
    assert everything(blog.engine) == before
    assert blog.engine.url.database not in str(before)
    flask_rewind.upgrade()
    flask_rewind.downgrade(from_journal=True)
    assert everything(blog.engine) == before


def test_a_read_behind_with_is_no_step(blog: History) -> None:
    blog.revision(executed("WITH t AS (SELECT 1 AS a) SELECT a FROM t") + '\nop.drop_column("post", "slug")', "pass")
    plan = flask_rewind.plan()
    assert not [step for step in plan.crossings[0].steps if step.statement.startswith("WITH")]
    flask_rewind.upgrade()
    assert not [step for step in flask_rewind.log()[0].crossings[0].steps if step.statement.startswith("WITH")]


def test_what_a_refused_crossing_had_brought_back_is_hidden_since_the_first_time(blog: History) -> None:
    with_a_newborn_row(blog)
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    flask_rewind.upgrade()
    blog.run("UPDATE rewind_attic SET hidden_at = '2020-02-02 02:02:02'")
    before = [(each.place, each.since) for each in flask_rewind.attic()]
    with pytest.raises(Refused):
        flask_rewind.downgrade(revision="1")
    blog.count = 1
    assert {since for _, since in before} == {"2020-02-02T02:02:02Z"}
    assert {since for place, since in before if place == "span.lead"} <= {each.since for each in flask_rewind.attic()}


def test_a_domain_with_a_default_of_its_own_gives_it_to_new_rows(blog: History, engine_name: str) -> None:
    only_on(engine_name, "postgresql")
    made(blog, "CREATE DOMAIN pos AS INTEGER NOT NULL DEFAULT 7", "CREATE TABLE thing (id INTEGER PRIMARY KEY, c pos)")
    made(blog, "INSERT INTO thing VALUES (1, 5)")
    before = everything(blog.engine)[0]
    blog.revision('op.drop_column("thing", "c")', executed("ALTER TABLE thing ADD c pos"))
    flask_rewind.upgrade()
    blog.run("INSERT INTO thing (id) VALUES (2)")
    flask_rewind.downgrade()
    assert blog.rows("SELECT c FROM thing ORDER BY id") == [(5,), (7,)]
    assert everything(blog.engine)[0] == before


def test_a_fill_that_takes_long_is_no_refusal_of_a_plan(blog: History, engine_name: str) -> None:
    only_on(engine_name, "postgresql")
    with_a_newborn_row(blog)
    plan = flask_rewind.plan(revision="1", fill={"span.lead": "(SELECT 'x' FROM pg_sleep(4))"})
    assert plan.refused == ""
    assert "would hold its locks for too long" in plan.crossings[0].opaque


def test_a_script_that_is_broken_off_with_its_connection_says_so(blog: History, engine_name: str) -> None:
    only_on(engine_name, "mariadb")
    path = blog.revision(
        'op.drop_column("post", "slug")\nop.get_bind().invalidate()\nraise KeyboardInterrupt',
        'op.add_column("post", sa.Column("slug", sa.String(60)))',
    )
    with pytest.raises(KeyboardInterrupt):
        flask_rewind.upgrade()
    assert flask_rewind.status()[0].unfinished is not None
    assert [each.place for each in flask_rewind.attic()] == ["post.slug"]
    path.unlink()
