"""The environment in which env.py runs: it adjusts what env.py configures, and takes the lease of a move."""

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from alembic.config import Config as AlembicConfig
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from flask_rewind import alembic_private
from flask_rewind.attic_entries import PREFIX
from flask_rewind.attic_entries import table as attic_table
from flask_rewind.engines.registry import engine_of
from flask_rewind.foreign_tables import refuse_foreign_tables
from flask_rewind.journal import TABLES
from flask_rewind.lease_table import table as lease_table

OWN_TABLES = {attic_table.name, lease_table.name, *(table.name for table in TABLES)}
"""Rewind's own tables. Autogenerate and `check` see neither them nor hidden things."""

Work = Callable[[tuple[str, ...], MigrationContext], Iterable[Any]]
"""The function that a run calls once for each database, as Alembic's ``fn``: (heads, context) to the steps to run."""


class GuardedEnvironment(EnvironmentContext):
    """The ``alembic.context`` of env.py: Alembic's, but it adjusts what env.py configures."""

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
        uses_own_tables: bool,
        **options: Any,
    ) -> None:
        super().__init__(config, script, fn=self._begin, **options)
        self._work = work
        self._steps: Iterable[Any] = ()
        self._moves = moves
        self._through = through
        self._hold_lease = hold_lease
        self._timeout = timeout
        self._uses_own_tables = uses_own_tables
        self._lease: AbstractContextManager[None] = nullcontext()

    def configure(self, connection: Connection | None = None, *args: Any, **options: Any) -> None:
        """Configure the run with env.py's options; see Alembic's documentation of ``context.configure``."""
        if connection is not None:
            connection = self._through(connection) if self._through else connection
            options["include_name"] = _without_own_tables(options.get("include_name"))
            if self._moves:
                # The lease is chosen before `prepare_move`, which begins the transaction of a move on SQLite.
                self._lease = self._hold_lease(connection) if self._hold_lease else nullcontext()
                engine_of(connection).prepare_move(options, self._timeout)
        super().configure(connection, *args, **options)

    def run_migrations(self, **arguments: Any) -> None:
        """Run what env.py has configured, under the lease: a move reads nothing before it has that."""
        with self._lease:
            self._refuse_foreign_tables()
            try:
                super().run_migrations(**arguments)
            except BaseException as error:
                if isinstance(self._steps, Generator):  # it may take back the crossing that Alembic had begun
                    self._steps.throw(error)
                raise

    def _refuse_foreign_tables(self) -> None:
        """Refuse such tables before Alembic creates its version table."""
        context = self.get_context()
        if self._uses_own_tables and context.connection is not None and not context.as_sql:
            refuse_foreign_tables(context.connection)

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
