"""The commands for an interrupted move: go on with it, or take it back and leave it there."""

from collections.abc import Iterator, Mapping

from alembic.runtime.migration import MigrationContext, RevisionStep

from flask_rewind.crossing import DatabaseMove, MoveRecord
from flask_rewind.journal import Journal, JournalLog, PastCrossings, Request
from flask_rewind.moves.failures import failure_noted
from flask_rewind.moves.recovering import recovery_of, step_through
from flask_rewind.moves.targets import steps_to_target
from flask_rewind.results import Aborted, Move
from flask_rewind.revisions import Revisions, commit, live_connection


def resume_databases(revisions: Revisions, fills: Mapping[str, str]) -> Move:
    """Finish the interrupted crossing of each database, and go on to the target of its move, if that has a name."""
    request = Request("resume", "", {"fill": dict(fills)} if fills else {})
    record = MoveRecord(request)

    def work(heads: tuple[str, ...], context: MigrationContext) -> Iterator[object]:
        connection = live_connection(context)
        past = PastCrossings(connection)
        number = past.last_begun()
        begun = None if number is None else past.begun(number)
        if begun is None:
            return DatabaseMove(revisions, context, record).crossings([], heads)
        former = past.request_of(begun.number)
        paused = recovery_of(revisions, context, record.fills).run()

        def steps() -> Iterator[RevisionStep]:
            yield step_through(revisions, begun.revision, begun.direction)
            if former.target[:1] not in "+-":
                here = context.get_current_heads()
                yield from steps_to_target(revisions, former, context, here, up=begun.direction == "up")

        return DatabaseMove(revisions, context, record).crossings(steps(), heads, paused)

    with failure_noted(revisions, record):
        revisions.run(work, moves=True)
    return record.as_move()


def abort_databases(revisions: Revisions) -> tuple[Aborted, ...]:
    """Take the interrupted crossing of each database back, and leave the rows that it changed as they are."""
    found: list[Aborted] = []

    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        connection = live_connection(context)
        unfinished = JournalLog(connection).unfinished()
        if unfinished is None:
            return ()
        recovery = recovery_of(revisions, context, {})
        paused = recovery.run()
        if paused:
            recovery.forget(paused)
        left = tuple(step.statement for step in paused.staying) if paused else ()
        found.append(Aborted(revisions.bind_of(context), unfinished.revision, unfinished.direction, left))
        journal = Journal(connection)
        journal.end_move(journal.begin_move(Request("abort", unfinished.revision), heads), "done", heads)
        commit(context)
        return ()

    revisions.run(work, moves=True, dont_mutate=True)
    return tuple(found)
