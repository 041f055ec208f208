"""Columns that raw DDL adds: the hidden one returns where the engine reads the definition as the same type."""

from typing import Any

from sqlalchemy import Column, inspect, text

from flask_rewind.acting import books_are_kept
from flask_rewind.attic_entries import Place
from flask_rewind.engines.access import columns_of
from flask_rewind.engines.registry import engine_named
from flask_rewind.keeper import Keeper
from flask_rewind.script.driver_sql import DriverSQL
from flask_rewind.sql.changes import Action, AlterTable
from flask_rewind.sql.tokenizer import tokens
from flask_rewind.transactions import committed_together

_PROBE = "rewind_probe"
"""A table that is made and dropped to read a definition."""


class AddedColumns:
    """Brings columns back that an ALTER TABLE adds."""

    def __init__(self, keeper: Keeper, sql: DriverSQL) -> None:
        self._keeper = keeper
        self._crossing = keeper.crossing
        self._outcome = keeper.outcome
        self._dialect = keeper.crossing.dialect
        self._place = keeper.crossing.place_of
        self._sql = sql

    def is_added(self, change: AlterTable, action: Action, place: Place) -> bool:
        """Bring a column back, or add it with its hidden values; False where there are none."""
        if self._keeper.lookup.kept(place) is not None and self._keeper.returns.bring_back_column(
            place, self._probed(action, self._place(change.table))
        ):
            return True
        self._outcome.made.add(place)
        source = self._keeper.values.source_of(place)
        if source is None:
            return False
        self._keeper.room.make_room(f"ALTER TABLE {change.table.sql} {action.text}")
        with self._crossing.hiding():
            self._sql.run(f"ALTER TABLE {change.table.sql} {action.text}")
        self._keeper.values.fill_from(place, source)
        return True

    @books_are_kept()
    def _probed(self, action: Action, table: Place) -> Column[Any]:
        """Return the column that a definition makes, as the engine itself reads it."""
        with committed_together(self._crossing.connection):
            self._make_probe(action, table)
            found = columns_of(inspect(self._crossing.connection), None, _PROBE)[action.name]
            self._crossing.hider.run_literally(f"DROP TABLE {_PROBE}")
        default = None if found["default"] is None else text(found["default"])
        return Column(action.name, found["type"], nullable=found["nullable"], server_default=default)

    def _make_probe(self, action: Action, table: Place) -> None:
        """Make a table with the column, and with the columns that its definition may refer to."""
        quote = self._crossing.hider.quote
        column = f"{quote(action.name)} {action.definition}"
        visible = columns_of(inspect(self._crossing.connection), table.schema, table.table)
        named = {token.name.lower() for token in tokens(action.definition, self._dialect)}
        others = [quote(name) for name in visible if name.lower() in named and name.lower() != action.name.lower()]
        if not engine_named(self._dialect).adds_any_column:
            self._sql.run(f"CREATE TABLE {_PROBE} ({', '.join(['rewind_key', *others, column])})")
        else:
            made = ", ".join(["1 AS rewind_key", *others])
            source = self._crossing.hider.table_of(table)
            self._sql.run(f"CREATE TABLE {_PROBE} AS SELECT {made} FROM {source} WHERE 1 = 0")  # noqa: S608 - quoted names
            self._sql.run(f"ALTER TABLE {_PROBE} ADD COLUMN {column}")
