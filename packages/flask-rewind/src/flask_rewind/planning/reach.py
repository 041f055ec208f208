"""Which statements reach past a stand-in: they would change something that it does not stand in for. Pure."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence

from flask_rewind.sql.statements import DDL, split
from flask_rewind.sql.tokens import Token, tokens

Tables = Callable[[], Collection[tuple[str, str]]]
"""Gives database and name of every table of the server, in small letters."""

_LASTING = re.compile(r"\b(setval|dblink\w*|pg_terminate_backend|pg_cancel_backend|lo_export)\s*\(", re.IGNORECASE)
"""Functions of PostgreSQL whose effect no rollback takes back."""
_OF_SERVER = {"DATABASE", "SCHEMA", "USER", "ROLE", "EVENT", "SERVER", "TABLESPACE", "INSTANCE"}
"""What CREATE, ALTER and DROP make and change outside of one database of MariaDB or MySQL."""
_BEYOND = {"USE", "CALL", "GRANT", "REVOKE", "FLUSH", "KILL", "SHUTDOWN", "RESTART", "INSTALL", "UNINSTALL", "LOAD"}
_BEYOND |= {
    "PREPARE",
    "EXECUTE",
    "CHANGE",
    "RESET",
    "PURGE",
    "BACKUP",
    "XA",
    "BINLOG",
    "CLONE",
    "IMPORT",
    "STOP",
    "CACHE",
}
_BEFORE_TABLES = {"TABLE", "EXISTS", "INTO", "UPDATE", "FROM", "JOIN", "TO", "REFERENCES"}
_BEFORE_TABLES |= {"VIEW", "TRIGGER", "SEQUENCE"}


def reaches_past(statement: str, dialect: str, databases: Collection[str] = (), tables: Tables = tuple) -> str:
    """Return why a stand-in of that dialect cannot take a statement; empty where it can.

    Args:
        statement: one, or several.
        dialect: SQLAlchemy's name of the engine.
        databases: the other databases of a MariaDB or MySQL server, in small letters.
        tables: gives those of all databases.
    """
    of_part = _OF_DIALECT.get(dialect, _of_none)
    for part in split(statement, dialect):
        found = tokens(part, dialect)
        if found and (reason := of_part(found)):
            return reason
        if name := next(other_databases(found, databases, tables), ""):
            return f"the script names the database {name}, for which nothing stands in"
    if dialect == "postgresql" and (lasting := _LASTING.search(statement)):
        return f"the script calls {lasting[1]}(), and PostgreSQL could not take that back"
    return ""


def other_databases(found: Sequence[Token], databases: Collection[str], tables: Tables) -> Iterator[str]:
    """Yield the databases that names with a dot speak of; ``blog.title`` may be a column of a table ``blog``, too."""
    for place, token in enumerate(found[:-2]):
        name = token.name.lower()
        if found[place + 1].text != "." or name not in databases or (place and found[place - 1].text == "."):
            continue
        is_long = place + 3 < len(found) and found[place + 3].text == "."
        before = found[place - 1].word if place else ""
        is_of_index = before == "ON" and found[0].word in DDL
        if is_long or is_of_index or before in _BEFORE_TABLES or (name, found[place + 2].name.lower()) in tables():
            yield token.name


def _of_none(found: Sequence[Token]) -> str:
    return ""


def _postgresql(found: Sequence[Token]) -> str:
    words = [token.word for token in found]
    is_back_to_savepoint = words[0] == "ROLLBACK" and "TO" in words
    if words[0] in {"COMMIT", "END", "ABORT", "ROLLBACK"} or words[:2] == ["PREPARE", "TRANSACTION"]:
        return "" if is_back_to_savepoint else "the script commits by itself, and PostgreSQL could not take that back"
    return ""


def _sqlite(found: Sequence[Token]) -> str:
    words = {token.word for token in found}
    if found[0].word == "ATTACH" or {"VACUUM", "INTO"} <= words:
        return "the script opens another file, for which nothing stands in"
    return ""


def _mysql(found: Sequence[Token]) -> str:
    words = [token.word for token in found]
    kind = next((word for word in words[1:] if word not in {"OR", "REPLACE"}), "")
    if kind == "DEFINER":
        kind = next((word for word in words if word in {"TRIGGER", "VIEW", "PROCEDURE", "FUNCTION", "EVENT"}), "")
    is_of_server = words[0] in DDL and kind in _OF_SERVER
    is_setting = words[0] == "SET" and {"GLOBAL", "PERSIST", "PERSIST_ONLY", "PASSWORD"} & set(words)
    if words[0] in _BEYOND or is_of_server or is_setting or "OUTFILE" in words or "DUMPFILE" in words:
        return f"a stand-in is one database, and {' '.join(words[:3])} … may concern more of the server"
    return ""


_OF_DIALECT: dict[str, Callable[[Sequence[Token]], str]] = {
    "postgresql": _postgresql,
    "sqlite": _sqlite,
    "mysql": _mysql,
    "mariadb": _mysql,
}
