"""The one door to Alembic: opens a migrations directory and runs its env.py under guard.

The commands are Rewind's; env.py files and revision scripts are the user's and stay as they are. Each run publishes
a `GuardedEnvironment` as ``alembic.context``, which adjusts what env.py configures, and each script runs inside
`_Run`. Private names of Alembic stand in `alembic_private`.
"""

import argparse
import functools
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import alembic
from alembic.config import Config as AlembicConfig
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from flask import g
from sqlalchemy import Connection, Engine

from flask_rewind import alembic_private
from flask_rewind.attic_entries import PREFIX
from flask_rewind.attic_entries import table as attic_table
from flask_rewind.engines.registry import engine_of
from flask_rewind.errors import BadRequest, BadScript, NotSetUp, RevisionNotFound, RewindError
from flask_rewind.journal import TABLES
from flask_rewind.leases import lease_held
from flask_rewind.logs import logging_kept
from flask_rewind.state import RewindState, current_state
from flask_rewind.transactions import is_autocommit
from flask_rewind.translation import alembic_errors_translated

if TYPE_CHECKING:
    from flask_rewind.extension import Rewind

alembic_version = tuple(int(part) for part in alembic.__version__.split(".")[:3])
"""Alembic's version as three whole numbers, as Flask-Migrate gives it."""

OWN_TABLES = {attic_table.name, *(table.name for table in TABLES)}
"""Rewind's own tables; like what is hidden, autogenerate and `check` do not see them."""

# Alembic's proxies are globals of its modules: one run at a time in a process.
_one_run = threading.RLock()

_BRIEFLY = 5.0
"""Seconds that a run without a lease waits for other writers of a SQLite file."""

Work = Callable[[tuple[str, ...], MigrationContext], Iterable[Any]]
"""What a run does, once for each database, as Alembic's ``fn``: from (heads, context) to the steps to take."""

XArg = str | Iterable[str] | None
"""Values for env.py, as ``-x`` gives them."""

ShadowOf = Callable[[Connection], AbstractContextManager[Connection]]
"""Gives a connection to a stand-in of the database behind another."""


class Config(AlembicConfig):
    """Alembic's configuration, with Rewind's templates for `init`."""

    def __init__(self, *args: Any, template_directory: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template_directory = template_directory

    def get_template_directory(self) -> str:
        """Return the folder that holds the templates."""
        return self.template_directory or str(Path(__file__).parent / "templates")


def make_config(migrate: "Rewind", directory: str | None, x_arg: XArg, opts: Iterable[str] | None) -> Config:
    """Return the configuration of one command; see `Rewind.get_config`."""
    directory = str(directory or migrate.directory)
    config = Config(str(Path(directory) / "alembic.ini"), ini_section=g.get("ini_section") or "alembic")
    config.set_main_option("script_location", directory.replace("%", "%%"))
    # Alembic's own chatter is printed; Rewind returns results instead.
    options = argparse.Namespace(quiet=True, x=[*g.get("x_arg", ())])
    for option in opts or ():
        setattr(options, option, True)
    if x_arg is not None:
        options.x += [x_arg] if isinstance(x_arg, str) else [each for each in x_arg if each not in options.x]
    config.cmd_opts = options
    configured: Config = migrate.call_configure_callbacks(config)
    return configured


class GuardedEnvironment(EnvironmentContext):
    """What env.py finds as ``alembic.context``: Alembic's, with a say in what env.py configures."""

    def __init__(
        self,
        config: AlembicConfig,
        script: ScriptDirectory,
        *,
        work: Work,
        moves: bool,
        through: Callable[[Connection], Connection] | None,
        hold_lease: Callable[[Connection], AbstractContextManager[None]] | None,
        timeout: float,
        **options: Any,
    ) -> None:
        super().__init__(config, script, fn=self._begin, **options)
        self._work = work
        self._steps: Iterable[Any] = ()
        self._moves = moves
        self._through = through
        self._hold_lease = hold_lease
        self._timeout = timeout
        self._lease: AbstractContextManager[None] = nullcontext()

    def configure(self, connection: Connection | None = None, *args: Any, **options: Any) -> None:
        """Take env.py's options; see Alembic's documentation of ``context.configure``."""
        if connection is not None:
            connection = self._through(connection) if self._through else connection
            options["include_name"] = _without_own_tables(options.get("include_name"))
            if self._moves:
                # Before the transaction that SQLite's move begins here.
                self._lease = self._hold_lease(connection) if self._hold_lease else nullcontext()
                engine_of(connection).prepare_move(options, self._timeout)
        super().configure(connection, *args, **options)

    def run_migrations(self, **arguments: Any) -> None:
        """Run what env.py has configured; of a move nothing is read before its lease is taken."""
        with self._lease:
            try:
                super().run_migrations(**arguments)
            except BaseException as error:
                if isinstance(self._steps, Generator):  # which may take back what Alembic had begun
                    self._steps.throw(error)
                raise

    def _begin(self, heads: tuple[str, ...], context: MigrationContext) -> Iterable[Any]:
        self._steps = self._work(heads, context)
        return self._steps


alembic_private.publish_as_context(GuardedEnvironment)


def _without_own_tables(include_name: Callable[..., bool] | None) -> Callable[..., bool]:
    def include(name: str | None, type_: str, parent_names: Any) -> bool:
        if (type_ == "table" and name in OWN_TABLES) or (name or "").startswith(PREFIX):
            return False
        return include_name is None or include_name(name, type_, parent_names)

    return include


class Revisions:
    """The revision scripts of one directory, and the way to run them.

    Raises:
        NotSetUp: where the directory does not exist.
    """

    def __init__(self, directory: str | None = None, x_arg: XArg = None, opts: Sequence[str] = ()) -> None:
        self.state: RewindState = current_state()
        self.config = self.state.migrate.get_config(directory, x_arg, opts)
        with alembic_errors_translated(self.config):
            self.script = ScriptDirectory.from_config(self.config)
            self._read_scripts()
        self._stand_ins: dict[Engine, Engine] = {}
        self.autocommits: list[str] = []
        """What a plan says of each database without transactions."""

    def _read_scripts(self) -> None:
        versions = Path(self.script.versions)
        if not versions.is_dir():
            raise NotSetUp(f"There is no folder {versions}.", "Bring it back; the revision scripts belong in it.")
        try:
            self.script.get_heads()
        except RewindError:
            raise
        except Exception as error:  # whatever a script does when it is imported
            if isinstance(error, CommandError):
                raise
            raise BadScript(*_explained(error, versions)) from error

    def find(self, revision: str | Sequence[str]) -> list[Script]:
        """Return the scripts of a symbol: an id, the start of one, ``head``, ``base``, a label."""
        with self.errors_translated(), named_at_all():
            return [script for script in self.script.get_revisions(tuple(_listed(revision))) if script is not None]

    def walk(self, base: Sequence[str] = ("base",), head: Sequence[str] = ("heads",)) -> list[Script]:
        """Return the scripts between revisions, the newest first."""
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
            work: gets the heads of the database and its context, and returns the steps to take.
            moves: whether the database is going to be changed.
            lease: whether a run that moves it waits for others to end.
            shadow_of: gives what stands in for each database that env.py configures.
            options: what Alembic's ``EnvironmentContext`` takes, such as ``as_sql`` and ``tag``.
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
                timeout=self.state.settings.lease_timeout if lease else _BRIEFLY,
                **options,
            )
            with environment:
                self.script.run_env()

    def _lease(self, stack: ExitStack, held: set[str], connection: Connection) -> AbstractContextManager[None]:
        """Return what to run a database's part in: its lease is held for the whole run, once for all its binds."""
        lease = lease_held(connection, self.state.settings.lease_timeout, held)
        if connection.dialect.is_async and not engine_of(connection).database_file():
            return lease  # whose connections are only good inside
        stack.enter_context(lease)
        return nullcontext()

    def _shadow(self, stack: ExitStack, shadow_of: ShadowOf, live: Connection) -> Connection:
        if is_autocommit(live):
            self.autocommits.append(
                f"{live.engine.url.render_as_string()} commits every statement by itself (AUTOCOMMIT): where a step"
                " fails, the steps of its revision before it stay."
            )
        own = stack.enter_context(shadow_of(live))
        self._stand_ins[own.engine] = live.engine
        return own

    def errors_translated(self) -> Any:
        """Turn what Alembic and the database raise inside the block into Rewind's errors."""
        return alembic_errors_translated(self.config)

    def engines(self) -> list[Engine]:
        """Return the engines of the app's databases."""
        db = self.state.db
        found = getattr(db, "engines", None)
        return list(found.values()) if found else [each for each in [getattr(db, "engine", None)] if each is not None]

    def bind_of(self, context: MigrationContext) -> str:
        """Return the bind key of the database of `context`, empty for the default one."""
        engines = getattr(self.state.db, "engines", None) or {}
        engine = context.connection.engine if context.connection is not None else None
        engine = self._stand_ins.get(engine, engine) if engine is not None else None
        return next((key for key, each in engines.items() if key and each is engine), "")

    @contextmanager
    def _configure_args_kept(self) -> Iterator[None]:
        # Flask-Migrate's env.py leaves a function in the shared dict that holds this run's config for ever.
        arguments = self.state.configure_args
        before = dict(arguments)
        try:
            yield
        finally:
            arguments.clear()
            arguments.update(before)


def _explained(error: Exception, versions: Path) -> tuple[str, str]:
    if isinstance(error, KeyError):
        return f"A script goes on from {error}, and no script has that id.", f"Look for it in {versions}."
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == versions]
    place = f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else str(versions)
    if isinstance(error, SyntaxError):
        place = f"{error.filename}, line {error.lineno}"
    return f"A revision script cannot be read: {type(error).__name__}: {error}\n  in {place}", "Correct it."


def live_connection(context: MigrationContext) -> Connection:
    """Return the connection of a run that has one; one that only prints SQL has none, and does not ask."""
    if context.connection is None:
        raise BadRequest("This needs a database, and env.py configured none.", "Run it without --sql.")
    return context.connection


def commit(context: MigrationContext) -> None:
    """Keep what was done outside of crossings, such as a new version table; env.py's own transaction is left alone."""
    if not alembic_private.runs_in_callers_transaction(context):
        live_connection(context).commit()


def _one_or_all(revisions: Sequence[str]) -> Any:
    # Alembic takes a tuple too, and says otherwise; symbols it takes only by themselves.
    return revisions[0] if len(revisions) == 1 else tuple(revisions)


def _listed(revision: str | Sequence[str]) -> Sequence[str]:
    return [revision] if isinstance(revision, str) else revision


@contextmanager
def named_at_all() -> Iterator[None]:
    """Answer where Alembic only asserts that a name is one, which ``@`` is not.

    Raises:
        RevisionNotFound: for such a name.
    """
    try:
        yield
    except AssertionError as error:
        raise RevisionNotFound("That is no name of a revision.", "The revisions there are: flask db history") from error
