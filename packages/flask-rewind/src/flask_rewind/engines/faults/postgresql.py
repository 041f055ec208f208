"""Faults of PostgreSQL: by the SQLSTATE of the error, and while connecting, when there is none, by its text.

Codes: postgresql.org/docs/15/errcodes-appendix.html.
"""

import re

from flask_rewind.engines.faults.general import AGAIN, AS_ADMINISTRATOR, Failure, FaultReader
from flask_rewind.faults import Fault

_BY_STATE = {
    "53100": Fault.DISK_FULL,
    "25006": Fault.READ_ONLY,
    "28000": Fault.WRONG_PASSWORD,
    "28P01": Fault.WRONG_PASSWORD,
    "3D000": Fault.NO_DATABASE,
    "53300": Fault.TOO_MANY_CONNECTIONS,
    "57P03": Fault.NO_SERVER,
    "25P03": Fault.CONNECTION_LOST,  # idle in a transaction for too long
    "57P01": Fault.CONNECTION_LOST,
    "57P02": Fault.CONNECTION_LOST,
    "57P05": Fault.CONNECTION_LOST,
    "55P03": Fault.LOCK_TIMEOUT,
    "40P01": Fault.DEADLOCK,
    "40001": Fault.DEADLOCK,
}
_BY_TEXT = {
    "failed to resolve host|could not translate host name": Fault.UNKNOWN_HOST,
    "authentication failed|no password supplied|role .* does not exist|no pg_hba.conf entry": Fault.WRONG_PASSWORD,
    "database .* does not exist": Fault.NO_DATABASE,
    "permission denied for database": Fault.NO_PRIVILEGE,
    "too many clients|remaining connection slots|too many connections": Fault.TOO_MANY_CONNECTIONS,
    "closed the connection|connection is (closed|lost)|connection already closed|connection has been closed"
    "|could not (receive|send) data": Fault.CONNECTION_LOST,
    "connection refused|could not connect|no such file|timed out|timeout expired|no route to host|unreachable"
    "|database system is": Fault.NO_SERVER,
}
_OWNER = re.compile(r'must be (?:the )?owner of (?P<kind>[a-z ]+) "?(?P<name>[^"\s]+)')
_DENIED = re.compile(r'permission denied for (?P<kind>[a-z ]+) "?(?P<name>[^"\s]+)')
_HAVE_OWNERS = {"table", "relation", "view", "materialized view", "sequence", "type", "domain", "schema", "database"}
_OF_ROWS = {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"}
_RIGHTS = {
    "schema": "USAGE, CREATE",
    "database": "CONNECT, CREATE",
    "sequence": "USAGE, SELECT, UPDATE",
    "type": "USAGE",
    "function": "EXECUTE",
    "tablespace": "CREATE",
}

_EXISTS = {"42P06", "42P07", "42701", "42710"}


class PostgreSQLFaults(FaultReader):
    """Reads the errors of the drivers for PostgreSQL."""

    dialects = frozenset({"postgresql"})
    drivers = frozenset({"psycopg", "psycopg2", "psycopg2cffi", "asyncpg", "pg8000"})

    def fault_of(self, error: BaseException) -> Fault | None:
        said, state = str(error), _state(error)
        if state == "42501":
            return Fault.NOT_OWNER if _OWNER.search(said) else Fault.NO_PRIVILEGE
        if state == "57014":
            return Fault.TIME_LIMIT if "timeout" in said else Fault.CANCELLED
        if state.startswith("08"):
            return Fault.CONNECTION_LOST
        if state:
            return _BY_STATE.get(state)
        found = (fault for text, fault in _BY_TEXT.items() if re.search(text, said, re.IGNORECASE))
        return next(found, None)

    def says_it_exists(self, error: BaseException) -> bool:
        return _state(error) in _EXISTS

    def sentences(self, fault: Fault, failure: Failure) -> tuple[str, str] | None:
        match fault:
            case Fault.NOT_OWNER:
                return _not_owner(failure)
            case Fault.NO_PRIVILEGE:
                return _missing_privilege(failure)
            case Fault.READ_ONLY:
                what = "the server takes no writes: it is a standby, or default_transaction_read_only is on"
                switch_off = f"ALTER ROLE {_user(failure)} SET default_transaction_read_only = off;"
                return what, f"Connect to the primary server, or switch it off, {AGAIN}:\n  {switch_off}"
            case Fault.TIME_LIMIT:
                switch_off = f"ALTER ROLE {_user(failure)} SET statement_timeout = 0;"
                what = "the server ended the statement at its statement_timeout"
                return what, f"Raise that limit for the database user, {AGAIN}:\n  {switch_off}"
        return None


def _not_owner(failure: Failure) -> tuple[str, str] | None:
    found = _OWNER.search(str(failure.error))
    if found is None:
        return None
    kind, name = found["kind"], found["name"]
    what = f"the database user {_user(failure)} is not the owner of {kind} {name}"
    if kind not in _HAVE_OWNERS:
        owned = "the owner of its table" if kind == "index" else "its owner"
        return what, f"Run the same command as {owned}."
    place = _as_written(name, failure.statement)
    kind = "TABLE" if kind == "relation" else kind.upper()
    return what, (
        f"Run the same command as its owner, or make this user the owner as a superuser, {AGAIN}:"
        f"\n  ALTER {kind} {place} OWNER TO {_user(failure)};"
    )


def _missing_privilege(failure: Failure) -> tuple[str, str] | None:
    found = _DENIED.search(str(failure.error))
    if found is None:
        return None
    kind, name, statement = found["kind"], found["name"], failure.statement
    rights = _RIGHTS.get(kind) or _of_table(statement)
    on = f"{kind.upper()} " if kind in _RIGHTS else ""
    return (
        f"the database user {_user(failure)} has no privilege ({rights}) on {kind} {name}",
        f"{AS_ADMINISTRATOR}:\n  GRANT {rights} ON {on}{_as_written(name, statement)} TO {_user(failure)};",
    )


def _of_table(statement: str) -> str:
    """Return the privilege on a table that a statement needs."""
    words = statement.upper().split()
    verb = words[0] if words else ""
    if verb in _OF_ROWS:
        return verb
    return "TRIGGER" if "TRIGGER" in words[:4] else "REFERENCES" if "REFERENCES" in words else "ALL PRIVILEGES"


def _as_written(name: str, statement: str) -> str:
    """Return a name in quotes, with its schema if the statement names that."""
    quoted = '"' + name.replace('"', '""') + '"'
    schema = re.search(rf'("[^"]+"|\w+)\s*\.\s*(?:{re.escape(quoted)}|{re.escape(name)}\b)', statement)
    return f"{schema[1]}.{quoted}" if schema else quoted


def _user(failure: Failure) -> str:
    user = failure.answer("SELECT quote_ident(current_user)")
    return user or next((f'"{each.url.username}"' for each in failure.engines[:1] if each.url.username), "<user>")


def _state(error: BaseException) -> str:
    """Return the SQLSTATE of an error, empty if it has none; psycopg2 has it under another name."""
    return str(getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or "")
