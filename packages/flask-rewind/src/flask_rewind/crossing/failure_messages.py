"""What the failure of a crossing says: what failed, where, what stays, and what to do."""

import traceback
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from flask_rewind.crossing.moved_database import MovedDatabase, OpenCrossing
from flask_rewind.crossing.revision_steps import direction_of, failed
from flask_rewind.engines.faults import diagnosis_of, says_it_exists
from flask_rewind.errors import Blocked, CrossingFailed, Refused, RewindError
from flask_rewind.faults import Diagnosis, Fault
from flask_rewind.revision_ids import remedy_for_long_id

NOTHING_KEPT = "Nothing of this revision was kept."
TO_BE_TAKEN_BACK = (
    "The connection was lost, so this revision is still to be taken back: the next move does it, such as the same "
    "command again."
)
COMPLETE = (
    "The server had committed this revision when the connection was lost, so it is complete. Run the same command "
    "again for the rest."
)
_CORRECT_IT = "Correct it, then run the same command again."


def explained(
    error: Exception, database: MovedDatabase, crossing: OpenCrossing, left: list[str], *, is_through: bool
) -> RewindError:
    """Return the error to raise for one that ended a crossing.

    Args:
        error: what ended it.
        database: where.
        crossing: which.
        left: the statements that were committed and stay.
        is_through: whether its script had ended.
    """
    if isinstance(error, Refused):
        return Refused(error.message, f"{error.hint}\n{what_stays(left)}" if left else error.hint)
    if isinstance(error, Blocked):
        hint = f"{error.hint}\n{what_stays(left)}" if left else f"{NOTHING_KEPT} {error.hint}"
        return Blocked(error.message, hint)
    if isinstance(error, RewindError):
        return error
    revision = crossing.step.revision
    found = diagnosis_of(error, lambda: [database.connection.engine])
    lines = [_what_failed(error, found, crossing, is_through=is_through), *_where(error, crossing, is_through)]
    if found and found.fault is Fault.CONNECTION_LOST:
        hint = _after_a_lost_connection(crossing, is_through=is_through)
    elif found:
        stays = what_stays(left, to_correct=False)
        hint = f"{found.remedy}\n{stays}" if stays else f"{NOTHING_KEPT} {found.remedy}"
    else:
        remedy = _remedy(error, database, crossing, is_through=is_through)
        hint = what_stays(left) or f"{NOTHING_KEPT} {remedy}"
    return CrossingFailed("\n".join(lines), hint, revision=revision.revision, path=str(revision.path))


def interrupted(left: list[str]) -> str:
    """Return what Ctrl-C has left of a crossing that was taken back."""
    return what_stays(left) or f"{NOTHING_KEPT} Run the same command again."


def _after_a_lost_connection(crossing: OpenCrossing, *, is_through: bool) -> str:
    if crossing.is_lasting:
        return TO_BE_TAKEN_BACK
    if is_through:
        return (
            "Either all of this revision was kept or nothing. Run the same command again as soon as the database"
            " answers: it continues from there."
        )
    return f"{NOTHING_KEPT} Run the same command again as soon as the database answers."


def _what_failed(error: Exception, found: Diagnosis | None, crossing: OpenCrossing, *, is_through: bool) -> str:
    step = crossing.step
    if found and found.fault is Fault.CONNECTION_LOST:
        when = "after the script of" if is_through else f"in step {crossing.recorder.next_number} of"
        called = f"{step.revision.revision} ({step.revision.doc}), going {direction_of(step)}"
        return f"The connection to the database was lost {when} revision {called}: {found.said}"
    what = f"{type(error).__name__}: {error.orig if isinstance(error, DBAPIError) else error}"
    when = ", after its script" if is_through else ""
    return f"{failed(step)}{when}: {f'{found.what}: {found.said}' if found else what}"


def _where(error: Exception, crossing: OpenCrossing, is_through: bool) -> list[str]:
    statement = _statement(error)
    place = None
    if not is_through:
        place = _place(Path(crossing.step.revision.path), error)
    elif not statement:
        place = _last_place(error)
    return [*([f"  in {place}"] if place else []), *([f"  at {statement}"] if statement else [])]


def _statement(error: Exception) -> str:
    return " ".join((error.statement or "").split()) if isinstance(error, DBAPIError) else ""


def what_stays(left: list[str], *, to_correct: bool = True) -> str:
    """Return what to do about statements that were committed; empty where there is none.

    Args:
        left: the statements.
        to_correct: whether the script is at fault.
    """
    if not left:
        return ""
    listed = "".join(f"\n  {statement}" for statement in left)
    rest = "Correct the rest of the revision and run" if to_correct else "Run"
    return (
        f"These statements of the revision had been committed, and the rows stay as they left them:{listed}"
        f"\n{rest} the same command again: it leaves them out. Or run all of it again next time: flask db abort"
    )


def _place(path: Path, error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    return f"{path}, line {frames[-1].lineno}" if frames else str(path)


def _last_place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}, line {frame.lineno}"


def _remedy(error: Exception, database: MovedDatabase, crossing: OpenCrossing, *, is_through: bool) -> str:
    """Return what to do about a failure that is the script's."""
    revision = crossing.step.revision.revision
    if is_through:
        return remedy_for_long_id(_statement(error)) or _CORRECT_IT
    if crossing.step.is_downgrade and not database.record.request.options.get("from_journal"):
        return (
            "Correct it, then run the same command again; or go back by what the journal recorded of the upgrade:"
            " flask db downgrade --from-journal"
        )
    if not crossing.step.is_downgrade and isinstance(error, DBAPIError) and says_it_exists(error):
        return (
            f"{_CORRECT_IT} If the database already has everything in this revision (db.create_all() or another tool"
            f" created it), mark it as applied: flask db stamp {revision}"
        )
    return _CORRECT_IT
