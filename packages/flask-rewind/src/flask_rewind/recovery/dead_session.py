"""The session of a client that died: the server may execute its last statement for as long as that takes."""

import logging
import time
from contextlib import suppress

from sqlalchemy.exc import DBAPIError

from flask_rewind.engines.engine import Engine
from flask_rewind.errors import LeaseTaken
from flask_rewind.sql.tokenizer import one_line, shortened

log = logging.getLogger("alembic.runtime.migration")

_PAUSE = 0.1
"""Seconds between two looks."""
_PATIENCE = 60.0
"""Seconds that the server gets to end a session: it has to roll the statement back."""


def end_dead_session(engine: Engine, session: str, statement: str) -> None:
    """End a session while it executes a statement, and wait until it is gone.

    The number alone does not say that the session is the one that was written down: after a restart the server counts
    from 1 again. So it is ended only where it executes this very statement.

    Args:
        engine: of another session of the same server.
        session: its number.
        statement: as the journal has it.

    Raises:
        LeaseTaken: where it does not end.
    """
    if not (session and _executes(engine, session, statement)):
        return
    log.warning("Ending session %s of the server, which still executes: %s", session, shortened(statement))
    with suppress(DBAPIError):  # it has just ended by itself
        engine.connection.exec_driver_sql(engine.ending_session.format(int(session)))
    deadline = time.monotonic() + _PATIENCE
    while _executes(engine, session, statement):
        if time.monotonic() >= deadline:
            raise LeaseTaken(
                f"Session {session} of the server still executes a statement of the interrupted move: "
                f"{shortened(statement)}",
                "Run the same command again when that has ended.",
            )
        time.sleep(_PAUSE)


def _executes(engine: Engine, session: str, statement: str) -> bool:
    found = engine.running_in(int(session))
    if found is None:
        return False
    running, is_cut = one_line(found[0], engine.connection.dialect.name), found[1]
    # Own statements may have a clause at the end that the journal does not have.
    return running.startswith(statement) or (is_cut and statement.startswith(running))
