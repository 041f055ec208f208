"""The journal as people read it: the log of moves, what is unfinished, the scripts that were run."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from flask_rewind.journal.tables import (
    COLUMNS_OF_LAYOUT_1,
    STEPS_OF_LAYOUT_1,
    JournalTables,
    crossings,
    moves,
    steps,
)
from flask_rewind.journal.values import Script
from flask_rewind.results import LoggedCrossing, LoggedMove, LoggedStep, UnfinishedCrossing
from flask_rewind.steps import Purpose


class JournalLog:
    """The journal of one database, to look at. Reads only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tables = JournalTables(connection)

    def moves(self, bind: str, limit: int) -> list[LoggedMove]:
        """Return the last moves, the newest first."""
        if not self._tables.can_be_read():
            return []
        rows = self._connection.execute(select(moves).order_by(moves.c.id.desc()).limit(limit)).all()
        crossed = self._crossings_of([row.id for row in rows])
        return [_as_move(row, bind, crossed.get(row.id, ())) for row in rows]

    def unfinished(self) -> UnfinishedCrossing | None:
        """Return the crossing that was begun and never reached the version table."""
        if not self._tables.can_be_read():
            return None
        query = select(*COLUMNS_OF_LAYOUT_1, moves.c.who).join(moves, moves.c.id == crossings.c.move_id)
        query = query.where(crossings.c.state != "taken back").order_by(crossings.c.id.desc()).limit(1)
        row = self._connection.execute(query).first()
        if row is None or row.state != "begun":
            return None
        return UnfinishedCrossing(row.revision, row.direction, _text(row.started_at), row.who)

    def scripts(self) -> list[Script]:
        """Return the revisions that were crossed up here, each as it was the last time, parents first."""
        if not self._tables.can_be_read():
            return []
        query = select(*COLUMNS_OF_LAYOUT_1).where(crossings.c.state == "done", crossings.c.direction == "up")
        found: dict[str, Script] = {}
        for row in self._connection.execute(query.order_by(crossings.c.id)):
            parents = json.loads(row.parents)
            found[row.revision] = Script(row.revision, row.message, parents, row.source)
        return list(found.values())

    def _crossings_of(self, numbers: list[int]) -> dict[int, tuple[LoggedCrossing, ...]]:
        columns = [each for each in COLUMNS_OF_LAYOUT_1 if each.name not in {"source", "changes"}]
        query = select(*columns).where(crossings.c.move_id.in_(numbers)).order_by(crossings.c.id)
        rows = self._connection.execute(query).all()
        query = select(*STEPS_OF_LAYOUT_1).where(steps.c.crossing_id.in_([row.id for row in rows])).order_by(steps.c.id)
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
