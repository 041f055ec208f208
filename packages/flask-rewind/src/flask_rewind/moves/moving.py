"""Moving every database to a target."""

import logging

from alembic.runtime.migration import MigrationContext, RevisionStep

from flask_rewind.crossing import MoveRecord
from flask_rewind.errors import BadRequest
from flask_rewind.journal import Request
from flask_rewind.moves.failures import failure_noted
from flask_rewind.moves.offline import move_script
from flask_rewind.moves.recovering import recovering
from flask_rewind.moves.targets import refuse_no_name, refuse_no_way, steps_to_target
from flask_rewind.results import Move
from flask_rewind.revisions import Revisions, Work

log = logging.getLogger("alembic.runtime.migration")


def move_databases(
    revisions: Revisions,
    request: Request,
    *,
    up: bool | None,
    sql: bool = False,
    tag: str | None = None,
    with_drops: bool = False,
) -> Move:
    """Take every database to the target of `request`, or with `sql` print what would.

    Args:
        revisions: the directory.
        request: what is asked for.
        up: the direction; None where each database takes the one that leads there.
        sql: whether to print the statements only; for a direction alone.
        tag: a name that env.py can read.
        with_drops: whether the statements printed may delete columns and tables.

    Raises:
        Refused: where they would, and may not.
        NoWay: before anything is touched, where the target is on another branch than one of the databases.
    """
    refuse_no_name(request)
    target = request.target
    if sql:
        return move_script(revisions, target, bool(up), tag, with_drops=with_drops)
    if with_drops:
        raise BadRequest(
            "--with-drops is for --sql; a move hides what its scripts drop.", "Leave it out, or print the SQL: --sql"
        )
    record = MoveRecord(request)
    if up is None:
        refuse_no_way(revisions, target)

    with failure_noted(revisions, record):
        revisions.run(crossings_to_target(revisions, record, up=up), moves=True, destination_rev=target, tag=tag)
    if record.in_callers_transaction and record.crossings:
        _refuse_rolled_back(revisions, record)
    record.warn_of_unused_fills()
    return record.as_move()


def crossings_to_target(revisions: Revisions, record: MoveRecord, *, up: bool | None) -> Work:
    """Return the work that takes each database to the target of the record's request."""

    def find(heads: tuple[str, ...], context: MigrationContext) -> list[RevisionStep]:
        return steps_to_target(revisions, record.request, context, heads, up=up)

    return recovering(revisions, record, find)


def _refuse_rolled_back(revisions: Revisions, record: MoveRecord) -> None:
    """Raise where env.py had begun a transaction of its own and did not commit it."""
    found: dict[str, tuple[str, ...]] = {}

    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        found[revisions.bind_of(context)] = heads
        return ()

    revisions.run(work)
    if any(set(found.get(bind, ())) != set(heads) for bind, heads in record.after.items()):
        raise BadRequest(
            "The move was rolled back by env.py: it begins a transaction before context.configure, by a statement or "
            "by itself, and does not commit it.",
            "Let env.py commit its connection at the end, or run the statement after context.configure.",
        )
