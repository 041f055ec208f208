"""One move: every crossing of it run under guard, its failure explained, its steps counted."""

import functools
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, RevisionStep
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from flask_rewind import alembic_private
from flask_rewind.copies import copy_database
from flask_rewind.dialects import Engine, engine_of
from flask_rewind.errors import CrossingFailed, RewindError
from flask_rewind.generation.names import NAMING_CONVENTION
from flask_rewind.hiding import hider_of
from flask_rewind.journal import Journal
from flask_rewind.keeping import Keeper, KeepingBatch, KeepingImpl, RawStatements
from flask_rewind.results import Crossing, Move
from flask_rewind.revisions import Revisions, commit, live_connection

DDL = {"ALTER", "CREATE", "DROP", "RENAME", "TRUNCATE"}
READING = {"SELECT", "SHOW", "PRAGMA", "DESCRIBE", "EXPLAIN", "BEGIN", "SAVEPOINT", "RELEASE"}


class MoveRecord:
    """Gathers what a move does, over all databases of it, and gives it as a `Move`."""

    def __init__(self) -> None:
        self.crossings: list[Crossing] = []
        self.copies: list[Path] = []
        self.before: dict[str, tuple[str, ...]] = {}
        self.after: dict[str, tuple[str, ...]] = {}
        self.in_callers_transaction = False

    def as_move(self) -> Move:
        """Return the finished move."""
        return Move(tuple(self.crossings), self.before, self.after, tuple(self.copies))


class DatabaseMove:
    """The part of a move that concerns one database; `crossings` is what Alembic steps through."""

    def __init__(
        self, revisions: Revisions, context: MigrationContext, record: MoveRecord, fills: Mapping[str, str]
    ) -> None:
        connection = live_connection(context)
        self._revisions = revisions
        self._context = context
        self._record = record
        self._fills = fills
        self._bind = revisions.bind_of(context)
        self._engine: Engine = engine_of(connection)
        self._journal = Journal(connection) if self._engine.commits_each_ddl_statement else None

    def crossings(self, steps: Sequence[RevisionStep], heads: tuple[str, ...]) -> Iterator[RevisionStep]:
        """Yield each step, guarded; what stands behind a ``yield`` happens after its version row is written."""
        self._record.before[self._bind] = self._record.after[self._bind] = heads
        self._record.in_callers_transaction |= alembic_private.runs_in_callers_transaction(self._context)
        if not steps:
            commit(self._context)
            return
        self._copy_file(heads)
        for mixin in (self._engine.impl_mixin, KeepingImpl):
            if mixin:
                alembic_private.extend_impl(self._context, mixin)
        broken = self._engine.broken_references()
        for step in steps:
            if self._journal:
                self._journal.begin(step.revision.revision, _direction(step))
            step.migration_fn = self._guarded(step, broken)
            yield step
            self._count(step)
        if self._journal:
            self._journal.forget()
            commit(self._context)
        self._record.after[self._bind] = self._context.get_current_heads()

    def _copy_file(self, heads: tuple[str, ...]) -> None:
        settings = self._revisions.state.settings
        file = self._engine.database_file()
        if file is None or not settings.sqlite_copies:
            return
        directory = settings.sqlite_copies_directory
        folder = Path(directory) if directory else file.with_name(f"{file.name}.copies")
        self._record.copies.append(copy_database(file, heads, folder, settings.sqlite_copies))

    def _guarded(self, step: RevisionStep, broken: set[tuple[Any, ...]]) -> Any:
        script = step.migration_fn

        @functools.wraps(script)  # Alembic logs by its name
        def run(**arguments: Any) -> None:
            with _Statements(self._context) as statements:
                try:
                    with self._kept(step), alembic_private.operations_through(_Operations(self._context)):
                        script(**arguments)
                    self._refuse_broken_references(broken)
                except RewindError:
                    raise
                except Exception as error:
                    raise self._explained(step, error, statements) from error

        return run

    @contextmanager
    def _kept(self, step: RevisionStep) -> Iterator[None]:
        """Let drops hide and adds bring back while the script runs, where the engine can."""
        hider = hider_of(live_connection(self._context))
        if hider is None:
            yield
            return
        keeper = Keeper(self._context, hider, step.revision.revision, _direction(step), self._fills)
        impl: Any = self._context.impl
        raw = RawStatements(keeper)
        impl.keeper, impl.raw = keeper, raw
        connection = live_connection(self._context)

        def rewrite(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> tuple[str, Any]:
            instead = raw.instead_of(statement)
            return instead, parameters if instead == statement else _like(parameters)

        event.listen(connection, "before_cursor_execute", rewrite, retval=True)
        try:
            yield
            keeper.finish()
        finally:
            event.remove(connection, "before_cursor_execute", rewrite)
            impl.keeper = impl.raw = None

    def _refuse_broken_references(self, before: set[tuple[Any, ...]]) -> None:
        if new := sorted(self._engine.broken_references() - before):
            said = "; ".join(f"{count} rows of {table} without their row in {parent}" for table, count, parent in new)
            raise ValueError(f"it would leave {said}")

    def _explained(self, step: RevisionStep, error: Exception, statements: "_Statements") -> CrossingFailed:
        revision = step.revision
        what = f"{type(error).__name__}: {error.orig if isinstance(error, DBAPIError) else error}"
        lines = [f"Revision {revision.revision} ({revision.doc}) failed going {_direction(step)}: {what}"]
        lines.append(f"  in {_place(Path(revision.path), error)}")
        if isinstance(error, DBAPIError) and error.statement:
            lines.append(f"  at {' '.join(error.statement.split())}")
        return CrossingFailed(
            "\n".join(lines), self._what_is_left(statements), revision=revision.revision, path=str(revision.path)
        )

    def _what_is_left(self, statements: "_Statements") -> str:
        done = statements.kept(each_ddl_commits=self._engine.commits_each_ddl_statement)
        if not done:
            return "Nothing of this revision was kept. Correct it, then run the same command again."
        return (
            "These statements of the revision were committed before it failed:"
            + "".join(f"\n  {statement}" for statement in done)
            + "\nTake them back by hand, correct the revision, then run the same command again."
        )

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


class _Statements:
    """The statements of a crossing that changed something, as they reach the database, and where it was committed."""

    def __init__(self, context: MigrationContext) -> None:
        self._seen: list[str] = []
        self._committed = 0
        self._connection = context.connection

    def __enter__(self) -> "_Statements":
        event.listen(self._connection, "after_cursor_execute", self._see)
        event.listen(self._connection, "commit", self._see_commit)
        return self

    def __exit__(self, *exc_info: object) -> None:
        event.remove(self._connection, "after_cursor_execute", self._see)
        event.remove(self._connection, "commit", self._see_commit)

    def kept(self, *, each_ddl_commits: bool) -> list[str]:
        """Return the statements that a rollback now does not take back."""
        last = self._committed
        if each_ddl_commits:
            ddl = [place for place, statement in enumerate(self._seen, 1) if statement.split()[0].upper() in DDL]
            last = max([last, *ddl])
        return self._seen[:last]

    def _see(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.split()[0].upper() not in READING:
            self._seen.append(" ".join(statement.split()))
            if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
                self._committed = len(self._seen)

    def _see_commit(self, connection: Any) -> None:
        self._committed = len(self._seen)


def _like(parameters: Any) -> Any:
    """Return no parameters, in the form that the driver wants them."""
    return {} if isinstance(parameters, dict) else ()


def _direction(step: RevisionStep) -> str:
    return "up" if step.is_upgrade else "down"


def _place(path: Path, error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    return f"{path}, line {frames[-1].lineno}" if frames else str(path)
