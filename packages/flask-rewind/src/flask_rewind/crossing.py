"""One move: every crossing of it run under guard, its failure explained, its steps counted."""

import functools
import logging
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, RevisionStep
from sqlalchemy.exc import DBAPIError

from flask_rewind import alembic_private
from flask_rewind.attic_entries import Attic, Place
from flask_rewind.copies import copy_database
from flask_rewind.describing import Made
from flask_rewind.dialects import Engine, engine_of
from flask_rewind.errors import CrossingFailed, Refused, RewindError
from flask_rewind.generation.names import NAMING_CONVENTION
from flask_rewind.hiding import hider_of
from flask_rewind.journal import Journal, Request, Script
from flask_rewind.keeping import Earlier, Keeper, KeepingBatch, KeepingImpl, RawStatements, ReturnedRows
from flask_rewind.planning import Opaque, Planner
from flask_rewind.recording import DATA, DDL, Probe, Recorder, as_it_is
from flask_rewind.results import Crossing, Move
from flask_rewind.revisions import Revisions, commit, live_connection
from flask_rewind.statements import tables_written, verb
from flask_rewind.undoing import Undo, restorer_of
from flask_rewind.watching import SchemaWatch

log = logging.getLogger("alembic.runtime.migration")

_OF_SESSION = {"SET", "SELECT", "SHOW", "USE", "LOCK", "UNLOCK"}
"""Statements that leave nothing in the database."""


class MoveRecord:
    """Gathers what a move does, over all databases of it, and gives it as a `Move`."""

    def __init__(self, request: Request, planner: Planner | None = None) -> None:
        self.request = request
        self.planner = planner
        """Gathers what is executed, where the move is a plan and every database a stand-in."""
        self.open: dict[str, int] = {}
        """The number in the journal of each database's part that has begun and not ended."""
        self.has_left_something = False
        """Whether statements of the crossing that failed were committed before."""
        self.returned: set[str] = set()
        """What came back, by its names with dots."""
        self.crossings: list[Crossing] = []
        self.copies: list[Path] = []
        self.before: dict[str, tuple[str, ...]] = {}
        self.after: dict[str, tuple[str, ...]] = {}
        self.in_callers_transaction = False

    @property
    def fills(self) -> Mapping[str, str]:
        """The SQL expression for each ``table.column`` that ``--fill`` gives."""
        fills: Mapping[str, str] = self.request.options.get("fill") or {}
        return fills

    def warn_of_unused_fills(self) -> None:
        """Say which ``--fill`` was for something that did not come back: its name may be mistyped."""
        for place in sorted(self.fills.keys() - self.returned):
            log.warning("--fill %s was not used: no column of that name came back.", place)

    def as_move(self) -> Move:
        """Return the finished move."""
        return Move(tuple(self.crossings), self.before, self.after, tuple(self.copies))


class DatabaseMove:
    """The part of a move that concerns one database; `crossings` is what Alembic steps through."""

    def __init__(self, revisions: Revisions, context: MigrationContext, record: MoveRecord) -> None:
        connection = live_connection(context)
        self._revisions = revisions
        self._context = context
        self._record = record
        self._bind = revisions.bind_of(context)
        self._engine: Engine = engine_of(connection)
        self._journal = Journal(connection)
        self._watch = SchemaWatch(connection, self._journal)
        self._attic = Attic(connection)
        self._earlier = Earlier()

    def crossings(self, steps: Sequence[RevisionStep], heads: tuple[str, ...]) -> Iterator[RevisionStep]:
        """Yield each step, guarded; what stands behind a ``yield`` happens after its version row is written."""
        self._record.before[self._bind] = self._record.after[self._bind] = heads
        self._record.in_callers_transaction |= alembic_private.runs_in_callers_transaction(self._context)
        if not steps:
            commit(self._context)
            return
        self._copy_file(heads)
        if self._record.planner and not self._engine.has_own_stand_in:
            error = Opaque("the script asks for an autocommit block, which PostgreSQL could not take back")
            alembic_private.forbid_autocommit(self._context, error)
        for mixin in (self._engine.impl_mixin, KeepingImpl):
            if mixin:
                alembic_private.extend_impl(self._context, mixin)
        broken = self._engine.broken_references()
        self._attic.entries()  # an error may name one, and nothing can be read behind it
        # Not committed by itself: where the first crossing fails, nothing was done to this database.
        move = self._record.open[self._bind] = self._journal.begin_move(self._record.request, heads)
        for step in steps:
            step.migration_fn = self._guarded(step, move, broken)
            yield step
            self._keep()
            self._count(step)
        self._record.after[self._bind] = after = self._context.get_current_heads()
        self._journal.end_move(move, "done", after)
        self._keep()
        commit(self._context)
        del self._record.open[self._bind]

    @property
    def _derived(self) -> Collection[str]:
        return self._revisions.state.settings.derived

    def _keep(self) -> None:
        """Commit the version row where the statements before it are committed already, whatever env.py does."""
        if self._engine.commits_each_ddl_statement:
            # Said to the server itself: SQLAlchemy's own transaction may belong to env.py.
            live_connection(self._context).exec_driver_sql("COMMIT")

    def _copy_file(self, heads: tuple[str, ...]) -> None:
        settings = self._revisions.state.settings
        file = self._engine.database_file()
        if file is None or not settings.sqlite_copies or self._record.planner:
            return
        directory = settings.sqlite_copies_directory
        folder = Path(directory) if directory else file.with_name(f"{file.name}.copies")
        self._record.copies.append(copy_database(file, heads, folder, settings.sqlite_copies))

    def _guarded(self, step: RevisionStep, move: int, broken: set[tuple[Any, ...]]) -> Any:
        migrate = self._undoing(step) if self._record.request.options.get("from_journal") else step.migration_fn

        @functools.wraps(step.migration_fn)  # Alembic logs by its name
        def run(**arguments: Any) -> None:
            script = _script(step)
            crossing = self._journal.begin_crossing(move, script, _direction(step))
            self._watch.look_before()
            each_commits = self._engine.commits_each_ddl_statement
            connection = live_connection(self._context)
            with Recorder(connection, self._journal, crossing, each_ddl_commits=each_commits) as recorder:
                keeper: Keeper | None = None
                recorder.probe = self._probe(step)
                try:
                    with self._kept(step, script, recorder) as keeper:
                        migrate(**arguments)
                    self._refuse_broken_references(broken)
                except BaseException as error:  # Ctrl-C, or a script that exits
                    left = self._take_back(step, recorder, keeper)
                    self._record.has_left_something = bool(left)
                    if not isinstance(error, Exception):
                        raise
                    raise self._explained(step, error, left) from error
                recorder.write()
            self._journal.end_crossing(crossing, *self._watch.written(recorder.statements))
            if self._record.planner:
                self._record.planner.end_crossing()

        return run

    def _probe(self, step: RevisionStep) -> Probe | None:
        if self._record.planner is None:
            return None
        revision = step.revision
        connection = live_connection(self._context)
        return self._record.planner.try_crossing(
            connection, self._bind, revision.revision, _direction(step), revision.doc
        )

    def _undoing(self, step: RevisionStep) -> Callable[..., None]:
        """Return what crosses a revision down by what the journal recorded of the way up."""

        def undo(**arguments: Any) -> None:
            revision = step.revision.revision
            recorded = self._journal.changes_up(revision)
            if not recorded:
                raise Refused(
                    f"the journal does not know what the upgrade() of revision {revision} changed in this database.",
                    "Go back by the script: flask db downgrade",
                )
            for statement in self._journal.statements_up(revision):
                if verb(statement) in DATA:
                    log.warning("The journal does not take back what this did to rows: %s", statement)
            impl: Any = self._context.impl
            self._undo(impl.keeper, Made.read(recorded))

        return undo

    def _undo(self, keeper: Keeper, made: Made, fresh: Collection[Place] = ()) -> None:
        Undo(keeper, restorer_of(keeper.hider), made.changes, made.renames, fresh).run()

    def _take_back(self, step: RevisionStep, recorder: Recorder, failed: Keeper | None) -> list[str]:
        """Undo what a failed crossing has committed, and return the statements that stay."""
        if self._record.planner:
            return []
        kept = recorder.kept()
        if not kept or failed is None or not self._engine.commits_each_ddl_statement:
            return kept
        connection = live_connection(self._context)
        opposite = _opposite(step)
        if connection.invalidated:
            log.warning("The crossing could not be taken back: the connection is gone.")
            return kept
        try:
            connection.exec_driver_sql("ROLLBACK")
            self._watch.look_after(kept)
            attic = Attic(connection, above=self._attic.above)
            for entry in [*failed.returned.values(), *failed.dropped]:  # the last of these deletions was not committed
                attic.forget(entry)
            revision, fills = step.revision.revision, self._record.fills
            taken_back, derived = failed.returned, self._derived
            keeper = Keeper(self._context, failed.hider, revision, opposite, fills, attic, taken_back, derived)
            self._undo(keeper, self._watch.made(kept), failed.made)
            keeper.let_go()
            connection.exec_driver_sql("COMMIT")
        except (DBAPIError, RewindError) as error:  # the failure itself matters more; what stays is said
            log.warning("The crossing could not be taken back: %s", error)
            return kept
        stay = []
        for each in kept:
            written = {failed.place_of(name) for name in tables_written(each, connection.dialect.name)}
            is_gone = bool(written) and written <= failed.made
            if verb(each) not in DDL | _OF_SESSION and each not in recorder.attics_own and not is_gone:
                stay.append(each)
        return stay

    @contextmanager
    def _kept(self, step: RevisionStep, script: Script, recorder: Recorder) -> Iterator[Keeper | None]:
        """Let drops hide and adds bring back while the script runs, where the engine can; gives what does it."""
        hider = hider_of(live_connection(self._context))
        if hider is None:
            with alembic_private.operations_through(_Operations(self._context)):
                yield None
            return
        self._attic.count_anew()
        revision, fills = script.revision, self._record.fills
        keeper = Keeper(self._context, hider, revision, _direction(step), fills, self._attic, derived=self._derived)
        keeper.source = script.source
        impl: Any = self._context.impl
        way_back = functools.partial(self._journal.way_back, script.revision, _opposite(step))
        rows = ReturnedRows(keeper, self._earlier, way_back)
        raw = RawStatements(keeper, rows)
        impl.keeper, impl.raw = keeper, raw
        recorder.rewrite, recorder.purpose = raw.instead_of, lambda: keeper.purpose
        try:
            with alembic_private.operations_through(_Operations(self._context)):
                yield keeper
            rows.finish()
            keeper.finish()
            self._watch.look_after(recorder.statements)
            if step.is_downgrade:
                self._watch.hold_against_way_up(script.revision, keeper.partitions_gone)
            keeper.let_go()
            self._earlier.add(keeper)
            self._record.returned |= {str(place) for place in keeper.returned}
        except BaseException as error:
            if self._engine.commits_each_ddl_statement and not live_connection(self._context).invalidated:
                rows.drop()
            if isinstance(error, DBAPIError):
                keeper.refuse_for_room(error)
                keeper.refuse_for_hidden(error)
            raise
        finally:
            impl.keeper = impl.raw = None
            recorder.rewrite, recorder.purpose = as_it_is, str

    def _refuse_broken_references(self, before: set[tuple[Any, ...]]) -> None:
        if new := sorted(self._engine.broken_references() - before):
            said = "; ".join(f"{count} rows of {table} without their row in {parent}" for table, count, parent in new)
            raise ValueError(f"it would leave {said}")

    def _explained(self, step: RevisionStep, error: Exception, left: list[str]) -> RewindError:
        if isinstance(error, Refused):
            return Refused(error.message, f"{error.hint}\n{_what_stays(left)}" if left else error.hint)
        if isinstance(error, RewindError):
            return error
        revision = step.revision
        what = f"{type(error).__name__}: {error.orig if isinstance(error, DBAPIError) else error}"
        lines = [f"Revision {revision.revision} ({revision.doc}) failed going {_direction(step)}: {what}"]
        lines.append(f"  in {_place(Path(revision.path), error)}")
        if isinstance(error, DBAPIError) and error.statement:
            lines.append(f"  at {' '.join(error.statement.split())}")
        hint = _what_stays(left) or "Nothing of this revision was kept. Correct it, then run the same command again."
        return CrossingFailed("\n".join(lines), hint, revision=revision.revision, path=str(revision.path))

    def _count(self, step: RevisionStep) -> None:
        revision = step.revision
        self._record.crossings.append(Crossing(revision.revision, _direction(step), revision.doc, self._bind))


class _Operations(Operations):
    """Stands behind ``alembic.op`` while a script runs."""

    @contextmanager
    def batch_alter_table(self, *args: Any, **options: Any) -> Iterator[Any]:
        """Keep what the block drops.

        Nameless constraints of a SQLite table get the names that generated revisions call them by.
        """
        if options.get("naming_convention") is None and self.get_context().dialect.name == "sqlite":
            options["naming_convention"] = NAMING_CONVENTION
        with super().batch_alter_table(*args, **options) as batch:
            alembic_private.extend_batch(batch, KeepingBatch)
            yield batch


def _what_stays(left: list[str]) -> str:
    if not left:
        return ""
    listed = "".join(f"\n  {statement}" for statement in left)
    return (
        f"These statements of the revision were committed before it failed:{listed}"
        "\nTake them back by hand, correct the revision, then run the same command again."
    )


def _direction(step: RevisionStep) -> str:
    return "up" if step.is_upgrade else "down"


def _opposite(step: RevisionStep) -> str:
    return "down" if step.is_upgrade else "up"


def _place(path: Path, error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    return f"{path}, line {frames[-1].lineno}" if frames else str(path)


def _script(step: RevisionStep) -> Script:
    revision = step.revision
    parents = revision.down_revision or ()
    path = Path(revision.path)
    source = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    listed = [parents] if isinstance(parents, str) else list(parents)
    return Script(revision.revision, revision.doc, listed, source)
