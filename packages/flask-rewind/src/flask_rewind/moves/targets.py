"""The way to a target: which steps lead there from where a database is."""

import re
from collections.abc import Callable, Iterable

from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import Script
from alembic.util import CommandError

from flask_rewind import alembic_private
from flask_rewind.errors import BadRequest, CrossingFailed, NoWay, RevisionNotFound
from flask_rewind.journal import JournalLog, Request
from flask_rewind.revisions import Revisions, live_connection, named_at_all


def refuse_no_name(request: Request) -> None:
    """Refuse an empty target.

    Raises:
        BadRequest: where no revision is named.
    """
    if not request.target:
        raise BadRequest("No revision is named.", "The revisions there are: flask db history")


def refuse_no_way(revisions: Revisions, target: str) -> None:
    """Refuse a target that is neither above nor below one of the databases.

    Raises:
        NoWay: where it is on another branch.
    """

    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        _leads_up(revisions, target, heads)
        return ()

    revisions.run(work)


def steps_to_target(
    revisions: Revisions, request: Request, context: MigrationContext, heads: tuple[str, ...], *, up: bool | None
) -> list[RevisionStep]:
    """Return the steps from where a database is to the target of `request`.

    Args:
        revisions: the directory.
        request: what is asked for.
        context: Alembic's, on the database.
        heads: where it is.
        up: the direction; None to take the one that leads there.
    """
    up = _leads_up(revisions, request.target, heads) if up is None else up
    if request.options.get("from_journal"):
        _know_the_journals(revisions, JournalLog(live_connection(context)))
    steps_to = alembic_private.upgrade_steps if up else alembic_private.downgrade_steps
    try:
        return _steps(lambda: steps_to(revisions.script, request.target, heads))
    except CommandError as error:
        if request.target[:1] in "+-" and "didn't produce" in str(error):
            raise BadRequest(
                _no_further(revisions, request.target, heads), "The revisions there are: flask db history"
            ) from error
        raise


def _steps(find: Callable[[], list[RevisionStep]]) -> list[RevisionStep]:
    try:
        with named_at_all():
            return find()
    except AttributeError as error:  # Alembic takes the functions of each script as it finds the way
        raise CrossingFailed(
            f"A revision script on the way is not complete: {error}.", "Each has upgrade() and downgrade()."
        ) from error


def _no_further(revisions: Revisions, target: str, heads: tuple[str, ...]) -> str:
    """Return why there are not as many revisions to cross as a target such as ``-2`` says."""
    if target.startswith("-"):
        end, direction = not heads, "below"
    else:
        end, direction = {*heads} == {*revisions.script.get_heads()}, "above"
    if end:
        return f"The database is at {'base' if direction == 'below' else 'head'} already."
    return f"There are not {target[1:]} revisions {direction} {', '.join(heads) or 'base'}, where the database is."


def _know_the_journals(revisions: Revisions, journal: JournalLog) -> None:
    """Let the directory know the revisions that the journal alone has: another branch, or newer code, took them."""
    known = {script.revision for script in revisions.script.walk_revisions()}
    for script in journal.scripts():
        if script.revision not in known:
            alembic_private.add_revision(revisions.script, script.revision, script.parents, script.message)


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


def _with_ancestors(revisions: Revisions, ids: Iterable[str]) -> set[str]:
    ids = tuple(ids)
    with revisions.errors_translated():
        found = revisions.script.iterate_revisions(ids, "base") if ids else ()
        return {script.revision for script in found}


def below_others(revisions: Revisions, applied: tuple[str, ...]) -> tuple[str, ...]:
    """Return the revisions of a version table that are ancestors of others in it."""
    above = {each: _with_ancestors(revisions, [each]) - {each} for each in applied} if len(applied) > 1 else {}
    return tuple(sorted(each for each in applied if any(each in ancestors for ancestors in above.values())))


def heads_of_databases(revisions: Revisions) -> tuple[str, ...]:
    """Return the revisions that the databases are at, of all binds together."""
    found: set[str] = set()

    def work(applied: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        found.update(applied)
        return ()

    revisions.run(work)
    return tuple(sorted(found))
