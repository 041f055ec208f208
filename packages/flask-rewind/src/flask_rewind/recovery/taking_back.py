"""A crossing that does not come to its end: what it did is undone, by what the journal and the catalog say of it.

That concerns MariaDB and MySQL, which commit with each DDL statement; elsewhere a rollback does it.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from alembic.runtime.migration import MigrationContext

from flask_rewind.attic_entries import Attic, Entry, Place
from flask_rewind.describing import Description, Made, read
from flask_rewind.engines.hider import Hider
from flask_rewind.engines.registry import describe, hider_of, restorer_of
from flask_rewind.errors import Refused
from flask_rewind.journal import BegunCrossing, Journal, PastCrossings
from flask_rewind.keeper import OPPOSITE, CrossingContext, Keeper
from flask_rewind.recording import Recorder
from flask_rewind.recovery.kept_values import give_values_back
from flask_rewind.recovery.renames_left import are_done, not_undone
from flask_rewind.revisions import live_connection
from flask_rewind.sql.changes import AlterTable, CreateTable
from flask_rewind.sql.parser import renames
from flask_rewind.sql.statement import Statement
from flask_rewind.sql.statements import COMMITTING, DDL
from flask_rewind.steps import Step, StepKind
from flask_rewind.undoing import Undo

log = logging.getLogger("alembic.runtime.migration")

_OF_SESSION = {"SET", "SELECT", "SHOW", "USE", "LOCK", "UNLOCK", "ANALYZE", "START"} | COMMITTING
"""Statements that leave nothing in the database."""


class TakingBack:
    """Takes one crossing back.

    Args:
        context: Alembic's, on the connection to the database.
        crossing: the number of the crossing in the journal.
        fills: what ``--fill`` gives, by the names of columns.
        derived: what ``REWIND_DERIVED`` names.
    """

    def __init__(
        self, context: MigrationContext, crossing: int, fills: Mapping[str, str], derived: Collection[str]
    ) -> None:
        self._context = context
        self._connection = live_connection(context)
        self._dialect = self._connection.dialect.name
        self._crossing = crossing
        self._fills = fills
        self._derived = derived
        self._journal = Journal(self._connection)
        self._attic = Attic(self._connection)

    def run(self) -> list[Step]:
        """Undo what the crossing has committed, and return the data statements of its script that stay.

        Where some stay, what the crossing made is hidden, for the next run of its script to go on with; else it is
        dropped. It can be run again where it broke off.

        Raises:
            Refused: where something cannot be made as it was.
            DBAPIError: where the database refuses a statement.
        """
        begun = PastCrossings(self._connection).begun(self._crossing)
        hider = hider_of(self._connection)
        if begun is None or hider is None:
            return []
        if not begun.schema_found:
            return self._given_up(begun)
        found = read(begun.schema_found)
        recorder = Recorder(self._connection, self._journal, begun.number, each_ddl_commits=True, former=begun.steps)
        self._attic.begin_crossing(begun.number)
        with recorder:
            hidden_again = self._hidden_again(begun)
            returned, gone = self._settle_entries(hider)
            places = {entry.place: entry for entry in returned}
            context = self._way_back(begun, hider, places)
            begun = self._with_outcome(begun, found, context)
            keeper = Keeper(context)
            give_values_back(begun.steps, returned, found, context)
            with context.hiding(StepKind.CLEAN_UP):
                hider.clean_up(self._attic.entries(), returned, gone)
            fresh = {*self._made(begun, context)} - {*places}
            staying = self._staying(begun, context, fresh)
            made = self._changes(begun, found)
            undo = Undo(
                keeper,
                restorer_of(hider),
                made.changes,
                not_undone(made.renames, hidden_again),
                fresh,
                fresh_rows=self._rows_put(begun, context),
                keeps_fresh=bool(staying),
            )
            undo.run()
            keeper.drop_markers()
            recorder.write()
        self._attic.end_crossing()
        self._attic.drop_if_empty()
        self._journal.note_steps_taken_back(self._crossing, [step.number for step in staying])
        if not staying:
            self._journal.note_taken_back(self._crossing)
        return staying

    def _given_up(self, begun: BegunCrossing) -> list[Step]:
        """End a crossing of which the journal does not have the schema that it found.

        Raises:
            Refused: where it has done something.
        """
        if begun.steps:
            raise Refused(
                f"revision {begun.revision} was interrupted going {begun.direction}, by a version of Flask-Rewind that "
                "did not record the schema it had found.",
                "See what it did: flask db log -v. Undo that by hand, then say where the database is: flask db stamp",
            )
        self._journal.note_taken_back(self._crossing)
        return []

    def _staying(self, begun: BegunCrossing, context: CrossingContext, fresh: Collection[Place]) -> list[Step]:
        """Return the data statements of the script, if one of them has changed rows that were there before."""
        found = [step for step in begun.steps if self._is_data(step)]
        return found if any(self._stays(step, context, fresh) for step in found) else []

    def _way_back(self, begun: BegunCrossing, hider: Hider, returned: dict[Place, Entry]) -> CrossingContext:
        """Return the context of a crossing in the other direction."""
        return CrossingContext(
            self._context,
            hider,
            self._attic,
            begun.revision,
            OPPOSITE[begun.direction],
            self._fills,
            derived=self._derived,
            taken_back=returned,
        )

    def _hidden_again(self, begun: BegunCrossing) -> set[str]:
        """Return the names under which an earlier, interrupted recovery has hidden what the crossing brought back."""
        return {entry.name for entry in self._attic.hidden_in(begun.number) if entry.direction != begun.direction}

    def _settle_entries(self, hider: Hider) -> tuple[list[Entry], list[Entry]]:
        """Make the states of entries agree with the catalog.

        Returns the entries of what the crossing has brought back, and of what it was about to hide.
        """
        returning, hidden = self._attic.returning(self._crossing), self._attic.hidden_in(self._crossing)
        schemas = {entry.place.schema for entry in [*returning, *hidden]}
        names = {schema: hider.hidden_names(schema) for schema in schemas}
        for entry in returning:
            if entry.name in names[entry.place.schema]:
                self._attic.note_still_hidden(entry)
        returned = [entry for entry in returning if entry.name not in names[entry.place.schema]]
        gone = [entry for entry in hidden if entry.name not in names[entry.place.schema]]
        for entry in gone:
            self._attic.forget(entry)
        return returned, gone

    def _with_outcome(self, begun: BegunCrossing, found: Description, context: CrossingContext) -> BegunCrossing:
        """Find out whether the last statement was executed; return the crossing without it if it was not.

        The journal says so from now on: a later look could not tell, where this run is interrupted, too.
        """
        if begun.is_last_done:
            return begun
        is_done = self._is_done(begun, found, context)
        self._journal.note_outcome(begun.number, begun.steps[-1].number, is_done=is_done)
        return replace(begun, steps=begun.steps if is_done else begun.steps[:-1], is_last_done=True)

    def _changes(self, begun: BegunCrossing, found: Description) -> Made:
        now = describe(self._connection)
        if now is None:
            raise Refused("the schema of this engine cannot be read.", "Go back by the script.")
        statements = [step.statement for step in begun.steps]
        return Made.by(statements, found, now, self._dialect)

    def _is_done(self, begun: BegunCrossing, found: Description, context: CrossingContext) -> bool:
        """Return whether the last statement was executed, as far as it matters: if it renames something."""
        renamed = renames(begun.steps[-1].statement, self._dialect)
        return are_done(renamed, found, describe(self._connection) or {}, context.is_there)

    def _made(self, begun: BegunCrossing, context: CrossingContext) -> Iterator[Place]:
        """Yield the tables and columns that the script has created, under the names it gave."""
        for step in begun.steps:
            change = self._read(step).change
            if not step.is_of_script:
                continue
            if isinstance(change, CreateTable):
                yield context.place_of(change.table)
            elif isinstance(change, AlterTable):
                added = [action for action in change.actions if action.kind == "add"]
                yield from (context.place_of(change.table, action.name) for action in added)

    def _read(self, step: Step) -> Statement:
        return Statement(step.statement, self._dialect)

    def _rows_put(self, begun: BegunCrossing, context: CrossingContext) -> dict[Place, int]:
        """Return how many rows the script has put into each table, less those that it has deleted."""
        found: Counter[Place] = Counter()
        for step in filter(self._is_data, begun.steps):
            statement = self._read(step)
            sign = {"INSERT": 1, "REPLACE": 1, "DELETE": -1}.get(statement.verb, 0)
            if step.effect and len(statement.tables_written) == 1:
                found[context.place_of(statement.tables_written[0])] += sign * step.effect.rows
        return dict(found)

    def _is_data(self, step: Step) -> bool:
        """Return whether a statement of the script changes rows, of other tables than Alembic's own."""
        statement = self._read(step)
        is_version = {name.table for name in statement.tables_written} == {self._context.version_table}
        return step.is_of_script and statement.verb not in DDL | _OF_SESSION and not is_version

    def _stays(self, step: Step, context: CrossingContext, fresh: Collection[Place]) -> bool:
        """Return whether a step has changed rows of a table that the crossing has not made."""
        written = {context.names.key(context.place_of(name)) for name in self._read(step).tables_written}
        return not written or not written <= {*map(context.names.key, fresh)}
