"""The database: column types that mean the same on every engine, names of constraints, and how SQLite is opened."""

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
    # Without AUTOINCREMENT SQLite gives the number of a deleted row to a new one.
    "sqlite_autoincrement": True,
    # Whatever the database's own default: names and texts hold every character, emoji included.
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_ci",
}

UNNUMBERED_TABLE_OPTIONS = {key: value for key, value in TABLE_OPTIONS.items() if key != "sqlite_autoincrement"}
"""For tables whose key does not count up."""

BUSY_TIMEOUT_SECONDS = 30

ROWS_AT_ONCE = 500
"""SQLite takes 32,766 values in a statement, others more."""

Id = BigInteger().with_variant(Integer, "sqlite")
"""A key of 64 bits; SQLite's own INTEGER has them, and only that one counts up."""


NO_ANSWER = (OperationalError, InterfaceError, NoConnectionLeft)
"""What SQLAlchemy raises where the database is locked, down, or has no connection left: nothing is known then, and
code that takes it for "there is no such row" would sign people out."""


class Base(DeclarativeBase):
    """The root of the models."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


def key_type(length: int) -> String:
    """Return the type of a column that identifies: compared byte by byte on every engine."""
    return (
        String(length)
        .with_variant(mysql.VARCHAR(length, collation="utf8mb4_bin"), "mysql", "mariadb")
        .with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")
    )


def begins_with(column: Any, begin: str) -> ColumnElement[bool]:
    """Return the condition that a text of a `key_type` begins so: a range, which an index finds on every engine.

    For LIKE, SQLite reads every row.
    """
    return and_(column >= begin, column < f"{begin}\U0010ffff")


def long_text() -> Text:
    """Return the type of a text of up to 16 MB; MySQL's own TEXT ends at 64 kB."""
    return Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, with microseconds: aware in Python, UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Ask MySQL for the microseconds that it otherwise rounds away."""
        kind = mysql.DATETIME(fsp=6) if dialect.name in {"mysql", "mariadb"} else DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Take an aware moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give an aware moment."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def rendered_type(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """Write our own type into a revision as the plain ones it stands for; Alembic calls it, False is its own way."""
    if kind != "type" or not isinstance(item, UtcDateTime):
        return False
    context.imports.add("from sqlalchemy.dialects import mysql")
    return "sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb')"


FULL_TEXT_INDEX = "ft_"
"""How the names of indexes of words begin, which no model declares: each engine has its own kind (revision 0006)."""
FTS5_TABLES = ("post_words", "comment_words")
"""The indexes of words of SQLite: each is a table, and has others that it keeps its rows in."""


def is_compared(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Return whether `db check` and `db migrate` compare something with the models; Alembic calls it."""
    beginnings: dict[str, tuple[str, ...]] = {"table": FTS5_TABLES, "index": (FULL_TEXT_INDEX,)}
    return not (name or "").startswith(beginnings.get(kind, ()))


_writes: ContextVar[bool] = ContextVar("writes", default=False)


@contextmanager
def writing(intent: bool = True) -> Iterator[None]:
    """Say that the transactions of the block will write: on SQLite they wait for their turn at their beginning.

    One that reads first and writes later cannot wait: another may have written between, and it fails at once.
    """
    token = _writes.set(intent)
    try:
        yield
    finally:
        _writes.reset(token)


def say_writing(intent: bool) -> None:
    """Set what `writing` sets, for the rest of a request."""
    _writes.set(intent)


def is_writing() -> bool:
    """Return whether the transactions that begin here are said to write."""
    return _writes.get()


def somebody_writes() -> bool:
    """Return whether a writer of this process has its turn right now, on SQLite."""
    return _turn.locked()


def add_numbers(connection: Connection, rows: Iterable[Base], column: str) -> None:
    """Add a number to each of some rows of a table, which are there or become there, in the order of their keys.

    Two who add at once lose nothing, and do not wait for each other in a circle.
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
    """Return the statement that inserts rows, and changes those whose primary key is there.

    Args:
        dialect_name: of the engine.
        table: with a primary key.
        rows: values by the names of columns.
        changes: returns what columns of a row that is there become, of the columns of the row that was to be inserted.
            MariaDB sets one after the other, in this order: each sees what those before it were set to.
    """
    if dialect_name in {"mysql", "mariadb"}:
        added = mysql.insert(table).values(rows)
        return added.on_duplicate_key_update(list(changes(added.inserted).items()))
    insert: Any = postgresql.insert if dialect_name == "postgresql" else sqlite.insert
    adding = insert(table).values(rows)
    return adding.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes(adding.excluded))


def prepare_sqlite(engine: Engine) -> None:
    """Open SQLite connections as a blog needs them; other engines are left alone."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _create_privately)
        event.listen(engine, "connect", _open)
        event.listen(engine, "begin", _begin)
        event.listen(engine, "checkin", _end_turn)


def _create_privately(dialect: Any, record: Any, arguments: Any, options: Any) -> None:
    # SQLite itself makes the file, and those beside it, as the umask says. A file that is there is not opened: to
    # close it would end all locks that this process has on it (https://sqlite.org/howtocorrupt.html, 2.2).
    with _creating, suppress(OSError):  # it is there, or SQLite says what is wrong
        os.close(os.open(arguments[0], os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


_creating = threading.Lock()
"""Nobody opens the file between its making and its closing."""


def _open(dbapi_connection: Any, record: Any) -> None:
    dbapi_connection.isolation_level = None  # the driver would begin by itself, and only before some statements
    cursor = dbapi_connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # NORMAL may lose the last commits at a power cut in WAL mode (https://sqlite.org/pragma.html#pragma_synchronous).
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    if _writes.get():
        _take_turn(connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")


# SQLite lets one write at a time and leaves the others to try again and again: with many at once somebody is always
# unlucky. The writers of one process therefore queue here first, and only processes contend for the file.
_turn = threading.Lock()
_HAS_TURN = "qingbo_has_turn"


def _take_turn(connection: Connection) -> None:
    if not connection.info.get(_HAS_TURN):
        connection.info[_HAS_TURN] = _turn.acquire(timeout=BUSY_TIMEOUT_SECONDS)


def _end_turn(dbapi_connection: Any, record: Any) -> None:
    if record.info.pop(_HAS_TURN, False):
        _turn.release()
