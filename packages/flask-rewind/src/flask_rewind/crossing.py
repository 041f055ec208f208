"""One move: every crossing of it run under guard, its failure explained, its steps counted."""

import functools
import logging
import re
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, RevisionStep
from sqlalchemy.exc import DBAPIError

from flask_rewind import alembic_private
from flask_rewind.acting import script_acts
from flask_rewind.attic_entries import Attic
from flask_rewind.constraint_names import NAMING_CONVENTION
from flask_rewind.copies import copy_database
from flask_rewind.describing import Made, as_text
from flask_rewind.engines.engine import Engine
from flask_rewind.engines.registry import engine_named, engine_of, hider_of, restorer_of
from flask_rewind.errors import CrossingFailed, Refused, RewindError
from flask_rewind.journal import Journal, Request, Script
from flask_rewind.keeping import Earlier, Keeper, KeepingBatch, KeepingImpl, RawStatements, ReturnedRows
from flask_rewind.planning import Opaque, Planner
from flask_rewind.recording import Probe, Recorder, as_it_is
from flask_rewind.reflection import hide_own
from flask_rewind.results import Crossing, Move
from flask_rewind.revisions import Revisions, commit, live_connection
from flask_rewind.sql.statements import DATA, verb
from flask_rewind.taking_back import TakingBack
from flask_rewind.transactions import is_autocommit
from flask_rewind.undoing import LostWords, Undo
from flask_rewind.watching import SchemaWatch

log = logging.getLogger("alembic.runtime.migration")


_VERSION_LENGTH = 32
"""Characters of ``alembic_version.version_num``, as Alembic makes it."""


@dataclass
class _OpenCrossing:
    """A crossing whose version row is not committed yet."""

    step: RevisionStep
    number: int
    """Its number in the journal."""
    recorder: Recorder
    heads: tuple[str, ...]
    """What the version table said before it, where the engine commits with each DDL statement."""
    keeper: Keeper | None = None


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
        self.used_fills: set[str] = set()
        """The names given to ``--fill`` whose columns came back."""
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
        for place in sorted(self.fills.keys() - self.used_fills):
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
        self._crossing: _OpenCrossing | None = None
        self._stack = ExitStack()
        """Ends with the crossing."""

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
        self._attic.widen()
        if self._journal.unfinished() is None:
            self._end_former_crossing()
        self._attic.entries()  # an error may name one, and nothing can be read behind it
        # Not committed by itself: where the first crossing fails, nothing was done to this database.
        move = self._record.open[self._bind] = self._journal.begin_move(self._record.request, heads)
        for step in steps:
            step.migration_fn = self._guarded(step, move, broken)
            with self._taken_back_if_it_fails():
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
        is_undoing = self._record.request.options.get("from_journal")
        migrate = self._undoing(step) if is_undoing else script_acts()(step.migration_fn)

        @functools.wraps(step.migration_fn)  # Alembic logs by its name
        def run(**arguments: Any) -> None:
            script = _script(step)
            found = self._watch.look_before()
            schema = as_text(found) if found is not None and self._engine.commits_each_ddl_statement else ""
            number = self._journal.begin_crossing(move, script, _direction(step), schema)
            crossing = self._open_crossing(step, number)
            recorder = crossing.recorder
            recorder.probe = self._probe(step)
            with self._kept(crossing, script):
                migrate(**arguments)
            self._refuse_broken_references(broken)
            written = self._watch.written(recorder.statements)
            self._journal.end_crossing(crossing.number, recorder.unwritten(), *written)
            recorder.is_through = True

        return run

    def _open_crossing(self, step: RevisionStep, number: int) -> _OpenCrossing:
        each_commits = self._engine.commits_each_ddl_statement
        recorder = Recorder(live_connection(self._context), self._journal, number, each_ddl_commits=each_commits)
        is_lasting = each_commits or is_autocommit(live_connection(self._context))
        heads = self._context.get_current_heads() if is_lasting else ()
        self._crossing = _OpenCrossing(step, number, self._stack.enter_context(recorder), heads)
        return self._crossing

    @contextmanager
    def _taken_back_if_it_fails(self) -> Iterator[None]:
        """Run a crossing; what fails before its version row is committed takes all of it back.

        Alembic writes that row, and calls what env.py has it call, when the script is through.
        """
        with ExitStack() as self._stack:
            try:
                yield
            except GeneratorExit:
                raise
            except BaseException as error:  # Ctrl-C, or a script that exits
                if self._crossing is None:
                    raise
                is_through = self._crossing.recorder.is_through
                left = self._take_back(self._crossing)
                self._record.has_left_something = bool(left)
                if not isinstance(error, Exception):
                    raise
                raise self._explained(self._crossing.step, error, left, is_through=is_through) from error
            self._end_crossing()

    def _take_back(self, crossing: _OpenCrossing) -> list[str]:
        """Undo what a failed crossing has committed, and return the statements that stay."""
        if self._record.planner:
            return []
        if not self._engine.commits_each_ddl_statement:
            return self._uncount(crossing)
        connection, recorder = live_connection(self._context), crossing.recorder
        kept, later = recorder.kept(), recorder.kept_later()
        self._stack.close()
        left = kept + [step.statement for step in later]
        if connection.invalidated:
            if kept:
                log.warning("The crossing could not be taken back: the connection is gone.")
            return left
        try:
            connection.exec_driver_sql("ROLLBACK")
            self._journal.note_failed(recorder.failed())
            if later:
                alembic_private.write_heads(self._context, crossing.heads)
                self._journal.reopen_crossing(crossing.number)
                self._journal.write(crossing.number, later)
            left = TakingBack(self._context, crossing.number, self._record.fills, self._derived).run()
            connection.exec_driver_sql("COMMIT")
        except (DBAPIError, RewindError) as error:  # the failure itself matters more; what stays is said
            log.warning("The crossing could not be taken back: %s", error)
        return left

    def _uncount(self, crossing: _OpenCrossing) -> list[str]:
        """Return the statements that stay, and let the version table not count the crossing where it does already."""
        later = crossing.recorder.kept_later()
        connection = live_connection(self._context)
        if later and not connection.invalidated and is_autocommit(connection):
            alembic_private.write_heads(self._context, crossing.heads)
            self._journal.reopen_crossing(crossing.number)
        return crossing.recorder.kept()

    def _end_former_crossing(self) -> None:
        """Do what a process that ended right after a version row has left undone."""
        returned = self._attic.returning()
        hider = hider_of(live_connection(self._context)) if returned else None
        if hider is not None:
            hider.clean_up((), returned, ())
            hider.let_go()
        self._attic.end_crossing()

    def _end_crossing(self) -> None:
        """Drop what only the way back through a failed crossing needs: its version row is committed."""
        crossing, self._crossing = self._crossing, None
        if crossing is None:
            return
        crossing.recorder.is_through = False
        if crossing.keeper is not None:
            try:
                crossing.keeper.let_go()
            except DBAPIError as error:
                log.warning("Columns that marked new rows stay, invisible: %s", error.orig)
            crossing.recorder.write()
        self._attic.end_crossing()
        self._attic.drop_if_empty()
        if self._engine.commits_each_ddl_statement:
            self._journal.forget_schema(crossing.number)
        if self._record.planner:
            self._record.planner.end_crossing(crossing.keeper.warnings() if crossing.keeper else ())

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
            impl: Any = self._context.impl
            for statement in self._journal.statements_up(revision):
                if verb(statement, impl.dialect.name) in DATA:
                    log.warning("The journal does not take back what this did to rows: %s", statement)
            made = Made.read(recorded)
            Undo(impl.keeper, restorer_of(impl.keeper.hider), made.changes, made.renames).run()

        return undo

    @contextmanager
    def _kept(self, crossing: _OpenCrossing, script: Script) -> Iterator[None]:
        """Let drops hide and adds bring back while the script runs, where the engine can."""
        step, recorder = crossing.step, crossing.recorder
        hider = hider_of(live_connection(self._context))
        if hider is None:
            with alembic_private.operations_through(_Operations(self._context)):
                yield
            return
        self._attic.begin_crossing(crossing.number)
        revision, fills = script.revision, self._record.fills
        keeper = Keeper(self._context, hider, revision, _direction(step), fills, self._attic, derived=self._derived)
        keeper.source = script.source
        crossing.keeper = keeper
        impl: Any = self._context.impl
        way_back = functools.partial(self._journal.way_back, script.revision, _opposite(step))
        rows = ReturnedRows(keeper, self._earlier, way_back)
        raw = RawStatements(keeper, rows)
        impl.keeper, impl.raw = keeper, raw
        recorder.rewrite = raw.instead_of
        keeper.note_left_out = recorder.leave_out
        hide_own(keeper.connection)
        try:
            with alembic_private.operations_through(_Operations(self._context)):
                yield
            rows.finish()
            keeper.finish()
            self._watch.look_after(recorder.statements)
            if step.is_downgrade:
                lost = LostWords(keeper, restorer_of(keeper.hider))
                self._watch.hold_against_way_up(script.revision, keeper.partitions_gone, lost)
            self._earlier.add(keeper)
            given = {*keeper.returned, *keeper.filled}
            self._record.used_fills |= {name for name in fills for each in given if keeper.names.are_of(name, each)}
        except BaseException as error:
            if self._engine.commits_each_ddl_statement and not live_connection(self._context).invalidated:
                rows.drop()
            if isinstance(error, DBAPIError):
                keeper.refuse_for_room(error)
                keeper.refuse_for_hidden(error)
            raise
        finally:
            impl.keeper = impl.raw = None
            recorder.rewrite = as_it_is

    def _refuse_broken_references(self, before: set[tuple[Any, ...]]) -> None:
        if new := sorted(self._engine.broken_references() - before):
            said = "; ".join(f"{count} rows of {table} without their row in {parent}" for table, count, parent in new)
            raise ValueError(f"it would leave {said}")

    def _explained(self, step: RevisionStep, error: Exception, left: list[str], *, is_through: bool) -> RewindError:
        if isinstance(error, Refused):
            return Refused(error.message, f"{error.hint}\n{_what_stays(left)}" if left else error.hint)
        if isinstance(error, RewindError):
            return error
        revision = step.revision
        what = f"{type(error).__name__}: {error.orig if isinstance(error, DBAPIError) else error}"
        when = ", after its script" if is_through else ""
        lines = [f"Revision {revision.revision} ({revision.doc}) failed going {_direction(step)}{when}: {what}"]
        statement = " ".join((error.statement or "").split()) if isinstance(error, DBAPIError) else ""
        if not is_through:
            lines.append(f"  in {_place(Path(revision.path), error)}")
        elif not statement:
            lines.append(f"  in {_last_place(error)}")
        if statement:
            lines.append(f"  at {statement}")
        remedy = "Correct it, then run the same command again."
        if is_through and self._context.version_table in statement:
            remedy = _remedy_for_id(statement) or remedy
        hint = _what_stays(left) or f"Nothing of this revision was kept. {remedy}"
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
        rebuilds = engine_named(self.get_context().dialect.name).rebuilds_tables
        if options.get("naming_convention") is None and rebuilds:
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


def _script(step: RevisionStep) -> Script:
    revision = step.revision
    parents = revision.down_revision or ()
    path = Path(revision.path)
    source = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    listed = [parents] if isinstance(parents, str) else list(parents)
    return Script(revision.revision, revision.doc, listed, source)
