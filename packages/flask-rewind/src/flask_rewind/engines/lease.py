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
        """Return a sentence about why it cannot be taken: who has it, from where, and since when."""

    @abstractmethod
    def catch_up(self, connection: Connection) -> None:
        """Let the connection that moves see everything that earlier holders have committed."""

    @abstractmethod
    def renew(self, connection: Connection) -> None:
        """Say over a connection, which may be another thread's, that the holder is alive."""

    @abstractmethod
    def confirm(self) -> None:
        """Make sure that the lease is still held, before the move goes on.

        Raises:
            LeaseLost: where it is not.
        """

    @abstractmethod
    def release(self) -> None:
        """Give the lease up."""


class SessionLease(Lease):
    """A lock of the server's session: it ends with its connection, and so with its process at the latest.

    Args:
        own: the connection.
        naming: the query for `database`.
        taking: the query that takes the lock if it is free, and says whether it did.
        holding: the query that says who has it.
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
        """Say which session has the lock."""
        return held_by(str(self._answer(self._holding) or ""))

    def catch_up(self, connection: Connection) -> None:
        """Do nothing: there is one server."""

    def renew(self, connection: Connection) -> None:
        """Do nothing: the lock needs no renewal."""

    def confirm(self) -> None:
        """Do nothing: nobody takes it while its session lasts."""

    def release(self) -> None:
        """Do nothing: it ends with its connection."""

    def _answer(self, query: str) -> object:
        answer: object = self._own.exec_driver_sql(query).scalar()
        self._own.commit()  # so that it has no open transaction while it waits or holds
        return answer
