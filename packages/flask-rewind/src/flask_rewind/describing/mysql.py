"""What a MariaDB or MySQL database consists of: the lines of ``SHOW CREATE TABLE``, triggers and views."""

import re
from collections.abc import Iterator

from sqlalchemy import Connection

from flask_rewind.describing.base import Part

_NAME = r"`((?:[^`]|``)*)`"
_COLUMN = re.compile(rf"{_NAME} (.*)")
_PRIMARY_KEY = re.compile(r"PRIMARY KEY (.*)")
_INDEX = re.compile(rf"(?P<kind>UNIQUE |FULLTEXT |SPATIAL |)KEY {_NAME} (?P<rest>.*)")
_FOREIGN_KEY = re.compile(rf"CONSTRAINT {_NAME} FOREIGN KEY (\(.*?\)) (REFERENCES {_NAME}.*)")
_CHECK = re.compile(rf"CONSTRAINT {_NAME} (CHECK .*)")


def parts_of_mysql(connection: Connection) -> list[Part]:
    """Return the parts of the database that the connection uses."""
    rows = connection.exec_driver_sql("SHOW FULL TABLES").all()
    found: list[Part] = []
    for name, kind in rows:
        if kind == "SEQUENCE":
            quoted = connection.dialect.identifier_preparer.quote_identifier(name)
            text = connection.exec_driver_sql(f"SHOW CREATE SEQUENCE {quoted}".replace("%", "%%")).one()[1]
            found.append(Part("sequence", "", name, text, name, text))
        if kind != "BASE TABLE" or name.startswith(("_attic_", "rewind_")):
            continue
        quoted = connection.dialect.identifier_preparer.quote_identifier(name)
        text = connection.exec_driver_sql(f"SHOW CREATE TABLE {quoted}".replace("%", "%%")).one()[1]
        found += _without_servers_indexes(list(_parts_of_table(name, text)))
    return [*found, *_views(connection), *_triggers(connection)]


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
    return None  # PERIOD FOR SYSTEM_TIME and the like: the table's versioning is among its options


def _without_servers_indexes(parts: list[Part]) -> list[Part]:
    """Leave out the indexes that the server makes for foreign keys, named like the key or its first column."""
    names = set()
    for part in parts:
        if part.kind == "foreign key":
            names |= {part.called, part.name[1:].split(")")[0].split(", ")[0].split(",")[0]}
    return [part for part in parts if part.kind != "index" or part.name not in names]


def _views(connection: Connection) -> list[Part]:
    rows = connection.exec_driver_sql(
        "SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = DATABASE()"
    )
    return [Part("view", "", name, text, name, f"CREATE VIEW `{name}` AS {text}") for name, text in rows]


def _triggers(connection: Connection) -> list[Part]:
    rows = connection.exec_driver_sql(
        "SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_statement"
        " FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
    )
    found = []
    for name, table, timing, happening, statement in rows:
        definition = f"{timing} {happening} {statement}"
        sql = f"CREATE TRIGGER `{name}` {timing} {happening} ON `{table}` FOR EACH ROW {statement}"
        found.append(Part("trigger", table, name, definition, name, sql))
    return found


def _plain(name: str) -> str:
    return name.replace("``", "\0").replace("`", "").replace("\0", "`")
