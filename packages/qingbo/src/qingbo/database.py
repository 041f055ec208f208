"""The database: column types that behave alike on every engine, names of constraints, and connections to SQLite."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, DateTime, Dialect, Integer, MetaData, String, Text, and_, event
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

TABLE_OPTIONS: dict[str, Any] = {
    # Without AUTOINCREMENT, SQLite may give the number of a deleted row to a new row.
    "sqlite_autoincrement": True,
    # Independent of the database's defaults: names and texts can contain every character, including emoji.
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_ci",
}

UNNUMBERED_TABLE_OPTIONS = {key: value for key, value in TABLE_OPTIONS.items() if key != "sqlite_autoincrement"}
"""For tables without an autoincrement key."""

BUSY_TIMEOUT_SECONDS = 30

ROWS_AT_ONCE = 500
"""SQLite allows 32,766 values in a statement, the other engines more."""

Id = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key. On SQLite it is INTEGER, which has 64 bits and is the only type that counts up."""


NO_ANSWER = (OperationalError, InterfaceError, NoConnectionLeft)
"""What SQLAlchemy raises if the database is locked or down, or the pool is empty. The answer is unknown then; code that
took it for "no such row" would sign people out."""


class Base(DeclarativeBase):
    """The root of the models."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


def key_type(length: int) -> String:
    """Return the type of an identifying column, which every engine compares byte by byte."""
    return (
        String(length)
        .with_variant(mysql.VARCHAR(length, collation="utf8mb4_bin"), "mysql", "mariadb")
        .with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")
    )


def begins_with(column: Any, begin: str) -> ColumnElement[bool]:
    """Return the condition that a `key_type` column begins with a text: a range, for which every engine uses an index.

    With LIKE, SQLite reads every row.
    """
    return and_(column >= begin, column < f"{begin}\U0010ffff")


def long_text() -> Text:
    """Return the type of a text of up to 16 MB; MySQL's TEXT ends at 64 kB."""
    return Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")


class UtcDateTime(TypeDecorator[datetime]):
    """A time with microseconds: aware in Python, UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return a type with microseconds; MySQL's default rounds them away."""
        kind = mysql.DATETIME(fsp=6) if dialect.name in {"mysql", "mariadb"} else DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert an aware datetime for the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert a value of the database to an aware datetime."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def rendered_type(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """Render `UtcDateTime` in a revision as plain types. Alembic calls it; False leaves the rendering to Alembic."""
    if kind != "type" or not isinstance(item, UtcDateTime):
        return False
    context.imports.add("from sqlalchemy.dialects import mysql")
    return "sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb')"


FULL_TEXT_INDEX = "ft_"
"""The prefix of full-text indexes. No model declares them, because each engine has its own kind (revision 0006)."""
FTS5_TABLES = ("post_words", "comment_words")
"""SQLite's full-text indexes: virtual tables, each with shadow tables whose names begin with its name."""

DERIVED_TABLES = ("post_search", "comment_search", "archive_years", "public_changes")
"""Tables that can be rebuilt."""
TABLES_OF_A_DAY = ("view_salts", "view_marks", "attempt_counts")
"""Tables whose rows live for a day. A downgrade drops them, because hiding would keep them longer."""


def is_compared(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Return whether `db check` and `db migrate` compare an object with the models. Alembic calls it."""
    beginnings: dict[str, tuple[str, ...]] = {"table": FTS5_TABLES, "index": (FULL_TEXT_INDEX,)}
    return not (name or "").startswith(beginnings.get(kind, ()))


_writes: ContextVar[bool] = ContextVar("writes", default=False)


@contextmanager
def writing(intent: bool = True) -> Iterator[None]:
    """Declare that the transactions of the block will write. On SQLite they then wait for their turn at the beginning.

    A transaction that reads first and writes later cannot wait: if another has written in between, it fails at once.
    """
    token = _writes.set(intent)
    try:
        yield
    finally:
        _writes.reset(token)


def say_writing(intent: bool) -> None:
    """Set for the rest of a request what `writing` sets for a block."""
    _writes.set(intent)


def is_writing() -> bool:
    """Return whether transactions that begin here are declared to write."""
    return _writes.get()


def somebody_writes() -> bool:
    """Return whether a transaction of this process has its turn to write now, on SQLite."""
    return _turn.locked()


def add_numbers(connection: Connection, rows: Iterable[Base], column: str) -> None:
    """Add the values in `column` to rows of a table, inserting missing rows, in the order of their keys.

    Concurrent calls lose no numbers and do not deadlock.
    """
    ordered = sorted(rows, key=lambda row: [getattr(row, each.key) for each in row.__table__.primary_key])
    for start in range(0, len(ordered), ROWS_AT_ONCE):
        connection.execute(_adding(connection.dialect.name, ordered[start : start + ROWS_AT_ONCE], column))


def _adding(dialect_name: str, rows: Sequence[Base], column: str) -> Any:
    table: Any = rows[0].__table__
    values = [{each.key: getattr(row, each.key) for each in table.columns} for row in rows]
    return upsert(dialect_name, table, values, lambda new: {column: table.c[column] + new[column]})


def upsert(
    dialect_name: str, table: Any, rows: Sequence[Mapping[str, Any]], changes: Callable[[Any], Mapping[str, Any]]
) -> Any:
    """Return a statement that inserts rows, and updates those whose primary key exists.

    Args:
        dialect_name: of the engine.
        table: with a primary key.
        rows: values by column name.
        changes: takes the columns of the new row, and returns the values that an existing row gets.
            MariaDB assigns them in this order, so each sees the new values of those before it.
    """
    if dialect_name in {"mysql", "mariadb"}:
        added = mysql.insert(table).values(rows)
        return added.on_duplicate_key_update(list(changes(added.inserted).items()))
    insert: Any = postgresql.insert if dialect_name == "postgresql" else sqlite.insert
    adding = insert(table).values(rows)
    return adding.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes(adding.excluded))


def prepare_sqlite(engine: Engine) -> None:
    """Configure SQLite connections; does nothing for other engines."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _create_privately)
        event.listen(engine, "connect", _open)
        event.listen(engine, "begin", _begin)
        event.listen(engine, "checkin", _end_turn)


def _create_privately(dialect: Any, record: Any, arguments: Any, options: Any) -> None:
    # SQLite creates the database and the files beside it with the permissions of the umask, so create it first. An
    # existing file is not opened: closing it would drop all locks of this process on it
    # (https://sqlite.org/howtocorrupt.html, 2.2).
    with _creating, suppress(OSError):  # the file exists, or SQLite reports what is wrong
        os.close(os.open(arguments[0], os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


_creating = threading.Lock()
"""Held while the file is created, so that no thread opens it before it is closed."""


def _open(dbapi_connection: Any, record: Any) -> None:
    dbapi_connection.isolation_level = None  # else the driver begins transactions, and only before some statements
    cursor = dbapi_connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # In WAL mode, NORMAL may lose the last commits in a power cut (https://sqlite.org/pragma.html#pragma_synchronous).
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    if _writes.get():
        _take_turn(connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")


# SQLite allows one writer at a time, and the others poll: with many at once, some wait very long. So the writers of
# one process queue here first, and only processes compete for the file.
_turn = threading.Lock()
_HAS_TURN = "qingbo_has_turn"


def _take_turn(connection: Connection) -> None:
    if not connection.info.get(_HAS_TURN):
        connection.info[_HAS_TURN] = _turn.acquire(timeout=BUSY_TIMEOUT_SECONDS)


def _end_turn(dbapi_connection: Any, record: Any) -> None:
    if record.info.pop(_HAS_TURN, False):
        _turn.release()
