"""Convert Alembic's scripts to Rewind's `Revision` values."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from alembic.script import Script

from flask_rewind import alembic_private
from flask_rewind.results import Revision


def as_revisions(scripts: Iterable[Script], current: Sequence[str] | None = None, **line: bool) -> tuple[Revision, ...]:
    """Return the scripts as values, in the same order; see `as_revision`."""
    return tuple(as_revision(script, current, **line) for script in scripts)


def as_revision(script: Script, current: Sequence[str] | None = None, **line: bool) -> Revision:
    """Return one script as a value.

    Args:
        script: Alembic's script.
        current: the revisions that the databases are at; if given, the texts mark them.
        line: options of Alembic's ``Script.cmd_format`` for the one-line text.
    """
    if current is not None:
        alembic_private.mark_current(script, script.revision in current)
    return Revision(
        id=script.revision,
        message=script.doc,
        parents=_names(script.down_revision),
        branch_labels=tuple(sorted(script.branch_labels)),
        depends_on=_names(script.dependencies),
        path=Path(script.path),
        is_head=script.is_head,
        is_base=script.is_base,
        is_branch_point=script.is_branch_point,
        is_merge_point=script.is_merge_point,
        is_current=script.revision in (current or ()),
        line=script.cmd_format(False, **line),
        details=script.log_entry,
    )


def _names(value: str | Iterable[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
