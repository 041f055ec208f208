"""Rows for every table of a database, generated from its reflected columns."""

import datetime
import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

ROWS = 3
DAY = datetime.datetime(2026, 3, 4, 5, 6, 7)  # noqa: DTZ001 - columns without a zone
TEXTS = ("Ada 😀", "李 ", "it's 50%: \\x")

OWN = ("_attic_", "rewind_", "alembic_version")


def fill(engine: sa.Engine) -> None:
    """Put rows into every visible table that has none, those that others refer to first."""
    tables = sa.MetaData()
    tables.reflect(engine, only=lambda name, _: not name.startswith(OWN), resolve_fks=False)
    with engine.begin() as connection:
        for table in tables.sorted_tables:
            if not connection.scalar(sa.select(sa.func.count()).select_from(table)):
                connection.execute(table.insert(), [*_rows(connection, table)])


def _rows(connection: sa.Connection, table: sa.Table) -> Iterator[dict[str, Any]]:
    columns = [each for each in table.columns if each.computed is None and not each.name.startswith("_attic_")]
    keys = {
        element.parent.name: connection.scalars(_keys(element)).all()
        for constraint in table.foreign_key_constraints
        for element in constraint.elements
    }
    for number in range(1, ROWS + 1):
        row = {each.name: _value(each, number) for each in columns}
        yield row | {name: found[(number - 1) % len(found)] for name, found in keys.items() if found and row[name]}


def _keys(element: sa.ForeignKey) -> sa.Select[Any]:
    """Return the query for what a foreign key may hold."""
    *_, table, column = element.target_fullname.split(".")
    return sa.select(sa.column(column)).select_from(sa.table(table)).order_by(sa.column(column)).limit(ROWS)


def _value(column: sa.Column[Any], number: int) -> Any:
    if number == ROWS and column.nullable and not column.primary_key:
        return None
    kind = column.type
    if isinstance(kind, sa.Enum):
        return [*itertools.islice(itertools.cycle(kind.enums), number)][-1]
    for family, value in _VALUES.items():
        if isinstance(kind, family):
            made = value(number)
            length = getattr(kind, "length", None)
            return made[-length:] if isinstance(made, str) and length else made
    raise NotImplementedError(f"{column}: {kind!r}")


_VALUES: dict[type[Any], Any] = {
    sa.Boolean: lambda number: number % 2 == 0,
    sa.Integer: lambda number: number,
    sa.Numeric: lambda number: number * 3,
    sa.DateTime: lambda number: DAY + datetime.timedelta(days=number),
    sa.Date: lambda number: DAY.date() + datetime.timedelta(days=number),
    sa.Uuid: lambda number: uuid.UUID(int=number),
    sa.JSON: lambda number: {"a": [number, None]},
    mysql.LONGTEXT: lambda number: f'["😀", {number}]',  # which JSON is on MariaDB
    sa.LargeBinary: lambda number: bytes([0, number, 255]),
    sa.String: lambda number: f"{TEXTS[number - 1]}{number}",
}
