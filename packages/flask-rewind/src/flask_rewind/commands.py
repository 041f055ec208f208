"""The commands as plain functions: they return results and raise `RewindError`, never print and never exit.

All need an app context. Those that Flask-Migrate has take its arguments in its order; what Rewind adds stands
behind, by keyword. ``directory`` defaults to the extension's, ``x_arg`` are values for env.py.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import alembic.command
from alembic.runtime.migration import MigrationContext

from flask_rewind import alembic_private
from flask_rewind.errors import BadRequest, NotAtHead, RewindError
from flask_rewind.forgetting import Choice, kept_in_attics, purge_attics
from flask_rewind.forgetting import eject as leave
from flask_rewind.generation.defaults import Ask
from flask_rewind.journal import JournalLog, PastCrossings, Request
from flask_rewind.listing import as_revision, as_revisions
from flask_rewind.moves import heads_of_databases, move_databases, plan_databases, stamp_databases
from flask_rewind.results import (
    BranchPoint,
    Current,
    DatabaseStatus,
    Ejected,
    Kept,
    LoggedMove,
    Move,
    Plan,
    Revision,
    Template,
)
from flask_rewind.revisions import Config, Revisions, commit, live_connection
from flask_rewind.state import current_state
from flask_rewind.translation import alembic_errors_translated
from flask_rewind.writing import merge_revisions, refuse_differences, write_revision

XArg = str | Iterable[str] | None


def list_templates() -> tuple[Template, ...]:
    """Return the templates `init` can start from; the first line of each README is its synopsis."""
    folder = Path(Config().get_template_directory())
    readmes = sorted(folder.glob("*/README"))
    return tuple(Template(path.parent.name, path.read_text("utf-8").splitlines()[0]) for path in readmes)


def init(
    directory: str | None = None, multidb: bool = False, template: str | None = None, package: bool = False
) -> Path:
    """Make a migrations directory and return its path.

    Args:
        directory: where; the extension's own by default.
        multidb: start from ``flask-multidb`` instead of ``flask``.
        template: the name of one of Rewind's templates, or the path of a folder of your own (with a slash in it).
        package: also write empty ``__init__.py`` files.

    Raises:
        BadRequest: where the directory is not empty, or there is no such template.
    """
    state = current_state()
    directory = str(directory or state.directory)
    folder = None
    if template is not None and ("/" in template or "\\" in template):
        path = Path(template)
        folder, template = str(path.parent), path.name
    config = Config(template_directory=folder)
    config.set_main_option("script_location", directory.replace("%", "%%"))
    config.config_file_name = str(Path(directory) / "alembic.ini")
    config.cmd_opts = argparse.Namespace(quiet=True)
    config = state.migrate.call_configure_callbacks(config)
    with alembic_errors_translated(config), redirect_stdout(StringIO()):  # Alembic prints each file it makes
        name = template or ("flask-multidb" if multidb else "flask")
        alembic.command.init(config, directory, template=name, package=package)
    return Path(directory)


def revision(
    directory: str | None = None,
    message: str | None = None,
    autogenerate: bool = False,
    sql: bool = False,
    head: str = "head",
    splice: bool = False,
    branch_label: str | None = None,
    version_path: str | None = None,
    rev_id: str | None = None,
    *,
    depends_on: Sequence[str] | None = None,
    x_arg: XArg = None,
    ask: Ask | None = None,
) -> Revision | None:
    """Write a new revision script and return it; None where `autogenerate` found nothing to write.

    Raises:
        DefaultNeeded: where it would add a NOT NULL column to a table with rows, and `ask` gives no value.
        NotAtHead: where `autogenerate` is asked for and revisions are pending.
    """
    revisions = Revisions(directory, x_arg, ["autogenerate"] if autogenerate else [])
    written = write_revision(
        revisions,
        ask,
        message=message,
        autogenerate=autogenerate,
        sql=sql,
        head=head,
        splice=splice,
        branch_label=branch_label,
        version_path=version_path,
        rev_id=rev_id,
        depends_on=depends_on,
    )
    return as_revision(written) if written else None


def migrate(
    directory: str | None = None,
    message: str | None = None,
    sql: bool = False,
    head: str = "head",
    splice: bool = False,
    branch_label: str | None = None,
    version_path: str | None = None,
    rev_id: str | None = None,
    x_arg: XArg = None,
    *,
    depends_on: Sequence[str] | None = None,
    ask: Ask | None = None,
) -> Revision | None:
    """Write the revision that leads from the database to the models; see `revision`."""
    return revision(
        directory,
        message,
        True,
        sql,
        head,
        splice,
        branch_label,
        version_path,
        rev_id,
        depends_on=depends_on,
        x_arg=x_arg,
        ask=ask,
    )


def edit(directory: str | None = None, revision: str = "current") -> tuple[Revision, ...]:
    """Open scripts in ``$EDITOR`` and return them: those of a symbol, or of the database's own revisions."""
    revisions = Revisions(directory)
    found = revisions.find(heads_of_databases(revisions) if revision == "current" else revision)
    if not found:
        raise RewindError(f"There is no revision {revision!r} to edit.", "The revisions there are: flask db history")
    with revisions.errors_translated():
        for script in found:
            alembic.command.edit(revisions.config, script.revision)
    return as_revisions(found)


def merge(
    directory: str | None = None,
    revisions: str | Sequence[str] = "",
    message: str | None = None,
    branch_label: str | None = None,
    rev_id: str | None = None,
    *,
    splice: bool = False,
) -> Revision:
    """Join revisions (ids, or ``heads``) in a new one and return it; all heads where none is named."""
    opened = Revisions(directory)
    wanted = revisions or opened.script.get_heads()
    if not revisions and len(wanted) < 2:
        raise BadRequest("There is nothing to merge: the history has one head.", "The heads there are: flask db heads")
    return as_revision(merge_revisions(opened, wanted, message, branch_label, rev_id, splice=splice))


def upgrade(
    directory: str | None = None,
    revision: str = "head",
    sql: bool = False,
    tag: str | None = None,
    x_arg: XArg = None,
    *,
    fill: Mapping[str, str] | None = None,
    with_drops: bool = False,
) -> Move:
    """Move every database up to `revision`: an id, ``head``, ``heads``, or steps such as ``+1``.

    With `sql` nothing is moved, and the statements are in the result; those that delete a column or a table are refused
    unless `with_drops`. A column or table that a script drops is hidden;
    one that the way here had hidden returns with its values. `fill` gives, for ``table.column``, the SQL expression
    that rows inserted meanwhile get where the column returns NOT NULL without a default.

    Raises:
        Refused: where going on would lose something; the crossing is taken back where the engine can.
        CrossingFailed: where a script failed; earlier crossings of the move stay.
        RevisionNotFound, SeveralHeads, DatabaseUnreachable, CopyFailed: before anything was changed.
    """
    request = Request("upgrade", revision, _options(fill))
    return move_databases(Revisions(directory, x_arg), request, up=True, sql=sql, tag=tag, with_drops=with_drops)


def downgrade(
    directory: str | None = None,
    revision: str = "-1",
    sql: bool = False,
    tag: str | None = None,
    x_arg: XArg = None,
    *,
    fill: Mapping[str, str] | None = None,
    from_journal: bool = False,
    with_drops: bool = False,
) -> Move:
    """Move every database down to `revision`: an id, ``base``, or steps such as ``-1``. See `upgrade`.

    With `from_journal` no script is run: each crossing is undone by what the journal recorded of the way up, also
    where the script is gone.
    """
    if sql and revision == "-1":
        revision = "head:-1"
    if sql and from_journal:
        raise BadRequest("The journal is in the database, and --sql reads none.", "Leave one of the two out.")
    request = Request("downgrade", revision, _options(fill) | ({"from_journal": True} if from_journal else {}))
    return move_databases(Revisions(directory, x_arg), request, up=False, sql=sql, tag=tag, with_drops=with_drops)


def checkout(
    directory: str | None = None,
    revision: str = "head",
    tag: str | None = None,
    x_arg: XArg = None,
    *,
    fill: Mapping[str, str] | None = None,
) -> Move:
    """Move each database to `revision`, up or down, whichever leads there; already there is an empty move.

    Raises:
        NoWay: where it is on another branch than a database, neither above nor below.
    """
    revisions = Revisions(directory, x_arg)
    request = Request("checkout", revision, _options(fill))
    return move_databases(revisions, request, up=None, tag=tag)


def plan(
    directory: str | None = None,
    revision: str = "head",
    tag: str | None = None,
    x_arg: XArg = None,
    *,
    fill: Mapping[str, str] | None = None,
) -> Plan:
    """Return what `checkout` would do, step by step.

    The scripts run, on a stand-in of each database: a copy on SQLite, a database of its own on MariaDB and MySQL, a
    transaction that is rolled back on PostgreSQL. Where that cannot be, the crossing is opaque, and says why. Scripts
    that would reach the real database all the same are named in docs/reference/plans.md.

    Raises:
        CrossingFailed: where a script would fail.
        NoWay: where `revision` is neither above nor below one of them.
    """
    revisions = Revisions(directory, x_arg)
    request = Request("plan", revision, _options(fill))
    return plan_databases(revisions, request, tag)


def stamp(
    directory: str | None = None,
    revision: str | Sequence[str] = "head",
    sql: bool = False,
    tag: str | None = None,
    purge: bool = False,
) -> Move:
    """Write into the version table that the database is at `revision` (one or several), and run nothing."""
    targets = (revision,) if isinstance(revision, str) else tuple(revision)
    return stamp_databases(Revisions(directory), targets, sql=sql, tag=tag, purge=purge)


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
            raise NotAtHead("Database is not on all head revisions", "Bring it there: flask db upgrade heads")
        scripts = sorted(revisions.script.get_all_current(applied), key=lambda script: script.revision)
        url = connection.engine.url.render_as_string()
        found.append(Current(revisions.bind_of(context), url, as_revisions(scripts)))
        return ()

    revisions.run(work)
    return tuple(found)


def check(directory: str | None = None) -> None:
    """Return where the models and the databases agree.

    Raises:
        ModelsDiffer: with what `migrate` would write.
        NotAtHead: where revisions are pending.
    """
    refuse_differences(Revisions(directory, opts=["autogenerate"]))


def ensure_version(directory: str | None = None, sql: bool = False) -> str:
    """Create the version table where it is missing; with `sql`, return the statement instead."""
    revisions = Revisions(directory)
    revisions.config.output_buffer = buffer = StringIO()

    def work(applied: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        alembic_private.ensure_version_table(context)
        if not sql:
            commit(context)
        return ()

    revisions.run(work, moves=not sql, as_sql=sql)
    return buffer.getvalue()


def status(directory: str | None = None) -> tuple[DatabaseStatus, ...]:
    """Return where each database is, what is pending, and whether a crossing is unfinished. Changes nothing."""
    revisions = Revisions(directory)
    found: list[DatabaseStatus] = []

    def work(applied: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        connection = live_connection(context)
        past = PastCrossings(connection)
        known = {script.revision for script in revisions.script.walk_revisions()}
        unknown = tuple(sorted(set(applied) - known))
        steps = () if unknown else alembic_private.upgrade_steps(revisions.script, "heads", applied)
        found.append(
            DatabaseStatus(
                bind=revisions.bind_of(context),
                url=connection.engine.url.render_as_string(),
                current=tuple(sorted(applied)),
                unknown=unknown,
                journal_leads_back=bool(unknown) and all(past.changes_up(each) for each in unknown),
                heads=tuple(sorted(revisions.script.get_heads())),
                pending=as_revisions([step.revision for step in steps]),
                unfinished=JournalLog(connection).unfinished(),
            )
        )
        return ()

    revisions.run(work)
    return tuple(found)


def attic(directory: str | None = None) -> tuple[Kept, ...]:
    """Return what is hidden in each database, the oldest first. Changes nothing."""
    return kept_in_attics(Revisions(directory))


def purge(
    directory: str | None = None,
    place: str | None = None,
    *,
    older_than: timedelta | None = None,
    row: tuple[str, str] | None = None,
    everything: bool = False,
) -> tuple[Kept, ...]:
    """Delete what is hidden, for good, and return what it was.

    Args:
        directory: where the scripts are.
        place: ``table``, ``table.column``, or the name in the attic: these entries alone.
        older_than: what was hidden longer ago than this.
        row: a table and the primary key of a row (``"3"``, ``"3,en"``): what is hidden of this row alone.
        everything: all of it.

    Raises:
        BadRequest: where none or several of the four are given, or `row` gives no key of the table.
        NotKept: where nothing of that name, or of that row, is hidden.
    """
    if sum([place is not None, older_than is not None, row is not None, everything]) != 1:
        raise BadRequest(
            "purge needs to know what to delete.", "A name, --older-than 30d, --row TABLE KEY, or --all: flask db attic"
        )
    return purge_attics(Revisions(directory), Choice(place, older_than, row))


def eject(directory: str | None = None, *, purge: bool = False, restore: bool = False) -> tuple[Ejected, ...]:
    """Leave Rewind: take its tables out of each database, and return what became of what was hidden.

    Args:
        directory: where the scripts are; they stay, and run with Flask-Migrate or Alembic as before.
        purge: delete what is hidden.
        restore: make it visible again: under its old name, with ``_attic_<number>`` behind it where that is taken.

    Raises:
        Refused: where something is hidden and neither is asked for, or a crossing is unfinished.
    """
    if purge and restore:
        raise BadRequest("What is hidden is either deleted or made visible again.", "Leave one of the two out.")
    return leave(Revisions(directory), purge=purge, restore=restore)


def log(directory: str | None = None, *, limit: int = 10) -> tuple[LoggedMove, ...]:
    """Return the last `limit` moves of each database, the newest first: who, when, each statement and its time."""
    revisions = Revisions(directory)
    found: list[LoggedMove] = []

    def work(applied: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        found.extend(JournalLog(live_connection(context)).moves(revisions.bind_of(context), limit))
        return ()

    revisions.run(work)
    return tuple(found)


def _options(fill: Mapping[str, str] | None) -> dict[str, Any]:
    return {"fill": dict(fill)} if fill else {}


def _range(rev_range: str | None) -> tuple[str, str]:
    base, separator, head = (rev_range or ":").strip().partition(":")
    if not separator:
        raise RewindError(f"{rev_range!r} is not a range of revisions.", "It is [start]:[end], [start]: or :[end].")
    return base or "base", head or "heads"
