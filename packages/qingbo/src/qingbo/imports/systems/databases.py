"""Reads the database of another blog by its URL: MySQL, MariaDB or SQLite. Nothing is written to it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, create_engine, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from qingbo.errors import SetupError

AT_ONCE = 200
"""How many posts are read at once, with all that belongs to them."""
CONNECT_SECONDS = 10
EXAMPLES = "mysql://user:password@host/name or sqlite:////folder/blog.db"

Row = RowMapping


def grouped(rows: Iterable[Row], column: str) -> defaultdict[Any, list[Row]]:
    """Return the rows by their value in a column, in order; none for a value that no row has."""
    groups: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


class OldDatabase:
    """An open database of another blog."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self.name = name
        """Its URL without the password."""

    def tables(self) -> set[str]:
        """Return the names of its tables."""
        return set(inspect(self._connection).get_table_names())

    def require(self, tables: Sequence[str], what: str) -> None:
        """Check that tables exist.

        Raises:
            SetupError: if one is missing; `what` is the blog that should be there.
        """
        if missing := [each for each in tables if each not in self.tables()]:
            raise SetupError(
                f"{self.name} is not the database of {what}: it has no table {', '.join(missing)}.",
                "Check the URL, and the table prefix if there is one.",
            )

    def rows(self, statement: Select[Any]) -> list[Row]:
        """Return all rows of a query."""
        return [row._mapping for row in self._connection.execute(statement)]

    def batches(self, statement: Select[Any]) -> Iterator[list[Row]]:
        """Yield the rows of a query, `AT_ONCE` at a time. They are all read first, so it should select keys."""
        rows = self.rows(statement)
        for start in range(0, len(rows), AT_ONCE):
            yield rows[start : start + AT_ONCE]


@contextmanager
def old_database(url: str) -> Iterator[OldDatabase]:
    """Open a database for reading.

    Raises:
        SetupError: if the URL is wrong, or the database does not answer. The message shows no password.
    """
    parsed = _parsed(url)
    name = parsed.render_as_string(hide_password=True)
    engine = create_engine(_with_driver(parsed), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield OldDatabase(connection, name)
    except DBAPIError as error:
        reason = str(error.orig).replace(str(parsed.password), "***") if parsed.password else str(error.orig)
        raise SetupError(f"{name} cannot be read: {reason}", f"Check the URL; it looks like {EXAMPLES}.") from None
    finally:
        engine.dispose()


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise SetupError("This is not the URL of a database.", f"It looks like {EXAMPLES}.") from None
    if backend not in {"mysql", "mariadb", "sqlite"}:
        raise SetupError(f"A database of the type {backend} cannot be imported.", f"The URL looks like {EXAMPLES}.")
    if backend == "sqlite" and not Path(parsed.database or "").is_file():
        raise SetupError(f"There is no file {parsed.database}.", f"The URL looks like {EXAMPLES}.")
    return parsed


def _with_driver(parsed: URL) -> URL:
    """Return a URL with our driver, that opens a SQLite file for reading only."""
    if parsed.get_backend_name() == "sqlite":
        path = Path(str(parsed.database)).absolute().as_uri()
        return URL.create("sqlite", database=path, query={"mode": "ro", "uri": "true"})
    query = {"charset": "utf8mb4", "connect_timeout": str(CONNECT_SECONDS), **parsed.query}
    return parsed.set(drivername="mysql+pymysql", query=query)
