"""A blog with authors and posts at revision 1, foreign keys enforced."""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from histories import History

MakeApp = Callable[..., Flask]

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
