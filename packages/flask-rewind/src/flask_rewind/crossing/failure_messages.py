"""What the failure of a crossing says: what failed, where, what stays, and what to do."""

import re
import traceback
from pathlib import Path

from alembic.runtime.migration import RevisionStep
from sqlalchemy.exc import DBAPIError

from flask_rewind.crossing.revision_steps import failed
from flask_rewind.errors import Blocked, CrossingFailed, Refused, RewindError

NOTHING_KEPT = "Nothing of this revision was kept."
TO_BE_TAKEN_BACK = (
    "The connection was lost, so this revision is still to be taken back: the next move does it, such as the same "
    "command again."
)
COMPLETE = (
    "The server had committed this revision when the connection was lost, so it is complete. Run the same command "
    "again for the rest."
)
_VERSION_LENGTH = 32
"""Characters of ``alembic_version.version_num``, as Alembic makes it."""


def explained(
    error: Exception, step: RevisionStep, left: list[str], *, is_through: bool, version_table: str
) -> RewindError:
    """Return the error to raise for one that ended a crossing.

    Args:
        error: what ended it.
        step: the crossing.
        left: the statements that were committed and stay.
        is_through: whether its script had ended.
        version_table: the name of Alembic's table.
    """
    if isinstance(error, Refused):
        return Refused(error.message, f"{error.hint}\n{what_stays(left)}" if left else error.hint)
    if isinstance(error, Blocked):
        hint = f"{error.hint}\n{what_stays(left)}" if left else f"{NOTHING_KEPT} {error.hint}"
        return Blocked(error.message, hint)
    if isinstance(error, RewindError):
        return error
    revision = step.revision
    what = f"{type(error).__name__}: {error.orig if isinstance(error, DBAPIError) else error}"
    when = ", after its script" if is_through else ""
    lines = [f"{failed(step)}{when}: {what}"]
    statement = " ".join((error.statement or "").split()) if isinstance(error, DBAPIError) else ""
    if not is_through:
        lines.append(f"  in {_place(Path(revision.path), error)}")
    elif not statement:
        lines.append(f"  in {_last_place(error)}")
    if statement:
        lines.append(f"  at {statement}")
    remedy = "Correct it, then run the same command again."
    if is_through and version_table in statement:
        remedy = _remedy_for_id(statement) or remedy
    hint = what_stays(left) or f"{NOTHING_KEPT} {remedy}"
    return CrossingFailed("\n".join(lines), hint, revision=revision.revision, path=str(revision.path))


def interrupted(left: list[str], *, is_open: bool) -> str:
    """Return what is so after Ctrl-C; `is_open` where the crossing is still to be taken back."""
    if is_open:
        return TO_BE_TAKEN_BACK
    return what_stays(left) or f"{NOTHING_KEPT} Run the same command again."


def what_stays(left: list[str]) -> str:
    """Return what to do about statements that were committed; empty where there is none."""
    if not left:
        return ""
    listed = "".join(f"\n  {statement}" for statement in left)
    return (
        f"These statements of the revision had been committed, and the rows stay as they left them:{listed}"
        "\nCorrect the rest of the revision and run the same command again: it leaves them out. Or run all of it again "
        "next time: flask db abort"
    )


def _place(path: Path, error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    return f"{path}, line {frames[-1].lineno}" if frames else str(path)


def _last_place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}, line {frame.lineno}"


def _remedy_for_id(statement: str) -> str:
    """Return what to do about an id that Alembic's version table does not take, empty where none is too long."""
    found = re.search(rf"'([^']{{{_VERSION_LENGTH + 1},}})'", statement)
    if found is None:
        return ""
    return (
        f"The id {found[1]} has {len(found[1])} characters, and Alembic's version table is made for {_VERSION_LENGTH}: "
        "give the revision a shorter id, or make the column version_num longer in an earlier revision."
    )
