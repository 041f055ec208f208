"""What stands before Alembic's implementation while a revision runs: a drop hides, an add brings back.

Scripts are nobody's to change, so it is done where every directive ends, plain or from a batch block.
"""

import logging
from collections.abc import Mapping
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Index, Table, inspect
from sqlalchemy.types import TypeEngine

from flask_rewind import alembic_private
from flask_rewind.attic_entries import PREFIX, Attic, Entry, Place
from flask_rewind.errors import Refused
from flask_rewind.hiding import Hider, Restore
from flask_rewind.rebuilding import Rebuild, rescue_triggers
from flask_rewind.sqlite import SQLiteTable

log = logging.getLogger("alembic.runtime.migration")

_OPPOSITE = {"up": "down", "down": "up"}


class Keeper:
    """The attic's part in one crossing."""

    def __init__(
        self, context: MigrationContext, hider: Hider, revision: str, direction: str, fills: Mapping[str, str]
    ) -> None:
        if context.connection is None:
            raise ValueError("a crossing that only prints its SQL keeps nothing")
        self._impl = context.impl
        self._connection = context.connection
        self._hider = hider
        self._attic = Attic(context.connection)
        self._revision = revision
        self._direction = direction
        self._fills = fills
        self._restores: list[Restore] = []
        self._returned: set[Place] = set()

    def hide(self, place: Place) -> bool:
        """Hide a column or table; return False where there is none, or it holds nothing of its own to keep."""
        if not self._is_there(place):
            return False
        look, hide = self._hider.look_at_table, self._hider.hide_table
        details = self._hider.look_at_column(place) if place.column else look(place)
        if details is None:
            return False
        entry = self._attic.put(place, self._revision, self._direction, details)
        (self._hider.hide_column if place.column else hide)(entry)
        self._restores = [each for each in self._restores if not _is_part_of(each.place, place)]
        return True

    def bring_back_column(self, place: Place, column: Column[Any]) -> bool:
        """Return the column that the way here had hidden; False where there is none that fits."""
        entry = self._kept(place)
        if entry is None:
            return False
        self._return_types()
        if not self._fits(entry, column):
            return False
        nullable = bool(column.nullable)
        fill = self._fill_of(entry, column)
        newborn = self._hider.newborn_rows(entry)
        if newborn and fill is None and not nullable:
            raise Refused(
                f"{place} returns NOT NULL without a default, and {newborn} rows were inserted while it was hidden.",
                f"Say what these get, as SQL: --fill \"{place}=''\"",
            )
        self._restores += self._hider.return_column(entry, nullable=nullable, fill=fill if newborn else None)
        self._attic.forget(entry)
        return True

    def bring_back_table(self, table: Table) -> bool:
        """Return the table that the way here had hidden; False where there is none with these columns."""
        place = Place(table.schema, table.name)
        entry = self._kept(place)
        if entry is None or not self._has_columns(entry, table):
            return False
        self._return_types()
        self._restores += self._hider.return_table(entry)
        self._attic.forget(entry)
        self._returned.add(place)
        return True

    def is_back(self, index: Index) -> bool:
        """Return whether an index came back with its table, so that the script need not make it."""
        table = index.table
        if table is None or Place(table.schema, table.name) not in self._returned:
            return False
        place = Place(table.schema, table.name)
        return self._hider.has(Restore("index", place, str(index.name), ""))

    def rewritten(self, statement: str) -> str:
        """Return what to execute for a statement of the script: a type that hidden columns use is hidden too."""
        words = statement.split(None, 2)
        if [word.upper() for word in words[:2]] == ["DROP", "TYPE"] and (place := self._hider.type_to_hide(statement)):
            return self._hider.hide_type(self._attic.put(place, self._revision, self._direction, {}))
        if [word.upper() for word in words[:2]] == ["CREATE", "TYPE"]:
            for entry in self._types():
                if self._hider.creates_type(statement, entry):
                    self._attic.forget(entry)
                    return self._hider.return_type(entry)
        return statement

    def rename_table(self, old: Place, new: str) -> None:
        """Let what is hidden in a table follow its name."""
        self._attic.table_renamed(old, new)

    def finish(self) -> None:
        """Make again what went with the hidden things, where the script has not done it itself."""
        for restore in self._restores:
            if inspect(self._connection).has_table(restore.place.table, restore.place.schema) and not self._hider.has(
                restore
            ):
                self._hider.run_literally(restore.sql)
        self._attic.drop_if_empty()

    def _is_there(self, place: Place) -> bool:
        inspector = inspect(self._connection)
        if not inspector.has_table(place.table, place.schema):
            return False
        names = set(_columns(inspector, place.schema, place.table))
        if self._impl.dialect.name != "postgresql":  # where names of columns differ by more than their capitals
            return place.column is None or place.column.lower() in {name.lower() for name in names}
        return place.column is None or place.column in names

    def _types(self) -> list[Entry]:
        return self._attic.types_hidden_by(self._revision, _OPPOSITE[self._direction])

    def _return_types(self) -> None:
        for entry in self._types():
            self._hider.run_literally(self._hider.return_type(entry))
            self._attic.forget(entry)

    def _kept(self, place: Place) -> Entry | None:
        entry = self._attic.hidden_by(self._revision, _OPPOSITE[self._direction], place)
        if entry is None:
            return None
        inspector = inspect(self._connection)
        if place.column:
            return entry if entry.name in _columns(inspector, place.schema, place.table) else None
        return entry if inspector.has_table(entry.name, place.schema) else None

    def _fits(self, entry: Entry, column: Column[Any]) -> bool:
        place = entry.place
        reflected: Mapping[str, Any] = _columns(inspect(self._connection), place.schema, place.table)[entry.name]
        there: Column[Any] = Column(column.name, _type(reflected))
        if not self._impl.compare_type(there, column):
            return True
        log.warning(
            "%s was %s when it was hidden and is %s now: the old values stay in the attic as %s.",
            place,
            there.type,
            column.type,
            entry.name,
        )
        return False

    def _has_columns(self, entry: Entry, table: Table) -> bool:
        there = _columns(inspect(self._connection), table.schema, entry.name)
        visible = {name.lower() for name in there if not name.startswith(PREFIX)}
        if visible == {column.name.lower() for column in table.columns}:
            return True
        log.warning("%s has other columns than when it was hidden: the old rows stay as %s.", entry.place, entry.name)
        return False

    def _fill_of(self, entry: Entry, column: Column[Any]) -> str | None:
        if str(entry.place) in self._fills:
            return self._fills[str(entry.place)]
        return alembic_private.default_text(self._impl, column)


class KeepingImpl:
    """Put before the implementation of an engine that has a hider."""

    keeper: Keeper | None = None
    rebuilding: str | None = None
    """The table that a batch block is rebuilding: its drop is no drop."""

    def drop_column(self, table_name: str, column: Column[Any], *, schema: str | None = None, **kw: Any) -> None:
        """Hide the column."""
        if self.keeper is None or not self.keeper.hide(Place(schema, table_name, column.name)):
            super().drop_column(table_name, column, schema=schema, **kw)  # type: ignore[misc]

    def add_column(self, table_name: str, column: Column[Any], *, schema: str | None = None, **kw: Any) -> None:
        """Bring the column back, or add it."""
        place = Place(schema, table_name, column.name)
        if self.keeper is None or not self.keeper.bring_back_column(place, column):
            super().add_column(table_name, column, schema=schema, **kw)  # type: ignore[misc]

    def create_table(self, table: Table, **kw: Any) -> None:
        """Bring the table back, or create it."""
        if table.name.startswith("_alembic_tmp_"):
            self.rebuilding = table.name
        elif self.keeper is not None and self.keeper.bring_back_table(table):
            return
        super().create_table(table, **kw)  # type: ignore[misc]

    def drop_table(self, table: Table, **kw: Any) -> None:
        """Hide the table."""
        keeper = None if self._is_rebuilding(table.name) else self.keeper
        if keeper is None or not keeper.hide(Place(table.schema, table.name)):
            super().drop_table(table, **kw)  # type: ignore[misc]

    def create_index(self, index: Index, **kw: Any) -> None:
        """Create the index, unless it came back with its table."""
        if self.keeper is None or not self.keeper.is_back(index):
            super().create_index(index, **kw)  # type: ignore[misc]

    def rename_table(self, old_table_name: str, new_table_name: str, schema: str | None = None) -> None:
        """Rename the table, and what the attic knows of it."""
        super().rename_table(old_table_name, new_table_name, schema=schema)  # type: ignore[misc]
        if self.rebuilding == old_table_name:
            self.rebuilding = None
        elif self.keeper is not None:
            self.keeper.rename_table(Place(schema, old_table_name), new_table_name)

    def _is_rebuilding(self, name: str) -> bool:
        return self.rebuilding is not None and self.rebuilding == alembic_private.name_while_rebuilt(name)


class KeepingBatch:
    """Put before Alembic's batch: what is hidden or returns is taken out of a rebuild."""

    batch: list[Any]
    operations: Any
    table_name: str
    schema: str | None
    naming_convention: Any

    def flush(self) -> None:
        """Rebuild a SQLite table in its own text; else bring columns back, let Alembic do the rest, hide columns."""
        impl = self.operations.impl
        if getattr(impl, "keeper", None) is None or not alembic_private.rebuilds(self):
            super().flush()  # type: ignore[misc]
        elif impl.dialect.name != "sqlite":
            self._flush_around(impl.keeper)
        elif Rebuild.can_do(self):
            Rebuild(impl, impl.connection, self.table_name, self.naming_convention).run(self.batch)
        else:
            triggers = SQLiteTable(impl.connection, self.table_name).companions("trigger")
            self._flush_around(impl.keeper)
            rescue_triggers(impl.connection, self.table_name, triggers)

    def _flush_around(self, keeper: Keeper) -> None:
        drops = [each for each in self.batch if each[0] == "drop_column"]
        self.batch = [each for each in self.batch if each not in drops and not self._is_back(keeper, each)]
        if self.batch:
            super().flush()  # type: ignore[misc]
        for _, arguments, options in drops:
            self.operations.impl.drop_column(*arguments, **options)

    def _is_back(self, keeper: Keeper, step: Any) -> bool:
        name, arguments, _ = step
        if name != "add_column":
            return False
        column = arguments[1]
        return keeper.bring_back_column(Place(self.schema, self.table_name, column.name), column)


def _columns(inspector: Any, schema: str | None, table: str) -> dict[str, Any]:
    return {column["name"]: column for column in inspector.get_columns(table, schema=schema)}


def _type(reflected: Mapping[str, Any]) -> TypeEngine[Any]:
    kind: TypeEngine[Any] = reflected["type"]
    return kind


def _is_part_of(inner: Place, outer: Place) -> bool:
    return outer.column is None and (inner.schema, inner.table) == (outer.schema, outer.table)
