"""Inserts rows as fast as the engine allows: SQLite with a prepared statement, the others from a file."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

AT_ONCE = 20_000
"""Rows in each transaction."""

Row = Sequence[str | int | None]
"""The format of moments: text in UTC, as SQLAlchemy writes it into SQLite."""

_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def load(url: str, table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Insert rows and return their number."""
    insert = {"sqlite": _into_sqlite, "mysql": _into_mariadb, "postgresql": _into_postgresql}
    return insert[make_url(url).get_backend_name()](url, table, columns, rows)


def _into_sqlite(url: str, table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    import sqlite3

    connection = sqlite3.connect(make_url(url).database or "", isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -400000")
    places = ", ".join("?" * len(columns))
    count = 0
    for some in _batches(rows):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", some)
        connection.execute("COMMIT")
        count += len(some)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return count


def _into_mariadb(url: str, table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    engine = sa.create_engine(url, connect_args={"local_infile": True}, isolation_level="AUTOCOMMIT")
    statement = f"LOAD DATA LOCAL INFILE '{{}}' INTO TABLE {table} CHARACTER SET utf8mb4 ({', '.join(columns)})"
    count = 0
    with engine.connect() as connection:
        connection.exec_driver_sql("SET unique_checks = 0, foreign_key_checks = 0")
        for some in _batches(rows):
            with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
                file.writelines(map(_line, some))
                file.flush()
                loaded = connection.exec_driver_sql(statement.format(file.name)).rowcount
            if loaded != len(some):
                raise RuntimeError(f"MariaDB took {loaded} of {len(some)} rows of {table}")
            count += loaded
    engine.dispose()
    return count


def _into_postgresql(url: str, table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    count = 0
    with engine.connect() as connection:
        connection.exec_driver_sql("SET TIME ZONE 'UTC'")
        driver: Any = connection.connection.driver_connection
        for some in _batches(rows):
            with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                copy.write("".join(map(_line, some)))
            count += len(some)
        if "id" in columns:  # the next id comes after the given ones
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
    engine.dispose()
    return count


def _batches(rows: Iterable[Row]) -> Iterator[Sequence[Row]]:
    left = iter(rows)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _line(row: Row) -> str:
    """Return a row in the default format of both COPY and LOAD DATA."""
    return "\t".join("\\N" if each is None else str(each).translate(_ESCAPED) for each in row) + "\n"
