"""Fills the tables of a blog with random rows of every kind that the models allow."""

from datetime import UTC, date, datetime
from typing import Any

from flask_security import AsaList
from hypothesis import strategies as st
from qingbo.backups.tables import LEFT_OUT
from qingbo.backups.values import kind_of
from qingbo.database import Base
from sqlalchemy import Column, Connection, Table, TypeDecorator, UniqueConstraint

MOST_ROWS = 3
FIXED = {"public_changes", "releases"}
"""Tables that moves of the schema write."""
_texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
_times = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "integer": st.integers(0, 2**31 - 1),
    "text": _texts | st.sampled_from(["", " ", "a ", "𠮷\r\n\u2028", '{"json": "\\u0000"}', "é", "'; --"]),
    "time": _times,
    "date": st.dates(date(1970, 1, 2), date(2100, 1, 1)),
    "bytes": st.binary(max_size=50),
}

READ_BY_THE_BLOG: dict[str, st.SearchStrategy[Any]] = {
    "media.digest": st.binary(min_size=32, max_size=32).map(bytes.hex),
    "media.name": st.sampled_from(["tea.jpg", "茶.webp", "book.pdf"]),
    "media.renditions": st.sampled_from(["{}", '{"image/webp": [480, 960]}']),
    "posts.kind": st.sampled_from(["article", "note", "quote"]),
    "posts.parts": st.just("{}"),
}
"""Columns that the blog reads while it backs up and restores, so they have values that it writes."""


def content() -> list[Table]:
    """Return the tables that a backup holds."""
    return [each for each in Base.metadata.sorted_tables if each.name not in LEFT_OUT]


def fill(connection: Connection, data: st.DataObject) -> None:
    """Empty the tables and fill them anew."""
    for table in reversed(content()):
        if table.name not in FIXED:
            connection.execute(table.delete())
    keys: dict[Column[Any], list[Any]] = {}
    for table in content():
        if table.name in FIXED:
            continue
        drawn = [_row(table, number, data, keys) for number in range(data.draw(st.integers(1, MOST_ROWS)))]
        rows = _distinct(table, [row for row in drawn if row is not None])
        if rows:
            connection.execute(table.insert(), rows)
        for column in table.primary_key:
            keys[column] = [row[column.name] for row in rows]


def _row(table: Table, number: int, data: st.DataObject, keys: dict[Column[Any], list[Any]]) -> dict[str, Any] | None:
    """Return a row, or None if it needs a parent and there is none."""
    values: dict[str, Any] = {}
    for column in table.columns:
        parents = [keys[each.column] for each in column.foreign_keys]
        if parents and not parents[0]:
            if not column.nullable:
                return None
            values[column.name] = None
        elif column.nullable and data.draw(st.booleans()):
            values[column.name] = None
        elif parents:
            values[column.name] = data.draw(st.sampled_from(parents[0]))
        else:
            values[column.name] = _value(column, number, data)
    return values


def _value(column: Column[Any], number: int, data: st.DataObject) -> Any:
    if column is column.table.autoincrement_column:
        return 10 * number + data.draw(st.integers(1, 9))
    if (one_of := READ_BY_THE_BLOG.get(str(column))) is not None:
        return data.draw(one_of)
    type_ = column.type
    value = data.draw(VALUES[kind_of(type_.impl_instance if isinstance(type_, TypeDecorator) else type_)])
    if isinstance(value, str):
        if isinstance(type_, AsaList):
            return [value.replace(",", "")]
        length = getattr(column.type, "length", None)
        # Engines compare letter case, accents and trailing spaces in different ways, so keys are plain.
        value = f"{number}-{value.encode().hex()}" if _is_key(column) else value
        return value[:length] if length else value
    return value


def _is_key(column: Column[Any]) -> bool:
    unique = [set(each.columns) for each in column.table.indexes if each.unique]
    unique += [set(each.columns) for each in column.table.constraints if isinstance(each, UniqueConstraint)]
    return bool(column.unique or column.primary_key or any(column in each for each in unique))


def _distinct(table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out rows whose keys another row has."""
    sets = [[each.name for each in table.primary_key]]
    sets += [[each.name for each in index.columns] for index in table.indexes if index.unique]
    sets += [[each.name for each in rule.columns] for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    seen: set[tuple[Any, ...]] = set()
    kept = []
    for row in rows:
        marks = {(number, *(row[name] for name in names)) for number, names in enumerate(sets)}
        if not marks & seen:
            kept.append(row)
            seen |= marks
    return kept
