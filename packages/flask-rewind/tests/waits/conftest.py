"""An app with two tables on a server, whose statements give up at once when they do not get a lock."""

from collections.abc import Callable

import flask_rewind
import pytest
from flask import Flask
from histories import History

MakeApp = Callable[..., Flask]

TABLES = """
op.create_table("post", sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.String(40)),
    sa.Column("note", sa.String(20)), mysql_charset="utf8mb4")
op.create_table("author", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)),
    mysql_charset="utf8mb4")"""
SHORT = {
    "mariadb": {"init_command": "SET SESSION lock_wait_timeout = 0, innodb_lock_wait_timeout = 1"},
    "postgresql": {"options": "-c lock_timeout=100ms"},
}
"""What lets a connection wait for less time than a move would: it stays so, and tests need not wait."""


@pytest.fixture
def blog(make_app: MakeApp, database_url: str, engine_name: str) -> History:
    options = {"connect_args": SHORT[engine_name]}
    made = History(make_app(database_url, config={"SQLALCHEMY_ENGINE_OPTIONS": options}))
    made.revision(TABLES, "pass")
    flask_rewind.upgrade()
    made.run("INSERT INTO post VALUES (1, 'one', 'a'), (2, 'two', 'b')")
    made.run("INSERT INTO author VALUES (1, 'Ann'), (2, 'Bob')")
    return made
