"""Delete the hidden values of one row."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import ColumnElement, and_, column, inspect

from flask_rewind.attic_entries import Entry
from flask_rewind.engines.access import columns_of
from flask_rewind.engines.side_tables import SideTables
from flask_rewind.errors import BadRequest
from flask_rewind.purging.keys import as_key
from flask_rewind.purging.opened_attic import OpenedAttic
from flask_rewind.results import Kept


def purge_row(attic: OpenedAttic, table: str, key: str) -> Iterator[Kept]:
    """Delete the hidden values of one row, or the row of a hidden table."""
    names = attic.entries.names
    for entry in attic.entries.entries():
        is_of_table = not entry.place.is_type and names.are_of(table, replace(entry.place, column=None))
        found = attic.found(entry) if is_of_table else None
        if found:
            condition = _condition(attic, found, key, table)
            kept = attic.kept(entry, condition)
            if kept.rows:
                _purge_from(attic, found, condition)
                yield kept


def _condition(attic: OpenedAttic, entry: Entry, key: str, table: str) -> ColumnElement[bool]:
    inspector, place = inspect(attic.connection), attic.values_of(entry)
    names = inspector.get_pk_constraint(place.table, place.schema)["constrained_columns"]
    owner = attic.sides.owner_of(entry) if SideTables.is_out(entry) else None
    values = key.split(",") if len(names) > 1 else [key]
    if not names:
        raise BadRequest(f"{table} has no primary key, so --row cannot find the row.")
    if len(values) != len(names):
        raise BadRequest(
            f"{key!r} is not a key of {table}: its primary key has {len(names)} columns.",
            f"Give all of them, separated by commas: {','.join(owner.key if owner else names)}",
        )
    kinds = {each["name"]: each["type"] for each in inspector.get_columns(place.table, place.schema)}
    if owner:  # its key has the types
        there = columns_of(inspector, place.schema, owner.table)
        kinds = {name: there[column]["type"] for name, column in zip(names, owner.key, strict=True)}
    pairs = zip(names, values, strict=True)
    return and_(*(column(name, kinds[name]) == as_key(kinds[name], value) for name, value in pairs))


def _purge_from(attic: OpenedAttic, entry: Entry, condition: ColumnElement[bool]) -> None:
    if entry.place.column and not SideTables.is_out(entry):
        attic.hider.values.forget(entry, condition)
    else:
        attic.hider.values.delete_rows(attic.values_of(entry), condition)
