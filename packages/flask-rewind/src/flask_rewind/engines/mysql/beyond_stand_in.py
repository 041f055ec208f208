"""MariaDB and MySQL: a stand-in is one database of the server. Pure."""

from collections.abc import Collection, Sequence

from flask_rewind.engines.beyond_stand_in import Tables, reason_of_parts
from flask_rewind.sql.statements import DDL
from flask_rewind.sql.tokenizer import Token

_OF_SERVER = {"DATABASE", "SCHEMA", "USER", "ROLE", "EVENT", "SERVER", "TABLESPACE", "INSTANCE"}
"""Objects outside of a single database that CREATE, ALTER and DROP change on MariaDB and MySQL."""
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


def reaches_past(statement: str, databases: Collection[str] = (), tables: Tables = tuple) -> str:
    """Return why a stand-in cannot execute a statement; empty if it can.

    Args:
        statement: one statement, or several.
        databases: the other databases of the server, in lower case.
        tables: returns the tables of all databases.
    """
    return reason_of_parts(statement, "mysql", _of_part, databases, tables)


def _of_part(found: Sequence[Token]) -> str:
    words = [token.word for token in found]
    kind = next((word for word in words[1:] if word not in {"OR", "REPLACE"}), "")
    if kind == "DEFINER":
        kind = next((word for word in words if word in {"TRIGGER", "VIEW", "PROCEDURE", "FUNCTION", "EVENT"}), "")
    is_of_server = words[0] in DDL and kind in _OF_SERVER
    is_setting = words[0] == "SET" and {"GLOBAL", "PERSIST", "PERSIST_ONLY", "PASSWORD"} & set(words)
    if words[0] in _BEYOND or is_of_server or is_setting or "OUTFILE" in words or "DUMPFILE" in words:
        return f"{' '.join(words[:3])} … may change more of the server than the one database that has a stand-in"
    return ""
