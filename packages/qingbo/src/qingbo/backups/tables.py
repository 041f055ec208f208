"""Which tables a backup holds, as they are in the database at any revision, and the next number of each."""

from collections.abc import Iterable

from sqlalchemy import Column, Connection, Integer, MetaData, Table, column, func, inspect, select, table, text

from qingbo.backups.values import kind_of
from qingbo.database import DERIVED_TABLES, TABLES_OF_A_DAY, Base
from qingbo.renderings import Rendering

FORMER_TABLES: frozenset[str] = frozenset()
"""Tables of older revisions that no model has any more. Add the name here when a revision drops a table."""
LEFT_OUT = {*DERIVED_TABLES, *TABLES_OF_A_DAY, Rendering.__tablename__}
"""Tables that the blog fills again, and counts that live for a day."""
JOURNAL = ("rewind_attic", "rewind_moves", "rewind_crossings", "rewind_steps")
"""Flask-Rewind's own tables, without the lease: docs/reference/attic.md."""
_HIDDEN = "_attic_"


def content_tables(connection: Connection) -> list[Table]:
    """Return the tables whose rows a backup holds, parents before children."""
    known = {*Base.metadata.tables, *FORMER_TABLES} - LEFT_OUT
    there = known.intersection(inspect(connection).get_table_names())
    return _reflected(connection, there)


def hidden_tables(connection: Connection) -> list[Table]:
    """Return the hidden tables and the journal of Flask-Rewind."""
    names = inspect(connection).get_table_names()
    return _reflected(connection, {name for name in names if is_hidden(name) or name in JOURNAL})


def shown_columns(of: Table) -> list[Column[object]]:
    """Return the columns that the app sees, without generated ones."""
    return [each for each in of.columns if not is_hidden(each.name) and each.computed is None]


def hidden_columns(of: Table) -> list[Column[object]]:
    """Return the columns that Flask-Rewind has hidden in a table."""
    return [each for each in of.columns if is_hidden(each.name)]


def is_hidden(name: str) -> bool:
    """Return whether a table or a column is hidden, by its name."""
    return name.startswith(_HIDDEN)


def hidden_content(of: Table) -> list[Column[object]]:
    """Return the columns that a backup stores in `hidden/`: of a visible table, its key and the hidden ones."""
    if is_hidden(of.name) or of.name in JOURNAL:
        return [each for each in of.columns if each.computed is None]
    return [*of.primary_key, *hidden_columns(of)]


def in_order(of: Table) -> list[Column[object]]:
    """Return the columns by which the rows of a table are stored, so that two files have them in the same order."""
    return list(of.primary_key) or list(of.columns)


def engine_of(connection: Connection) -> str:
    """Return `sqlite`, `mariadb`, `mysql` or `postgresql`."""
    return "mariadb" if getattr(connection.dialect, "is_mariadb", False) else connection.dialect.name


def kinds_of(columns: Iterable[Column[object]]) -> dict[str, str]:
    """Return how the values of columns are written, by name."""
    return {each.name: kind_of(each.type) for each in columns}


def next_number(connection: Connection, of: Table) -> int | None:
    """Return the number that the next row of a table gets, or None if the database does not number its rows."""
    key = numbered_key(of)
    if key is None:
        return None
    highest = connection.scalar(select(func.max(key))) or 0
    return max(highest + 1, _next_by_engine(connection, of, key) or 1)


def set_next_number(connection: Connection, of: Table, number: int) -> None:
    """Let the next row of a table get a number. On MariaDB and MySQL this ends the transaction."""
    key = numbered_key(of)
    if key is None:
        return
    match connection.dialect.name:
        case "sqlite":
            sequence = table("sqlite_sequence", column("name"), column("seq"))
            connection.execute(sequence.delete().where(sequence.c.name == of.name))
            connection.execute(sequence.insert().values(name=of.name, seq=number - 1))
        case "postgresql":
            serial = func.pg_get_serial_sequence(of.name, key.name)
            connection.execute(select(func.setval(serial, number, False)))
        case _:
            quoted = connection.dialect.identifier_preparer.quote(of.name)
            connection.execute(text(f"ALTER TABLE {quoted} AUTO_INCREMENT = {number:d}"))


def numbered_key(of: Table) -> Column[object] | None:
    """Return the key that the database counts up, or None."""
    keys = list(of.primary_key)
    if len(keys) != 1 or not isinstance(keys[0].type, Integer):
        return None
    model = Base.metadata.tables.get(of.name)
    return None if model is None or model.autoincrement_column is None else keys[0]


def _next_by_engine(connection: Connection, of: Table, key: Column[object]) -> int | None:
    match connection.dialect.name:
        case "sqlite":
            last = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": of.name})
            return None if last is None else last + 1
        case "postgresql":
            name = connection.scalar(select(func.pg_get_serial_sequence(of.name, key.name)))
            if name is None:
                return None
            last, is_used = connection.execute(text(f"SELECT last_value, is_called FROM {name}")).one()  # noqa: S608
            return int(last) + bool(is_used)
        case _:
            counted = "SELECT auto_increment FROM information_schema.tables"
            here = f"{counted} WHERE table_schema = DATABASE() AND table_name = :name"
            number: int | None = connection.scalar(text(here), {"name": of.name})
            return number


def _reflected(connection: Connection, names: Iterable[str]) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(connection, only=sorted(names), resolve_fks=False)
    return metadata.sorted_tables
