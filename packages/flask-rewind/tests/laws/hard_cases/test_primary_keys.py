"""Primary keys that change, and tables without one."""

import flask_rewind
import pytest
from flask_rewind.errors import CrossingFailed
from hard_cases import made
from histories import History, everything

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


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
