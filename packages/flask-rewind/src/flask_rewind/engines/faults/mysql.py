"""Faults of MariaDB and MySQL: by the number of the error, or by the operating system's number in its text.

Numbers: mariadb.com/kb/en/mariadb-error-code-reference, dev.mysql.com/doc/mysql-errors/8.0/en.
"""

import re
from typing import Any

from flask_rewind.engines.faults.general import AGAIN, AS_ADMINISTRATOR, Failure, FaultReader
from flask_rewind.faults import Fault

_FAULTS = {
    Fault.DISK_FULL: {1021, 1114},
    Fault.READ_ONLY: {1036, 1792, 1836, 1874},
    Fault.NO_PRIVILEGE: {1044, 1142, 1143, 1227, 1370, 1419},
    Fault.WRONG_PASSWORD: {1045, 1698, 1820, 1862},
    Fault.NO_DATABASE: {1049},
    Fault.UNKNOWN_HOST: {2005},
    Fault.NO_SERVER: {2002, 2003},
    Fault.TOO_MANY_CONNECTIONS: {1040, 1203, 1226},
    # PyMySQL raises 0 for a connection that it closed itself.
    Fault.CONNECTION_LOST: {0, 1053, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 2055, 4031},
    Fault.TIME_LIMIT: {1969, 3024},
    Fault.CANCELLED: {1317},
    Fault.LOCK_TIMEOUT: {1205, 3572},
    Fault.DEADLOCK: {1213},
}
_BY_NUMBER = {number: fault for fault, numbers in _FAULTS.items() for number in numbers}
_OPTION = 1290
"""An option of the server forbids the statement, for example read_only."""
_READ_ONLY_TRANSACTION = 1792
_OF_FILE = re.compile(r"\b(?:err(?:no|code)|error)[: ]+(\d+)", re.IGNORECASE)
_BY_FILE_ERROR = {28: Fault.DISK_FULL, 122: Fault.DISK_FULL, 30: Fault.READ_ONLY}
"""ENOSPC, EDQUOT and EROFS on Linux."""
_NO_ADDRESS = re.compile(r"Errno (-\d|11001)|getaddrinfo|not known|name resolution", re.IGNORECASE)
_DENIED = re.compile(r"(?P<what>[A-Z][A-Z, ]*) command denied to user (?P<user>\S+) for \w+ (?P<on>\S+)")
_NO_DATABASE_RIGHTS = re.compile(r"Access denied for user (?P<user>\S+) to database '(?P<on>.*)'")
_OF_SERVER = re.compile(r"at least one of\) the (?P<what>[\w ]+)")

_EXISTS = {1050, 1060, 1061, 1826}


class MySQLFaults(FaultReader):
    """Reads the errors of the drivers for MariaDB and MySQL."""

    dialects = frozenset({"mysql", "mariadb"})
    drivers = frozenset({"pymysql", "MySQLdb", "mysql", "mariadb", "asyncmy", "aiomysql", "cymysql"})

    def fault_of(self, error: BaseException) -> Fault | None:
        number, said = _number(error), str(error)
        if number == _OPTION:
            return Fault.READ_ONLY if re.search("read.only", said, re.IGNORECASE) else None
        fault = _BY_NUMBER.get(number)
        if fault is Fault.NO_SERVER and _NO_ADDRESS.search(said):
            return Fault.UNKNOWN_HOST
        return fault or next((_BY_FILE_ERROR[each] for each in _file_errors(said) if each in _BY_FILE_ERROR), None)

    def said(self, error: BaseException) -> str:
        args = error.args
        if len(args) > 1 and args[1]:
            return f"{args[1]} ({args[0]})"
        return super().said(error)

    def says_it_exists(self, error: BaseException) -> bool:
        return _number(error) in _EXISTS

    def sentences(self, fault: Fault, failure: Failure) -> tuple[str, str] | None:
        match fault:
            case Fault.NO_PRIVILEGE:
                return _missing_privilege(failure)
            case Fault.READ_ONLY if _number(failure.error) == _OPTION:
                return (
                    "the server is read-only, as a replica is",
                    f"Connect to the primary server, or switch it off here, {AGAIN}:\n  SET GLOBAL read_only = OFF;",
                )
            case Fault.READ_ONLY if _number(failure.error) == _READ_ONLY_TRANSACTION:
                makers = "env.py, the app's engine options or the server's init_connect"
                remedy = f"Remove the setting that makes them read-only from {makers}, {AGAIN}."
                return "the transactions of this session are read-only", remedy
            case Fault.TIME_LIMIT:
                limit = "max_statement_time (MySQL: max_execution_time)"
                return f"the server ended the statement at its {limit}", f"Raise that limit, {AGAIN}."
        return None


def _missing_privilege(failure: Failure) -> tuple[str, str] | None:
    said = str(failure.error.args[-1])
    if found := _DENIED.search(said):
        what, table = found["what"].strip(), found["on"].strip("'")
        database = table.split("`")[1] if table.startswith("`") else _database(failure)
        on = f"`{database}`.*" if database else "*"
        return _lacking(found["user"], f"{what} privilege on {table}", what, on, failure)
    if found := _NO_DATABASE_RIGHTS.search(said):
        database = found["on"]
        what, remedy = _lacking(
            found["user"], f"privilege on the database {database}", "ALL PRIVILEGES", f"`{database}`.*", failure
        )
        return what, remedy if failure.statement else f"Create the database if it is missing. {remedy}"
    if found := _OF_SERVER.search(said):
        what = found["what"].removesuffix(" privilege").split(" or ")[0].strip()
        return _lacking("the database user", f"{what} privilege", what, "*.*", failure)
    return None


def _lacking(user: str, lack: str, privilege: str, on: str, failure: Failure) -> tuple[str, str]:
    """Return what is wrong and what to do if a user lacks a privilege.

    The error names the user and the client's host; a GRANT needs the account, whose host may be a pattern.
    """
    account = failure.answer("SELECT CURRENT_USER()")
    to = _account(account) if account else user if user.startswith("'") else "<user>"
    return f"{user} has no {lack}", f"{AS_ADMINISTRATOR}:\n  GRANT {privilege} ON {on} TO {to};"


def _account(name: str) -> str:
    user, _, host = name.rpartition("@")
    return f"'{user}'@'{host}'"


def _database(failure: Failure) -> str:
    return next((each.url.database for each in failure.engines if each.url.database), "")


def _number(error: BaseException) -> int:
    """Return the number of an error, -1 if it has none."""
    candidates: list[Any] = [getattr(error, "errno", None), *error.args[:1]]
    return next((each for each in candidates if isinstance(each, int)), -1)


def _file_errors(said: str) -> list[int]:
    return [int(found[1]) for found in _OF_FILE.finditer(said)]
