"""Describe a MariaDB or MySQL database by the lines of ``SHOW CREATE TABLE``, its triggers and its views."""

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from flask_rewind.acting import books_are_kept
from flask_rewind.describing import Description, Part, as_description
from flask_rewind.describing.base import OWN
from flask_rewind.sql.tokenizer import tokens

_PLAIN = {"ALTER", "CREATE", "DROP", "RENAME", "TRUNCATE", "INSERT", "UPDATE", "DELETE", "REPLACE", "SET"}
"""First words of statements that name every table that they change; a CALL, for example, does not."""
_NAME = r"`((?:[^`]|``)*)`"
_COLUMN = re.compile(rf"{_NAME} (.*)")
_PRIMARY_KEY = re.compile(r"PRIMARY KEY (.*)")
_INDEX = re.compile(rf"(?P<kind>UNIQUE |FULLTEXT |SPATIAL |)KEY {_NAME} (?P<rest>.*)")
_FOREIGN_KEY = re.compile(rf"CONSTRAINT {_NAME} FOREIGN KEY (\(.*?\)) (REFERENCES {_NAME}.*)")
_CHECK = re.compile(rf"CONSTRAINT {_NAME} (CHECK .*)")


@books_are_kept()
def described(connection: Connection) -> Description:
    """Return the description of the database that the connection uses."""
    return as_description(parts_of_mysql(connection, {}, ()))


def parts_of_mysql(connection: Connection, known: Description, statements: Iterable[str]) -> list[Part]:
    """Return the parts of the database that the connection uses.

    Args:
        connection: to the database.
        known: an earlier description; empty if there is none.
        statements: all statements since then. Tables that they do not name are not read again.
    """
    said = [tokens(statement, connection.dialect.name) for statement in statements]
    names = {token.name.lower() for found in said for token in found}
    if not all(found[0].word in _PLAIN for found in said):
        known = {}
    rows = [(name, kind) for name, kind in connection.exec_driver_sql("SHOW FULL TABLES") if not name.startswith(OWN)]
    texts = {table: part.sql for (kind, table, _), part in known.items() if kind == "table"}
    changed = {name for name in {*texts, *(name for name, _ in rows)} if name.lower() in names}
    found: list[Part] = []
    for name, kind in rows:
        text = texts.get(name, "")
        if not text or name in changed or any(f"`{other}`" in text for other in changed):
            text = _shown(connection, "SEQUENCE" if kind == "SEQUENCE" else "TABLE", name)
        if kind == "SEQUENCE":
            found.append(Part("sequence", "", name, text, name, text))
        elif kind == "BASE TABLE":
            found += _without_servers_indexes(list(_parts_of_table(name, text)))
    return [*found, *_views(connection), *triggers(connection)]


def _shown(connection: Connection, kind: str, name: str) -> str:
    quoted = connection.dialect.identifier_preparer.quote_identifier(name)  # it doubles % for the driver
    return str(connection.exec_driver_sql(f"SHOW CREATE {kind} {quoted}").one()[1])


def _parts_of_table(table: str, text: str) -> Iterator[Part]:
    lines = text.splitlines()
    options = re.sub(r" AUTO_INCREMENT=\d+", "", lines[-1].lstrip(") "))
    yield Part("table", table, "", options, table, text)
    for line in lines[1:-1]:
        if part := _part(table, line.strip().rstrip(",")):
            yield part


def _part(table: str, line: str) -> Part | None:
    if match := _COLUMN.match(line):
        return Part("column", table, _plain(match[1]), match[2], "", line)
    if match := _PRIMARY_KEY.match(line):
        return Part("primary key", table, "", match[1], "PRIMARY", line)
    if match := _INDEX.match(line):
        kind, name, rest = match["kind"].strip(), _plain(match[2]), match["rest"]
        if kind == "UNIQUE":
            return Part("unique", table, _plain(rest), rest, name, line)
        return Part("index", table, name, f"{kind} {rest}".strip(), name, line)
    if match := _FOREIGN_KEY.match(line):
        return Part("foreign key", table, f"{_plain(match[2])} to {_plain(match[4])}", match[3], _plain(match[1]), line)
    if match := _CHECK.match(line):
        return Part("check", table, match[2], match[2], _plain(match[1]), line)
    return None  # PERIOD FOR SYSTEM_TIME, for example: the table's options contain its versioning


def _without_servers_indexes(parts: list[Part]) -> list[Part]:
    """Leave out the indexes that the server makes for foreign keys: their name is the key's or its first column's."""
    names = set()
    for part in parts:
        if part.kind == "foreign key":
            names |= {part.called, part.columns[0]}
    return [part for part in parts if part.kind != "index" or part.name not in names]


def _views(connection: Connection) -> list[Part]:
    rows = connection.exec_driver_sql(
        # Leave out the name of the database, so that a view is the same in a database with another name.
        "SELECT table_name, REPLACE(view_definition, CONCAT('`', REPLACE(DATABASE(), '`', '``'), '`.'), '')"
        " FROM information_schema.views WHERE table_schema = DATABASE()"
    )
    return [Part("view", "", name, text, name, f"CREATE VIEW `{name}` AS {text}") for name, text in rows]


def triggers(connection: Connection) -> list[Part]:
    """Return the triggers of all tables, including hidden ones."""
    # A trigger is in the database of its table; asked for `trigger_schema`, MariaDB opens the tables of all databases.
    rows = connection.exec_driver_sql(
        "SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_statement"
        " FROM information_schema.triggers WHERE event_object_schema = DATABASE()"
    )
    found = []
    for name, table, timing, happening, statement in rows:
        definition = f"{timing} {happening} {statement}"
        sql = f"CREATE TRIGGER `{name}` {timing} {happening} ON `{table}` FOR EACH ROW {statement}"
        found.append(Part("trigger", table, name, definition, name, sql))
    return found


def _plain(name: str) -> str:
    return name.replace("``", "\0").replace("`", "").replace("\0", "`")
