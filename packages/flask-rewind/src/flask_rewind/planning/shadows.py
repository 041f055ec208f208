"""Stand-ins for a database: what is made on them changes nothing of it."""

import functools
import os
import re
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, StaticPool

from flask_rewind.attic_entries import PREFIX, SIDE
from flask_rewind.describing import describe
from flask_rewind.describing.mysql import triggers
from flask_rewind.errors import RewindError
from flask_rewind.places import STANDS_FOR
from flask_rewind.planning.reach import other_databases, reaches_past
from flask_rewind.sql.statements import READING, split, verb
from flask_rewind.sql.tokens import tokens
from flask_rewind.transactions import is_autocommit

LOCK_TIMEOUT, STATEMENT_TIMEOUT = "500ms", "3s"
"""On PostgreSQL a plan holds the locks of its move until it is through; it gives up rather than stop the site."""
COPIED_WHOLE = 50_000
"""Up to how many rows a table of MariaDB or MySQL is copied with all of them."""
SAMPLE = 1_000

_here = threading.local()


class Opaque(RewindError):
    """A plan cannot look further. The message says why."""


@contextmanager
def shadow_of(connection: Connection) -> Iterator[Connection]:
    """Give a connection to a stand-in of the database behind `connection`, for as long as the block lasts.

    Raises:
        Opaque: where none can be made.
    """
    make = _SHADOWS.get(connection.dialect.name)
    if make is None:
        raise Opaque(f"Rewind has no stand-in for {connection.dialect.name}")
    with make(connection) as own:
        yield own


@contextmanager
def _sqlite(connection: Connection) -> Iterator[Connection]:
    with TemporaryDirectory(prefix="rewind-plan-") as folder:
        path = Path(folder) / "plan.db"
        _copy_sqlite(connection, path)
        engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        event.listen(engine, "before_cursor_execute", _refuse_reaching_past)
        if connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
            event.listen(engine, "connect", lambda driver, _: driver.execute("PRAGMA foreign_keys=ON"))
        with engine.connect() as own:
            yield own


def _copy_sqlite(connection: Connection, path: Path) -> None:
    rows = connection.exec_driver_sql("PRAGMA database_list").all()
    file = next(row[2] for row in rows if row[1] == "main")
    driver: Any = connection.connection.driver_connection
    with closing(sqlite3.connect(path)) as copy:
        if file:
            with closing(sqlite3.connect(f"{Path(file).as_uri()}?mode=ro", uri=True)) as source:
                source.backup(copy)
        else:
            driver.backup(copy)


@contextmanager
def _postgresql(connection: Connection) -> Iterator[Connection]:
    with connection.engine.connect() as own:
        if is_autocommit(own):
            own.execution_options(isolation_level="READ COMMITTED")  # this one is to be rolled back
        own.info["rewind_shadow"] = True
        own.detach()  # what a script sets for its session goes with this connection
        transaction = own.begin()
        event.listen(own, "commit", _refuse_commit)
        event.listen(own, "before_cursor_execute", _refuse_reaching_past)
        try:
            own.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            own.exec_driver_sql(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'")
            yield own
        finally:
            transaction.rollback()
            own.info.pop("rewind_shadow", None)


def _refuse_commit(connection: Any) -> None:
    raise Opaque("the script commits by itself, and PostgreSQL could not take that back")


def _refuse_reaching_past(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
    if reason := reaches_past(statement, connection.dialect.name):
        raise Opaque(reason)


@contextmanager
def _mysql(connection: Connection) -> Iterator[Connection]:
    live = str(connection.exec_driver_sql("SELECT DATABASE()").scalar())
    name = f"rewind_shadow_{os.getpid()}_{secrets.token_hex(4)}"
    raw = connection.engine.raw_connection()
    driver: Any = raw.driver_connection
    raw.detach()  # the pool must not hand it to others: it looks at another database from here on
    cursor = driver.cursor()
    try:
        _create_database(connection, cursor, name)
        try:
            others = _Others(cursor, name)
            _fill(connection, cursor, live, name, others)
            driver.commit()
            url = connection.engine.url.set(database=name)
            engine = create_engine(url, creator=lambda: driver, poolclass=StaticPool)
            event.listen(engine, "before_cursor_execute", others.refuse)
            with engine.connect() as own:
                event.listen(own, "before_cursor_execute", others.refuse)  # before the recorder, which tries things
                own.info["rewind_rows"] = _rows(cursor, live)
                own.info[STANDS_FOR] = live
                yield own
        finally:
            cursor.execute(f"DROP DATABASE `{name}`")
    finally:
        driver.close()


class _Others:
    """The other databases of a server, those that a script must not reach."""

    def __init__(self, cursor: Any, own: str) -> None:
        cursor.execute("SHOW DATABASES")
        self.names = {row[0].lower() for row in cursor.fetchall()} - {own.lower(), "information_schema"}
        self._cursor = cursor

    @functools.cached_property
    def tables(self) -> set[tuple[str, str]]:
        self._cursor.execute("SELECT lower(table_schema), lower(table_name) FROM information_schema.tables")
        return set(self._cursor.fetchall())

    def refuse(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if reason := reaches_past(statement, connection.dialect.name, self.names, lambda: self.tables):
            raise Opaque(reason)


def _create_database(connection: Connection, cursor: Any, name: str) -> None:
    try:
        cursor.execute(f"CREATE DATABASE `{name}`")
    except connection.dialect.loaded_dbapi.Error as error:
        raise Opaque(f"the server gives no database to try it on: {error.args[-1]}") from error


def _rows(cursor: Any, live: str) -> dict[str, int]:
    cursor.execute(
        "SELECT table_name, table_rows FROM information_schema.tables"
        " WHERE table_schema = %s AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')",
        (live,),
    )
    return {name: int(rows or 0) for name, rows in cursor.fetchall()}


def _fill(connection: Connection, cursor: Any, live: str, name: str, others: _Others) -> None:
    parts = (describe(connection) or {}).values()
    cursor.execute(f"USE `{name}`")
    cursor.execute("SET SESSION foreign_key_checks = 0")
    make_again = functools.partial(_make_again, connection, cursor, live, others)
    for part in parts:
        if part.kind == "sequence":
            make_again(part.sql, str(part))
            quoted = f"`{part.name.replace('`', '``')}`"
            cursor.execute(f"SELECT next_not_cached_value FROM `{live}`.{quoted}")
            cursor.execute(f"SELECT SETVAL({quoted}, {cursor.fetchone()[0]}, 0)")
    followed = _followed(cursor, live)
    tables = _rows(cursor, live)
    sides = [name for name in tables if name.startswith(PREFIX) and name.endswith(SIDE)]
    for table in [*(name for name in tables if name not in sides), *sides]:
        # A foreign key that is made unchecked does not follow when its table is renamed.
        cursor.execute(f"SET SESSION foreign_key_checks = {int(table in sides)}")
        source = f"`{live}`.`{table.replace('`', '``')}`"
        cursor.execute(f"SHOW CREATE TABLE {source}")
        make_again(cursor.fetchone()[1], f"table {table}")
        _copy_rows(cursor, live, table, source, 0 if table in followed else tables[table])
    cursor.execute("SET SESSION foreign_key_checks = 0")
    for part in [*(part for part in parts if part.kind == "view"), *triggers(connection)]:
        make_again(part.sql, str(part))
    cursor.execute("SET SESSION foreign_key_checks = 1")


def _followed(cursor: Any, live: str) -> set[str]:
    """Return the side tables, and the tables whose rows they follow: a part of each would not be of the same rows."""
    cursor.execute(
        "SELECT table_name, referenced_table_name FROM information_schema.key_column_usage"
        " WHERE table_schema = %s AND referenced_table_name IS NOT NULL AND table_name LIKE '|_attic|_%%' ESCAPE '|'",
        (live,),
    )
    return {name for names in cursor.fetchall() for name in names}


def _copy_rows(cursor: Any, live: str, table: str, source: str, rows: int) -> None:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s AND COALESCE(generation_expression, '') = ''",
        (live, table),
    )
    names = [row[0] for row in cursor.fetchall()]
    columns = ", ".join(f"`{name.replace('`', '``')}`" for name in names)
    copy = f"INSERT INTO `{table.replace('`', '``')}` ({columns}) SELECT {columns} FROM {source}"
    if rows <= COPIED_WHOLE:
        cursor.execute(copy)
        return
    # What a plan asks of the rows: which were born while a column was hidden. The others are a sample.
    markers = " OR ".join(f"{name} = 1" for name in names if re.fullmatch(r"_attic_\d+_new", name)) or "0"
    cursor.execute(f"{copy} WHERE {markers} LIMIT {COPIED_WHOLE}")
    cursor.execute(f"{copy} WHERE NOT ({markers}) LIMIT {SAMPLE}")


def _make_again(connection: Connection, cursor: Any, live: str, others: _Others, sql: str, what: str) -> None:
    sql = sql.replace(f"`{live}`.", "")
    found = tokens(sql, connection.dialect.name)
    if name := next(other_databases(found, others.names, lambda: others.tables), ""):
        raise Opaque(f"{what} names the database {name}, for which nothing stands in")
    try:
        cursor.execute(sql)
    except connection.dialect.loaded_dbapi.Error as error:
        raise Opaque(f"{what} cannot be made on a stand-in: {error.args[-1]}") from error


_SHADOWS: dict[str, Callable[[Connection], AbstractContextManager[Connection]]] = {
    "sqlite": _sqlite,
    "mysql": _mysql,
    "mariadb": _mysql,
    "postgresql": _postgresql,
}


@contextmanager
def writing_elsewhere_refused(engines: list[Engine]) -> Iterator[None]:
    """Let no statement of this thread change a real database: scripts may have connections of their own."""
    for engine in engines:
        # For good instead of for one plan: removing a listener is not safe beside other threads.
        if not event.contains(engine, "before_cursor_execute", _refuse_write):
            event.listen(engine, "before_cursor_execute", _refuse_write)
    _here.is_planning = True
    try:
        yield
    finally:
        _here.is_planning = False


def _refuse_write(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
    if not getattr(_here, "is_planning", False) or connection.info.get("rewind_shadow"):
        return
    dialect = connection.dialect.name
    is_reading = all(verb(part, dialect) in READING | {"SET", "USE"} for part in split(statement, dialect))
    if not is_reading or (dialect == "postgresql" and reaches_past(statement, dialect)):
        raise Opaque("the script writes by a connection of its own, not by Alembic's")
