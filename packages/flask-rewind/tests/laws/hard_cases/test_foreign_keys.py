"""Foreign keys, and the rows at both of their ends."""

import flask_rewind
import pytest
from hard_cases import made, refused_with_everything_as_it_was
from histories import History, everything, in_batch

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


def test_orphans_under_a_foreign_key_that_returns_with_its_column(blog: History) -> None:
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
    if engine_name != "sqlite":  # SQLite's integers all have the same length
        refused_with_everything_as_it_was(blog, "(?i)1 values would change permanently|out of range")
    blog.run("DELETE FROM parent WHERE id = 5000000000")
    flask_rewind.downgrade()
    assert everything(blog.engine) == before


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


def test_a_unique_column_that_others_refer_to(blog: History) -> None:
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
