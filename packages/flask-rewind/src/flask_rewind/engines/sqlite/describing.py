"""Describe a SQLite database by parsing the statements in ``sqlite_master``."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from sqlite3 import sqlite_version_info

from sqlalchemy import Connection

from flask_rewind.describing import Description, Part
from flask_rewind.engines.sqlite.clauses import clauses, declared_type, spelling, without_clauses
from flask_rewind.engines.sqlite.parts import Constraint
from flask_rewind.engines.sqlite.text import TableText

_KNOWS_SHADOWS = sqlite_version_info >= (3, 37)
_OF_CONSTRAINTS = {"UNIQUE", "PRIMARY KEY", "CHECK", "REFERENCES"}


def parts_of_sqlite(connection: Connection, known: Description, statements: Iterable[str]) -> list[Part]:
    """Return the parts of the main database, without the shadow tables of virtual tables."""
    rows = connection.exec_driver_sql(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%'"
        " ESCAPE '\\' ORDER BY name"
    ).all()
    shadows = _shadows(connection) if any(sql.upper().startswith("CREATE VIRTUAL") for *_, sql in rows) else set()
    found: list[Part] = []
    for kind, name, table, sql in rows:
        if name not in shadows:
            found += _parts_of_table(name, sql) if kind == "table" else [_part(kind, name, table, sql)]
    return found


def _shadows(connection: Connection) -> set[str]:
    """Return the shadow tables of virtual tables; none before SQLite 3.37, which does not list them."""
    query = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'"
    return set(connection.exec_driver_sql(query).scalars()) if _KNOWS_SHADOWS else set()


def _part(kind: str, name: str, table: str, sql: str) -> Part:
    return Part(kind, "" if kind == "view" else table, name, _spelled(sql), name, sql)


@lru_cache(maxsize=4096)  # all tables are described after each crossing, and a crossing changes few
def _parts_of_table(name: str, sql: str) -> tuple[Part, ...]:
    if spelling(sql)[1] == "virtual":
        return (Part("table", name, "", _spelled(sql), name, sql),)
    text = TableText(sql)
    parts = [Part("table", name, "", " ".join(sorted(word.lower() for word in text.options)), name, sql)]
    for column, definition in text.definitions.items():
        parts.append(Part("column", name, column, _column(definition), "", definition.strip()))
    return (*parts, *_constraints(name, text))


def _column(definition: str) -> str:
    """Return type and clauses in a fixed order and spelling, without constraints, which are separate parts."""
    definition = without_clauses(definition, _OF_CONSTRAINTS)
    found = [_spelled(definition[each.start : each.end]) for each in clauses(definition)]
    found = [f"default {each[10:-2]}" if each.startswith("default ( ") else each for each in found]
    return " ".join([_spelled(declared_type(definition)), *sorted(found)])


def _constraints(table: str, text: TableText) -> Iterator[Part]:
    for each in text.constraints():
        on = f"({', '.join(each.columns)})"
        called = each.name or ""
        match each.kind:
            case "PRIMARY KEY":
                numbered = " autoincrement" if "autoincrement" in spelling(each.body) else ""
                yield Part("primary key", table, "", f"{on}{numbered}", called, _of_table(each, on))
            case "UNIQUE":
                conflict = _spelled(each.body).partition(" on conflict ")[2]
                yield Part("unique", table, on, f"{on} {conflict}".strip(), called, _of_table(each, on))
            case "FOREIGN KEY":
                body = spelling(each.body)
                refers = " ".join(body[body.index("references") :])
                yield Part("foreign key", table, f"{on} to {each.referred}", refers, called, _of_table(each, on))
            case _:
                yield Part("check", table, _spelled(each.body), _spelled(each.body), called, _of_table(each, on))


def _of_table(each: Constraint, on: str) -> str:
    """Return the text of a constraint as a table constraint, even if it is in a column definition."""
    body = each.body
    if each.kind != "CHECK" and not body.upper().startswith(("FOREIGN", f"{each.kind} (", f"{each.kind}(")):
        quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in each.columns)
        body = f"{each.kind} ({quoted}) {body if each.kind == 'FOREIGN KEY' else body[len(each.kind) :].strip()}"
    return f"CONSTRAINT {each.name} {body}" if each.name else body


def _spelled(sql: str) -> str:
    return " ".join(spelling(sql))
