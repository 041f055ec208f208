"""How a move that failed is written down."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from alembic.runtime.migration import MigrationContext

from flask_rewind.crossing import MoveRecord
from flask_rewind.errors import CrossingFailed, Refused, RewindError
from flask_rewind.interrupts import signals_handled
from flask_rewind.journal import Journal
from flask_rewind.moves.recovering import recovered
from flask_rewind.revisions import Revisions, commit, live_connection


@contextmanager
def failure_noted(revisions: Revisions, record: MoveRecord) -> Iterator[None]:
    """Record how a move failed. If its connection was lost, take back first what it left."""
    with signals_handled():
        try:
            yield
        except RewindError as error:
            if record.is_interrupted:
                error.hint = recovered(revisions, record) or error.hint
            _note_failure(revisions, record, error)
            raise
        except (KeyboardInterrupt, SystemExit) as error:
            if record.is_interrupted:
                recovered(revisions, record, is_logged=True)
            _note_failure(revisions, record, CrossingFailed(f"It was interrupted: {type(error).__name__}."))
            raise


def _note_failure(revisions: Revisions, record: MoveRecord, error: RewindError) -> None:
    """Write down how the move ended, in another run: the transaction of the crossing that failed is gone."""

    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        journal = Journal(live_connection(context))
        move = record.open.get(revisions.bind_of(context))
        if move is None:
            return ()
        if not journal.has_begun(move):
            move = journal.begin_move(record.request, heads)
        journal.end_move(move, "refused" if isinstance(error, Refused) else "failed", heads, error.message)
        commit(context)
        return ()

    if record.open:
        with suppress(RewindError):  # a server that went away: the move stays open, and is read as broken off
            revisions.run(work, moves=True, lease=False, dont_mutate=True)  # whoever waits may have it by now
