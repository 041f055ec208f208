"""The raw statements of a script: what they drop is hidden and what they add returns, as with directives."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice

from flask_rewind.attic_entries import Place
from flask_rewind.engines.registry import engine_named
from flask_rewind.errors import Refused
from flask_rewind.keeper import Keeper
from flask_rewind.script.driver_sql import DriverSQL
from flask_rewind.script.left_out import changed_in_block, left_out
from flask_rewind.script.raw_ddl import RawDDL
from flask_rewind.script.returned_rows import ReturnedRows
from flask_rewind.script.star_expansion import NamedColumns, may_mean_all_columns
from flask_rewind.sql.statement import Statement
from flask_rewind.sql.statements import BLOCKS, DATA, NOTHING
from flask_rewind.sql.tokenizer import one_line, shortened

_CHANGING = {"ALTER", "CREATE", "DROP", "RENAME"}
_DROPPING = re.compile(r"\bDROP\s+(TABLE|COLUMN|SCHEMA|DATABASE)\b", re.IGNORECASE)


class RawStatements:
    """Looks at every statement of a crossing before it is executed."""

    def __init__(self, keeper: Keeper, rows: ReturnedRows) -> None:
        self._keeper = keeper
        self._crossing = keeper.crossing
        self._dialect = keeper.crossing.dialect
        self._rows = rows
        self._sql = DriverSQL(keeper.crossing)
        self._columns = NamedColumns(keeper, self._sql)
        self._ddl = RawDDL(keeper, rows, self._sql)
        self._is_in_directive = self._is_rebuilding = False

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
        """Let the statements of a batch block through, which keep what is hidden: it was looked at before."""
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
        if self._crossing.is_hiding:
            return statement
        one_each = self._crossing.hider.types.one_drop_each
        parts = [part.saying(each) for part in statement.parts for each in one_each(part.text)]
        if len(parts) < 2:
            return self._instead_of_one(statement)
        if not engine_named(self._dialect).runs_several_statements or not any(map(_is_ours, parts)):
            return statement  # the driver refuses more than one
        self._run_each(parts, statement)
        return statement.saying(NOTHING)

    def _run_each(self, parts: Sequence[Statement], whole: Statement) -> None:
        """Execute the parts of a statement, each with its share of the parameters."""
        if not whole.parameters:
            for part in parts:
                self._sql.run(part.text)
            return
        for parameters in whole.parameters if whole.is_many else [whole.parameters]:
            shares = iter(parameters)
            for part in parts:
                count = part.text.replace("%%", "").count("%s")
                share = parameters if isinstance(parameters, Mapping) else tuple(islice(shares, count))
                self._crossing.connection.exec_driver_sql(part.text, share)

    def _instead_of_one(self, statement: Statement) -> Statement:
        found = None if self._is_rebuilding else left_out(statement)
        if found:
            self._keeper.leave_out(found.parts, found.names)
            statement = statement.saying(found.rest or NOTHING)
        if not self._crossing.hider.leaves_hidden_columns_out and not self._is_rebuilding:
            statement = statement.saying(self._columns.named_in(statement.text))
        if statement.verb in DATA:
            return statement.saying(self._rows.instead_of(statement))
        if statement.verb in BLOCKS:
            self._refuse_block(statement.text)
        return statement.saying(self._instead_of_ddl(statement)) if statement.verb in _CHANGING else statement

    def _instead_of_ddl(self, statement: Statement) -> str:
        of_type = self._keeper.types.instead_of(one_line(statement.text, self._dialect))
        if of_type is not None:
            return of_type
        left = statement.text if self._is_in_directive else self._ddl.instead_of(statement)
        if statement.verb == "ALTER":
            said = left.strip()
            self._keeper.refusals.refuse_other_key(said)
            self._keeper.room.make_room(self._sql.plain(said))
        return left

    def _refuse_block(self, statement: str) -> None:
        if _DROPPING.search(statement):
            raise Refused(
                f"a block of statements drops something, and Flask-Rewind cannot hide it there: {shortened(statement)}",
                "Execute the DROP as a statement of its own, outside the block.",
            )
        if own := changed_in_block(statement):
            raise Refused(
                f"a block of statements changes {own}, which belongs to Flask-Rewind: {shortened(statement)}",
                "Leave it out of the block.",
            )
        self._rows.refuse_block(statement, self._dialect)


def _is_ours(part: Statement) -> bool:
    is_read = part.verb in _CHANGING | BLOCKS | DATA or may_mean_all_columns(part.text)
    return is_read or left_out(part) is not None
