"""What an interrupted move has left in the databases: every move ends that first."""

import logging
from collections.abc import Callable, Iterator, Mapping

from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.util import CommandError

from flask_rewind import alembic_private
from flask_rewind.crossing import COMPLETE, NOTHING_KEPT, TO_BE_TAKEN_BACK, DatabaseMove, MoveRecord, what_stays
from flask_rewind.errors import Refused, RewindError
from flask_rewind.journal import JournalLog, PastCrossings
from flask_rewind.recovery import PausedCrossing, Recovery
from flask_rewind.revisions import Revisions, Work, live_connection

log = logging.getLogger("alembic.runtime.migration")

Find = Callable[[tuple[str, ...], MigrationContext], list[RevisionStep]]
"""Returns the steps to take, from the revisions that a database is at."""


def recovering(revisions: Revisions, record: MoveRecord, find: Find) -> Work:
    """Return the work that ends what an earlier move left in each database, and then takes the steps of `find`."""

    def work(heads: tuple[str, ...], context: MigrationContext) -> Iterator[object]:
        paused = None if record.planner else recovery_of(revisions, context, record.fills).run()
        move = DatabaseMove(revisions, context, record)
        if paused is None:
            return move.crossings(find(heads, context), heads)
        return move.crossings(_finishing(revisions, context, paused, find), heads, paused)

    return work


def recovery_of(revisions: Revisions, context: MigrationContext, fills: Mapping[str, str]) -> Recovery:
    """Return what ends an interrupted crossing of one database."""
    return Recovery(context, fills, revisions.state.settings.derived, revisions.patience)


def _finishing(
    revisions: Revisions, context: MigrationContext, paused: PausedCrossing, find: Find
) -> Iterator[RevisionStep]:
    """Yield the step that finishes a crossing, and then those to the target, which depend on it."""
    begun = paused.begun
    yield step_through(revisions, begun.revision, begun.direction)
    heads = context.get_current_heads()
    yield from find(heads, context)


def step_through(revisions: Revisions, revision: str, direction: str) -> RevisionStep:
    """Return the step that crosses an interrupted revision again.

    Raises:
        Refused: where its script is gone.
    """
    try:
        return alembic_private.step_through(revisions.script, revision, up=direction == "up")
    except CommandError as error:
        raise Refused(
            f"revision {revision} was interrupted going {direction} and has to be finished first, and its script is "
            "not in this directory.",
            "Bring the script back; or keep the rows that it changed as they are: flask db abort",
        ) from error


def refuse_unfinished(revisions: Revisions) -> None:
    """Refuse to plan while a crossing is unfinished: a move would end it first.

    Raises:
        Refused: with what to do.
    """

    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        if unfinished := JournalLog(live_connection(context)).unfinished():
            raise Refused(
                f"revision {unfinished.revision} was interrupted going {unfinished.direction}, and a plan looks at "
                "databases where nothing is unfinished.",
                "Finish it: flask db resume; or take it back: flask db abort",
            )
        return ()

    revisions.run(work)


def recovered(revisions: Revisions, record: MoveRecord, *, is_logged: bool = False) -> str:
    """Take back, on another connection, what a lost one has left; return what is so then, and what to do.

    It returns nothing where there is no other connection, and the database takes the crossing back by itself. With
    `is_logged` the result is also logged, in the run that takes back: without env.py's settings, logs may show nothing.
    """
    said, interrupted = "", record.interrupted

    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        nonlocal said
        paused = recovery_of(revisions, context, record.fills).run()
        if interrupted and interrupted.bind == revisions.bind_of(context):
            left = [step.statement for step in paused.staying] if paused else []
            is_complete = PastCrossings(live_connection(context)).is_done(interrupted.number)
            said = COMPLETE if is_complete else what_stays(left) or f"{NOTHING_KEPT} Run the same command again."
            if is_logged:
                log.warning("%s", said)
        return ()

    try:
        revisions.run(work, moves=True, dont_mutate=True)
    except RewindError as error:
        if interrupted and interrupted.is_lasting:
            return f"{TO_BE_TAKEN_BACK}\nIt was tried at once: {error.message}"
    return said
