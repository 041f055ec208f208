"""The SQL of a move or a stamp, printed instead of run."""

from collections.abc import Collection, Iterable
from io import StringIO
from typing import Any

from alembic.runtime.migration import MigrationContext

from flask_rewind import alembic_private
from flask_rewind.errors import Refused, RewindError
from flask_rewind.results import Move
from flask_rewind.revisions import Revisions, Work
from flask_rewind.sql.parser import drops


def move_script(revisions: Revisions, target: str, up: bool, tag: str | None, *, with_drops: bool) -> Move:
    """Return a move with the SQL that would make it; ``<start>:<end>`` as a target names where it starts.

    Raises:
        Refused: where the SQL would delete columns or tables, without `with_drops`.
        RewindError: where it goes down and no start is named.
    """
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


def stamp_script(revisions: Revisions, targets: tuple[str, ...], tag: str | None) -> Move:
    """Return a move with the SQL that writes `targets` into a version table.

    Raises:
        RewindError: where they name several starts.
    """
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


def _refuse_destruction(sql: str, dialect: str, derived: Collection[str]) -> None:
    """Refuse a printed script that drops what a move would hide: hiding takes a look at the database."""
    known = {name.lower() for name in derived}
    if dropped := [name for name in drops(sql, dialect) if name.lower() not in known]:
        raise Refused(
            f"--sql cannot hide what the scripts drop ({', '.join(dropped)}), and the printed DROP would destroy it.",
            "Move the database itself, after a look at the statements: flask db plan. To print the DROP all the same,"
            " add --with-drops.",
        )
