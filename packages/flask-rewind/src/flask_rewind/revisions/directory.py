"""Read the revision scripts of one directory, and run env.py for each database.

env.py files and revision scripts are the user's and stay as they are. Each run publishes a `GuardedEnvironment` as
``alembic.context``, which adjusts what env.py configures.
"""

import functools
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.script import revision as revision_map
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from flask_rewind import alembic_private
from flask_rewind.engines.registry import engine_of
from flask_rewind.errors import BadRequest, BadScript, NotSetUp, RevisionNotFound, RewindError
from flask_rewind.leases import lease_held
from flask_rewind.logs import logging_kept
from flask_rewind.revisions.configuration import XArg
from flask_rewind.revisions.environment import GuardedEnvironment, Work
from flask_rewind.state import RewindState, current_state
from flask_rewind.transactions import is_autocommit
from flask_rewind.translation import alembic_errors_translated
from flask_rewind.waiting import Patience

# Alembic's proxies are module globals, so only one run at a time is possible in a process.
_one_run = threading.RLock()

_BRIEFLY = 5.0
"""Seconds that a run without a lease waits for other writers of a SQLite file."""

ShadowOf = Callable[[Connection], AbstractContextManager[Connection]]
"""Gives a connection to a stand-in of the database of another connection."""


class Revisions:
    """The revision scripts of one directory, with a method to run them.

    Args:
        directory: where they are.
        x_arg: values for env.py.
        opts: Alembic's.
        budget: how many seconds a move may spend waiting for locks, where that is not what ``REWIND_BUDGET`` says.

    Raises:
        NotSetUp: if the directory does not exist.
        BadRequest: for a budget below 0.
    """

    def __init__(
        self,
        directory: str | None = None,
        x_arg: XArg = None,
        opts: Sequence[str] = (),
        *,
        budget: float | None = None,
    ) -> None:
        self.state: RewindState = current_state()
        self.patience = Patience(self.state.settings.budget if budget is None else budget)
        self.config = self.state.migrate.get_config(directory, x_arg, opts)
        with alembic_errors_translated(self.config):
            self.script = ScriptDirectory.from_config(self.config)
            self._read_scripts()
        self._stand_ins: dict[Engine, Engine] = {}
        self.autocommits: list[str] = []
        """The warning of a plan for each database whose connection commits every statement (AUTOCOMMIT)."""

    def _read_scripts(self) -> None:
        versions = Path(self.script.versions)
        if not versions.is_dir():
            raise NotSetUp(f"There is no folder {versions}.", "Restore it: the revision scripts belong there.")
        try:
            self.script.get_heads()
        except RewindError:
            raise
        except Exception as error:  # importing a script may raise anything
            if isinstance(error, CommandError):
                raise
            raise BadScript(*_explained(error, versions)) from error

    def find(self, revision: str | Sequence[str]) -> list[Script]:
        """Return the scripts that a symbol names: an id, the start of one, ``head``, ``base``, a label."""
        with self.errors_translated(), named_at_all():
            return [script for script in self.script.get_revisions(tuple(_listed(revision))) if script is not None]

    def walk(self, base: Sequence[str] = ("base",), head: Sequence[str] = ("heads",)) -> list[Script]:
        """Return the scripts between revisions, newest first."""
        with self.errors_translated():
            return list(self.script.walk_revisions(base=_one_or_all(base), head=_one_or_all(head)))

    def run(
        self,
        work: Work,
        *,
        moves: bool = False,
        lease: bool = True,
        shadow_of: ShadowOf | None = None,
        **options: Any,
    ) -> None:
        """Run env.py, and `work` for each database that it configures.

        Args:
            work: gets the heads of the database and its context, and returns the steps to run.
            moves: whether the run changes the database.
            lease: whether a run that changes the database takes its lease, and waits for the present holder.
            shadow_of: gives a connection to a stand-in of each database that env.py configures.
            options: options of Alembic's ``EnvironmentContext``, such as ``as_sql`` and ``tag``.
        """
        if not moves:
            options.setdefault("dont_mutate", True)
        with _one_run, logging_kept(), self._configure_args_kept(), self.errors_translated(), ExitStack() as stack:
            through = functools.partial(self._shadow, stack, shadow_of) if shadow_of else None
            hold_lease = functools.partial(self._lease, stack, set()) if moves and lease and not shadow_of else None
            environment = GuardedEnvironment(
                self.config,
                self.script,
                work=work,
                moves=moves,
                through=through,
                hold_lease=hold_lease,
                timeout=min(self.state.settings.lease_timeout, self.patience.budget) if lease else _BRIEFLY,
                **options,
            )
            with environment:
                self.script.run_env()

    def _lease(self, stack: ExitStack, held: set[str], connection: Connection) -> AbstractContextManager[None]:
        """Take the lease of a database for the whole run, once for all its binds, and return a context for its part.

        On an async driver the lease is a connection that only works inside env.py's event loop. Then the context holds
        the lease.
        """
        lease = lease_held(connection, self.state.settings.lease_timeout, held)
        if connection.dialect.is_async and not engine_of(connection).database_file():
            return lease
        stack.enter_context(lease)
        return nullcontext()

    def _shadow(self, stack: ExitStack, shadow_of: ShadowOf, live: Connection) -> Connection:
        if is_autocommit(live):
            self.autocommits.append(
                f"{live.engine.url.render_as_string()} commits every statement at once (AUTOCOMMIT): if a step fails,"
                " the schema is taken back, and rows that earlier steps of the revision changed stay changed."
            )
        own = stack.enter_context(shadow_of(live))
        self._stand_ins[own.engine] = live.engine
        return own

    def errors_translated(self) -> Any:
        """Translate exceptions of Alembic and the database inside the block into Rewind's errors."""
        return alembic_errors_translated(self.config)

    def engines(self) -> list[Engine]:
        """Return the engines of the app's databases."""
        db = self.state.db
        found = getattr(db, "engines", None)
        return list(found.values()) if found else [each for each in [getattr(db, "engine", None)] if each is not None]

    def bind_of(self, context: MigrationContext) -> str:
        """Return the bind key of the database of `context`, empty for the default database."""
        engines = getattr(self.state.db, "engines", None) or {}
        engine = context.connection.engine if context.connection is not None else None
        engine = self._stand_ins.get(engine, engine) if engine is not None else None
        return next((key for key, each in engines.items() if key and each is engine), "")

    @contextmanager
    def _configure_args_kept(self) -> Iterator[None]:
        # Flask-Migrate's env.py puts a function into this shared dict, which would keep this run's config alive.
        arguments = self.state.configure_args
        before = dict(arguments)
        try:
            yield
        finally:
            arguments.clear()
            arguments.update(before)


def _explained(error: Exception, versions: Path) -> tuple[str, str]:
    if isinstance(error, KeyError) and _is_of_alembic(error):
        return (
            f"A script depends on revision {error}, and no script has that id.",
            f"Restore that script, or correct down_revision or depends_on in the scripts of {versions}.",
        )
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == versions]
    place = f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else str(versions)
    if isinstance(error, SyntaxError):
        place = f"{error.filename}, line {error.lineno}"
    return f"A revision script cannot be read: {type(error).__name__}: {error}\n  in {place}", "Correct it."


def _is_of_alembic(error: Exception) -> bool:
    """Return whether Alembic raised an error, not a script that it imported."""
    return traceback.extract_tb(error.__traceback__)[-1].filename == revision_map.__file__


def live_connection(context: MigrationContext) -> Connection:
    """Return the connection of a run.

    Raises:
        BadRequest: if the run only prints SQL and has no connection.
    """
    if context.connection is None:
        raise BadRequest(
            "This command needs a database connection, and env.py configured none.",
            "Let env.py pass one: context.configure(connection=…)",
        )
    return context.connection


def commit(context: MigrationContext) -> None:
    """Commit changes outside of crossings, such as a new version table, unless env.py began the transaction itself."""
    if not alembic_private.runs_in_callers_transaction(context):
        live_connection(context).commit()


def _one_or_all(revisions: Sequence[str]) -> Any:
    # Alembic takes a tuple, too, despite its annotation; symbols it only takes as a single string.
    return revisions[0] if len(revisions) == 1 else tuple(revisions)


def _listed(revision: str | Sequence[str]) -> Sequence[str]:
    return [revision] if isinstance(revision, str) else revision


@contextmanager
def named_at_all() -> Iterator[None]:
    """Translate the AssertionError with which Alembic rejects names such as ``@``.

    Raises:
        RevisionNotFound: for such a name.
    """
    try:
        yield
    except AssertionError as error:
        raise RevisionNotFound("That is not the name of a revision.", "List the revisions: flask db history") from error
