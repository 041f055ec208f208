"""What an earlier process left in a database: the next move ends it, before it does anything else."""

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import Attic
from flask_rewind.engines.blocked import blocked, statement_of
from flask_rewind.engines.engine import Engine
from flask_rewind.engines.registry import engine_of
from flask_rewind.journal import BegunCrossing, Journal, JournalTables, PastCrossings
from flask_rewind.recovery.dead_session import end_dead_session
from flask_rewind.recovery.former_crossing import end_former_crossing
from flask_rewind.recovery.taking_back import TakingBack
from flask_rewind.revisions import commit, live_connection
from flask_rewind.steps import Step
from flask_rewind.waiting import Patience

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
        patience: how long it may wait for locks that other sessions hold.
    """

    def __init__(
        self, context: MigrationContext, fills: Mapping[str, str], derived: Collection[str], patience: Patience
    ) -> None:
        self._context = context
        self._connection = live_connection(context)
        self._fills = fills
        self._derived = derived
        self._patience = patience
        self._attic = Attic(self._connection)

    def run(self) -> PausedCrossing | None:
        """Take an unfinished crossing back, or clean up after one that is done.

        Returns what remains to be finished forward; None where nothing does.

        Raises:
            Refused: where something cannot be made as it was.
            Blocked: where another session held a lock for too long.
            DBAPIError: where the database refuses a statement.
        """
        tables = JournalTables(self._connection)
        if not tables.can_be_read():
            return None
        tables.create()
        self._attic.widen()
        Journal(self._connection).end_interrupted_moves()
        past = PastCrossings(self._connection)
        number = past.last_begun()
        begun = None if number is None else past.begun(number)
        if begun is None:
            if announced := past.last_announced():
                end_dead_session(engine_of(self._connection), *announced)
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
        engine = engine_of(self._connection)
        if not begun.is_last_done:
            end_dead_session(engine, begun.session, begun.steps[-1].statement)
        Journal(self._connection).take_over(begun.number)
        with engine.waiting_briefly(self._patience, lambda: True), self._waits_explained(engine, begun):
            staying = TakingBack(self._context, begun.number, self._fills, self._derived).run()
        self._commit()
        return PausedCrossing(begun, staying) if staying else None

    @contextmanager
    def _waits_explained(self, engine: Engine, begun: BegunCrossing) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            # After an error, PostgreSQL answers nothing.
            if not (engine.commits_each_ddl_statement and engine.is_lock_timeout(error)):
                raise
            said = f"Revision {begun.revision} could not be taken back"
            blockers, dialect = engine.blockers(statement_of(error)), self._connection.dialect.name
            raise blocked(said, error, blockers, self._patience.spent, dialect) from error

    def _commit(self) -> None:
        if engine_of(self._connection).commits_each_ddl_statement:
            # Sent to the server itself: SQLAlchemy's own transaction may belong to env.py.
            self._connection.exec_driver_sql("COMMIT")
        else:
            commit(self._context)
