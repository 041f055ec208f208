"""Alembic's implementation and its batch, through which every directive of a script passes."""

from contextlib import nullcontext
from typing import Any

from sqlalchemy import Column, Constraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from flask_rewind import alembic_private
from flask_rewind.acting import each_method, rewind_acts
from flask_rewind.attic_entries import Place
from flask_rewind.describing import Part
from flask_rewind.engines.registry import engine_named
from flask_rewind.engines.sqlite.rebuilding import Rebuild, rescue_triggers
from flask_rewind.engines.sqlite.table import SQLiteTable
from flask_rewind.keeper import Keeper
from flask_rewind.own_names import is_hidden, is_own_table
from flask_rewind.script.nameless import nameless_constraint
from flask_rewind.script.raw import RawStatements


@each_method(rewind_acts)
class KeepingImpl:
    """A mixin before Alembic's implementation, for engines that have a hider."""

    keeper: Keeper | None = None
    raw: RawStatements | None = None
    rebuilding: str | None = None
    """The temporary table of a batch block that rebuilds a table: the original is dropped then, and not hidden."""

    def drop_column(self, table_name: str, column: Column[Any], *, schema: str | None = None, **kw: Any) -> None:
        """Hide the column."""
        if self.keeper is None or not self.keeper.drops.hide(self._place(schema, table_name, column.name)):
            with self._directive():
                super().drop_column(table_name, column, schema=schema, **kw)  # type: ignore[misc]

    def add_column(self, table_name: str, column: Column[Any], *, schema: str | None = None, **kw: Any) -> None:
        """Bring the column back, or add it."""
        place = self._place(schema, table_name, column.name)
        if self.keeper is None or not self.keeper.returns.bring_back_column(place, column):
            with self._directive():
                super().add_column(table_name, column, schema=schema, **kw)  # type: ignore[misc]
            self._note_made(place)
            if self.keeper is not None:
                self.keeper.values.fill_from_source(place)

    def create_table(self, table: Table, **kw: Any) -> None:
        """Bring the table back, or create it."""
        if table.name.startswith("_alembic_tmp_"):
            self.rebuilding = table.name
        elif self.keeper is not None and self.keeper.returns.bring_back_table(table):
            return
        with self._directive():
            super().create_table(table, **kw)  # type: ignore[misc]
        self._note_made(self._place(table.schema, table.name))
        if self.keeper is not None and self.rebuilding is None:
            self.keeper.values.copy_rows_that_fit(table)

    def drop_table(self, table: Table, **kw: Any) -> None:
        """Hide the table."""
        keeper = None if self._is_rebuilding(table.name) else self.keeper
        if keeper is None or not keeper.drops.hide(self._place(table.schema, table.name)):
            with self._directive():
                super().drop_table(table, **kw)  # type: ignore[misc]

    def alter_column(self, table_name: str, column_name: str, *args: Any, **options: Any) -> None:
        """Change the column or its name, after the indexes and constraints on it are recreated."""
        if self.keeper is not None:
            self.keeper.recreation.create_pending(self._place(options.get("schema"), table_name))
        super().alter_column(table_name, column_name, *args, **options)  # type: ignore[misc]

    def drop_index(self, index: Index, **kw: Any) -> None:
        """Drop the index, which may return with a column."""
        if self.keeper is not None:
            self.keeper.recreation.create_pending(names={str(index.name).lower()})
        if not self._leaves_key_an_index(index.table, index.name):
            super().drop_index(index, **kw)  # type: ignore[misc]

    def create_index(self, index: Index, **kw: Any) -> None:
        """Create the index, unless it returned with its table."""
        if self.raw is not None and index.table is not None:
            self.raw.give_back(self._place(index.table.schema, index.table.name))
        if not self.is_back(index.table, index.name):
            super().create_index(index, **kw)  # type: ignore[misc]

    def add_constraint(self, const: Constraint, **kw: Any) -> None:
        """Add the constraint, unless it returned with its table."""
        if self.raw is not None:
            self.raw.give_back(self._place(const.table.schema, const.table.name))
        is_key = isinstance(const, ForeignKeyConstraint)
        if is_key and self.keeper is not None:
            self.keeper.key_indexes.expect_foreign_key(self._place(const.table.schema, const.table.name))
        is_nameless = const.name is None or isinstance(const, PrimaryKeyConstraint)  # MariaDB calls each one PRIMARY
        if is_nameless and self.keeper is not None and self.keeper.recreation.has_nameless(const):
            return
        if not self.is_back(const.table, const.name, is_key=is_key):
            super().add_constraint(const, **kw)  # type: ignore[misc]

    def drop_constraint(self, const: Constraint, **kw: Any) -> None:
        """Drop the constraint; find it first if the script gives no name."""
        if self.keeper is not None:
            self.keeper.recreation.create_pending(self._place(const.table.schema, const.table.name))
        if self.keeper is not None and const.name is None:
            const.name = self.nameless_constraint(const).called
        if not (isinstance(const, UniqueConstraint) and self._leaves_key_an_index(const.table, const.name)):
            super().drop_constraint(const, **kw)  # type: ignore[misc]

    def _leaves_key_an_index(self, table: Table | None, name: Any) -> bool:
        """Drop an index that a foreign key needs, and make another for the key; return False where none needs it."""
        if self.keeper is None or table is None:
            return False
        return self.keeper.key_indexes.drop(self._place(table.schema, table.name), str(name))

    def nameless_constraint(self, const: Constraint) -> Part:
        """Return the constraint that a script means where it gives no name."""
        if self.keeper is None:
            raise ValueError("Constraint must have a name")
        return nameless_constraint(self.keeper.crossing, const)

    def rename_table(self, old_table_name: str, new_table_name: str, schema: str | None = None) -> None:
        """Rename the table, also in the entries of its hidden columns."""
        if self.rebuilding == old_table_name:
            self.rebuilding = None
        elif self.keeper is not None:
            self.keeper.rename_tables([(self._place(schema, old_table_name), new_table_name)])
        with self._directive():
            super().rename_table(old_table_name, new_table_name, schema=schema)  # type: ignore[misc]

    def _place(self, schema: str | None, table: str, column: str | None = None) -> Place:
        """Return the place that a script names, as the database spells it."""
        place = Place(schema, table, column)
        return place if self.keeper is None else self.keeper.crossing.names.found(place)

    def _note_made(self, place: Place) -> None:
        if self.keeper is not None:
            self.keeper.outcome.made.add(place)

    def _directive(self) -> Any:
        return self.raw.in_directive() if self.raw else nullcontext()

    def is_back(self, table: Table | None, name: Any, *, is_key: bool = False) -> bool:
        """Return whether an index or constraint, or only a foreign key, returned with its table."""
        if self.keeper is None or table is None:
            return False
        return self.keeper.recreation.is_back(self._place(table.schema, table.name), name, is_key=is_key)

    def _is_rebuilding(self, name: str) -> bool:
        return self.rebuilding is not None and self.rebuilding == alembic_private.name_while_rebuilt(name)


@each_method(rewind_acts)
class KeepingBatch:
    """A mixin before Alembic's batch: columns that are hidden or return do not take part in a rebuild."""

    batch: list[Any]
    operations: Any
    table_name: str
    schema: str | None
    naming_convention: Any

    def flush(self) -> None:
        """Rebuild a SQLite table in its own text; else bring columns back, let Alembic do the rest, hide columns."""
        impl = self.operations.impl
        if getattr(impl, "keeper", None) is None:
            super().flush()  # type: ignore[misc]
            return
        self._leave_own_out(impl.keeper)
        if not is_own_table(self.table_name):
            place = impl.keeper.crossing.names.found(Place(self.schema, self.table_name))
            self.schema, self.table_name = place.schema, place.table
            impl.raw.give_back(place)
            impl.keeper.recreation.create_pending(place)
            with impl.raw.rebuilding():
                self._flush_rest(impl)

    def _flush_rest(self, impl: Any) -> None:
        if not alembic_private.rebuilds(self):
            super().flush()  # type: ignore[misc]
        elif not engine_named(impl.dialect.name).rebuilds_tables:
            self._flush_around(impl.keeper)
        elif Rebuild.can_do(self):
            with impl.raw.in_directive():
                Rebuild(impl, impl.connection, self.table_name, self.naming_convention).run(self.batch)
        else:
            triggers = SQLiteTable(impl.connection, self.table_name).companions("trigger")
            self._flush_around(impl.keeper)
            rescue_triggers(impl.connection, self.table_name, triggers)

    def _leave_own_out(self, keeper: Keeper) -> None:
        """Remove the steps of the block that name a table of Rewind's or something hidden."""
        for each in list(self.batch):
            if names := [self.table_name] if is_own_table(self.table_name) else _hidden_in(each):
                self.batch.remove(each)
                keeper.leave_out([f"{each[0]} in a batch block on {self.table_name}"], names)

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
        place = keeper.crossing.names.found(Place(self.schema, self.table_name, column.name))
        return keeper.returns.bring_back_column(place, column)


def _hidden_in(step: Any) -> list[str]:
    """Return the names of hidden columns, indexes and constraints in a step of a batch block."""
    _, arguments, _ = step
    named = [getattr(item, "name", item) for item in arguments]
    columns = [column.name for item in arguments[:1] for column in getattr(item, "columns", ())]
    return [str(name) for name in [*named, *columns] if is_hidden(str(name))]
