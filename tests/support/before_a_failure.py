"""A blog at its first revision, and commands that fail on the way to the second: what they say, and what is so then."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flask_rewind
import sqlalchemy as sa
from flask import Flask
from histories import History, everything
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

MakeApp = Callable[..., Flask]

POST = """op.create_table("post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(40)),
    sa.Column("slug", sa.String(40)))
op.execute("INSERT INTO post (id, title, slug) VALUES (1, 'One', 'one')")"""
DROP_SLUG = 'op.drop_column("post", "slug")'
ADD_SLUG = 'op.add_column("post", sa.Column("slug", sa.String(40)))'


class BeforeAFailure:
    """A database at revision 1, whose revision 2 drops a column, and the app that moves it, at any address."""

    def __init__(self, make_app: MakeApp, url: str, second: str = DROP_SLUG, **options: Any) -> None:
        config = {"REWIND_SQLITE_COPIES": 0, "REWIND_LEASE_TIMEOUT": 0.3} | options.pop("config", {})
        self._make_app = make_app
        self._options = options | {"config": config}
        self.url: URL = make_url(url)
        blog = History(make_app(url, **self._options))
        blog.revision(POST, 'op.drop_table("post")')
        self.path = blog.revision(second, ADD_SLUG)
        flask_rewind.upgrade(revision="1")
        self.app = blog.app
        self.admin = sa.create_engine(self.url, poolclass=NullPool)
        self.before = self._everything()

    def at(self, **parts: Any) -> None:
        """Move it from now on at an address with other parts, such as another user."""
        self.at_url(self.url.set(**parts))

    def at_url(self, url: URL, **database: Any) -> None:
        """Move it from now on at another address."""
        address = url.render_as_string(hide_password=False)
        self.app = self._make_app(address, **self._options, database=database)

    def fails(self, *words: str, code: int = 1) -> str:
        """Run a command that fails without a traceback, and return what it says in one line."""
        said = self.says(*words, code=code)
        assert said.startswith("Error: " if code == 1 else "refused: "), said
        return said

    def says(self, *words: str, code: int = 0) -> str:
        """Run a command and return what it says in one line."""
        result = self.app.test_cli_runner().invoke(args=["db", *words])
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        lines = [line for line in result.output.splitlines() if "[alembic.runtime" not in line]
        return " ".join(" ".join(lines).split())

    def is_as_before(self) -> bool:
        """Return whether schema, rows and revision are what they were; asked at the first address."""
        return bool(self._everything() == self.before)

    def run(self, *statements: str) -> None:
        """Execute statements as the administrator."""
        engine = self.admin.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%"))

    def _everything(self) -> Any:
        names = sa.inspect(self.admin).get_table_names()
        columns = sorted(each["name"] for each in sa.inspect(self.admin).get_columns("post"))
        with self.admin.connect() as connection:
            versions = sorted(connection.scalars(sa.text("SELECT version_num FROM alembic_version")))
        return everything(self.admin), sorted(names), columns, versions


@contextmanager
def user_of(case: BeforeAFailure, create: list[str], drop: list[str]) -> Iterator[None]:
    """Have another user of the server for as long as the block lasts."""
    case.run(*drop, *create)
    try:
        yield
    finally:
        case.run(*drop)
