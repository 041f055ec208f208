"""The properties of an engine that moves depend on. To support another engine, see `registry.EngineParts`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from flask_rewind.engines.blockers import Blocker
from flask_rewind.engines.lease import Lease, SessionLease
from flask_rewind.waiting import Patience


class Engine:
    """One database of a run. The defaults of this class apply to an engine that Rewind does not know."""

    commits_each_ddl_statement = False
    """Whether every DDL statement commits, so that an interrupted crossing leaves the statements that had run."""

    has_own_stand_in = True
    """Whether a plan is made on another database, where a commit does no harm."""

    reading_may_change = False
    """Whether a function in a SELECT may have an effect that no rollback undoes."""

    makes_key_indexes = False
    """Whether the server makes an index under a foreign key, and keeps it when the key is dropped."""

    repeats_definitions = False
    """Whether the statement that renames a column has to repeat the whole definition, AUTO_INCREMENT included."""

    rebuilds_tables = False
    """Whether Alembic rebuilds a table in a batch block, because the engine lacks statements to change it."""

    runs_several_statements = True
    """Whether the driver executes several statements at once."""

    adds_any_column = True
    """Whether ADD COLUMN allows every definition that CREATE TABLE allows."""

    has_lock_timeouts = False
    """Whether others' locks can end a statement of a crossing with an error, after a time that the session sets."""

    naming_database = ""
    """The query that identifies the database and its server."""
    taking_lease = ""
    """The query that takes the lease of the database for its session if it is free, and returns whether it did."""
    holding_lease = ""
    """The query that returns who has the lease, from where, and since when."""
    ending_session = ""
    """The statement that ends the session with the number ``{}``."""

    impl_mixin: type | None = None
    """A class to put before Alembic's implementation while scripts run."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def prepare_move(self, options: dict[str, Any], timeout: float) -> None:
        """Prepare the connection for a move and adjust the `options` of ``context.configure``.

        On an engine with a single writer, wait up to `timeout` seconds for other writers.
        """
        options.setdefault("transaction_per_migration", True)

    def lease(self, own: Connection) -> Lease:
        """Return the lease of the database for `own`, a connection that does nothing else."""
        return SessionLease(own, naming=self.naming_database, taking=self.taking_lease, holding=self.holding_lease)

    def database_file(self) -> Path | None:
        """Return the file of the database, which is copied before a move; None if there is none."""
        return None

    def broken_references(self) -> set[tuple[Any, ...]]:
        """Return the broken foreign keys, if the engine's checks were switched off for the move."""
        return set()

    @contextmanager
    def waiting_briefly(self, patience: Patience, may_wait: Callable[[], bool]) -> Iterator[None]:
        """Let no statement of the block wait for a lock for long, where the session says how long.

        A statement that did not get its lock is executed again, as long as the patience lasts, where nobody waits for
        this session meanwhile.

        Args:
            patience: how long.
            may_wait: returns whether that is so of a statement in a transaction.
        """
        yield

    def running_in(self, session: int) -> tuple[str, bool] | None:
        """Return what the server still executes for a session of this user, and whether the end of the text is cut off.

        None where it executes nothing for it, or cannot tell.
        """
        return None

    def limit_waits(self) -> None:
        """Let no statement of the crossing that begins now, or is taken back, wait for a lock for long."""

    def is_lock_timeout(self, error: BaseException) -> bool:
        """Return whether an error says that others held a lock for too long, or in a circle."""
        return False

    def blockers(self, statement: str) -> list[Blocker]:
        """Return the sessions that hold a lock which a statement needs, the one that holds it longest first."""
        return []
