"""Moves as a whole: which steps lead there, run over every database or printed as SQL."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from io import StringIO
from typing import Any

from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import Script
from alembic.util import CommandError

from flask_rewind import alembic_private
from flask_rewind.attic_entries import Attic
from flask_rewind.crossing import DatabaseMove, MoveRecord
from flask_rewind.errors import BadRequest, CrossingFailed, NoWay, Refused, RevisionNotFound, RewindError
from flask_rewind.journal import Journal, Request
from flask_rewind.logs import running_unsaid
from flask_rewind.planning import LATER, Opaque, Planner, stand_in_of, writing_elsewhere_refused
from flask_rewind.results import Move, Plan, PlannedCrossing
from flask_rewind.revisions import Revisions, Work, commit, live_connection, named_at_all
from flask_rewind.sql.grammar import drops


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
    _refuse_no_name(request)
    target = request.target
    if sql:
        return _move_script(revisions, target, bool(up), tag, with_drops=with_drops)
    if with_drops:
        raise BadRequest(
            "--with-drops is for --sql; a move hides what its scripts drop.", "Leave it out, or print the SQL: --sql"
        )
    record = MoveRecord(request)
    if up is None:
        _refuse_no_way(revisions, target)

    try:
        revisions.run(_crossings(revisions, record, up=up), moves=True, destination_rev=target, tag=tag)
    except RewindError as error:
        _note_failure(revisions, record, error)
        raise
    except (KeyboardInterrupt, SystemExit) as error:
        _note_failure(revisions, record, CrossingFailed(f"It was broken off: {type(error).__name__}."))
        raise
    if record.in_callers_transaction and record.crossings:
        _refuse_rolled_back(revisions, record)
    record.warn_of_unused_fills()
    return record.as_move()


def plan_databases(revisions: Revisions, request: Request, tag: str | None = None) -> Plan:
    """Find out what a move to a revision would do, by making it on a stand-in of every database."""
    _refuse_no_name(request)
    _refuse_no_way(revisions, request.target)
    planner = Planner()
    record = MoveRecord(request, planner)

    refused = opaque = ""
    try:
        with writing_elsewhere_refused(revisions.engines()), running_unsaid():
            work = _crossings(revisions, record, up=None)
            revisions.run(work, moves=True, shadow_of=stand_in_of, destination_rev=request.target, tag=tag)
    except Refused as error:
        refused = opaque = error.format_message()
    except Opaque as error:
        opaque = error.message
    except CrossingFailed as error:
        if not _gave_up(error.__cause__):
            raise
        opaque = "it would hold its locks for too long to be tried while others use the database"
    if not opaque:
        record.warn_of_unused_fills()
    tried = planner.crossings(opaque)
    untried = _untried(revisions, planner, record, LATER if tried or not opaque else opaque)
    return Plan((*tried, *untried), record.before, refused, (*revisions.autocommits, *planner.warnings))


def _refuse_no_name(request: Request) -> None:
    if not request.target:
        raise BadRequest("No revision is named.", "The revisions there are: flask db history")


def _refuse_no_way(revisions: Revisions, target: str) -> None:
    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        _leads_up(revisions, target, heads)
        return ()

    revisions.run(work)


def _crossings(revisions: Revisions, record: MoveRecord, *, up: bool | None) -> Work:
    def work(heads: tuple[str, ...], context: MigrationContext) -> Iterator[object]:
        steps = _way(revisions, record.request, context, heads, up=up)
        return DatabaseMove(revisions, context, record).crossings(steps, heads)

    return work


def _untried(revisions: Revisions, planner: Planner, record: MoveRecord, reason: str) -> list[PlannedCrossing]:
    """Return the crossings of the move that were not tried; read from the databases themselves."""
    found: list[PlannedCrossing] = []

    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        bind = revisions.bind_of(context)
        record.before[bind] = heads
        for step in _way(revisions, record.request, context, heads, up=None):
            script, direction = step.revision, "up" if step.is_upgrade else "down"
            if not planner.is_tried(bind, script.revision):
                found.append(PlannedCrossing(bind, script.revision, direction, script.doc, (), reason))
        return ()

    revisions.run(work)
    return found


def _way(
    revisions: Revisions, request: Request, context: MigrationContext, heads: tuple[str, ...], *, up: bool | None
) -> list[RevisionStep]:
    up = _leads_up(revisions, request.target, heads) if up is None else up
    if request.options.get("from_journal"):
        _know_the_journals(revisions, Journal(live_connection(context)))
    steps_to = alembic_private.upgrade_steps if up else alembic_private.downgrade_steps
    try:
        return _steps(lambda: steps_to(revisions.script, request.target, heads))
    except CommandError as error:
        if request.target[:1] in "+-" and "didn't produce" in str(error):
            raise BadRequest(
                _no_further(revisions, request.target, heads), "The revisions there are: flask db history"
            ) from error
        raise


def _no_further(revisions: Revisions, target: str, heads: tuple[str, ...]) -> str:
    """Return why there are not as many revisions to cross as a target such as ``-2`` says."""
    if target.startswith("-"):
        end, direction = not heads, "below"
    else:
        end, direction = {*heads} == {*revisions.script.get_heads()}, "above"
    if end:
        return f"The database is at {'base' if direction == 'below' else 'head'} already."
    return f"There are not {target[1:]} revisions {direction} {', '.join(heads) or 'base'}, where the database is."


def _gave_up(cause: BaseException | None) -> bool:
    """Return whether PostgreSQL cancelled a statement of a plan, or did not get its lock."""
    return getattr(getattr(cause, "orig", None), "sqlstate", None) in {"57014", "55P03"}


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
            revisions.run(work, moves=True, lease=False, dont_mutate=True)  # whoever waits may have it by now


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


def _leads_up(revisions: Revisions, target: str, applied: tuple[str, ...]) -> bool:
    """Return whether `target` is above where a database is; below, it is False.

    Raises:
        NoWay: where it is on another branch.
    """
    if target[:1] in "+-":
        return target.startswith("+")
    goal = {script.revision for script in _named(revisions, target)}
    if not goal - _with_ancestors(revisions, applied):
        _refuse_other_branches(revisions, target, goal, applied)
        return bool(goal) and goal == set(applied)
    if set(applied) <= _with_ancestors(revisions, goal):
        return True
    raise NoWay(
        f"{target} is neither above nor below {', '.join(applied)}: it is on another branch.",
        f"Add it to what is there: flask db upgrade {target}",
    )


def _named(revisions: Revisions, target: str) -> list[Script]:
    """Return the scripts of a symbol, which may end in steps from there, such as ``3f2a-1``."""
    from_there = re.fullmatch(r"(.+)([+-])(\d+)", target)
    try:
        return revisions.find(target)
    except RevisionNotFound:
        if from_there is None:
            raise
    found = revisions.find(from_there[1])
    for _ in range(int(from_there[3])):
        ids = {each for script in found for each in (script.nextrev if from_there[2] == "+" else _parents(script))}
        found = revisions.find(sorted(ids)) if ids else []
    return found


def _parents(script: Script) -> tuple[str, ...]:
    found = script.down_revision or ()
    return (found,) if isinstance(found, str) else tuple(found)


def _refuse_other_branches(revisions: Revisions, target: str, goal: set[str], applied: Iterable[str]) -> None:
    others = [head for head in applied if goal and not goal & _with_ancestors(revisions, [head])]
    if others:
        raise NoWay(
            f"{target} is applied already, and so is {', '.join(others)} on another branch.",
            f"Take that branch back first: flask db downgrade {others[0]}@base, or to where it began",
        )


def _steps(find: Callable[[], list[RevisionStep]]) -> list[RevisionStep]:
    try:
        with named_at_all():
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


def _move_script(revisions: Revisions, target: str, up: bool, tag: str | None, *, with_drops: bool) -> Move:
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

    return _script_of(revisions, work, with_drops=with_drops, starting_rev=starting, destination_rev=target, tag=tag)


def _refuse_destruction(sql: str, dialect: str, derived: Collection[str]) -> None:
    """Refuse a printed script that drops what a move would hide: hiding takes a look at the database."""
    known = {name.lower() for name in derived}
    if dropped := [name for name in drops(sql, dialect) if name.lower() not in known]:
        raise Refused(
            f"--sql cannot hide what the scripts drop ({', '.join(dropped)}), and the printed DROP would destroy it.",
            "Move the database itself, after a look at the statements: flask db plan. To print the DROP all the same,"
            " add --with-drops.",
        )


def _stamp_script(revisions: Revisions, targets: tuple[str, ...], tag: str | None) -> Move:
    starts = {target.split(":", 1)[0] for target in targets if ":" in target}
    if len(starts) > 1:
        raise RewindError("stamp with --sql takes one starting revision.", "Stamp one branch at a time.")
    ends = tuple(target.split(":", 1)[-1] for target in targets)

    def work(heads: tuple[str, ...], context: MigrationContext) -> Iterable[object]:
        return alembic_private.stamp_steps(revisions.script, ends, heads)

    return _script_of(revisions, work, starting_rev=next(iter(starts), None), destination_rev=ends, tag=tag)


def _script_of(revisions: Revisions, work: Work, *, with_drops: bool = False, **options: Any) -> Move:
    revisions.config.output_buffer = buffer = StringIO()
    dialects: set[str] = set()

    def print_steps(heads: tuple[str, ...], context: MigrationContext) -> Iterable[object]:
        dialects.add(context.dialect.name)
        return work(heads, context)

    revisions.run(print_steps, as_sql=True, **options)
    for dialect in () if with_drops else dialects:
        _refuse_destruction(buffer.getvalue(), dialect, revisions.state.settings.derived)
    return Move((), {}, {}, sql=buffer.getvalue())
