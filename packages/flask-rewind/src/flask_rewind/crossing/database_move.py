"""The part of a move that concerns one database: every crossing runs under guard and is taken back if it fails."""

import functools
import itertools
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext, RevisionStep
from sqlalchemy.exc import DBAPIError

from flask_rewind import alembic_private
from flask_rewind.acting import script_acts
from flask_rewind.copies import FileCopy, copied
from flask_rewind.crossing.attempts import Attempts
from flask_rewind.crossing.failed_crossing import take_back
from flask_rewind.crossing.failure_messages import COMPLETE, explained, interrupted
from flask_rewind.crossing.guarded_script import ScriptGuard
from flask_rewind.crossing.journal_downgrade import undoing
from flask_rewind.crossing.move_record import MoveRecord
from flask_rewind.crossing.moved_database import MovedDatabase, OpenCrossing
from flask_rewind.crossing.revision_steps import direction_of, failed, script_of
from flask_rewind.crossing.watching import SchemaWatch
from flask_rewind.describing import as_text
from flask_rewind.errors import DatabaseUnreachable, LeaseLost
from flask_rewind.interrupts import signals_ignored, signals_waiting
from flask_rewind.journal import Script
from flask_rewind.planning import Opaque
from flask_rewind.recording import Probe, Recorder
from flask_rewind.recovery import PausedCrossing
from flask_rewind.results import Crossing
from flask_rewind.revisions import Revisions, commit
from flask_rewind.script import KeepingImpl
from flask_rewind.transactions import begin_own, end_own

log = logging.getLogger("alembic.runtime.migration")


class DatabaseMove:
    """The move of one database; Alembic steps through `crossings`."""

    def __init__(self, revisions: Revisions, context: MigrationContext, record: MoveRecord) -> None:
        self._database = MovedDatabase(revisions, context, record)
        self._context = context
        self._record = record
        self._engine = self._database.engine
        self._journal = self._database.journal
        self._attic = self._database.attic
        self._watch = SchemaWatch(self._database.connection, self._database.past)
        self._guard = ScriptGuard(self._database, self._watch)
        self._patience = revisions.patience
        self._attempts = Attempts(self._database, self._patience)
        self._crossing: OpenCrossing | None = None
        self._copy: FileCopy | None = None
        self._paused: PausedCrossing | None = None
        self._stack = ExitStack()
        """Ends with the crossing."""
        self._is_taking_back = False

    def crossings(
        self, steps: Iterable[RevisionStep], heads: tuple[str, ...], paused: PausedCrossing | None = None
    ) -> Iterator[RevisionStep]:
        """Yield each step, guarded.

        With `paused`, the first step finishes that crossing; what follows is asked for when it is done.
        """
        bind = self._database.bind
        self._paused = paused
        self._record.before[bind] = self._record.after[bind] = heads
        self._record.in_callers_transaction |= alembic_private.runs_in_callers_transaction(self._context)
        coming = iter(steps)
        first = next(coming, None)
        if first is None:
            commit(self._context)
            return
        with self._attempts.waiting_briefly(self._may_wait), self._copied(heads) as self._copy:
            yield from self._cross_all(itertools.chain([first], coming))

    def _cross_all(self, steps: Iterable[RevisionStep]) -> Iterator[RevisionStep]:
        """Yield each step; the code after the ``yield`` runs once Alembic has written the version row."""
        self._extend_alembic()
        broken = self._engine.broken_references()
        self._prepare_attic()
        self._begin_move()
        for step in steps:
            step.migration_fn = self._guarded(step, broken)
            with self._taken_back_if_it_fails():
                yield step
                self._keep()
            self._count(step)
        self._end()

    def _begin_move(self) -> None:
        # Not committed by itself: where the first crossing fails, nothing was done to this database.
        bind = self._database.bind
        self._record.open[bind] = self._journal.begin_move(self._record.request, self._record.before[bind])

    def _end(self) -> None:
        bind = self._database.bind
        self._record.after[bind] = after = self._context.get_current_heads()
        self._journal.end_move(self._record.open[bind], "done", after)
        self._keep()
        commit(self._context)
        del self._record.open[bind]

    def _keep(self) -> None:
        """Commit the version row where the statements before it are committed already, whatever env.py does."""
        end_own(self._database.connection, "COMMIT")
        if self._engine.commits_each_ddl_statement:
            # Sent to the server itself: SQLAlchemy's own transaction may belong to env.py.
            self._database.connection.exec_driver_sql("COMMIT")

    def _copied(self, heads: tuple[str, ...]) -> AbstractContextManager[FileCopy | None]:
        settings = self._database.settings
        file = self._engine.database_file()
        if file is None or not settings.sqlite_copies or self._record.planner:
            return nullcontext()
        directory = settings.sqlite_copies_directory
        folder = Path(directory) if directory else file.with_name(f"{file.name}.copies")
        return copied(file, heads, folder, settings.sqlite_copies)

    def _extend_alembic(self) -> None:
        if self._record.planner and not self._engine.has_own_stand_in:
            error = Opaque("the script asks for an autocommit block, which PostgreSQL could not take back")
            alembic_private.forbid_autocommit(self._context, error)
        if not self._record.planner:
            alembic_private.before_autocommit(self._context, self._before_commit)
        for mixin in (self._engine.impl_mixin, KeepingImpl):
            if mixin:
                alembic_private.extend_impl(self._context, mixin)

    def _prepare_attic(self) -> None:
        self._attic.widen()
        self._attic.entries()  # cached: an error may name one, and after an error PostgreSQL reads nothing

    def _guarded(self, step: RevisionStep, broken: set[tuple[Any, ...]]) -> Any:
        is_undoing = self._record.request.options.get("from_journal")
        migrate = undoing(step, self._database) if is_undoing else script_acts()(step.migration_fn)

        @functools.wraps(step.migration_fn)  # Alembic logs by its name
        def run(**arguments: Any) -> None:
            attempt = functools.partial(self._cross, step, functools.partial(migrate, **arguments), broken)
            self._attempts.make(failed(step), attempt, self._undo_attempt)

        return run

    def _cross(self, step: RevisionStep, migrate: Callable[[], None], broken: set[tuple[Any, ...]]) -> list[str]:
        """Make a crossing once, and return its statements."""
        script = script_of(step)
        crossing = self._open_crossing(step, self._begin(step, script, self._record.open[self._database.bind]))
        recorder = crossing.recorder
        recorder.probe = self._probe(step)
        with self._guard.guarding(crossing, script):
            migrate()
            recorder.refuse_rest()
        self._refuse_broken_references(broken)
        written = self._watch.written(recorder.statements)
        if not self._record.planner:
            begin_own(self._database.connection)  # until the version row is written
        self._journal.end_crossing(crossing.number, recorder.unwritten(), *written)
        recorder.is_through = True
        return recorder.statements

    def _undo_attempt(self) -> list[str]:
        """Let another attempt at a crossing find what a failed one had found, and return the statements that stay."""
        if self._crossing is not None:
            if left := self._take_back(self._crossing):
                return left
            self._guard.forget_last()
            self._crossing = None
        self._stack.close()
        self._watch.forget()
        alembic_private.begin_again(self._context)
        alembic_private.ensure_version_table(self._context)
        self._attic.read_again()
        self._attic.widen()
        if not self._journal.has_begun(self._record.open[self._database.bind]):
            self._begin_move()
        return []

    def _take_back(self, crossing: OpenCrossing) -> list[str]:
        if self._engine.commits_each_ddl_statement and not self._database.connection.invalidated:
            self._engine.limit_waits()
        self._is_taking_back = True
        try:
            return take_back(self._database, crossing, self._stack.close)
        finally:
            self._is_taking_back = False

    def _may_wait(self) -> bool:
        """Return whether nobody waits for this session while it waits for a lock."""
        return self._is_taking_back or self._crossing is None or self._crossing.recorder.may_wait()

    def _begin(self, step: RevisionStep, script: Script, move: int) -> int:
        """Write down that a crossing begins, or goes on; return its number in the journal."""
        found = self._watch.look_before()
        if self._paused:
            self._journal.go_on_in(self._paused.begun.number, move)
            return self._paused.begun.number
        schema = as_text(found) if found is not None and self._database.keeps_each_statement else ""
        return self._journal.begin_crossing(move, script, direction_of(step), schema)

    def _open_crossing(self, step: RevisionStep, number: int) -> OpenCrossing:
        is_lasting = self._database.keeps_each_statement
        staying = self._paused.staying if self._paused else ()
        self._paused = None
        recorder = Recorder(
            self._database.connection,
            self._journal,
            number,
            each_ddl_commits=is_lasting,
            former=staying,
            committed=staying,
        )
        heads = self._context.get_current_heads() if is_lasting else ()
        if not self._record.planner:
            recorder.before_commit = self._before_commit
        self._crossing = OpenCrossing(step, number, self._stack.enter_context(recorder), heads, is_lasting)
        return self._crossing

    def _before_commit(self) -> None:
        """Prepare for a commit in the middle of the script: from there, only the journal can take the crossing back."""
        crossing = self._crossing
        if crossing and crossing.is_lasting:
            crossing.recorder.write()
        elif crossing and self._watch.before is not None:
            crossing.heads, crossing.is_lasting = self._context.get_current_heads(), True
            self._journal.note_schema(crossing.number, as_text(self._watch.before))
            crossing.recorder.announce_from_now()

    def _probe(self, step: RevisionStep) -> Probe | None:
        planner, revision = self._record.planner, step.revision
        if planner is None:
            return None
        connection, bind = self._database.connection, self._database.bind
        return planner.try_crossing(connection, bind, revision.revision, direction_of(step), revision.doc)

    def _refuse_broken_references(self, before: set[tuple[Any, ...]]) -> None:
        if new := sorted(self._engine.broken_references() - before):
            said = "; ".join(f"{count} rows of {table} without their row in {parent}" for table, count, parent in new)
            raise ValueError(f"it would leave {said}")

    @contextmanager
    def _taken_back_if_it_fails(self) -> Iterator[None]:
        """Run a crossing; if it fails before its version row is committed, all of it is taken back.

        When the script has ended, Alembic writes that row and calls the hooks of env.py.
        """
        with ExitStack() as self._stack:
            try:
                yield
            except GeneratorExit:
                raise
            except BaseException as error:  # Ctrl-C, or a script that exits
                if self._crossing is None:
                    raise
                self._database.note_lost(error)
                end_own(self._database.connection, "ROLLBACK")
                is_through = self._crossing.recorder.is_through
                if isinstance(error, LeaseLost):  # another move may have begun, and takes this crossing back first
                    raise
                if isinstance(error, DBAPIError) and error.statement is None:  # of a commit
                    self._crossing.recorder.forget_commit()
                with signals_ignored():
                    self._patience.renew()
                    left = self._take_back(self._crossing)
                if not isinstance(error, Exception):
                    if not self._record.is_interrupted:  # if so, it is taken back on another connection
                        log.warning("%s", interrupted(left))
                    raise
                raise explained(error, self._database, self._crossing, left, is_through=is_through) from error
            # Where the version row is committed by itself, a signal cannot take the crossing back any more.
            with signals_waiting() if self._engine.commits_each_ddl_statement else nullcontext():
                self._end_crossing()

    def _end_crossing(self) -> None:
        """Drop what only taking the crossing back would need: its version row is committed."""
        crossing, self._crossing = self._crossing, None
        if crossing is None:
            return
        crossing.recorder.is_through = False
        is_clean = True
        if crossing.keeper is not None:
            try:
                crossing.keeper.drop_markers()
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise DatabaseUnreachable(
                        f"The connection to the database was lost: {error.orig}", COMPLETE
                    ) from error
                is_clean = False
                log.warning("Columns that marked new rows stay, invisible, until the next move: %s", error.orig)
            crossing.recorder.write()
        if is_clean:  # else the entries tell the next move what to clean up
            self._attic.end_crossing()
            self._attic.drop_if_empty()
        if crossing.is_lasting:
            self._journal.forget_schema(crossing.number)
        if self._record.planner:
            self._record.planner.end_crossing(crossing.keeper.warnings() if crossing.keeper else ())

    def _count(self, step: RevisionStep) -> None:
        if self._copy is not None and not self._copy.is_kept:
            self._copy.keep()
            self._record.copies.append(self._copy.path)
        revision = step.revision
        crossing = Crossing(revision.revision, direction_of(step), revision.doc, self._database.bind)
        self._record.crossings.append(crossing)
