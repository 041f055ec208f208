"""Commands that show scripts and databases, and change nothing."""

from alembic.runtime.migration import MigrationContext

from flask_rewind import alembic_private
from flask_rewind.errors import NotAtHead, RewindError
from flask_rewind.journal import JournalLog, PastCrossings
from flask_rewind.listing import as_revision, as_revisions
from flask_rewind.moves import heads_of_databases
from flask_rewind.results import BranchPoint, Current, DatabaseStatus, LoggedMove, Revision
from flask_rewind.revisions import Revisions, live_connection


def status(directory: str | None = None) -> tuple[DatabaseStatus, ...]:
    """Return where each database is, what is pending, and whether a crossing is unfinished. Changes nothing."""
    revisions = Revisions(directory)
    found: list[DatabaseStatus] = []

    def work(applied: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        found.append(_status(revisions, applied, context))
        return ()

    revisions.run(work)
    return tuple(found)


def _status(revisions: Revisions, applied: tuple[str, ...], context: MigrationContext) -> DatabaseStatus:
    connection = live_connection(context)
    past = PastCrossings(connection)
    known = {script.revision for script in revisions.script.walk_revisions()}
    unknown = tuple(sorted(set(applied) - known))
    steps = () if unknown else alembic_private.upgrade_steps(revisions.script, "heads", applied)
    return DatabaseStatus(
        bind=revisions.bind_of(context),
        url=connection.engine.url.render_as_string(),
        current=tuple(sorted(applied)),
        unknown=unknown,
        journal_leads_back=bool(unknown) and all(past.changes_up(each) for each in unknown),
        heads=tuple(sorted(revisions.script.get_heads())),
        pending=as_revisions([step.revision for step in steps]),
        unfinished=JournalLog(connection).unfinished(),
    )


def show(directory: str | None = None, revision: str = "head") -> tuple[Revision, ...]:
    """Return the revisions of a symbol; ``current`` is where the databases are."""
    revisions = Revisions(directory)
    return as_revisions(revisions.find(heads_of_databases(revisions) if revision == "current" else revision))


def history(
    directory: str | None = None, rev_range: str | None = None, verbose: bool = False, indicate_current: bool = False
) -> tuple[Revision, ...]:
    """Return the revisions, the newest first; `rev_range` is ``[start]:[end]``, where ``current`` may stand.

    `verbose` is taken as Flask-Migrate takes it; every result has both texts.
    """
    revisions = Revisions(directory)
    base, head = _range(rev_range)
    current: tuple[str, ...] = ()
    if indicate_current or "current" in (base, head):
        current = heads_of_databases(revisions)
    named = {"current": current or ("base",)}
    scripts = revisions.walk(named.get(base, (base,)), named.get(head, (head,)))
    shown = current if indicate_current else None
    return as_revisions(scripts, shown, include_branches=True, include_doc=True, include_parents=True)


def heads(
    directory: str | None = None, verbose: bool = False, resolve_dependencies: bool = False
) -> tuple[Revision, ...]:
    """Return the newest revisions of the scripts; more than one where branches are not merged."""
    revisions = Revisions(directory)
    wanted = "heads" if resolve_dependencies else revisions.script.get_heads()
    return as_revisions(revisions.find(wanted), include_branches=True, tree_indicators=False)


def branches(directory: str | None = None, verbose: bool = False) -> tuple[BranchPoint, ...]:
    """Return the revisions from which more than one goes on."""
    revisions = Revisions(directory)
    points = [script for script in revisions.walk() if script.is_branch_point]
    return tuple(
        BranchPoint(
            as_revision(point, include_branches=True),
            as_revisions(revisions.find(sorted(point.nextrev)), include_branches=True, include_doc=verbose),
        )
        for point in points
    )


def current(directory: str | None = None, verbose: bool = False, *, check_heads: bool = False) -> tuple[Current, ...]:
    """Return where each database is.

    Raises:
        NotAtHead: with `check_heads`, where one is not at all heads.
    """
    revisions = Revisions(directory)
    found: list[Current] = []

    def work(applied: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        connection = live_connection(context)
        if check_heads and set(context.get_current_heads()) != set(revisions.script.get_heads()):
            raise NotAtHead("Database is not on all head revisions", "Upgrade it first: flask db upgrade heads")
        scripts = sorted(revisions.script.get_all_current(applied), key=lambda script: script.revision)
        url = connection.engine.url.render_as_string()
        found.append(Current(revisions.bind_of(context), url, as_revisions(scripts)))
        return ()

    revisions.run(work)
    return tuple(found)


def log(directory: str | None = None, *, limit: int = 10) -> tuple[LoggedMove, ...]:
    """Return the last `limit` moves of each database, the newest first: who, when, each statement and its time."""
    revisions = Revisions(directory)
    found: list[LoggedMove] = []

    def work(applied: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        found.extend(JournalLog(live_connection(context)).moves(revisions.bind_of(context), limit))
        return ()

    revisions.run(work)
    return tuple(found)


def _range(rev_range: str | None) -> tuple[str, str]:
    base, separator, head = (rev_range or ":").strip().partition(":")
    if not separator:
        raise RewindError(f"{rev_range!r} is not a range of revisions.", "Write [start]:[end], [start]: or :[end].")
    return base or "base", head or "heads"
