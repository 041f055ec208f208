"""A crossing that failed while its move runs: what it has committed is undone."""

import logging
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from flask_rewind import alembic_private
from flask_rewind.crossing.moved_database import MovedDatabase, OpenCrossing
from flask_rewind.errors import RewindError
from flask_rewind.recovery import TakingBack
from flask_rewind.steps import Step
from flask_rewind.transactions import is_autocommit

log = logging.getLogger("alembic.runtime.migration")


def take_back(database: MovedDatabase, crossing: OpenCrossing, stop_recording: Callable[[], None]) -> list[str]:
    """Undo what a failed crossing has committed, and return the statements that stay."""
    if database.record.planner:
        return []
    if not database.engine.commits_each_ddl_statement:
        return _uncount(database, crossing)
    connection, recorder = database.connection, crossing.recorder
    kept, later = recorder.kept(), recorder.kept_later()
    stop_recording()
    left = kept + [step.statement for step in later]
    if connection.invalidated:
        if kept:
            log.warning("The crossing could not be taken back: the connection is gone.")
        return left
    try:
        connection.exec_driver_sql("ROLLBACK")
        _reopen(database, crossing, later)
        staying = TakingBack(database.context, crossing.number, database.record.fills, database.settings.derived).run()
        left = [step.statement for step in staying]
        connection.exec_driver_sql("COMMIT")
    except (DBAPIError, RewindError) as error:  # the failure itself matters more; the statements that stay are listed
        log.warning("The crossing could not be taken back: %s", error)
    return left


def _reopen(database: MovedDatabase, crossing: OpenCrossing, later: list[Step]) -> None:
    """Let the journal and the version table say that a crossing has begun, not that it is done."""
    database.journal.note_failed(crossing.recorder.failed())
    if later:
        alembic_private.write_heads(database.context, crossing.heads)
        database.journal.reopen_crossing(crossing.number)
        database.journal.write(crossing.number, later)


def _uncount(database: MovedDatabase, crossing: OpenCrossing) -> list[str]:
    """Return the statements that stay; where the version table already counts the crossing, put its old rows back."""
    later = crossing.recorder.kept_later()
    connection = database.connection
    if later and not connection.invalidated and is_autocommit(connection):
        alembic_private.write_heads(database.context, crossing.heads)
        database.journal.reopen_crossing(crossing.number)
    return crossing.recorder.kept()
