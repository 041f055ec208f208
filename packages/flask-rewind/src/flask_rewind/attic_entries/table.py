"""The table `rewind_attic`, and how its rows store the details of an entry."""

from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, String, Table, Text, false, text
from sqlalchemy.dialects.mysql import MEDIUMTEXT

from flask_rewind.details import LAYOUT, Details, details_from, written
from flask_rewind.errors import Refused
from flask_rewind.layouts import refuse_newer
from flask_rewind.places import Place
from flask_rewind.revision_ids import REVISION_ID

table = Table(
    "rewind_attic",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("table_schema", String(255)),
    Column("table_name", String(255), nullable=False),
    Column("column_name", String(255)),
    Column("revision", REVISION_ID, nullable=False),
    Column("direction", String(4), nullable=False),
    Column("hidden_at", DateTime, nullable=False),
    Column("is_type", Boolean, nullable=False),
    Column("details", Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb"), nullable=False),
    # A table that an older version made may lack the columns from here on: `Attic.widen` adds them.
    Column("layout", Integer, nullable=False, server_default=text("1")),
    Column("engine", String(20), nullable=False, server_default=""),
    Column("state", String(10), nullable=False, server_default="hidden"),
    Column("crossing_id", Integer, nullable=False, server_default=text("0")),
    Column("is_own", Boolean, nullable=False, server_default=false()),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
)


def values_of(details: Details) -> dict[str, Any]:
    """Return the values of the columns that store the details."""
    return {"details": written(details), "layout": LAYOUT, "engine": details.engine}


def details_of(row: Any, place: Place) -> Details:
    """Return the details in a row. The table may still lack the columns that `Attic.widen` adds.

    Raises:
        Refused: if a newer version wrote them, or they are damaged.
    """
    layout, engine = getattr(row, "layout", 1), getattr(row, "engine", "")
    refuse_newer(table.name, layout, LAYOUT)
    kind = "type" if place.is_type else "column" if place.column else "table"
    try:
        return details_from(row.details, layout, engine, kind)
    except ValueError as error:  # not JSON, or wrong fields
        raise Refused(
            f"row {row.id} of {table.name}, which says how to bring {place} back, cannot be read: {error}.",
            "Restore the row from a backup of this database.",
        ) from error
