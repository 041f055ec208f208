"""Raw DDL: one method for each kind of statement."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import Place
from flask_rewind.engines.access import is_of_the_moment
from flask_rewind.errors import Refused
from flask_rewind.keeper import Keeper
from flask_rewind.script.added_columns import AddedColumns
from flask_rewind.script.created_tables import CreatedTables
from flask_rewind.script.driver_sql import DriverSQL
from flask_rewind.script.returned_rows import ReturnedRows
from flask_rewind.sql.changes import (
    Action,
    AlterTable,
    CreateIndex,
    CreateOnTable,
    CreateTable,
    DropOther,
    DropTables,
    DropTrigger,
    RenameTables,
)
from flask_rewind.sql.parser import new_type, referred
from flask_rewind.sql.statement import Statement
from flask_rewind.sql.statements import NOTHING
from flask_rewind.sql.tokenizer import shortened
from flask_rewind.transactions import savepoint

_RENAMING = {"rename", "drop", "change", "modify"}


class RawDDL:
    """Hides what raw DDL drops, returns what it adds, and says what is left to execute."""

    def __init__(self, keeper: Keeper, rows: ReturnedRows, sql: DriverSQL) -> None:
        self._keeper = keeper
        self._crossing = keeper.crossing
        self._outcome = keeper.outcome
        self._dialect = keeper.crossing.dialect
        self._place = keeper.crossing.place_of
        self._rows = rows
        self._sql = sql
        self._columns = AddedColumns(keeper, sql)
        self._tables = CreatedTables(keeper, sql)
        self._doing: dict[type, Callable[[Any, Statement], str | None]] = {
            AlterTable: self._alter,
            DropTables: self._drop_tables,
            CreateTable: self._create_table,
            CreateIndex: self._create_on_table,
            CreateOnTable: self._create_on_table,
            RenameTables: self._rename_tables,
            DropTrigger: self._drop_trigger,
            DropOther: self._drop_other,
        }

    def instead_of(self, statement: Statement) -> str:
        """Return what to execute for a statement.

        Raises:
            Refused: where it would destroy something that cannot be hidden.
        """
        if statement.names & _RENAMING:
            self._keeper.recreation.create_pending(names=statement.names)
        change = statement.change
        done = self._doing[type(change)](change, statement) if change else None
        return statement.text if done is None else done

    def _alter(self, change: AlterTable, statement: Statement) -> str | None:
        if "UNIQUE" in statement.words:
            self._rows.give_back(self._place(change.table))
        if "FOREIGN" in statement.words:
            self._keeper.key_indexes.expect_foreign_key(self._place(change.table))
        for action in change.actions:
            if wanted := new_type(action, self._dialect):
                self._keeper.accept_type(self._place(change.table, wanted.column), wanted)
        left = [action for action in change.actions if not self._is_done(change, action)]
        if len(left) == len(change.actions):
            return None
        return f"ALTER TABLE {change.table.sql} {', '.join(each.text for each in left)}" if left else NOTHING

    def _is_done(self, change: AlterTable, action: Action) -> bool:
        """Let the keeper do an action of ALTER TABLE; return False where the action is still to be executed."""
        place = self._place(change.table, action.name)
        match action.kind:
            case "drop":
                if change.cascade:
                    self._refuse_dependants(place)
                return self._keeper.drops.hide(place)
            case "add" if not self._crossing.is_there(place):
                return self._columns.is_added(change, action, place)
            case "other" if action.text.upper().startswith("ADD PRIMARY KEY") and len(change.actions) == 1:
                table = self._place(change.table)
                return table in self._outcome.tables_back and bool(self._crossing.hider.tables.primary_key(table))
            case "name":
                is_key = referred(action.text, self._dialect) is not None
                return self._keeper.recreation.is_back(self._place(change.table), action.name, is_key=is_key)
            case "rename":
                self._keeper.rename_tables([(self._place(change.table), action.name)])
            case "destroy":
                raise Refused(
                    f"the rows that this deletes from {change.table.table} cannot be hidden: {action.text}",
                    "Move the rows into a separate table first, then drop that table.",
                )
        return False

    def _drop_tables(self, change: DropTables, statement: Statement) -> str:
        if change.cascade:
            for name in change.tables:
                self._refuse_dependants(self._place(name))
        left = [name for name in change.tables if not self._keeper.drops.hide(self._place(name))]
        condition = "IF EXISTS " if change.if_exists else ""
        return f"DROP TABLE {condition}{', '.join(name.sql for name in left)}" if left else NOTHING

    def _refuse_dependants(self, place: Place) -> None:
        if self._crossing.is_there(place) and (others := self._crossing.hider.tables.dependants_on(place)):
            raise Refused(
                f"{place} cannot be hidden: CASCADE would drop what depends on it ({', '.join(others)}).",
                "Drop these with statements of their own first, in the same revision.",
            )

    def _create_table(self, change: CreateTable, statement: Statement) -> str | None:
        return self._tables.instead_of(change, statement)

    def _create_on_table(self, change: CreateIndex | CreateOnTable, statement: Statement) -> str | None:
        self._rows.give_back(self._place(change.table))
        is_new = isinstance(change, CreateOnTable) and change.replaces
        if not is_new and self._keeper.recreation.is_back(self._place(change.table), change.name):
            return NOTHING
        if isinstance(change, CreateOnTable):
            self._keeper.recreation.free_trigger(change.name)
        return None

    def _drop_trigger(self, change: DropTrigger, statement: Statement) -> None:
        self._keeper.recreation.free_trigger(change.name)

    def _rename_tables(self, change: RenameTables, statement: Statement) -> None:
        self._keeper.rename_tables([(self._place(old), new) for old, new in change.pairs])

    def _drop_other(self, change: DropOther, statement: Statement) -> str | None:
        """Drop a type or a schema, unless that would drop tables with it."""
        if not change.destroys(self._dialect):
            return None
        if not change.cascade:
            raise Refused(
                f"this would delete all tables of a database, and Flask-Rewind cannot hide them: "
                f"{shortened(statement.text)}",
                "Drop its tables with statements of their own instead. After you have purged them, drop the database"
                " by hand.",
            )
        try:
            with savepoint(self._crossing.connection):
                self._sql.run(change.without_cascade)
        except DBAPIError as error:
            if is_of_the_moment(error):
                raise
            raise Refused(
                f"{shortened(statement.text)} fails without CASCADE, and Flask-Rewind cannot hide what CASCADE would"
                f" drop: {error.orig}",
                "Drop the dependent objects with statements of their own first, in the same revision.",
            ) from error
        return NOTHING
