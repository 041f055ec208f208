"""Constraints of every kind: they are refused if rows break them; one on two columns returns when both are there."""

import flask_rewind
import pytest
from flask_rewind.errors import CrossingFailed, Refused
from hard_cases import made, refused_with_everything_as_it_was
from histories import History, everything

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


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


@pytest.mark.on("postgresql")
def test_an_exclusion_by_an_expression(blog: History) -> None:
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
