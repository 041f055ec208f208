"""Tables that raw DDL creates: the hidden one returns where the engine reads the statement as the same columns."""

from sqlalchemy import Column, MetaData, Table, inspect

from flask_rewind.attic_entries import PREFIX, Entry, Place
from flask_rewind.engines.access import columns_of
from flask_rewind.errors import Refused
from flask_rewind.keeper import Keeper
from flask_rewind.script.driver_sql import DriverSQL
from flask_rewind.sql.changes import CreateTable
from flask_rewind.sql.statement import Statement
from flask_rewind.sql.statements import NOTHING
from flask_rewind.sql.tokenizer import shortened
from flask_rewind.steps import StepKind


class CreatedTables:
    """Brings tables back that a CREATE TABLE makes."""

    def __init__(self, keeper: Keeper, sql: DriverSQL) -> None:
        self._keeper = keeper
        self._crossing = keeper.crossing
        self._outcome = keeper.outcome
        self._place = keeper.crossing.place_of
        self._sql = sql

    def instead_of(self, change: CreateTable, statement: Statement) -> str | None:
        """Return what to execute for a CREATE TABLE; None where it is to be executed as it is."""
        place = self._place(change.table)
        if change.replaces:
            self._keeper.drops.hide(place)
        if self._crossing.is_there(place):  # IF NOT EXISTS
            return NOTHING if place in self._outcome.partitions_back else None
        entry = self._keeper.lookup.kept(place)
        copies_hidden = change.is_like and bool(self._keeper.lookup.tables_with_hidden_columns())
        if entry is None and not copies_hidden:
            self._outcome.made.add(place)
            return None
        self._refuse_parameters(statement, place, is_hidden=entry is not None)
        with self._crossing.hiding():
            self._sql.run(statement.text)
        if copies_hidden:
            self._leave_hidden_out(place)
        if entry is None:
            self._outcome.made.add(place)
        else:
            self._bring_back_instead(place, entry, is_filled="SELECT" in statement.words)
        return NOTHING

    def _refuse_parameters(self, statement: Statement, place: Place, *, is_hidden: bool) -> None:
        if not statement.parameters:
            return
        if is_hidden:
            raise Refused(
                f"the hidden {place} would return, and Flask-Rewind cannot compare its columns with a statement that"
                f" has parameters: {shortened(statement.text)}",
                f"Write the values into the statement, or delete the hidden table permanently: flask db purge {place}",
            )
        raise Refused(
            f"{place} may get copies of hidden columns, and Flask-Rewind cannot leave them out of a statement that has"
            f" parameters: {shortened(statement.text)}",
            "Write the values into the statement.",
        )

    def _bring_back_instead(self, place: Place, entry: Entry, *, is_filled: bool) -> None:
        """Return the hidden table in place of the one just made, if it has the same columns.

        If not, the new table gets the hidden rows, unless the script's statement fills it.
        """
        table = Table(place.table, MetaData(), schema=place.schema)
        for column in columns_of(inspect(self._crossing.connection), place.schema, place.table).values():
            table.append_column(Column(column["name"], column["type"]))
        if self._keeper.compatibility.has_columns(entry, [column.name for column in table.columns]):
            with self._crossing.hiding(StepKind.MAKE_WAY, place):
                self._crossing.hider.run_literally(f"DROP TABLE {self._crossing.hider.table_of(place)}")
            self._keeper.returns.bring_back_table(table)
        else:
            self._outcome.made.add(place)
            if not is_filled:
                self._keeper.values.copy_rows_that_fit(table)

    def _leave_hidden_out(self, place: Place) -> None:
        """Drop the hidden columns of a table that was made as a copy of another."""
        hider = self._crossing.hider
        for name in columns_of(inspect(self._crossing.connection), place.schema, place.table):
            if name.startswith(PREFIX):
                with self._crossing.hiding(StepKind.LEAVE_HIDDEN_OUT, place):
                    hider.run_literally(f"ALTER TABLE {hider.table_of(place)} DROP COLUMN {hider.quote(name)}")
