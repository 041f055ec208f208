"""Commands that move the databases, or say what a move would do."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_rewind.errors import BadRequest
from flask_rewind.journal import Request
from flask_rewind.moves import abort_databases, move_databases, plan_databases, resume_databases, stamp_databases
from flask_rewind.results import Aborted, Move, Plan
from flask_rewind.revisions import Revisions, XArg


def upgrade(
    directory: str | None = None,
    revision: str = "head",
    sql: bool = False,
    tag: str | None = None,
    x_arg: XArg = None,
    *,
    fill: Mapping[str, str] | None = None,
    with_drops: bool = False,
    budget: float | None = None,
) -> Move:
    """Move every database up to `revision`: an id, ``head``, ``heads``, or steps such as ``+1``.

    With `sql` nothing is moved, and the statements are in the result; those that delete a column or a table are refused
    unless `with_drops`. A column or table that a script drops is hidden;
    one that the way here had hidden returns with its values. `fill` gives, for ``table.column``, the SQL expression
    that rows inserted meanwhile get where the column returns NOT NULL without a default. `budget` is how many seconds
    the move may spend waiting for locks that other sessions hold, instead of ``REWIND_BUDGET``; 0 lets it try once.

    Raises:
        Refused: where going on would lose something; the crossing is taken back where the engine can.
        Blocked: where another session held a lock for longer; the crossing is taken back, and earlier ones stay.
        CrossingFailed: where a script failed; earlier crossings of the move stay.
        RevisionNotFound, SeveralHeads, DatabaseUnreachable, CopyFailed: before anything was changed.
    """
    request = Request("upgrade", revision, _options(fill))
    revisions = Revisions(directory, x_arg, budget=budget)
    return move_databases(revisions, request, up=True, sql=sql, tag=tag, with_drops=with_drops)


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
    budget: float | None = None,
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
    revisions = Revisions(directory, x_arg, budget=budget)
    return move_databases(revisions, request, up=False, sql=sql, tag=tag, with_drops=with_drops)


def checkout(
    directory: str | None = None,
    revision: str = "head",
    tag: str | None = None,
    x_arg: XArg = None,
    *,
    fill: Mapping[str, str] | None = None,
    budget: float | None = None,
) -> Move:
    """Move each database to `revision`, up or down, whichever leads there; already there is an empty move.

    Raises:
        NoWay: where it is on another branch than a database, neither above nor below.
    """
    revisions = Revisions(directory, x_arg, budget=budget)
    request = Request("checkout", revision, _options(fill))
    return move_databases(revisions, request, up=None, tag=tag)


def resume(directory: str | None = None, *, fill: Mapping[str, str] | None = None, budget: float | None = None) -> Move:
    """Finish an interrupted crossing of each database, and go on to where its move was going.

    Every move ends an interrupted crossing before it does anything else; this one then goes on as the interrupted one
    would have. A target such as ``-2`` is not counted again: only the interrupted revision is crossed. Where nothing
    was interrupted, nothing is done.

    Raises:
        Refused: where something cannot be made as it was, or the script executes other data statements than before.
    """
    return resume_databases(Revisions(directory, budget=budget), fill or {})


def abort(directory: str | None = None, *, budget: float | None = None) -> tuple[Aborted, ...]:
    """Take an interrupted crossing of each database back, and leave it there.

    Rows that its data statements changed stay changed, where the engine had committed them; the result names these.

    Raises:
        Refused: where something cannot be made as it was.
    """
    return abort_databases(Revisions(directory, budget=budget))


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


def _options(fill: Mapping[str, str] | None) -> dict[str, Any]:
    return {"fill": dict(fill)} if fill else {}
