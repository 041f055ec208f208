"""Catalog queries of each engine, and how it compares names: for the modules that engines/ depends on."""

import string
from collections.abc import Callable
from dataclasses import dataclass

Fold = Callable[[str], str]
_ASCII = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def as_spelled(name: str) -> str:
    """Return the name unchanged."""
    return name


def ascii_lower(name: str) -> str:
    """Return the name with its ASCII letters in lower case."""
    return name.translate(_ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """The queries of one engine; each is empty if the engine needs none."""

    fold: Fold = as_spelled
    """Folds names of columns, indexes and constraints: names that the engine treats as equal become equal."""
    tables_are_folded: str = ""
    """Whether names of tables are folded in the same way; empty if they always are."""
    default_schema: str = ""
    table_name: str = ""
    """The name of a table, as the database spells it."""
    column_name: str = ""
    """The name of a column, as the database spells it."""
    attic_names: str = ""
    """All names, or SQL texts, that contain ``_attic_<number>``, in a schema or on SQLite in the database."""
    revision_width: str = ""
    """The width of the column ``revision`` of a table."""
    widening_revision: str = ""
    session: str = ""
    """The server's id of the connection."""


_LIKE = "LIKE '|_attic|_%' ESCAPE '|'"
_NUMBERED_SQLITE = f"""
    SELECT name FROM sqlite_master WHERE name {_LIKE}
UNION SELECT c.name FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table'
    AND m.sql LIKE '%|_attic|_%' ESCAPE '|' AND c.name {_LIKE}
UNION SELECT sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '%CONSTRAINT%|_attic|_%' ESCAPE '|'"""
_NUMBERED_MYSQL = "\nUNION ".join(
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
_NUMBERED_POSTGRESQL = "\nUNION ".join(
    f"SELECT CAST({name} AS text) FROM {catalog} WHERE {name} {_LIKE} AND {where}"
    for catalog, name, where in (
        ("pg_class", "relname", f"relnamespace {_OF_SCHEMA}"),  # tables, sequences, indexes
        ("pg_type", "typname", f"typnamespace {_OF_SCHEMA}"),
        ("pg_constraint", "conname", f"connamespace {_OF_SCHEMA}"),
        ("pg_attribute", "attname", f"NOT attisdropped AND attrelid {_OF_TABLE}"),
        ("pg_trigger", "tgname", f"tgrelid {_OF_TABLE}"),
    )
)
_WIDTH_MYSQL = (
    "SELECT character_maximum_length FROM information_schema.columns"
    " WHERE table_schema = DATABASE() AND table_name = :table AND column_name = 'revision'"
)
_MYSQL = Catalog(
    fold=str.lower,
    tables_are_folded="SELECT @@lower_case_table_names",
    default_schema="SELECT DATABASE()",
    session="SELECT CONNECTION_ID()",
    table_name="SELECT table_name FROM information_schema.tables"
    " WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :table",
    column_name="SELECT column_name FROM information_schema.columns"
    " WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :table AND column_name = :column",
    attic_names=_NUMBERED_MYSQL,
    revision_width=_WIDTH_MYSQL,
    widening_revision="ALTER TABLE {} MODIFY revision VARCHAR({}) NOT NULL",
)
_CATALOGS = {
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "postgresql": Catalog(
        default_schema="SELECT current_schema()",
        session="SELECT pg_backend_pid()",
        attic_names=_NUMBERED_POSTGRESQL,
        revision_width="SELECT NULLIF(atttypmod, -1) FROM pg_attribute"
        " WHERE attrelid = to_regclass(:table) AND attname = 'revision'",
        widening_revision="ALTER TABLE {} ALTER revision TYPE TEXT",
    ),
    "sqlite": Catalog(
        fold=ascii_lower,
        default_schema="SELECT 'main'",
        table_name="SELECT name FROM sqlite_master WHERE type = 'table' AND lower(name) = lower(:table)",
        column_name="SELECT name FROM pragma_table_xinfo(:table) WHERE lower(name) = lower(:column)",
        attic_names=_NUMBERED_SQLITE,
    ),
}


def catalog_of(dialect: str) -> Catalog:
    """Return the catalog queries of an engine, by SQLAlchemy's name of its dialect."""
    return _CATALOGS.get(dialect, Catalog())
