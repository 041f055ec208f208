"""Stamping: writing into the version tables where the databases are, without running anything."""

from collections.abc import Iterator
from contextlib import suppress

from alembic.runtime.migration import MigrationContext

from flask_rewind import alembic_private
from flask_rewind.attic_entries import Attic
from flask_rewind.crossing import MoveRecord
from flask_rewind.errors import Refused
from flask_rewind.journal import Journal, Request
from flask_rewind.moves.offline import stamp_script
from flask_rewind.moves.recovering import recovery_of
from flask_rewind.results import Move
from flask_rewind.revisions import Revisions, commit, live_connection


def stamp_databases(revisions: Revisions, targets: tuple[str, ...], *, sql: bool, tag: str | None, purge: bool) -> Move:
    """Write `targets` into the version tables, or with `sql` print what would."""
    if sql:
        return stamp_script(revisions, targets, tag)
    record = MoveRecord(Request("stamp", " ".join(targets)))

    def work(heads: tuple[str, ...], context: MigrationContext) -> Iterator[object]:
        bind = revisions.bind_of(context)
        with suppress(Refused):  # what stays of an interrupted crossing is set aside below
            recovery_of(revisions, context, {}).run()
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
