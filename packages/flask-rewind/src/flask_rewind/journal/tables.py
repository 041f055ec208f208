"""The three tables of the journal, and whether a database has them."""

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
    inspect,
    select,
)
from sqlalchemy.dialects.mysql import DATETIME, MEDIUMTEXT

from flask_rewind.acting import books_are_kept
from flask_rewind.layouts import refuse_newer
from flask_rewind.missing_columns import add_missing_columns, columns_there
from flask_rewind.revision_ids import REVISION_ID, widen_revision

LAYOUT = 2
"""The layout of these tables, written with each move. A later release reads older layouts and refuses newer ones."""

_LONG = Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")
_TIME = DateTime().with_variant(DATETIME(fsp=6), "mysql", "mariadb")
_metadata = MetaData()

moves = Table(
    "rewind_moves",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("layout", Integer, nullable=False),
    Column("command", String(20), nullable=False),
    Column("target", String(255), nullable=False),
    Column("options", _LONG, nullable=False),
    Column("who", String(255), nullable=False),
    Column("session", String(64), nullable=False),
    Column("heads_before", _LONG, nullable=False),
    Column("heads_after", _LONG),
    Column("started_at", _TIME, nullable=False),
    Column("finished_at", _TIME),
    Column("outcome", String(10), nullable=False),
    Column("error", _LONG, nullable=False),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
)
crossings = Table(
    "rewind_crossings",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("move_id", Integer, nullable=False),
    Column("revision", REVISION_ID, nullable=False),
    Column("direction", String(4), nullable=False),
    Column("message", _LONG, nullable=False),
    Column("parents", _LONG, nullable=False),
    Column("source", _LONG, nullable=False),
    Column("started_at", _TIME, nullable=False),
    Column("finished_at", _TIME),
    Column("state", String(10), nullable=False),
    Column("fingerprint_before", String(64), nullable=False),
    Column("fingerprint_after", String(64), nullable=False),
    Column("changes", _LONG, nullable=False),
    # What comes after `changes` may be missing in a table that an older version made: `begin_move` adds it.
    Column("schema_found", _LONG),
    Index("rewind_crossings_move", "move_id"),
    Index("rewind_crossings_revision", "revision"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
)
steps = Table(
    "rewind_steps",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("crossing_id", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("statement", _LONG, nullable=False),
    Column("purpose", _LONG, nullable=False),
    Column("state", String(10), nullable=False),
    Column("milliseconds", Integer, nullable=False),
    # As above.
    Column("effect", _LONG),
    Index("rewind_steps_crossing", "crossing_id"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
)
TABLES = (moves, crossings, steps)
COLUMNS_OF_LAYOUT_1 = [each for each in crossings.c if each is not crossings.c.schema_found]
"""The columns of `crossings` that every journal has. A command that only reads may meet a table without the others."""
STEPS_OF_LAYOUT_1 = [each for each in steps.c if each is not steps.c.effect]
"""The same of `steps`."""

ANNOUNCED, DONE, FAILED, LEFT_OUT, TAKEN_BACK = "announced", "done", "failed", "left out", "taken back"
"""The states of a step. Only announced and done ones have changed something that is still there."""


class JournalTables:
    """The tables of the journal in one database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_of_known_layout = False

    @property
    def exist(self) -> bool:
        """Whether Rewind ever moved this database."""
        return inspect(self._connection).has_table(moves.name)

    def can_be_read(self) -> bool:
        """Return whether the database has a journal.

        Raises:
            Refused: where a newer version wrote it.
        """
        if not self.exist:
            return False
        if not self._is_of_known_layout:
            refuse_newer(moves.name, self._connection.scalar(select(func.max(moves.c.layout))) or 0, LAYOUT)
            self._is_of_known_layout = True
        return True

    def create(self) -> None:
        """Create the tables that are missing, and the columns that an older version did not have."""
        _metadata.create_all(self._connection, checkfirst=True)
        widen_revision(self._connection, crossings)
        for table in (crossings, steps):
            add_missing_columns(self._connection, table, columns_there(self._connection, table))

    @books_are_kept()
    def drop(self) -> None:
        """Drop the tables."""
        _metadata.drop_all(self._connection, checkfirst=True)
