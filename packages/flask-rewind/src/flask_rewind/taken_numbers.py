"""The numbers that names in the catalog take: tables are dumped and restored alone, without their rows in the attic."""

import re

from sqlalchemy import Connection, text

_NUMBERED = re.compile(r"_attic_(\d+)(?:_|\b)", re.IGNORECASE)
_LIKE = "LIKE '|_attic|_%' ESCAPE '|'"
_SQLITE = f"""
    SELECT name FROM sqlite_master WHERE name {_LIKE}
UNION SELECT c.name FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table'
    AND m.sql LIKE '%|_attic|_%' ESCAPE '|' AND c.name {_LIKE}
UNION SELECT sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '%CONSTRAINT%|_attic|_%' ESCAPE '|'"""
_MYSQL = "\nUNION ".join(
    f"SELECT {name} FROM information_schema.{catalog} WHERE {schema} = COALESCE(:schema, DATABASE()) AND {name} {_LIKE}"
    for catalog, schema, name in (
        ("tables", "table_schema", "table_name"),
        ("columns", "table_schema", "column_name"),
        ("statistics", "table_schema", "index_name"),
        ("table_constraints", "table_schema", "constraint_name"),
        ("triggers", "trigger_schema", "trigger_name"),
    )
)
_OF_SCHEMA = "= to_regnamespace(quote_ident(COALESCE(:schema, current_schema())))"
_OF_TABLE = f"IN (SELECT oid FROM pg_class WHERE relnamespace {_OF_SCHEMA})"
_POSTGRESQL = "\nUNION ".join(
    f"SELECT CAST({name} AS text) FROM {catalog} WHERE {name} {_LIKE} AND {where}"
    for catalog, name, where in (
        ("pg_class", "relname", f"relnamespace {_OF_SCHEMA}"),  # tables, sequences, indexes
        ("pg_type", "typname", f"typnamespace {_OF_SCHEMA}"),
        ("pg_constraint", "conname", f"connamespace {_OF_SCHEMA}"),
        ("pg_attribute", "attname", f"NOT attisdropped AND attrelid {_OF_TABLE}"),
        ("pg_trigger", "tgname", f"tgrelid {_OF_TABLE}"),
    )
)
_NAMES = {"sqlite": _SQLITE, "mysql": _MYSQL, "mariadb": _MYSQL, "postgresql": _POSTGRESQL}


def taken_numbers(connection: Connection, schema: str | None) -> set[int]:
    """Return the numbers of all names like ``_attic_1`` and ``_attic_1_side`` in a schema, None for the default one."""
    query = _NAMES.get(connection.dialect.name)
    if query is None:
        return set()
    names = connection.scalars(text(query), {} if query == _SQLITE else {"schema": schema})
    return {int(number) for name in names for number in _NUMBERED.findall(name)}
