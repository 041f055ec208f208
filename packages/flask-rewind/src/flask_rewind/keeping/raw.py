"""The raw statements of a script: what they drop is hidden, what they add comes back, as directives do it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Column, MetaData, Table, inspect, text
from sqlalchemy.exc import DBAPIError

from flask_rewind.acting import books_are_kept
from flask_rewind.attic_entries import PREFIX, Entry, Place
from flask_rewind.engines.access import columns_of
from flask_rewind.engines.registry import engine_named
from flask_rewind.errors import Refused
from flask_rewind.keeping.keeper import Keeper
from flask_rewind.keeping.left_out import changed_in_block, left_out
from flask_rewind.keeping.rows import ReturnedRows
from flask_rewind.recording import NOTHING
from flask_rewind.sql.changes import (
    Action,
    AlterTable,
    CreateIndex,
    CreateOnTable,
    CreateTable,
    DropOther,
    DropTables,
    DropTrigger,
    Name,
    RenameTables,
)
from flask_rewind.sql.grammar import new_type
from flask_rewind.sql.star_columns import CannotName, with_columns_named
from flask_rewind.sql.statement import Statement
from flask_rewind.sql.statements import BLOCKS, DATA
from flask_rewind.sql.tokens import one_line, shortened, tokens
from flask_rewind.steps import StepKind
from flask_rewind.transactions import savepoint

_CHANGING = {"ALTER", "CREATE", "DROP", "RENAME"}
_RENAMING = {"rename", "drop", "change", "modify"}
_DROPPING = re.compile(r"\bDROP\s+(TABLE|COLUMN|SCHEMA|DATABASE)\b", re.IGNORECASE)
_OF_ALL = re.compile(r"\*|\bINTO\b|\bTABLE\s", re.IGNORECASE)
_PROBE = "rewind_probe"


class RawStatements:
    """Looks at every statement of a crossing before it is executed."""

    def __init__(self, keeper: Keeper, rows: ReturnedRows) -> None:
        self._keeper = keeper
        self._place = keeper.place_of
        self._rows = rows
        self._is_in_directive = self._is_rebuilding = False
        dialect = keeper.connection.dialect
        self._dialect = dialect.name
        self._is_escaped = dialect.paramstyle in {"format", "pyformat"}
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

    @contextmanager
    def in_directive(self) -> Iterator[None]:
        """Let the statements of a directive through: what it drops and adds was looked at before."""
        before, self._is_in_directive = self._is_in_directive, True
        try:
            yield
        finally:
            self._is_in_directive = before

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """Let the statements of a batch block through, which take along what is hidden: it was looked at before."""
        before, self._is_rebuilding = self._is_rebuilding, True
        try:
            yield
        finally:
            self._is_rebuilding = before

    def give_back(self, table: Place) -> None:
        """See `ReturnedRows.give_back`."""
        self._rows.give_back(table)

    def instead_of(self, statement: Statement) -> Statement:
        """Return what to execute for a statement of the script; a raw one hides and brings back as a directive does.

        Raises:
            Refused: where it would destroy something that cannot be hidden.
        """
        if self._keeper.is_hiding:
            return statement
        parts = [
            part.saying(each) for part in statement.parts for each in self._keeper.hider.types.one_drop_each(part.text)
        ]
        if len(parts) < 2:
            return self._instead_of_one(statement)
        if not engine_named(self._dialect).runs_several_statements or not any(map(self._is_ours, parts)):
            return statement  # the driver refuses more than one
        self._run_each(parts, statement)
        return statement.saying(NOTHING)

    def _is_ours(self, part: Statement) -> bool:
        is_read = part.verb in _CHANGING | BLOCKS | DATA or _OF_ALL.search(part.text) is not None
        return is_read or left_out(part) is not None

    def _run_each(self, parts: Sequence[Statement], whole: Statement) -> None:
        """Execute the parts of a statement, each with its share of the parameters."""
        if not whole.parameters:
            for part in parts:
                self._run(part.text)
            return
        for parameters in whole.parameters if whole.is_many else [whole.parameters]:
            shares = iter(parameters)
            for part in parts:
                count = part.text.replace("%%", "").count("%s")
                share = parameters if isinstance(parameters, Mapping) else tuple(islice(shares, count))
                self._keeper.connection.exec_driver_sql(part.text, share)

    def _run(self, statement: str) -> None:
        """Execute a statement, or a part of one, in the form in which the driver would get it."""
        self._keeper.hider.run_literally(statement.replace("%%", "%") if self._is_escaped else statement)

    def _with_columns_named(self, statement: str) -> str:
        """Return a statement that speaks of all columns with those named that the script knows.

        Raises:
            Refused: where that cannot be.
        """
        if not _OF_ALL.search(statement):
            return statement
        try:
            return with_columns_named(statement, self._dialect, self._hides, self._columns, self._quoted)
        except CannotName as error:
            schema, table = error.args
            names = ", ".join(map(self._quoted, self._columns(schema, table)))
            raise Refused(
                f"a statement with * would take in what is hidden of {table}: {shortened(statement)}",
                f"Write its columns into the script: {names}",
            ) from error

    def _hides(self, schema: str | None, table: str) -> bool:
        place = self._place(Name(schema, table, table))
        return any(self._keeper.is_of(place, each) for each in self._keeper.tables_with_hidden_columns())

    def _columns(self, schema: str | None, table: str) -> dict[str, bool]:
        place = self._place(Name(schema, table, table))
        there = columns_of(inspect(self._keeper.connection), place.schema, place.table)
        return {name: "computed" in each for name, each in there.items() if not name.startswith(PREFIX)}

    def _quoted(self, name: str) -> str:
        quoted = self._keeper.hider.quote(name)
        return quoted.replace("%", "%%") if self._is_escaped else quoted

    def _instead_of_one(self, statement: Statement) -> Statement:
        found = None if self._is_rebuilding else left_out(statement)
        if found:
            self._keeper.leave_out(found.parts, found.names)
            statement = statement.saying(found.rest or NOTHING)
        if not self._keeper.hider.leaves_hidden_columns_out and not self._is_rebuilding:
            statement = statement.saying(self._with_columns_named(statement.text))
        if statement.verb in DATA:
            return statement.saying(self._rows.instead_of(statement))
        if statement.verb in BLOCKS:
            self._refuse_block(statement.text)
        return statement.saying(self._instead_of_ddl(statement)) if statement.verb in _CHANGING else statement

    def _instead_of_ddl(self, statement: Statement) -> str:
        of_type = self._keeper.instead_of_type(one_line(statement.text, self._dialect))
        if of_type is not None:
            return of_type
        left = statement.text if self._is_in_directive else self._instead_of_raw(statement)
        if statement.verb == "ALTER":
            said = left.strip()
            self._keeper.refuse_other_key(said)
            self._keeper.make_room(said.replace("%%", "%") if self._is_escaped else said)
        return left

    def _refuse_block(self, statement: str) -> None:
        if _DROPPING.search(statement):
            raise Refused(
                f"what a block of statements drops cannot be hidden: {shortened(statement)}",
                "Execute the DROP by itself, outside the block.",
            )
        if own := changed_in_block(statement):
            raise Refused(
                f"a block of statements changes {own}, which belongs to Flask-Rewind: {shortened(statement)}",
                "Leave it out of the block.",
            )
        self._rows.refuse_block(statement, self._dialect)

    def _instead_of_raw(self, statement: Statement) -> str:
        if statement.names & _RENAMING:
            self._keeper.settle(names=statement.names)
        change = statement.change
        done = self._doing[type(change)](change, statement) if change else None
        return statement.text if done is None else done

    def _alter(self, change: AlterTable, statement: Statement) -> str | None:
        if "UNIQUE" in statement.words:
            self.give_back(self._place(change.table))
        if "FOREIGN" in statement.words:
            self._keeper.expect_foreign_key(self._place(change.table))
        for action in change.actions:
            if wanted := new_type(action, self._dialect):
                self._keeper.accept_type(self._place(change.table, wanted.column), wanted)
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
            case "add" if not self._keeper.is_there(place):
                return self._is_added(change, action, place)
            case "other" if action.text.upper().startswith("ADD PRIMARY KEY") and len(change.actions) == 1:
                table = self._place(change.table)
                return table in self._keeper.tables_back and bool(self._keeper.primary_key(table))
            case "name":
                return self._keeper.is_back(self._place(change.table), action.name)
            case "rename":
                self._keeper.rename_tables([(self._place(change.table), action.name)])
            case "destroy":
                raise Refused(
                    f"what this deletes of {change.table.table} cannot be hidden: {action.text}",
                    "Move the rows into a table of their own first, and drop that.",
                )
        return False

    def _is_added(self, change: AlterTable, action: Action, place: Place) -> bool:
        if self._keeper.kept(place) is not None and self._keeper.bring_back_column(
            place, self._probed(action, self._place(change.table))
        ):
            return True
        self._keeper.made.add(place)
        source = self._keeper.values_elsewhere(place)
        if source is None:
            return False
        self._keeper.make_room(f"ALTER TABLE {change.table.sql} {action.text}")
        with self._keeper.hiding():
            self._run(f"ALTER TABLE {change.table.sql} {action.text}")
        self._keeper.fill_from(place, source)
        return True

    def _make_probe(self, action: Action, table: Place) -> None:
        """Make a table with the column, and those of its own table that the definition may name."""
        quote = self._keeper.hider.quote
        column = f"{quote(action.name)} {action.definition}"
        visible = columns_of(inspect(self._keeper.connection), table.schema, table.table)
        named = {token.name.lower() for token in tokens(action.definition, self._dialect)}
        others = [quote(name) for name in visible if name.lower() in named and name.lower() != action.name.lower()]
        if not engine_named(self._dialect).adds_any_column:
            self._run(f"CREATE TABLE {_PROBE} ({', '.join(['rewind_key', *others, column])})")
        else:
            made = ", ".join(["1 AS rewind_key", *others])
            source = self._keeper.hider.table_of(table)
            self._run(f"CREATE TABLE {_PROBE} AS SELECT {made} FROM {source} WHERE 1 = 0")  # noqa: S608 - quoted names
            self._run(f"ALTER TABLE {_PROBE} ADD COLUMN {column}")

    @books_are_kept()
    def _probed(self, action: Action, table: Place) -> Column[Any]:
        """Return the column that a definition makes, as the engine itself reads it."""
        self._make_probe(action, table)
        found = columns_of(inspect(self._keeper.connection), None, _PROBE)[action.name]
        self._keeper.hider.run_literally(f"DROP TABLE {_PROBE}")
        default = None if found["default"] is None else text(found["default"])
        return Column(action.name, found["type"], nullable=found["nullable"], server_default=default)

    def _drop_tables(self, change: DropTables, statement: Statement) -> str:
        if change.cascade:
            for name in change.tables:
                self._refuse_dependants(self._place(name))
        left = [name for name in change.tables if not self._keeper.hide(self._place(name))]
        condition = "IF EXISTS " if change.if_exists else ""
        return f"DROP TABLE {condition}{', '.join(name.sql for name in left)}" if left else NOTHING

    def _refuse_dependants(self, place: Place) -> None:
        if self._keeper.is_there(place) and (others := self._keeper.hider.tables.dependants_on(place)):
            raise Refused(
                f"{place} cannot be hidden: CASCADE would drop what depends on it ({', '.join(others)}).",
                "Drop these by statements of their own first, in the same revision.",
            )

    def _create_table(self, change: CreateTable, statement: Statement) -> str | None:
        """Let the engine read the statement: where its table has the columns of the hidden one, that returns."""
        place = self._place(change.table)
        if change.replaces:
            self._keeper.hide(place)
        if self._keeper.is_there(place):  # IF NOT EXISTS
            return NOTHING if place in self._keeper.partitions_back else None
        entry = self._keeper.kept(place)
        copies_hidden = change.is_like and bool(self._keeper.tables_with_hidden_columns())
        if entry is None and not copies_hidden:
            self._keeper.made.add(place)
            return None
        self._refuse_parameters(statement, place)
        with self._keeper.hiding():
            self._run(statement.text)
        if copies_hidden:
            self._leave_hidden_out(place)
        if entry is None:
            self._keeper.made.add(place)
        else:
            self._bring_back_instead(place, entry, is_filled="SELECT" in statement.words)
        return NOTHING

    def _refuse_parameters(self, statement: Statement, place: Place) -> None:
        if statement.parameters:
            raise Refused(
                f"{place} would come back, and a statement with parameters cannot be looked through: "
                f"{shortened(statement.text)}",
                f"Write the values into the statement, or forget the table for good: flask db purge {place}",
            )

    def _bring_back_instead(self, place: Place, entry: Entry, *, is_filled: bool) -> None:
        """Let the hidden table return in place of the one just made, where that has its columns.

        Where it has not, and was made without rows, it gets those that fit.
        """
        table = Table(place.table, MetaData(), schema=place.schema)
        for column in columns_of(inspect(self._keeper.connection), place.schema, place.table).values():
            table.append_column(Column(column["name"], column["type"]))
        if self._keeper.has_columns(entry, [column.name for column in table.columns]):
            with self._keeper.hiding(StepKind.MAKE_WAY, place):
                self._keeper.hider.run_literally(f"DROP TABLE {self._keeper.hider.table_of(place)}")
            self._keeper.bring_back_table(table)
        else:
            self._keeper.made.add(place)
            if not is_filled:
                self._keeper.copy_what_fits(table)

    def _leave_hidden_out(self, place: Place) -> None:
        """Drop what a table that was made like another has of what is hidden in that."""
        for name in columns_of(inspect(self._keeper.connection), place.schema, place.table):
            if name.startswith(PREFIX):
                with self._keeper.hiding(StepKind.LEAVE_HIDDEN_OUT, place):
                    self._keeper.hider.run_literally(
                        f"ALTER TABLE {self._keeper.hider.table_of(place)} DROP COLUMN {self._keeper.hider.quote(name)}"
                    )

    def _create_on_table(self, change: CreateIndex | CreateOnTable, statement: Statement) -> str | None:
        self.give_back(self._place(change.table))
        is_new = isinstance(change, CreateOnTable) and change.replaces
        if not is_new and self._keeper.is_back(self._place(change.table), change.name):
            return NOTHING
        if isinstance(change, CreateOnTable):
            self._keeper.free_trigger(change.name)
        return None

    def _drop_trigger(self, change: DropTrigger, statement: Statement) -> None:
        self._keeper.free_trigger(change.name)

    def _rename_tables(self, change: RenameTables, statement: Statement) -> None:
        self._keeper.rename_tables([(self._place(old), new) for old, new in change.pairs])

    def _drop_other(self, change: DropOther, statement: Statement) -> str | None:
        """Let a type or a schema go, but nothing that is in it."""
        if not change.destroys(self._dialect):
            return None
        if not change.cascade:
            raise Refused(
                f"what is in a database cannot be hidden with it: {shortened(statement.text)}",
                "Drop its tables by statements of their own, and the database by hand when they are purged.",
            )
        try:
            with savepoint(self._keeper.connection):
                self._run(change.without_cascade)
        except DBAPIError as error:
            raise Refused(
                f"what CASCADE would drop cannot be hidden: {shortened(statement.text)}: {error.orig}",
                "Drop what depends on it by statements of their own first, in the same revision.",
            ) from error
        return NOTHING
