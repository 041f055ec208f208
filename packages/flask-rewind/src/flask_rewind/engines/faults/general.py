"""The base of the readers of driver errors, and the messages that all engines share."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from flask_rewind.faults import Diagnosis, Fault

ADDRESS = "the database's address in the app's settings"
AGAIN = "then run the same command again"
AS_ADMINISTRATOR = f"Grant it as an administrator of the server, {AGAIN}"

_GENERAL = {
    Fault.DISK_FULL: (
        "the database server's disk is full",
        f"Free some space on the disk of the server (its data, its log or its temporary files), {AGAIN}.",
    ),
    Fault.READ_ONLY: ("the database takes no writes", f"Let it take writes, or connect to another one, {AGAIN}."),
    Fault.NO_PRIVILEGE: ("the database user lacks a privilege", f"{AS_ADMINISTRATOR}."),
    Fault.NOT_OWNER: (
        "the database user is not the owner of what the statement changes",
        "Run the same command as its owner.",
    ),
    Fault.WRONG_PASSWORD: (
        "the database server refuses this user or password",
        f"Correct the user and the password in {ADDRESS}.",
    ),
    Fault.NO_DATABASE: (
        "the server has no database of that name",
        f"Create the database, or correct its name in {ADDRESS}.",
    ),
    Fault.NOT_A_DATABASE: ("the file is no database", f"Correct {ADDRESS}."),
    Fault.CANNOT_OPEN: ("the file of the database cannot be opened", f"Correct {ADDRESS}."),
    Fault.UNKNOWN_HOST: (
        "the host of the database server has no address",
        f"Correct the host in {ADDRESS}, or the name service of this machine.",
    ),
    Fault.NO_SERVER: ("no database server answers", f"Start the server, or correct host and port in {ADDRESS}."),
    Fault.TOO_MANY_CONNECTIONS: (
        "the database server gives no further connection",
        f"End other connections or raise the limit, {AGAIN}.",
    ),
    Fault.CONNECTION_LOST: (
        "the connection to the database was lost",
        "Run the same command again as soon as the database answers.",
    ),
    Fault.TIME_LIMIT: (
        "the server ended the statement at its time limit",
        f"Raise the limit for the database user, {AGAIN}.",
    ),
    Fault.CANCELLED: ("somebody cancelled the statement", "Run the same command again."),
    Fault.LOCK_TIMEOUT: (
        "another session holds a lock that the statement needs",
        "Run the same command again when that session has ended its transaction.",
    ),
    Fault.DEADLOCK: (
        "the statement and another session waited for each other (deadlock), and the server ended the statement",
        "Run the same command again.",
    ),
    Fault.FILE_LOCKED: (
        "another program has locked the database file",
        "Run the same command again when that program has ended.",
    ),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A driver's error and its circumstances."""

    error: BaseException
    """The driver's own."""
    statement: str = ""
    """Empty if none was executed, for example while connecting."""
    engines: Sequence[Engine] = ()
    """The databases that the error may come from."""

    def answer(self, query: str) -> str | None:
        """Return the value of a query on a new connection; None if that fails, or if several databases are possible."""
        if len(self.engines) != 1:
            return None
        with suppress(SQLAlchemyError), self.engines[0].connect() as connection:
            return str(connection.scalar(text(query)))
        return None


class FaultReader:
    """Reads the errors of one engine's drivers; each engine extends it."""

    dialects: frozenset[str] = frozenset()
    """SQLAlchemy's names of the engine."""
    drivers: frozenset[str] = frozenset()
    """Names of their packages."""

    def reads(self, error: BaseException) -> bool:
        """Return whether one of the drivers raised an error."""
        return not self.drivers.isdisjoint(type(error).__module__.split("."))

    def fault_of(self, error: BaseException) -> Fault | None:
        """Return the fault that an error reports; None if the statement itself is wrong."""
        raise NotImplementedError

    def says_it_exists(self, error: BaseException) -> bool:
        """Return whether an error says that the thing to create exists already."""
        raise NotImplementedError

    def diagnose(self, fault: Fault, failure: Failure) -> Diagnosis:
        """Return the fault in words."""
        what, remedy = self.sentences(fault, failure) or _GENERAL[fault]
        return Diagnosis(fault, what, remedy, self.said(failure.error))

    def sentences(self, fault: Fault, failure: Failure) -> tuple[str, str] | None:
        """Return what is wrong and what to do; None to use the message that all engines share."""
        return None

    def said(self, error: BaseException) -> str:
        """Return the first line of a driver's message."""
        return next(iter(str(error).strip().splitlines()), "")
