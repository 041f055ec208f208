"""Everything that a move leaves in a database, in a form that two runs can be compared by.

What is hidden is in it too, called by its place in the attic and not by its number there: a run that was broken off
may use other numbers. A name that no entry explains, such as a marker that should be gone, is a difference.
"""

import re
from dataclasses import dataclass
from typing import Any

import flask_rewind
import sqlalchemy as sa
from flask_rewind.results import Kept
from schema_texts import schema_texts

NUMBERED = re.compile(r"_attic_\d+(?!\d)")
OWN_TABLES = {"rewind_attic", "rewind_moves", "rewind_crossings", "rewind_steps", "rewind_lease"}


@dataclass(frozen=True)
class WholeDatabase:
    """What is in a database."""

    at: tuple[str, ...]
    """The rows of the version table."""
    schema: dict[str, str]
    """The visible schema, in the database's own words."""
    rows: dict[str, list[str]]
    """The rows of every table, with what is hidden."""
    attic: list[tuple[Any, ...]]
    """What returns: place, revision, direction, rows, bytes."""


def whole_database(engine: sa.Engine) -> WholeDatabase:
    """Read everything that is in a database."""
    kept = flask_rewind.attic()
    names = {each.name: f"<{each.place} by {each.revision or 'no'} {each.direction}>" for each in kept}
    inspector = sa.inspect(engine)
    tables = sorted({*inspector.get_table_names()} - OWN_TABLES - {"alembic_version"})
    with engine.connect() as connection:
        at = connection.execute(sa.text("SELECT version_num FROM alembic_version ORDER BY 1")).scalars().all()
        rows = {_named(table, names): _rows(connection, table, names) for table in tables}
    rows = {table: found for table, found in rows.items() if " by no " not in table}
    return WholeDatabase(tuple(at), schema_texts(engine), rows, sorted(map(_meaning, filter(_returns, kept))))


def differences(found: WholeDatabase, wanted: WholeDatabase) -> list[str]:
    """Return in which parts two databases differ, each with what is found and what is wanted."""
    parts = [
        (f"{name} {key}", getattr(found, name).get(key), getattr(wanted, name).get(key))
        for name in ("schema", "rows")
        for key in sorted({*getattr(found, name), *getattr(wanted, name)})
    ]
    parts += [(name, getattr(found, name), getattr(wanted, name)) for name in ("at", "attic")]
    return [f"{name}: {here}, and not {there}" for name, here, there in parts if here != there]


def _returns(kept: Kept) -> bool:
    # What a crossing that failed had made, with rows in it, is kept and returns nowhere.
    return bool(kept.revision)


def _meaning(kept: Kept) -> tuple[Any, ...]:
    return kept.kind, kept.place, kept.revision, kept.direction, kept.rows, kept.bytes


def _named(name: str, names: dict[str, str]) -> str:
    return NUMBERED.sub(lambda found: names.get(found[0], "<nobody's>"), name)


def _rows(connection: sa.Connection, table: str, names: dict[str, str]) -> list[str]:
    columns = [(_named(each["name"], names), each["name"]) for each in sa.inspect(connection).get_columns(table)]
    wanted: list[Any] = [sa.column(name).label(known) for known, name in columns if " by no " not in known]
    found = [dict(row) for row in connection.execute(sa.select(*wanted).select_from(sa.table(table))).mappings()]
    for row in found:
        _apply_markers(row)
    return sorted(repr(sorted(row.items())) for row in found) or [str(sorted(known for known, _ in columns))]


def _apply_markers(row: dict[Any, Any]) -> None:
    """Leave out the columns that mark new rows: a marked row has no value of its own in the hidden column.

    A column that could be NULL when it was hidden has no marker, and means the same.
    """
    for marker in [name for name in row if name.endswith(">_new")]:
        hidden = marker.removesuffix("_new")
        if hidden in row:
            row[hidden] = None if row.pop(marker) else row[hidden]
