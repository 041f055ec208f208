"""The state of a database, as far as the next command can see it. Proofs try each state that killed moves leave once.

Not part of it: times, who moved, the session, which is dead, and the next numbers of rows in Rewind's own tables.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

_UNTELLING = {
    "rewind_attic": {"hidden_at"},
    "rewind_crossings": {"started_at", "finished_at"},
    "rewind_moves": {"started_at", "finished_at", "session", "who"},
    "rewind_steps": {"milliseconds"},
}
_CATALOGS = {
    "pg_attrdef": "adrelid",
    "pg_attribute": "attrelid",
    "pg_class": "oid",
    "pg_constraint": "oid",
    "pg_depend": "objid",
    "pg_description": "objoid",
    "pg_enum": "enumtypid",
    "pg_index": "indrelid",
    "pg_namespace": "oid",
    "pg_policy": "polrelid",
    "pg_proc": "oid",
    "pg_rewrite": "ev_class",
    "pg_sequence": "seqrelid",
    "pg_trigger": "tgrelid",
    "pg_type": "oid",
}
"""Where PostgreSQL stores the schema, and by which column one sees whether it belongs to the server itself."""
_FIRST_OWN = 16384
"""The first number that objects get which do not come with PostgreSQL (its source: FirstNormalObjectId)."""


def state_of(engine: sa.Engine) -> str:
    """Return a digest of the schema and of all rows, hidden ones too."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for line in _SCHEMA_OF[engine.dialect.name](connection):
            digest.update(f"{line}\n".encode())
        for table, columns in _columns_of(connection).items():
            digest.update(f"{table}\n".encode())
            for row in _rows(connection, table, columns):
                digest.update(f"{row}\n".encode())
    engine.dispose()
    return digest.hexdigest()


def _rows(connection: sa.Connection, table: tuple[str, str], columns: list[str]) -> list[str]:
    schema, name = table
    wanted: list[Any] = [sa.column(column) for column in columns if column not in _UNTELLING.get(name, ())]
    found = connection.execute(sa.select(*wanted).select_from(sa.table(name, schema=schema or None)))
    return sorted(repr(tuple(row)) for row in found)


def _columns_of(connection: sa.Connection) -> dict[tuple[str, str], list[str]]:
    """Return the columns of each table, by its schema and name; invisible and generated ones, too."""
    query = """SELECT c.table_schema, c.table_name, c.column_name FROM information_schema.columns c
        JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
        WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN
            ('information_schema', 'pg_catalog', 'mysql', 'sys', 'performance_schema') AND {}
        ORDER BY c.table_schema, c.table_name, c.ordinal_position"""
    if connection.dialect.name == "sqlite":
        query = """SELECT '', m.name, c.name FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c
            WHERE m.type = 'table' ORDER BY m.name, c.cid"""
    elif connection.dialect.name == "mysql":
        query = query.format("c.table_schema = DATABASE()")
    else:
        query = query.format("c.table_schema NOT LIKE 'pg_%%'")
    found: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in connection.exec_driver_sql(query):
        found.setdefault((schema, table), []).append(column)
    return found


def _schema_of_sqlite(connection: sa.Connection) -> Iterator[str]:
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
    yield from map(repr, connection.exec_driver_sql(query))


def _schema_of_mariadb(connection: sa.Connection) -> Iterator[str]:
    quote = connection.dialect.identifier_preparer.quote_identifier
    for name, kind in sorted(tuple(row) for row in connection.exec_driver_sql("SHOW FULL TABLES")):
        word = kind if kind in {"VIEW", "SEQUENCE"} else "TABLE"
        text = connection.exec_driver_sql(f"SHOW CREATE {word} {quote(name)}").one()[1]
        yield re.sub(r" AUTO_INCREMENT=\d+", "", text) if name.startswith("rewind_") else text
    query = """SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_statement
        FROM information_schema.triggers WHERE event_object_schema = DATABASE() ORDER BY 1"""
    yield from map(repr, connection.exec_driver_sql(query))


def _schema_of_postgresql(connection: sa.Connection) -> Iterator[str]:
    parts = [
        f"SELECT '{catalog}', md5(string_agg(md5(t::text), '' ORDER BY md5(t::text)))"
        f" FROM {catalog} t WHERE {column} >= {_FIRST_OWN}"
        for catalog, column in _CATALOGS.items()
    ]
    yield from map(repr, connection.exec_driver_sql(" UNION ALL ".join(parts)))
    query = "SELECT schemaname, sequencename, last_value FROM pg_sequences WHERE sequencename NOT LIKE 'rewind_%%'"
    yield from map(repr, connection.exec_driver_sql(f"{query} ORDER BY 1, 2"))


_SCHEMA_OF: dict[str, Callable[[sa.Connection], Iterator[str]]] = {
    "sqlite": _schema_of_sqlite,
    "mysql": _schema_of_mariadb,
    "postgresql": _schema_of_postgresql,
}
