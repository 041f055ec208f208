"""What every engine can be asked. To support another one, extend `Engine` and list it in the registry."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from flask_rewind.engines.lease import Lease, SessionLease


class Engine:
    """One database of a run. This class is what Rewind assumes of an engine it does not know."""

    commits_each_ddl_statement = False
    """Whether a crossing that dies leaves the statements that had already run."""

    has_own_stand_in = True
    """Whether a plan is made on another database, where a commit does no harm."""

    reading_may_change = False
    """Whether a function that a SELECT calls may have an effect that no rollback takes back."""

    makes_key_indexes = False
    """Whether the server makes an index under a foreign key, and keeps it when the key goes."""

    rebuilds_tables = False
    """Whether Alembic makes a table anew in a batch block, for want of statements that change it."""

    runs_several_statements = True
    """Whether the driver takes several statements at once."""

    adds_any_column = True
    """Whether ADD COLUMN takes every definition that CREATE TABLE takes."""

    naming_database = ""
    """The query that says which database of which server this is."""
    taking_lease = ""
    """The query that takes the lease of the database for its session if it is free, and says whether it did."""
    holding_lease = ""
    """The query that says who has it, from where, and since when."""

    impl_mixin: type | None = None
    """What to put before Alembic's implementation while scripts run."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def prepare_move(self, options: dict[str, Any], timeout: float) -> None:
        """Ready the connection for a move and adjust the `options` of ``context.configure``.

        Others that write are waited for, up to `timeout` seconds, where they would keep the move from its transaction.
        """
        options.setdefault("transaction_per_migration", True)

    def lease(self, own: Connection) -> Lease:
        """Return the lease of the database for `own`, a connection that does nothing else."""
        return SessionLease(own, naming=self.naming_database, taking=self.taking_lease, holding=self.holding_lease)

    def database_file(self) -> Path | None:
        """Return the file to copy before a move, for an engine that has one."""
        return None

    def broken_references(self) -> set[tuple[Any, ...]]:
        """Return the rows whose foreign key points nowhere, where the engine was told not to watch."""
        return set()
