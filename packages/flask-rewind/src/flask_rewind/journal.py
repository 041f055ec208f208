"""The journal: what moved a database, crossing by crossing and statement by statement, in the database itself.

It is written on the connection of the move. On SQLite and PostgreSQL the rows of a crossing are in its transaction,
and go with it. On MariaDB and MySQL, which commit at every DDL statement, the row that announces a statement is
written before it, and that commit makes it lasting: after a crash the last announced statement either happened or
did not, and the catalog says which. The row of a crossing is finished in the transaction that writes the version table,
never apart from it.
"""

import getpass
import json
import os
import socket
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

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
    bindparam,
    func,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects.mysql import DATETIME, MEDIUMTEXT

from flask_rewind.acting import books_are_kept
from flask_rewind.layouts import refuse_newer
from flask_rewind.missing_columns import add_missing_columns, columns_there
from flask_rewind.results import LoggedCrossing, LoggedMove, LoggedStep, UnfinishedCrossing
from flask_rewind.revision_ids import REVISION_ID, widen_revision
from flask_rewind.steps import Purpose, Step, StepKind

LAYOUT = 2
"""The layout of these tables, written with each move. A later release reads older layouts and refuses newer ones."""

_OF_SCRIPT = {StepKind.SCRIPT, StepKind.TAKE_BACK}
"""What changed the schema on the script's behalf."""
_ANNOUNCED, _DONE, _FAILED, _LEFT_OUT = "announced", "done", "failed", "left out"
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
    Index("rewind_steps_crossing", "crossing_id"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
)
TABLES = (moves, crossings, steps)
_END = update(crossings).where(crossings.c.id == bindparam("number"))
"""Built once: SQLAlchemy compiles it once, too."""
_OLD_COLUMNS = [each for each in crossings.c if each is not crossings.c.schema_found]
"""Those of layout 1 too: commands that only read may come before the first move of this version."""


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for."""

    command: str
    target: str
    options: Mapping[str, Any] = field(default_factory=dict)
    since: datetime = field(default_factory=_now)
    """UTC, without a time zone."""


@dataclass(frozen=True, slots=True)
class Script:
    """What the journal keeps of a revision script."""

    revision: str
    message: str
    parents: list[str]
    source: str
    """Its text, for reading; it is never executed from here."""


@dataclass(frozen=True, slots=True)
class BegunCrossing:
    """A crossing whose version row is not committed, as the journal has it."""

    number: int
    revision: str
    direction: str
    schema_found: str
    """See `Journal.begin_crossing`."""
    steps: list[Step]
    """What was executed, in order."""
    is_last_done: bool
    """Whether the last step is known to be done; else it was about to be executed when the process ended."""


class Journal:
    """The journal of one database. It commits nothing itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_of_known_layout = False

    @books_are_kept()
    def begin_move(self, request: Request, heads: Sequence[str]) -> int:
        """Write down that a move begins, and return its number; the tables are made with the first one.

        Raises:
            Refused: where a newer version wrote the journal.
        """
        self._has_rows()
        _metadata.create_all(self._connection, checkfirst=True)
        widen_revision(self._connection, crossings)
        add_missing_columns(self._connection, crossings, columns_there(self._connection, crossings))
        return self._add(
            moves,
            layout=LAYOUT,
            command=request.command,
            target=request.target[:255],
            options=json.dumps(dict(request.options), ensure_ascii=False),
            who=who()[:255],
            session=self._session(),
            heads_before=json.dumps(sorted(heads)),
            started_at=request.since,
            outcome="begun",
            error="",
        )

    def has_begun(self, move: int) -> bool:
        """Return whether the row of a move was committed and not finished."""
        query = select(moves.c.outcome).where(moves.c.id == move)
        return self.exists and self._connection.scalar(query) == "begun"

    @books_are_kept()
    def end_move(self, move: int, outcome: str, heads: Sequence[str], error: str = "") -> None:
        """Write down how a move ended: ``done``, ``failed`` or ``refused``."""
        values = {"outcome": outcome, "heads_after": json.dumps(sorted(heads)), "finished_at": _now(), "error": error}
        self._connection.execute(update(moves).where(moves.c.id == move).values(values))

    @books_are_kept()
    def begin_crossing(self, move: int, script: Script, direction: str, schema_found: str) -> int:
        """Write down that a crossing begins, and return its number.

        Args:
            move: the number of the move.
            script: what is run.
            direction: ``up`` or ``down``.
            schema_found: the schema before it, as `describing.as_text` writes it, until `forget_schema`; empty where
                a rollback takes the crossing back.
        """
        return self._add(
            crossings,
            move_id=move,
            revision=script.revision,
            direction=direction,
            message=script.message,
            parents=json.dumps(script.parents),
            source=script.source,
            started_at=_now(),
            state="begun",
            fingerprint_before="",
            fingerprint_after="",
            changes="",
            schema_found=schema_found,
        )

    def begun(self, crossing: int) -> BegunCrossing | None:
        """Return what is known of a crossing that has begun; None where it has ended, or left nothing here."""
        if not self._has_rows():
            return None
        row = self._connection.execute(select(crossings).where(crossings.c.id == crossing)).first()
        if row is None or row.state != "begun":
            return None
        is_executed = (steps.c.crossing_id == crossing) & steps.c.state.in_([_ANNOUNCED, _DONE])
        rows = self._connection.execute(select(steps).where(is_executed).order_by(steps.c.id)).all()
        executed = [Step(each.number, each.statement, Purpose.read(each.purpose)) for each in rows]
        is_last_done = not rows or rows[-1].state == _DONE
        return BegunCrossing(crossing, row.revision, row.direction, row.schema_found or "", executed, is_last_done)

    @books_are_kept()
    def forget_schema(self, crossing: int) -> None:
        """Delete the schema that a crossing had found: its version row is committed, and nothing takes it back."""
        self._connection.execute(update(crossings).where(crossings.c.id == crossing).values(schema_found=None))

    @books_are_kept()
    def end_crossing(self, crossing: int, done: Iterable[Step], before: str, after: str, changes: str) -> None:
        """Write down that a crossing is done; the version table follows in the same transaction.

        Args:
            crossing: its number.
            done: its statements that are not written down yet.
            before: the fingerprint of the schema that it found; empty where the schema cannot be read.
            after: that of the schema it left.
            changes: what differs between the two, as `describing.Made` writes it.
        """
        self._write(_rows(crossing, done))
        values = {"changes": changes, "fingerprint_before": before, "fingerprint_after": after, "finished_at": _now()}
        self._connection.execute(_END, {"number": crossing, "state": "done", **values})

    def changes_up(self, revision: str) -> str:
        """Return what the crossing up through a revision had changed, empty where that is not known."""
        row = self._last_up(revision)
        return "" if row is None else str(row.changes)

    def all_changes_up(self) -> list[str]:
        """Return what the crossings up had changed that are done, oldest first, where that is known."""
        if not self._has_rows():
            return []
        is_known = (crossings.c.direction == "up") & (crossings.c.state == "done") & (crossings.c.changes != "")
        return list(self._connection.scalars(select(crossings.c.changes).where(is_known).order_by(crossings.c.id)))

    def statements_up(self, revision: str) -> list[str]:
        """Return what the script had executed in the crossing up through a revision."""
        row = self._last_up(revision)
        return [] if row is None else self._of_script(row.id)

    def way_back(self, revision: str, direction: str) -> list[str] | None:
        """Return what the script had executed in the last crossing of a revision.

        None where that crossing did not go in this direction, or was the first one of all: who goes down was up before,
        whether the journal knows of it or not, but who goes up need not have been down.
        """
        row = self._last(revision)
        if row is None or row.direction != direction or (direction == "up" and not self._was_down(revision)):
            return None
        return self._of_script(row.id)

    def _of_script(self, crossing: int) -> list[str]:
        query = select(steps.c.statement, steps.c.purpose).where(steps.c.crossing_id == crossing).order_by(steps.c.id)
        found = self._connection.execute(query)
        return [row.statement for row in found if Purpose.read(row.purpose).kind in _OF_SCRIPT]

    def _was_down(self, revision: str) -> bool:
        found = select(crossings.c.id).where(crossings.c.revision == revision, crossings.c.state == "done")
        return self._connection.scalar(found.where(crossings.c.direction == "down").limit(1)) is not None

    def _last(self, revision: str) -> Any:
        if not self._has_rows():
            return None
        query = select(*_OLD_COLUMNS).where(crossings.c.revision == revision, crossings.c.state == "done")
        return self._connection.execute(query.order_by(crossings.c.id.desc()).limit(1)).first()

    def _last_up(self, revision: str) -> Any:
        row = self._last(revision)
        return row if row is not None and row.direction == "up" else None

    def scripts(self) -> list[Script]:
        """Return the revisions that were crossed up here, each as it was the last time, parents first."""
        if not self._has_rows():
            return []
        query = select(*_OLD_COLUMNS).where(crossings.c.state == "done", crossings.c.direction == "up")
        found: dict[str, Script] = {}
        for row in self._connection.execute(query.order_by(crossings.c.id)):
            parents = json.loads(row.parents)
            found[row.revision] = Script(row.revision, row.message, parents, row.source)
        return list(found.values())

    @books_are_kept()
    def take_back_crossing(self, move: int) -> None:
        """Write down that the last crossing of a move left nothing behind."""
        self._end((crossings.c.move_id == move) & (crossings.c.state == "begun"), "taken back", schema_found=None)

    @books_are_kept()
    def note_taken_back(self, crossing: int) -> None:
        """Write down that a crossing left nothing behind."""
        self._end(crossings.c.id == crossing, "taken back", schema_found=None)

    @books_are_kept()
    def reopen_crossing(self, crossing: int) -> None:
        """Write down that a crossing is not done after all: something after its script failed."""
        self._connection.execute(
            update(crossings).where(crossings.c.id == crossing).values(state="begun", finished_at=None, changes="")
        )

    @books_are_kept()
    def set_aside(self) -> None:
        """No crossing is unfinished any more: the version table was written by hand."""
        if self.exists:
            self._end(crossings.c.state == "begun", "stamped")

    @books_are_kept()
    def announce(self, crossing: int, step: Step) -> int:
        """Write down a statement that is about to be executed, and return its number in the table."""
        return self._add(steps, **_row(crossing, step, _ANNOUNCED))

    @books_are_kept()
    def note_done(self, row: int, step: Step) -> None:
        """Write down that an announced statement is done."""
        values = {"state": _DONE, "milliseconds": step.milliseconds}
        self._connection.execute(update(steps).where(steps.c.id == row).values(values))

    @books_are_kept()
    def note_failed(self, rows: Collection[int]) -> None:
        """Write down that announced statements have changed nothing."""
        if rows:
            self._connection.execute(update(steps).where(steps.c.id.in_(rows)).values(state=_FAILED))

    @books_are_kept()
    def write(self, crossing: int, done: Iterable[Step]) -> None:
        """Write down statements that are done."""
        self._write(_rows(crossing, done))

    @property
    def exists(self) -> bool:
        """Whether Rewind ever moved this database."""
        return inspect(self._connection).has_table(moves.name)

    def _has_rows(self) -> bool:
        """Return whether there is a journal to read.

        Raises:
            Refused: where a newer version wrote it.
        """
        if not self.exists:
            return False
        if not self._is_of_known_layout:
            refuse_newer(moves.name, self._connection.scalar(select(func.max(moves.c.layout))) or 0, LAYOUT)
            self._is_of_known_layout = True
        return True

    @books_are_kept()
    def drop(self) -> None:
        """Take the journal out of the database."""
        _metadata.drop_all(self._connection, checkfirst=True)

    def unfinished(self) -> UnfinishedCrossing | None:
        """Return the crossing that was begun and never reached the version table."""
        if not self._has_rows():
            return None
        query = select(*_OLD_COLUMNS, moves.c.who).join(moves, moves.c.id == crossings.c.move_id)
        query = query.where(crossings.c.state != "taken back").order_by(crossings.c.id.desc()).limit(1)
        row = self._connection.execute(query).first()
        if row is None or row.state != "begun":
            return None
        return UnfinishedCrossing(row.revision, row.direction, _text(row.started_at), row.who)

    def read(self, bind: str, limit: int) -> list[LoggedMove]:
        """Return the last moves, the newest first."""
        if not self._has_rows():
            return []
        rows = self._connection.execute(select(moves).order_by(moves.c.id.desc()).limit(limit)).all()
        crossed = self._crossings_of([row.id for row in rows])
        return [_as_move(row, bind, crossed.get(row.id, ())) for row in rows]

    def _crossings_of(self, numbers: list[int]) -> dict[int, tuple[LoggedCrossing, ...]]:
        columns = [each for each in _OLD_COLUMNS if each.name not in {"source", "changes"}]
        query = select(*columns).where(crossings.c.move_id.in_(numbers)).order_by(crossings.c.id)
        rows = self._connection.execute(query).all()
        query = select(steps).where(steps.c.crossing_id.in_([row.id for row in rows])).order_by(steps.c.id)
        executed = self._connection.execute(query).all()
        found: dict[int, tuple[LoggedCrossing, ...]] = {}
        for row in rows:
            own = tuple(
                LoggedStep(each.statement, Purpose.read(each.purpose), each.state, each.milliseconds)
                for each in executed
                if each.crossing_id == row.id
            )
            crossing = LoggedCrossing(
                row.revision, row.direction, row.message, row.state, _text(row.started_at), _seconds(row), own
            )
            found[row.move_id] = (*found.get(row.move_id, ()), crossing)
        return found

    def _write(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(steps), rows)

    def _end(self, condition: Any, state: str, **values: Any) -> None:
        self._connection.execute(update(crossings).where(condition).values(state=state, finished_at=_now(), **values))

    def _add(self, table: Table, **values: Any) -> int:
        number = self._connection.execute(insert(table), values).inserted_primary_key
        if number is None:
            raise RuntimeError(f"the database gave a row of {table.name} no number")
        return int(number[0])

    def _session(self) -> str:
        """Return the server's number for this connection: a statement of a client that died may still be running."""
        asked = {"mysql": func.connection_id(), "mariadb": func.connection_id(), "postgresql": func.pg_backend_pid()}
        number = asked.get(self._connection.dialect.name)
        return "" if number is None else str(self._connection.scalar(select(number)))


def _rows(crossing: int, done: Iterable[Step]) -> list[dict[str, Any]]:
    return [_row(crossing, step, _LEFT_OUT if step.is_left_out else _DONE) for step in done]


def _row(crossing: int, step: Step, state: str) -> dict[str, Any]:
    return {
        "crossing_id": crossing,
        "number": step.number,
        "statement": step.statement,
        "purpose": step.purpose.as_text(),
        "state": state,
        "milliseconds": step.milliseconds,
    }


def who() -> str:
    """Return user, host and process."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container whose user has no name
        user = str(os.getuid())
    return f"{user} on {socket.gethostname()}, process {os.getpid()}"


def _text(time: datetime) -> str:
    return f"{time.isoformat(timespec='seconds')}Z"


def _seconds(row: Any) -> float | None:
    return None if row.finished_at is None else (row.finished_at - row.started_at).total_seconds()


def _as_move(row: Any, bind: str, crossed: tuple[LoggedCrossing, ...]) -> LoggedMove:
    return LoggedMove(
        bind=bind,
        number=row.id,
        command=row.command,
        target=row.target,
        options=json.loads(row.options),
        who=row.who,
        before=tuple(json.loads(row.heads_before)),
        after=None if row.heads_after is None else tuple(json.loads(row.heads_after)),
        started_at=_text(row.started_at),
        seconds=_seconds(row),
        outcome=row.outcome,
        error=row.error,
        crossings=crossed,
    )
