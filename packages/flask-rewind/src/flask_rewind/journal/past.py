"""What earlier crossings did, as the code that moves the database needs it."""

import json
from typing import Any

from sqlalchemy import Connection, select

from flask_rewind.journal.tables import ANNOUNCED, COLUMNS_OF_LAYOUT_1, DONE, JournalTables, crossings, moves, steps
from flask_rewind.journal.values import BegunCrossing, Request
from flask_rewind.steps import Effect, Purpose, Step, StepKind

_OF_SCRIPT = {StepKind.SCRIPT, StepKind.TAKE_BACK}
"""Kinds of steps that changed the schema on the script's behalf."""


class PastCrossings:
    """The crossings that the journal of one database has. Reads only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tables = JournalTables(connection)

    def begun(self, crossing: int) -> BegunCrossing | None:
        """Return what is known of a crossing that has begun; None where it has ended, or left nothing here."""
        if not self._tables.can_be_read():
            return None
        query = select(crossings, moves.c.session, moves.c.who).join(moves, moves.c.id == crossings.c.move_id)
        row = self._connection.execute(query.where(crossings.c.id == crossing)).first()
        if row is None or row.state != "begun":
            return None
        is_executed = (steps.c.crossing_id == crossing) & steps.c.state.in_([ANNOUNCED, DONE])
        rows = self._connection.execute(select(steps).where(is_executed).order_by(steps.c.id)).all()
        return BegunCrossing(
            number=crossing,
            revision=row.revision,
            direction=row.direction,
            session=row.session,
            who=row.who,
            started_at=row.started_at,
            schema_found=row.schema_found or "",
            steps=[_as_step(each) for each in rows],
            is_last_done=not rows or rows[-1].state == DONE,
        )

    def is_done(self, crossing: int) -> bool:
        """Return whether a crossing is done, and its version row committed."""
        query = select(crossings.c.state).where(crossings.c.id == crossing)
        return self._tables.can_be_read() and self._connection.scalar(query) == "done"

    def last_announced(self) -> tuple[str, str] | None:
        """Return the session and the statement of the very last step, if nothing says how that ended."""
        of_crossing = steps.join(crossings, crossings.c.id == steps.c.crossing_id)
        query = select(moves.c.session, steps.c.statement, steps.c.state).select_from(
            of_crossing.join(moves, moves.c.id == crossings.c.move_id)
        )
        row = self._connection.execute(query.order_by(steps.c.id.desc()).limit(1)).first()
        return (row.session, row.statement) if row is not None and row.state == ANNOUNCED else None

    def last_begun(self) -> int | None:
        """Return the number of the crossing that was begun and neither ended nor taken back."""
        if not self._tables.can_be_read():
            return None
        query = select(crossings.c.id, crossings.c.state).where(crossings.c.state != "taken back")
        row = self._connection.execute(query.order_by(crossings.c.id.desc()).limit(1)).first()
        return row.id if row is not None and row.state == "begun" else None

    def request_of(self, crossing: int) -> Request:
        """Return what was asked for by the move that a crossing belongs to."""
        is_of_crossing = crossings.c.id == crossing
        query = select(moves.c.command, moves.c.target, moves.c.options).join(
            crossings, moves.c.id == crossings.c.move_id
        )
        row = self._connection.execute(query.where(is_of_crossing)).one()
        return Request(row.command, row.target, json.loads(row.options))

    def changes_up(self, revision: str) -> str:
        """Return what the crossing up through a revision had changed, empty where that is not known."""
        row = self._last_up(revision)
        return "" if row is None else str(row.changes)

    def all_changes_up(self) -> list[str]:
        """Return what the crossings up had changed that are done, oldest first, where that is known."""
        if not self._tables.can_be_read():
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
        is_done = (steps.c.crossing_id == crossing) & (steps.c.state == DONE)
        query = select(steps.c.statement, steps.c.purpose).where(is_done).order_by(steps.c.id)
        found = self._connection.execute(query)
        return [row.statement for row in found if Purpose.read(row.purpose).kind in _OF_SCRIPT]

    def _was_down(self, revision: str) -> bool:
        found = select(crossings.c.id).where(crossings.c.revision == revision, crossings.c.state == "done")
        return self._connection.scalar(found.where(crossings.c.direction == "down").limit(1)) is not None

    def _last(self, revision: str) -> Any:
        if not self._tables.can_be_read():
            return None
        query = select(*COLUMNS_OF_LAYOUT_1).where(crossings.c.revision == revision, crossings.c.state == "done")
        return self._connection.execute(query.order_by(crossings.c.id.desc()).limit(1)).first()

    def _last_up(self, revision: str) -> Any:
        row = self._last(revision)
        return row if row is not None and row.direction == "up" else None


def _as_step(row: Any) -> Step:
    return Step(row.number, row.statement, Purpose.read(row.purpose), row.milliseconds, Effect.read(row.effect))
