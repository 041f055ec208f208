"""Data statements of a script that run again when the table or column that they fill has returned with its values."""

from collections.abc import Callable

import flask_rewind
import pytest
from flask import Flask
from flask_rewind.errors import Refused
from histories import History, everything

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.combinations]

CREATE = """
op.create_table(
    "post",
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("title", sa.String(60)),
    mysql_charset="utf8mb4",
)
op.create_table("loose", sa.Column("n", sa.Integer))
"""
ADD = 'op.add_column("post", sa.Column("state", sa.String(9)))\n'
FILLED = "op.execute(\"UPDATE post SET state = 'draft'\")"
BY_MODEL = 'post = sa.table("post", sa.column("state"))\nop.get_bind().execute(post.update().values(state="draft"))'
DROP = 'op.drop_column("post", "state")'


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    made.revision(CREATE, 'op.drop_table("loose")\nop.drop_table("post")')
    flask_rewind.upgrade()
    made.run("INSERT INTO post (id, title) VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    made.run("INSERT INTO loose (n) VALUES (1), (1)")
    return made


@pytest.mark.parametrize("fill", [FILLED, BY_MODEL], ids=["raw", "by a table"])
def test_a_column_that_came_back_is_not_filled_again(blog: History, fill: str) -> None:
    blog.revision(ADD + fill, DROP)
    flask_rewind.upgrade()
    assert blog.rows("SELECT DISTINCT state FROM post") == [("draft",)]
    blog.run("UPDATE post SET state = 'live' WHERE id = 1")
    blog.run("UPDATE post SET state = NULL WHERE id = 2")
    before = everything(blog.engine)
    flask_rewind.downgrade()
    plan = flask_rewind.plan()
    flask_rewind.upgrade()
    assert everything(blog.engine) == before
    (ran,) = flask_rewind.log(limit=1)[0].crossings
    assert [each.statement for each in plan.crossings[0].steps] == [each.statement for each in ran.steps]
    flask_rewind.downgrade()
    blog.run("INSERT INTO post (id) VALUES (9)")
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, state FROM post ORDER BY id") == [(1, "live"), (2, None), (3, "draft"), (9, None)]


def test_a_script_that_minds_what_is_there_is_taken_at_its_word(blog: History) -> None:
    blog.revision(ADD + "op.execute(\"UPDATE post SET state = 'old' WHERE title = 'z' AND state = 'new'\")", DROP)
    flask_rewind.upgrade()
    blog.run("UPDATE post SET state = 'new'")
    flask_rewind.downgrade()
    blog.run("UPDATE post SET title = 'z' WHERE id = 2")
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, state FROM post ORDER BY id") == [(1, "new"), (2, "old"), (3, "new")]


def test_a_table_may_be_called_anything(blog: History) -> None:
    blog.run("CREATE TABLE k (id INTEGER PRIMARY KEY)")
    blog.run("INSERT INTO k (id) VALUES (1), (2)")
    added = 'op.add_column("k", sa.Column("n", sa.Integer))\nop.execute("UPDATE k SET n = 0")'
    blog.revision(added, 'op.drop_column("k", "n")')
    flask_rewind.upgrade()
    blog.run("UPDATE k SET n = id")
    flask_rewind.downgrade()
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, n FROM k ORDER BY id") == [(1, 1), (2, 2)]


def test_rows_born_meanwhile_get_what_the_script_gives_them_where_they_must(blog: History) -> None:
    must = 'with op.batch_alter_table("post") as block:\n    block.alter_column("state", nullable={}, {})'
    kind = "existing_type=sa.String(9)"
    blog.revision(f"{ADD}{FILLED}\n{must.format(False, kind)}", f"{must.format(True, kind)}\n{DROP}")
    flask_rewind.upgrade()
    blog.run("UPDATE post SET state = 'live' WHERE id = 1")
    flask_rewind.downgrade()
    blog.run("INSERT INTO post (id) VALUES (9)")
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, state FROM post ORDER BY id") == [
        (1, "live"),
        (2, "draft"),
        (3, "draft"),
        (9, "draft"),
    ]


SEEDS = {
    "bulk_insert": "tag = "
    'op.create_table("tag", sa.Column("id", sa.Integer, primary_key=True), sa.Column("w", sa.Text))\n'
    'op.bulk_insert(tag, [{"id": 1, "w": "a"}, {"id": 2, "w": "b"}])',
    "raw": 'op.create_table("tag", sa.Column("id", sa.Integer, primary_key=True), sa.Column("w", sa.Text))\n'
    "op.execute(\"INSERT INTO tag (w) VALUES ('a'), ('b')\")",
    "from another table": ""
    'op.create_table("tag", sa.Column("id", sa.Integer, primary_key=True), sa.Column("w", sa.Text))\n'
    "op.execute('INSERT INTO tag (id, w) SELECT id, title FROM post WHERE id < 3')\n"
    "op.execute(\"UPDATE tag SET w = 'a' WHERE id = 1\")",
    "from a SELECT": 'op.execute("CREATE TABLE tag AS SELECT id, title AS w FROM post WHERE id < 3")\n'
    "op.execute(\"UPDATE tag SET w = 'a' WHERE id = 1\")",
    "all raw": "op.execute('CREATE TABLE tag (id INTEGER PRIMARY KEY, w TEXT)')\n"
    "op.execute(\"INSERT INTO tag (id, w) VALUES (1, 'a'), (2, 'b')\")",
}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_table_that_came_back_gets_its_first_rows_once(blog: History, seed: str) -> None:
    blog.revision(SEEDS[seed], 'op.drop_table("tag")')
    flask_rewind.upgrade()
    blog.run("UPDATE tag SET w = 'mine' WHERE w = 'a'")
    blog.run("DELETE FROM tag WHERE w = 'b'")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade()
        flask_rewind.upgrade()
        assert everything(blog.engine) == before


MOVE = "op.execute('INSERT INTO {} (id, title) SELECT id, title FROM {}')"
MADE = CREATE.partition('op.create_table("loose"')[0].replace('"post"', '"{}"').strip() + "\n"


def test_a_table_that_came_back_empty_is_filled(blog: History) -> None:
    blog.revision(SEEDS["from another table"], 'op.execute("DELETE FROM tag")\nop.drop_table("tag")')
    flask_rewind.upgrade()
    before = everything(blog.engine)
    flask_rewind.downgrade()
    flask_rewind.upgrade()
    assert everything(blog.engine) == before


def test_rows_moved_into_a_table_that_came_back_are_refused(blog: History) -> None:
    blog.revision(
        MADE.format("article") + MOVE.format("article", "post") + '\nop.drop_table("post")',
        MADE.format("post") + MOVE.format("post", "article") + '\nop.drop_table("article")',
    )
    flask_rewind.upgrade()
    blog.run("INSERT INTO article (id, title) VALUES (9, 'new')")
    before = everything(blog.engine)
    with pytest.raises(Refused, match="post returned with its rows") as refused:
        flask_rewind.downgrade()
    assert everything(blog.engine) == before
    assert refused.value.hint.endswith("flask db purge post")
    flask_rewind.purge(place="post")
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, title FROM post ORDER BY id") == [(1, "a"), (2, "b"), (3, "c"), (9, "new")]


def test_a_table_without_a_key_cannot_be_kept_from_a_script(blog: History) -> None:
    blog.revision(
        'op.add_column("loose", sa.Column("m", sa.Integer))\nop.execute("UPDATE loose SET m = 1")',
        'op.drop_column("loose", "m")',
    )
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"loose\.m returned with its values") as refused:
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    assert refused.value.hint.endswith("flask db purge loose.m")
    flask_rewind.purge(place="loose.m")
    flask_rewind.upgrade()
    assert blog.rows("SELECT n, m FROM loose") == [(1, 1), (1, 1)]


MADE_ANEW = """
op.create_table("{new}", sa.Column("id", sa.Integer, primary_key=True, autoincrement={auto}), sa.Column("w", {kind}))
op.execute("INSERT INTO {new} (id, w) SELECT id, w FROM tag")
op.drop_table("tag")
op.rename_table("{new}", "tag")
"""


@pytest.mark.parametrize("auto", [False, True])
def test_a_column_of_a_table_that_earlier_revisions_make_anew_is_not_filled_again(blog: History, auto: bool) -> None:
    tag = f'op.create_table("tag", sa.Column("id", sa.Integer, primary_key=True, autoincrement={auto}), {{}})'
    blog.revision(tag.format('sa.Column("w", sa.String(50))'), 'op.drop_table("tag")')
    wider = MADE_ANEW.format(new="tag_new", kind="sa.String(90)", auto=auto)
    narrower = MADE_ANEW.format(new="tag_old", kind="sa.String(50)", auto=auto)
    blog.revision(wider, narrower)
    fill = 'op.add_column("tag", sa.Column("kind", sa.Integer))\nop.execute("UPDATE tag SET kind = 1")'
    blog.revision(fill, 'op.drop_column("tag", "kind")')
    flask_rewind.upgrade(revision="2")
    blog.run("INSERT INTO tag (id, w) VALUES (1, 'a'), (2, 'b')")
    flask_rewind.upgrade(revision="3")
    flask_rewind.upgrade()
    blog.run("UPDATE tag SET kind = 3 WHERE id = 2")
    before = everything(blog.engine)
    for target in ("3", "2", "1"):
        flask_rewind.downgrade(revision=target)
        flask_rewind.upgrade()
        assert everything(blog.engine) == before


BLOCKS = ["UPDATE post SET state = 'x'", "FOR i IN 1..2 LOOP UPDATE post SET state = 'x'; END LOOP"]


@pytest.mark.parametrize("what", BLOCKS)
@pytest.mark.on("postgresql")
def test_a_block_that_would_write_over_what_came_back_is_refused(blog: History, what: str) -> None:
    block = f'op.execute("DO $$ BEGIN {what}; END $$")'
    blog.revision(ADD + block, DROP)
    flask_rewind.upgrade()
    assert blog.rows("SELECT DISTINCT state FROM post") == [("x",)]
    blog.run("UPDATE post SET state = 'mine' WHERE id = 1")
    flask_rewind.downgrade()
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"post\.state returned with its values, and a block of statements may over"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    flask_rewind.purge(place="post.state")
    flask_rewind.upgrade()


UNIQUE = 'with op.batch_alter_table("post") as block:\n    block.{}'
UNIQUES = [
    UNIQUE.format('create_unique_constraint("uq_state", ["state"])'),
    'op.create_index("uq_state", "post", ["state"], unique=True)',
    'op.execute("CREATE UNIQUE INDEX uq_state ON post (state)")',
]


@pytest.mark.parametrize("unique", UNIQUES)
def test_unique_values_that_the_app_exchanged_stay_exchanged(blog: History, unique: str) -> None:
    fills = "\n".join(f"op.execute(\"UPDATE post SET state = 's{n}' WHERE id = {n}\")" for n in (1, 2))
    gone = UNIQUE.format('drop_constraint("uq_state", type_="unique")')
    gone = gone if "constraint" in unique else 'op.drop_index("uq_state", "post")'
    blog.revision(f"{ADD}{fills}\n{unique}", f"{gone}\n{DROP}")
    flask_rewind.upgrade()
    for value, row in (("x", 1), ("s1", 2), ("s2", 1)):
        blog.run(f"UPDATE post SET state = '{value}' WHERE id = {row}")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade()
        flask_rewind.upgrade()
        assert everything(blog.engine) == before


@pytest.mark.on("sqlite", "postgresql")  # SQLAlchemy asks MariaDB for the last number instead
def test_rows_that_are_asked_for_again_are_refused(blog: History) -> None:
    seed = 'op.create_table("tag", sa.Column("id", sa.Integer, primary_key=True), sa.Column("w", sa.Text))\n'
    blog.revision(seed + "op.execute(\"INSERT INTO tag (w) VALUES ('a') RETURNING id\")", 'op.drop_table("tag")')
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    before = everything(blog.engine)
    with pytest.raises(Refused, match="the script reads its result"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before


TWO_TABLES = """
tag = op.create_table(
    "tag", sa.Column("id", sa.Integer, primary_key=True), sa.Column("w", sa.String(9)), sa.Column("data", sa.JSON)
)
use = op.create_table("use", sa.Column("id", sa.Integer, primary_key=True), sa.Column("tag_id", sa.Integer))
"""
BY_CORE = """
for word in ("a", "it's"):
    key = op.get_bind().execute(tag.insert().values(w=word, data={"w": word})).inserted_primary_key
    op.get_bind().execute(use.insert().values(tag_id=key[0] if key else None))
"""
BY_ORM = """
from sqlalchemy.orm import Session, declarative_base
class Tag(declarative_base()):
    __table__ = tag
session = Session(bind=op.get_bind())
for word in ("a", None):
    row = Tag(w=word, data=None)
    session.add(row)
    session.flush()
    op.get_bind().execute(use.insert().values(tag_id=row.id))
session.commit()
"""


# The driver of MariaDB gets the key from the INSERT itself, which is left out.
@pytest.mark.parametrize("inserting", [BY_CORE, pytest.param(BY_ORM, marks=pytest.mark.on("sqlite", "postgresql"))])
def test_a_row_whose_key_sqlalchemy_asks_for_is_not_inserted_again(blog: History, inserting: str) -> None:
    blog.revision(TWO_TABLES + inserting, 'op.drop_table("use")\nop.drop_table("tag")')
    flask_rewind.upgrade()
    if inserting == BY_CORE:
        blog.run("UPDATE tag SET w = 'mine' WHERE w = 'a'")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade()
        plan = flask_rewind.plan()
        assert not [step for each in plan.crossings for step in each.steps if step.statement.startswith("INSERT")]
        flask_rewind.upgrade()
        assert everything(blog.engine) == before


SEED = "op.execute(\"INSERT INTO tag (id, w) VALUES (1, 'a'), (2, 'b')\")"
TAG = 'op.create_table("tag", sa.Column("id", sa.Integer, primary_key=True), sa.Column("w", sa.Text))'


def test_first_rows_and_fills_of_a_later_revision_are_not_done_again(blog: History) -> None:
    blog.revision(f"{TAG}\n{ADD}", f'op.drop_table("tag")\n{DROP}')
    blog.revision(f"{SEED}\n{FILLED}", "pass")
    flask_rewind.upgrade()
    blog.run("UPDATE tag SET w = 'mine' WHERE id = 1")
    blog.run("DELETE FROM tag WHERE id = 2")
    blog.run("UPDATE post SET state = 'live' WHERE id = 1")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade(revision="1")
        flask_rewind.upgrade()
        assert everything(blog.engine) == before


def test_first_rows_that_a_later_revision_takes_away_and_brings_are_there_again(blog: History) -> None:
    blog.revision(f"{TAG}\n{ADD}", f'op.drop_table("tag")\n{DROP}')
    take = "op.execute('DELETE FROM tag WHERE id IN (1, 2)')\nop.execute('UPDATE post SET state = NULL')"
    blog.revision(f"{SEED}\n{FILLED}", take)
    flask_rewind.upgrade()
    blog.run("INSERT INTO tag (id, w) VALUES (3, 'c')")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade(revision="1")
        flask_rewind.upgrade()
        assert everything(blog.engine) == before


def test_a_revision_that_is_new_is_executed_whatever_came_back(blog: History) -> None:
    blog.revision(f"{TAG}\n{ADD}", f'op.drop_table("tag")\n{DROP}')
    flask_rewind.upgrade()
    blog.run("INSERT INTO tag (id, w) VALUES (3, 'c')")
    flask_rewind.downgrade()
    blog.revision(f"{SEED}\n{FILLED}", "pass")
    flask_rewind.upgrade()
    assert blog.rows("SELECT id FROM tag ORDER BY id") == [(1,), (2,), (3,)]
    assert blog.rows("SELECT DISTINCT state FROM post") == [("draft",)]


def test_rows_that_a_way_down_brings_for_the_first_time_are_brought(blog: History) -> None:
    blog.revision(TAG, 'op.drop_table("tag")')
    joined = 'op.create_table("word", sa.Column("id", sa.Integer, primary_key=True), sa.Column("w", sa.Text))'
    apart = "op.execute('INSERT INTO tag (id, w) SELECT id + 100, w FROM word')"
    blog.revision(joined, f'{apart}\nop.drop_table("word")')
    blog.revision('op.drop_table("tag")', TAG)
    flask_rewind.upgrade(revision="3")
    blog.run("INSERT INTO tag (id, w) VALUES (1, 'a')")
    blog.run("INSERT INTO word (id, w) VALUES (5, 'b')")
    flask_rewind.upgrade()
    flask_rewind.downgrade(revision="2")
    assert blog.rows("SELECT id FROM tag ORDER BY id") == [(1,), (105,)]
    flask_rewind.upgrade()
    with pytest.raises(Refused, match="the script would move rows into it"):  # the rows already returned
        flask_rewind.downgrade(revision="2")


def test_an_update_of_something_else_puts_nothing_aside(blog: History) -> None:
    blog.revision(ADD, DROP)
    blog.revision("op.execute(\"UPDATE post SET title = 'x'\")", "pass")
    flask_rewind.upgrade()
    flask_rewind.downgrade(revision="1")
    flask_rewind.upgrade()
    (_, ran) = flask_rewind.log(limit=1)[0].crossings
    assert [step.statement for step in ran.steps] == ["UPDATE post SET title = 'x'"]


def test_rows_written_between_two_revisions_are_converted_by_the_later_one(blog: History) -> None:
    tag = 'op.create_table("tag", sa.Column("id", sa.Integer, primary_key=True), sa.Column("mail", sa.String(9)))'
    blog.revision(tag, 'op.drop_table("tag")')
    change = 'with op.batch_alter_table("tag") as block:\n    block.alter_column("mail", nullable={}, {})'
    kind = "existing_type=sa.String(9)"
    convert = "op.execute(\"UPDATE tag SET mail = '' WHERE mail IS NULL\")\n"
    blog.revision(convert + change.format(False, kind), change.format(True, kind))
    flask_rewind.upgrade()
    blog.run("INSERT INTO tag (id, mail) VALUES (1, 'a')")
    flask_rewind.downgrade()
    blog.run("INSERT INTO tag (id) VALUES (2)")
    flask_rewind.downgrade()
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, mail FROM tag ORDER BY id") == [(1, "a"), (2, "")]


def test_all_first_rows_of_a_table_that_came_back_empty_are_inserted(blog: History) -> None:
    seeds = "".join(f"\nop.execute(\"INSERT INTO tag (id, w) VALUES ({n}, 'x')\")" for n in (1, 2, 3))
    blog.revision(TAG + seeds, 'op.execute("DELETE FROM tag")\nop.drop_table("tag")')
    for _ in range(3):
        flask_rewind.upgrade()
        assert blog.rows("SELECT id FROM tag ORDER BY id") == [(1,), (2,), (3,)]
        flask_rewind.downgrade()


def test_first_rows_that_are_taken_away_under_another_name_are_there_again(blog: History) -> None:
    blog.revision(TAG, 'op.drop_table("tag")')
    taken = "op.execute('DELETE FROM label WHERE id < 3')\nop.rename_table('label', 'tag')"
    blog.revision(f"{SEED}\nop.rename_table('tag', 'label')", taken)
    flask_rewind.upgrade()
    blog.run("INSERT INTO label (id, w) VALUES (3, 'c')")
    before = everything(blog.engine)
    for target in ("1", "2"):
        flask_rewind.downgrade(revision=target)
        flask_rewind.upgrade()
        assert everything(blog.engine) == before


@pytest.mark.on("postgresql")
def test_a_block_of_a_later_revision_is_refused_where_it_was_executed_before(blog: History) -> None:
    blog.revision(ADD, DROP)
    blog.revision("op.execute(\"DO $$ BEGIN UPDATE post SET state = 'x'; END $$\")", "pass")
    flask_rewind.upgrade()
    blog.run("UPDATE post SET state = 'mine'")
    flask_rewind.downgrade(revision="1")
    with pytest.raises(Refused, match="a block of statements may overwrite them") as refused:
        flask_rewind.upgrade()
    assert "go down until post.state is hidden again" in refused.value.hint
    assert blog.rows("SELECT DISTINCT state FROM post") == [("mine",)]


SELECTED = "CREATE TABLE tag AS SELECT id, title AS w FROM post WHERE id < 3"


def test_a_table_made_by_a_select_with_parameters_is_refused(blog: History) -> None:
    asked = SELECTED.replace("3", ":n")
    blog.revision(f"op.get_bind().execute(sa.text({asked!r}), {{'n': 3}})", 'op.drop_table("tag")')
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"the hidden tag would return, and .* a statement that has parameters"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    flask_rewind.purge(place="tag")
    flask_rewind.upgrade()


def test_a_table_made_by_a_select_of_other_columns_has_each_row_once(blog: History) -> None:
    path = blog.revision(f'op.execute("{SELECTED}")', 'op.drop_table("tag")')
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    path.write_text(path.read_text().replace("SELECT id,", "SELECT id, id AS more,"))
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, more, w FROM tag ORDER BY id") == [(1, 1, "a"), (2, 2, "b")]
    assert [each.place for each in flask_rewind.attic()] == ["tag"]


@pytest.mark.on("mariadb", "postgresql")  # SQLite has no such statement
def test_a_primary_key_that_is_changed_where_the_table_is_made(blog: History, engine_name: str) -> None:
    drop = "DROP PRIMARY KEY" if engine_name == "mariadb" else "DROP CONSTRAINT tag_pkey"
    made = "CREATE TABLE tag (id INTEGER NOT NULL, k INTEGER NOT NULL, PRIMARY KEY (id))"
    blog.revision(
        f'op.execute("{made}")\nop.execute("ALTER TABLE tag {drop}, ADD PRIMARY KEY (id, k)")', 'op.drop_table("tag")'
    )
    flask_rewind.upgrade()
    before = everything(blog.engine)
    flask_rewind.downgrade()
    flask_rewind.upgrade()
    assert everything(blog.engine) == before


@pytest.mark.parametrize(
    "fill",
    [
        "UPDATE tag t JOIN post p ON p.id = t.id SET p.state = t.w",
        "UPDATE tag t, post p SET t.w = 'z', p.state = 'draft' WHERE p.id = t.id",
    ],
)
@pytest.mark.on("mariadb")  # elsewhere an UPDATE changes its first table only
def test_a_column_filled_by_a_join_keeps_its_values(blog: History, fill: str) -> None:
    blog.run("CREATE TABLE tag (id INTEGER PRIMARY KEY, w VARCHAR(9))")
    blog.run("INSERT INTO tag (id, w) VALUES (1, 'a'), (2, 'b')")
    blog.revision(f'{ADD}op.execute("{fill}")', DROP)
    flask_rewind.upgrade()
    blog.run("UPDATE post SET state = 'live' WHERE id = 1")
    before = everything(blog.engine)
    flask_rewind.downgrade()
    flask_rewind.upgrade()
    assert everything(blog.engine) == before


@pytest.mark.on("mariadb")  # elsewhere a DELETE deletes rows of its first table only
def test_rows_taken_by_a_join_from_a_table_that_came_back_stay(blog: History) -> None:
    take = "DELETE t FROM tag t JOIN post p ON p.id = t.id WHERE p.title = 'b'"
    blog.revision(f'{TAG}\n{SEED}\nop.execute("{take}")', 'op.drop_table("tag")')
    flask_rewind.upgrade()
    blog.run("INSERT INTO tag (id, w) VALUES (2, 'mine')")
    before = everything(blog.engine)
    flask_rewind.downgrade()
    flask_rewind.upgrade()
    assert everything(blog.engine) == before


@pytest.mark.on("mariadb", "postgresql")  # a statement of SQLite changes one table
def test_rows_of_a_table_that_came_back_and_of_another_in_one_statement(blog: History, engine_name: str) -> None:
    both = {
        "mariadb": "UPDATE tag t JOIN post p ON p.id = t.id SET t.w = 'c', p.title = 'c'",
        "postgresql": "WITH c AS (UPDATE tag SET w = 'c' RETURNING id) UPDATE post SET title = 'c' FROM c",
    }
    blog.revision(f'{TAG}\n{SEED}\nop.execute("{both[engine_name]}")', 'op.drop_table("tag")')
    flask_rewind.upgrade()
    blog.run("UPDATE tag SET w = 'mine'")
    flask_rewind.downgrade()
    before = everything(blog.engine)
    with pytest.raises(Refused, match="tag returned with its rows, and the script would change them and rows of"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before


@pytest.mark.on("mariadb", "postgresql")  # another schema of SQLite is another file
def test_a_table_of_the_same_name_elsewhere_is_another_one(blog: History, engine_name: str) -> None:
    blog.run("CREATE SCHEMA beside")
    try:
        blog.run("CREATE TABLE beside.tag (id INTEGER PRIMARY KEY, w TEXT)")
        blog.run("CREATE TABLE beside.post (id INTEGER PRIMARY KEY, more INTEGER)")
        blog.run("INSERT INTO beside.post (id) VALUES (1)")
        there = SEED.replace("INTO tag", "INTO beside.tag")
        blog.revision(f"{TAG}\n{SEED}\n{there}", 'op.drop_table("tag")\nop.execute("DELETE FROM beside.tag")')
        all_columns = "INSERT INTO beside.post VALUES (2, 3)"
        back = 'op.add_column("post", sa.Column("title", sa.String(60)))'
        blog.revision(f'op.drop_column("post", "title")\nop.execute("{all_columns}")', back)
        flask_rewind.upgrade()
        blog.run("UPDATE tag SET w = 'mine'")
        flask_rewind.downgrade(revision="1")
        assert blog.rows("SELECT id FROM beside.tag") == []
        flask_rewind.upgrade(revision="2")
        assert blog.rows("SELECT id, w FROM beside.tag ORDER BY id") == [(1, "a"), (2, "b")]
        assert blog.rows("SELECT DISTINCT w FROM tag") == [("mine",)]
        assert blog.rows("SELECT * FROM beside.post ORDER BY id") == [(1, None), (2, 3)]
    finally:
        blog.run("DROP SCHEMA beside" + " CASCADE" * (engine_name == "postgresql"))
