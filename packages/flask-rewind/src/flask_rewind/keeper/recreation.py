"""Indexes, constraints and triggers that went with what was hidden, and are created again when it returns."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Constraint, inspect

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import ColumnDetails, Named, TableDetails
from flask_rewind.engines.constraints import Restore
from flask_rewind.keeper.constraints import OfColumns, has_constraint_like
from flask_rewind.keeper.context import CrossingContext, without_column
from flask_rewind.keeper.outcome import Outcome
from flask_rewind.sql.parser import referred
from flask_rewind.sql.tokenizer import tokens
from flask_rewind.steps import StepKind


class Recreation:
    """Creates them at the end of the crossing, unless the script has done it or needs them before."""

    def __init__(self, crossing: CrossingContext, outcome: Outcome) -> None:
        self._crossing = crossing
        self._outcome = outcome
        self._hider = crossing.hider
        self._pending: list[Restore] = []
        self._orphaned: list[Restore] = []
        """Foreign keys to tables that this crossing hid."""
        self._names: set[str] = set()
        """Names of the indexes and constraints that this crossing recreates."""
        self._created_early: set[str] = set()

    def add_of_column(self, entry: Entry, restores: Iterable[Restore]) -> None:
        """Add what went with a column: where it needs other columns, it waits for these."""
        columns = {name.lower() for name in entry.details_as(ColumnDetails).columns}
        for restore in restores:
            self._names.add(restore.name)
            named = {token.name.lower() for token in tokens(restore.sql, self._crossing.dialect)}
            is_of_table = restore.place.table == entry.place.table and not restore.needs
            self._pending.append(replace(restore, needs=frozenset(named & columns)) if is_of_table else restore)

    def add_of_table(self, restores: Collection[Restore]) -> None:
        """Add what went with a table."""
        self._pending += restores
        self._names |= {restore.name for restore in restores}

    def note_hidden(self, entry: Entry) -> None:
        """Leave out what is part of a table that is hidden now, and note which foreign keys refer to it."""
        place = entry.place
        if place.column:
            return
        self._pending = [each for each in self._pending if without_column(each.place) != place]
        if self._hider.ties_keys_again:
            self._orphaned += self._hider.constraints.keys_to(entry)

    def follow_renames(self, former: Mapping[Place, Place]) -> None:
        """Let what waits for a table follow its new name: the former place of each table by its new one."""
        self._pending = [self._followed(each, former) for each in self._pending]

    def _followed(self, restore: Restore, former: Mapping[Place, Place]) -> Restore:
        """Return a part of a table's text under the table's new name; the SQL of other kinds has the former name."""
        new = next((new for new, old in former.items() if old == without_column(restore.place)), None)
        if new is None or restore.kind not in {"part", "key to"}:
            return restore
        return replace(restore, place=replace(restore.place, table=new.table))

    def create_pending(self, table: Place | None = None, names: Collection[str] = ()) -> None:
        """Create now, and not at the end, what the script is about to change.

        Args:
            table: one that is renamed or altered.
            names: those of tables, indexes and constraints, in lower case.
        """
        concerned = {*names, *([table.table.lower()] if table else [])}
        for restore in list(self._pending):
            if {restore.place.table.lower(), restore.name.lower()} & concerned and self._can_create(restore):
                self._pending.remove(restore)
                self._created_early.add(restore.name)
                self._create(restore)

    def attach_partitions(self) -> None:
        """Attach returned partitions to their tables, where these are there."""
        for restore in [each for each in self._pending if each.kind == "parent" and self._can_create(each)]:
            self._pending.remove(restore)
            self._create(restore)

    def create_all(self) -> None:
        """Create all that is left."""
        waiting, self._pending = self._pending, []
        for restore in waiting:
            self._create(restore)
        orphaned = [each for each in self._orphaned if self._can_create(each)]
        if orphaned:
            with self._crossing.hiding(), self._hider.constraints.unchecked_keys():
                for restore in orphaned:
                    self._create(restore)

    def _can_create(self, restore: Restore) -> bool:
        """Return whether its table and columns are there, and the table that a foreign key refers to."""
        inspector = inspect(self._crossing.connection)
        if not inspector.has_table(restore.place.table, restore.place.schema):
            return False
        if restore.kind == "parent":  # which may return later
            return all(self._hider.constraints.is_relation(name) for name in restore.needs)
        visible = self._crossing.visible_columns(without_column(restore.place))
        if not restore.needs <= {name.lower() for name in visible}:
            return False
        if restore.kind == "trigger" and self._hider.constraints.has_name(restore):
            return False
        parent = referred(restore.sql, self._crossing.dialect) if restore.kind == "constraint" else None
        return parent is None or bool(inspector.has_table(parent.table, parent.schema or restore.place.schema))

    def _create(self, restore: Restore) -> None:
        there = inspect(self._crossing.connection).has_table(restore.place.table, restore.place.schema)
        constraints = self._hider.constraints
        if there and not constraints.has(restore) and not constraints.has_like(restore, self._names):
            if restore.kind == "trigger":
                self.free_trigger(restore.name)
                if constraints.has_name(restore):  # the schema is compared afterwards, and shows what is missing
                    return
            with self._crossing.hiding(StepKind.MAKE_AGAIN):
                constraints.make(restore)

    def free_trigger(self, name: str) -> None:
        """Drop a trigger of a hidden table that has this name; it returns with the table."""
        found = self._hider.constraints.hidden_trigger(name)
        if found is None:
            return
        table, sql = found
        attic = self._crossing.attic
        entry = next(each for each in attic.entries() if each.name == table)
        details = entry.details_as(TableDetails)
        attic.rewrite(entry, replace(details, triggers=(*details.triggers, Named(name, sql))))
        with self._crossing.hiding(StepKind.FREE_TRIGGER, entry.place, name):
            self._hider.run_literally(f"DROP TRIGGER {self._hider.quote(name)}")

    def restore_names(self) -> None:
        """Give what returned its former name, if that was taken when it returned."""
        with self._crossing.hiding(StepKind.NAME_AGAIN):
            self._hider.tables.give_names_again()

    def is_back(self, place: Place, name: Any, *, is_key: bool = False) -> bool:
        """Return whether an index, constraint or trigger is there again, so that the script need not create it.

        With `is_key`, only a foreign key counts: MariaDB gives the index under one the same name.
        """
        fold = self._crossing.names.of_column
        created = {*map(fold, self._created_early)}
        if not name or (place not in self._outcome.tables_back and fold(str(name)) not in created):
            return False
        self.restore_names()
        kinds = ("constraint",) if is_key else ("index", "constraint", "trigger", "policy")
        return any(self._hider.constraints.has(Restore(kind, place, str(name), "")) for kind in kinds)

    def has_nameless(self, constraint: Constraint) -> bool:
        """Return whether a table that returned has the unique constraint or key that a script gives no name."""
        place = self._crossing.names.found(Place(constraint.table.schema, constraint.table.name))
        if place not in self._outcome.tables_back or not isinstance(constraint, OfColumns):
            return False
        self.create_pending(place)
        return has_constraint_like(self._crossing, place, constraint)
