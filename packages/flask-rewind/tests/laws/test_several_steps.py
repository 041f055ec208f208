"""Revisions of several steps on the same table. Each case was a random history that failed, and names its seed.

The seeds are for test_walks at the commit that added the case.
"""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import CrossingFailed
from histories import History, everything

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.combinations]

CREATE = """
op.create_table(
    "post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("mood", sa.String(20), server_default="calm"),
    sa.Column("stars", sa.Integer),
    mysql_charset="utf8mb4",
)
"""
INDEX = '\nop.create_index("ix_mood", "post", ["mood"])\n'
ADD_MOOD = 'op.add_column("post", sa.Column("mood", sa.String(20), server_default="calm"))\n'
DROP_MOOD = 'op.drop_column("post", "mood")\n'
RENAMED = 'op.alter_column("post", "{}", new_column_name="{}", existing_type=sa.String(20){})\n'
CALM = ', existing_server_default="calm"'
ADD_TONE = 'op.add_column("post", sa.Column("tone", sa.String(20), server_default="t"))\n'


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    return History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))


def filled(blog: History) -> None:
    """Create the table, with rows and an index."""
    blog.revision(CREATE + INDEX, 'op.drop_table("post")')
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, mood, stars) VALUES (1, 'glad', 5), (2, NULL, NULL)")


BEHIND_A_RETURN = {
    "the column renamed": RENAMED.format("mood", "tone", CALM),
    "the table renamed": 'op.rename_table("post", "article")\n',
    "the table renamed by hand": 'op.execute("ALTER TABLE post RENAME TO article")\n',
    "the index dropped": 'op.drop_index("ix_mood", table_name="post")\n',
    "the column dropped": DROP_MOOD + ADD_MOOD + INDEX + DROP_MOOD,
    "the table dropped": 'op.drop_table("post")\n',
}
IN_FRONT_OF_A_DROP = {
    "the column renamed": RENAMED.format("tone", "mood", CALM),
    "the table renamed": 'op.rename_table("article", "post")\n',
    "the table renamed by hand": 'op.execute("ALTER TABLE article RENAME TO post")\n',
    "the index dropped": INDEX,
    "the column dropped": ADD_MOOD + INDEX + DROP_MOOD + ADD_MOOD + INDEX,
    "the table dropped": CREATE + INDEX,
}


@pytest.mark.parametrize("by_journal", [False, True])
@pytest.mark.parametrize("what", BEHIND_A_RETURN)
def test_an_index_returns_with_its_column_whatever_comes_behind(blog: History, what: str, by_journal: bool) -> None:
    """Seeds 0 and 684 of walks, 8464160 and 40 of wrong downgrades."""
    filled(blog)
    blog.revision(BEHIND_A_RETURN[what], IN_FRONT_OF_A_DROP[what])
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        after = everything(blog.engine)
        flask_rewind.downgrade(from_journal=by_journal)
        assert everything(blog.engine) == before
        flask_rewind.upgrade()
        assert everything(blog.engine) == after
        flask_rewind.downgrade()


def test_what_a_table_got_and_lost_after_it_was_made_returns_when_the_journal_went_back(blog: History) -> None:
    """Seeds 63 and 577440 of wrong downgrades."""
    blog.revision(CREATE + INDEX + ADD_TONE + DROP_MOOD, ADD_MOOD + 'op.drop_table("post")')
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, stars, tone) VALUES (1, 5, 'x'), (2, NULL, NULL)")
    before = everything(blog.engine)
    flask_rewind.downgrade(from_journal=True)
    assert everything(blog.engine) == ({}, {})
    flask_rewind.upgrade()
    assert everything(blog.engine) == before


def test_what_a_table_got_under_another_name_is_there_when_it_returns(blog: History) -> None:
    """Seed 213899 of wrong downgrades."""
    rename = 'op.rename_table("post", "article")\n'
    index = 'op.create_index("ix_stars", "article", ["stars"])\n'
    blog.revision(CREATE + rename + index, 'op.drop_table("article")')
    flask_rewind.upgrade()
    blog.run("INSERT INTO article (id, stars) VALUES (1, 5)")
    before = everything(blog.engine)
    flask_rewind.downgrade(from_journal=True)
    flask_rewind.upgrade()
    assert everything(blog.engine) == before


def test_a_table_that_took_the_place_of_another_goes_by_the_journal(blog: History) -> None:
    """Seed 1115 of wrong downgrades."""
    filled(blog)
    new = 'op.create_table("post", sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.String(20)))\n'
    blog.revision('op.drop_table("post")\n' + new + RENAMED.format("a", "b", ""), "pass")
    before = everything(blog.engine)
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, b) VALUES (8, 'new')")
    after = everything(blog.engine)
    flask_rewind.downgrade(from_journal=True)
    assert everything(blog.engine) == before
    flask_rewind.upgrade()
    assert everything(blog.engine) == after


@pytest.mark.parametrize("by_journal", [False, True])
@pytest.mark.parametrize("name", ["post", "p" * 60])
def test_a_table_returns_while_another_has_its_names(blog: History, name: str, by_journal: bool) -> None:
    """Seed 205501 of wrong downgrades: the sequence of a renamed table on PostgreSQL keeps the table's first name."""
    create = (
        f'op.create_table("{{}}", sa.Column("id", sa.Integer, primary_key=True), sa.Column("{name}", sa.Integer))\n'
    )
    index = f'op.create_index("ix_{name[:50]}", "{{}}", ["{name}"])\n'
    new = (create + index).format(name, name)
    blog.revision(f'{new}op.rename_table("{name}", "article")', "pass")
    flask_rewind.upgrade()
    blog.run(f"INSERT INTO article ({name}) VALUES (5)")
    before = everything(blog.engine)
    back = f'{create.format("article")}op.drop_table("{name}")\n{index.format("article")}'
    blog.revision(f'op.drop_table("article")\n{new}', back)
    flask_rewind.upgrade()
    after = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade(from_journal=by_journal)
        assert everything(blog.engine) == before
        flask_rewind.upgrade()
        assert everything(blog.engine) == after


def test_an_index_of_a_column_that_the_same_crossing_hid_is_not_left_over(blog: History) -> None:
    """Seed 136787191 of wrong downgrades."""
    filled(blog)
    blog.revision('op.create_index("ix_stars", "post", ["stars"])\nop.drop_column("post", "stars")', "pass")
    before = everything(blog.engine)
    flask_rewind.upgrade()
    flask_rewind.downgrade(from_journal=True)
    assert everything(blog.engine) == before


def test_of_two_checks_that_say_the_same_the_new_one_goes(blog: History) -> None:
    """Seed 327 of wrong downgrades."""
    filled(blog)
    check = 'with op.batch_alter_table("post") as block:\n    block.create_check_constraint("{}", "stars > 0")\n'
    drop = 'with op.batch_alter_table("post") as block:\n    block.drop_constraint("ck_a", type_="check")'
    blog.revision(check.format("ck_b"), "pass")
    blog.revision(check.format("ck_a"), drop)
    flask_rewind.upgrade()
    flask_rewind.downgrade(from_journal=True)
    flask_rewind.upgrade()
    flask_rewind.downgrade()


def test_of_two_checks_that_say_the_same_the_new_one_goes_whatever_their_column_is_called(blog: History) -> None:
    """Seed 51413552 of wrong downgrades."""
    filled(blog)
    check = 'with op.batch_alter_table("post") as block:\n    block.create_check_constraint("{}", "stars > 0")\n'
    rename = 'op.alter_column("post", "stars", new_column_name="points", existing_type=sa.Integer)'
    blog.revision(check.format("ck_b"), 'op.drop_constraint("ck_b", "post", type_="check")')
    blog.revision(check.format("ck_a") + rename, "pass")
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade(from_journal=True)
        assert [each["name"] for each in sa.inspect(blog.engine).get_check_constraints("post")] == ["ck_b"]


def test_of_two_columns_that_are_alike_the_new_one_goes(blog: History) -> None:
    """Seed 92231 of wrong downgrades: taking back a failed crossing dropped another column."""
    filled(blog)
    blog.revision('op.add_column("post", sa.Column("stray", sa.Integer))\nop.execute("nonsense")', "pass")
    before = everything(blog.engine)
    with pytest.raises(CrossingFailed):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before


TWO = 'op.create_index("ix_two", "post", ["mood", "stars"])\n'
STARS = 'op.{}_column("post", {})\n'
POINTS = 'op.alter_column("post", "{}", new_column_name="{}", existing_type=sa.Integer)\n'
LATER = {
    "another of its columns is renamed": (
        DROP_MOOD + POINTS.format("stars", "points"),
        ADD_MOOD + POINTS.format("points", "stars"),
    ),
    "another of its columns comes later": (
        STARS.format("drop", '"stars"') + DROP_MOOD,
        ADD_MOOD
        + POINTS.format("n", "m")
        + POINTS.format("m", "n")
        + STARS.format("add", 'sa.Column("stars", sa.Integer)'),
    ),
    "its table has another name": (
        DROP_MOOD + 'op.rename_table("post", "article")',
        ADD_MOOD.replace('"post"', '"article"') + 'op.rename_table("article", "post")',
    ),
    "its table had another name": (
        'op.rename_table("post", "article")\n' + DROP_MOOD.replace('"post"', '"article"'),
        'op.rename_table("article", "post")\n' + ADD_MOOD,
    ),
}


@pytest.mark.parametrize("by_journal", [False, True])
@pytest.mark.parametrize("what", LATER)
def test_an_index_waits_for_all_that_it_stands_on(blog: History, what: str, by_journal: bool) -> None:
    made = CREATE.replace('sa.Column("stars"', 'sa.Column("n", sa.Integer),\n    sa.Column("stars"')
    blog.revision(made + TWO, 'op.drop_table("post")')
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, mood, stars) VALUES (1, 'glad', 5), (2, NULL, NULL)")
    blog.revision(*LATER[what])
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade(from_journal=by_journal)
        assert everything(blog.engine) == before
