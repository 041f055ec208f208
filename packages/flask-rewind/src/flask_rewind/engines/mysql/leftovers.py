"""MariaDB and MySQL: drop tables and columns that a crossing left when it was interrupted between two statements."""

import re
from collections.abc import Iterator, Sequence

from flask_rewind.attic_entries import HIDDEN, PREFIX, SIDE, Entry
from flask_rewind.details import ColumnDetails
from flask_rewind.engines.access import DatabaseAccess
from flask_rewind.engines.mysql.markers import is_marked

_COPY = re.compile(rf"{PREFIX}\d+(?:{SIDE})?_kept|rewind_probe")
"""Tables that exist only between two statements: copies of columns, and the table on which a new column is tried."""
_MARKER = re.compile(rf"({PREFIX}\d+)_new")
_LIKE = rf"LIKE '{PREFIX.replace('_', '|_')}%' ESCAPE '|'"


def hidden_names(access: DatabaseAccess, schema: str | None) -> set[str]:
    """Return the names such as ``_attic_1`` of tables and columns in a schema, including columns of side tables."""
    return {name for pair in _catalog(access, schema) for name in pair if HIDDEN.fullmatch(name)}


def drop_leftovers(access: DatabaseAccess, hidden: Sequence[Entry], gone: Sequence[Entry]) -> None:
    """Drop tables and columns that should have existed only between two statements.

    Args:
        access: to the database.
        hidden: the entries of hidden things.
        gone: the entries of things that were about to be hidden.
    """
    for schema in {entry.place.schema for entry in [*hidden, *gone]} | {None}:
        there = _catalog(access, schema)
        for table in sorted({table for table, _ in there if _COPY.fullmatch(table)}):
            access.run_literally(f"DROP TABLE {access.name_of(schema, table)}")
        entries = {entry.name: entry for entry in hidden if entry.place.column and entry.place.schema == schema}
        for table in sorted(_needless_side_tables(entries, {table for table, _ in there}, {*there})):
            access.run_literally(f"DROP TABLE {access.name_of(schema, table)}")
        useless = {name for name, entry in entries.items() if not is_marked(entry)} | {entry.name for entry in gone}
        for table, column in sorted(there):
            marker = _MARKER.fullmatch(column)
            if marker and marker[1] in useless:
                _drop_marker(access, schema, table, marker[1], has_column=(table, marker[1]) in there)


def _catalog(access: DatabaseAccess, schema: str | None) -> list[tuple[str, str]]:
    """Return table and column of all columns where one of the two has a hidden name, or the table is `rewind_probe`."""
    rows = access.run(
        "SELECT table_name, column_name FROM information_schema.columns"
        f" WHERE table_schema = COALESCE(:schema, DATABASE()) AND (table_name {_LIKE} OR column_name {_LIKE}"
        " OR table_name = 'rewind_probe')",
        schema=schema,
    )
    return [(str(table), str(column)) for table, column in rows]


def _needless_side_tables(entries: dict[str, Entry], tables: set[str], columns: set[tuple[str, str]]) -> Iterator[str]:
    """Yield the side tables of columns that are in their own tables, together with their values."""
    for name, entry in entries.items():
        side = f"{name}{SIDE}"
        is_in_table = any(column == name and table != side for table, column in columns)
        if side in tables and is_in_table and entry.details_as(ColumnDetails).side is None:
            yield side


def _drop_marker(access: DatabaseAccess, schema: str | None, table: str, name: str, *, has_column: bool) -> None:
    """Drop a marker column; marked rows that have got a value since then become NULL again."""
    where = access.name_of(schema, table)
    if has_column:
        access.run_literally(f"UPDATE {where} SET {name} = NULL WHERE {name}_new <> 0")
    access.run_literally(f"ALTER TABLE {where} DROP COLUMN {name}_new")
