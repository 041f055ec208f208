"""Writing moves, crossings and steps into the journal."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, select, text, update

from flask_rewind.acting import books_are_kept
from flask_rewind.journal.tables import (
    ANNOUNCED,
    DONE,
    FAILED,
    LAYOUT,
    LEFT_OUT,
    TAKEN_BACK,
    JournalTables,
    crossings,
    moves,
    steps,
)
from flask_rewind.journal.values import Request, Script, now, who
from flask_rewind.sql.catalogs import catalog_of
from flask_rewind.steps import Step

# Built once: SQLAlchemy compiles them once, too.
_END = update(crossings).where(crossings.c.id == bindparam("number"))
_ADD_STEPS = insert(steps).inline()


class Journal:
    """The journal of one database. It commits nothing itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tables = JournalTables(connection)

    @books_are_kept()
    def begin_move(self, request: Request, heads: Sequence[str]) -> int:
        """Write down that a move begins, and return its number; the first one creates the tables.

        Raises:
            Refused: where a newer version wrote the journal.
        """
        self._tables.can_be_read()
        self._tables.create()
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
        return self._tables.exist and self._connection.scalar(query) == "begun"

    @books_are_kept()
    def end_move(self, move: int, outcome: str, heads: Sequence[str], error: str = "") -> None:
        """Write down how a move ended: ``done``, ``failed`` or ``refused``."""
        values = {"outcome": outcome, "heads_after": json.dumps(sorted(heads)), "finished_at": now(), "error": error}
        self._connection.execute(update(moves).where(moves.c.id == move).values(values))

    @books_are_kept()
    def end_interrupted_moves(self) -> None:
        """Write down that moves have failed which did not end: whoever holds the lease now is the only mover."""
        values = {"outcome": "failed", "error": "It was interrupted."}
        self._connection.execute(update(moves).where(moves.c.outcome == "begun").values(values))

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
            started_at=now(),
            state="begun",
            fingerprint_before="",
            fingerprint_after="",
            changes="",
            schema_found=schema_found,
        )

    @books_are_kept()
    def note_schema(self, crossing: int, schema_found: str) -> None:
        """Write down the schema that a crossing found, which was begun without it."""
        self._connection.execute(update(crossings).where(crossings.c.id == crossing).values(schema_found=schema_found))

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
        values = {"changes": changes, "fingerprint_before": before, "fingerprint_after": after, "finished_at": now()}
        self._connection.execute(_END, {"number": crossing, "state": "done", **values})

    @books_are_kept()
    def note_taken_back(self, crossing: int) -> None:
        """Write down that a crossing was taken back."""
        self._end(crossings.c.id == crossing, "taken back", schema_found=None)

    @books_are_kept()
    def note_steps_taken_back(self, crossing: int, staying: Collection[int]) -> None:
        """Write down that nothing of a crossing is left but the steps with these numbers."""
        is_left = steps.c.number.in_(staying)
        is_executed = (steps.c.crossing_id == crossing) & steps.c.state.in_([ANNOUNCED, DONE])
        self._connection.execute(update(steps).where(is_executed & ~is_left).values(state=TAKEN_BACK))

    @books_are_kept()
    def go_on_in(self, crossing: int, move: int) -> None:
        """Write down that another move goes on with a crossing."""
        self._connection.execute(update(crossings).where(crossings.c.id == crossing).values(move_id=move))

    @books_are_kept()
    def reopen_crossing(self, crossing: int) -> None:
        """Write down that a crossing is not done after all: something after its script failed."""
        self._connection.execute(
            update(crossings).where(crossings.c.id == crossing).values(state="begun", finished_at=None, changes="")
        )

    @books_are_kept()
    def set_aside(self) -> None:
        """No crossing is unfinished any more: the version table was written by hand."""
        if self._tables.exist:
            self._end(crossings.c.state == "begun", "stamped")

    @books_are_kept()
    def announce(self, crossing: int, step: Step) -> int:
        """Write down a statement that is about to be executed, and return its number in the table."""
        return self._add(steps, **_row(crossing, step, ANNOUNCED))

    @books_are_kept()
    def note_done(self, row: int, step: Step) -> None:
        """Write down that an announced statement is done."""
        values = {"state": DONE, "milliseconds": step.milliseconds}
        self._connection.execute(update(steps).where(steps.c.id == row).values(values))

    @books_are_kept()
    def note_failed(self, rows: Collection[int]) -> None:
        """Write down that announced statements have changed nothing."""
        if rows:
            self._connection.execute(update(steps).where(steps.c.id.in_(rows)).values(state=FAILED))

    @books_are_kept()
    def note_outcome(self, crossing: int, number: int, *, is_done: bool) -> None:
        """Write down what became of an announced statement, by the number of its step in the crossing."""
        is_meant = (steps.c.crossing_id == crossing) & (steps.c.number == number) & (steps.c.state == ANNOUNCED)
        self._connection.execute(update(steps).where(is_meant).values(state=DONE if is_done else FAILED))

    @books_are_kept()
    def take_over(self, crossing: int) -> None:
        """Write down that this session executes the next statements of a crossing."""
        move = select(crossings.c.move_id).where(crossings.c.id == crossing).scalar_subquery()
        self._connection.execute(update(moves).where(moves.c.id == move).values(session=self._session()))

    @books_are_kept()
    def write(self, crossing: int, done: Iterable[Step]) -> None:
        """Write down statements that are done."""
        self._write(_rows(crossing, done))

    def _write(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(_ADD_STEPS, rows if len(rows) > 1 else rows[0])

    def _end(self, condition: Any, state: str, **values: Any) -> None:
        self._connection.execute(update(crossings).where(condition).values(state=state, finished_at=now(), **values))

    def _add(self, table: Table, **values: Any) -> int:
        number = self._connection.execute(insert(table), values).inserted_primary_key
        if number is None:
            raise RuntimeError(f"the database gave a row of {table.name} no number")
        return int(number[0])

    def _session(self) -> str:
        """Return the server's number for this connection: a statement of a client that died may still be running."""
        query = catalog_of(self._connection.dialect.name).session
        return str(self._connection.scalar(text(query))) if query else ""


def _rows(crossing: int, done: Iterable[Step]) -> list[dict[str, Any]]:
    return [_row(crossing, step, LEFT_OUT if step.is_left_out else DONE) for step in done]


def _row(crossing: int, step: Step, state: str) -> dict[str, Any]:
    return {
        "crossing_id": crossing,
        "number": step.number,
        "statement": step.statement,
        "purpose": step.purpose.as_text(),
        "state": state,
        "milliseconds": step.milliseconds,
        "effect": step.effect and step.effect.as_text(),
    }
