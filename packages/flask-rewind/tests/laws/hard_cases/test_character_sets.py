"""Character sets of MariaDB."""

import flask_rewind
import pytest
from flask_rewind.errors import CrossingFailed
from hard_cases import made, refused_with_everything_as_it_was
from histories import History, everything, executed

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


@pytest.mark.parametrize("word", ["é", "轻"])
@pytest.mark.on("mariadb")
def test_a_smaller_character_set(blog: History, word: str) -> None:
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


@pytest.mark.on("mariadb")
def test_a_larger_character_set_that_returns_with_more(blog: History) -> None:
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


@pytest.mark.parametrize("by_journal", [False, True])
@pytest.mark.parametrize("is_hidden", [False, True])
@pytest.mark.on("mariadb")
def test_a_text_whose_table_gets_another_character_set(blog: History, is_hidden: bool, by_journal: bool) -> None:
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
