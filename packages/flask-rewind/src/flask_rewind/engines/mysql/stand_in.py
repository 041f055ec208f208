"""MariaDB and MySQL: a stand-in is another database on the server, with the same tables and some of their rows."""

import functools
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from flask_rewind.attic_entries import PREFIX, SIDE
from flask_rewind.engines.beyond_stand_in import other_databases
from flask_rewind.engines.mysql.beyond_stand_in import reaches_past
from flask_rewind.engines.mysql.describing import described, triggers
from flask_rewind.engines.stand_in import Opaque
from flask_rewind.places import STANDS_FOR
from flask_rewind.sql.tokenizer import tokens

COPIED_WHOLE = 50_000
"""A table with at most this many rows is copied completely."""
SAMPLE = 1_000


@contextmanager
def stand_in(connection: Connection) -> Iterator[Connection]:
    """Yield a connection to a stand-in, another database, which exists until the block ends.

    Raises:
        Opaque: if no stand-in can be made.
    """
    live = str(connection.exec_driver_sql("SELECT DATABASE()").scalar())
    name = f"rewind_shadow_{os.getpid()}_{secrets.token_hex(4)}"
    raw = connection.engine.raw_connection()
    driver: Any = raw.driver_connection
    raw.detach()  # it must not return to the pool: from here on it uses another database
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
                event.listen(own, "before_cursor_execute", others.refuse)  # before the recorder tries statements
                own.info["rewind_rows"] = _rows(cursor, live)
                own.info[STANDS_FOR] = live
                yield own
        finally:
            cursor.execute(f"DROP DATABASE `{name}`")
    finally:
        driver.close()


class _Others:
    """The other databases of a server, which a script must not reach."""

    def __init__(self, cursor: Any, own: str) -> None:
        cursor.execute("SHOW DATABASES")
        self.names = {row[0].lower() for row in cursor.fetchall()} - {own.lower(), "information_schema"}
        self._cursor = cursor

    @functools.cached_property
    def tables(self) -> set[tuple[str, str]]:
        self._cursor.execute("SELECT lower(table_schema), lower(table_name) FROM information_schema.tables")
        return set(self._cursor.fetchall())

    def refuse(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if reason := reaches_past(statement, self.names, lambda: self.tables):
            raise Opaque(reason)


def _create_database(connection: Connection, cursor: Any, name: str) -> None:
    try:
        cursor.execute(f"CREATE DATABASE `{name}`")
    except connection.dialect.loaded_dbapi.Error as error:
        raise Opaque(f"the plan needs a database to try it on, and cannot create one: {error.args[-1]}") from error


def _rows(cursor: Any, live: str) -> dict[str, int]:
    cursor.execute(
        "SELECT table_name, table_rows FROM information_schema.tables"
        " WHERE table_schema = %s AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')",
        (live,),
    )
    return {name: int(rows or 0) for name, rows in cursor.fetchall()}


def _fill(connection: Connection, cursor: Any, live: str, name: str, others: _Others) -> None:
    parts = described(connection).values()
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
        # A foreign key that is created with foreign_key_checks = 0 does not follow a rename of its table.
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
    """Return the side tables and the tables that they follow: samples of these would not have the same rows."""
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
    # A plan needs all newborn rows, which the markers show. Of the other rows it needs a sample.
    markers = " OR ".join(f"{name} <> 0" for name in names if re.fullmatch(r"_attic_\d+_new", name)) or "0"
    cursor.execute(f"{copy} WHERE {markers} LIMIT {COPIED_WHOLE}")
    cursor.execute(f"{copy} WHERE NOT ({markers}) LIMIT {SAMPLE}")


def _make_again(connection: Connection, cursor: Any, live: str, others: _Others, sql: str, what: str) -> None:
    sql = sql.replace(f"`{live}`.", "")
    found = tokens(sql, connection.dialect.name)
    if name := next(other_databases(found, others.names, lambda: others.tables), ""):
        raise Opaque(f"{what} names the database {name}, and the plan has no stand-in for it")
    try:
        cursor.execute(sql)
    except connection.dialect.loaded_dbapi.Error as error:
        raise Opaque(f"{what} cannot be created in the stand-in: {error.args[-1]}") from error
