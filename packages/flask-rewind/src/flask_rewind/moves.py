"""Moves as a whole: which steps lead there, run over every database or printed as SQL."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import StringIO
from typing import Any

from alembic.runtime.migration import MigrationContext, RevisionStep

from flask_rewind import alembic_private
from flask_rewind.attic_entries import Attic
from flask_rewind.crossing import DatabaseMove, MoveRecord
from flask_rewind.errors import BadRequest, CrossingFailed, NoWay, Refused, RewindError
from flask_rewind.journal import Journal, Request
from flask_rewind.results import Move
from flask_rewind.revisions import Revisions, Work, commit, live_connection


def move_databases(
    revisions: Revisions, request: Request, *, up: bool, sql: bool = False, tag: str | None = None
) -> Move:
    """Take every database to the target of `request`, upwards or downwards, or with `sql` print what would."""
    target = request.target
    if not target:
        raise BadRequest("No revision is named.", "The revisions there are: flask db history")
    if sql:
        return _move_script(revisions, target, up, tag)
    record = MoveRecord(request)
    steps_to = alembic_private.upgrade_steps if up else alembic_private.downgrade_steps

    def work(heads: tuple[str, ...], context: MigrationContext) -> Iterator[object]:
        if request.options.get("from_journal"):
            _know_the_journals(revisions, Journal(live_connection(context)))
        steps = _steps(lambda: steps_to(revisions.script, target, heads))
        return DatabaseMove(revisions, context, record).crossings(steps, heads)

    try:
        revisions.run(work, moves=True, destination_rev=target, tag=tag)
    except RewindError as error:
        _note_failure(revisions, record, error)
        raise
    if record.in_callers_transaction and record.crossings:
        _refuse_rolled_back(revisions, record)
    return record.as_move()


def _know_the_journals(revisions: Revisions, journal: Journal) -> None:
    """Let the directory know the revisions that the journal alone has: another branch, or newer code, took them."""
    known = {script.revision for script in revisions.script.walk_revisions()}
    for script in journal.scripts():
        if script.revision not in known:
            alembic_private.add_revision(revisions.script, script.revision, script.parents, script.message)


def _note_failure(revisions: Revisions, record: MoveRecord, error: RewindError) -> None:
    """Write down how the move ended, in another run: the transaction of the crossing that failed is gone."""

    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        journal = Journal(live_connection(context))
        move = record.open.get(revisions.bind_of(context))
        if move is None:
            return ()
        if not journal.has_begun(move):
            move = journal.begin_move(record.request, heads)
        if not record.has_left_something:
            journal.take_back_crossing(move)
        journal.end_move(move, "refused" if isinstance(error, Refused) else "failed", heads, error.message)
        commit(context)
        return ()

    if record.open:
        with suppress(RewindError):  # a server that went away: the move stays open, and is read as broken off
            revisions.run(work, moves=True, dont_mutate=True)


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


def stamp_databases(revisions: Revisions, targets: tuple[str, ...], *, sql: bool, tag: str | None, purge: bool) -> Move:
    """Write `targets` into the version tables, or with `sql` print what would."""
    if sql:
        return _stamp_script(revisions, targets, tag)
    record = MoveRecord(Request("stamp", " ".join(targets)))

    def work(heads: tuple[str, ...], context: MigrationContext) -> Iterator[object]:
        bind = revisions.bind_of(context)
        record.before[bind] = heads
        yield from alembic_private.stamp_steps(revisions.script, targets, heads)
        record.after[bind] = context.get_current_heads()
        connection = live_connection(context)
        journal = Journal(connection)
        journal.set_aside()
        Attic(connection).detach()
        journal.end_move(journal.begin_move(record.request, heads), "done", record.after[bind])
        commit(context)

    revisions.run(work, moves=True, destination_rev=targets, tag=tag, purge=purge)
    return record.as_move()


def leads_up(revisions: Revisions, target: str) -> bool:
    """Return whether `target` is above where the databases are; below, it is False.

    Raises:
        NoWay: where it is on another branch.
    """
    if target[:1] in "+-":
        return target.startswith("+")
    applied = heads_of_databases(revisions)
    goal = {script.revision for script in revisions.find(target)}
    if not goal - _with_ancestors(revisions, applied):
        _refuse_other_branches(revisions, target, goal, applied)
        return bool(goal) and goal == set(applied)
    if set(applied) <= _with_ancestors(revisions, goal):
        return True
    raise NoWay(
        f"{target} is neither above nor below {', '.join(applied)}: it is on another branch.",
        f"Add it to what is there: flask db upgrade {target}",
    )


def _refuse_other_branches(revisions: Revisions, target: str, goal: set[str], applied: Iterable[str]) -> None:
    others = [head for head in applied if goal and not goal & _with_ancestors(revisions, [head])]
    if others:
        raise NoWay(
            f"{target} is applied already, and so is {', '.join(others)} on another branch.",
            f"Take that branch back first: flask db downgrade {others[0]}@base, or to where it began",
        )


def _steps(find: Callable[[], list[RevisionStep]]) -> list[RevisionStep]:
    try:
        return find()
    except AttributeError as error:  # Alembic takes the functions of each script as it finds the way
        raise CrossingFailed(
            f"A revision script on the way is not complete: {error}.", "Each has upgrade() and downgrade()."
        ) from error


def heads_of_databases(revisions: Revisions) -> tuple[str, ...]:
    """Return the revisions that the databases are at, of all binds together."""
    found: set[str] = set()

    def work(applied: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        found.update(applied)
        return ()

    revisions.run(work)
    return tuple(sorted(found))


def _with_ancestors(revisions: Revisions, ids: Iterable[str]) -> set[str]:
    ids = tuple(ids)
    with revisions.errors_translated():
        found = revisions.script.iterate_revisions(ids, "base") if ids else ()
        return {script.revision for script in found}


def _move_script(revisions: Revisions, target: str, up: bool, tag: str | None) -> Move:
    start, separator, end = target.partition(":")
    if not up and not separator:
        raise RewindError(
            "downgrade with --sql needs where it starts, since it reads no database.",
            f"Name both: flask db downgrade --sql head:{target}",
        )
    starting, target = (start, end) if separator else (None, target)
    steps_to = alembic_private.upgrade_steps if up else alembic_private.downgrade_steps

    def work(heads: tuple[str, ...], context: MigrationContext) -> Iterable[object]:
        return steps_to(revisions.script, target, heads)

    return _script_of(revisions, work, starting_rev=starting, destination_rev=target, tag=tag)


def _stamp_script(revisions: Revisions, targets: tuple[str, ...], tag: str | None) -> Move:
    starts = {target.split(":", 1)[0] for target in targets if ":" in target}
    if len(starts) > 1:
        raise RewindError("stamp with --sql takes one starting revision.", "Stamp one branch at a time.")
    ends = tuple(target.split(":", 1)[-1] for target in targets)

    def work(heads: tuple[str, ...], context: MigrationContext) -> Iterable[object]:
        return alembic_private.stamp_steps(revisions.script, ends, heads)

    return _script_of(revisions, work, starting_rev=next(iter(starts), None), destination_rev=ends, tag=tag)


def _script_of(revisions: Revisions, work: Work, **options: Any) -> Move:
    revisions.config.output_buffer = buffer = StringIO()
    revisions.run(work, as_sql=True, **options)
    return Move((), {}, {}, sql=buffer.getvalue())
