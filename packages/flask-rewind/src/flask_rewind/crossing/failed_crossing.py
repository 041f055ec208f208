"""A crossing that failed while its move runs: what it has committed is undone."""

import logging
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from flask_rewind import alembic_private
from flask_rewind.crossing.move_record import Interrupted
from flask_rewind.crossing.moved_database import MovedDatabase, OpenCrossing
from flask_rewind.errors import RewindError
from flask_rewind.recovery import TakingBack
from flask_rewind.steps import Step

log = logging.getLogger("alembic.runtime.migration")

_NOT_TAKEN_BACK = "The crossing could not be taken back: %s"


def take_back(database: MovedDatabase, crossing: OpenCrossing, stop_recording: Callable[[], None]) -> list[str]:
    """Undo what a failed crossing has committed, and return the statements that stay.

    Where the connection is gone, that is left to a recovery on another one: `MoveRecord.is_interrupted`.
    """
    if database.record.planner:
        return []
    interrupted = Interrupted(database.bind, crossing.number, crossing.is_lasting)
    if database.connection.invalidated:
        database.record.interrupted = interrupted
    if not crossing.is_lasting:
        return []
    kept, later = crossing.recorder.kept(), crossing.recorder.kept_later()
    stop_recording()
    if database.record.is_interrupted:
        return []
    try:
        return _undone(database, crossing, later)
    except DBAPIError as error:
        if error.connection_invalidated:
            database.record.interrupted = interrupted
            return []
        log.warning(_NOT_TAKEN_BACK, error)
    except RewindError as error:  # the failure itself matters more; the statements that stay are listed
        log.warning(_NOT_TAKEN_BACK, error)
    return kept + [step.statement for step in later]


def _undone(database: MovedDatabase, crossing: OpenCrossing, later: list[Step]) -> list[str]:
    # Through the driver: SQLAlchemy's own transaction may belong to env.py.
    driver, record = database.connection.connection, database.record
    driver.rollback()
    _reopen(database, crossing, later)
    staying = TakingBack(database.context, crossing.number, record.fills, database.settings.derived).run()
    driver.commit()
    return [step.statement for step in staying]


def _reopen(database: MovedDatabase, crossing: OpenCrossing, later: list[Step]) -> None:
    """Let the journal and the version table say that a crossing has begun, not that it is done."""
    database.journal.note_failed(crossing.recorder.failed())
    if later:
        alembic_private.write_heads(database.context, crossing.heads)
        database.journal.reopen_crossing(crossing.number)
        database.journal.write(crossing.number, later)
