"""Unique constraints that return after the rows have changed."""

import flask_rewind
import pytest
from flask_rewind.errors import CrossingFailed, Refused
from hard_cases import made, refused_with_everything_as_it_was
from histories import History, everything, executed, in_batch

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


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
