"""A crossing that fails, until its version row is committed: what it has done is undone, as far as no rollback does it.

That concerns MariaDB and MySQL, which commit with each DDL statement.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from alembic.runtime.migration import MigrationContext, RevisionStep
from sqlalchemy.exc import DBAPIError

from flask_rewind import alembic_private
from flask_rewind.attic_entries import Attic
from flask_rewind.errors import RewindError
from flask_rewind.journal import Journal
from flask_rewind.keeping import Keeper
from flask_rewind.recording import Recorder
from flask_rewind.revisions import live_connection
from flask_rewind.sql.changes import CreateTable
from flask_rewind.sql.grammar import read
from flask_rewind.sql.rows_written import tables_written
from flask_rewind.sql.statements import DDL, verb
from flask_rewind.undoing import Undo, restorer_of
from flask_rewind.watching import SchemaWatch

log = logging.getLogger("alembic.runtime.migration")

_OF_SESSION = {"SET", "SELECT", "SHOW", "USE", "LOCK", "UNLOCK"}
"""Statements that leave nothing in the database."""


@dataclass
class OpenCrossing:
    """A crossing whose version row is not committed yet."""

    step: RevisionStep
    number: int
    """Its number in the journal."""
    recorder: Recorder
    heads: tuple[str, ...]
    """What the version table said before it, where the engine commits with each DDL statement."""
    keeper: Keeper | None = None

    @property
    def direction(self) -> str:
        """The way that it goes."""
        return "up" if self.step.is_upgrade else "down"

    @property
    def opposite(self) -> str:
        """The other way."""
        return "down" if self.step.is_upgrade else "up"


class TakingBack:
    """Takes the crossings of one database back."""

    def __init__(
        self,
        context: MigrationContext,
        watch: SchemaWatch,
        journal: Journal,
        fills: Mapping[str, str],
        derived: Collection[str],
    ) -> None:
        self._context = context
        self._connection = live_connection(context)
        self._watch = watch
        self._journal = journal
        self._fills = fills
        self._derived = derived

    def run(self, failed: OpenCrossing, above: int) -> list[str]:
        """Undo what a crossing has committed, and return the statements that stay.

        Entries get numbers `above` the given one.
        """
        kept, later = failed.recorder.kept(), failed.recorder.kept_later()
        failed.recorder.is_through = False  # the way back is the attic's work, and stands in the journal
        if self._connection.invalidated:
            if kept:
                log.warning("The crossing could not be taken back: the connection is gone.")
            return kept
        try:
            self._connection.exec_driver_sql("ROLLBACK")
            if later:
                alembic_private.write_heads(self._context, failed.heads)
                self._journal.reopen_crossing(failed.number)
            if failed.keeper is not None and (kept or later):
                self._undo(failed, failed.keeper, kept, later, above)
            self._connection.exec_driver_sql("COMMIT")
        except (DBAPIError, RewindError) as error:  # the failure itself matters more; what stays is said
            log.warning("The crossing could not be taken back: %s", error)
            return kept + later
        keeper = failed.keeper
        return [each for each in kept + later if keeper is None or self._stays(each, failed.recorder, keeper)]

    def _undo(self, failed: OpenCrossing, keeper: Keeper, kept: list[str], later: list[str], above: int) -> None:
        self._watch.look_after(kept + later)
        attic = Attic(self._connection, above=above)
        for entry in [*keeper.returned.values(), *keeper.dropped]:  # the last of these deletions was not committed
            attic.forget(entry)
        keeper.made |= {
            keeper.place_of(change.table)
            for each in later
            if isinstance(change := read(each, self._connection.dialect.name), CreateTable)
        }
        revision, taken_back = failed.step.revision.revision, keeper.returned
        opposite = Keeper(
            self._context, keeper.hider, revision, failed.opposite, self._fills, attic, taken_back, self._derived
        )
        made = self._watch.made(kept + later)
        Undo(opposite, restorer_of(keeper.hider), made.changes, made.renames, keeper.made).run()
        opposite.let_go()

    def _stays(self, statement: str, recorder: Recorder, keeper: Keeper) -> bool:
        """Return whether a statement has changed rows that are still there."""
        dialect = self._connection.dialect.name
        names = tables_written(statement, dialect)
        written = {keeper.names.key(keeper.place_of(name)) for name in names}
        is_gone = bool(written) and written <= {*map(keeper.names.key, keeper.made)}
        is_version = {name.table for name in names} == {self._context.version_table}
        is_undone = verb(statement, dialect) in DDL | _OF_SESSION or statement in recorder.attics_own or is_gone
        return not (is_undone or is_version)
