"""Reads the fault from a driver's error, by the driver's own code.

It is below the other parts of the engines, because they use it too.
"""

from collections.abc import Callable, Iterable

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from flask_rewind.engines.faults.general import Failure, FaultReader
from flask_rewind.engines.faults.mysql import MySQLFaults
from flask_rewind.engines.faults.postgresql import PostgreSQLFaults
from flask_rewind.engines.faults.sqlite import SQLiteFaults
from flask_rewind.faults import Diagnosis, Fault

__all__ = ["diagnosis_of", "fault_of", "says_it_exists"]

_READERS: tuple[FaultReader, ...] = (MySQLFaults(), PostgreSQLFaults(), SQLiteFaults())


def fault_of(error: BaseException) -> Fault | None:
    """Return the fault that an error of SQLAlchemy or a driver reports; None if the statement itself is wrong."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Fault.CONNECTION_LOST
    drivers = _drivers_own(error)
    reader = _reader_of(drivers)
    return reader.fault_of(drivers) if reader else None


def diagnosis_of(error: BaseException, engines: Callable[[], Iterable[Engine]] = tuple) -> Diagnosis | None:
    """Return the fault of an error in words; None if the statement itself is wrong.

    Args:
        error: SQLAlchemy's, or a driver's.
        engines: returns the databases that the error may come from. One is asked for the name of its user.
    """
    fault, drivers = fault_of(error), _drivers_own(error)
    reader = _reader_of(drivers)
    if fault is None or reader is None:
        return None
    statement = (error.statement or "") if isinstance(error, DBAPIError) else ""
    known = [each for each in engines() if each.dialect.name in reader.dialects]
    return reader.diagnose(fault, Failure(drivers, statement, known))


def says_it_exists(error: BaseException) -> bool:
    """Return whether an error says that a table, column or index exists already."""
    drivers = _drivers_own(error)
    reader = _reader_of(drivers)
    return reader is not None and reader.says_it_exists(drivers)


def _drivers_own(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def _reader_of(error: BaseException) -> FaultReader | None:
    return next((each for each in _READERS if each.reads(error)), None)
