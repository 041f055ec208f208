"""A plan: what a move would do, found out by making it on stand-ins of the databases."""

from alembic.runtime.migration import MigrationContext

from flask_rewind.crossing import MoveRecord
from flask_rewind.errors import CrossingFailed, Refused
from flask_rewind.journal import Request
from flask_rewind.logs import running_unsaid
from flask_rewind.moves.moving import crossings_to_target
from flask_rewind.moves.recovering import refuse_unfinished
from flask_rewind.moves.targets import refuse_no_name, refuse_no_way, steps_to_target
from flask_rewind.planning import LATER, Opaque, Planner, stand_in_of, writing_elsewhere_refused
from flask_rewind.results import Plan, PlannedCrossing
from flask_rewind.revisions import Revisions


def plan_databases(revisions: Revisions, request: Request, tag: str | None = None) -> Plan:
    """Find out what a move to a revision would do, by making it on a stand-in of every database."""
    refuse_no_name(request)
    refuse_no_way(revisions, request.target)
    refuse_unfinished(revisions)
    planner = Planner()
    record = MoveRecord(request, planner)

    refused = opaque = ""
    try:
        with writing_elsewhere_refused(revisions.engines()), running_unsaid():
            work = crossings_to_target(revisions, record, up=None)
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


def _gave_up(cause: BaseException | None) -> bool:
    """Return whether PostgreSQL cancelled a statement of a plan, or did not get its lock."""
    return getattr(getattr(cause, "orig", None), "sqlstate", None) in {"57014", "55P03"}


def _untried(revisions: Revisions, planner: Planner, record: MoveRecord, reason: str) -> list[PlannedCrossing]:
    """Return the crossings of the move that were not tried; read from the databases themselves."""
    found: list[PlannedCrossing] = []

    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        bind = revisions.bind_of(context)
        record.before[bind] = heads
        for step in steps_to_target(revisions, record.request, context, heads, up=None):
            script, direction = step.revision, "up" if step.is_upgrade else "down"
            if not planner.is_tried(bind, script.revision):
                found.append(PlannedCrossing(bind, script.revision, direction, script.doc, (), reason))
        return ()

    revisions.run(work)
    return found
