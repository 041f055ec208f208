"""The lease of a database, as an engine's server gives it to one connection."""

from abc import ABC, abstractmethod

from sqlalchemy import Connection


def held_by(holder: str) -> str:
    """Return the sentence that tells others who has the lease."""
    return f"Another move holds this database: {holder or 'somebody'}."


class Lease(ABC):
    """The lease of one database. The connection that it is made with does nothing else."""

    database: str
    """Which database of which server this is; two connections to it give the same."""
    renewed_every: float = 0
    """Seconds between two calls of `renew`; 0 for a lease that lasts as long as its connection."""

    @abstractmethod
    def take(self) -> bool:
        """Take the lease if nobody has it, and return whether this succeeded."""

    @abstractmethod
    def obstacle(self) -> str:
        """Return why the lease cannot be taken, as a sentence: who has it, from where, and since when."""

    @abstractmethod
    def catch_up(self, connection: Connection) -> None:
        """Let the connection that moves see everything that earlier holders have committed."""

    @abstractmethod
    def renew(self, connection: Connection) -> None:
        """Record on a connection, which may be another thread's, that the holder is alive."""

    @abstractmethod
    def confirm(self) -> None:
        """Make sure that the lease is still held, before the move goes on.

        Raises:
            LeaseLost: if it is not.
        """

    @abstractmethod
    def release(self) -> None:
        """Release the lease."""


class SessionLease(Lease):
    """A session lock of the server: it ends with its connection, and so at the latest with its process.

    Args:
        own: the connection.
        naming: the query for `database`.
        taking: the query that takes the lock if it is free, and returns whether it did.
        holding: the query that returns who has it.
    """

    def __init__(self, own: Connection, *, naming: str, taking: str, holding: str) -> None:
        self._own = own.execution_options(no_parameters=True)  # the queries may contain %
        self._taking = taking
        self._holding = holding
        self.database = str(self._answer(naming))

    def take(self) -> bool:
        """Take the lock if it is free."""
        return bool(self._answer(self._taking))

    def obstacle(self) -> str:
        """Return which session has the lock."""
        return held_by(str(self._answer(self._holding) or ""))

    def catch_up(self, connection: Connection) -> None:
        """Do nothing: there is one server."""

    def renew(self, connection: Connection) -> None:
        """Do nothing: the lock needs no renewal."""

    def confirm(self) -> None:
        """Do nothing: nobody else can take the lock while its session lasts."""

    def release(self) -> None:
        """Do nothing: the lock ends with its connection."""

    def _answer(self, query: str) -> object:
        answer: object = self._own.exec_driver_sql(query).scalar()
        self._own.commit()  # so that it has no open transaction while it waits or holds
        return answer
