"""`downgrade --from-journal` where the present schema is in the way of what it restores."""

from collections.abc import Callable

import flask_rewind
import pytest
from flask import Flask
from flask_rewind.errors import Refused
from histories import History, everything, executed, in_batch

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    columns = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("mood", sa.String(20), nullable=False)'
    made.revision(f'op.create_table("post", {columns})', 'op.drop_table("post")')
    flask_rewind.upgrade()
    made.run("INSERT INTO post (id, mood) VALUES (1, 'glad')")
    return made


def test_a_type_goes_after_the_column_that_got_it(blog: History, engine_name: str) -> None:
    as_feeling = {
        "postgresql": executed(
            "CREATE TYPE feeling AS ENUM ('glad', 'sad')",
            "ALTER TABLE post ALTER mood TYPE feeling USING mood::feeling",
        )
    }.get(engine_name, in_batch('alter_column("mood", type_=sa.String(30), nullable=False)'))
    before = everything(blog.engine)
    blog.revision(as_feeling, "raise ValueError")
    for _each in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade(from_journal=True)
        assert everything(blog.engine) == before


def test_a_column_that_becomes_not_null_again_is_filled(blog: History) -> None:
    nullable = in_batch('alter_column("mood", existing_type=sa.String(20), nullable=True)')
    blog.revision(nullable, "raise ValueError")
    flask_rewind.upgrade()
    flask_rewind.downgrade(from_journal=True)  # nothing is NULL
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id) VALUES (2), (3)")
    before = everything(blog.engine)
    for _each in range(2):
        with pytest.raises(Refused, match=r"post\.mood becomes NOT NULL again, and 2 rows have no value") as refused:
            flask_rewind.downgrade(from_journal=True)
        assert "--fill \"post.mood=''\"" in refused.value.hint
        assert everything(blog.engine) == before
    flask_rewind.downgrade(from_journal=True, fill={"post.mood": "'calm'"})
    assert blog.rows("SELECT mood FROM post ORDER BY id") == [("glad",), ("calm",), ("calm",)]
    assert not blog.schema()[0][1][2]
