"""What the parts of a move share about one database, and about the crossing that is open there."""

from dataclasses import dataclass

from alembic.runtime.migration import MigrationContext, RevisionStep
from sqlalchemy import Connection

from flask_rewind.attic_entries import Attic
from flask_rewind.crossing.move_record import MoveRecord
from flask_rewind.engines.engine import Engine
from flask_rewind.engines.registry import engine_of
from flask_rewind.journal import Journal, PastCrossings
from flask_rewind.keeper import Keeper
from flask_rewind.recording import Recorder
from flask_rewind.revisions import Revisions, live_connection
from flask_rewind.transactions import is_autocommit


class MovedDatabase:
    """One database of a move."""

    def __init__(self, revisions: Revisions, context: MigrationContext, record: MoveRecord) -> None:
        connection = live_connection(context)
        self.context = context
        self.record = record
        self.settings = revisions.state.settings
        self.bind = revisions.bind_of(context)
        self.engine: Engine = engine_of(connection)
        self.journal = Journal(connection)
        self.past = PastCrossings(connection)
        self.attic = Attic(connection)

    @property
    def keeps_each_statement(self) -> bool:
        """Whether no rollback takes back the statements of a crossing: by the engine, or under AUTOCOMMIT."""
        return self.engine.commits_each_ddl_statement or is_autocommit(self.connection)

    @property
    def connection(self) -> Connection:
        """The connection that env.py configured."""
        return live_connection(self.context)

    def note_lost(self, error: BaseException) -> None:
        """Let the connection count as lost where the driver says so by itself: SQLAlchemy may not have seen that."""
        connection = self.connection
        dialect = connection.dialect
        if not connection.invalidated and isinstance(error, dialect.loaded_dbapi.Error):
            driver = connection.connection.dbapi_connection
            if dialect.is_disconnect(error, driver, None):
                connection.invalidate(error)


@dataclass
class OpenCrossing:
    """A crossing whose version row is not committed yet."""

    step: RevisionStep
    number: int
    """Its number in the journal."""
    recorder: Recorder
    heads: tuple[str, ...] = ()
    """The rows of the version table before it, if `is_lasting`."""
    is_lasting: bool = False
    """Whether a rollback does not take it back."""
    keeper: Keeper | None = None
