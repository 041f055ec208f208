"""Entries as JSON values, to copy an attic into another database of the same engine."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from flask_rewind.acting import books_are_kept
from flask_rewind.attic_entries.attic import Attic
from flask_rewind.attic_entries.entry import Entry
from flask_rewind.attic_entries.table import details_of, table, values_of
from flask_rewind.places import Place


def as_data(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return entries as JSON values, for `store`."""
    return [
        {
            "id": entry.number,
            "table_schema": entry.place.schema,
            "table_name": entry.place.table,
            "column_name": entry.place.column,
            "is_type": entry.place.is_type,
            "revision": entry.revision,
            "direction": entry.direction,
            "hidden_at": entry.hidden_at.isoformat(),
            "is_own": entry.is_own,
            **values_of(entry.details),
        }
        for entry in entries
    ]


@books_are_kept()
def store(connection: Connection, data: Iterable[Mapping[str, Any]]) -> None:
    """Write the entries that `as_data` returned, under their own numbers. They belong to no crossing of the journal.

    Raises:
        Refused: if a newer version returned them, or they are damaged.
        KeyError, ValueError: if they are not what `as_data` returns.
    """
    rows = [{**row, "hidden_at": datetime.fromisoformat(row["hidden_at"])} for row in data]
    for row in rows:
        place = Place(row["table_schema"], row["table_name"], row["column_name"], row["is_type"])
        details_of(_Row(row), place)
    if not Attic(connection).exists:
        table.create(connection)
    connection.execute(insert(table), rows)


class _Row:
    """A row of the table as an object, as queries return it."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        vars(self).update(values)
