"""Batch blocks on SQLite: everything that a block does not name survives it. Stock Alembic runs, too, and loses it."""

import logging
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import flask_migrate
import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import CrossingFailed, Refused
from flask_rewind.logs import logging_kept
from flask_rewind.sql.tokenizer import tokens
from histories import History, everything, executed, in_batch

MakeApp = Callable[..., Flask]

TABLES = """
CREATE TABLE author (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE NOT NULL UNIQUE)
CREATE TABLE post (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- the number
  title VARCHAR(20) NOT NULL DEFAULT 'it''s', /* a, b */
  slug TEXT COLLATE NOCASE CHECK (slug <> 'admin'),
  views INTEGER DEFAULT -1 CHECK (views >= -1),
  author_id INTEGER REFERENCES author (id) ON DELETE CASCADE,
  state VARCHAR(5) CHECK (state IN ('draft', 'shown')),
  loud TEXT GENERATED ALWAYS AS (upper(title)) VIRTUAL,
  CHECK (length(title) < 30), UNIQUE (slug), CONSTRAINT ck_state CHECK (state <> '')
)
CREATE INDEX ix_part ON post (views) WHERE views > 3
CREATE INDEX ix_expression ON post (lower(title) DESC)
CREATE TABLE comment (id INTEGER PRIMARY KEY, post_id INTEGER REFERENCES post (id) ON DELETE CASCADE, body TEXT)
CREATE TABLE star (post_id INTEGER REFERENCES post (id) ON DELETE SET NULL, n INT)
CREATE TABLE log (said TEXT)
CREATE TRIGGER tr AFTER UPDATE ON post BEGIN INSERT INTO log VALUES (new.title || '; ' || old.title); END
CREATE TRIGGER other AFTER DELETE ON comment BEGIN UPDATE post SET views = views - 1 WHERE id = old.post_id; END
CREATE VIEW shown AS SELECT id, title FROM post WHERE state = 'shown'
INSERT INTO author VALUES (1, 'Li'), (9, '王')
INSERT INTO post (id, title, slug, views, author_id, state)
  VALUES (1, '轻博 😀', 'a', 5, 1, 'shown'), (7, '', 'b', -1, 9, NULL)
INSERT INTO post (id, title) VALUES (99, 'gone')
DELETE FROM post WHERE id = 99
INSERT INTO comment VALUES (1, 1, 'x'), (2, 7, 'y')
INSERT INTO star VALUES (1, 5), (7, 6)
""".strip()
STATEMENTS = re.split(r"\n(?=CREATE|INSERT|DELETE)", TABLES)
SETUP = executed(*STATEMENTS) + "\n"


def choice(*labels: str) -> str:
    return f"sa.Enum(*{labels}, name='kind', create_constraint=True)"


CHOICE = choice("draft", "shown")
BLOCK = 'with op.batch_alter_table("post") as block:\n    '
CHANGES = {
    "a longer text": (
        'block.alter_column("title", type_=sa.String(200), existing_type=sa.String(20))',
        'block.alter_column("title", type_=sa.String(20), existing_type=sa.String(200))',
    ),
    "another affinity": (
        'block.alter_column("views", type_=sa.String(10), existing_type=sa.Integer())',
        'block.alter_column("views", type_=sa.Integer(), existing_type=sa.String(10))',
    ),
    "NULL allowed": (
        'block.alter_column("title", nullable=True, existing_type=sa.String(20))',
        'block.alter_column("title", nullable=False, existing_type=sa.String(20))',
    ),
    "another default": (
        'block.alter_column("views", server_default="0", existing_type=sa.Integer())',
        'block.alter_column("views", server_default=sa.text("-1"), existing_type=sa.Integer())',
    ),
    "another name": (
        'block.alter_column("views", new_column_name="seen", existing_type=sa.Integer())',
        'block.alter_column("seen", new_column_name="views", existing_type=sa.Integer())',
    ),
    "a unique constraint": (
        'block.create_unique_constraint("uq_title", ["title"])',
        'block.drop_constraint("uq_title", type_="unique")',
    ),
    "a CHECK": (
        'block.create_check_constraint("ck_more", "views < 100")',
        'block.drop_constraint("ck_more", type_="check")',
    ),
    "a foreign key": (
        'block.create_foreign_key("fk_more", "post", ["id"], ["id"], onupdate="CASCADE")',
        'block.drop_constraint("fk_more", type_="foreignkey")',
    ),
    "a nameless unique constraint": (
        'block.drop_constraint("uq_post__slug", type_="unique")',
        'block.create_unique_constraint(None, ["slug"])',
    ),
    "a column that SQLite cannot add": (
        'block.add_column(sa.Column("made", sa.DateTime(), server_default=sa.func.now(), nullable=False))',
        'block.drop_column("made")',
    ),
    "a dropped column and a new one": (
        'block.drop_column("views")\n    block.add_column(sa.Column("stars", sa.Integer(), unique=True))',
        'block.drop_column("stars")\n    block.add_column(sa.Column("views", sa.Integer(), server_default="-1"))',
    ),
    "a wider choice": (
        f'block.alter_column("state", type_={choice("draft", "shown", "old!")}, existing_type={CHOICE})',
        f'block.alter_column("state", type_={CHOICE}, existing_type={choice("draft", "shown", "old!")})',
    ),
}
SPELLED_OTHERWISE = {
    "NULL allowed",
    "another default",
    "a nameless unique constraint",
    "a column that SQLite cannot add",
    "a dropped column and a new one",
    "a wider choice",
}
"""Cases whose text differs after the return: another position, the script's spelling, or a hidden column."""


class Sight:
    """The visible schema and rows of a database."""

    def __init__(self, engine: sa.Engine) -> None:
        with engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master ORDER BY name").all()
            rows = [row for row in rows if not row[1].startswith(("rewind_", "alembic_"))]
            self.texts = {name: sql for _, name, sql in rows}
            self.schema = {(kind, name): [token.name for token in tokens(sql or "")] for kind, name, sql in rows}
            self.rows = {
                name: [
                    {key: value for key, value in row.items() if not key.startswith("_attic_")}
                    for row in connection.exec_driver_sql(f'SELECT * FROM "{name}" ORDER BY 1').mappings()
                ]
                for kind, name in self.schema
                if kind == "table" and name != "log"
            }
            self.integrity = connection.exec_driver_sql("PRAGMA integrity_check").scalar()

    def left_of(self, kind: str) -> set[str]:
        return {name for each, name in self.schema if each == kind}


@pytest.fixture
def history(make_app: MakeApp, tmp_path: Path) -> History:
    app = make_app(f"sqlite:///{tmp_path}/app.db", config={"REWIND_SQLITE_COPIES": 0})
    engine: sa.Engine = app.extensions["db"].engine
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    made = History(app)
    made.revision(SETUP, "pass")
    flask_rewind.upgrade()
    return made


@pytest.mark.parametrize("change", CHANGES)
def test_a_batch_block_changes_what_it_says_and_nothing_else(history: History, change: str) -> None:
    before = Sight(history.engine)
    history.revision(*(BLOCK + body for body in CHANGES[change]))
    flask_rewind.upgrade()
    there = Sight(history.engine)
    assert there.integrity == "ok"
    assert there.left_of("trigger") == before.left_of("trigger")
    assert there.schema["view", "shown"] == before.schema["view", "shown"]
    assert "ix_expression" in there.left_of("index")
    assert "ix_part" in there.left_of("index") or change == "a dropped column and a new one"
    for table in ("comment", "star", "author", "sqlite_sequence"):
        assert there.rows[table] == before.rows[table]
    text = there.texts["post"]
    for kept in (
        "-- the number",
        "length(title) < 30",
        "slug <> 'admin'",
        "COLLATE NOCASE",
        "AUTOINCREMENT",
        "VIRTUAL",
    ):
        assert kept in text
    history.run("UPDATE post SET title = 'new' WHERE id = 7")
    assert history.rows("SELECT said FROM log") == [("new; ",)]
    history.run("UPDATE post SET title = '' WHERE id = 7")
    flask_rewind.downgrade()
    after = Sight(history.engine)
    assert after.rows == before.rows
    if change not in SPELLED_OTHERWISE:
        assert after.schema == before.schema
    history.run("INSERT INTO post (title) VALUES ('next')")
    assert history.rows("SELECT max(id) FROM post") == [(100,)], "AUTOINCREMENT goes on where it was"


@pytest.mark.parametrize("change", ["a longer text", "NULL allowed", "a foreign key", "another name", "a CHECK"])
def test_no_row_is_moved_where_the_text_is_enough(history: History, change: str) -> None:
    history.revision(*(BLOCK + body for body in CHANGES[change]))
    seen: list[str] = []
    sa.event.listen(history.engine, "before_cursor_execute", lambda c, r, statement, *rest: seen.append(statement))
    flask_rewind.upgrade()
    assert not [statement for statement in seen if statement.startswith("INSERT INTO rewind_new")]


@pytest.fixture
def _logging() -> Iterator[None]:
    """Flask-Migrate leaves every logger of the process disabled."""
    with logging_kept():
        yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("_logging")
@pytest.mark.filterwarnings("ignore:Unnamed CHECK:UserWarning", "ignore:Skipped unsupported:sqlalchemy.exc.SAWarning")
@pytest.mark.parametrize("disaster", ["triggers", "comments", "CHECKs"])
def test_stock_alembic_loses_what_is_kept_here(
    history: History, make_app: MakeApp, tmp_path: Path, disaster: str
) -> None:
    history.revision(*(BLOCK + body for body in CHANGES["another affinity"]))
    before = Sight(history.engine)
    history.engine.dispose()
    shutil.copy(tmp_path / "app.db", tmp_path / "stock.db")
    stock = make_app(f"sqlite:///{tmp_path}/stock.db", extension=flask_migrate.Migrate)
    engine: sa.Engine = stock.extensions["db"].engine
    engine.dispose()
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP VIEW shown")  # if it exists, stock Alembic fails half-way
        connection.exec_driver_sql("DROP TRIGGER other")  # and with this
        connection.exec_driver_sql("ALTER TABLE post DROP COLUMN loud")  # and with this
    flask_migrate.upgrade()
    after = Sight(engine)
    lost = {
        "triggers": not after.left_of("trigger"),
        "comments": not after.rows["comment"] and before.rows["comment"],
        "CHECKs": "length(title) < 30" not in after.texts["post"],
    }
    assert lost[disaster]


def test_a_type_that_would_change_values_for_good_is_refused_with_their_number(history: History) -> None:
    history.run("UPDATE post SET slug = '007' WHERE id = 1")
    history.revision(BLOCK + 'block.alter_column("slug", type_=sa.Integer(), existing_type=sa.Text())', "pass")
    before = Sight(history.engine)
    with pytest.raises(Refused, match=r"post\.slug cannot change from TEXT to INTEGER: 1 values"):
        flask_rewind.upgrade()
    after = Sight(history.engine)
    assert (after.schema, after.rows) == (before.schema, before.rows)


def test_a_value_that_is_no_number_stays_what_it_is(history: History) -> None:
    history.revision(
        BLOCK + 'block.alter_column("slug", type_=sa.Integer(), existing_type=sa.Text())',
        BLOCK + 'block.alter_column("slug", type_=sa.Text(), existing_type=sa.Integer())',
    )
    flask_rewind.upgrade()
    assert history.rows("SELECT slug FROM post ORDER BY id") == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('block.alter_column("state", nullable=False, existing_type=sa.String(5))', "NULL value in post.state"),
        ('block.create_check_constraint("ck", "views > 0")', "CHECK constraint failed in post"),
        ('block.create_foreign_key("fk", "author", ["views"], ["id"])', "rows of post without their row in author"),
        ('block.create_unique_constraint("uq", ["loud", "views"])', ""),
        ('block.drop_constraint("nowhere", type_="unique")', "No such constraint: 'nowhere'"),
    ],
)
def test_what_the_rows_do_not_allow_is_said_and_nothing_is_changed(history: History, body: str, said: str) -> None:
    history.run("INSERT INTO post (title, views) VALUES ('', -1)")
    before = Sight(history.engine)
    history.revision(BLOCK + body, "pass")
    with pytest.raises(CrossingFailed) as failed:
        flask_rewind.upgrade()
    assert said in failed.value.message
    after = Sight(history.engine)
    assert (after.schema, after.rows) == (before.schema, before.rows)


@pytest.mark.parametrize("options", ["STRICT", "WITHOUT ROWID"])
def test_the_options_of_a_table_stay(history: History, options: str) -> None:
    history.run(f"CREATE TABLE odd (a TEXT PRIMARY KEY, b INT) {options}")
    history.run("INSERT INTO odd VALUES ('x', 1), ('y', NULL)")
    block = 'with op.batch_alter_table("odd") as block:\n    '
    history.revision(
        block + 'block.alter_column("b", server_default="4", existing_type=sa.Integer())',
        block + 'block.alter_column("b", server_default=None, existing_type=sa.Integer())',
    )
    before = Sight(history.engine)
    flask_rewind.upgrade()
    assert options in Sight(history.engine).texts["odd"]
    flask_rewind.downgrade()
    assert (Sight(history.engine).schema, Sight(history.engine).rows) == (before.schema, before.rows)


KEYS_TO = {
    "behind a column": ("", "t INTEGER CONSTRAINT fk REFERENCES thing (c) ON DELETE CASCADE NOT NULL"),
    "without its column": ("", "t INTEGER REFERENCES thing"),
    "by itself": (
        "",
        "t INTEGER, n INTEGER, CONSTRAINT fk FOREIGN KEY (t) REFERENCES thing (c) DEFERRABLE, UNIQUE (n)",
    ),
    "of the same table": (", p INTEGER REFERENCES thing (c) ON DELETE SET NULL", "t INTEGER"),
    "two of them": (", p INTEGER, FOREIGN KEY (p) REFERENCES thing", 't INTEGER REFERENCES "Thing" ( [c] )'),
}


@pytest.mark.slow
@pytest.mark.parametrize("options", ["", " WITHOUT ROWID", " STRICT, WITHOUT ROWID"])
@pytest.mark.parametrize("what", KEYS_TO)
def test_foreign_keys_to_a_hidden_column_let_go_and_come_back(history: History, what: str, options: str) -> None:
    own, other = KEYS_TO[what]
    history.run(f"CREATE TABLE thing (id INTEGER, c INTEGER PRIMARY KEY{own}){options}")
    history.run(f"CREATE TABLE child (id INTEGER PRIMARY KEY, {other}, CHECK (id > 0))")
    history.run("INSERT INTO thing (id, c) VALUES (1, 5), (2, 4)")
    history.run("INSERT INTO child (id, t) VALUES (1, 5)")
    before = everything(history.engine)
    history.revision('op.drop_column("thing", "c")', 'op.add_column("thing", sa.Column("c", sa.Integer))')
    for _ in range(2):
        flask_rewind.upgrade()
        keys = "SELECT 1 FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) k"
        assert not history.rows(f"{keys} WHERE lower(k.\"table\") = 'thing'")
        history.run("UPDATE child SET t = 99")
        if what != "of the same table":
            with pytest.raises(CrossingFailed, match=r"(?i)1 rows of child without their row in thing"):
                flask_rewind.downgrade()
        history.run("UPDATE child SET t = 5")
        history.run("INSERT INTO thing (id) VALUES (7)")
        history.run("DELETE FROM thing WHERE id = 7")
        flask_rewind.downgrade()
        assert everything(history.engine) == before


OF_KEY = "CREATE TABLE p (id INTEGER PRIMARY KEY, c INTEGER UNIQUE)"
WITH_KEY = "CREATE TABLE k (id INTEGER PRIMARY KEY, t INTEGER, CONSTRAINT fk_t FOREIGN KEY (t) REFERENCES p (c))"
ADD_C, ADD_T = 'op.add_column("p", sa.Column("c", sa.Integer))', 'op.add_column("k", sa.Column("t", sa.Integer))'
DROP_C, DROP_T = 'op.drop_column("p", "c")', 'op.drop_column("k", "t")'
INLINE = WITH_KEY.replace("t INTEGER, CONSTRAINT fk_t FOREIGN KEY (t) REFERENCES", "t INTEGER REFERENCES")
TURNS = {
    "the key's column behind it": ([OF_KEY, WITH_KEY], [DROP_C, DROP_T], [ADD_C, ADD_T]),
    "the key behind a column": ([OF_KEY, INLINE], [DROP_C, DROP_T], [ADD_C, ADD_T]),
    "the table of the key": ([OF_KEY, INLINE], [DROP_C, executed("DROP TABLE k")], [ADD_C, executed(INLINE)]),
    "the table of the key, renamed": (
        [OF_KEY, WITH_KEY],
        [DROP_C, 'op.rename_table("k", "kid")'],
        [ADD_C, 'op.rename_table("kid", "k")'],
    ),
    "the key's column, renamed": (
        [OF_KEY, WITH_KEY],
        [DROP_C, executed("ALTER TABLE k RENAME t TO u")],
        [ADD_C, executed("ALTER TABLE k RENAME u TO t")],
    ),
    "the parent, renamed": (
        [OF_KEY, WITH_KEY],
        ['op.rename_table("p", "pp")', 'op.drop_column("pp", "c")'],
        ['op.rename_table("pp", "p")\n' + ADD_C],
    ),
    "a key to its own table": (
        [OF_KEY, "CREATE TABLE k (id INTEGER PRIMARY KEY, c INTEGER UNIQUE, t INTEGER REFERENCES k (c))"],
        ['op.drop_column("k", "c")', DROP_T],
        ['op.add_column("k", sa.Column("c", sa.Integer))', ADD_T],
    ),
    "a unique constraint with a column that is renamed": (
        [OF_KEY, "CREATE TABLE k (id INTEGER PRIMARY KEY, t INTEGER, b INTEGER, UNIQUE (t, b))"],
        [DROP_T, executed("ALTER TABLE k RENAME b TO b2")],
        [ADD_T, executed("ALTER TABLE k RENAME b2 TO b")],
    ),
    "a column that is called as a word of the key": (
        [OF_KEY, "CREATE TABLE k (id INTEGER PRIMARY KEY, key INTEGER, t INTEGER, FOREIGN KEY (t) REFERENCES p (c))"],
        [DROP_T, executed("ALTER TABLE k RENAME key TO k2")],
        [ADD_T, executed("ALTER TABLE k RENAME k2 TO key")],
    ),
    "a key of two columns": (
        [OF_KEY, "CREATE TABLE k (t INTEGER NOT NULL, b INTEGER NOT NULL, n INTEGER, PRIMARY KEY (t, b))"],
        [DROP_T, 'op.drop_column("k", "b")'],
        [ADD_T.replace("))", ", nullable=False))"), 'op.add_column("k", sa.Column("b", sa.Integer, nullable=False))'],
    ),
    "a CHECK of one column that names another": (
        [OF_KEY, "CREATE TABLE k (id INTEGER PRIMARY KEY, t INTEGER, b INTEGER CHECK (b > t) NOT NULL)"],
        ['op.drop_column("k", "b")', DROP_T],
        ['op.add_column("k", sa.Column("b", sa.Integer, nullable=False))', ADD_T],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("what", TURNS)
def test_what_waits_for_another_column_or_table(history: History, what: str, turned: bool) -> None:
    tables, up, down = TURNS[what]
    for create in tables:
        history.run(create)
    history.run("INSERT INTO p (id, c) VALUES (1, 5), (2, 4)")
    before = everything(history.engine)
    history.revision("\n".join(up), "\n".join(reversed(down) if turned else down))
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(history.engine) == before


@pytest.mark.slow
def test_a_key_is_not_lost_where_the_way_down_drops_its_parent_first(history: History) -> None:
    history.run("CREATE TABLE p (id INTEGER PRIMARY KEY)")
    history.run("CREATE TABLE k (id INTEGER PRIMARY KEY)")
    unique = 'with op.batch_alter_table("p") as block:\n    block.create_unique_constraint("uq", ["c"])'
    key = executed("ALTER TABLE k ADD COLUMN t INTEGER REFERENCES p (c)")
    history.revision(f"{ADD_C}\n{unique}\n{key}", f"{DROP_C}\n{DROP_T}")
    flask_rewind.upgrade()
    history.run("INSERT INTO p VALUES (1, 5)")
    history.run("INSERT INTO k VALUES (1, 5)")
    above = everything(history.engine)
    for _ in range(2):
        flask_rewind.downgrade()
        flask_rewind.upgrade()
        assert everything(history.engine) == above


@pytest.mark.slow
def test_a_key_of_rows_that_share_a_part(history: History) -> None:
    history.run("CREATE TABLE pair (a INTEGER, b INTEGER, n INTEGER, PRIMARY KEY (a, b))")
    history.run("INSERT INTO pair VALUES (NULL, 1, 5), (3, 2, 6), ('x', 4, 7), (3, 5, 8)")
    before = everything(history.engine)
    for name in ("b", "a"):
        history.revision(f'op.drop_column("pair", "{name}")', f'op.add_column("pair", sa.Column("{name}", sa.Integer))')
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade(revision="1")
        assert everything(history.engine) == before


BEHIND = {
    "a unique constraint": ("UNIQUE", 'block.drop_column("b")\n    block.drop_constraint("uq_ab", type_="unique")'),
    "a foreign key": ("KEY", 'block.drop_column("t")\n    block.drop_constraint("fk_t", type_="foreignkey")'),
    "a CHECK": ("CHECK", 'block.drop_column("b")\n    block.drop_constraint("ck_b", type_="check")'),
    "an index": ("INDEX", 'block.drop_column("b")\n    block.drop_index("ix_b")'),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", BEHIND)
def test_a_block_drops_what_went_with_a_column_before(history: History, what: str) -> None:
    history.run(OF_KEY)
    history.run(
        "CREATE TABLE k (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, t INTEGER, CONSTRAINT uq_ab UNIQUE (a, b),"
        " CONSTRAINT ck_b CHECK (b > 0), CONSTRAINT fk_t FOREIGN KEY (t) REFERENCES p (c))"
    )
    history.run("CREATE INDEX ix_b ON k (b)")
    before = everything(history.engine)
    column = "t" if "foreign" in what else "b"
    history.revision(
        f'with op.batch_alter_table("k") as block:\n    {BEHIND[what][1]}',
        f'op.add_column("k", sa.Column("{column}", sa.Integer))',
    )
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(history.engine) == before


@pytest.mark.slow
@pytest.mark.parametrize("apart", [False, True])
def test_a_script_drops_a_key_behind_the_column_it_points_to(history: History, apart: bool) -> None:
    history.run(OF_KEY)
    history.run(WITH_KEY)
    before = everything(history.engine)
    block = 'with op.batch_alter_table("k") as block:\n    block.'
    drop = f'{block}drop_constraint("fk_t", type_="foreignkey")\n    block.drop_column("t")'
    add = f'{block}add_column(sa.Column("t", sa.Integer))\n    block.create_foreign_key("fk_t", "p", ["t"], ["c"])'
    if apart:
        history.revision(DROP_C, ADD_C)
        history.revision(drop, add)
    else:
        history.revision(f"{DROP_C}\n{drop}", f"{add}\n{ADD_C}")
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade(revision="1" if apart else "-1")
        assert everything(history.engine) == before


@pytest.mark.slow
def test_a_trigger_waits_until_its_name_is_free(history: History) -> None:
    history.run("CREATE TABLE a (id INTEGER PRIMARY KEY, title TEXT)")
    history.run("CREATE TABLE b (id INTEGER PRIMARY KEY)")
    old = 'CREATE TRIGGER watch AFTER UPDATE OF "title" ON a BEGIN DELETE FROM b; END'
    new = "CREATE TRIGGER watch AFTER INSERT ON b BEGIN DELETE FROM b WHERE id < 0; END"
    history.run(old)
    before = everything(history.engine)
    create = executed("CREATE TABLE a (id INTEGER PRIMARY KEY, title TEXT)")
    drop = executed("DROP TRIGGER watch")
    history.revision(f'op.drop_table("a")\n{executed(new)}', f"{create}\n{drop}")
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(history.engine) == before


@pytest.mark.slow
def test_new_rows_of_a_table_without_row_ids_are_asked_for(history: History) -> None:
    history.run("CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER) WITHOUT ROWID")
    history.run("INSERT INTO a VALUES (7, 1)")
    history.revision('op.drop_column("a", "id")', 'op.add_column("a", sa.Column("id", sa.Integer, nullable=False))')
    flask_rewind.upgrade()
    history.run("INSERT INTO a (n) VALUES (2)")
    with pytest.raises(Refused, match="1 rows were inserted while it was hidden"):
        flask_rewind.downgrade()
    flask_rewind.downgrade(fill={"a.id": "n + 90"})
    assert history.rows("SELECT id, n FROM a ORDER BY id") == [(7, 1), (92, 2)]


def test_rows_keep_the_numbers_that_only_sqlite_knows(history: History) -> None:
    history.run("CREATE TABLE loose (a TEXT)")
    history.run("INSERT INTO loose (rowid, a) VALUES (5, 'x'), (-3, 'y')")
    history.revision(
        'with op.batch_alter_table("loose") as block:\n    block.create_unique_constraint("uq", ["a"])', "pass"
    )
    flask_rewind.upgrade()
    assert history.rows("SELECT rowid, a FROM loose ORDER BY 1") == [(-3, "y"), (5, "x")]


def test_a_block_that_only_alembic_understands_keeps_its_triggers(history: History) -> None:
    history.run("CREATE TABLE odd (a INTEGER PRIMARY KEY, b INT)")
    history.run("CREATE TRIGGER odd_tr AFTER INSERT ON odd BEGIN INSERT INTO log VALUES ('odd'); END")
    block = 'with op.batch_alter_table("odd", recreate="always", partial_reordering=[("b", "a")]) as block:\n    pass'
    history.revision(block, "pass")
    flask_rewind.upgrade()
    assert "odd_tr" in Sight(history.engine).left_of("trigger")


@pytest.mark.parametrize(("name", "rest"), [("uq_slug", ""), ("my_uq", ', naming_convention={"uq": "my_uq"}')])
def test_a_constraint_is_dropped_by_the_name_that_a_convention_gives_it(history: History, name: str, rest: str) -> None:
    history.run(
        "CREATE TABLE odd (slug TEXT UNIQUE, b INT REFERENCES author)"
        if rest
        else "CREATE TABLE odd (slug TEXT, CONSTRAINT uq_slug UNIQUE (slug))"
    )
    history.revision(
        f'with op.batch_alter_table("odd"{rest}) as block:\n    block.drop_constraint("{name}", type_="unique")', "pass"
    )
    flask_rewind.upgrade()
    assert "UNIQUE" not in Sight(history.engine).texts["odd"]


PARENT = "CREATE TABLE post (id INTEGER PRIMARY KEY, title VARCHAR(9)); INSERT INTO post VALUES (1, 'a'), (2, 'b')"
REFERS = "CREATE TABLE comment (id INTEGER PRIMARY KEY, post_id INTEGER REFERENCES post (id){});"
REFERS += " INSERT INTO comment VALUES (1, 1), (2, 1), (3, 2)"
LEFT_OVER = "_alembic_tmp_post"
DISASTERS = {
    "children that go with their parent": (REFERS.format(" ON DELETE CASCADE"), "", "SELECT count(*) FROM comment", 0),
    "children that lose their parent": (
        REFERS.format(" ON DELETE SET NULL"),
        "",
        "SELECT count(*) FROM comment WHERE post_id IS NOT NULL",
        0,
    ),
    "children that forbid it": (
        REFERS.format(""),
        "FOREIGN KEY constraint failed",
        f"SELECT count(*) FROM sqlite_master WHERE name = '{LEFT_OVER}'",
        1,
    ),
    "a trigger": (
        "CREATE TABLE log (n); CREATE TRIGGER tr AFTER DELETE ON post BEGIN INSERT INTO log VALUES (1)@ END",
        "",
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'",
        0,
    ),
    "a view": (
        "CREATE VIEW shown AS SELECT id, title FROM post",
        "error in view shown",
        f"SELECT count(*) FROM sqlite_master WHERE name = '{LEFT_OVER}'",
        1,
    ),
}
"""Further SQL, the error of stock Alembic, a query that counts what it leaves, and the expected count."""
WIDER = in_batch('alter_column("title", type_=sa.String(200), existing_type=sa.String(9))')
AS_IT_WAS = in_batch('alter_column("title", type_=sa.String(9), existing_type=sa.String(200))')


@pytest.mark.usefixtures("_logging")
@pytest.mark.parametrize("disaster", DISASTERS)
def test_a_disaster_of_stock_alembic(make_app: MakeApp, tmp_path: Path, disaster: str) -> None:
    more, said, query, count = DISASTERS[disaster]

    def app_of(name: str, **options: object) -> Flask:
        app = make_app(f"sqlite:///{tmp_path}/{name}.db", config={"REWIND_SQLITE_COPIES": 0}, **options)
        sa.event.listen(
            app.extensions["db"].engine, "connect", lambda driver, _: driver.execute("PRAGMA foreign_keys=ON")
        )
        return app

    history = History(app_of("rewind"))
    engine = history.engine
    history.revision("pass", "pass")
    flask_rewind.upgrade()
    with engine.begin() as connection:
        for statement in f"{PARENT}; {more}".split("; "):
            connection.exec_driver_sql(statement.replace("@", ";"))
    engine.dispose()
    shutil.copy(tmp_path / "rewind.db", tmp_path / "stock.db")
    history.revision(WIDER, AS_IT_WAS)
    before = everything(engine)
    flask_rewind.upgrade()
    assert everything(engine)[1] == before[1]
    assert everything(engine)[0].keys() == before[0].keys()
    flask_rewind.downgrade()
    assert everything(engine) == before

    stock: sa.Engine = app_of("stock", extension=flask_migrate.Migrate).extensions["db"].engine
    if said:
        with pytest.raises((sa.exc.DBAPIError, SystemExit), match=said):
            flask_migrate.upgrade()
    else:
        flask_migrate.upgrade()
    with stock.connect() as connection:
        assert connection.exec_driver_sql(query).scalar() == count
