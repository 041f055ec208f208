"""The engines that Rewind knows, and how to find the engine of a connection."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from flask_rewind.acting import books_are_kept
from flask_rewind.describing import Description, Part, as_description
from flask_rewind.engines.beyond_stand_in import Tables
from flask_rewind.engines.engine import Engine
from flask_rewind.engines.hidden_schema import HiddenSchema
from flask_rewind.engines.hider import Hider
from flask_rewind.engines.keyed_copies import KeyedCopies
from flask_rewind.engines.lock_probe import StepProbe
from flask_rewind.engines.mysql.beyond_stand_in import reaches_past as mysql_reaches_past
from flask_rewind.engines.mysql.describing import parts_of_mysql
from flask_rewind.engines.mysql.engine import MySQL
from flask_rewind.engines.mysql.hidden_schema import MySQLHiddenSchema
from flask_rewind.engines.mysql.hider import MySQLHider
from flask_rewind.engines.mysql.keyed_copies import MySQLKeyedCopies
from flask_rewind.engines.mysql.lock_probe import MySQLProbe
from flask_rewind.engines.mysql.schema_restorer import MySQLRestorer
from flask_rewind.engines.mysql.side_tables import MySQLSideTables
from flask_rewind.engines.mysql.stand_in import stand_in as mysql_stand_in
from flask_rewind.engines.postgresql.beyond_stand_in import reaches_past as postgresql_reaches_past
from flask_rewind.engines.postgresql.describing import parts_of_postgresql
from flask_rewind.engines.postgresql.engine import PostgreSQL
from flask_rewind.engines.postgresql.hidden_schema import PostgreSQLHiddenSchema
from flask_rewind.engines.postgresql.hider import PostgreSQLHider
from flask_rewind.engines.postgresql.keyed_copies import PostgreSQLKeyedCopies
from flask_rewind.engines.postgresql.lock_probe import PostgreSQLProbe
from flask_rewind.engines.postgresql.schema_restorer import PostgreSQLRestorer
from flask_rewind.engines.postgresql.stand_in import stand_in as postgresql_stand_in
from flask_rewind.engines.schema_restorer import Restorer
from flask_rewind.engines.side_tables import SideTables
from flask_rewind.engines.sqlite.beyond_stand_in import reaches_past as sqlite_reaches_past
from flask_rewind.engines.sqlite.describing import parts_of_sqlite
from flask_rewind.engines.sqlite.engine import SQLite
from flask_rewind.engines.sqlite.hidden_schema import SQLiteHiddenSchema
from flask_rewind.engines.sqlite.hider import SQLiteHider
from flask_rewind.engines.sqlite.keyed_copies import SQLiteKeyedCopies
from flask_rewind.engines.sqlite.lock_probe import SQLiteProbe
from flask_rewind.engines.sqlite.schema_restorer import SQLiteRestorer
from flask_rewind.engines.sqlite.side_tables import SQLiteSideTables
from flask_rewind.engines.sqlite.stand_in import stand_in as sqlite_stand_in
from flask_rewind.engines.stand_in import Opaque


class _ReachesPast(Protocol):
    def __call__(self, statement: str, databases: Collection[str] = (), tables: Tables = tuple) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineParts:
    """The parts of one engine. To support another engine, write these parts and list it below."""

    engine: type[Engine]
    """Prepares the connection of a move."""
    describe: Callable[[Connection, Description, Iterable[str]], list[Part]]
    """Reads the schema."""
    hider: type[Hider]
    """Hides columns, tables and types, and brings them back."""
    side_tables: type[SideTables]
    """Moves hidden columns into side tables and back."""
    keyed_copies: type[KeyedCopies]
    """Copies columns with the keys of their rows."""
    restorer: type[Restorer]
    """Restores the parts of a schema from their SQL text."""
    hidden_schema: type[HiddenSchema]
    """Reads the definitions of what is hidden, and creates it in another database."""
    stand_in: Callable[[Connection], AbstractContextManager[Connection]]
    """Yields a connection to a stand-in, which a plan may change."""
    reaches_past: _ReachesPast
    """Returns why a stand-in cannot execute a statement."""
    probe: type[StepProbe]
    """Finds out which lock a statement takes."""


_MYSQL = EngineParts(
    engine=MySQL,
    describe=parts_of_mysql,
    hider=MySQLHider,
    side_tables=MySQLSideTables,
    keyed_copies=MySQLKeyedCopies,
    restorer=MySQLRestorer,
    hidden_schema=MySQLHiddenSchema,
    stand_in=mysql_stand_in,
    reaches_past=mysql_reaches_past,
    probe=MySQLProbe,
)
_POSTGRESQL = EngineParts(
    engine=PostgreSQL,
    describe=parts_of_postgresql,
    hider=PostgreSQLHider,
    side_tables=SideTables,
    keyed_copies=PostgreSQLKeyedCopies,
    restorer=PostgreSQLRestorer,
    hidden_schema=PostgreSQLHiddenSchema,
    stand_in=postgresql_stand_in,
    reaches_past=postgresql_reaches_past,
    probe=PostgreSQLProbe,
)
_SQLITE = EngineParts(
    engine=SQLite,
    describe=parts_of_sqlite,
    hider=SQLiteHider,
    side_tables=SQLiteSideTables,
    keyed_copies=SQLiteKeyedCopies,
    restorer=SQLiteRestorer,
    hidden_schema=SQLiteHiddenSchema,
    stand_in=sqlite_stand_in,
    reaches_past=sqlite_reaches_past,
    probe=SQLiteProbe,
)
_ENGINES = {"mysql": _MYSQL, "mariadb": _MYSQL, "postgresql": _POSTGRESQL, "sqlite": _SQLITE}
"""By SQLAlchemy's name of the dialect."""


def parts_named(dialect: str) -> EngineParts | None:
    """Return the parts of the engine of a dialect; None for an engine that Rewind does not know."""
    return _ENGINES.get(dialect)


def parts_of(connection: Connection) -> EngineParts | None:
    """Return the parts of the engine of a connection; None for an engine that Rewind does not know."""
    return parts_named(connection.dialect.name)


def engine_named(dialect: str) -> type[Engine]:
    """Return the `Engine` class of a dialect; the base class for an unknown engine."""
    parts = parts_named(dialect)
    return parts.engine if parts else Engine


def engine_of(connection: Connection) -> Engine:
    """Return the `Engine` of a connection."""
    return engine_named(connection.dialect.name)(connection)


def hider_of(connection: Connection) -> Hider | None:
    """Return the hider for the database of a connection; None for an engine that Rewind does not know."""
    parts = parts_of(connection)
    return parts.hider(connection) if parts else None


def side_tables_of(hider: Hider) -> SideTables:
    """Return the object that moves hidden columns into side tables and back."""
    return _parts_of(hider).side_tables(hider)


def keyed_copies_of(hider: Hider) -> KeyedCopies:
    """Return the object that copies columns with the keys of their rows."""
    return _parts_of(hider).keyed_copies(hider)


def restorer_of(hider: Hider) -> Restorer:
    """Return the restorer for the database of `hider`."""
    return _parts_of(hider).restorer(hider)


def hidden_schema_of(hider: Hider) -> HiddenSchema:
    """Return the object that reads and creates what is hidden in the database of `hider`."""
    return _parts_of(hider).hidden_schema(hider)


def _parts_of(hider: Hider) -> EngineParts:
    return _ENGINES[hider.connection.dialect.name]


@books_are_kept()
def describe(
    connection: Connection, known: Description | None = None, statements: Iterable[str] = ()
) -> Description | None:
    """Return the description of the default schema of a database; None for an engine that Rewind does not know.

    Args:
        connection: to the database.
        known: the description before `statements` were executed; parts that these cannot have changed are not read.
        statements: all statements since then.
    """
    parts = parts_of(connection)
    if parts is None:
        return None
    known = known or {}
    return as_description(parts.describe(connection, known, statements), {part.called for part in known.values()})


@contextmanager
def stand_in_of(connection: Connection) -> Iterator[Connection]:
    """Yield a connection to a stand-in of the database of `connection`, which exists until the block ends.

    Raises:
        Opaque: if no stand-in can be made.
    """
    parts = parts_of(connection)
    if parts is None:
        raise Opaque(f"Flask-Rewind cannot make a stand-in on {connection.dialect.name}")
    with parts.stand_in(connection) as own:
        yield own


def probe_of(connection: Connection) -> StepProbe:
    """Return the probe for the statements of a plan on the engine of a connection."""
    parts = parts_of(connection)
    return (parts.probe if parts else StepProbe)(connection)
