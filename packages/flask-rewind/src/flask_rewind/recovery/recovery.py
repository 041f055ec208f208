"""What an earlier process left in a database: the next move ends it, before it does anything else."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from alembic.runtime.migration import MigrationContext

from flask_rewind.attic_entries import Attic
from flask_rewind.engines.registry import engine_of
from flask_rewind.journal import BegunCrossing, Journal, JournalTables, PastCrossings
from flask_rewind.recovery.dead_session import end_dead_session
from flask_rewind.recovery.former_crossing import end_former_crossing
from flask_rewind.recovery.taking_back import TakingBack
from flask_rewind.revisions import commit, live_connection
from flask_rewind.steps import Step

log = logging.getLogger("alembic.runtime.migration")


@dataclass(frozen=True, slots=True)
class PausedCrossing:
    """A crossing whose schema was taken back, and whose data statements stay: it can be finished forward alone."""

    begun: BegunCrossing
    staying: list[Step]
    """The data statements, in order."""


class Recovery:
    """Ends what an earlier process left in one database.

    Args:
        context: Alembic's, on the connection to the database, whose lease is held.
        fills: what ``--fill`` gives, by the names of columns.
        derived: what ``REWIND_DERIVED`` names.
    """

    def __init__(self, context: MigrationContext, fills: Mapping[str, str], derived: Collection[str]) -> None:
        self._context = context
        self._connection = live_connection(context)
        self._fills = fills
        self._derived = derived
        self._attic = Attic(self._connection)

    def run(self) -> PausedCrossing | None:
        """Take an unfinished crossing back, or clean up after one that is done.

        Returns what remains to be finished forward; None where nothing does.

        Raises:
            Refused: where something cannot be made as it was.
            DBAPIError: where the database refuses a statement.
        """
        tables = JournalTables(self._connection)
        if not tables.can_be_read():
            return None
        tables.create()
        self._attic.widen()
        past = PastCrossings(self._connection)
        number = past.last_begun()
        begun = None if number is None else past.begun(number)
        if begun is None:
            end_former_crossing(self._connection, self._attic)
            return None
        return self._take_back(begun)

    def forget(self, paused: PausedCrossing) -> None:
        """Give a paused crossing up: its rows stay as they are, and nothing is left out when it is run again."""
        journal = Journal(self._connection)
        journal.note_steps_taken_back(paused.begun.number, [])
        journal.note_taken_back(paused.begun.number)
        self._attic.disown(paused.begun.number)
        self._commit()

    def _take_back(self, begun: BegunCrossing) -> PausedCrossing | None:
        log.warning(
            "Revision %s was interrupted going %s (begun %s UTC by %s). Taking it back.",
            begun.revision,
            begun.direction,
            begun.started_at.isoformat(sep=" ", timespec="seconds"),
            begun.who,
        )
        if not begun.is_last_done:
            engine = engine_of(self._connection)
            end_dead_session(self._connection, engine, begun.session, begun.steps[-1].statement)
        staying = TakingBack(self._context, begun.number, self._fills, self._derived).run()
        self._commit()
        return PausedCrossing(begun, staying) if staying else None

    def _commit(self) -> None:
        if engine_of(self._connection).commits_each_ddl_statement:
            # Sent to the server itself: SQLAlchemy's own transaction may belong to env.py.
            self._connection.exec_driver_sql("COMMIT")
        else:
            commit(self._context)
