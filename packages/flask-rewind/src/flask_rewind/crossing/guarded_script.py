"""A revision script while it runs: what it drops is hidden, what it adds comes back."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import DBAPIError

from flask_rewind import alembic_private
from flask_rewind.constraint_names import NAMING_CONVENTION
from flask_rewind.crossing.moved_database import MovedDatabase, OpenCrossing
from flask_rewind.crossing.revision_steps import direction_of
from flask_rewind.crossing.watching import SchemaWatch
from flask_rewind.engines.hider import Hider
from flask_rewind.engines.registry import engine_named, hider_of, restorer_of
from flask_rewind.journal import Script
from flask_rewind.keeper import CrossingContext, Keeper
from flask_rewind.recording import Recorder, as_it_is
from flask_rewind.reflection import hide_own
from flask_rewind.script import Earlier, KeepingBatch, RawStatements, ReturnedRows
from flask_rewind.undoing import LostAttributes


class ScriptGuard:
    """Guards the scripts that a move runs on one database."""

    def __init__(self, database: MovedDatabase, watch: SchemaWatch) -> None:
        self._database = database
        self._watch = watch
        self._earlier = self._before_last = Earlier()

    def forget_last(self) -> None:
        """Forget what came back in the last crossing: it was taken back."""
        self._earlier = self._before_last

    @contextmanager
    def guarding(self, crossing: OpenCrossing, script: Script) -> Iterator[None]:
        """Let drops hide and adds bring back while a script runs, where the engine can."""
        hider = hider_of(self._database.connection)
        if hider is None:
            with _guarded_operations(self._database.context):
                yield
            return
        self._before_last = Earlier({*self._earlier.tables}, {**self._earlier.columns})
        keeper = self._begin(crossing, script, hider)
        rows = self._returned_rows(keeper, script)
        with self._statements_kept(keeper, rows, crossing.recorder), self._failures_explained(keeper):
            with _guarded_operations(self._database.context):
                yield
            rows.finish()
            keeper.finish()
            self._check_schema(keeper, crossing, script)
            self._earlier.add(keeper.outcome)
            self._note_used_fills(keeper)

    def _begin(self, crossing: OpenCrossing, script: Script, hider: Hider) -> Keeper:
        database = self._database
        database.attic.begin_crossing(crossing.number)
        context = CrossingContext(
            database.context,
            hider,
            database.attic,
            script.revision,
            direction_of(crossing.step),
            database.record.fills,
            derived=database.settings.derived,
            source=script.source,
        )
        crossing.keeper = keeper = Keeper(context, crossing.recorder.leave_out)
        return keeper

    def _returned_rows(self, keeper: Keeper, script: Script) -> ReturnedRows:
        way_back = functools.partial(self._database.past.way_back, script.revision, keeper.crossing.opposite)
        return ReturnedRows(keeper, self._earlier, way_back)

    @contextmanager
    def _statements_kept(self, keeper: Keeper, rows: ReturnedRows, recorder: Recorder) -> Iterator[None]:
        """Have the keeper see Alembic's operations, and the statements that the script executes itself."""
        impl: Any = self._database.context.impl
        raw = RawStatements(keeper, rows)
        impl.keeper, impl.raw = keeper, raw
        recorder.rewrite = raw.instead_of
        hide_own(self._database.connection)
        try:
            yield
        finally:
            impl.keeper = impl.raw = None
            recorder.rewrite = as_it_is

    @contextmanager
    def _failures_explained(self, keeper: Keeper) -> Iterator[None]:
        """Raise Refused instead of a database error that hidden columns or a full table cause."""
        try:
            yield
        except DBAPIError as error:
            if not self._database.engine.is_lock_timeout(error):
                keeper.refusals.refuse_for_room(error)
                keeper.refusals.refuse_for_hidden(error)
            raise

    def _check_schema(self, keeper: Keeper, crossing: OpenCrossing, script: Script) -> None:
        self._watch.look_after(crossing.recorder.statements)
        if crossing.step.is_downgrade:
            lost = LostAttributes(keeper, restorer_of(keeper.crossing.hider))
            self._watch.hold_against_way_up(script.revision, keeper.outcome.partitions_gone, lost)

    def _note_used_fills(self, keeper: Keeper) -> None:
        given = {*keeper.outcome.returned, *keeper.outcome.filled}
        record, names = self._database.record, keeper.crossing.names
        record.used_fills |= {name for name in record.fills for each in given if names.are_of(name, each)}


def _guarded_operations(context: MigrationContext) -> Any:
    return alembic_private.operations_through(_Operations(context))


class _Operations(Operations):
    """What a script finds as ``alembic.op``."""

    @contextmanager
    def batch_alter_table(self, *args: Any, **options: Any) -> Iterator[Any]:
        """Keep what the block drops.

        Nameless constraints of a SQLite table get the names that generated revisions call them by.
        """
        rebuilds = engine_named(self.get_context().dialect.name).rebuilds_tables
        if options.get("naming_convention") is None and rebuilds:
            options["naming_convention"] = NAMING_CONVENTION
        with super().batch_alter_table(*args, **options) as batch:
            alembic_private.extend_batch(batch, KeepingBatch)
            yield batch
