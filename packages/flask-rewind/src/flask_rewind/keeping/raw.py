"""The raw statements of a script: what they drop is hidden, what they add comes back, as directives do it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, MetaData, Table, inspect, text

from flask_rewind.attic_entries import PREFIX, Place
from flask_rewind.errors import Refused
from flask_rewind.keeping.keeper import Keeper, columns_of
from flask_rewind.recording import NOTHING
from flask_rewind.statements import (
    Action,
    AlterTable,
    CreateIndex,
    CreateTable,
    DropTables,
    Name,
    RenameTables,
    blanket,
    read,
    split,
    verb,
)

_CHANGING = {"ALTER", "CREATE", "DROP", "RENAME"}
_PROBE = "rewind_probe"


class RawStatements:
    """Looks at every statement of a crossing before it is executed."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._is_in_directive = False
        self._doing: dict[type, Callable[[Any, str], str | None]] = {
            AlterTable: self._alter,
            DropTables: self._drop_tables,
            CreateTable: self._create_table,
            CreateIndex: self._create_index,
            RenameTables: self._rename_tables,
        }

    @contextmanager
    def in_directive(self) -> Iterator[None]:
        """Let the statements of a directive through: what it drops and adds was looked at before."""
        before, self._is_in_directive = self._is_in_directive, True
        try:
            yield
        finally:
            self._is_in_directive = before

    def instead_of(self, statement: str) -> str:
        """Return what to execute for a statement of the script; a raw one hides and brings back as a directive does."""
        if self._keeper.is_hiding:
            return statement
        if not self._keeper.hider.leaves_hidden_columns_out and (named := self._with_columns_named(statement)):
            return named
        if verb(statement) not in _CHANGING:
            return statement
        parts = split(statement) if self._keeper.connection.dialect.name == "postgresql" else [statement]
        if len(parts) < 2:
            return self._instead_of_one(statement)
        for part in parts:
            self._keeper.hider.run_literally(part)
        return NOTHING

    def _with_columns_named(self, statement: str) -> str | None:
        """Return an INSERT or a SELECT that speaks of all columns with those named that the script knows."""
        found = blanket(statement)
        if found is None:
            return None
        tables = self._keeper.tables_with_hidden_columns()
        hidden = [each for each in found.tables if each.lower() in tables]
        if not hidden:
            return None
        if not found.is_plain:
            raise Refused(
                f"a statement with * would take in what is hidden of {hidden[0]}: {' '.join(statement.split())[:200]}",
                "Name the columns in the script.",
            )
        place = tables[hidden[0].lower()]
        visible = columns_of(inspect(self._keeper.connection), place.schema, place.table)
        names = ", ".join(self._keeper.hider.quote(name) for name in visible if not name.startswith(PREFIX))
        named = names if statement[found.place : found.end] == "*" else f"({names}) "
        return statement[: found.place] + named + statement[found.end :]

    def _instead_of_one(self, statement: str) -> str:
        if (of_type := self._keeper.instead_of_type(statement)) is not None:
            return of_type
        if self._is_in_directive:
            return statement
        change = read(statement, folds=self._keeper.connection.dialect.name == "postgresql")
        done = self._doing[type(change)](change, statement) if change else None
        return statement if done is None else done

    def _place(self, name: Name, column: str | None = None) -> Place:
        default = inspect(self._keeper.connection).default_schema_name
        return Place(None if name.schema == default else name.schema, name.table, column)

    def _alter(self, change: AlterTable, statement: str) -> str | None:
        left = [action for action in change.actions if not self._is_done(change, action)]
        if len(left) == len(change.actions):
            return None
        return f"ALTER TABLE {change.table.sql} {', '.join(each.text for each in left)}" if left else NOTHING

    def _is_done(self, change: AlterTable, action: Action) -> bool:
        """Do one action of an ALTER TABLE where the attic has a part in it; return False where it is to be run."""
        place = self._place(change.table, action.name)
        match action.kind:
            case "drop":
                if change.cascade:
                    self._refuse_dependants(place)
                return self._keeper.hide(place)
            case "add":
                if self._keeper.kept(place) is not None and self._keeper.bring_back_column(place, self._probed(action)):
                    return True
                self._keeper.made.add(place)
            case "name":
                return self._keeper.is_back(self._place(change.table), action.name)
            case "rename":
                self._keeper.rename_table(self._place(change.table), action.name)
        return False

    def _probed(self, action: Action) -> Column[Any]:
        """Return the column that a definition makes, as the engine itself reads it."""
        with self._keeper.hiding():
            quoted = self._keeper.hider.quote(action.name)
            self._keeper.hider.run_literally(
                f"CREATE TABLE {_PROBE} (rewind_key INTEGER, {quoted} {action.definition})"
            )
            found = columns_of(inspect(self._keeper.connection), None, _PROBE)[action.name]
            self._keeper.hider.run_literally(f"DROP TABLE {_PROBE}")
        default = None if found["default"] is None else text(found["default"])
        return Column(action.name, found["type"], nullable=found["nullable"], server_default=default)

    def _drop_tables(self, change: DropTables, statement: str) -> str:
        waiting = list(change.tables)
        if change.cascade:
            for name in waiting:
                self._refuse_dependants(self._place(name))
                self._keeper.hider.drop_keys_to(self._place(name))
        left: list[Name] = []
        while waiting:
            hidden_before = len(waiting)
            refusals = [each for each in waiting if not self._is_hidden(each, left)]
            if len(refusals) == hidden_before:
                self._keeper.hide(self._place(waiting[0]))  # none can go before another: say why
            waiting = refusals
        condition = "IF EXISTS " if change.if_exists else ""
        return f"DROP TABLE {condition}{', '.join(name.sql for name in left)}" if left else NOTHING

    def _is_hidden(self, name: Name, left: list[Name]) -> bool:
        """Hide a table, or put it with those that the statement itself is left with; False where it has to wait."""
        try:
            if not self._keeper.hide(self._place(name)):
                left.append(name)
        except Refused:
            return False
        return True

    def _refuse_dependants(self, place: Place) -> None:
        if self._keeper.is_there(place) and (views := self._keeper.hider.views_on(place)):
            raise Refused(
                f"{place} cannot be hidden: CASCADE would drop what depends on it ({', '.join(views)}).",
                "Drop these by statements of their own first, in the same revision.",
            )

    def _create_table(self, change: CreateTable, statement: str) -> str | None:
        """Let the engine read the statement: where its table has the columns of the hidden one, that returns."""
        place = self._place(change.table)
        entry = self._keeper.kept(place)
        if entry is None:
            if not self._keeper.is_there(place):  # IF NOT EXISTS
                self._keeper.made.add(place)
            return None
        with self._keeper.hiding():
            self._keeper.hider.run_literally(statement)
        table = Table(place.table, MetaData(), schema=place.schema)
        for column in columns_of(inspect(self._keeper.connection), place.schema, place.table).values():
            table.append_column(Column(column["name"], column["type"]))
        if self._keeper.has_columns(entry, table):
            with self._keeper.hiding():
                self._keeper.hider.run_literally(f"DROP TABLE {self._keeper.hider.table_of(place)}")
            self._keeper.bring_back_table(table)
        else:
            self._keeper.made.add(place)
            self._keeper.copy_what_fits(table)
        return NOTHING

    def _create_index(self, change: CreateIndex, statement: str) -> str | None:
        return NOTHING if self._keeper.is_back(self._place(change.table), change.name) else None

    def _rename_tables(self, change: RenameTables, statement: str) -> None:
        for old, new in change.pairs:
            self._keeper.rename_table(self._place(old), new)
